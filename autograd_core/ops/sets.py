"""Which values there are, and how often: unique, unique_consecutive, bincount.

On a GPU the host waits, since the result's size depends on values.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.operands import check_integers, check_real
from autograd_core.ops.dims import one_dim
from autograd_core.ops.precision import widen
from autograd_core.registry import Make, Sample, operator


def _rows(name: str, array: Any, dim: int | None) -> Any:
    """What is compared, as the rows of a matrix: elements, or the parts along ``dim``."""
    if dim is None:
        return array.reshape(-1, 1)
    if 0 in array.shape and array.shape[dim] != 0:
        raise ShapeError(
            f"{name}: the parts along dim {dim} of a {tuple(array.shape)} tensor are empty, so "
            f"they cannot be told apart"
        )
    moved = backend_of(array).xp.moveaxis(array, dim, 0)
    return moved.reshape(array.shape[dim], -1 if array.size else math.prod(moved.shape[1:]))


def _result(xp: Any, array: Any, kept: Any, dim: int | None) -> Any:
    """The parts of the input at the given places of the rows."""
    return array.reshape(-1)[kept] if dim is None else xp.take(array, kept, dim)


def _runs(xp: Any, rows: Any) -> Any:
    """For each row whether it differs from the one before; the first does."""
    starts = xp.ones(rows.shape[0], bool)
    if rows.shape[0]:
        starts[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return starts


def _counts(xp: Any, starts: Any) -> Any:
    """How long each run is, given where it starts among so many."""
    places = xp.nonzero(starts)[0]
    ends = xp.concatenate([places[1:], xp.full(1, starts.size, places.dtype)])
    return ends[: places.size] - places


def _distinct(
    name: str, input: Any, dim: int | None, inverse: bool, counts: bool, in_order: bool
) -> Any:
    array = input._array
    backend = backend_of(array)
    xp = backend.xp
    if dim is not None:
        dim = one_dim(name, dim, array.ndim)
        array = array if array.ndim else array.reshape(1)
    rows = _rows(name, widen(array), dim)
    size = rows.shape[0]
    if in_order:
        order = xp.arange(size)
    elif rows.shape[1] == 1:
        order = xp.argsort(rows[:, 0], kind="stable")
    elif rows.size:
        order = xp.lexsort(xp.ascontiguousarray(rows.T[::-1]))
    else:
        order = xp.arange(size)
    starts = _runs(xp, rows[order])
    kept = order[xp.nonzero(starts)[0]]
    results = [_result(xp, array, kept, dim)]
    if inverse:
        number = xp.zeros(size, np.int64)
        number[order] = xp.cumsum(starts.astype(np.int64)) - 1
        results.append(number.reshape(input._array.shape) if dim is None else number)
    if counts:
        results.append(_counts(xp, starts).astype(np.int64))
    tensors = tuple([TensorBase._wrap(backend.asarray(r)) for r in results])
    return tensors if len(tensors) > 1 else tensors[0]


def _samples(make: Make) -> list[Sample]:
    return [
        Sample(make.integers(7)),
        Sample(make.integers(3, 4), return_inverse=True, return_counts=True),
        Sample(make.integers(6, 2, high=2), dim=0, return_inverse=True, return_counts=True),
        Sample(make.integers(2, 6, high=2), dim=-1),
        Sample(np.array([1.0, np.nan, 1.0, 0.5]), return_counts=True),
        Sample(make(0), return_inverse=True),
    ]


def _reference(
    x: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: int | None = None,
) -> Any:  # fmt: skip
    options: dict[str, Any] = {"axis": dim, "equal_nan": False}
    options |= {"return_inverse": return_inverse, "return_counts": return_counts}
    found: Any = np.unique(x, **options)
    return list(found) if isinstance(found, tuple) else found


@operator(
    "unique",
    samples=_samples,
    reference=_reference,
    convention="no gradient",
    differentiable=False,
)
def unique(
    input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: int | None = None,
) -> Any:  # fmt: skip
    """The different elements, or the different parts along a dimension, in order.

    Args:
        input: tensor of real numbers; every NaN differs from every other.
        sorted: accepted as in PyTorch; they are always sorted.
        return_inverse: also return where in the result each element or part is.
        return_counts: also return how often each occurs.
        dim: the dimension; default compare elements.

    Returns:
        A tensor; with ``return_inverse`` or ``return_counts`` a tuple.

    Raises:
        RuntimeError: the parts along ``dim`` are empty.

    Source: PyTorch, ``torch.unique``.

    Example:
        >>> import autograd_core as ag
        >>> ag.unique(ag.tensor([3, 1, 3]), return_counts=True)
        (tensor([1, 3]), tensor([1, 2]))
    """
    check_real("unique", input)
    return _distinct("unique", input, dim, return_inverse, return_counts, False)


def _consecutive_reference(
    x: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    moved = x.reshape(-1, 1) if dim is None else np.moveaxis(x, dim, 0)
    starts = [i for i in range(len(moved)) if i == 0 or not np.array_equal(moved[i], moved[i - 1])]
    kept = moved[starts]
    results = [kept.reshape(-1) if dim is None else np.moveaxis(kept, 0, dim)]
    lengths = np.diff([*starts, len(moved)])
    if return_inverse:
        number = np.repeat(np.arange(len(starts)), lengths)
        results.append(number.reshape(x.shape) if dim is None else number)
    if return_counts:
        results.append(lengths)
    return results if len(results) > 1 else results[0]


@operator(
    "unique_consecutive",
    samples=lambda make: [
        Sample(np.array([1.0, 1.0, 2.0, 1.0])),
        Sample(make.integers(3, 4, high=2), return_inverse=True, return_counts=True),
        Sample(make.integers(6, 2, high=2), dim=0, return_inverse=True, return_counts=True),
    ],
    reference=_consecutive_reference,
    convention="no gradient",
    differentiable=False,
)
def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """One of each run of equal elements, or of equal parts along a dimension; arguments as for
    :func:`unique`. Source: PyTorch, ``torch.unique_consecutive``.

    Example:
        >>> import autograd_core as ag
        >>> ag.unique_consecutive(ag.tensor([1, 1, 2, 1]))
        tensor([1, 2, 1])
    """
    return _distinct("unique_consecutive", input, dim, return_inverse, return_counts, True)


@operator(
    "bincount",
    samples=lambda make: [
        Sample(make.integers(7)),
        Sample(make.integers(5), minlength=9),
        Sample(make.integers(5), make(5)),
        Sample(np.zeros(0, np.int64), minlength=2),
    ],
    reference=lambda x, weights=None, minlength=0: np.bincount(x, weights, minlength),
    convention="no gradient",
    differentiable=False,
)
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of the numbers 0, 1, 2, ... occurs.

    Args:
        input: tensor of integers of one dimension, none of them negative.
        weights: tensor of the same shape; its elements are added up instead of ones.
        minlength: the least length of the result.

    Returns:
        int64; with weights float32 for float32, else float64.

    Raises:
        TypeError: ``input`` holds no integers.
        RuntimeError: it has another shape, holds negative numbers, or the weights do not fit.

    Source: PyTorch, ``torch.bincount``.

    Example:
        >>> import autograd_core as ag
        >>> ag.bincount(ag.tensor([0, 2, 2]))
        tensor([1, 0, 2])
    """
    array = check_integers("bincount", input, "input")
    backend = backend_of(array)
    if array.ndim != 1:
        raise ShapeError(f"bincount: input must have one dimension, got {describe(input)}")
    if array.size and array.dtype.kind == "i" and backend.item(array.min()) < 0:
        raise RuntimeError("bincount: input must not hold negative numbers")
    if minlength < 0:
        raise RuntimeError(f"bincount: minlength must not be negative, got {minlength}")
    values = None
    if weights is not None:
        if tuple(weights.shape) != tuple(input.shape):
            raise ShapeError(
                f"bincount: weights of shape {tuple(weights.shape)} must have the shape of input, "
                f"{tuple(input.shape)}"
            )
        values = weights._array.astype(np.float64)
    if not array.size:
        counts = backend.xp.zeros(minlength, np.int64 if values is None else np.float64)
    else:
        counts = backend.xp.bincount(array.astype(np.int64), values, minlength)
    dtype: Any = np.int64 if values is None else np.float64
    if values is not None and weights._array.dtype == np.float32:
        dtype = np.float32
    return TensorBase._wrap(backend.asarray(counts, dtype))
