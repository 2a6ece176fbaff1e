"""The element that stands at a place in the order: nanmedian, kthvalue, mode."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.op import Op
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.extremes import put_back, share
from autograd_core.ops.precision import widen
from autograd_core.ops.sorting import _order, _real
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


class OrderResult(NamedTuple):
    """What ``nanmedian``, ``kthvalue`` and ``mode`` along a dimension return."""

    values: Any
    indices: Any


def _middle(xp: Any, input: Any, dim: int) -> Any:
    """Where in the order the median of what is not NaN stands: the lower of the two middle ones."""
    numbers = (input == input).sum(axis=dim, keepdims=True)
    return xp.maximum((numbers - 1) // 2, 0)


def _picked(xp: Any, input: Any, places: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The elements at given places (one for each row) of the order along ``dim``, and where they
    were."""
    indices = xp.take_along_axis(_order(xp, input, dim, False), places, dim).astype(np.int64)
    values = xp.take_along_axis(input, indices, dim)
    return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))


def _alone(xp: Any, input: Any) -> tuple[Any, Any]:
    """Of a tensor without dimensions: itself, at index 0."""
    return input.copy(), xp.zeros((), np.int64)


def _median_forward(xp: Any, input: Any, shape: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if not input.ndim:
        return _alone(xp, input)
    return _picked(xp, input, _middle(xp, input, dim), dim, keepdim)


_nanmedian_along = Op(
    "nanmedian",
    _median_forward,
    {"input": lambda g, indices, shape, dim, keepdim: put_back(g, indices, shape, dim, keepdim)},
    outputs=("values", "indices"),
    differentiable=("values",),
)


def _median_of_all(xp: Any, input: Any, shape: Any) -> Any:
    if not input.size:
        return xp.full((), math.nan, input.dtype)
    flat = input.reshape(-1)
    return _picked(xp, flat, _middle(xp, flat, 0), 0, False)[0]


_nanmedian_all = Op(
    "nanmedian",
    _median_of_all,
    {
        "input": lambda g, input, out, shape: share(
            g, input, out, shape, tuple(range(len(shape))), False
        )
    },
)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 4))
    yield Sample(make(5))
    yield Sample(make(3, 4), 0)
    yield Sample(make(2, 3, 4), -1, True)
    yield Sample(make(4, 3).T, 1)
    yield Sample(make(), 0)
    x = make(3, 4)
    x[0, 1] = x[2, 3] = math.nan
    yield Sample(x)
    yield Sample(x, 1)


def _reference(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower of the two middle elements; NaN does not count where the row has any number."""
    if dim is None:
        return _reference(x.reshape(-1), 0)[0]
    if not x.ndim:
        return [x, np.int64(0)]
    order = np.argsort(x, dim, kind="stable")
    numbers = (~np.isnan(x)).sum(dim, keepdims=True)
    indices = np.take_along_axis(order, np.maximum(numbers - 1, 0) // 2, dim)
    found = [np.take_along_axis(x, indices, dim), indices]
    return found if keepdim else [f.squeeze(dim) for f in found]


def _check_row(name: str, input: Any, dim: int) -> None:
    if input.ndim and not input.shape[dim]:
        raise IndexError(
            f"{name}: the {tuple(input.shape)} tensor has no elements along dim {dim}. "
            f"Mend: reduce along a dimension that is not empty."
        )


_TIES = SMOOTH + "; without dim, elements that tie share the gradient equally; with dim, one has it"
_TIE = [
    At((np.array([1.0, 3.0, 3.0, 3.0]),), (np.array([0.0, 1 / 3, 1 / 3, 1 / 3]),)),
    At((np.array([4.0, 1.0, 2.0, 3.0]),), (np.array([0.0, 0.0, 1.0, 0.0]),)),
]


@operator("nanmedian", samples=_samples, reference=_reference, convention=_TIES, kinks=_TIE)
def nanmedian(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The median of what is not NaN, of all elements or along a dimension; of an even number the
    lower of the two middle ones. NaN where there is nothing else.

    Args:
        input: tensor of real numbers.
        dim: the dimension; default all elements.
        keepdim: keep it with size 1.

    Returns:
        A tensor; along a dimension ``(values, indices)``.

    Raises:
        IndexError: there is no element to choose from.
        TypeError: the numbers are complex.

    Source: PyTorch, ``torch.nanmedian``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nanmedian(ag.tensor([3.0, float("nan"), 1.0, 2.0]))
        tensor(2.)
    """
    shape = shape_of(input)
    if dim is None:
        _real("nanmedian", input, 0)
        if not math.prod(shape) and not input.dtype.is_floating_point:
            raise RuntimeError(f"nanmedian: an empty {input.dtype} tensor has no median")
        return _nanmedian_all(input, shape)
    dim = _real("nanmedian", input, dim)
    _check_row("nanmedian", input, dim)
    return OrderResult(*_nanmedian_along(input, shape, dim, keepdim))


def _kth_forward(
    xp: Any, input: Any, shape: Any, dim: int, keepdim: bool, k: int
) -> tuple[Any, Any]:
    if not input.ndim:
        return _alone(xp, input)
    row = tuple(1 if d == dim else n for d, n in enumerate(shape))
    return _picked(xp, input, xp.full(row, k - 1, np.int64), dim, keepdim)


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
    dim = _real("kthvalue", input, dim)
    size = input.shape[dim] if input.ndim else 1
    if not 1 <= k <= size:
        raise ValueError(f"kthvalue: k={k} is out of range for dim {dim} of size {size}")
    return OrderResult(*_kthvalue(input, shape_of(input), dim, keepdim, int(k)))


def _mode_forward(xp: Any, input: Any, shape: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if not input.ndim:
        return _alone(xp, input)
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
    return _picked(xp, input, xp.moveaxis(last, -1, dim), dim, keepdim)


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
    dim = one_dim("mode", _real("mode", input, dim), input.ndim)
    _check_row("mode", input, dim)
    return OrderResult(*_mode(input, shape_of(input), dim, keepdim))
