"""Order: sort, msort, argsort, topk."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.layouts import in_order_of
from autograd_core.op import Op
from autograd_core.operands import check_real
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.scatter import _last_scatter
from autograd_core.registry import SMOOTH, Make, Sample, operator

ORDER = SMOOTH + "; among equal elements the earlier counts as smaller (as larger if descending)"


class SortResult(NamedTuple):
    """What ``sort`` and ``topk`` return."""

    values: Any
    indices: Any


def _order(xp: Any, input: Any, dim: int, descending: bool) -> Any:
    """The indices that sort, equal elements in their old order; NaN counts as the largest, as in
    PyTorch."""
    # The narrow floats by their values in float32; whole and truth values as they are.
    keys = input.astype(np.float32) if input.dtype.name in ("float16", "bfloat16") else input
    if not descending:
        return xp.argsort(keys, axis=dim, kind="stable")
    return (
        keys.shape[dim] - 1 - xp.flip(xp.argsort(xp.flip(keys, dim), axis=dim, kind="stable"), dim)
    )


def _sorted(xp: Any, input: Any, dim: int, descending: bool, shape: Any) -> tuple[Any, Any]:
    indices = _order(xp, input, dim, descending).astype(np.int64)
    values = xp.take_along_axis(input, indices, dim)
    return in_order_of(values, input), in_order_of(indices, input)


_sort = Op(
    "sort",
    forward=_sorted,
    # The places are distinct, so nothing need be added.
    rules={"input": lambda g, indices, dim, shape: _last_scatter(g, indices, dim, shape)},
    outputs=("values", "indices"),
    differentiable=("values",),
    keeps_order=True,
)


def _samples(make: Make) -> list[Sample]:
    return [
        Sample(make(3, 4)),
        Sample(make(3, 4), 0),
        Sample(make(5), -1, True),
        Sample(make()),
        Sample(make(2, 0)),
    ]


def _reference(x: Any, dim: int = -1, descending: bool = False) -> Any:
    if not x.ndim:
        return [x, np.int64(0)]
    order = np.argsort(-x if descending else x, dim, kind="stable")
    return [np.take_along_axis(x, order, dim), order]


@operator("sort", samples=_samples, reference=_reference, convention=ORDER)
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = True) -> SortResult:
    """The elements in order along one dimension, and where each was.

    Args:
        input: tensor of real numbers; NaN counts as the largest.
        dim: the dimension; default the last.
        descending: largest first.
        stable: accepted as in PyTorch; equal elements always keep their order here.

    Returns:
        ``(values, indices)``.

    Source: PyTorch, ``torch.sort``.

    Example:
        >>> import autograd_core as ag
        >>> values, indices = ag.sort(ag.tensor([3, 1, 2]))
        >>> values, indices
        (tensor([1, 2, 3]), tensor([1, 2, 0]))
    """
    check_real("sort", input)
    dim = one_dim("sort", dim, input.ndim)
    if input.ndim == 0:
        values, indices = _sort(input.reshape(1), 0, False, (1,))
        return SortResult(values.reshape(()), indices.reshape(()))
    return SortResult(*_sort(input, dim, bool(descending), shape_of(input)))


@operator(
    "msort",
    samples=lambda make: [Sample(make(5)), Sample(make(4, 3)), Sample(make()), Sample(make(0, 2))],
    reference=lambda x: np.sort(x, 0) if x.ndim else x,
    convention=SMOOTH + "; among equal elements the earlier counts as smaller",
)
def msort(input: Any) -> Any:
    """The elements in order along the first dimension. Source: PyTorch, ``torch.msort``."""
    return sort(input, 0).values


@operator(
    "argsort",
    samples=lambda make: [Sample(make(3, 4)), Sample(make(3, 4), 0, True), Sample(make(2, 0))],
    reference=lambda x, dim=-1, descending=False: _reference(x, dim, descending)[1],
    convention=ORDER,
    differentiable=False,
)
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The indices that sort along one dimension; arguments as for ``sort``. Source: PyTorch,
    ``torch.argsort``."""
    return sort(input.detach(), dim, descending).indices


def _largest(xp: Any, input: Any, k: int, dim: int, largest: bool, shape: Any) -> tuple[Any, Any]:
    n = input.shape[dim]
    before = (slice(None),) * dim
    keys = input.astype(np.float32) if input.dtype.name in ("float16", "bfloat16") else input
    if 0 < k < n // 8:
        # Choose k in linear time, in the order of their places, then sort only those.
        cut = xp.argpartition(keys, n - k if largest else k - 1, axis=dim)
        cut = xp.sort(cut[(*before, slice(n - k, n) if largest else slice(0, k))], axis=dim)
        order = _order(xp, xp.take_along_axis(keys, cut, dim), dim, largest)
        indices = xp.take_along_axis(cut, order, dim)
    else:
        indices = _order(xp, keys, dim, largest)[(*before, slice(0, k))]
    indices = indices.astype(np.int64)
    return xp.take_along_axis(input, indices, dim), indices


_topk = Op(
    "topk",
    forward=_largest,
    rules={"input": lambda g, indices, dim, shape: _last_scatter(g, indices, dim, shape)},
    outputs=("values", "indices"),
    differentiable=("values",),
)


def _topk_reference(x: Any, k: int, dim: int = -1, largest: bool = True) -> Any:
    values, indices = _reference(x, dim, largest)
    return [np.take(values, range(k), dim), np.take(indices, range(k), dim)]


@operator(
    "topk",
    samples=lambda make: [
        Sample(make(3, 4), 2),
        Sample(make(3, 4), 2, 0, False),
        Sample(make(3, 20), 2),
        Sample(make(20), 1, largest=False),
        Sample(make(3), 0),
    ],
    reference=_topk_reference,
    convention=SMOOTH + "; of equal elements, some have the influence",
)
def topk(
    input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> SortResult:
    """The ``k`` largest elements along one dimension, in order, and where each was.

    Args:
        input: tensor of real numbers; NaN counts as the largest.
        k: how many.
        dim: the dimension; default the last.
        largest: False for the smallest.
        sorted: accepted as in PyTorch; the result is always in order here.

    Returns:
        ``(values, indices)``.

    Raises:
        RuntimeError: ``k`` is more than there are.

    Source: PyTorch, ``torch.topk``.

    Example:
        >>> import autograd_core as ag
        >>> ag.topk(ag.tensor([3, 1, 2]), 2).values
        tensor([3, 2])
    """
    check_real("topk", input)
    dim = one_dim("topk", dim, input.ndim)
    size = input.shape[dim] if input.ndim else 1
    if not 0 <= k <= size:
        raise ShapeError(
            f"topk: k={k} of {size} elements in dimension {dim} of shape {tuple(input.shape)}"
        )
    if input.ndim == 0:
        return sort(input) if k else SortResult(*sort(input.reshape(1)[:0]))
    return SortResult(*_topk(input, int(k), dim, bool(largest), shape_of(input)))
