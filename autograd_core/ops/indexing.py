"""``x[...]``: basic indexing gives views, advanced indexing (tensors, lists, masks) copies.

An index is taken apart in two steps, as PyTorch does: integers, slices, None and Ellipsis make a
view; what is left
are arrays of indices for some of the view's dimensions. Each step is an operator with its own
gradient.
"""

from __future__ import annotations

import operator as python
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of
from autograd_core.grad_mode import modes
from autograd_core.op import Op
from autograd_core.ops.dims import shape_of
from autograd_core.ops.join import unbind
from autograd_core.ops.scatter import last_writer
from autograd_core.ops.slicing import slice_view
from autograd_core.registry import SMOOTH, Sample, operator

ALL = slice(None)
_NUMBERS = (int, type(None))


# --- taking an index apart ------------------------------------------------------------------------


class Places(NamedTuple):
    """Advanced indices: an index of arrays and ``slice(None)``, and whether it names no place
    twice."""

    at: tuple[Any, ...]
    distinct: bool


def take_apart(
    name: str, array: Any, index: Any, keep: bool, one_value: bool = False
) -> tuple[tuple[Any, ...] | None, Places | None]:
    """An index of ``array`` as (basic, advanced): ``array[index]`` is ``array[basic][advanced]``.

    Args:
        name: the operator, for messages.
        array: what is indexed.
        index: what stands between the brackets.
        keep: whether the result outlives the call, so that the user's index arrays have to be
            copied.
        one_value: whether the index is for writing one value: then a mask can stay a mask, for
            which no host has to wait.

    Returns:
        The two steps, None where there is nothing to do.
    """
    items = index if type(index) is tuple else (index,)
    basic: list[Any] = []
    for item in items:
        kind = type(item)
        if kind is slice:
            basic.append(_plain(item))
        elif kind is int or item is None or item is Ellipsis:
            basic.append(item)
        else:
            return _take_apart_advanced(name, array, items, keep, one_value)
    if Ellipsis not in basic:
        basic.append(Ellipsis)
    return tuple(basic), None


def _plain(item: slice) -> slice:
    """A slice of Python integers, so that it can be kept and compared."""
    if type(item.start) in _NUMBERS and type(item.stop) in _NUMBERS and type(item.step) in _NUMBERS:
        return item
    return slice(*(n if n is None else python.index(n) for n in (item.start, item.stop, item.step)))


def _take_apart_advanced(
    name: str, array: Any, items: tuple[Any, ...], keep: bool, one_value: bool
) -> tuple[tuple[Any, ...] | None, Places | None]:
    backend = backend_of(array)
    items = tuple(_normal(name, backend, item, keep) for item in items)
    used = sum(_dimensions(item) for item in items)
    if used > array.ndim:
        raise IndexError(
            f"{name}: too many indices: {used} for a tensor of {array.ndim} dimensions"
        )
    basic: list[Any] = []
    advanced: list[Any] = []  # for the dimensions of the view that `basic` makes
    dim = 0  # of the array
    for item in items:
        if item is Ellipsis:
            skipped = array.ndim - used
            basic += [ALL] * skipped
            advanced += [ALL] * skipped
            dim += skipped
            used = array.ndim  # a further Ellipsis stands for nothing
        elif item is None or (isinstance(item, (int, slice)) and not isinstance(item, bool)):
            basic.append(item)
            advanced += [] if isinstance(item, int) else [ALL]
            dim += item is not None
        elif isinstance(item, bool):
            # A truth value is a mask without dimensions: a new dimension of size 1 or 0.
            basic.append(None)
            advanced.append(backend.asarray([0] if item else [], np.int64))
        else:
            number = _dimensions(item)
            _check_advanced(name, backend, item, dim, shape_of(array))
            basic += [ALL] * number
            advanced.append(item)
            dim += number
    if all(type(item) is slice for item in advanced):
        return (*basic, Ellipsis), None
    while type(advanced[-1]) is slice:
        advanced.pop()
    arrays = [i for i, item in enumerate(advanced) if type(item) is not slice]
    masks = [i for i in arrays if advanced[i].dtype == bool]
    if not (one_value and len(arrays) == 1):
        for i in reversed(masks):
            advanced[i : i + 1] = backend.xp.nonzero(advanced[i])
    trivial = all(type(item) is slice and item == ALL for item in basic)
    return None if trivial else (*basic, Ellipsis), Places(
        tuple(advanced), len(masks) == len(arrays)
    )


def _normal(name: str, backend: Any, item: Any, keep: bool) -> Any:
    """One part of an index as None, Ellipsis, int, slice, bool, or an array of integers or truth
    values."""
    if item is None or item is Ellipsis or isinstance(item, (int, bool)):
        return item
    if isinstance(item, slice):
        return _plain(item)
    if isinstance(item, TensorBase):
        array = item._array
        if type(array) is not backend.array_type:
            array = backend.from_numpy(backend_of(array).to_numpy(array))
    elif isinstance(item, (np.ndarray, np.generic)):
        array = backend.array(item)
    elif isinstance(item, (list, tuple, range)):
        host = np.array(_numbers(item))
        array = backend.from_numpy(host if host.size else host.astype(np.int64))
        keep = False
    else:
        array = item
    kind = getattr(getattr(array, "dtype", None), "kind", None)
    if kind not in ("i", "u", "b") or array.dtype == np.uint8:
        what = (
            f"{type(item).__name__} of {array.dtype}" if kind else f"{type(item).__name__} {item!r}"
        )
        mend = "index.bool() for a mask, index.long() for indices" if kind == "u" else (
            "integers, slices, None, ..., or tensors and lists of integers or truth values"
        )  # fmt: skip
        raise IndexError(f"{name}: a {what[:80]} is no index. Mend: {mend}")
    if array.ndim == 0:
        value = backend.item(array)
        return bool(value) if kind == "b" else int(value)
    # (Who looks on knows arrays by their identity.)
    return array.copy() if keep and modes.unrecorded is None else array


def _numbers(item: Any) -> Any:
    """A nested list without tensors in it."""
    if isinstance(item, (list, tuple, range)):
        return [_numbers(one) for one in item]
    return item.tolist() if hasattr(item, "tolist") else item


def _dimensions(item: Any) -> int:
    """How many dimensions one part of an index uses up."""
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    return item.ndim if hasattr(item, "dtype") and item.dtype == np.bool_ else 1


def _check_advanced(name: str, backend: Any, item: Any, dim: int, shape: tuple[int, ...]) -> None:
    """Refuse a mask of another shape, and indices out of range, which not every backend notices."""
    if item.dtype == bool:
        if shape_of(item) != shape[dim : dim + item.ndim]:
            raise IndexError(
                f"{name}: a mask of shape {tuple(item.shape)} does not fit dimensions {dim} to "
                f"{dim + item.ndim - 1} of a tensor of shape {shape}"
            )
    elif not backend.raises_index_errors and item.size:
        size = shape[dim]
        if not size:
            raise IndexError(
                f"{name}: indices into dimension {dim} of a tensor of shape {shape}, which is empty"
            )
        backend.check_index(item, -size, size, f"{name} (dimension {dim} of shape {shape})")


# --- advanced indices -----------------------------------------------------------------------------


pick = Op(
    "index",
    forward=lambda xp, input, places, shape: input[places.at],
    rules={"input": lambda g, places, shape: add_into_zeros(g, places, shape)},
)


def _added_into_zeros(xp: Any, input: Any, places: Places, shape: Any) -> Any:
    zeros = xp.zeros(shape, input.dtype)
    if places.distinct:
        zeros[places.at] = input
    else:
        backend_of(input).scatter_add(zeros, places.at, input)
    return zeros


add_into_zeros = Op(
    "index_backward",
    forward=_added_into_zeros,
    rules={"input": lambda g, places, shape: pick(g, places, shape)},
)


def _put(xp: Any, input: Any, values: Any, places: Places) -> Any:
    result = input.copy()
    result[places.at] = values
    return result


put = Op(
    "index_put",
    forward=_put,
    rules={
        "input": lambda g, places: _put_zero(g, places),
        "values": lambda g, places: _last_of(g, places, shape_of(g)),
    },
    inputs=2,
)


def _with_zeros(xp: Any, input: Any, places: Places) -> Any:
    result = input.copy()
    result[places.at] = 0
    return result


_put_zero = Op(
    "index_put_zero",
    forward=_with_zeros,
    rules={"input": lambda g, places: _put_zero(g, places)},
)


def _read_last(xp: Any, input: Any, places: Places, shape: Any) -> Any:
    """``input[places.at]``; where several values were written to one place, 0 for all but the
    last."""
    result = input[places.at]
    if places.distinct:
        return result
    arrays = [item for item in places.at if type(item) is not slice]
    dims = [d for d, item in enumerate(places.at) if type(item) is not slice]
    last = last_writer(
        xp, tuple(a % shape[d] for a, d in zip(arrays, dims)), tuple(shape[d] for d in dims)
    )
    together = dims == list(range(dims[0], dims[-1] + 1))
    behind = len(shape) - dims[-1] - 1 if together else len(shape) - len(dims)
    return result * last.reshape(last.shape + (1,) * behind)


_last_of = Op(
    "index_put_backward",
    forward=_read_last,
    rules={"input": lambda g, places, shape: _write_last(g, places, shape)},
)


def _written_last(xp: Any, input: Any, places: Places, shape: Any) -> Any:
    zeros = xp.zeros(shape, input.dtype)
    zeros[places.at] = input
    return zeros


_write_last = Op(
    "index_put_backward_backward",
    forward=_written_last,
    rules={"input": lambda g, places, shape: _last_of(g, places, shape)},
)


def _added(xp: Any, input: Any, values: Any, places: Places) -> Any:
    result = input.copy()
    backend_of(input).scatter_add(result, places.at, values)
    return result


put_add = Op(
    "index_put_accumulate",
    forward=_added,
    rules={
        "input": lambda g: g,
        "values": lambda g, places: pick(g, places, shape_of(g)),
    },
    inputs=2,
)


# --- x[...] ---------------------------------------------------------------------------------------


def _samples(make: Any) -> Iterator[Sample]:
    yield Sample(make(3, 4), 1)
    yield Sample(make(3, 4), (slice(1, None), None, 2))
    yield Sample(make(5), slice(None, None, -2))
    yield Sample(make(3, 4), (..., [0, 0, 3]))
    yield Sample(make(3, 4), ([0, 2], [1, 1]))
    yield Sample(make(2, 3, 2), ([[0], [1]], slice(None), [0, 1]))
    yield Sample(make(2, 3), [[True, False, True], [False, False, True]])
    yield Sample(make(2, 3), (slice(None), [True, False, True]))
    yield Sample(make(), None)
    yield Sample(make(3), True)


@operator(
    "__getitem__",
    samples=_samples,
    reference=lambda x, index: x[
        tuple(index)
        if isinstance(index, tuple)
        else np.array(index)
        if isinstance(index, list)
        else index
    ],
    convention=SMOOTH,
)
def getitem(input: Any, index: Any) -> Any:
    """``input[index]``: a view for basic indices, a copy for advanced ones, as in PyTorch and
    NumPy.

    Args:
        input: tensor.
        index: integers, slices (negative steps too), None, ``...``, truth values, tensors or lists
            of integers or
            truth values, or a tuple of these. An integer between index arrays picks its part first,
            as in PyTorch.

    Raises:
        IndexError: an index is out of range or of a kind that is no index, a mask does not fit, or
            there are more
            indices than dimensions.

    Source: PyTorch, ``torch.Tensor.__getitem__``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([[1, 2], [3, 4]])
        >>> x[:, 0], x[x > 2]
        (tensor([1, 3]), tensor([3, 4]))
    """
    array = input._array if isinstance(input, TensorBase) else input
    keep = modes.grad and node_of(input) is not None
    basic, advanced = take_apart("__getitem__", array, index, keep)
    if basic is not None:
        input = slice_view(input, basic, array.shape)
    return input if advanced is None else pick(input, advanced, shape_of(input))


def iterate(input: Any) -> Iterator[Any]:
    """``iter(input)``: the parts of the first dimension, views."""
    if input.ndim == 0:
        raise TypeError("iteration over a tensor of no dimensions")
    return iter(unbind(input, 0))


def contains(input: Any, element: Any) -> bool:
    """``element in input``: whether some element equals it; a tensor broadcasts."""
    value = element._array if isinstance(element, TensorBase) else element
    if not isinstance(value, (bool, int, float, complex, np.generic, type(input._array))):
        raise TypeError(
            f"__contains__: expected a number or a tensor, got {type(element).__name__}"
        )
    return bool(backend_of(input._array).item((input._array == value).any()))
