"""Sums and means."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.op import Op
from autograd_core.operands import check_inexact, put
from autograd_core.ops.dims import some_dims
from autograd_core.ops.precision import is_half
from autograd_core.ops.rows import add_up
from autograd_core.ops.shape import expand
from autograd_core.registry import SMOOTH, Make, Sample, operator

_SMALL = 4096  # elements


def kept_shape(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, ...]:
    """``shape`` with the reduced dimensions as 1."""
    return tuple([1 if i in dims else n for i, n in enumerate(shape)])


def keep(g: Any, shape: tuple[int, ...], dims: tuple[int, ...], keepdim: bool) -> Any:
    """A reduction's result or gradient with the reduced dimensions as 1, ready to broadcast."""
    return g if keepdim or not dims else g.reshape(kept_shape(shape, dims))


def spread(g: Any, shape: tuple[int, ...], dims: tuple[int, ...], keepdim: bool) -> Any:
    """A reduction's gradient, repeated along the reduced dimensions."""
    kept = keep(g, shape, dims, keepdim or not g.ndim)
    if isinstance(kept, TensorBase) or math.prod(shape) > _SMALL:
        return expand(kept, shape)
    xp = backend_of(kept).xp  # (a few elements are written in less time than a view is made)
    out = xp.empty(shape, kept.dtype)
    out[...] = kept
    return out


def reduced_dims(name: str, input: Any, dim: Any, axis: Any = None) -> tuple[int, ...]:
    """The dimensions to reduce, from ``dim`` or its other name ``axis``; None and () mean all."""
    if dim is None:
        dim = axis
    elif axis is not None:
        raise TypeError(f"{name}: dim and axis are two names of one argument; give one of them")
    ndim = input.ndim
    if dim is None or (type(dim) is tuple and not dim):
        return tuple(range(ndim))
    if type(dim) is int and -ndim <= dim < ndim:
        return (dim % ndim,)
    return some_dims(name, dim, ndim)


def _sum_forward(xp: Any, input: Any, shape: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    total = add_up(xp, input, dims, keepdim)
    return total.astype(input.dtype) if is_half(input.dtype) else total


_sum = Op(
    "sum", _sum_forward, {"input": lambda g, shape, dims, keepdim: spread(g, shape, dims, keepdim)}
)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 3, 4), 1)
    yield Sample(make(2, 3, 4), (0, -1), keepdim=True)
    yield Sample(make())
    yield Sample(make(3, 4).T, 0)
    yield Sample(make(0, 3), 0)


@operator(
    "sum", samples=_samples, convention=SMOOTH,
    reference=lambda x, dim=None, keepdim=False: np.sum(x, dim, keepdims=keepdim),
)  # fmt: skip
def sum(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None,
    keepdims: bool = False, out: Any = None,
) -> Any:  # fmt: skip
    """Sum of all elements, or along dimensions.

    Args:
        input: tensor of any shape; integers and booleans sum to int64, half types accumulate in
            float32.
        dim: dimension or dimensions to sum over; default all. ``axis`` is another name.
        keepdim: keep them with size 1. ``keepdims`` is another name.
        dtype: cast to this first.

    Source: PyTorch, ``torch.sum``.

    Example:
        >>> import autograd_core as ag
        >>> ag.sum(ag.tensor([[1.0, 2.0], [3.0, 4.0]]), 0)
        tensor([4., 6.])
    """
    if out is not None:
        return put(out, sum(input, dim, keepdim, dtype=dtype, axis=axis, keepdims=keepdims), "sum")
    if dtype is not None:
        return sum(input.to(dtype), dim, keepdim, axis=axis, keepdims=keepdims).to(dtype)
    shape = getattr(input, "_array", input).shape
    return _sum(input, shape, reduced_dims("sum", input, dim, axis), keepdim or keepdims)


def _mean_forward(
    xp: Any, input: Any, shape: Any, dims: tuple[int, ...], keepdim: bool, count: int
) -> Any:
    total = add_up(xp, input, dims, keepdim)
    mean = total / count if count else total * np.nan
    return mean.astype(input.dtype) if is_half(input.dtype) else mean


_mean = Op(
    "mean",
    _mean_forward,
    {
        "input": lambda g, shape, dims, keepdim, count: spread(
            g / max(count, 1), shape, dims, keepdim
        )
    },
)


@operator(
    "mean", samples=lambda make: list(_samples(make))[:-1], convention=SMOOTH,
    reference=lambda x, dim=None, keepdim=False: np.mean(x, dim, keepdims=keepdim),
)  # fmt: skip
def mean(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None,
    keepdims: bool = False, out: Any = None,
) -> Any:  # fmt: skip
    """Mean of all elements, or along dimensions; NaN where there are none.

    Args:
        input: floating-point or complex tensor; half types accumulate in float32.
        dim, keepdim, dtype: as for :func:`sum`.

    Raises:
        RuntimeError: the dtype is integer or bool, so the mean's would be unclear.

    Source: PyTorch, ``torch.mean``.

    Example:
        >>> import autograd_core as ag
        >>> ag.mean(ag.tensor([[1.0, 2.0], [3.0, 6.0]]), 1)
        tensor([1.5000, 4.5000])
    """
    if dtype is not None:
        input = input.to(dtype)
    shape = check_inexact("mean", input).shape
    dims = reduced_dims("mean", input, dim, axis)
    count = math.prod([shape[d] for d in dims])
    result = _mean(input, shape, dims, keepdim or keepdims, count)
    return result if out is None else put(out, result, "mean")
