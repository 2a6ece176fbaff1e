"""Medians, running extremes, and differences of neighbours."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.operands import check_real
from autograd_core.ops.cast import clone
from autograd_core.ops.constants import zeros
from autograd_core.ops.dims import one_dim
from autograd_core.ops.extremes import amax, amin, check_not_empty, put_back, share
from autograd_core.ops.join import cat
from autograd_core.ops.logical import logical_xor
from autograd_core.ops.order_statistics import nanmedian
from autograd_core.ops.precision import widen
from autograd_core.ops.reduction import reduced_dims
from autograd_core.ops.scatter import scatter_add
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _median_forward(xp: Any, input: Any, shape: Any, dim: int, keepdim: bool) -> Any:
    """The lower of the two middle values, and where it is; the first NaN if there is one."""
    order = xp.argsort(widen(input), axis=dim)  # (CuPy sorts no bfloat16)
    middle = xp.take(order, xp.asarray([(input.shape[dim] - 1) // 2]), axis=dim)
    if input.dtype.kind not in "biu":
        nan = input != input
        first = xp.expand_dims(nan.argmax(axis=dim), dim)
        middle = xp.where(nan.any(axis=dim, keepdims=True), first, middle)
    values = xp.take_along_axis(input, middle, dim)
    return (values, middle) if keepdim else (values.squeeze(dim), middle.squeeze(dim))


_median_along = Op(
    "median",
    _median_forward,
    {
        "input": lambda g, indices, shape, dim, keepdim: put_back(g, indices, shape, dim, keepdim),
    },
    outputs=("values", "indices"),
    differentiable=("values",),
)
_median = Op(
    "median",
    lambda xp, input, shape, dims: _median_forward(xp, input.reshape(-1), shape, 0, False)[0],
    {"input": lambda g, input, out, shape, dims: share(g, input, out, shape, dims, False)},
)
median_result = namedtuple("median", ["values", "indices"])  # type: ignore[name-match]


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 4), 1)
    yield Sample(make(3, 2, 4), 0, keepdim=True)
    yield Sample(make(5, 3).T, -1)


@operator(
    "median",
    samples=_samples,
    convention=SMOOTH + "; without dim, values that tie share equally; with dim, one gets all",
    kinks=[At((np.array([2.0, 2.0, 1.0]),), (np.array([0.5, 0.5, 0.0]),))],
)
def median(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Median of all elements, or along a dimension; of an even number, the lower of the middle two.

    Args:
        input: real tensor with at least one element to choose from.
        dim: a dimension, for (values, indices) along it.
        keepdim: keep it with size 1.

    Returns:
        A tensor, or a named tuple ``(values, indices)``.

    Source: PyTorch, ``torch.median``.

    Example:
        >>> import autograd_core as ag
        >>> ag.median(ag.tensor([3.0, 1.0, 2.0, 4.0]))
        tensor(2.)
    """
    check_real("median", input)
    shape = tuple(input.shape)
    if dim is None:
        dims = tuple(range(len(shape)))
        if input.numel() == 0 and input.is_floating_point():
            return nanmedian(input)
        check_not_empty("median", input, dims)
        return _median(input, shape, dims)
    number = one_dim("median", dim, len(shape))
    if not shape:
        return median_result(*(x.squeeze(0) for x in median(input.unsqueeze(0), 0)))
    check_not_empty("median", input, (number,))
    return median_result(*_median_along(input, shape, number, keepdim))


def _running(xp: Any, input: Any, dim: int, sign: int) -> Any:
    """Running extremes with their places, by doubling; of equal ones the last."""
    if not input.ndim:
        return input.copy(), xp.zeros((), np.int64)
    n = input.shape[dim]
    values = input.copy()
    line = xp.arange(n).reshape([n if i == dim else 1 for i in range(input.ndim)])
    places = xp.zeros(input.shape, np.int64) + line
    step = 1
    while step < n:
        later = (slice(None),) * dim + (slice(step, None),)
        earlier = (slice(None),) * dim + (slice(None, -step),)
        before, after = values[earlier], values[later]
        take = before > after if sign > 0 else before < after
        take |= (before != before) & (after == after)
        values[later], places[later] = (
            xp.where(take, before, after),
            xp.where(take, places[earlier], places[later]),
        )
        step *= 2
    return values, places


def _running_op(name: str, sign: int) -> Op:
    return Op(
        name,
        lambda xp, input, dim: _running(xp, input, dim, sign),
        {"input": lambda g, indices, dim: scatter_add(zeros(g), dim, indices, g)},
        outputs=("values", "indices"),
        differentiable=("values",),
    )


_cummax, _cummin = _running_op("cummax", 1), _running_op("cummin", -1)
cummax_result = namedtuple("cummax", ["values", "indices"])  # type: ignore[name-match]
cummin_result = namedtuple("cummin", ["values", "indices"])  # type: ignore[name-match]


def _scan_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(5), 0)
    yield Sample(make(2, 3, 4), 1)
    yield Sample(make(3, 4).T, -1)
    yield Sample(make(0, 3), 0)


_LAST = SMOOTH + "; of values that tie, the last gets all"


@operator("cummax", samples=_scan_samples, convention=_LAST)
def cummax(input: Any, dim: int) -> Any:
    """Running maximum along ``dim``, with the places of the maxima; NaN stays.

    Args:
        input: real tensor.
        dim: dimension.

    Returns:
        A named tuple ``(values, indices)``.

    Source: PyTorch, ``torch.cummax``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cummax(ag.tensor([1.0, 3.0, 2.0]), 0).values
        tensor([1., 3., 3.])
    """
    check_real("cummax", input)
    return cummax_result(*_cummax(input, one_dim("cummax", dim, input.ndim)))


@operator("cummin", samples=_scan_samples, convention=_LAST)
def cummin(input: Any, dim: int) -> Any:
    """Running minimum along ``dim``; see :func:`cummax`. Source: PyTorch, ``torch.cummin``."""
    check_real("cummin", input)
    return cummin_result(*_cummin(input, one_dim("cummin", dim, input.ndim)))


aminmax_result = namedtuple("aminmax", ["min", "max"])  # type: ignore[name-match]


@operator(
    "aminmax",
    samples=lambda make: [Sample(make(2, 3)), Sample(make(2, 3), dim=1, keepdim=True)],
    convention=SMOOTH + "; elements that tie share the gradient equally",
)
def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Smallest and largest element, of all or along a dimension: a named tuple ``(min, max)``.

    Args:
        input: tensor with at least one element to choose from.
        dim: dimension; default all.
        keepdim: keep it with size 1.

    Source: PyTorch, ``torch.aminmax``.

    Example:
        >>> import autograd_core as ag
        >>> ag.aminmax(ag.tensor([2, 1, 3]))
        aminmax(min=tensor(1), max=tensor(3))
    """
    check_not_empty("aminmax", input, reduced_dims("aminmax", input, dim))
    return aminmax_result(amin(input, dim, keepdim), amax(input, dim, keepdim))


def _diff_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(4))
    yield Sample(make(2, 5), 2)
    yield Sample(make(4, 2), dim=0)


@operator(
    "diff",
    samples=_diff_samples,
    convention=SMOOTH,
    reference=lambda x, n=1, dim=-1: np.diff(x, n, dim),
)
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along ``dim``, ``n`` times over.

    Args:
        input: tensor of at least one dimension.
        n: how often to take differences.
        dim: dimension.
        prepend, append: tensors to put before and after ``input`` first.

    Source: PyTorch, ``torch.diff``.

    Example:
        >>> import autograd_core as ag
        >>> ag.diff(ag.tensor([1, 4, 9]))
        tensor([3, 5])
    """
    if not input.ndim:
        raise RuntimeError("diff: expected a tensor of at least one dimension, got a 0-d one")
    if n < 0:
        raise RuntimeError(f"diff: n must not be negative, got {n}")
    number = one_dim("diff", dim, input.ndim)
    parts = [part for part in (prepend, input, append) if part is not None]
    x = cat(parts, number) if n and len(parts) > 1 else input
    for _ in range(min(n, x.shape[number])):
        size = x.shape[number] - 1
        after, before = x.narrow(number, 1, size), x.narrow(number, 0, size)
        x = logical_xor(after, before) if x.dtype.name == "bool" else after - before
    return clone(x) if x is input else x
