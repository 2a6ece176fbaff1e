"""Reductions: sum and mean."""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.ops.dims import some_dims
from autograd_core.ops.shape import expand, reshape
from autograd_core.registry import SMOOTH, Make, Sample, operator


def spread(g: Any, shape: tuple[int, ...], dims: tuple[int, ...], keepdim: bool) -> Any:
    """A reduction's gradient, repeated along the reduced dimensions."""
    if not keepdim and dims:
        g = reshape(g, kept_shape(shape, dims))
    return expand(g, shape)


def kept_shape(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, ...]:
    """``shape`` with the reduced dimensions as 1."""
    return tuple(1 if i in dims else n for i, n in enumerate(shape))


_sum = Op(
    "sum",
    forward=lambda xp, input, shape, dims, keepdim: input.sum(axis=dims, keepdims=keepdim),
    rules={"input": lambda g, shape, dims, keepdim: spread(g, shape, dims, keepdim)},
)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 3, 4), 1)
    yield Sample(make(2, 3, 4), (0, -1), keepdim=True)
    yield Sample(make())
    yield Sample(make(0, 3), 0)


@operator(
    "sum", samples=_samples, convention=SMOOTH,
    reference=lambda x, dim=None, keepdim=False: np.sum(x, dim, keepdims=keepdim),
)  # fmt: skip
def sum(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None
) -> Any:
    """Sum of all elements, or along dimensions.

    Args:
        input: tensor of any shape; integers and booleans sum to int64.
        dim: dimension or dimensions to sum over; default all. ``axis`` is another name.
        keepdim: keep them with size 1. ``keepdims`` is another name.
        dtype: cast to this first.

    Source: PyTorch, ``torch.sum``.

    Example:
        >>> import autograd_core as ag
        >>> ag.sum(ag.tensor([[1.0, 2.0], [3.0, 4.0]]), 0)
        tensor([4., 6.])
    """
    if dtype is not None:
        input = input.to(dtype)
    dims = some_dims("sum", dim if axis is None else axis, input.ndim)
    if dim == () or axis == ():
        dims = some_dims("sum", None, input.ndim)
    return _sum(input, tuple(input.shape), dims, keepdim if keepdims is None else keepdims)


def mean(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None
) -> Any:
    """Placeholder: composed from sum."""
    dims = some_dims("mean", dim if axis is None else axis, input.ndim)
    count = math.prod(input.shape[d] for d in dims)
    return sum(input, dims or None, keepdim, dtype=dtype, keepdims=keepdims) / builtins.max(count, 1)
