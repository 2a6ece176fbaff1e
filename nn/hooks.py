"""Hooks around a module's forward and backward, for one module or for all.

A call without hooks never comes here: `Module.__call__` goes straight to `forward`.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from autograd_core.hooks import Hooks, RemovableHandle
from autograd_core.nn import registry
from autograd_core.nn.backward_hooks import BackwardHook
from autograd_core.nn.registry import Registry

# Hooks of all modules.
global_forward_pre_hooks = Hooks()
global_forward_hooks = Hooks()
global_forward_hooks_with_kwargs: OrderedDict[int, bool] = OrderedDict()
global_forward_hooks_always_called: OrderedDict[int, bool] = OrderedDict()
global_backward_pre_hooks = Hooks()
global_backward_hooks = Hooks()


def _register(
    hooks: Hooks,
    hook: Callable[..., Any],
    prepend: bool,
    marks: tuple[tuple[OrderedDict[int, bool], bool], ...] = (),
) -> RemovableHandle:
    """Add a hook, and its id to those of the `marks` that are wanted."""
    if not callable(hook):
        raise TypeError(f"a hook must be callable, not {type(hook).__name__}")
    handle = RemovableHandle(hooks, extra=[mark for mark, _ in marks])
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    for mark, wanted in marks:
        if wanted:
            mark[handle.id] = True
    return handle


class ModuleHooks(Registry):
    """The registration of a module's hooks, and the call that runs them."""

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before every forward.

        Args:
            hook: may return new arguments: a tuple, or a single value that is wrapped in one.
            prepend: run before the hooks registered so far; default False.
            with_kwargs: call `hook(module, args, kwargs)`, which may return `(args, kwargs)`.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.ReLU()
            >>> handle = m.register_forward_pre_hook(lambda module, args: (args[0] + 1,))
            >>> m(ag.tensor([-1.0, 1.0]))
            tensor([0., 2.])
        """
        marks = ((self._forward_pre_hooks_with_kwargs, with_kwargs),)
        return _register(self._forward_pre_hooks, hook, prepend, marks)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after every forward.

        Args:
            hook: may return an output to take the place of `forward`'s.
            prepend: run before the hooks registered so far; default False.
            with_kwargs: call `hook(module, args, kwargs, output)`; default False.
            always_call: call it also when the forward raised, with output None; default False.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.ReLU()
            >>> with m.register_forward_hook(lambda module, args, output: output * 2):
            ...     m(ag.tensor([-1.0, 1.0]))
            tensor([0., 2.])
        """
        marks = (
            (self._forward_hooks_with_kwargs, with_kwargs),
            (self._forward_hooks_always_called, always_call),
        )
        return _register(self._forward_hooks, hook, prepend, marks)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_output)` when the gradients of the module's outputs are known.

        Args:
            hook: gets a tuple, one entry per output; may return new gradients in its place.
            prepend: run before the hooks registered so far; default False.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.ReLU()
            >>> handle = m.register_full_backward_pre_hook(lambda module, grad: (grad[0] * 10,))
            >>> x = ag.ones(2, requires_grad=True)
            >>> m(x).sum().backward()
            >>> x.grad
            tensor([10., 10.])
        """
        return _register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the inputs' gradients are known.

        Args:
            hook: gets two tuples, one entry per positional input and per output, with None for
                what needs no gradient; may return new gradients of the inputs.
            prepend: run before the hooks registered so far; default False.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import nn
            >>> m = nn.ReLU()
            >>> handle = m.register_full_backward_hook(lambda module, gi, go: print(gi, go))
            >>> x = ag.tensor([-1.0, 1.0], requires_grad=True)
            >>> m(x).sum().backward()
            (tensor([0., 1.]),) (tensor([1., 1.]),)
        """
        return _register(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """The older name of `register_full_backward_hook`, which it calls.

        Args:
            hook: as there.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self.register_full_backward_hook(hook)

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run `forward` with everything around it."""
        # The hooks that always run and have not run yet, and the output they get.
        waiting = {
            id: hook
            for id, hook in (*global_forward_hooks.items(), *self._forward_hooks.items())
            if id in global_forward_hooks_always_called or id in self._forward_hooks_always_called
        }
        result = None
        try:
            args, kwargs = self._run_pre_hooks(args, kwargs)
            backward = None
            before = (*global_backward_pre_hooks.values(), *self._backward_pre_hooks.values())
            after = (*global_backward_hooks.values(), *self._backward_hooks.values())
            if before or after:
                backward = BackwardHook(self, before, after)
                args = backward.watch_inputs(args)
            result = self.forward(*args, **kwargs)
            for id, hook in (*global_forward_hooks.items(), *self._forward_hooks.items()):
                waiting.pop(id, None)
                replaced = self._run_forward_hook(id, hook, args, kwargs, result)
                if replaced is not None:
                    result = replaced
            return result if backward is None else backward.watch_outputs(result)
        except Exception:
            for id, hook in waiting.items():
                try:
                    replaced = self._run_forward_hook(id, hook, args, kwargs, result)
                    if replaced is not None:
                        result = replaced
                except Exception as error:
                    warnings.warn(
                        "module forward hook with ``always_call=True`` raised an exception that "
                        f"was silenced as another error was raised in forward: {error}",
                        stacklevel=3,
                    )
            raise

    def _run_pre_hooks(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        for id, hook in (*global_forward_pre_hooks.items(), *self._forward_pre_hooks.items()):
            if id in self._forward_pre_hooks_with_kwargs:
                replaced = hook(self, args, kwargs)
                if replaced is not None:
                    if not (isinstance(replaced, tuple) and len(replaced) == 2):
                        raise RuntimeError(
                            "forward pre-hook must return None or a tuple of "
                            f"(new_args, new_kwargs), but got {replaced}."
                        )
                    args, kwargs = replaced
            else:
                replaced = hook(self, args)
                if replaced is not None:
                    args = replaced if isinstance(replaced, tuple) else (replaced,)
        return args, kwargs

    def _run_forward_hook(
        self,
        id: int,
        hook: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Any,
    ) -> Any:
        if id in self._forward_hooks_with_kwargs or id in global_forward_hooks_with_kwargs:
            return hook(self, args, kwargs, result)
        return hook(self, args, result)


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, args)` before the forward of every module, before its own hooks.

    Args:
        hook: may return new arguments: a tuple, or a single value that is wrapped in one.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> with nn.register_module_forward_pre_hook(lambda module, args: print(module)):
        ...     y = nn.ReLU()(ag.ones(1))
        ReLU()
    """
    return _register(global_forward_pre_hooks, hook, False)


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call `hook(module, args, output)` after the forward of every module, before its own hooks.

    Args:
        hook: may return an output to take the place of `forward`'s.
        with_kwargs: call `hook(module, args, kwargs, output)`; default False.
        always_call: call it also when the forward raised, with output None; default False.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> with nn.register_module_forward_hook(lambda module, args, output: output + 1):
        ...     nn.ReLU()(ag.ones(1))
        tensor([2.])
    """
    marks = (
        (global_forward_hooks_with_kwargs, with_kwargs),
        (global_forward_hooks_always_called, always_call),
    )
    return _register(global_forward_hooks, hook, False, marks)


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_output)` in the backward of every module, before its own hooks.

    Args:
        hook: may return new gradients of the outputs.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> from autograd_core import nn
        >>> handle = nn.register_module_full_backward_pre_hook(lambda module, grad_output: None)
        >>> handle.remove()
    """
    return _register(global_backward_pre_hooks, hook, False)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` in the backward of every module.

    Args:
        hook: may return new gradients of the inputs.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> from autograd_core import nn
        >>> handle = nn.register_module_full_backward_hook(lambda module, gi, go: None)
        >>> handle.remove()
    """
    return _register(global_backward_hooks, hook, False)


def register_module_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """The older name of `register_module_full_backward_hook`, which it calls.

    Args:
        hook: as there.

    Returns:
        A handle whose `remove()` takes the hook away.
    """
    return register_module_full_backward_hook(hook)


def register_module_parameter_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, name, param)` whenever a module registers a parameter.

    Args:
        hook: may return a parameter to register in its place.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> from autograd_core import nn
        >>> with nn.register_module_parameter_registration_hook(lambda m, name, p: print(name)):
        ...     layer = nn.Linear(1, 1)
        weight
        bias
    """
    return _register(registry.parameter_registration_hooks, hook, False)


def register_module_buffer_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, name, buffer)` whenever a module registers a buffer.

    Args:
        hook: may return a Tensor to register in its place.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> from autograd_core import nn
        >>> handle = nn.register_module_buffer_registration_hook(lambda m, name, b: None)
        >>> handle.remove()
    """
    return _register(registry.buffer_registration_hooks, hook, False)


def register_module_module_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, name, submodule)` whenever a module registers a submodule.

    Args:
        hook: may return a module to register in its place.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> from autograd_core import nn
        >>> with nn.register_module_module_registration_hook(lambda m, name, s: print(name, s)):
        ...     model = nn.Sequential(nn.ReLU())
        0 ReLU()
    """
    return _register(registry.module_registration_hooks, hook, False)
