"""Writing at indices for every element along a dimension, out of place: scatter, scatter_add."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.dtypes import can_cast, from_numpy_dtype
from autograd_core.errors import DtypeError, ShapeError
from autograd_core.op import Op, promote
from autograd_core.operands import check_same_dtype
from autograd_core.ops.cast import cast
from autograd_core.ops.dims import shape_of
from autograd_core.ops.gather import _gather, add_along, along, check_gather
from autograd_core.ops.slicing import slice_view
from autograd_core.ranges import stored
from autograd_core.registry import SMOOTH, Sample, operator

LAST_WINS = (
    SMOOTH + "; where several values are written to one place, only the last has an influence"
)


def last_writer(xp: Any, places: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    """For each of ``places`` in an array of ``shape``, whether a value written there stays: True
    for the last."""
    places = tuple(xp.broadcast_arrays(*places))
    order = xp.arange(math.prod(places[0].shape)).reshape(places[0].shape)
    board = xp.zeros(shape, order.dtype)
    board[places] = order
    return board[places] == order


def as_value(name: str, value: Any, like: Any) -> Any:
    """A number or tensor as a value of the dtype of ``like``; a number becomes an array of no
    dimensions."""
    array = like._array if isinstance(like, TensorBase) else like
    if isinstance(value, TensorBase):
        if value._array.dtype.kind == "c" and array.dtype.kind != "c":
            raise DtypeError(
                f"{name}: complex values cannot be stored as {from_numpy_dtype(array.dtype)}. "
                f"Mend: their .real, .imag or .abs()"
            )
        return value if value._array.dtype == array.dtype else cast(value, array.dtype)
    if getattr(value, "ndim", 0) > 0:
        return value
    number = from_numpy_dtype(promote(name, value, like=array)[0].dtype)
    if array.dtype != bool and not can_cast(number, from_numpy_dtype(array.dtype)):
        raise DtypeError(
            f"{name}: the value {value!r} cannot be stored as {from_numpy_dtype(array.dtype)}"
        )
    try:
        return backend_of(array).asarray(value, array.dtype)
    except OverflowError:
        return backend_of(array).asarray(stored(name, value, array.dtype), array.dtype)


def one_value(name: str, value: Any, like: Any) -> Any:
    """A number or a tensor of one element, of the dtype of ``like`` and without dimensions."""
    value = as_value(name, value, like)
    if value.ndim:
        raise ShapeError(
            f"{name}: value must be a number or a tensor of no dimensions, got shape "
            f"{tuple(value.shape)}"
        )
    return value


def _scattered(xp: Any, input: Any, src: Any, index: Any, dim: int) -> Any:
    result = input.copy()
    result[along(xp, index, dim)] = src
    return result


_scatter = Op(
    "scatter",
    forward=_scattered,
    rules={
        "input": lambda g, index, dim: _scatter(g, as_value("scatter", 0, g), index, dim),
        "src": lambda g, index, dim: _last_gather(g, index, dim, shape_of(g)),
    },
    inputs=3,
)


def _gather_last(xp: Any, input: Any, index: Any, dim: int, shape: Any) -> Any:
    places = along(xp, index, dim)
    chosen = xp.where(last_writer(xp, places, shape), input[places], xp.zeros((), input.dtype))
    return chosen.astype(input.dtype, copy=False)


def _scatter_last(xp: Any, input: Any, index: Any, dim: int, shape: Any) -> Any:
    zeros = xp.zeros(shape, input.dtype)
    zeros[along(xp, index, dim)] = input
    return zeros


_last_gather = Op(
    "scatter_backward",
    forward=_gather_last,
    rules={"input": lambda g, index, dim, shape: _last_scatter(g, index, dim, shape)},
    inputs=2,
)

_last_scatter = Op(
    "scatter_backward_backward",
    forward=_scatter_last,
    rules={"input": lambda g, index, dim, shape: _last_gather(g, index, dim, shape)},
    inputs=2,
)


def _scattered_sum(xp: Any, input: Any, src: Any, index: Any, dim: int) -> Any:
    result = input.copy()
    add_along(xp, result, index, dim, src)
    return result


_scatter_add = Op(
    "scatter_add",
    forward=_scattered_sum,
    rules={
        "input": lambda g: g,
        "src": lambda g, index, dim: _gather(g, index, dim, shape_of(g)),
    },
    inputs=3,
)


def _source(name: str, src: Any, index: Any, like: Any) -> Any:
    """The part of ``src`` that belongs to ``index``; a number stands for all of it."""
    if not isinstance(src, TensorBase) and not getattr(src, "ndim", 0):
        return as_value(name, src, like)
    check_same_dtype(name, input=like, src=src)
    if src.ndim != index.ndim or any(n > m for n, m in zip(index.shape, src.shape)):
        raise ShapeError(
            f"{name}: index of shape {tuple(index.shape)} must have as many dimensions as src of "
            f"shape "
            f"{tuple(src.shape)}, and be no larger"
        )
    if shape_of(src) == shape_of(index):
        return src
    return slice_view(src, (*(slice(n) for n in index.shape), ...), shape_of(src))


_SCATTER_INDEX = np.array([[2, 0], [2, 1]])


def _scatter_reference(x: Any, dim: int, index: Any, src: Any, *, reduce: str | None = None) -> Any:
    result = x.copy()
    for at in np.ndindex(index.shape):
        to = (*at[: dim % x.ndim], index[at], *at[dim % x.ndim + 1 :]) if at else ()
        value = src if np.ndim(src) == 0 else src[at]
        result[to] = (
            value
            if reduce is None
            else result[to] + value
            if reduce == "add"
            else result[to] * value
        )
    return result


@operator(
    "scatter",
    samples=lambda make: [
        Sample(make(3, 2), 0, _SCATTER_INDEX, make(2, 2)),
        Sample(make(2, 3), 1, np.array([[1, 1, 1], [0, 2, 0]]), make(3, 3)),
        Sample(make(3, 2), -2, _SCATTER_INDEX, 1.5),
        Sample(make(3, 2), 0, _SCATTER_INDEX, make(2, 2), reduce="add"),
        Sample(make(3, 2), 0, _SCATTER_INDEX, make(2, 2), reduce="multiply"),
    ],
    reference=_scatter_reference,
    convention=LAST_WINS,
    inplace=True,
)
def scatter(
    input: Any,
    dim: int,
    index: Any,
    src: Any = None,
    *,
    value: Any = None,
    reduce: str | None = None,
) -> Any:
    """A copy of ``input`` with the elements of ``src`` at the places that ``index`` points to along
    ``dim``.

    ``out[index[i][j][k]][j][k] = src[i][j][k]`` for ``dim=0``, and so on. Where several values go
    to one place
    the last wins, and only it gets a gradient (on a GPU, which is the last is not defined).

    Args:
        input: tensor.
        dim: the dimension along which the indices point.
        index: integers from 0 on, as many dimensions as ``input`` and ``src``, and no larger (but
            for ``dim`` of
            ``input``).
        src: tensor of the dtype of ``input``, or a number; ``value`` is another name for a number.
        reduce: None to replace what was there, ``"add"`` or ``"multiply"``.

    Raises:
        IndexError: an index is out of range or no integer.
        RuntimeError: the shapes do not fit.
        TypeError: the dtypes differ.

    Source: PyTorch, ``torch.scatter``.

    Example:
        >>> import autograd_core as ag
        >>> ag.scatter(ag.zeros(3), 0, ag.tensor([2, 0]), ag.tensor([1.0, 2.0]))
        tensor([2., 0., 1.])
    """
    if (src is None) == (value is None):
        raise TypeError("scatter: expected one of src and value")
    if input.ndim == 0:
        chosen = value if src is None else src
        flat = chosen.reshape(1) if hasattr(chosen, "reshape") else chosen
        return scatter(input.reshape(1), dim, index.reshape(1), flat, reduce=reduce).reshape(())
    dim = check_gather("scatter", input, dim, index)
    source = _source("scatter", value if src is None else src, index, input)
    if reduce is None:
        return _scatter(input, source, index, dim)
    if reduce == "add":
        return _scatter_add(input, source, index, dim)
    if reduce != "multiply":
        raise ValueError(f"scatter: reduce must be None, 'add' or 'multiply', got {reduce!r}")
    # One after the other along dim: then no two of them meet.
    for i in range(index.shape[dim]):
        at = slice_view(index, (*(slice(None),) * dim, slice(i, i + 1), ...), shape_of(index))
        factor = source if source.ndim == 0 else slice_view(
            source, (*(slice(None),) * dim, slice(i, i + 1), ...), shape_of(source)
        )  # fmt: skip
        input = _scatter(input, _gather(input, at, dim, shape_of(input)) * factor, at, dim)
    return input


@operator(
    "scatter_add",
    samples=lambda make: [
        Sample(make(3, 2), 0, _SCATTER_INDEX, make(2, 2)),
        Sample(make(2, 3), 1, np.array([[1, 1, 1, 0]]), make(2, 4)),
        Sample(make(), 0, np.array(0), make()),
    ],
    reference=lambda x, dim, index, src: (
        _scatter_reference(x, dim, index, src, reduce="add") if x.ndim else x + src
    ),
    convention=SMOOTH,
    inplace=True,
)
def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """``input`` plus the elements of ``src`` at the places that ``index`` points to along ``dim``.

    Args:
        input, dim, index, src: as for ``scatter``; values that go to one place add up.

    Raises:
        IndexError: an index is out of range or no integer.
        RuntimeError: the shapes do not fit.

    Source: PyTorch, ``torch.scatter_add``.

    Example:
        >>> import autograd_core as ag
        >>> ag.scatter_add(ag.zeros(2), 0, ag.tensor([1, 1]), ag.tensor([1.0, 2.0]))
        tensor([0., 3.])
    """
    if input.ndim == 0:
        return scatter(input, dim, index, src, reduce="add")
    dim = check_gather("scatter_add", input, dim, index)
    source = _source("scatter_add", src, index, input)
    return _scatter_add(input, source, index, dim)
