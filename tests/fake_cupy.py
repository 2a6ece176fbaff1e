"""A stand-in for the module ``cupy``, so that the CuPy backend's own code runs without a GPU.

Its arrays and its namespace are the strict device's, its kernels are compiled for the host; what
else only CuPy has is acted out here.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import cuda_on_host
import numpy as np
import pytest
import strict_device
from strict_device import StrictArray, StrictBackend

from autograd_core import generator
from autograd_core.backends import cupy as cupy_backend
from autograd_core.backends import registry
from autograd_core.backends.base import Backend

ATOMIC = ("int32", "uint32", "uint64", "float16", "float32", "float64")


class Device:
    """The one device there is."""

    id = 0

    def __init__(self, index: int = 0) -> None:
        assert index == 0

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, Device)

    def synchronize(self) -> None:
        strict_device._synchronizes("synchronize()")


class Add:
    """The ufunc, whose ``at`` knows fewer types than NumPy's."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return StrictBackend.xp.add(*args, **options)

    def reduce(self, array: Any, **options: Any) -> Any:
        return array.sum(**options)

    def at(self, array: Any, index: Any, values: Any) -> None:
        if array.dtype.name not in ATOMIC:
            raise TypeError(f"add.at only supports {', '.join(ATOMIC)} as data type")
        StrictBackend.xp.add.at(array, index, values)


class Pool:
    """Counts nothing."""

    def used_bytes(self) -> int:
        return 512

    def total_bytes(self) -> int:
        return 1024

    def free_all_blocks(self) -> None:
        pass


class FakeCupy(types.ModuleType):
    """The module."""

    __version__ = "14.2.0"
    ndarray = StrictArray
    add = Add()
    ElementwiseKernel = cuda_on_host.ElementwiseKernel
    RawModule = cuda_on_host.RawModule
    cuda = types.SimpleNamespace(
        Device=Device,
        runtime=types.SimpleNamespace(
            getDeviceCount=lambda: 1,
            getDevice=lambda: 0,
            setDevice=lambda index: None,
            getDeviceProperties=lambda index: {"name": b"a fake"},
        ),
    )

    def __getattr__(self, name: str) -> Any:
        return getattr(StrictBackend.xp, name)

    def is_available(self) -> bool:
        return True

    def asnumpy(self, array: StrictArray) -> np.ndarray:
        strict_device._synchronizes("asnumpy()")
        return array._host.copy()

    def get_default_memory_pool(self) -> Pool:
        return Pool()

    get_default_pinned_memory_pool = get_default_memory_pool


@property
def interface(array: Any) -> dict[str, Any]:
    """Where the array's memory is, as libraries of CUDA tell each other."""
    return {**array._host.__array_interface__, "version": 3}


def install(monkeypatch: pytest.MonkeyPatch) -> Backend:
    """The CuPy backend on the fake, for as long as ``monkeypatch`` lasts."""
    strict_device.install()
    monkeypatch.setitem(sys.modules, "cupy", FakeCupy("cupy"))
    for path in Path(cupy_backend.__file__).parent.glob("*.py"):
        full = f"autograd_core.backends.cupy.{path.stem}"  # imported anew, now and afterwards
        monkeypatch.setitem(sys.modules, full, types.ModuleType(full))
        del sys.modules[full]
    monkeypatch.setattr(StrictArray, "device", Device(), raising=False)
    monkeypatch.setattr(StrictArray, "__cuda_array_interface__", interface, raising=False)
    data = property(lambda array: types.SimpleNamespace(ptr=array._host.ctypes.data))
    monkeypatch.setattr(StrictArray, "data", data, raising=False)
    monkeypatch.setitem(registry.BACKENDS_BY_TYPE, StrictArray, registry.get_backend("cpu"))
    others = {where: made for where, made in generator._defaults.items() if where.type != "cuda"}
    monkeypatch.setattr(generator, "_defaults", others)  # its streams are the fake's
    missing: Any = None
    monkeypatch.setitem(registry._BACKENDS, "cuda", missing)
    return registry.get_backend("cuda")
