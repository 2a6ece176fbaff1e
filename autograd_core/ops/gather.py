"""Reading at indices along a dimension: index_select, gather, take, take_along_dim,
masked_select."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import DtypeError, IndexingError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.shape import broadcast_shape, expand, reshape
from autograd_core.ops.slicing import part
from autograd_core.registry import SMOOTH, Sample, operator


def check_integer_index(name: str, index: Any, argument: str = "index") -> Any:
    """``index``, a tensor or array of integers."""
    array = index._array if isinstance(index, TensorBase) else index
    if not hasattr(array, "dtype") or array.dtype.kind not in "iu":
        raise IndexingError(
            f"{name}: {argument} must be a tensor of integers, got {describe(index)}. "
            f"Mend: {argument}.long()"
        )
    return index


def check_range(name: str, index: Any, low: int, high: int) -> None:
    """Refuse indices outside ``[low, high)``, on every backend."""
    array = index._array if isinstance(index, TensorBase) else index
    if array.size and high <= low:
        raise IndexingError(f"{name}: {array.size} indices into a dimension of size 0")
    backend = backend_of(array)
    if low == 0 or not backend.raises_index_errors:
        backend.check_index(array, low, high, name)


# --- index_select: one index for all of a dimension -----------------------------------------------

_index_select = Op(
    "index_select",
    forward=lambda xp, input, index, dim, shape: xp.take(input, index, dim),
    rules={"input": lambda g, index, dim, shape: _add_into_zeros(g, index, dim, shape)},
    inputs=2,
)


def _index_add_into_zeros(xp: Any, input: Any, index: Any, dim: int, shape: Any) -> Any:
    zeros = xp.zeros(shape, input.dtype)
    backend_of(input).scatter_add(zeros, (*(slice(None),) * dim, index), input)
    return zeros


_add_into_zeros = Op(
    "index_select_backward",
    forward=_index_add_into_zeros,
    rules={"input": lambda g, index, dim, shape: _index_select(g, index, dim, shape)},
    inputs=2,
)


@operator(
    "index_select",
    samples=lambda make: [
        Sample(make(3, 2), 0, np.array([2, 0, 2])),
        Sample(make(2, 3), -1, np.array([1])),
        Sample(make(3, 2), 0, np.array([], dtype=np.int64)),
    ],
    reference=lambda x, dim, index: np.take(x, np.atleast_1d(index), dim) if x.ndim else x,
    convention=SMOOTH,
)
def index_select(input: Any, dim: int, index: Any) -> Any:
    """The parts of one dimension at the given indices, a copy.

    Args:
        input: tensor.
        dim: the dimension.
        index: integers of one dimension, or one integer of none, from 0 on.

    Raises:
        IndexError: an index is out of range or no integer.

    Source: PyTorch, ``torch.index_select``.

    Example:
        >>> import autograd_core as ag
        >>> ag.index_select(ag.tensor([[1, 2], [3, 4]]), 0, ag.tensor([1, 1]))
        tensor([[3, 4],
                [3, 4]])
    """
    check_integer_index("index_select", index)
    if index.ndim > 1:
        raise IndexError(
            f"index_select: index must have at most 1 dimension, got shape {tuple(index.shape)}"
        )
    if input.ndim == 0:
        return reshape(index_select(reshape(input, (1,)), dim, reshape(index, (1,))), ())
    dim = one_dim("index_select", dim, input.ndim)
    check_range("index_select", index, 0, input.shape[dim])
    return _index_select(input, index if index.ndim else reshape(index, (1,)), dim, shape_of(input))


# --- gather: an index for every element -----------------------------------------------------------


def along(xp: Any, index: Any, dim: int) -> tuple[Any, ...]:
    """The places ``index`` points to along ``dim``, as indices for all dimensions."""
    grids = []
    for d, n in enumerate(index.shape):
        grid = xp.arange(n).reshape([n if i == d else 1 for i in range(index.ndim)])
        grids.append(index if d == dim else grid)
    return tuple(grids)


def row_of(index: Any, dim: int, shape: tuple[int, ...]) -> Any:
    """The indices in one dimension, if ``index`` is a row of them expanded over all others of
    ``shape``; else None."""
    if index.ndim < 2 or not index.size:
        return None
    for d, stride in enumerate(index.strides):
        if d != dim and (stride or index.shape[d] != shape[d]):
            return None
    return index[(*(0,) * dim, slice(None), *(0,) * (index.ndim - dim - 1))]


def add_along(xp: Any, result: Any, index: Any, dim: int, values: Any) -> None:
    """Add values to ``result`` where ``index`` points to along ``dim``."""
    row = row_of(index, dim, result.shape)
    places = along(xp, index, dim) if row is None else (*(slice(None),) * dim, row)
    backend_of(result).scatter_add(result, places, values)


def _gathered(xp: Any, input: Any, index: Any, dim: int, shape: Any) -> Any:
    row = row_of(index, dim, input.shape)
    return input[along(xp, index, dim)] if row is None else xp.take(input, row, dim)


_gather = Op(
    "gather",
    forward=_gathered,
    rules={"input": lambda g, index, dim, shape: _gather_add(g, index, dim, shape)},
    inputs=2,
)


def _gather_into_zeros(xp: Any, input: Any, index: Any, dim: int, shape: Any) -> Any:
    zeros = xp.zeros(shape, input.dtype)
    add_along(xp, zeros, index, dim, input)
    return zeros


_gather_add = Op(
    "gather_backward",
    forward=_gather_into_zeros,
    rules={"input": lambda g, index, dim, shape: _gather(g, index, dim, shape)},
    inputs=2,
)


def check_gather(name: str, input: Any, dim: int, index: Any, what: str = "input") -> int:
    """The dimension, after checks of an index that points along it: shapes, dtype and range."""
    check_integer_index(name, index)
    dim = one_dim(name, dim, input.ndim)
    if index.ndim != input.ndim or any(
        n > m for d, (n, m) in enumerate(zip(index.shape, input.shape)) if d != dim
    ):
        raise ShapeError(
            f"{name}: index of shape {tuple(index.shape)} must have as many dimensions as {what} "
            f"of shape "
            f"{tuple(input.shape)}, and be no larger but for dimension {dim}"
        )
    check_range(name, index, 0, input.shape[dim])
    return dim


def _at_least_1d(value: Any) -> Any:
    return value if value.ndim else reshape(value, (1,))


def _gather_reference(x: Any, dim: int, index: Any) -> Any:
    if not x.ndim:
        return x
    part = [slice(n) for n in index.shape]
    part[dim] = slice(None)
    return np.take_along_axis(x[tuple(part)], index, dim)


@operator(
    "gather",
    samples=lambda make: [
        Sample(make(3, 2), 0, np.array([[2, 0], [2, 1]])),
        Sample(make(2, 3), -1, np.array([[1, 1, 0, 2]])),
        Sample(make(), 0, np.array(0)),
        Sample(make(2, 3), 1, np.zeros((2, 0), np.int64)),
    ],
    reference=_gather_reference,
    convention=SMOOTH,
)
def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Any:
    """For every element of ``index``, the element of ``input`` that it points to along ``dim``.

    ``out[i][j][k] = input[index[i][j][k]][j][k]`` for ``dim=0``, and so on.

    Args:
        input: tensor.
        dim: the dimension along which the indices point.
        index: integers from 0 on, as many dimensions as ``input``, and no larger but for ``dim``;
            the result has
            its shape.
        sparse_grad: accepted as in PyTorch; gradients here are dense.

    Raises:
        IndexError: an index is out of range or no integer.
        RuntimeError: the shapes do not fit.

    Source: PyTorch, ``torch.gather``.

    Example:
        >>> import autograd_core as ag
        >>> ag.gather(ag.tensor([[1, 2], [3, 4]]), 1, ag.tensor([[0, 0], [1, 0]]))
        tensor([[1, 1],
                [4, 3]])
    """
    if not math.prod(shape_of(index)):  # nothing is asked for, so no shape need fit
        one_dim("gather", dim, input.ndim)
        return reshape(part(reshape(input, (-1,)), 0, slice(0)), shape_of(index))
    if input.ndim == 0 or index.ndim == 0:
        flat = gather(_at_least_1d(input), dim, _at_least_1d(index))
        return reshape(flat, shape_of(index))
    dim = check_gather("gather", input, dim, index)
    return _gather(input, index, dim, shape_of(input))


@operator(
    "take_along_dim",
    samples=lambda make: [
        Sample(make(3, 2), np.array([[2, 0], [2, 1]]), 0),
        Sample(make(3, 2), np.array([[2], [-1]]), 0),
        Sample(make(2, 3), np.array([5, 0])),
    ],
    reference=lambda x, index, dim=None: np.take_along_axis(x, index, dim),
    convention=SMOOTH,
)
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """As ``gather``, where ``input`` and ``indices`` broadcast and negative indices count from the
    end.

    Args:
        input: tensor.
        indices: integers, as many dimensions as ``input``.
        dim: the dimension along which they point; default: both flattened.

    Source: PyTorch, ``torch.take_along_dim``.

    Example:
        >>> import autograd_core as ag
        >>> ag.take_along_dim(ag.tensor([[3, 1], [2, 4]]), ag.tensor([[1], [0]]), 1)
        tensor([[1],
                [2]])
    """
    check_integer_index("take_along_dim", indices, "indices")
    if dim is None:
        return take_along_dim(reshape(input, (-1,)), reshape(indices, (-1,)), 0)
    if input.ndim != indices.ndim:
        raise ShapeError(
            f"take_along_dim: expected as many dimensions, got {tuple(input.shape)} and "
            f"{tuple(indices.shape)}"
        )
    dim = one_dim("take_along_dim", dim, input.ndim)
    size = input.shape[dim]
    check_range("take_along_dim", indices, -size, size)
    common = list(
        broadcast_shape("take_along_dim", _without(input.shape, dim), _without(indices.shape, dim))
    )
    indices = expand(indices, [*common[:dim], indices.shape[dim], *common[dim:]])
    input = expand(input, [*common[:dim], size, *common[dim:]])
    return _gather(input, indices, dim, shape_of(input))


def _without(shape: Any, dim: int) -> tuple[int, ...]:
    return (*shape[:dim], *shape[dim + 1 :])


@operator(
    "take",
    samples=lambda make: [
        Sample(make(2, 3), np.array([[5, -1], [0, 5]])),
        Sample(make(2, 3), np.array(2)),
    ],
    reference=lambda x, index: np.take(x, index),
    convention=SMOOTH,
)
def take(input: Any, index: Any) -> Any:
    """Elements of the flattened tensor, in the shape of ``index``; negative indices count from the
    end.

    Args:
        input: tensor.
        index: integers.

    Raises:
        IndexError: an index is out of range or no integer.

    Source: PyTorch, ``torch.take``.

    Example:
        >>> import autograd_core as ag
        >>> ag.take(ag.tensor([[1, 2], [3, 4]]), ag.tensor([0, -1]))
        tensor([1, 4])
    """
    check_integer_index("take", index)
    flat = reshape(input, (-1,))
    check_range("take", index, -flat.shape[0], flat.shape[0])
    return reshape(_gather(flat, reshape(index, (-1,)), 0, shape_of(flat)), shape_of(index))


@operator(
    "masked_select",
    samples=lambda make: [
        Sample(make(2, 3), np.array([[True, False, True], [False, True, True]])),
        Sample(make(2, 3), np.array([True, False, True])),
        Sample(make(3), np.array([[True, False, True], [False, False, False]])),
    ],
    reference=lambda x, mask: np.broadcast_arrays(x, mask)[0][np.broadcast_arrays(x, mask)[1]],
    convention=SMOOTH,
)
def masked_select(input: Any, mask: Any) -> Any:
    """The elements where ``mask`` holds, in one dimension; the two broadcast.

    Args:
        input: tensor.
        mask: boolean tensor.

    Raises:
        TypeError: ``mask`` is not boolean.

    Source: PyTorch, ``torch.masked_select``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1, -2, 3])
        >>> ag.masked_select(x, x > 0)
        tensor([1, 3])
    """
    check_mask("masked_select", mask)
    shape = broadcast_shape("masked_select", shape_of(input), shape_of(mask))
    return expand(input, shape)[expand(mask, shape)]


def check_mask(name: str, mask: Any) -> None:
    """Refuse a mask that is not boolean."""
    array = mask._array if isinstance(mask, TensorBase) else mask
    if getattr(getattr(array, "dtype", None), "kind", None) != "b":
        raise DtypeError(
            f"{name}: mask must be a boolean tensor, got {describe(mask)}. Mend: compare, or "
            f"mask.bool()"
        )
