"""Several values for one place, reduced: scatter_reduce, index_reduce; put at flat indices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ArgumentError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_real, check_same_dtype
from autograd_core.ops.assign import index_put
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.division import floor_divide
from autograd_core.ops.gather import (
    _gather,
    along,
    check_gather,
    check_integer_index,
    check_range,
    row_of,
)
from autograd_core.ops.join import cat
from autograd_core.ops.precision import widen
from autograd_core.ops.scan import prod
from autograd_core.ops.scatter import _scatter_add, scatter
from autograd_core.ops.selection import only
from autograd_core.ops.shape import expand, reshape, unsqueeze
from autograd_core.ops.slicing import slice_view
from autograd_core.registry import SMOOTH, Sample, operator

_REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")
_SHARED = SMOOTH + "; for amax and amin, values that tie share the gradient equally"


# --- the largest and the smallest -----------------------------------------------------------------


def _extreme(xp: Any, input: Any, src: Any, index: Any, dim: int, largest: bool) -> Any:
    out = widen(input).copy()
    update = xp.maximum if largest else xp.minimum
    update.at(out, along(xp, index, dim), widen(src))
    return out.astype(input.dtype, copy=False)


def _shares(input: Any, src: Any, out: Any, index: Any, dim: int) -> tuple[Any, Any]:
    """Of the gradient of each place, what its old value gets and what each of its sources gets."""
    stays = (input == out) * 1
    wins = (src == _gather(out, index, dim, shape_of(out))) * 1
    ties = _scatter_add(stays, wins, index, dim)
    return (stays, ties), (wins, _gather(ties, index, dim, shape_of(ties)))


def _input_rule(g: Any, input: Any, src: Any, out: Any, index: Any, dim: int) -> Any:
    (stays, ties), _ = _shares(input, src, out, index, dim)
    return only(stays > 0, g / _at_least_one(ties))


def _source_rule(g: Any, input: Any, src: Any, out: Any, index: Any, dim: int) -> Any:
    _, (wins, ties) = _shares(input, src, out, index, dim)
    return only(wins > 0, _gather(g, index, dim, shape_of(g)) / _at_least_one(ties))


def _at_least_one(count: Any) -> Any:
    return count + (count == 0) * 1


def _extreme_operator(name: str, largest: bool) -> Op:
    return Op(
        f"scatter_{name}",
        lambda xp, input, src, index, dim: _extreme(xp, input, src, index, dim, largest),
        {"input": _input_rule, "src": _source_rule},
        inputs=3,
    )


_EXTREMES = {"amax": _extreme_operator("amax", True), "amin": _extreme_operator("amin", False)}


# --- products -------------------------------------------------------------------------------------


def _ranks(xp: Any, index: Any, dim: int, shape: tuple[int, ...]) -> tuple[Any, Any, int]:
    """For each index the place in the flattened tensor, and how many before it go to the same
    place; and the largest number of values for one place."""
    places: Any = 0
    for grid, n in zip(along(xp, index, dim), shape):
        places = places * n + grid
    places = places.reshape(-1)
    order = xp.argsort(places, kind="stable")
    counts = xp.zeros(math.prod(shape), np.int64)
    ones = xp.ones(places.shape, np.int64)
    backend_of(index).scatter_add(counts, (places,), ones)
    starts = xp.cumsum(counts) - counts
    ranks = xp.zeros(places.shape, np.int64)
    ranks[order] = xp.arange(places.size) - starts[places[order]]
    return places, ranks, int(backend_of(index).item(counts.max()))


def _product(input: Any, src: Any, index: Any, dim: int) -> Any:
    """By way of a table with a column for each place: its old value, then its sources, then ones.

    So the gradient is that of a product, exact with zeros.
    """
    array = index._array
    backend = backend_of(array)
    shape = shape_of(input)
    places, ranks, most = _ranks(backend.xp, array, dim, shape)
    ones = input.new_ones((most, math.prod(shape)))
    places, ranks = type(input)._wrap(places), type(input)._wrap(ranks)
    table = index_put(ones, (ranks, places), reshape(src, (-1,)))
    return reshape(prod(cat([reshape(input, (1, -1)), table], 0), 0), shape)


# --- the public functions -------------------------------------------------------------------------


def _reduced(name: str, input: Any, dim: int, index: Any, src: Any, reduce: str, own: bool) -> Any:
    if not math.prod(shape_of(index)):  # there is nothing to reduce: a graph, and gradients 0
        return _scatter_add(input, src, index, dim)
    if not own:  # what the places held before does not count
        neutral = {"prod": 1, "amax": _least(input), "amin": _greatest(input)}.get(reduce, 0)
        input = scatter(input, dim, index, neutral)
    if reduce == "prod":
        return _product(input, src, index, dim).to(input.dtype)
    if reduce in _EXTREMES:
        check_real(name, input)
        return _EXTREMES[reduce](input, src, index, dim)
    total = _scatter_add(input, src, index, dim)
    if reduce == "sum":
        return total
    count = _at_least_one(_times(index, dim, shape_of(input)) + own).to(input.dtype)
    exact = input.dtype.is_floating_point or input.dtype.is_complex
    return total / count if exact else floor_divide(total, count)


def _times(index: Any, dim: int, shape: tuple[int, ...]) -> Any:
    """How many indices point to each place; of an expanded row, in its dimension only."""
    row = row_of(index._array, dim, shape)
    if row is not None:
        ones = index.new_ones(row.shape)
        count = _scatter_add(index.new_zeros((shape[dim],)), ones, TensorBase._wrap(row), 0)
        return reshape(count, [shape[dim] if d == dim else 1 for d in range(len(shape))])
    return _scatter_add(index.new_zeros(shape), index.new_ones(shape_of(index)), index, dim)


def _least(input: Any) -> Any:
    kind = input._array.dtype
    return int(np.iinfo(kind).min) if kind.kind in "iu" else kind.kind != "b" and -math.inf


def _greatest(input: Any) -> Any:
    kind = input._array.dtype
    return int(np.iinfo(kind).max) if kind.kind in "iu" else kind.kind == "b" or math.inf


_ROWS = np.array([[2, 0], [2, 1], [0, 0]])


def _reference(
    x: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True
) -> Any:
    dim = dim % max(x.ndim, 1)
    out = x.copy()
    values: dict[Any, list[float]] = {}
    for at in np.ndindex(index.shape):
        to = (*at[:dim], int(index[at]), *at[dim + 1 :]) if x.ndim else ()
        values.setdefault(to, [x[to]] if include_self else []).append(src[at])
    function = getattr(np, reduce)
    for to, found in values.items():
        out[to] = function(found)
    return out


def _samples(make: Any) -> list[Sample]:
    samples = [
        Sample(make(3, 2), 0, _ROWS, make(3, 2), reduce, include_self=own)
        for reduce in _REDUCTIONS
        for own in (True, False)
    ]
    zeros = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]])
    again = np.array([[0, 0, 1], [2, 2, 2]])
    return [
        *samples,
        Sample(make(2, 3), 1, again, zeros, "prod"),
        Sample(make(2, 3), -1, np.array([[1, 1]]), make(2, 3), "mean"),
        Sample(make(), 0, np.array(0), make(), "amax"),
    ]


@operator(
    "scatter_reduce",
    samples=_samples,
    reference=_reference,
    convention=_SHARED,
    inplace=True,
)
def scatter_reduce(
    input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True
) -> Any:
    """``input`` with the elements of ``src`` reduced into the places that ``index`` points to.

    Args:
        input: tensor; of real numbers for ``"amax"`` and ``"amin"``.
        dim: the dimension along which the indices point.
        index: integers from 0 on, as many dimensions as ``input`` and ``src``, and no larger (but
            for ``dim`` of ``input``).
        src: tensor of the dtype of ``input``.
        reduce: ``"sum"``, ``"prod"``, ``"mean"``, ``"amax"`` or ``"amin"``.
        include_self: whether what a place held before takes part.

    Raises:
        IndexError: an index is out of range or no integer.
        RuntimeError: the shapes do not fit.
        ValueError: ``reduce`` is another.

    Source: PyTorch, ``torch.scatter_reduce``.

    Example:
        >>> import autograd_core as ag
        >>> index, src = ag.tensor([0, 1, 1]), ag.tensor([1.0, 2.0, 3.0])
        >>> ag.scatter_reduce(ag.ones(2), 0, index, src, "prod")
        tensor([1., 6.])
    """
    if reduce not in _REDUCTIONS:
        raise ArgumentError(
            f"scatter_reduce: reduce must be one of {', '.join(_REDUCTIONS)}, got {reduce!r}"
        )
    if input.ndim == 0:
        index, src = reshape(index, (-1,)), reshape(src, (-1,))
        whole = scatter_reduce(
            reshape(input, (1,)), dim, index, src, reduce, include_self=include_self
        )
        return reshape(whole, ())
    check_same_dtype("scatter_reduce", input=input, src=src)
    dim = check_gather("scatter_reduce", input, dim, index)
    if src.ndim != index.ndim or any(n > m for n, m in zip(index.shape, src.shape)):
        raise ShapeError(
            f"scatter_reduce: index of shape {tuple(index.shape)} must have as many dimensions as "
            f"src of shape {tuple(src.shape)}, and be no larger"
        )
    if shape_of(src) != shape_of(index):
        src = slice_view(src, (*(slice(n) for n in index.shape), ...), shape_of(src))
    return _reduced("scatter_reduce", input, dim, index, src, reduce, include_self)


def _index_reference(
    x: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True
) -> Any:
    row = index.reshape([-1 if d == dim % x.ndim else 1 for d in range(x.ndim)])
    full = np.broadcast_to(row, source.shape)
    return _reference(x, dim, full, source, reduce, include_self=include_self)


@operator(
    "index_reduce",
    samples=lambda make: [
        Sample(make(3, 2), 0, np.array([2, 0, 2]), make(3, 2), reduce, include_self=own)
        for reduce in _REDUCTIONS[1:]
        for own in (True, False)
    ],
    reference=_index_reference,
    convention=_SHARED,
    inplace=True,
)
def index_reduce(
    input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True
) -> Any:
    """``input`` with the parts of ``source`` reduced into the given indices of one dimension.

    Args:
        input: tensor of real numbers.
        dim: the dimension.
        index: integers from 0 on, one for each part of ``source``.
        source: tensor of the shape and dtype of ``input``, but for ``dim``.
        reduce: ``"prod"``, ``"mean"``, ``"amax"`` or ``"amin"``.
        include_self: whether what a place held before takes part.

    Raises:
        IndexError: an index is out of range or no integer.
        RuntimeError: the shapes do not fit.
        ValueError: ``reduce`` is another.

    Source: PyTorch, ``torch.Tensor.index_reduce``.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(2).index_reduce(0, ag.tensor([0, 0]), ag.tensor([3.0, 5.0]), "amax")
        tensor([5., 0.])
    """
    if reduce not in _REDUCTIONS[1:]:
        raise ArgumentError(
            f"index_reduce: reduce must be one of {', '.join(_REDUCTIONS[1:])}, got {reduce!r}"
        )
    check_integer_index("index_reduce", index)
    if input.ndim == 0:
        whole = index_reduce(
            reshape(input, (1,)), dim, index, reshape(source, (-1,)), reduce,
            include_self=include_self,
        )  # fmt: skip
        return reshape(whole, ())
    dim = one_dim("index_reduce", dim, input.ndim)
    check_same_dtype("index_reduce", input=input, source=source)
    flat = reshape(index, (-1,)) if index.ndim == 0 else index
    want = (*input.shape[:dim], flat.shape[0], *input.shape[dim + 1 :])
    if flat.ndim != 1 or shape_of(source) != want:
        raise ShapeError(
            f"index_reduce: index must have one dimension and source the shape {want}, got "
            f"{describe(index)} and {describe(source)}"
        )
    check_range("index_reduce", flat, 0, input.shape[dim])
    for d in range(input.ndim):
        flat = unsqueeze(flat, 0) if d < dim else unsqueeze(flat, -1) if d > dim else flat
    return _reduced("index_reduce", input, dim, expand(flat, want), source, reduce, include_self)


@operator(
    "put",
    samples=lambda make: [
        Sample(make(2, 3), np.array([[4, -1], [0, 2]]), make(2, 2)),
        Sample(make(2, 3), np.array([1, 1, -5]), make(3), True),
        Sample(make(), np.array(0), make()),
    ],
    reference=lambda x, index, source, accumulate=False: _put_reference(
        x, index, source, accumulate
    ),
    convention=SMOOTH + "; where several values are written to one place, only the last counts",
    inplace=True,
)
def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """``input`` with the elements of ``source`` at places of the flattened tensor.

    Args:
        input: tensor.
        index: integers; negative ones count from the end.
        source: tensor of the dtype of ``input`` with as many elements as ``index``.
        accumulate: add to what is there instead of replacing it.

    Raises:
        IndexError: an index is out of range or no integer.
        RuntimeError: there are not as many elements as indices.

    Source: PyTorch, ``torch.Tensor.put``.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(2, 2).put(ag.tensor([0, -1]), ag.tensor([1.0, 2.0]))
        tensor([[1., 0.],
                [0., 2.]])
    """
    check_integer_index("put", index)
    check_same_dtype("put", input=input, source=source)
    if math.prod(shape_of(index)) != math.prod(shape_of(source)):
        raise ShapeError(
            f"put: source of shape {shape_of(source)} must have as many elements as index of shape "
            f"{shape_of(index)}"
        )
    flat = reshape(input, (-1,))
    check_range("put", index, -flat.shape[0], flat.shape[0])
    values = reshape(source, (-1,))
    return reshape(index_put(flat, (reshape(index, (-1,)),), values, accumulate), shape_of(input))


def _put_reference(x: Any, index: Any, source: Any, accumulate: bool) -> Any:
    out = x.reshape(-1).copy()
    if accumulate:
        np.add.at(out, index.reshape(-1), source.reshape(-1))
    else:
        out[index.reshape(-1)] = source.reshape(-1)
    return out.reshape(x.shape)
