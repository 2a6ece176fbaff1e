"""The element that stands at a place in the order: kthvalue, mode."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import ArgumentError, IndexingError
from autograd_core.op import Op
from autograd_core.operands import check_real
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.extremes import put_back
from autograd_core.ops.precision import widen
from autograd_core.ops.sorting import _order
from autograd_core.registry import SMOOTH, Sample, operator


class OrderResult(NamedTuple):
    """What ``nanmedian``, ``kthvalue`` and ``mode`` along a dimension return."""

    values: Any
    indices: Any


def picked(xp: Any, input: Any, places: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The elements at given places (one for each row) of the order along ``dim``, and where they
    were."""
    indices = xp.take_along_axis(_order(xp, input, dim, False), places, dim).astype(np.int64)
    values = xp.take_along_axis(input, indices, dim)
    return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))


def alone(xp: Any, input: Any) -> tuple[Any, Any]:
    """Of a tensor without dimensions: itself, at index 0."""
    return input.copy(), xp.zeros((), np.int64)


def check_row(name: str, input: Any, dim: int) -> None:
    if input.ndim and not input.shape[dim]:
        raise IndexingError(
            f"{name}: the {tuple(input.shape)} tensor has no elements along dim {dim}. "
            f"Mend: reduce along a dimension that is not empty."
        )


def _kth_forward(
    xp: Any, input: Any, shape: Any, dim: int, keepdim: bool, k: int
) -> tuple[Any, Any]:
    if not input.ndim:
        return alone(xp, input)
    row = tuple(1 if d == dim else n for d, n in enumerate(shape))
    return picked(xp, input, xp.full(row, k - 1, np.int64), dim, keepdim)


_kthvalue = Op(
    "kthvalue",
    _kth_forward,
    {"input": lambda g, indices, shape, dim, keepdim: put_back(g, indices, shape, dim, keepdim)},
    outputs=("values", "indices"),
    differentiable=("values",),
)


def _kth_reference(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    if not x.ndim:
        return [x, np.int64(0)]
    indices = np.take(np.argsort(x, dim, kind="stable"), [k - 1], dim)
    found = [np.take_along_axis(x, indices, dim), indices]
    return found if keepdim else [f.squeeze(dim) for f in found]


@operator(
    "kthvalue",
    samples=lambda make: [
        Sample(make(5), 2),
        Sample(make(3, 4), 1, 0),
        Sample(make(2, 3, 4), 3, -1, True),
        Sample(make(), 1, 0),
    ],
    reference=_kth_reference,
    convention=SMOOTH + "; of equal elements one has the gradient",
)
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> OrderResult:
    """The ``k``-th smallest element along a dimension, and where it was.

    Args:
        input: tensor of real numbers; NaN counts as the largest.
        k: from 1 to the size of the dimension.
        dim: the dimension; default the last.
        keepdim: keep it with size 1.

    Returns:
        ``(values, indices)``.

    Raises:
        ValueError: ``k`` is out of range.

    Source: PyTorch, ``torch.kthvalue``.

    Example:
        >>> import autograd_core as ag
        >>> values, indices = ag.kthvalue(ag.tensor([3, 1, 2]), 2)
        >>> values, indices
        (tensor(2), tensor(2))
    """
    check_real("kthvalue", input)
    dim = one_dim("kthvalue", dim, input.ndim)
    check_row("kthvalue", input, dim)
    size = input.shape[dim] if input.ndim else 1
    if not 1 <= k <= size:
        raise ArgumentError(f"kthvalue: k={k} is out of range for dim {dim} of size {size}")
    return OrderResult(*_kthvalue(input, shape_of(input), dim, keepdim, int(k)))


def _mode_forward(xp: Any, input: Any, shape: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if not input.ndim:
        return alone(xp, input)
    # Equal elements stand together in the order: number the runs, and count each one's elements.
    keys = xp.moveaxis(xp.take_along_axis(input, _order(xp, input, dim, False), dim), dim, -1)
    n, rows = shape[dim], (*keys.shape[:-1], 1)
    starts = xp.zeros(keys.shape, np.int64)
    starts[..., 1:] = widen(keys[..., 1:]) != widen(keys[..., :-1])
    runs = xp.cumsum(starts, axis=-1).reshape(-1, n)
    counts = xp.zeros(runs.shape, np.int64)
    where = xp.arange(runs.shape[0]).reshape(-1, 1)
    backend_of(input).scatter_add(counts, (where, runs), xp.ones(runs.shape, np.int64))
    longest = counts.argmax(axis=-1).reshape(-1, 1)
    last = ((runs <= longest).sum(axis=-1) - 1).reshape(rows)
    return picked(xp, input, xp.moveaxis(last, -1, dim), dim, keepdim)


_mode = Op(
    "mode",
    _mode_forward,
    {"input": lambda g, indices, shape, dim, keepdim: put_back(g, indices, shape, dim, keepdim)},
    outputs=("values", "indices"),
    differentiable=("values",),
)


def _mode_reference(x: Any, dim: int = -1, keepdim: bool = False) -> Any:
    if not x.ndim:
        return [x, np.int64(0)]
    moved = np.moveaxis(x, dim, -1)
    values, indices = np.empty(moved.shape[:-1]), np.empty(moved.shape[:-1], np.int64)
    for at in np.ndindex(values.shape):
        found, counts = np.unique(moved[at], return_counts=True)
        values[at] = found[counts.argmax()]
        indices[at] = np.flatnonzero(moved[at] == values[at])[-1]
    results = [values, indices]
    return [np.expand_dims(r, dim) for r in results] if keepdim else results


@operator(
    "mode",
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(make(3, 4), 0, True),
        Sample(make(), 0),
    ],
    reference=_mode_reference,
    convention=SMOOTH + "; of equal elements the last has the gradient",
)
def mode(input: Any, dim: int = -1, keepdim: bool = False) -> OrderResult:
    """The most frequent element along a dimension, the smallest of those, and where it was last.

    Args:
        input: tensor of real numbers.
        dim: the dimension; default the last.
        keepdim: keep it with size 1.

    Returns:
        ``(values, indices)``.

    Raises:
        IndexError: there is no element to choose from.

    Source: PyTorch, ``torch.mode``.

    Example:
        >>> import autograd_core as ag
        >>> values, indices = ag.mode(ag.tensor([3, 1, 3, 2]))
        >>> values, indices
        (tensor(3), tensor(2))
    """
    check_real("mode", input)
    dim = one_dim("mode", dim, input.ndim)
    check_row("mode", input, dim)
    return OrderResult(*_mode(input, shape_of(input), dim, keepdim))
