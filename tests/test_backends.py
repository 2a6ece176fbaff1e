"""Devices, the registry, and what every backend promises."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

import fake_cupy
import ml_dtypes
import numpy as np
import pytest
import strict_device

from autograd_core.backends import registry
from autograd_core.backends.base import Backend
from autograd_core.backends.device import device

ALL_DTYPES = [
    *map(np.dtype, ["bool", "u1", "i1", "i2", "i4", "i8", "u2", "u4", "u8"]),
    *map(np.dtype, ["f2", ml_dtypes.bfloat16, "f4", "f8", "c8", "c16"]),
]


@pytest.fixture(params=["cpu", "strict", "fake", pytest.param("cuda", marks=pytest.mark.gpu)])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    if request.param == "strict":
        return strict_device.install()
    if request.param == "fake":
        return fake_cupy.install(monkeypatch)
    if not registry.is_available(request.param):
        pytest.skip("needs a CUDA GPU and CuPy")
    return registry.get_backend(request.param)


@pytest.fixture
def strict() -> Backend:
    return strict_device.install()


@pytest.fixture(autouse=True)
def same_default() -> Iterator[None]:
    before = registry._default
    yield
    registry._default = before


# --- devices -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "type", "index"),
    [
        (("cpu",), "cpu", None),
        (("cuda",), "cuda", None),
        (("cuda:1",), "cuda", 1),
        (("cuda", 1), "cuda", 1),
        ((2,), "cuda", 2),
        ((device("cuda:3"),), "cuda", 3),
    ],
)
def test_device_forms(args: Any, type: str, index: int | None) -> None:
    made = device(*args)
    assert (made.type, made.index) == (type, index)
    assert pickle.loads(pickle.dumps(made)) == made == copy.deepcopy(made)
    assert hash(made) == hash(device(made))


def test_device_equality_and_text() -> None:
    assert device("cuda") != device("cuda:0") and device("cuda:0") == device("cuda", 0)
    assert device("cpu") != "cpu"
    assert str(device("cuda:0")) == "cuda:0" and str(device("cpu")) == "cpu"
    assert repr(device("cuda:0")) == "device(type='cuda', index=0)"
    assert repr(device("cuda")) == "device(type='cuda')"
    with pytest.raises(AttributeError, match="make a new device"):
        device("cpu").index = 3


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        (("gpu",), RuntimeError, "unknown device type in 'gpu'; expected one of cpu, cuda"),
        (("cuda:x",), RuntimeError, "malformed index in 'cuda:x'"),
        (("cuda:",), RuntimeError, "malformed index"),
        (("cuda:-1",), RuntimeError, "malformed index"),
        (("cuda:1", 2), RuntimeError, "names an index already"),
        (("cuda", -1), RuntimeError, "not a non-negative integer"),
        ((-1,), RuntimeError, "not a non-negative integer"),
        ((1.5,), TypeError, r"got 1.5 \(float\), expected a string"),
        ((True,), TypeError, "got True"),
        ((None,), TypeError, "got None"),
    ],
)
def test_device_errors(args: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        device(*args)


# --- the default device --------------------------------------------------------------------------


def test_default_device_follows_blocks_of_this_thread(strict: Backend) -> None:
    registry.set_default_device("cpu")
    seen: list[device] = []
    with device("strict"):
        with device("cuda:1"):
            assert registry.default_device() == device("cuda:1")
        assert registry.default_device() == device("strict")
        other = threading.Thread(target=lambda: seen.append(registry.default_device()))
        other.start()
        other.join()
    assert registry.default_device() == device("cpu") and seen == [device("cpu")]


def test_block_is_left_when_it_fails() -> None:
    before = registry.default_device()
    with pytest.raises(ZeroDivisionError), device("cuda:7"):
        raise ZeroDivisionError
    assert registry.default_device() == before


def test_set_default_device(strict: Backend) -> None:
    registry.set_default_device("strict:0")
    assert registry.default_device() == device("strict:0")
    with pytest.raises(RuntimeError, match="unknown device type"):
        registry.set_default_device("abacus")
    assert registry.default_device() == device("strict:0")


def _run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if "AUTOGRAD_CORE" not in name}
    return subprocess.run(
        [sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True
    )


def test_environment_variable_sets_the_default_device() -> None:
    code = "from autograd_core.backends.registry import default_device; print(default_device())"
    assert _run(code).stdout == "cpu\n"
    assert _run(code, AUTOGRAD_CORE_DEVICE="").stdout == "cpu\n"
    assert _run(code, AUTOGRAD_CORE_DEVICE="cuda:1").stdout == "cuda:1\n"
    failed = _run(code, AUTOGRAD_CORE_DEVICE="gpu")
    assert failed.returncode and "AUTOGRAD_CORE_DEVICE: device(): unknown" in failed.stderr


def test_import_loads_neither_cupy_nor_random() -> None:
    code = "import autograd_core, sys; print('cupy' in sys.modules, 'numpy.random' in sys.modules)"
    assert _run(code).stdout == "False False\n"


# --- the registry --------------------------------------------------------------------------------


def test_backend_of_arrays(strict: Backend) -> None:
    cpu = registry.get_backend("cpu")
    for array in (np.zeros(2), np.float32(1), ml_dtypes.bfloat16(1), np.zeros(2).view(np.matrix)):
        assert registry.backend_of(array) is cpu
        assert registry.BACKENDS_BY_TYPE[type(array)] is cpu
    assert registry.backend_of(strict.zeros(2, np.float32)) is strict
    with pytest.raises(TypeError, match=r"expected an array .* got builtins\.list"):
        registry.backend_of([1.0])


def test_unknown_backend() -> None:
    with pytest.raises(RuntimeError, match="no backend serves .* 'tpu'; there are cpu"):
        registry.get_backend("tpu")
    assert registry.is_available("cpu") and not registry.is_available("tpu")


class _FakeRuntime:
    def __init__(self, driver: int, runtime: int) -> None:
        self.driverGetVersion = lambda: driver
        self.runtimeGetVersion = lambda: runtime


@pytest.mark.parametrize(
    ("driver", "message"),
    [
        (0, "there is no NVIDIA driver; install one"),
        (12040, r'driver is made for CUDA 12 .* for CUDA 13; pip install "cupy-cuda12x\[ctk\]"'),
        (13000, "no GPU is visible; look at nvidia-smi and .*CUDA_VISIBLE_DEVICES"),
    ],
)
def test_cupy_without_a_gpu(monkeypatch: pytest.MonkeyPatch, driver: int, message: str) -> None:
    fake: Any = types.ModuleType("cupy")
    fake.__version__ = "14.2.0"
    fake.is_available = lambda: False
    fake.cuda = types.SimpleNamespace(runtime=_FakeRuntime(driver, 13020))
    monkeypatch.setitem(sys.modules, "cupy", fake)
    monkeypatch.delitem(registry._BACKENDS, "cuda", raising=False)
    with pytest.raises(RuntimeError, match=f"CuPy 14.2.0 is installed, but .*{message}"):
        registry.get_backend("cuda")
    assert not registry.is_available("cuda")


def test_cupy_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)  # as if there were none
    monkeypatch.delitem(registry._BACKENDS, "cuda", raising=False)
    monkeypatch.setenv("AUTOGRAD_CORE_DEVICE", "cuda")
    with pytest.raises(
        RuntimeError, match=r'not installed; install it with pip install "cupy-cuda13x\[ctk\]"'
    ) as caught:
        registry.set_default_device("cuda")
    assert "AUTOGRAD_CORE_DEVICE asks for CUDA" in caught.value.__notes__[0]


def test_broken_cupy(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "cupy.py").write_text("raise ImportError('libcublas.so.13: no such file')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    monkeypatch.delitem(registry._BACKENDS, "cuda", raising=False)
    with pytest.raises(
        RuntimeError, match=r"does not work \(ImportError: libcublas.so.13.* install one of them"
    ):
        registry.get_backend("cuda")
    assert not registry.is_available("cuda")


# --- what every backend promises -----------------------------------------------------------------


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_arrays_come_and_go(backend: Backend, dtype: np.dtype) -> None:
    values = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    array = backend.from_numpy(values)
    assert type(array) is backend.array_type and array.dtype == dtype
    assert registry.backend_of(array) is backend
    assert backend.device_of(array) == backend.resolve(device(backend.device_type))
    assert (backend.to_numpy(array) == values).all() and type(backend.to_numpy(array)) is np.ndarray
    assert backend.item(array[1, 2]) == values[1, 2]
    copied = backend.array(array)
    copied[...] = backend.asarray(1, dtype)
    assert (backend.to_numpy(array) == values).all()
    assert backend.asarray(array) is array
    assert backend.asarray(array, np.complex128).dtype == np.complex128


def test_new_arrays(backend: Backend) -> None:
    where = backend.resolve()
    assert backend.empty((2, 3), np.float16, where).shape == (2, 3)
    assert backend.to_numpy(backend.zeros((2,), np.int8, where)).tolist() == [0, 0]
    full = backend.full((), 2.5, np.dtype(ml_dtypes.bfloat16), where)
    assert full.shape == () and backend.item(full) == 2.5


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_scatter_add(backend: Backend, dtype: np.dtype) -> None:
    array = backend.from_numpy(np.ones((3, 2)).astype(dtype))
    index = backend.from_numpy(np.array([0, 2, 0]))
    values = backend.from_numpy(np.array([[1, 2], [3, 4], [5, 6]]).astype(dtype))
    backend.scatter_add(array, index, values)
    want = np.array([[7, 9], [1, 1], [4, 5]]).astype(dtype)
    assert (backend.to_numpy(array) == want).all()


@pytest.mark.parametrize("dtype", [np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)], ids=str)
def test_scatter_add_rounds_narrow_floats_once(backend: Backend, dtype: np.dtype) -> None:
    array = backend.zeros((2,), dtype)
    ones = backend.full((3000,), 1, dtype)
    backend.scatter_add(array, (backend.zeros((3000,), np.int64),), ones)
    assert backend.to_numpy(array).astype(float).tolist() == [float(dtype.type(3000)), 0.0]


def test_check_share(backend: Backend) -> None:
    """Looked at where looking is free."""
    backend.check_share(backend.asarray(np.array([0.0, 1.0])), "bernoulli", "p")
    backend.check_share(backend.asarray(np.zeros(0)), "bernoulli", "p")
    for wrong in (-0.1, 1.1, np.nan):
        array = backend.asarray(np.array([0.5, wrong]))
        if backend.device_type == "cpu":
            with pytest.raises(RuntimeError, match="bernoulli: all elements of p should be betw"):
                backend.check_share(array, "bernoulli", "p")
        else:
            backend.check_share(array, "bernoulli", "p")


def test_check_index(backend: Backend) -> None:
    index = backend.from_numpy(np.array([0, 2, -1]))
    backend.check_index(index, -3, 3, "gather")
    backend.check_index(index[:0], 0, 0, "gather")
    with pytest.raises(IndexError, match=r"gather: .* out of range; expected 0 to 2"):
        backend.check_index(index, 0, 3, "gather")
        backend.synchronize()
    backend.synchronize()  # reported once


def test_shares_memory(backend: Backend) -> None:
    array = backend.zeros((4, 4), np.float32)
    assert backend.shares_memory(array, array[1:, ::2])
    assert not backend.shares_memory(array, backend.array(array))


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_fingerprint(backend: Backend, dtype: np.dtype) -> None:
    values = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype)
    array = backend.from_numpy(values)
    first = backend.fingerprint(array)
    assert isinstance(first, int) and first == backend.fingerprint(backend.array(array))
    assert first == backend.fingerprint(backend.from_numpy(np.asfortranarray(values)))
    moved = backend.from_numpy(values[[1, 0, 2]])
    assert first != backend.fingerprint(moved)
    assert isinstance(backend.fingerprint(array[0, 0]), int)
    assert isinstance(backend.fingerprint(array[:0]), int)


def test_streams(backend: Backend) -> None:
    stream = backend.make_stream(backend.resolve())
    other = backend.make_stream(backend.resolve())
    stream.seed(7)
    drawn = stream.normal((5, 3), np.dtype(np.float32))
    assert type(drawn) is backend.array_type and drawn.shape == (5, 3)
    other.seed(7)
    assert (backend.to_numpy(other.normal((5, 3), drawn.dtype)) == backend.to_numpy(drawn)).all()
    other.set_state(stream.state())
    for one in (stream, other):
        assert one.initial_seed == 7
    want = backend.to_numpy(stream.integers(-5, 5, (9,), np.dtype(np.int8)))
    assert (backend.to_numpy(other.integers(-5, 5, (9,), np.dtype(np.int8))) == want).all()


def test_errstate_silences_arithmetic(backend: Backend) -> None:
    zero = backend.zeros((2,), np.float32)
    with backend.errstate():
        assert np.isnan(backend.to_numpy(zero / zero)).all()


def test_devices_of_a_backend(backend: Backend) -> None:
    assert backend.is_available() and backend.device_count() >= 1
    backend.set_current_device(backend.resolve())
    assert isinstance(backend.device_name(), str)
    assert 0 <= backend.memory_allocated() <= backend.max_memory_allocated() or (
        backend.memory_allocated() == 0
    )
    backend.empty_cache()
    with pytest.raises(RuntimeError, match="was asked for, but the last"):
        backend.resolve(device(backend.device_type, 99))


# --- memory kept on the CPU ----------------------------------------------------------------------

FAULTS = """
import resource, numpy as np, autograd_core.backends.registry
a = np.ones(1 << 20, np.float32)
def step():
    b = a + a; c = b * a; d = c - a; return d * b
for _ in range(3): step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20): step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tunes glibc")
def test_freed_memory_is_kept() -> None:
    kept, returned = _run(FAULTS), _run(FAULTS, AUTOGRAD_CORE_KEEP_MEMORY="0")
    assert int(kept.stdout) < 1000 <= int(returned.stdout)
