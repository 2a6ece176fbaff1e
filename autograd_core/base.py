"""The state of a tensor, without operators: array, graph node, version counter, gradient, view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from autograd_core.grad_mode import modes, unusual_threads, watching_threads
from autograd_core.graph import AccumulateGrad, Node
from autograd_core.source import here
from autograd_core.version import Version, saved_raw

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor

Chain = tuple[tuple[Callable[..., Any], tuple[Any, ...]], ...]


class View:
    """How a tensor looks at its base's memory.

    Attributes:
        base: the tensor that owns the memory's place in the graph.
        chain: the steps that lead from base to the view, each a view function and its further
            arguments; None for a view taken without recording.
        stamp: the memory's number of writes for which the view's node is right.
    """

    __slots__ = ("base", "chain", "stamp")

    def __init__(self, base: TensorBase, chain: Chain | None, stamp: int) -> None:
        self.base = base
        self.chain = chain
        self.stamp = stamp


def replay(chain: Chain, value: Any) -> Any:
    """Follow the steps of a view from ``value``, an array or a tensor of the base's shape."""
    for function, arguments in chain:
        value = function(value, *arguments)
    return value


# The class of results, at hand as a global: `TensorBase.result_type` would cost every call a slow
# lookup.
tensor_type: Any = None
new = object.__new__


def results_are(cls: type[TensorBase]) -> None:
    """Make the results of operators tensors of this class; called once, where it is defined."""
    global tensor_type
    tensor_type = TensorBase.result_type = cls  # type: ignore[assignment]


class TensorBase:
    """What the engine needs of a tensor. ``Tensor`` adds the operators as methods.

    A tensor requires grad if and only if it has a node; a leaf that requires grad has an
    ``AccumulateGrad`` node.
    """

    __slots__ = ("__dict__", "__weakref__", "_array", "_counter", "_node", "_view")

    # Set where Tensor is defined: operators make Tensors, and Tensor's methods are operators.
    result_type: ClassVar[type[Tensor]]

    # Few tensors have one, so it is no slot: it lives in the instance's dict once set.
    _grad: Tensor | None = None

    _array: Any
    _node: Node | None
    _counter: Version | None
    _view: View | None

    @staticmethod
    def _wrap(array: Any) -> Tensor:
        """A tensor around a backend's array, sharing it, that requires no grad."""
        self = new(tensor_type)
        self._array = array
        self._node = self._view = None
        self._counter = modes.version if unusual_threads else None
        return self

    @staticmethod
    def _shared(array: Any) -> Tensor:
        """A tensor around an array that the user holds too, and may write to."""
        self = TensorBase._wrap(array)
        self._version_counter().expose(array)
        return self

    def _version_counter(self) -> Version:
        """This memory's version counter, made on first use."""
        if self._counter is None:
            self._counter = Version.unstamped()
        return self._counter

    def _mutated(self, operator: str) -> None:
        """Note that ``operator`` wrote into the memory."""
        self._version_counter().bump(operator, *here())
        if watching_threads and modes.unrecorded is not None:
            modes.unrecorded(None, (), (), (self._array,))

    def _require_grad(self) -> None:
        """Make this a leaf that requires grad."""
        self._node = AccumulateGrad(self, self._array.shape, self._array.dtype)


def saved(tensor: Any) -> tuple[Any, Version, Any]:
    """What a node keeps of a value that a rule wants: array, version counter, stamp."""
    try:
        version = tensor._counter
    except AttributeError:
        return saved_raw(tensor)
    if version is None:
        tensor._counter = version = Version()
        return (tensor._array, version, 0)
    if version.plain:
        return (tensor._array, version, version.count)
    return (tensor._array, version, version.stamp(tensor._array))


def saved_both(left: Any, right: Any) -> tuple[Any, ...]:
    """What a node keeps of two tensors: ``saved(left) + saved(right)``, quicker."""
    version, other_version = left._counter, right._counter
    if version is None:
        left._counter = version = Version()
        if left is right:
            other_version = version
    if other_version is None:
        right._counter = other_version = Version()
    if version.plain and other_version.plain:
        return (
            left._array, version, version.count,
            right._array, other_version, other_version.count,
        )  # fmt: skip
    return saved(left) + saved(right)


def saved_of(
    origins: tuple[int, ...], inputs: Sequence[Any], outputs: Sequence[Any]
) -> tuple[Any, ...]:
    """What a node keeps of the values at ``origins``: input i, or output -1-i."""
    kept: list[Any] = []
    for origin in origins:
        kept += saved(inputs[origin] if origin >= 0 else outputs[-1 - origin])
    return tuple(kept)


def node_of(tensor: Any) -> Node | None:
    """The node that stands for ``tensor`` now; None when it needs no gradient.

    A view whose memory was written to since has a new node: the view of the base's new value.
    """
    if not isinstance(tensor, TensorBase):
        return None
    view = tensor._view
    if view is not None and view.stamp != tensor._counter.writes:  # type: ignore[union-attr]
        view.stamp = tensor._counter.writes  # type: ignore[union-attr]
        if view.chain is not None and base_of(view)._node is not None:
            before, modes.grad = modes.grad, True
            try:
                node = replay(view.chain, view.base)._node
            finally:
                modes.grad = before
            set_node(tensor, node)
    return tensor._node


def set_node(tensor: TensorBase, node: Node | None) -> None:
    """Make ``node`` what ``tensor`` stands for; ``retain_grad()`` goes on to hold for the
    tensor."""
    before = tensor._node
    if before is not None and before.hooks is not None and before.hooks.retain and node is not None:
        node.own_hooks().retain.extend(before.hooks.retain)
        before.hooks.retain.clear()
    tensor._node = node


def base_of(view: View) -> TensorBase:
    """The tensor that a view's chain starts from.

    A base that was itself turned into a view since (``unsqueeze_()`` and its like) left its place
    to another.
    """
    while view.base._view is not None:
        view.base = view.base._view.base
    return view.base


def as_view(
    result: TensorBase, source: TensorBase, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    """Note that ``result``, which is ``function(source, *arguments)``, looks at the memory of
    ``source``."""
    counter = source._counter
    if counter is None:
        counter = source._counter = Version()
    result._counter = counter
    if unusual_threads and counter is modes.version:
        return
    outer = source._view
    chain: Chain
    if outer is None:
        base, chain = source, ((function, arguments),)
    else:
        base, chain = outer.base, (*(outer.chain or ()), (function, arguments))
    recorded = (not unusual_threads or modes.grad) and (outer is None or outer.chain is not None)
    result._view = View(base, chain if recorded else None, counter.writes)
