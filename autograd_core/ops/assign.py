"""Writing into a tensor, differentiably: ``x[...] = y``, index_put, copy_, fill_, zero_."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, as_view, base_of, node_of
from autograd_core.errors import DtypeError
from autograd_core.grad_mode import modes
from autograd_core.inplace import check_recordable, check_writable, written
from autograd_core.keywords import also
from autograd_core.messages import explain
from autograd_core.op import Op
from autograd_core.operands import check_same_dtype
from autograd_core.ops.cast import move
from autograd_core.ops.constants import zeros
from autograd_core.ops.indexing import Places, put, put_add, take_apart
from autograd_core.ops.scatter import LAST_WINS
from autograd_core.ops.shape import reshape
from autograd_core.ops.slicing import slice_view
from autograd_core.ranges import stored
from autograd_core.registry import Sample, operator

# The write happens in place; the operator exists in the graph. The engine undoes broadcasting and
# casts.
_copy = Op(
    "copy",
    forward=lambda xp, input, source: source,
    rules={"input": lambda g: zeros(g), "source": lambda g: g},
    inputs=2,
)


def _value(name: str, tensor: TensorBase, value: Any) -> Any:
    """What is written: a number, or a tensor on the device of ``tensor`` without leading dimensions
    of size 1."""
    if isinstance(value, TensorBase):
        if value._array.dtype.kind == "c" and tensor._array.dtype.kind != "c":
            raise DtypeError(
                f"{name}: complex values do not fit into a {tensor._array.dtype} tensor. "
                f"Mend: write their .real, .imag or .abs()"
            )
        if type(value._array) is not type(tensor._array) or value.device != tensor.device:  # type: ignore[attr-defined]
            value = move(value, tensor.device)  # type: ignore[attr-defined]
        shape = value._array.shape
        if len(shape) > 0 and shape[0] == 1:
            value = reshape(
                value, shape[next((i for i, n in enumerate(shape) if n != 1), len(shape)) :]
            )
        return value
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return value
    raise TypeError(
        f"{name}: expected a tensor or a number, got {type(value).__name__}. Mend: ag.tensor(value)"
    )


def _store(
    name: str, tensor: TensorBase, where: Places | None, value: Any, accumulate: bool = False
) -> None:
    """Write into the memory, at the given places or, if None, everywhere."""
    array = tensor._array
    backend = backend_of(array)
    values = value._array if isinstance(value, TensorBase) else value
    try:
        if accumulate or not isinstance(values, (bool, int, float, complex)):
            values = backend.asarray(values, array.dtype)
        if where is None:
            array[...] = values
        elif accumulate:
            backend.scatter_add(array, where.at, values)
        else:
            array[where.at] = values
    except OverflowError:
        _store(name, tensor, where, stored(name, value, array.dtype), accumulate)
    except (ValueError, TypeError, IndexError) as error:
        raise explain(name, (tensor, value), error) from error


def overwrite(
    name: str, tensor: TensorBase, value: Any, where: Places | None = None, accumulate: bool = False
) -> None:
    """Replace the elements of ``tensor`` (at advanced indices ``where``) by ``value``, and record
    it.

    Args:
        name: the operator, for messages.
        tensor: what is written to.
        value: a number, or a tensor that broadcasts.
        where: advanced indices as ``take_apart`` gives them.
        accumulate: add instead, also where an element is written to several times.
    """
    check_writable(tensor, name)
    value = _value(name, tensor, value)
    node = None
    if modes.grad:
        part = TensorBase._wrap(tensor._array)
        if where is not None:
            node = (put_add if accumulate else put).record((tensor, value), (where,), [part])
        else:
            # Of a view, nothing is left of the old value; of a base, there is a gradient that is
            # zero.
            old = tensor if tensor._view is None else tensor._array
            node = _copy.record((old, value), (), [part])
    check_recordable(tensor, node, name)
    _store(name, tensor, where, value, accumulate)
    written(tensor, name, node)


def setitem(input: Any, index: Any, value: Any) -> None:
    """``input[index] = value``, in place; gradients flow to the value and to what stays of
    ``input``.

    Args:
        input: tensor that is no leaf requiring grad (or under ``no_grad()``).
        index: as for reading, ``input[index]``.
        value: number, or tensor that broadcasts to the places; it is cast to the dtype of
            ``input``, but must have it where ``index`` holds tensors or lists (one value for a
            mask is cast). Where one place is named several times the last value wins (on a GPU,
            which is the last is not defined).

    Raises:
        IndexError: the index is none, or out of range.
        RuntimeError: the shapes or dtypes do not fit, or ``input`` must not be written to.

    Source: PyTorch, ``torch.Tensor.__setitem__``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.zeros(3)
        >>> x[1:] = 1
        >>> x
        tensor([0., 1., 1.])
    """
    array = input._array
    recorded = modes.grad and (
        node_of(input) is not None
        or (isinstance(value, TensorBase) and node_of(value) is not None)
        or (input._view is not None and base_of(input._view)._node is not None)
    )
    one_value = not isinstance(value, TensorBase) or (not recorded and value._array.ndim == 0)
    basic, advanced = take_apart("__setitem__", array, index, recorded, one_value)
    if (
        advanced is not None
        and isinstance(value, TensorBase)
        and value._array.dtype != array.dtype
        and not (advanced.distinct and value._array.size == 1)  # (as masked_fill)
        and not isinstance(index, bool)
    ):
        check_same_dtype("__setitem__", input=input, value=value)
    if not recorded:
        check_writable(input, "__setitem__")
        target = input if basic is None else _target(input, basic)
        _store("__setitem__", target, advanced, _value("__setitem__", input, value))
        input._mutated("__setitem__")
        return
    if basic is not None and advanced is not None:
        input = slice_view(input, basic, array.shape)
    elif basic is not None:
        if isinstance(value, TensorBase) and _is_part(value, input, basic):
            return  # x[i] += y has written already, and puts the view back
        input = _target(input, basic)
    overwrite("__setitem__", input, value, advanced)


def _target(input: TensorBase, basic: Any) -> TensorBase:
    """``input[basic]`` for being overwritten: a view without a node, as nothing of it stays."""
    array = input._array
    try:
        target = TensorBase._wrap(array[basic])
    except (ValueError, TypeError, IndexError) as error:
        raise explain("__setitem__", (input,), error) from error
    as_view(target, input, slice_view, (basic, array.shape))
    return target


def _is_part(value: TensorBase, input: TensorBase, basic: Any) -> bool:
    """Whether ``value`` is the very view ``input[basic]``."""
    view, outer = value._view, input._view
    if (
        view is None
        or view.chain is None
        or view.chain[-1] != (slice_view, (basic, input._array.shape))
    ):
        return False
    if outer is None:
        return len(view.chain) == 1 and view.base is input
    return base_of(view) is base_of(outer) and view.chain[:-1] == outer.chain


def _index_put_samples(make: Any) -> list[Sample]:
    return [
        Sample(make(3, 2), (np.array([2, 0]),), make(2, 2)),
        Sample(make(3, 2), (np.array([2, 0, 2]), np.array([1, 0, 1])), make(3)),
        Sample(make(3, 2), (np.array([2, 0, 2]),), make(), accumulate=True),
        Sample(make(2, 3), (np.array([[True, False, True], [False, True, True]]),), make(4)),
    ]


def _index_put_reference(x: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    result = x.copy()
    if accumulate:
        np.add.at(result, indices, values)
    else:
        result[indices] = values
    return result


@operator(
    "index_put",
    samples=_index_put_samples,
    reference=_index_put_reference,
    convention=LAST_WINS,
    inplace=True,
)
def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """A copy of ``input`` with ``values`` at ``indices``.

    Args:
        input: tensor.
        indices: tuple of tensors of integers or truth values, as in ``input[indices]``; None for a
            whole dimension.
        values: tensor of the dtype of ``input`` that broadcasts to ``input[indices]``.
        accumulate: add to what is there; values for one place add up. Else the last wins.

    Raises:
        IndexError: an index is out of range.
        RuntimeError: the shapes do not fit.

    Source: PyTorch, ``torch.index_put``.

    Example:
        >>> import autograd_core as ag
        >>> ag.index_put(ag.zeros(3), (ag.tensor([0, 0]),), ag.tensor([1.0, 2.0]), accumulate=True)
        tensor([3., 0., 0.])
    """
    return index_put_(input.clone(), indices, values, accumulate)


def index_put_(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """In-place variant of :func:`index_put`."""
    if not isinstance(indices, (tuple, list)):
        raise TypeError(
            f"index_put: indices must be a tuple of tensors, got {type(indices).__name__}"
        )
    if isinstance(values, TensorBase):
        check_same_dtype("index_put", input=input, values=values)
    index = tuple(slice(None) if i is None else i for i in indices)
    basic, advanced = take_apart("index_put_", input._array, index, modes.grad)
    target = input if basic is None else slice_view(input, basic, input._array.shape)
    if accumulate and advanced is None:
        target += values
    else:
        overwrite("index_put_", target, values, advanced, accumulate)
    return input


@also(other="source", src="source")
def copy_(input: Any, source: Any, non_blocking: bool = False) -> Any:
    """Write ``source`` into ``input``: it broadcasts, is cast and moved, and gets the gradient.

    Args:
        input: tensor that is no leaf requiring grad (or under ``no_grad()``).
        source: tensor.
        non_blocking: accepted as in PyTorch.

    Source: PyTorch, ``torch.Tensor.copy_``.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(2).copy_(ag.tensor([1, 2]))
        tensor([1., 2.])
    """
    overwrite("copy_", input, source)
    return input


def fill_(input: Any, value: Any) -> Any:
    """Set every element to ``value``, a number or a tensor of no dimensions. Source: PyTorch,
    ``Tensor.fill_``."""
    if isinstance(value, TensorBase) and value._array.ndim:
        raise RuntimeError(
            f"fill_: value must be a number or a tensor of no dimensions, got shape "
            f"{value._array.shape}"
        )
    overwrite("fill_", input, value)
    return input


def zero_(input: Any) -> Any:
    """Set every element to 0. Source: PyTorch, ``torch.Tensor.zero_``."""
    overwrite("zero_", input, 0)
    return input
