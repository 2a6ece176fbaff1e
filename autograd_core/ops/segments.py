"""Sums, means, products and extremes of the segments of a dimension: segment_reduce."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.operands import check_floating, check_tensor
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.gather import check_integer_index
from autograd_core.ops.scatter_reduce import scatter_reduce
from autograd_core.ops.searching import searchsorted
from autograd_core.ops.selection import where
from autograd_core.ops.shape import expand, reshape
from autograd_core.registry import SMOOTH, Make, Sample, operator

# The reduction, by both of PyTorch's names, and what it starts from.
_REDUCTIONS = {
    "sum": ("sum", 0.0), "mean": ("sum", 0.0), "prod": ("prod", 1.0),
    "max": ("amax", -math.inf), "amax": ("amax", -math.inf),
    "min": ("amin", math.inf), "amin": ("amin", math.inf),
}  # fmt: skip


def _starts(data: Any, lengths: Any, offsets: Any, axis: int, unsafe: bool) -> Any:
    """Where segments start, and where the last one ends, along the last dimension."""
    name, given = ("lengths", lengths) if offsets is None else ("offsets", offsets)
    check_integer_index("segment_reduce", given, name)
    lead, size = shape_of(data)[:axis], shape_of(data)[axis]
    if given.ndim != axis + 1 or shape_of(given)[:-1] != lead:
        raise ShapeError(
            f"segment_reduce: {name} must have shape {(*lead, 'segments')} for axis {axis} of "
            f"data of shape {shape_of(data)}, got {describe(given)}"
        )
    array = given._array
    backend = backend_of(array)
    xp = backend.xp
    if offsets is not None:
        backend.check_index(array, 0, size + 1, "segment_reduce: offsets")
        return array
    backend.check_index(array, 0, size + 1, "segment_reduce: lengths")
    ends = xp.cumsum(array, axis=-1)
    if not unsafe and array.shape[-1]:
        backend.check_index(ends[..., -1], size, size + 1, "segment_reduce: the sum of lengths")
    return xp.concatenate([xp.zeros_like(ends[..., :1]), ends], -1) if ends.size else ends


def _check(data: Any, reduce: str, lengths: Any, indices: Any, offsets: Any) -> None:
    check_tensor("segment_reduce", data, "data", arrays=False)
    for argument, value in (("lengths", lengths), ("offsets", offsets)):
        if value is not None:
            check_tensor("segment_reduce", value, argument, arrays=False)
    if reduce not in _REDUCTIONS:
        raise ValueError(
            f"segment_reduce: reduce must be one of {tuple(_REDUCTIONS)}, got {reduce!r}"
        )
    if indices is not None:
        raise ValueError("segment_reduce: indices are not supported, as in PyTorch")
    if lengths is None and offsets is None:
        raise ValueError("segment_reduce: give either lengths or offsets")
    check_floating("segment_reduce", data, "data")
    if not data.ndim:
        raise ShapeError(f"segment_reduce: data must have a dimension, got {describe(data)}")


def _samples(make: Make) -> Iterable[Sample]:
    offsets = np.array([0, 1, 1, 4])
    for reduce in ("sum", "prod", "max", "min"):
        yield Sample(make(5, 2), reduce, lengths=np.array([2, 3]))
        yield Sample(make(4), reduce, offsets=offsets, initial=0.4)
    yield Sample(make(5), "mean", lengths=np.array([4, 1]))
    yield Sample(make(2, 3, 2), "mean", lengths=np.array([[1, 2], [3, 0]]), axis=1, initial=0.5)


@operator(
    "segment_reduce", samples=_samples, method=False,
    convention=SMOOTH + "; for max and min, values that tie share the gradient equally",
)  # fmt: skip
def segment_reduce(
    data: Any, reduce: str, *, lengths: Any = None, indices: Any = None, offsets: Any = None,
    axis: int = 0, unsafe: bool = False, initial: float | None = None,
) -> Any:  # fmt: skip
    """Reduce each of the segments that a dimension is divided into.

    Args:
        data: tensor of a floating-point dtype.
        reduce: ``"sum"``, ``"mean"``, ``"max"``, ``"min"`` or ``"prod"``.
        lengths: integers, (..., segments): the segments' lengths, for each place in the dimensions
            before ``axis``.
        indices: not supported, as in PyTorch.
        offsets: or integers, (..., segments + 1): where they start, and where the last one ends.
        axis: the dimension; default the first.
        unsafe: do not ask that ``lengths`` add up to the size of the dimension.
        initial: what each reduction starts from; it does not count for the number of elements of
            a mean.

    Returns:
        ``data`` with the size of ``axis`` replaced by the number of segments. An empty segment is
        ``initial``; if that is None, 0 for sums, 1 for products, infinite for extremes, and NaN
        for means.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: a length or an offset is out of range, or no integer.

    Source: PyTorch, ``torch.segment_reduce``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0, 2.0, 3.0])
        >>> ag.segment_reduce(x, "sum", lengths=ag.tensor([2, 1]))
        tensor([3., 3.])
    """
    _check(data, reduce, lengths, indices, offsets)
    axis = one_dim("segment_reduce", axis, data.ndim, "axis")
    starts = _starts(data, lengths, offsets, axis, unsafe)
    shape, backend = shape_of(data), backend_of(starts)
    count = max(starts.shape[-1] - 1, 0)
    # One more segment, for what lies in none.
    numbers = expand(
        TensorBase._wrap(backend.xp.arange(shape[axis], dtype=starts.dtype)), shape[: axis + 1]
    )
    owners = searchsorted(TensorBase._wrap(starts), numbers.contiguous(), right=True) - 1
    owners = where(owners < 0, count, owners)
    index = expand(reshape(owners, (*owners.shape, *(1,) * (data.ndim - axis - 1))), shape)
    how, neutral = _REDUCTIONS[reduce]
    start = data.new_full(
        (*shape[:axis], count + 1, *shape[axis + 1 :]), neutral if initial is None else initial
    )
    out = scatter_reduce(start, axis, index, data, how).narrow(axis, 0, count)
    if reduce != "mean":
        return out
    sizes = TensorBase._wrap(starts[..., 1:] - starts[..., :-1])
    sizes = reshape(sizes, (*sizes.shape, *(1,) * (data.ndim - axis - 1))).to(data.dtype)
    return out / (sizes if initial is None else where(sizes == 0, 1.0, sizes))
