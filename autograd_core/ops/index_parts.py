"""Writing at the indices of one dimension, out of place: index_add, index_copy, index_fill."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_same_dtype
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.gather import _index_select, check_integer_index, check_range
from autograd_core.ops.scatter import LAST_WINS, as_value, last_writer, one_value
from autograd_core.registry import SMOOTH, Sample, operator


def index_places(name: str, input: Any, dim: int, index: Any) -> int:
    check_integer_index(name, index)
    if index.ndim > 1:
        raise IndexError(
            f"{name}: index must have at most 1 dimension, got shape {tuple(index.shape)}"
        )
    dim = one_dim(name, dim, input.ndim)
    check_range(name, index, -input.shape[dim] if name == "index_fill" else 0, input.shape[dim])
    return dim


def _check_parts(name: str, input: Any, dim: int, index: Any, source: Any) -> None:
    want = (*input.shape[:dim], math.prod(index.shape), *input.shape[dim + 1 :])
    check_same_dtype(name, input=input, source=source)
    if shape_of(source) != want:
        raise ShapeError(
            f"{name}: source must have shape {want}, as input {tuple(input.shape)} has "
            f"{want[dim]} indices in "
            f"dimension {dim}; got {describe(source)}"
        )


def _index_added(xp: Any, input: Any, source: Any, index: Any, dim: int) -> Any:
    result = input.copy()
    backend_of(input).scatter_add(result, (*(slice(None),) * dim, index), source)
    return result


_index_add = Op(
    "index_add",
    forward=_index_added,
    rules={
        "input": lambda g: g,
        "source": lambda g, index, dim: _index_select(g, index, dim, shape_of(g)),
    },
    inputs=3,
)


def _index_add_reference(x: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
    result = np.array(x, ndmin=1)
    np.add.at(
        np.moveaxis(result, dim, 0), index, alpha * np.moveaxis(np.atleast_1d(source), dim, 0)
    )
    return result.reshape(x.shape)


@operator(
    "index_add",
    samples=lambda make: [
        Sample(make(3, 2), 0, np.array([2, 0, 2]), make(3, 2)),
        Sample(make(2, 3), -1, np.array([1]), make(2, 1), alpha=2.5),
    ],
    reference=_index_add_reference,
    convention=SMOOTH,
    inplace=True,
)
def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Any:
    """``input`` plus ``alpha`` times the parts of ``source`` at the given indices of one dimension.

    Args:
        input: tensor.
        dim: the dimension.
        index: integers from 0 on, one for each part of ``source``; parts for one place add up.
        source: tensor of the shape and dtype of ``input``, but for ``dim``.
        alpha: number.

    Raises:
        IndexError: an index is out of range or no integer.
        RuntimeError: the shapes do not fit.

    Source: PyTorch, ``torch.index_add``.

    Example:
        >>> import autograd_core as ag
        >>> ag.index_add(ag.zeros(2), 0, ag.tensor([1, 1]), ag.tensor([1.0, 2.0]))
        tensor([0., 3.])
    """
    if input.ndim == 0:
        return index_add(input.reshape(1), dim, index, source.reshape(1), alpha=alpha).reshape(())
    dim = index_places("index_add", input, dim, index)
    _check_parts("index_add", input, dim, index, source)
    return _index_add(input, source if alpha == 1 else source * alpha, index.reshape(-1), dim)


def _index_copied(xp: Any, input: Any, source: Any, index: Any, dim: int) -> Any:
    result = input.copy()
    result[(*(slice(None),) * dim, index)] = source
    return result


def _index_last(xp: Any, input: Any, index: Any, dim: int, shape: Any) -> Any:
    last = last_writer(xp, (index,), (shape[dim],)).reshape(
        [-1 if d == dim else 1 for d in range(len(shape))]
    )
    chosen = xp.where(last, xp.take(input, index, dim), xp.zeros((), input.dtype))
    return chosen.astype(input.dtype, copy=False)


def _index_zeros(xp: Any, input: Any, index: Any, dim: int, shape: Any) -> Any:
    zeros = xp.zeros(shape, input.dtype)
    zeros[(*(slice(None),) * dim, index)] = input
    return zeros


_index_copy = Op(
    "index_copy",
    forward=_index_copied,
    rules={
        "input": lambda g, index, dim: _index_copy(g, as_value("index_copy", 0, g), index, dim),
        "source": lambda g, index, dim: _index_take_last(g, index, dim, shape_of(g)),
    },
    inputs=3,
)

_index_take_last = Op(
    "index_copy_backward",
    forward=_index_last,
    rules={"input": lambda g, index, dim, shape: _index_put_last(g, index, dim, shape)},
    inputs=2,
)

_index_put_last = Op(
    "index_copy_backward_backward",
    forward=_index_zeros,
    rules={"input": lambda g, index, dim, shape: _index_take_last(g, index, dim, shape)},
    inputs=2,
)


def _index_copy_reference(x: Any, dim: int, index: Any, source: Any) -> Any:
    result = np.array(x, ndmin=1)
    np.moveaxis(result, dim, 0)[index] = np.moveaxis(np.atleast_1d(source), dim, 0)
    return result.reshape(x.shape)


@operator(
    "index_copy",
    samples=lambda make: [
        Sample(make(3, 2), 0, np.array([2, 0]), make(2, 2)),
        Sample(make(2, 3), 1, np.array([1, 1]), make(2, 2)),
    ],
    reference=_index_copy_reference,
    convention=LAST_WINS,
    inplace=True,
)
def index_copy(input: Any, dim: int, index: Any, source: Any) -> Any:
    """A copy of ``input`` with the parts of ``source`` at the given indices of one dimension.

    Args:
        input, dim, index, source: as for ``index_add``.

    Source: PyTorch, ``torch.index_copy``.

    Example:
        >>> import autograd_core as ag
        >>> ag.index_copy(ag.zeros(3), 0, ag.tensor([2, 0]), ag.tensor([1.0, 2.0]))
        tensor([2., 0., 1.])
    """
    if input.ndim == 0:
        return index_copy(input.reshape(1), dim, index, source.reshape(1)).reshape(())
    dim = index_places("index_copy", input, dim, index)
    if input.ndim == 1 and source.ndim == 0:
        source = source.reshape(1)
    _check_parts("index_copy", input, dim, index, source)
    return _index_copy(input, source, index.reshape(-1), dim)


def _filled(xp: Any, input: Any, value: Any, index: Any, dim: int) -> Any:
    result = input.copy()
    result[(*(slice(None),) * dim, index)] = value
    return result


_index_fill = Op(
    "index_fill",
    forward=_filled,
    rules={
        "input": lambda g, index, dim: _index_fill(g, as_value("index_fill", 0, g), index, dim),
        # What is left of g at the filled places; the engine sums it.
        "value": lambda g, index, dim: g - _index_fill(g, as_value("index_fill", 0, g), index, dim),
    },
    inputs=3,
)


def _index_fill_reference(x: Any, dim: int, index: Any, value: Any) -> Any:
    result = np.array(x, ndmin=1)
    np.moveaxis(result, dim, 0)[index] = value
    return result.reshape(x.shape)


@operator(
    "index_fill",
    samples=lambda make: [
        Sample(make(3, 2), 0, np.array([2, 0, 2]), 0.5),
        Sample(make(2, 3), -1, np.array([1, 1]), make()),
    ],
    reference=_index_fill_reference,
    convention=SMOOTH,
    inplace=True,
)
def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """``input`` with ``value`` at the given indices of one dimension.

    Args:
        input: tensor.
        dim: the dimension.
        index: integers; negative ones count from the end.
        value: number, or tensor of no dimensions.

    Raises:
        IndexError: an index is out of range or no integer.

    Source: PyTorch, ``torch.Tensor.index_fill``.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(3).index_fill(0, ag.tensor([0, 2]), 1)
        tensor([1., 0., 1.])
    """
    if input.ndim == 0:
        return index_fill(input.reshape(1), dim, index, value).reshape(())
    dim = index_places("index_fill", input, dim, index)
    return _index_fill(input, one_value("index_fill", value, input), index.reshape(-1), dim)
