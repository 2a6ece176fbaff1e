"""The CUDA kernels of the CuPy backend against the definitions in array operations.

On a GPU they run there; elsewhere their source is compiled for the host (``cuda_on_host``), and by
NVRTC, CUDA's own compiler, where that library is found.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

import cuda_on_host
import fake_cupy
import ml_dtypes
import numpy as np
import pytest

from autograd_core.backends.base import Backend
from autograd_core.ops import cross_entropy as cross_entropy_ops
from autograd_core.ops import reduction, selection, softmax
from autograd_core.optim.adam import adam_step
from autograd_core.optim.sgd import sgd_step

DEFINITIONS = {"adam_step": adam_step, "sgd_step": sgd_step}
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
TOLERANCE = {"float64": 1e-13, "float32": 2e-6, "float16": 2e-3, "bfloat16": 2e-2}


@pytest.fixture
def backend(gpu: Backend) -> Backend:
    return gpu


def compared(backend: Backend, got: Any, want: Any, atol: float = 0.0) -> None:
    """The same dtype, shape and, to rounding, values."""
    assert got.dtype == want.dtype and got.shape == want.shape
    wide = np.complex128 if want.dtype.kind == "c" else np.float64
    single = {"complex64": "float32", "complex128": "float64"}.get(want.dtype.name, want.dtype.name)
    tolerance = TOLERANCE.get(single, 0.0)
    host = backend.to_numpy(got).astype(wide)
    np.testing.assert_allclose(host, want.astype(wide), rtol=tolerance, atol=max(tolerance, atol))


def made(*shape: int, dtype: Any = np.float64, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * np.random.default_rng(seed + 1).normal(size=shape)
    return np.asarray(values).astype(dtype)


# --- softmax and cross entropy -------------------------------------------------------------------


@pytest.mark.parametrize(
    "dtype", [np.float64, np.float32, np.float16, BFLOAT16, np.complex64], ids=str
)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_types(backend: Backend, name: str, dtype: Any) -> None:
    x = made(3, 5, dtype=dtype)
    want = getattr(softmax, f"_{name}_forward")(np, x, 1)
    compared(backend, backend.kernels[name](backend.xp, backend.from_numpy(x), 1), want)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize(
    ("shape", "dim"),
    [((4, 1), 1), ((2, 3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4), 2), ((7,), 0), ((), 0), ((0, 3), 1),
     ((3, 0), 1), ((2, 33), 1), ((2, 300), 1), ((1, 1025), 1)],
)  # fmt: skip
def test_softmax_shapes(backend: Backend, name: str, shape: tuple[int, ...], dim: int) -> None:
    x = made(*shape) * 30
    want = getattr(softmax, f"_{name}_forward")(np, x, dim)
    compared(backend, backend.kernels[name](backend.xp, backend.from_numpy(x), dim), want)


def test_softmax_of_views_and_of_what_is_not_finite(backend: Backend) -> None:
    x = made(6, 4)
    x[1, 2], x[2, 0], x[3, 1], x[4] = np.nan, np.inf, -np.inf, -np.inf
    array = backend.from_numpy(x)
    for name in ("softmax", "log_softmax"):
        forward, kernel = getattr(softmax, f"_{name}_forward"), backend.kernels[name]
        with np.errstate(all="ignore"):
            compared(backend, kernel(backend.xp, array, 1), forward(np, x, 1))
            compared(backend, kernel(backend.xp, array.T[::2], 0), forward(np, x.T[::2], 0))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, BFLOAT16], ids=str)
@pytest.mark.parametrize(
    ("shape", "dim"), [((5, 3), 1), ((3,), 0), ((2, 3, 4), 1), ((0, 3), 1), ((2, 300), 1)]
)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("all_count", [True, False])
def test_cross_entropy(
    backend: Backend, shape: tuple[int, ...], dim: int, all_count: bool, reduction: str, dtype: Any
) -> None:
    x = made(*shape, dtype=dtype) * np.asarray(3, dtype)
    outer = shape[:dim] + shape[dim + 1 :]
    wide = np.float64 if dtype is np.float64 else np.float32
    target = np.random.default_rng(1).integers(0, 3, outer)
    each = np.asarray(np.arange(1, target.size + 1) % 3, wide).reshape(outer)
    given = [backend.from_numpy(np.asarray(a)) for a in (x, target, each)]
    if all_count:
        each = given[2] = None
    with np.errstate(all="ignore"):  # the mean of none
        want = cross_entropy_ops._forward(np, x, target, each, dim, reduction)
        got = backend.kernels["cross_entropy"](backend.xp, *given, dim, reduction)
    for one, other in zip(got, want, strict=True):
        compared(backend, one, np.asarray(other))
    entry = made(*outer, dtype=wide)
    want = cross_entropy_ops._gradient_forward(np, x, *want[1:], entry, target, dim)
    log_sum, shift, entry = [backend.from_numpy(np.asarray(a)) for a in (*_parts(x, dim), entry)]
    gradient = backend.kernels["cross_entropy_gradient"]
    compared(backend, gradient(backend.xp, given[0], log_sum, shift, entry, given[1], dim), want)


def _parts(x: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
    wide = x.astype(np.float32) if x.dtype.itemsize == 2 else x
    shift = wide.max(axis=dim, keepdims=True, initial=-np.inf)
    return np.log(np.exp(wide - shift).sum(axis=dim)), shift


def test_cross_entropy_reads_nothing_outside(backend: Backend) -> None:
    x, far = backend.from_numpy(made(2, 3)), backend.from_numpy(np.array([10**12, -(10**12)]))
    loss, _, _ = backend.kernels["cross_entropy"](backend.xp, x, far, None, 1, "mean")
    assert np.isfinite(backend.item(loss))


# --- sums ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dtype",
    [np.float64, np.float32, np.float16, BFLOAT16, np.complex64, np.bool_, np.int8],
    ids=str,
)
@pytest.mark.parametrize("dims", [(0, 1, 2), (0,), (1, 2), (2,)])
@pytest.mark.parametrize("keepdim", [True, False])
def test_sums(backend: Backend, dims: tuple[int, ...], keepdim: bool, dtype: Any) -> None:
    x = made(30, 5, 40).astype(dtype)
    array = backend.from_numpy(x)
    want = reduction._sum_forward(np, x, x.shape, dims, keepdim)
    got = backend.kernels["sum"](backend.xp, array, x.shape, dims, keepdim)
    compared(backend, got, np.asarray(want), 1e-4)
    if np.dtype(dtype).kind not in "biu":
        want = reduction._mean_forward(np, x, x.shape, dims, keepdim, 7)
        got = backend.kernels["mean"](backend.xp, array, x.shape, dims, keepdim, 7)
        compared(backend, got, np.asarray(want), 1e-4)


# --- elementwise ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dtype",
    [np.float64, np.float32, np.float16, BFLOAT16, np.complex64, np.complex128, np.int8],
    ids=str,
)
def test_choices(backend: Backend, dtype: Any) -> None:
    x, mask = made(3, 4).astype(dtype), made(3, 1) > 0
    if np.dtype(dtype).kind == "f":
        x[0, 0] = np.nan
    on = [backend.from_numpy(a) for a in (x, mask)]
    only = backend.kernels["only"](backend.xp, *on)
    assert only.dtype == dtype
    np.testing.assert_array_equal(backend.to_numpy(only), selection._masked(np, x, mask))
    assert backend.kernels["only"](backend.xp, on[0][0, 0], on[1][0, 0]).shape == ()


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=str)
def test_error_function(backend: Backend, dtype: Any) -> None:
    from math import erf, erfc

    x = np.array([0.0, -0.5, 1.0, 3.0, -8.0, 8.0, np.inf], dtype)
    for name, want in (("erf", erf), ("erfc", erfc)):
        got = backend.kernels[name](backend.xp, backend.from_numpy(x))
        compared(backend, got, np.array([want(float(one)) for one in x], dtype))


# --- optimizer steps -----------------------------------------------------------------------------

SGD = {"lr": 0.1, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False}
ADAM = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-3, "weight_decay": 0.0}


def _steps(backend: Backend, name: str, arrays: list[np.ndarray], options: list[Any]) -> None:
    """Step by the kernel and by the definition; ``arrays`` are the parameter, its gradient, its
    state."""
    xp, kernel = backend.xp, backend.kernels[name]
    on = [None if a is None else backend.array(a) for a in arrays]
    host = [None if a is None else a.copy() for a in arrays]
    for each in options:
        complex_ = host[0].dtype.kind == "c"  # the parts are parameters of their own
        for part in ("real", "imag") if complex_ else ("real",):
            DEFINITIONS[name](np, *[None if a is None else getattr(a, part) for a in host], **each)
        assert kernel(xp, *on, **each) is None
        for one, want in zip(on, host, strict=True):
            if one is not None:
                compared(backend, one, want)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex64], ids=str)
@pytest.mark.parametrize(
    "options",
    [{}, {"weight_decay": 0.3}, {"momentum": 0.9}, {"momentum": 0.9, "dampening": 0.4},
     {"momentum": 0.9, "nesterov": True, "weight_decay": 0.3}],
)  # fmt: skip
def test_sgd_step(backend: Backend, options: dict[str, Any], dtype: Any) -> None:
    buffer = np.full((3, 4), np.nan, dtype) if options.get("momentum") else None
    steps = [{**SGD, **options, "first": k == 0} for k in range(3)]
    param, grad = made(3, 4, dtype=dtype), made(3, 4, dtype=dtype, seed=1)
    _steps(backend, "sgd_step", [param, grad, buffer], steps)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex64], ids=str)
@pytest.mark.parametrize("amsgrad", [False, True])
@pytest.mark.parametrize("decay", [(0.0, False), (0.3, False), (0.3, True)])
def test_adam_step(backend: Backend, decay: tuple[float, bool], amsgrad: bool, dtype: Any) -> None:
    steps = [
        {**ADAM, "step": float(k), "weight_decay": decay[0], "decoupled": decay[1]}
        for k in range(1, 4)
    ]
    param, grad = made(3, 4, dtype=dtype), made(3, 4, dtype=dtype, seed=1)
    state = [np.zeros((3, 4), dtype) for _ in range(2)]
    largest = np.zeros((3, 4), dtype) if amsgrad else None
    _steps(backend, "adam_step", [param, grad, *state, largest], steps)


@pytest.mark.parametrize("dtype", [np.dtype(np.float16), BFLOAT16], ids=str)
def test_steps_of_halves_round_once(backend: Backend, dtype: np.dtype) -> None:
    param = np.ones(2).astype(dtype)
    on = [backend.from_numpy(a.astype(dtype)) for a in (param, param, param * 0, param * 0)]
    backend.kernels["adam_step"](
        backend.xp, *on, None, **{**ADAM, "eps": 1e-8}, step=1.0, decoupled=False
    )
    compared(backend, on[0], np.full(2, 0.9).astype(dtype))


@pytest.mark.parametrize("layout", ["transposed", "strided", "scalar", "empty"])
def test_steps_follow_any_layout(backend: Backend, layout: str) -> None:
    views = {
        "transposed": lambda a: a.T,
        "strided": lambda a: a[::2, 1:],
        "scalar": lambda a: a[0, 0],
        "empty": lambda a: a[:0],
    }
    view = views[layout]
    arrays = [made(4, 3, seed=k) ** 2 for k in range(4)]
    on = [backend.array(a) for a in arrays]
    step = {**ADAM, "step": 1.0, "decoupled": False}
    adam_step(
        np,
        *[np.asarray(view(a)) if layout != "scalar" else a[:1, :1] for a in arrays],
        None,
        **step,
    )
    backend.kernels["adam_step"](backend.xp, *[view(a) for a in on], None, **step)
    for got, want in zip(on, arrays, strict=True):
        compared(backend, got, want)


# --- compilation by NVRTC ------------------------------------------------------------------------


def _nvrtc() -> ctypes.CDLL | None:
    folders = [Path(path) / "nvidia" for path in sys.path]
    found = [one for folder in folders for one in folder.glob("*/lib/libnvrtc.so.*")]
    names = ["libnvrtc.so.13", "libnvrtc.so.12", *map(str, found)]
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _cubin(nvrtc: ctypes.CDLL, source: str) -> None:
    """Compile; fails with the compiler's own words."""
    program = ctypes.c_void_p()
    assert not nvrtc.nvrtcCreateProgram(
        ctypes.byref(program), source.encode(), b"kernel.cu", 0, None, None
    )
    options = (ctypes.c_char_p * 2)(b"--gpu-architecture=sm_90", b"-std=c++17")
    failed = nvrtc.nvrtcCompileProgram(program, 2, options)
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    assert not failed, log.value.decode()


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=str)
def test_nvrtc_compiles_every_kernel(monkeypatch: pytest.MonkeyPatch, dtype: Any) -> None:
    nvrtc = _nvrtc()
    if nvrtc is None:
        pytest.skip("needs NVRTC (pip install nvidia-cuda-nvrtc)")
    cuda_on_host.ElementwiseKernel.made.clear()
    cuda_on_host.RawModule.made.clear()
    fake_cupy.install(monkeypatch)
    from autograd_core.backends.cupy.losses import _function

    _function("softmax_rows", np.dtype(dtype).name)
    kernels = cuda_on_host.ElementwiseKernel.made
    assert len(kernels) >= 9 and len(cuda_on_host.RawModule.made) == 1
    for kernel in kernels:
        types = [one.type for one in (*kernel.inputs, *kernel.outputs) if len(one.type) == 1]
        whole = kernel.name in ("autograd_core_only", "autograd_core_note_out_of_range")
        known = np.dtype(f"i{np.dtype(dtype).itemsize}" if whole else dtype)
        _cubin(nvrtc, kernel.source(dict.fromkeys(types, known), 'extern "C" __global__'))
    _cubin(nvrtc, cuda_on_host.RawModule.made[0].code)
    with pytest.raises(AssertionError, match="undefined"):
        _cubin(nvrtc, 'extern "C" __global__ void f() { undefined(); }')
