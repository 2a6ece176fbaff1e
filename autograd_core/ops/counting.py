"""all, any, counts, and reductions that pass over NaN."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.op import Op
from autograd_core.operands import check_inexact
from autograd_core.ops.comparison import isnan
from autograd_core.ops.reduction import reduced_dims, sum
from autograd_core.ops.selection import where
from autograd_core.registry import At, Make, Sample, operator


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make.booleans(2, 3))
    yield Sample(make.booleans(2, 3, 4), 1)
    yield Sample(make.integers(2, 3, high=2), (0, 1), keepdim=True)
    yield Sample(make(0, 3))


def _truth_op(name: str) -> Op:
    def forward(xp: Any, input: Any, dims: Any, keepdim: bool) -> Any:
        truths = input if input.dtype.kind == "b" else input != 0
        out = getattr(truths, name)(axis=dims, keepdims=keepdim)
        return backend_of(input).asarray(out, np.uint8 if input.dtype == np.uint8 else bool)

    return Op(name, forward)


_TRUTHS = {name: _truth_op(name) for name in ("all", "any")}


def _truth(name: str, input: Any, dim: Any, keepdim: bool, axis: Any) -> Any:
    # No dimensions are none here, as in PyTorch; elsewhere they are all.
    dims = () if type(dim) is tuple and not dim else reduced_dims(name, input, dim, axis)
    return _TRUTHS[name](input, dims, keepdim)


@operator(
    "all",
    samples=_samples,
    convention="no gradient",
    differentiable=False,
    reference=lambda x, dim=None, keepdim=False: np.all(x, dim, keepdims=keepdim),
)
def all(
    input: Any, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False
) -> Any:
    """Whether all elements are true (not 0), altogether or along dimensions.

    Args:
        input: tensor.
        dim: dimension or dimensions to reduce; default all. ``axis`` is another name.
        keepdim: keep them with size 1. ``keepdims`` is another name.

    Source: PyTorch, ``torch.all``.

    Example:
        >>> import autograd_core as ag
        >>> ag.all(ag.tensor([[True, False], [True, True]]), 1)
        tensor([False,  True])
    """
    return _truth("all", input, dim, keepdim or keepdims, axis)


@operator(
    "any",
    samples=_samples,
    convention="no gradient",
    differentiable=False,
    reference=lambda x, dim=None, keepdim=False: np.any(x, dim, keepdims=keepdim),
)
def any(
    input: Any, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False
) -> Any:
    """Whether any element is true (not 0); arguments as for :func:`all`.

    Source: PyTorch, ``torch.any``.
    """
    return _truth("any", input, dim, keepdim or keepdims, axis)


@operator(
    "count_nonzero",
    samples=lambda make: [Sample(make.integers(2, 3)), Sample(make.integers(2, 3), 1)],
    convention="no gradient",
    differentiable=False,
    reference=np.count_nonzero,
)
def count_nonzero(input: Any, dim: Any = None) -> Any:
    """How many elements are not 0, altogether or along dimensions.

    Source: PyTorch, ``torch.count_nonzero``.

    Example:
        >>> import autograd_core as ag
        >>> ag.count_nonzero(ag.tensor([0, 1, 2]))
        tensor(2)
    """
    out = (input._array != 0).sum(axis=reduced_dims("count_nonzero", input, dim), dtype=np.int64)
    return TensorBase._wrap(backend_of(input._array).asarray(out))


def _nan_samples(make: Make) -> Iterable[Sample]:
    x = make(2, 3)
    x[0, 1] = math.nan
    yield Sample(x)
    yield Sample(x, 1)
    yield Sample(x, (0, 1), keepdim=True)
    yield Sample(make())


_PASSED_OVER = [At((np.array([1.0, math.nan]),), (np.array([1.0, 0.0]),))]


@operator(
    "nansum",
    samples=_nan_samples,
    convention="0 at NaN",
    kinks=_PASSED_OVER,
    reference=lambda x, dim=None, keepdim=False: np.nansum(x, dim, keepdims=keepdim),
)
def nansum(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Sum that takes NaN for 0; arguments as for :func:`sum`. Source: PyTorch, ``torch.nansum``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nansum(ag.tensor([1.0, float("nan")]))
        tensor(1.)
    """
    if input._array.dtype.kind not in "biu":
        input = where(isnan(input), 0, input)
    return sum(input, dim, keepdim or keepdims, dtype=dtype, axis=axis)


@operator(
    "nanmean",
    samples=_nan_samples,
    convention="0 at NaN",
    kinks=_PASSED_OVER,
    reference=lambda x, dim=None, keepdim=False: np.nanmean(x, dim, keepdims=keepdim),
)
def nanmean(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Mean of the elements that are not NaN; arguments as for :func:`mean`.

    Source: PyTorch, ``torch.nanmean``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nanmean(ag.tensor([1.0, float("nan"), 3.0]))
        tensor(2.)
    """
    input = input if dtype is None else input.to(dtype)
    check_inexact("nanmean", input)
    keepdim = keepdim or keepdims
    count = sum(~isnan(input), dim, keepdim, axis=axis)
    return nansum(input, dim, keepdim, axis=axis) / count.to(input.dtype)
