"""The state of a tensor, without operators: array, graph node, version counter, gradient, view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from autograd_core.graph import AccumulateGrad, Node
from autograd_core.mode import modes
from autograd_core.source import here
from autograd_core.version import CONSTANT, Version

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor


class View:
    """How a tensor looks at its base's memory.

    Attributes:
        base: the tensor that owns the memory's place in the graph; never itself a view.
        chain: view functions that lead from base to the view, or None for a view taken without recording.
        stamp: the base's version for which the view's node is right.
    """

    __slots__ = ("base", "chain", "stamp")

    def __init__(self, base: TensorBase, chain: tuple[Callable[[Any], Any], ...] | None) -> None:
        self.base = base
        self.chain = chain
        self.stamp = base._counter.count  # type: ignore[union-attr]

    def replay(self, value: Any) -> Any:
        """The view of ``value``, an array or a tensor of the base's shape."""
        for function in self.chain or ():
            value = function(value)
        return value


class TensorBase:
    """What the engine needs of a tensor. ``Tensor`` adds the operators as methods.

    A tensor requires grad if and only if it has a node; a leaf that requires grad has an ``AccumulateGrad`` node.
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
        self = object.__new__(TensorBase.result_type)
        self._array = array
        self._node = self._view = None
        self._counter = modes.version
        return self

    def _version_counter(self) -> Version:
        """This memory's version counter, made on first use."""
        if self._counter is None:
            self._counter = Version()
        return self._counter

    def _mutated(self, operator: str) -> None:
        """Note that ``operator`` wrote into the memory."""
        self._version_counter().bump(operator, *here())

    def _require_grad(self) -> None:
        """Make this a leaf that requires grad."""
        self._node = AccumulateGrad(self, self._array.shape, self._array.dtype)


def saved(tensor: Any) -> tuple[Any, Version, Any]:
    """What a node keeps of a value that a rule wants: array, version counter, stamp."""
    if not isinstance(tensor, TensorBase):
        return (tensor, CONSTANT, 0)
    version = tensor._counter
    if version is None:
        version = tensor._counter = Version()
        return (tensor._array, version, 0)
    return (tensor._array, version, version.stamp(tensor._array))


def node_of(tensor: Any) -> Node | None:
    """The node that stands for ``tensor`` now; None when it needs no gradient.

    A view whose base was written to since has a new node: the view of the base's new value.
    """
    if not isinstance(tensor, TensorBase):
        return None
    view = tensor._view
    if view is not None and view.stamp != view.base._counter.count:  # type: ignore[union-attr]
        if view.chain is not None and view.base._node is not None:
            before, modes.grad = modes.grad, True
            try:
                tensor._node = view.replay(view.base)._node
            finally:
                modes.grad = before
        view.stamp = view.base._counter.count  # type: ignore[union-attr]
    return tensor._node


def as_view(result: TensorBase, source: TensorBase, replay: Callable[[Any], Any]) -> None:
    """Note that ``result`` looks at the memory of ``source``, by way of ``replay``."""
    result._counter = source._version_counter()
    if result._counter is modes.version:
        return
    outer = source._view
    if outer is None:
        base, chain = source, (replay,)
    else:
        base, chain = outer.base, (*(outer.chain or ()), replay)
    recorded = modes.grad and (outer is None or outer.chain is not None)
    result._view = View(base, chain if recorded else None)
