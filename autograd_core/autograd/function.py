"""Custom operators with their own gradient: ``Function``.

The context ``ctx`` that ``forward`` and ``backward`` receive belongs to the graph's node, so what
the user saves in it lives exactly as long as the graph needs it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from autograd_core.autograd.function_node import FunctionCtx, FunctionNode
from autograd_core.base import TensorBase, View, node_of
from autograd_core.errors import GraphError
from autograd_core.grad_mode import modes, no_grad
from autograd_core.graph import NO_PLAN, Node, Wrap
from autograd_core.inplace import check_writable

__all__ = ["Function", "FunctionCtx", "InplaceFunction", "once_differentiable"]


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
    _node_type: ClassVar[type[FunctionNode]] = FunctionNode

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        body = {"__slots__": (), "function": cls}
        cls._node_type = type(f"{cls.__name__}Backward", (FunctionNode,), body)

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
            f"{ctx.name()}: there is no static method backward, so it cannot be differentiated"
        )

    vjp = backward

    @classmethod
    def _rule(cls) -> Callable[..., Any]:
        return cls.vjp if cls.backward is Function.backward else cls.backward

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
        node = cls._node_type()
        ctx = node.ctx
        sources = [node_of(a) for a in args]
        ctx.needs_input_grad = tuple(n is not None for n in sources)
        with no_grad():
            if separate:
                output = cls.forward(*args)
                cls.setup_context(ctx, args, output)
            else:
                output = cls.forward(ctx, *args)
        single = not isinstance(output, tuple)
        results = [_own(r, args, ctx) for r in ((output,) if single else output)]
        _check_dirty(ctx, args, results)
        if modes.grad and any(ctx.needs_input_grad):
            node.inputs = tuple(sources)
            node.record(args, results)
            if modes.anomaly is not None:
                modes.anomaly(node, _arrays(args), _arrays(results))
        else:
            for tensor in ctx.dirty_tensors:
                tensor._mutated(cls.__name__)
        # Not the graph's: kept, they would tie a knot of tensors and nodes.
        ctx.to_save = ctx.dirty_tensors = ctx.non_differentiable = ()
        return results[0] if single else tuple(results)


class InplaceFunction(Function):
    """A :class:`Function` that may change its arguments in place, as any may here: the base that
    older programs name. Source: PyTorch, ``torch.autograd.function.InplaceFunction``.
    """


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
                f"{ctx.name()}: mark_dirty was given a tensor that is no argument of forward. "
                f"Mend: name the arguments that forward changed in place."
            )
        if not any(tensor is r for r in results):
            raise GraphError(
                f"{ctx.name()}: an argument that was marked dirty is not among the outputs. "
                f"Mend: return it, since the graph continues from what forward returns."
            )
        check_writable(tensor, ctx.name())


class _NotTwice(Node):
    """Stands behind gradients that were computed without a record, and refuses to be walked."""

    __slots__ = ("maker",)
    maker: FunctionNode

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
        maker = ctx._node()
        if not modes.grad or maker is None:
            return results
        several = isinstance(results, (tuple, list))
        refused = []
        for result in results if several else (results,):
            if isinstance(result, TensorBase) and result._array.dtype.kind not in "biu":
                array = result._array
                result = TensorBase._wrap(array)
                node = result._node = _NotTwice()
                node.maker, node.plan, node.hooks = maker, NO_PLAN, None
                node.inputs = (*maker.inputs, *(node_of(g) for g in grads))
                node.saved = ()
                node.shape, node.dtype = array.shape, array.dtype
                node.code, node.lasti = maker.code, maker.lasti
            refused.append(result)
        return tuple(refused) if several else refused[0]

    return wrapper
