"""In-place operators: write into a tensor's memory and let the graph follow.

An in-place operator is its out-of-place form, whose result is then written back. A write to a view is a write to its
base: the base becomes "the old base with the viewed part replaced", and every view of it finds its new node when it
is next used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from autograd_core.base import TensorBase, node_of
from autograd_core.dtypes import can_cast, from_numpy_dtype
from autograd_core.errors import GraphError, ShapeError
from autograd_core.graph import AccumulateGrad, Node
from autograd_core.mode import modes
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.version import Version


def _mask(base_shape: tuple[int, ...], chain: Any, like: Any) -> Any:
    """True where a view of an array of ``base_shape`` looks."""
    from autograd_core.backends.registry import backend_of

    xp = backend_of(like).xp
    mask = xp.zeros(base_shape, dtype=bool)
    view = mask
    for function in chain:
        view = function(view)
    view[...] = True
    return mask


def _outside(g: Any, chain: Any) -> Any:
    """``g`` with zeros where the view looks: that part of the old base was replaced."""
    array = g._array if isinstance(g, TensorBase) else g
    return g * ~_mask(array.shape, chain, array)


def _inside(g: Any, chain: Any) -> Any:
    for function in chain:
        g = function(g)
    return g


view_scatter = Op(
    "view_scatter",
    # The write has already happened, in place; the operator only exists in the graph.
    forward=lambda xp, base, part, chain: base,
    rules={"base": lambda g, chain: _outside(g, chain), "part": lambda g, chain: _inside(g, chain)},
    inputs=2,
)


def check_writable(tensor: TensorBase, operator: str) -> None:
    """Refuse an in-place write that the graph could not follow."""
    array = tensor._array
    if not getattr(getattr(array, "flags", None), "writeable", True):
        raise GraphError(
            f"{operator}: the tensor's array is read-only (it came from a read-only NumPy array). "
            f"Mend: clone() it first."
        )
    if 0 in array.strides and any(s == 0 and n > 1 for n, s in zip(array.shape, array.strides)):
        raise GraphError(
            f"{operator}: several elements of this {tuple(array.shape)} tensor share one memory location "
            f"(expand), so a write in place is undefined. Mend: clone() it first."
        )
    if not modes.grad:
        return
    if isinstance(tensor._node, AccumulateGrad):
        raise GraphError(
            f"{operator}: a leaf tensor that requires grad is changed in place. "
            f"Mend: work out of place (x = x + y), or inside `with ag.no_grad():` as optimizers do."
        )
    view = tensor._view
    if view is not None and isinstance(view.base._node, AccumulateGrad):
        raise GraphError(
            f"{operator}: a view of a leaf tensor that requires grad is changed in place. "
            f"Mend: clone() the leaf first, or write inside `with ag.no_grad():`."
        )


def written(tensor: TensorBase, operator: str, node: Node | None) -> None:
    """After an in-place write: bump the version, and make ``node`` what the tensor stands for now."""
    if tensor._view is not None:
        node_of(tensor)  # bring the base's other views' bookkeeping up to date before the version moves
    tensor._mutated(operator)
    if not modes.grad:
        return
    view = tensor._view
    if view is None:
        tensor._node = node
        return
    base = view.base
    if base._node is None and node is None:
        return
    if view.chain is None:
        raise GraphError(
            f"{operator}: this view was taken inside no_grad(), and is changed in place with recording on. "
            f"Mend: take the view with recording on, or clone() it."
        )
    part = TensorBase._wrap(tensor._array)
    part._node = node
    view_scatter.record((base, part), (view.chain,), [base])
    node_of(tensor)


def write(tensor: TensorBase, result: Any, operator: str) -> Any:
    """Put ``result``, just computed from ``tensor``, into the memory of ``tensor``; return ``tensor``."""
    if tuple(result._array.shape) != tuple(tensor._array.shape):
        raise ShapeError(
            f"{operator}: the result has shape {tuple(result._array.shape)}, which does not fit into this "
            f"{tuple(tensor._array.shape)} tensor. Mend: use the out-of-place operator."
        )
    have, want = from_numpy_dtype(result._array.dtype), from_numpy_dtype(tensor._array.dtype)
    if not can_cast(have, want):
        raise TypeError(
            f"{operator}: the result's dtype {have} cannot be stored in a {want} tensor. "
            f"Mend: use the out-of-place operator, or .to({have}) first. Operand: {describe(tensor)}"
        )
    node = result._node
    if node is not None and isinstance(node.saved, tuple):
        # What rules saved of the old value is about to be overwritten: they keep a copy.
        node.saved = tuple(
            (array.copy(), Version(), 0) if array is tensor._array else (array, version, stamp)
            for array, version, stamp in node.saved
        )
    tensor._array[...] = result._array
    written(tensor, operator, node)
    return tensor


def inplace(function: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """The in-place variant of an operator: ``exp_ = inplace(exp)``.

    Args:
        function: the out-of-place operator, whose first argument is the tensor.
        name: the variant's name; default the function's with a trailing underscore.
    """
    name = name or f"{function.__name__}_"

    @functools.wraps(function)
    def method(input: Any, *args: Any, **kwargs: Any) -> Any:
        check_writable(input, name)
        return write(input, function(input, *args, **kwargs), name)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"In-place variant of :func:`{function.__name__}`: writes the result into ``input``."
    return method
