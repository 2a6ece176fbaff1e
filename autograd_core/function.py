"""Custom operators with their own gradient: ``Function``.

The context ``ctx`` that ``forward`` and ``backward`` receive is the graph's node itself, so what
the user saves in it lives exactly as long as the graph needs it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from autograd_core.base import TensorBase, View, node_of, saved
from autograd_core.errors import GraphError
from autograd_core.graph import Freed, Node, Wrap
from autograd_core.inplace import check_writable, written
from autograd_core.mode import modes, no_grad
from autograd_core.source import here

# A saved value came from an input or output by this number (see ``Plan.origins``), or from neither.
_NEITHER = None


class FunctionCtx(Node):
    """The node of one call of a ``Function``: what its ``forward`` and ``backward`` get as ``ctx``.

    Attributes:
        needs_input_grad: for each argument of ``forward`` whether its gradient is needed.

    Source: PyTorch, ``torch.autograd.function.FunctionCtx``.
    """

    # No __slots__: the user may set attributes.
    function: ClassVar[type[Function]]
    needs_input_grad: tuple[bool, ...] = ()
    materialize_grads: bool = True
    to_save: tuple[Any, ...] = ()
    dirty_tensors: tuple[Any, ...] = ()
    non_differentiable: tuple[Any, ...] = ()
    _origins: tuple[int | None, ...] = ()
    _input_shapes: tuple[Any, ...] = ()

    def __init__(self) -> None:
        self.plan = self.hooks = None
        self.inputs = self.saved = self.params = ()
        self.shape, self.dtype = (), None
        self.code, self.lasti = here()

    @property
    def operator(self) -> str:
        return self.function.__name__

    def name(self) -> str:
        return f"{self.function.__name__}Backward"

    # --- for the author of a Function ------------------------------------------------------------

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors (or None) for ``backward``, which finds them in ``saved_tensors``."""
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, TensorBase):
                raise TypeError(
                    f"{self.operator}: save_for_backward takes tensors and None, not "
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
        if not self.saved and "saved_for_forward" in self.__dict__:
            return tuple(self.saved_for_forward)
        return tuple(self.unpack(_tensor_of))

    # --- for the engine --------------------------------------------------------------------------

    def source(self, index: int) -> Node | None:
        origin = self._origins[index]
        if origin is _NEITHER:
            return None
        return self.inputs[origin] if origin >= 0 else self.output_node(-1 - origin)

    def value_name(self, index: int) -> str:
        origin = self._origins[index]
        if origin is _NEITHER:
            return f"saved tensor {index}"
        return f"argument {origin}" if origin >= 0 else f"output {-1 - origin}"

    def pull(self, grad: Any, wrap: Wrap) -> list[Any]:
        grads = grad if isinstance(grad, list) else [grad]
        if type(self.saved) is Freed:
            raise GraphError(self._second_backward(self.saved))
        given = [g if g is None or wrap is not None else TensorBase._wrap(g) for g in grads]
        own = self.function
        backward = own.vjp if own.backward is Function.backward else own.backward
        results = backward(self, *given)
        results = list(results) if isinstance(results, (tuple, list)) else [results]
        number = len(self.inputs)
        while len(results) > number and results[-1] is None:
            results.pop()
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
        shape = self._input_shapes[index]
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

    def _record(self, args: Sequence[Any], results: Sequence[Any]) -> None:
        """Make this the node of ``results``."""
        self._input_shapes = tuple(
            a._array.shape if isinstance(a, TensorBase) else None for a in args
        )
        shapes = [r._array.shape if isinstance(r, TensorBase) else None for r in results]
        dtypes = [r._array.dtype if isinstance(r, TensorBase) else None for r in results]
        if len(results) == 1:
            self.shape, self.dtype = shapes[0], dtypes[0]  # type: ignore[assignment]
        else:
            self.shape, self.dtype = shapes, dtypes  # type: ignore[assignment]
        for i, result in enumerate(results):
            if not isinstance(result, TensorBase) or result._array.dtype.kind in "biu":
                continue
            if any(result is t for t in self.non_differentiable):
                continue
            node = self.output_node(i)
            if any(result is t for t in self.dirty_tensors):
                written(result, self.function.__name__, node)
            else:
                result._node = node

    def _keep(self, args: Sequence[Any], results: Sequence[Any]) -> None:
        """Save what ``save_for_backward`` was given, now that nobody changes it any more."""
        tensors, self.to_save = self.to_save, ()
        self._origins = tuple(
            next((-1 - i for i, r in enumerate(results) if r is t),
                 next((i for i, a in enumerate(args) if a is t), _NEITHER))
            for t in tensors
        )  # fmt: skip
        self.saved = tuple(saved(t) for t in tensors)


def _tensor_of(array: Any, node: Node | None) -> Any:
    if array is None:
        return None
    tensor = TensorBase._wrap(array)
    tensor._node = node if array.dtype.kind not in "biu" else None
    return tensor


class Function:
    """Base of custom operators: subclass it, write ``forward`` and ``backward``, call ``apply``.

    ``forward`` computes with recording off. ``backward`` gets the gradient of each output and
    returns one for each argument of ``forward``, None where there is none; written with tensor
    operators, it can itself be differentiated.

    Two styles: ``forward(ctx, *args)``, or ``forward(*args)`` with ``setup_context(ctx, inputs,
    output)``.

    Source: PyTorch, ``torch.autograd.Function``.

    Example:
        >>> import autograd_core as ag
        >>> class Cube(ag.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x * x * x
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         (x,) = ctx.saved_tensors
        ...         return g * 3 * x * x
        >>> x = ag.tensor(2.0, requires_grad=True)
        >>> y = Cube.apply(x)
        >>> y
        tensor(8., grad_fn=<CubeBackward>)
        >>> y.backward()
        >>> x.grad
        tensor(12.)
    """

    generate_vmap_rule: bool = False
    _context: ClassVar[type[FunctionCtx]] = FunctionCtx

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._context = type(f"{cls.__name__}Backward", (FunctionCtx,), {"function": cls})

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            f"{cls.__name__}: a Function is not instantiated. Mend: {cls.__name__}.apply(...), "
            f"with static methods forward and backward."
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the output; to be overridden."""
        raise NotImplementedError("a Function must define the static method forward")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save what backward needs, where ``forward`` takes no ``ctx``; may be overridden."""
        raise NotImplementedError("setup_context is not implemented")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Gradients of the arguments of ``forward``; to be overridden."""
        raise NotImplementedError(
            f"{ctx.operator} has no static method backward, so it cannot be differentiated"
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Derivative along a direction, for forward mode; may be overridden."""
        raise NotImplementedError("this Function has no static method jvp")

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """The batched operator, for ``func.vmap``; may be overridden."""
        raise NotImplementedError("this Function has no static method vmap")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Call the operator, and record it where an argument requires grad."""
        separate = cls.setup_context is not Function.setup_context
        if separate:
            bound = inspect.signature(cls.forward).bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        elif kwargs:
            raise TypeError(
                f"{cls.__name__}.apply takes no keyword arguments where forward takes ctx. "
                f"Mend: pass them by position, or define setup_context."
            )
        ctx = cls._context()
        nodes = [node_of(a) for a in args]
        ctx.needs_input_grad = tuple(n is not None for n in nodes)
        recording = modes.grad and any(ctx.needs_input_grad)
        ctx.inputs = tuple(nodes) if recording else ()
        with no_grad():
            if separate:
                output = cls.forward(*args)
                cls.setup_context(ctx, args, output)
            else:
                output = cls.forward(ctx, *args)
        single = not isinstance(output, tuple)
        results = [_own(r, args, ctx) for r in ((output,) if single else output)]
        _check_dirty(ctx, args, results)
        if recording:
            ctx._record(args, results)
            ctx._keep(args, results)
            if modes.anomaly is not None:
                modes.anomaly(ctx, _arrays(args), _arrays(results))
        else:
            for tensor in ctx.dirty_tensors:
                tensor._mutated(cls.__name__)
        ctx.dirty_tensors = ctx.non_differentiable = ()
        return results[0] if single else tuple(results)


def _arrays(values: Sequence[Any]) -> list[Any]:
    return [v._array for v in values if isinstance(v, TensorBase)]


def _own(result: Any, args: Sequence[Any], ctx: FunctionCtx) -> Any:
    """An output that is an unchanged input becomes a view of it, with a node of its own."""
    if not any(result is a for a in args) or not isinstance(result, TensorBase):
        return result
    if any(result is t for t in ctx.dirty_tensors):
        return result
    view = TensorBase._wrap(result._array)
    view._counter = result._version_counter()
    base = result if result._view is None else result._view.base
    view._view = View(base, None, view._counter.writes)
    if any(result is t for t in ctx.non_differentiable):
        ctx.non_differentiable += (view,)
    return view


def _check_dirty(ctx: FunctionCtx, args: Sequence[Any], results: Sequence[Any]) -> None:
    for tensor in ctx.dirty_tensors:
        if not any(tensor is a for a in args):
            raise GraphError(
                f"{ctx.operator}: mark_dirty was given a tensor that is no argument of forward. "
                f"Mend: name the arguments that forward changed in place."
            )
        if not any(tensor is r for r in results):
            raise GraphError(
                f"{ctx.operator}: an argument that was marked dirty is not among the outputs. "
                f"Mend: return it, since the graph continues from what forward returns."
            )
        check_writable(tensor, ctx.operator)


class _NotTwice(Node):
    """Stands behind gradients that were computed without a record, and refuses to be walked."""

    __slots__ = ("maker",)
    maker: FunctionCtx

    @property
    def operator(self) -> str:
        return self.maker.operator

    def name(self) -> str:
        return "NotDifferentiableTwice"

    def pull(self, grad: Any, wrap: Wrap) -> list[Any]:
        raise GraphError(
            f"{self.operator} (applied at {self.maker.place_and_text}) is marked "
            f"@once_differentiable, and its gradient was differentiated. Mend: write backward with "
            f"tensor operators and take the mark away, or do not differentiate twice."
        )


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a ``backward`` whose result must not be differentiated again.

    It runs with recording off, so it may use NumPy; a second derivative through it raises
    GraphError instead of being silently wrong.

    Source: PyTorch, ``torch.autograd.function.once_differentiable``.
    """

    @functools.wraps(backward)
    def wrapper(ctx: Any, *grads: Any) -> Any:
        with no_grad():
            results = backward(ctx, *grads)
        if not modes.grad:
            return results
        several = isinstance(results, (tuple, list))
        refused = []
        for result in results if several else (results,):
            if isinstance(result, TensorBase) and result._array.dtype.kind not in "biu":
                array = result._array
                result = TensorBase._wrap(array)
                node = result._node = _NotTwice()
                node.maker, node.plan, node.hooks = ctx, None, None
                node.inputs = (*ctx.inputs, *(node_of(g) for g in grads))
                node.saved = node.params = ()
                node.shape, node.dtype = array.shape, array.dtype
                node.code, node.lasti = ctx.code, ctx.lasti
            refused.append(result)
        return tuple(refused) if several else refused[0]

    return wrapper
