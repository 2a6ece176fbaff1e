"""Looking values up: searchsorted, bucketize, isin."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import promote
from autograd_core.operands import check_real, check_same_dtype, check_tensor
from autograd_core.ops.dims import shape_of
from autograd_core.ops.precision import widen
from autograd_core.registry import Sample, operator


def _places(xp: Any, rows: Any, values: Any, right: bool) -> Any:
    """Where in each sorted row the values belong, by halving all intervals at once."""
    low = xp.zeros(values.shape, np.int64)
    high = xp.full(values.shape, rows.shape[-1], np.int64)
    for _ in range(rows.shape[-1].bit_length()):
        middle = xp.minimum((low + high) // 2, rows.shape[-1] - 1)
        found = xp.take_along_axis(rows, middle, -1)
        beyond = ~(found > values) if right else ~(found >= values)
        beyond &= low < high
        low, high = xp.where(beyond, middle + 1, low), xp.where(beyond, high, middle)
    return low


def _search(xp: Any, rows: Any, values: Any, right: bool) -> Any:
    if rows.ndim == 1:
        found = xp.searchsorted(rows, values.reshape(-1), "right" if right else "left")
        found = found.reshape(values.shape)
        return xp.where(values != values, rows.size, found)  # NaN comes after all, as in PyTorch
    return _places(xp, rows, values, right)


def _sorted_rows(sequence: Any, sorter: Any) -> Any:
    """The array of the sequence, in the order that ``sorter`` gives."""
    if sorter is None:
        return sequence._array
    if shape_of(sorter) != shape_of(sequence) or sorter._array.dtype.kind not in "iu":
        raise ShapeError(
            f"searchsorted: sorter must hold integers of the shape of sorted_sequence, "
            f"{shape_of(sequence)}, got {describe(sorter)}"
        )
    backend = backend_of(sequence._array)
    size = sequence._array.shape[-1] if sequence.ndim else 0
    backend.check_index(sorter._array, 0, size, "searchsorted")
    return backend.xp.take_along_axis(sequence._array, sorter._array, -1)


def _reference(
    rows: Any, values: Any, *, out_int32: bool = False, right: bool = False,
    side: str | None = None, sorter: Any = None,
) -> Any:  # fmt: skip
    rows = rows if sorter is None else np.take_along_axis(rows, sorter, -1)
    where: Any = side or ("right" if right else "left")
    if rows.ndim == 1:
        return np.searchsorted(rows, values, where)
    found = np.empty(values.shape, np.int64)
    for at in np.ndindex(rows.shape[:-1]):
        found[at] = np.searchsorted(rows[at], values[at], where)
    return found


_ROWS = np.array([[1.0, 3.0, 5.0, 7.0], [2.0, 4.0, 4.0, 8.0]])


@operator(
    "searchsorted",
    samples=lambda make: [
        Sample(_ROWS[0], make(2, 3, low=0.0, high=8.0)),
        Sample(_ROWS, np.array([[3.0, 6.0], [4.0, 9.0]])),
        Sample(_ROWS, np.array([[3.0, 6.0], [4.0, 9.0]]), right=True, out_int32=True),
        Sample(_ROWS[0, ::-1].copy(), np.array([3.0, 4.0]), sorter=np.array([3, 2, 1, 0])),
        Sample(_ROWS[0], 3.0, side="right"),
        Sample(np.zeros((2, 0)), make(2, 2)),
    ],
    reference=_reference,
    convention="no gradient",
    differentiable=False,
    method=False,
)
def searchsorted(
    sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False,
    side: str | None = None, sorter: Any = None,
) -> Any:  # fmt: skip
    """Where values would have to be inserted into a sorted sequence to keep it sorted.

    Args:
        sorted_sequence: tensor whose last dimension is sorted.
        input: tensor of the same dtype and, but for the last dimension, the same shape; or any
            shape, or a number, where the sequence has one dimension.
        out_int32: return int32 instead of int64.
        right: insert after equal values instead of before them.
        side: ``"left"`` or ``"right"``, another way to say that.
        sorter: the indices that sort ``sorted_sequence``, which then need not be sorted.

    Returns:
        Indices, of the shape of ``input``.

    Raises:
        RuntimeError: the shapes or dtypes do not fit.
        ValueError: ``side`` is another, or contradicts ``right``.

    Source: PyTorch, ``torch.searchsorted``.

    Example:
        >>> import autograd_core as ag
        >>> ag.searchsorted(ag.tensor([1, 3, 5]), ag.tensor([3, 6]))
        tensor([1, 3])
    """
    if side not in (None, "left", "right"):
        raise ValueError(f"searchsorted: side must be 'left' or 'right', got {side!r}")
    if right and side == "left":
        raise ValueError("searchsorted: right=True contradicts side='left'; give one of them")
    check_tensor("searchsorted", sorted_sequence, "sorted_sequence", arrays=False)
    if sorted_sequence.ndim == 0:
        raise ShapeError("searchsorted: sorted_sequence must have at least one dimension")
    if not isinstance(input, TensorBase):
        if sorted_sequence.ndim != 1:
            raise ShapeError(
                f"searchsorted: input is a number, so sorted_sequence must have one dimension, got "
                f"shape {tuple(sorted_sequence.shape)}"
            )
        like = sorted_sequence._array
        input = TensorBase._wrap(backend_of(like).asarray(input, like.dtype))
    check_same_dtype("searchsorted", sorted_sequence=sorted_sequence, input=input)
    check_real("searchsorted", input)
    if sorted_sequence.ndim > 1 and (
        input.ndim == 0 or shape_of(input)[:-1] != shape_of(sorted_sequence)[:-1]
    ):
        raise ShapeError(
            f"searchsorted: sorted_sequence of shape {tuple(sorted_sequence.shape)} and input of "
            f"shape {tuple(input.shape)} must agree but for the last dimension"
        )
    rows, values = widen(_sorted_rows(sorted_sequence, sorter)), widen(input._array)
    backend = backend_of(rows)
    found = _search(backend.xp, rows, values, right or side == "right")
    return TensorBase._wrap(backend.asarray(found, np.int32 if out_int32 else np.int64))


@operator(
    "bucketize",
    samples=lambda make: [
        Sample(make(2, 3, low=0.0, high=8.0), _ROWS[0]),
        Sample(np.array([3.0, 5.0]), _ROWS[0], right=True, out_int32=True),
    ],
    reference=lambda x, boundaries, **options: _reference(boundaries, x, **options),
    convention="no gradient",
    differentiable=False,
    method=False,
)
def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """Between which boundaries each value lies: the index of the next one.

    Args:
        input: tensor, or a number.
        boundaries: sorted tensor of one dimension.
        out_int32: return int32 instead of int64.
        right: False for ``boundaries[i-1] < value <= boundaries[i]``, True for
            ``boundaries[i-1] <= value < boundaries[i]``.

    Raises:
        RuntimeError: ``boundaries`` has not one dimension, or another dtype.

    Source: PyTorch, ``torch.bucketize``.

    Example:
        >>> import autograd_core as ag
        >>> ag.bucketize(ag.tensor([2, 3, 9]), ag.tensor([1, 3, 5]))
        tensor([1, 1, 3])
    """
    if boundaries.ndim != 1:
        raise ShapeError(
            f"bucketize: boundaries must have one dimension, got shape {tuple(boundaries.shape)}"
        )
    if isinstance(input, TensorBase):
        input, boundaries = promote("bucketize", *map(_detached, (input, boundaries)))
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@operator(
    "isin",
    samples=lambda make: [
        Sample(np.array([[1.0, 2.0], [3.0, np.nan]]), np.array([2.0, np.nan, 3.0])),
        Sample(make.integers(2, 3), make.integers(2), invert=True),
        Sample(make.integers(4), 2),
        Sample(make(3), make(0)),
    ],
    reference=lambda x, tests, assume_unique=False, invert=False: np.isin(x, tests, invert=invert),
    convention="no gradient",
    differentiable=False,
    method=False,
)
def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Any:
    """Whether each element is one of ``test_elements``.

    Args:
        elements, test_elements: tensors, one of which may be a number.
        assume_unique: accepted as in PyTorch; it is not needed here.
        invert: ask whether it is none of them.

    Raises:
        TypeError: both are numbers, or complex.

    Source: PyTorch, ``torch.isin``.

    Example:
        >>> import autograd_core as ag
        >>> ag.isin(ag.tensor([1, 2, 3]), ag.tensor([2, 5]))
        tensor([False,  True, False])
    """
    elements, tests = [
        widen(v._array if isinstance(v, TensorBase) else v)
        for v in promote("isin", *map(_detached, (elements, test_elements)))
    ]
    backend = backend_of(elements)
    xp = backend.xp
    check_real("isin", elements, "elements")
    if elements.dtype.kind == "b":
        elements, tests = elements.astype(np.uint8), tests.astype(np.uint8)
    if not tests.size:
        return TensorBase._wrap(xp.full(elements.shape, invert, bool))
    row = xp.sort(tests.reshape(-1))
    place = xp.minimum(_search(xp, row, elements, False), row.size - 1)
    found = row[place.reshape(-1)].reshape(elements.shape) == elements
    return TensorBase._wrap(backend.asarray(~found if invert else found))


def _detached(value: Any) -> Any:
    return TensorBase._wrap(value._array) if isinstance(value, TensorBase) else value
