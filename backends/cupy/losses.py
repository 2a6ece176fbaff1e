"""softmax, its logarithm and cross entropy: one kernel in place of a chain of reductions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import prod
from typing import Any

import cupy
import numpy as np

from autograd_core.backends.base import HALF_DTYPES
from autograd_core.backends.cupy.sources import CROSS_ENTROPY_GRADIENT, ROWS

THREADS = 256
_C_TYPES = {"float32": "float", "float64": "double"}

_gradient = cupy.ElementwiseKernel(
    "T x, T log_sum, T shift, T entry, int64 target, int64 column",
    "T gradient",
    CROSS_ENTROPY_GRADIENT,
    "autograd_core_cross_entropy_gradient",
)


def softmax(xp: Any, input: Any, dim: int) -> Any:
    """exp(input), divided by its sum along ``dim``."""
    return _softmax(input, dim, False)


def log_softmax(xp: Any, input: Any, dim: int) -> Any:
    """The logarithm of ``softmax``."""
    return _softmax(input, dim, True)


def cross_entropy(
    xp: Any, input: Any, target: Any, each: Any, dim: int, reduction: str
) -> tuple[Any, Any, Any]:
    """The loss (each times ``each``, which None leaves out; their sum, or mean by what they count),
    the logarithm of the sum of exponentials, and the greatest logit, which was subtracted before.
    """
    x = cupy.ascontiguousarray(_widened(input))
    shift = cupy.empty((*x.shape[:dim], 1, *x.shape[dim + 1 :]), x.dtype)
    loss, log_sum = cupy.empty(target.shape, x.dtype), cupy.empty(target.shape, x.dtype)
    where = cupy.ascontiguousarray(target.astype(np.int64, copy=False))
    each = cupy.ones(target.shape, x.dtype) if each is None else each.astype(x.dtype, copy=False)
    _launch(
        "cross_entropy_rows", x, dim, x, where, cupy.ascontiguousarray(each), loss, log_sum, shift
    )
    if reduction != "none":
        loss = loss.sum() / (each.sum() if reduction == "mean" else 1)
    return loss.astype(input.dtype, copy=False), log_sum, shift


def cross_entropy_gradient(
    xp: Any, input: Any, log_sum: Any, shift: Any, entry: Any, target: Any, dim: int
) -> Any:
    """(softmax(input) - 1 at the target's place) * ``entry``."""
    x = _widened(input)
    columns = [1] * x.ndim
    columns[dim] = x.shape[dim]
    log_sum = cupy.expand_dims(log_sum, dim).astype(x.dtype, copy=False)
    entry = cupy.expand_dims(cupy.broadcast_to(entry, target.shape), dim)
    where = cupy.expand_dims(target, dim).astype(np.int64, copy=False)
    column = cupy.arange(x.shape[dim]).reshape(columns)
    shift, entry = shift.astype(x.dtype, copy=False), entry.astype(x.dtype, copy=False)
    return _gradient(x, log_sum, shift, entry, where, column)


def _softmax(input: Any, dim: int, logarithm: bool) -> Any:
    if input.dtype.kind == "c":  # has no order on the device
        out = input - input.max(axis=dim, keepdims=True)
        sums = cupy.exp(out).sum(axis=dim, keepdims=True)
        return out - cupy.log(sums) if logarithm else cupy.exp(out) / sums
    x = cupy.ascontiguousarray(_widened(input).reshape(input.shape or (1,)))
    out = cupy.empty_like(x)
    if x.size:
        _launch("softmax_rows", x, dim, x, out, numbers=(np.int32(logarithm),))
    return out.reshape(input.shape).astype(input.dtype, copy=False)


def _widened(array: Any) -> Any:
    return array.astype(np.float32) if array.dtype.name in HALF_DTYPES else array


def _launch(name: str, x: Any, dim: int, *arrays: Any, numbers: tuple[Any, ...] = ()) -> None:
    """One block for each row of ``x`` along ``dim``; all arrays are contiguous."""
    columns, inner = x.shape[dim], prod(x.shape[dim % x.ndim + 1 :])
    if not x.size:
        return
    threads = min(THREADS, max(32, 1 << (columns - 1).bit_length()))
    sizes = (np.int64(columns), np.int64(inner))
    _function(name, x.dtype.name)((x.size // columns,), (threads,), (*arrays, *sizes, *numbers))


@cache
def _function(name: str, dtype: str) -> Any:
    code = ROWS % {"type": _C_TYPES[dtype], "threads": THREADS}
    return cupy.RawModule(code=code).get_function(name)


KERNELS: dict[str, Callable[..., Any]] = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "cross_entropy": cross_entropy,
    "cross_entropy_gradient": cross_entropy_gradient,
}
