"""Running extremes along a dimension: cummax, cummin."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.operands import check_real
from autograd_core.ops.constants import zeros
from autograd_core.ops.dims import one_dim
from autograd_core.ops.precision import widen
from autograd_core.ops.scatter import scatter_add
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _running(xp: Any, input: Any, dim: int, sign: int) -> Any:
    """Running extremes with their places; of equal ones the last."""
    if not input.ndim:
        return input.copy(), xp.zeros((), np.int64)
    n = input.shape[dim]
    line = xp.arange(n).reshape([n if i == dim else 1 for i in range(input.ndim)])
    if type(input) is np.ndarray:
        x, largest = widen(input), np.maximum.accumulate
        values = (largest if sign > 0 else np.minimum.accumulate)(x, axis=dim)
        places = largest(np.where((values == x) | (x != x), line, 0), axis=dim)
        return values.astype(input.dtype, copy=False), places
    # CuPy accumulates sums and products only: by doubling.
    values = input.copy()
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
