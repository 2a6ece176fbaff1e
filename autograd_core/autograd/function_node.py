"""The graph's node of a custom function, and the context that its author sees."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, ClassVar

from autograd_core.base import TensorBase, saved
from autograd_core.errors import GraphError
from autograd_core.graph import NO_PLAN, Freed, Node, Wrap
from autograd_core.inplace import written
from autograd_core.source import here


class FunctionCtx:
    """What the methods of a ``Function`` get as ``ctx``; the user may set attributes.

    Attributes:
        needs_input_grad: for each argument of ``forward`` whether its gradient is needed.

    Source: PyTorch, ``torch.autograd.function.FunctionCtx``.
    """

    needs_input_grad: tuple[bool, ...] = ()
    materialize_grads: bool = True
    to_save: tuple[Any, ...] = ()
    saved_for_forward: tuple[Any, ...] = ()
    dirty_tensors: tuple[Any, ...] = ()
    non_differentiable: tuple[Any, ...] = ()

    def __init__(self, node: FunctionNode) -> None:
        self._node = weakref.ref(node)  # the node refers to its context

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors (or None) for ``backward``, which finds them in ``saved_tensors``."""
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, TensorBase):
                raise TypeError(
                    f"{self.name()}: save_for_backward takes tensors and None, not "
                    f"{type(tensor).__name__}. Mend: set it as an attribute, ctx.name = value."
                )
        self.to_save = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """Keep tensors for ``jvp``, which finds them in ``saved_tensors``."""
        self.saved_for_forward = tensors

    def mark_dirty(self, *tensors: Any) -> None:
        """Name the inputs that ``forward`` changed in place; it must return them."""
        self.dirty_tensors = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Name the outputs that get no gradient; ``backward`` receives zeros for them."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """True (as at first): ``backward`` gets zeros for outputs without influence; else None."""
        self.materialize_grads = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What ``save_for_backward`` kept. Raises GraphError if it was freed or changed since."""
        if self.to_save:  # still inside forward
            return self.to_save
        node = self._node()
        if node is None or not node.saved:
            return self.saved_for_forward
        return tuple(node.unpack(_tensor_of))

    def name(self) -> str:
        """The node's name, ``<class name>Backward``."""
        node = self._node()
        return "Function" if node is None else node.name()


class FunctionNode(Node):
    """The node of one call of a ``Function``. It has the attributes of its context, too."""

    __slots__ = ("argument_shapes", "ctx", "origins")

    function: ClassVar[Any]
    ctx: FunctionCtx
    # Where each saved tensor came from: argument i, output -1-i, or neither.
    origins: tuple[int | None, ...]
    argument_shapes: tuple[tuple[int, ...] | None, ...]

    def __init__(self) -> None:
        self.plan, self.hooks = NO_PLAN, None
        self.inputs = self.saved = self.origins = self.argument_shapes = ()
        self.shape, self.dtype = (), None
        self.code, self.lasti = here()
        self.ctx = FunctionCtx(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "ctx"), name)

    @property
    def operator(self) -> str:
        return self.function.__name__

    @property
    def materialize_grads(self) -> bool:  # type: ignore[override]
        return self.ctx.materialize_grads

    def name(self) -> str:
        return f"{self.function.__name__}Backward"

    def source(self, index: int) -> Node | None:
        origin = self.origins[index]
        if origin is None:
            return None
        return self.inputs[origin] if origin >= 0 else self.output_node(-1 - origin)

    def value_name(self, index: int) -> str:
        origin = self.origins[index]
        if origin is None:
            return f"saved tensor {index}"
        return f"argument {origin}" if origin >= 0 else f"output {-1 - origin}"

    def pull(self, grad: Any, wrap: Wrap) -> list[Any]:
        grads = grad if isinstance(grad, list) else [grad]
        if type(self.saved) is Freed:
            raise GraphError(self._second_backward(self.saved))
        given = [g if g is None or wrap is not None else TensorBase._wrap(g) for g in grads]
        results = self.function._rule()(self.ctx, *given)
        results = list(results) if isinstance(results, (tuple, list)) else [results]
        number = len(self.inputs)
        while len(results) > number and results[-1] is None:
            results.pop()
        if results == [None]:
            results *= number
        if len(results) != number:
            raise GraphError(
                f"{self.name()} returned {len(results)} gradients for {number} arguments of "
                f"forward (applied at {self.place_and_text}). Mend: return one for each argument, "
                f"None for those that are no tensors or need none."
            )
        return [self._checked(i, g, wrap) for i, g in enumerate(results)]

    def _checked(self, index: int, grad: Any, wrap: Wrap) -> Any:
        if grad is None:
            return None
        if not isinstance(grad, TensorBase):
            raise TypeError(
                f"{self.name()} returned a {type(grad).__name__} as gradient {index} (applied at "
                f"{self.place_and_text}). Mend: a gradient is a Tensor or None."
            )
        shape = self.argument_shapes[index]
        if shape is None:
            raise GraphError(
                f"{self.name()} returned a gradient for argument {index} of forward, which is no "
                f"tensor (applied at {self.place_and_text}). Mend: return None for it."
            )
        if self.inputs[index] is None:
            return None
        have = grad._array.shape
        extra = len(have) - len(shape)
        if extra < 0 or any(n not in (1, have[i + extra]) for i, n in enumerate(shape)):
            raise GraphError(
                f"{self.name()} returned a gradient of shape {tuple(have)} for argument {index} of "
                f"forward, which has shape {tuple(shape)} (applied at {self.place_and_text}). "
                f"Mend: a gradient has the shape of its argument."
            )
        # As a view, so that the engine knows that others may hold this memory too.
        return grad if wrap is not None else grad._array[...]

    def record(self, args: Sequence[Any], results: Sequence[Any]) -> None:
        """Become the node of ``results``, and save what ``save_for_backward`` was given."""
        ctx = self.ctx
        self.argument_shapes = tuple(
            a._array.shape if isinstance(a, TensorBase) else None for a in args
        )
        shapes = [r._array.shape if isinstance(r, TensorBase) else None for r in results]
        dtypes = [r._array.dtype if isinstance(r, TensorBase) else None for r in results]
        single = len(results) == 1
        self.shape = shapes[0] if single else shapes  # type: ignore[assignment]
        self.dtype = dtypes[0] if single else dtypes
        for i, result in enumerate(results):
            if not isinstance(result, TensorBase) or result._array.dtype.kind in "biu":
                continue
            if any(result is t for t in ctx.non_differentiable):
                continue
            node = self.output_node(i)
            if any(result is t for t in ctx.dirty_tensors):
                written(result, self.operator, node)
            else:
                result._node = node
        self.origins = tuple(_origin(t, args, results) for t in ctx.to_save)
        self.saved = tuple([part for t in ctx.to_save for part in saved(t)])


def _origin(tensor: Any, args: Sequence[Any], results: Sequence[Any]) -> int | None:
    for i, result in enumerate(results):
        if result is tensor:
            return -1 - i
    return next((i for i, a in enumerate(args) if a is tensor), None)


def _tensor_of(array: Any, node: Node | None) -> Any:
    if array is None:
        return None
    tensor = TensorBase._wrap(array)
    tensor._node = node if array.dtype.kind not in "biu" else None
    return tensor
