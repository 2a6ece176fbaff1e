"""Quantiles: the value that a given share of the elements does not exceed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.operands import check_same_dtype
from autograd_core.ops.comparison import isnan
from autograd_core.ops.dims import one_dim
from autograd_core.ops.gather import gather
from autograd_core.ops.masked_fill import masked_fill
from autograd_core.ops.rounding import ceil, floor, round
from autograd_core.ops.scatter import as_value
from autograd_core.ops.shape import expand, reshape, unsqueeze
from autograd_core.ops.sorting import sort
from autograd_core.ops.transpose import movedim, transpose
from autograd_core.registry import SMOOTH, At, Make, Sample, operator

_INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def _checked(name: str, input: Any, q: Any, interpolation: str) -> Any:
    """``q`` as a tensor of at most one dimension, after checks of the arguments."""
    if input.dtype.name not in ("float32", "float64"):
        raise RuntimeError(
            f"{name}: input must be float32 or float64, got {input.dtype}. Mend: input.float()"
        )
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(
            f"{name}: interpolation must be one of {', '.join(_INTERPOLATIONS)}, got "
            f"{interpolation!r}"
        )
    if 0 in input.shape:
        raise RuntimeError(f"{name}: input is empty, with shape {tuple(input.shape)}")
    if isinstance(q, (int, float)):
        if not 0 <= q <= 1:
            raise RuntimeError(f"{name}: q must lie between 0 and 1, got {q}")
        return TensorBase._wrap(as_value(name, float(q), input))
    check_same_dtype(name, input=input, q=q)
    if q.ndim > 1:
        raise RuntimeError(
            f"{name}: q must have at most 1 dimension, got shape {tuple(q.shape)}. Mend: flatten it"
        )
    if not bool(((q >= 0) & (q <= 1)).all()):
        raise RuntimeError(f"{name}: all of q must lie between 0 and 1")
    return q


def _quantile(
    name: str, input: Any, q: Any, dim: Any, keepdim: bool, interpolation: str, ignore_nan: bool
) -> Any:
    q = _checked(name, input, q, interpolation)
    ndim = input.ndim
    if dim is None:
        rows = sort(reshape(input, (-1,))).values
        kept = (1,) * ndim
    else:
        dim = one_dim(name, dim, ndim)
        rows = sort(transpose(unsqueeze(input, -1), dim, -1)).values if ndim else input.reshape(1)
        kept = tuple(1 if d == dim else n for d, n in enumerate(input.shape))
        rows = reshape(rows, (-1, rows.shape[-1]))
    rows = reshape(rows, (-1, rows.shape[-1]))
    missing = isnan(rows)
    last = rows.shape[-1] - 1
    levels = reshape(q, (-1,))
    if ignore_nan:  # ranks among the numbers; of none, that of a NaN
        numbers = (~missing).sum(-1, keepdim=True) - 1
        ranks = levels * numbers.to(q.dtype)
        ranks = masked_fill(ranks, ranks < 0, 0)
    else:  # a NaN, which is sorted to the end, makes the quantile NaN
        ranks = expand(levels * last, (rows.shape[0], levels.shape[0]))
        ranks = masked_fill(ranks, missing.any(-1, keepdim=True), last)
    rounding = {"lower": floor, "higher": ceil, "nearest": round}.get(interpolation)
    if rounding is not None:
        values = gather(rows, -1, rounding(ranks.detach()).long())
    else:
        below = ranks.detach().long()
        above = ceil(ranks.detach()).long()
        weight = 0.5 if interpolation == "midpoint" else ranks - below
        low = gather(rows, -1, below)
        values = low + weight * (gather(rows, -1, above) - low)
    out = reshape(movedim(values, -1, 0), (levels.shape[0], *kept))
    if not keepdim:
        out = reshape(out, (levels.shape[0], *_dropped(kept, dim)))
    return out if q.ndim else out[0]


def _dropped(kept: tuple[int, ...], dim: int | None) -> tuple[int, ...]:
    """The shape without the dimension that was reduced (None: all of them)."""
    return () if dim is None or not kept else (*kept[:dim], *kept[dim + 1 :])


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 4), 0.3)
    yield Sample(make(5), 0.45, 0)
    yield Sample(make(2, 3, 4), make(2, low=0.1, high=0.9), 1)
    yield Sample(make(3, 4), 0.4, -1, True, interpolation="nearest")
    yield Sample(make(3, 4), 0.6, interpolation="lower")
    yield Sample(make(3, 4), 0.7, 0, interpolation="higher")
    yield Sample(make(3, 4), 0.3, 1, interpolation="midpoint")
    yield Sample(make(), 0.5, 0)


def _nan_samples(make: Make) -> Iterable[Sample]:
    yield from _samples(make)
    x = make(3, 4)
    x[0, 1] = x[2, 3] = math.nan
    yield Sample(x, 0.3)
    yield Sample(x, 0.3, 1)


def _reference(function: Any) -> Any:
    def reference(
        x: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
    ) -> Any:
        axis = dim if x.ndim else None
        return function(x, q, axis, keepdims=keepdim, method=interpolation)

    return reference


_TIES = SMOOTH + "; between two elements, which share the gradient by their weights"


@operator(
    "quantile", samples=_samples, reference=_reference(np.quantile), convention=_TIES,
    kinks=[At((np.array([4.0, 1.0, 3.0, 2.0]),), (np.array([0.0, 0.0, 0.5, 0.5]),), {"q": 0.5})],
)  # fmt: skip
def quantile(
    input: Any,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Any:
    """The values below which the shares ``q`` of the elements lie, of all or along a dimension.

    Args:
        input: float32 or float64 tensor; where there is a NaN, the quantile is NaN.
        q: number from 0 to 1, or a tensor of them of one dimension, which then stands first in the
            result.
        dim: the dimension; default all elements.
        keepdim: keep it with size 1.
        interpolation: what to do between two elements: ``"linear"``, ``"lower"``, ``"higher"``,
            ``"midpoint"`` or ``"nearest"``.

    Raises:
        RuntimeError: a dtype is another, ``q`` is out of range or ``input`` is empty.

    Source: PyTorch, ``torch.quantile``.

    Example:
        >>> import autograd_core as ag
        >>> ag.quantile(ag.tensor([4.0, 1.0, 3.0, 2.0]), 0.5)
        tensor(2.5000)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation, False)


@operator(
    "nanquantile", samples=_nan_samples, reference=_reference(np.nanquantile),
    convention=_TIES + "; 0 at NaN",
)  # fmt: skip
def nanquantile(
    input: Any,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Any:
    """The quantiles of what is not NaN; arguments as for :func:`quantile`. Source: PyTorch,
    ``torch.nanquantile``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nanquantile(ag.tensor([1.0, float("nan"), 3.0]), 0.5)
        tensor(2.)
    """
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, True)
