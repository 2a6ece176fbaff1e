"""Where the arrays of a file go: into new memory, or where they stand in a file that is mapped."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.errors import DeviceError
from autograd_core.from_data import place, tensor
from autograd_core.tensor import Tensor

Content = bytes | memoryview


def read_content(path: Path, mapped: bool) -> Content:
    """The bytes of a file, or a map of it.

    Writes to the map stay in this process's memory: the file does not change.
    """
    if not mapped or not path.stat().st_size:  # (nothing cannot be mapped)
        return path.read_bytes()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY))
    finally:
        os.close(descriptor)


class Placer:
    """Makes tensors of the arrays of a file, on the devices that ``load`` was asked for.

    Args:
        map_location: what ``load`` got: a device; a dict from the names of devices in the file to
            devices; a function of a tensor on the CPU and the name of its device in the file, which
            returns the tensor moved, or None; or None.
        keep: whether tensors go to the device that the file names where ``map_location`` says
            nothing, or to the CPU.
        mapped: whether the arrays look at a file that is mapped, and may be used as they are.
    """

    def __init__(self, map_location: Any, keep: bool, mapped: bool) -> None:
        self.map_location, self.keep, self.mapped = map_location, keep, mapped

    def __call__(self, array: np.ndarray, location: str = "cpu", name: str = "") -> Tensor:
        """The tensor.

        Args:
            array: its values.
            location: the name of its device in the file.
            name: its name in errors.
        """
        wanted = location if self.keep else "cpu"
        if array.dtype == np.bool_:  # a file may hold other bytes than 0 and 1
            array = array.view(np.uint8) != 0
        if isinstance(self.map_location, dict):
            wanted = self.map_location.get(location, wanted)
        elif callable(self.map_location):
            host = self._on(array, "cpu", name)
            moved = self.map_location(host, location)
            if isinstance(moved, TensorBase) and _alike(moved, host):
                return moved  # type: ignore[return-value]
            if moved is not None:
                raise TypeError(
                    f"load: map_location must return the tensor that it was given, moved to a"
                    f" device, or None; it returned {type(moved).__name__}"
                )
        elif self.map_location is not None:
            wanted = self.map_location
        return self._on(array, wanted, name)

    def _on(self, array: np.ndarray, device: Any, name: str) -> Tensor:
        try:
            backend, where = place(device)
            if self.mapped and where.type == "cpu" and array.flags.aligned:
                return Tensor._wrap(backend.asarray(array))
            return tensor(array, device=where)
        except (RuntimeError, TypeError, ValueError) as error:
            raise DeviceError(
                f"load: cannot put {f'the tensor {name!r}' if name else 'a tensor'} on {device}:"
                f" {error} (with map_location='cpu' everything is loaded on the CPU)"
            ) from None


def _alike(moved: Any, host: Any) -> bool:
    return moved.shape == host.shape and moved.dtype is host.dtype and moved.is_contiguous()
