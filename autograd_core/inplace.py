"""In-place operators: write into a tensor's memory and let the graph follow.

An in-place operator is its out-of-place form, whose result is then written back. A write to a view
is a write to its
base: the base becomes "the old base with the viewed part replaced", and every view of it finds its
new node when it
is next used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd_core.base import Chain, TensorBase, base_of, node_of, replay, set_node
from autograd_core.dtypes import can_cast, from_numpy_dtype
from autograd_core.errors import DtypeError, GraphError, ShapeError
from autograd_core.grad_mode import modes
from autograd_core.graph import AccumulateGrad, Node, entries
from autograd_core.later import Later
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.version import Version


class Look(NamedTuple):
    """How a view looks at its base: what it takes to look at a gradient of the base in the same
    way.

    Attributes:
        chain: the steps from the base to the view.
        order: the base's dimensions as they lie in memory, the fastest last. Some steps (reshape)
            are views only of memory in this order.
        shape, dtype: the base's.
    """

    chain: Chain
    order: tuple[int, ...]
    shape: tuple[int, ...]
    dtype: Any

    @classmethod
    def at(cls, base: TensorBase, chain: Chain) -> Look:
        """How the view at the end of ``chain`` looks at ``base``."""
        array = base._array
        strides = array.strides
        order = sorted(range(array.ndim), key=lambda d: -abs(strides[d]))
        return cls(chain, tuple(order), array.shape, array.dtype)

    def lay_out(self, xp: Any, array: Any, copy: bool) -> Any:
        """``array`` with its dimensions in memory as those of the base; a copy if need be or asked
        for."""
        make = xp.array if copy else xp.asarray
        places = sorted(range(array.ndim), key=self.order.__getitem__)
        return make(array.transpose(self.order), order="C").transpose(places)


def _erased(xp: Any, input: Any, look: Look) -> Any:
    copy = look.lay_out(xp, input, copy=True)
    replay(look.chain, copy)[...] = 0
    return copy


def _placed(xp: Any, input: Any, look: Look) -> Any:
    whole = look.lay_out(xp, xp.zeros(look.shape, look.dtype), copy=False)
    replay(look.chain, whole)[...] = input
    return whole


# Of a gradient of the base's shape: the part the view looks at, and the rest, with zeros in its
# place.
_inside = Op(
    "view_inside",
    forward=lambda xp, input, look: replay(look.chain, look.lay_out(xp, input, copy=False)),
    rules={"input": lambda g, look: _place(g, look)},
    keeps_order=True,
)
_outside = Op(
    "view_outside",
    forward=_erased,
    rules={"input": lambda g, look: _outside(g, look)},
    keeps_order=True,
)
_place = Op(
    "view_place",
    forward=_placed,
    rules={"input": lambda g, look: _inside(g, look)},
    keeps_order=True,
)

view_scatter = Op(
    "view_scatter",
    # The write has already happened, in place; the operator only exists in the graph.
    forward=lambda xp, base, part, look: base,
    rules={
        "base": lambda g, look: _outside(g, look),
        "part": lambda g, look: _inside(g, look),
    },
    inputs=2,
)


def check_writable(tensor: TensorBase, operator: str) -> None:
    """Refuse an in-place write that the graph could not follow."""
    array = tensor._array
    if not array.flags.c_contiguous and any(
        s == 0 and n > 1 for n, s in zip(array.shape, array.strides)
    ):
        raise GraphError(
            f"{operator}: several elements of this {tuple(array.shape)} tensor share one memory "
            f"location "
            f"(expand), so a write in place is undefined. Mend: clone() it first."
        )
    if not getattr(array.flags, "writeable", True):
        raise GraphError(
            f"{operator}: the tensor's array is read-only (it came from a read-only NumPy array). "
            f"Mend: clone() it first."
        )
    if not modes.grad:
        return
    if isinstance(tensor._node, AccumulateGrad):
        raise GraphError(
            f"{operator}: a leaf tensor that requires grad is changed in place. "
            f"Mend: work out of place (x = x + y), or inside `with ag.no_grad():` as optimizers do."
        )
    view = tensor._view
    if view is not None and isinstance(base_of(view)._node, AccumulateGrad):
        raise GraphError(
            f"{operator}: a view of a leaf tensor that requires grad is changed in place. "
            f"Mend: clone() the leaf first, or write inside `with ag.no_grad():`."
        )


def check_recordable(tensor: TensorBase, node: Node | None, operator: str) -> None:
    """Refuse a write, with ``node`` for what is written, to a view whose way from its base is not
    known."""
    view = tensor._view
    if modes.grad and view is not None and view.chain is None:
        if node is not None or base_of(view)._node is not None:
            raise GraphError(
                f"{operator}: this view was taken inside no_grad(), and is changed in place with "
                f"recording on. "
                f"Mend: take the view with recording on, or clone() it."
            )


def written(tensor: TensorBase, operator: str, node: Node | None) -> None:
    """After an in-place write: bump the version, and make ``node`` what the tensor stands for
    now."""
    tensor._mutated(operator)
    if not modes.grad:
        return
    view = tensor._view
    if view is None:
        set_node(tensor, node)
        return
    base = base_of(view)
    if view.chain is None or (base._node is None and node is None):
        return
    part, whole = TensorBase._wrap(tensor._array), TensorBase._wrap(base._array)
    part._node = node
    view_scatter.record((base, part), (Look.at(base, view.chain),), [whole])
    set_node(base, whole._node)


def write(tensor: TensorBase, result: Any, operator: str) -> Any:
    """Put ``result``, just computed from ``tensor``, into the memory of ``tensor``; return
    ``tensor``."""
    if tuple(result._array.shape) != tuple(tensor._array.shape):
        raise ShapeError(
            f"{operator}: the result has shape {tuple(result._array.shape)}, which does not fit "
            f"into this "
            f"{tuple(tensor._array.shape)} tensor. Mend: use the out-of-place operator."
        )
    have, want = from_numpy_dtype(result._array.dtype), from_numpy_dtype(tensor._array.dtype)
    if not can_cast(have, want):
        raise DtypeError(
            f"{operator}: the result's dtype {have} cannot be stored in a {want} tensor. "
            f"Mend: use the out-of-place operator, or .to({have}) first. Operand: "
            f"{describe(tensor)}"
        )
    node = result._node
    check_recordable(tensor, node, operator)
    if node is not None and isinstance(node.saved, tuple):
        # What rules saved of the old value is about to be overwritten: they keep a copy.
        kept: list[Any] = []
        for entry in entries(node.saved):
            array = entry[0]
            kept.extend((array.copy(), Version(), 0) if array is tensor._array else entry)
        node.saved = tuple(kept)
    tensor._array[...] = result._array
    written(tensor, operator, node)
    return tensor


def rebind(tensor: TensorBase, value: TensorBase) -> None:
    """Let ``tensor`` stand for ``value`` from now on, memory and node.

    Unlike a write, this leaves the memory of before alone: what the graph saved of it stays
    valid. Tensors that share that memory do not follow, except where ``tensor`` is itself a view:
    then the value is written.
    """
    if tensor._view is not None:
        write(tensor, value, "rebind")
        return
    tensor._array, tensor._counter = value._array, value._version_counter()
    set_node(tensor, node_of(value))


def inplace(
    function: Callable[..., Any], name: str | None = None, *, composed: bool = False
) -> Callable[..., Any]:
    """The in-place variant of an operator: ``exp_ = inplace(exp)``.

    Args:
        function: the out-of-place operator, whose first argument is the tensor.
        name: the variant's name; default the function's with a trailing underscore.
        composed: the function calls several operators, any of which may save the tensor: while
            the graph is recorded they get a copy.
    """
    if isinstance(function, Later):
        return function.wrapped(functools.partial(inplace, name=name, composed=composed))
    name = name or f"{function.__name__}_"

    @functools.wraps(function)
    def method(input: Any, *args: Any, **kwargs: Any) -> Any:
        check_writable(input, name)
        source = input.clone() if composed and modes.grad else input
        return write(input, function(source, *args, **kwargs), name)

    return _named(
        method,
        name,
        f"In-place variant of :func:`{function.__name__}`: writes the result into ``input``.",
    )


def inplace_view(function: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """The in-place variant of a view operator, ``t_ = inplace_view(t)``: the tensor becomes its own
    view.

    Its memory stays as it is. Another tensor takes its place in the graph, of which it is a view
    from now on, as are
    the views that were taken of it before.
    """
    if isinstance(function, Later):
        return function.wrapped(functools.partial(inplace_view, name=name))
    name = name or f"{function.__name__}_"

    @functools.wraps(function)
    def method(input: Any, *args: Any, **kwargs: Any) -> Any:
        node = node_of(input)
        if isinstance(node, AccumulateGrad):
            if modes.grad:
                raise GraphError(
                    f"{name}: a leaf tensor that requires grad is changed in place. "
                    f"Mend: use {function.__name__}(), or work inside `with ag.no_grad():`."
                )
            input._array = function(input.detach(), *args, **kwargs)._array
            node.shape = input._array.shape
            return input
        stand_in = TensorBase._wrap(input._array)
        stand_in._node, stand_in._counter, stand_in._view = (
            node,
            input._version_counter(),
            input._view,
        )
        before, modes.grad = modes.grad, modes.version is None
        try:
            view = function(stand_in, *args, **kwargs)
        finally:
            modes.grad = before
        input._array, input._view = view._array, view._view
        input._mutated(name)
        if input._view is not None:
            input._view.stamp = input._counter.writes
        set_node(input, view._node)
        return input

    return _named(
        method,
        name,
        f"In-place variant of :func:`{function.__name__}`: ``input`` becomes its own view.",
    )


def _named(method: Any, name: str, doc: str) -> Any:
    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    return method
