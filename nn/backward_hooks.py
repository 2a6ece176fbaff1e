"""How a module's backward hooks see its gradients: two identities in the graph, around the module.

The one behind the outputs learns their gradients and lets the pre-hooks change them; the one before
the inputs learns the inputs' gradients and lets the hooks change those.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.autograd.function import Function
from autograd_core.grad_mode import is_grad_enabled
from autograd_core.tensor import Tensor


class _Boundary(Function):
    """The identity; its backward passes the gradients through a callback."""

    @staticmethod
    def forward(ctx: Any, callback: Callable[..., Any], *tensors: Tensor) -> Any:
        ctx.callback = callback
        ctx.set_materialize_grads(False)
        return tensors

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return (None, *ctx.callback(grads))


def _insert(
    values: tuple[Any, ...], callback: Callable[..., Any]
) -> tuple[tuple[Any, ...], list[int]]:
    """Put a boundary behind those values that need a gradient; also return their positions."""
    places = [i for i, v in enumerate(values) if isinstance(v, Tensor) and v.requires_grad]
    if not places or not is_grad_enabled():
        return values, []
    passed = list(values)
    for i, tensor in zip(places, _Boundary.apply(callback, *[values[i] for i in places])):
        passed[i] = tensor
    return tuple(passed), places


def _spread(values: Sequence[Any], places: list[int], length: int) -> tuple[Any, ...]:
    """Return `length` entries, `values` at their places and None elsewhere."""
    spread = [None] * length
    for i, value in zip(places, values):
        spread[i] = value
    return tuple(spread)


class BackwardHook:
    """One call of a module whose backward is watched.

    Args:
        module: the module.
        pre_hooks: called with (module, grad_output).
        hooks: called with (module, grad_input, grad_output).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> m = nn.Tanh()
        >>> handle = m.register_full_backward_hook(lambda module, gi, go: (gi[0] * 0,))
        >>> x = ag.ones(1, requires_grad=True)
        >>> m(x).backward()
        >>> x.grad
        tensor([0.])
    """

    def __init__(
        self,
        module: Any,
        pre_hooks: Sequence[Callable[..., Any]],
        hooks: Sequence[Callable[..., Any]],
    ) -> None:
        self.module = module
        self.pre_hooks = pre_hooks
        self.hooks = hooks
        self.grad_output: tuple[Any, ...] | None = None

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the arguments for `forward`, so that their gradients come by here."""
        self.n_inputs = len(args)
        args, self.input_places = _insert(args, self._inputs_arrived)
        return args

    def watch_outputs(self, result: Any) -> Any:
        """Return what the call returns, so that its gradients come by here."""
        if not isinstance(result, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of "
                f"Tensors but received {type(result)}",
                stacklevel=4,
            )
            return result
        outputs = result if isinstance(result, tuple) else (result,)
        self.n_outputs = len(outputs)
        outputs, self.output_places = _insert(outputs, self._outputs_arrived)
        return outputs if isinstance(result, tuple) else outputs[0]

    def _outputs_arrived(self, grads: tuple[Any, ...]) -> list[Any]:
        grad_output = _spread(grads, self.output_places, self.n_outputs)
        for hook in self.pre_hooks:
            replaced = hook(self.module, grad_output)
            if replaced is not None:
                grad_output = self._checked(replaced, grad_output, "Backward pre hook", "output")
        if self.input_places:
            self.grad_output = grad_output
        else:
            self._call_without_inputs(grad_output)
        return [grad_output[i] for i in self.output_places]

    def _inputs_arrived(self, grads: tuple[Any, ...]) -> Sequence[Any]:
        # Gradients that reach the inputs and never passed the outputs are not the module's.
        if self.grad_output is None:
            return grads
        grad_input = _spread(grads, self.input_places, self.n_inputs)
        for hook in self.hooks:
            replaced = hook(self.module, grad_input, self.grad_output)
            if replaced is not None:
                grad_input = self._checked(replaced, grad_input, "Backward hook", "input")
        self.grad_output = None
        return [grad_input[i] for i in self.input_places]

    def _call_without_inputs(self, grad_output: tuple[Any, ...]) -> None:
        for hook in self.hooks:
            replaced = hook(self.module, (None,) * self.n_inputs, grad_output)
            if replaced is not None and any(grad is not None for grad in replaced):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always "
                    "return None or None for all gradients."
                )

    def _checked(
        self, replaced: Any, old: tuple[Any, ...], what: str, which: str
    ) -> tuple[Any, ...]:
        replaced = replaced if isinstance(replaced, tuple) else (replaced,)
        if len(replaced) != len(old):
            raise RuntimeError(
                f"{what} of {type(self.module).__name__} returned an invalid number of "
                f"grad_{which}, got {len(replaced)}, but expected {len(old)}"
            )
        return replaced
