"""What can be hooked into an optimizer: before and after steps, saving and loading."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from autograd_core.hooks import Hooks, RemovableHandle

Hook = Callable[..., Any]

# Those of all optimizers.
_global_pre_hooks = Hooks()
_global_post_hooks = Hooks()


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` before every step of every optimizer.

    Args:
        hook: may return None, or `(new_args, new_kwargs)` to call the step with.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> handle = register_optimizer_step_pre_hook(lambda *_: print("before"))
        >>> optim.SGD([ag.zeros(1, requires_grad=True)]).step()
        before
        >>> handle.remove()
    """
    return _added(_global_pre_hooks, hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` after every step of every optimizer.

    Args:
        hook: what it returns is ignored.

    Returns:
        A handle whose `remove()` takes the hook away.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> handle = register_optimizer_step_post_hook(lambda *_: print("after"))
        >>> optim.SGD([ag.zeros(1, requires_grad=True)]).step()
        after
        >>> handle.remove()
    """
    return _added(_global_post_hooks, hook)


def with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """Run an optimizer's step hooks around its `step`, also when a subclass wrote its own.

    Args:
        step: the method.

    Returns:
        The method to put in its place.

    Example:
        >>> with_hooks(lambda self: None).hooked
        True
    """

    @functools.wraps(step)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        self: Hooked = args[0]
        if self._in_step:  # a subclass's step that calls the step it overrides
            return step(*args, **kwargs)
        for pre_hook in _all(_global_pre_hooks, self._optimizer_step_pre_hooks):
            result = pre_hook(self, args, kwargs)
            if result is not None:
                if not (isinstance(result, tuple) and len(result) == 2):
                    raise RuntimeError(
                        f"{type(self).__name__}.step: a pre-hook must return None or a tuple of "
                        f"(new_args, new_kwargs), but {pre_hook!r} returned {result!r}"
                    )
                args, kwargs = result
        self._opt_called = True  # what a learning rate scheduler asks before its first step
        self._in_step = True
        try:
            out = step(*args, **kwargs)
        finally:
            self._in_step = False
        for post_hook in _all(self._optimizer_step_post_hooks, _global_post_hooks):
            post_hook(self, args, kwargs)
        return out

    wrapped.hooked = True  # type: ignore[attr-defined]
    return wrapped


class Hooked:
    """The hooks of one optimizer. They are neither copied nor saved with it."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # Here, as optimizers that wrap another one often do not call Optimizer.__init__.
        self = super().__new__(cls)
        self._make_hooks()
        return self

    def _make_hooks(self) -> None:
        self._opt_called = False
        self._in_step = False
        self._optimizer_step_pre_hooks = Hooks()
        self._optimizer_step_post_hooks = Hooks()
        self._optimizer_state_dict_pre_hooks = Hooks()
        self._optimizer_state_dict_post_hooks = Hooks()
        self._optimizer_load_state_dict_pre_hooks = Hooks()
        self._optimizer_load_state_dict_post_hooks = Hooks()

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before every step.

        Args:
            hook: may return None, or `(new_args, new_kwargs)` to call the step with.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)])
            >>> handle = opt.register_step_pre_hook(lambda *_: print("before"))
            >>> opt.step()
            before
            >>> handle.remove()
        """
        return _added(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after every step.

        Args:
            hook: what it returns is ignored.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)])
            >>> handle = opt.register_step_post_hook(lambda *_: print("after"))
            >>> opt.step()
            after
        """
        return _added(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` before every `state_dict`.

        Args:
            hook: what it returns is ignored.
            prepend: call it before the hooks there are; default False, after them.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return _added(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` after every `state_dict`.

        Args:
            hook: may change the dict in place, or return another that takes its place.
            prepend: call it before the hooks there are; default False, after them.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)])
            >>> handle = opt.register_state_dict_post_hook(
            ...     lambda opt, state_dict: {**state_dict, "epoch": 3})
            >>> opt.state_dict()["epoch"]
            3
        """
        return _added(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before every `load_state_dict`.

        Args:
            hook: gets a shallow copy of the dict; may change it, or return another to be loaded.
            prepend: call it before the hooks there are; default False, after them.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return _added(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer)` after every `load_state_dict`.

        Args:
            hook: what it returns is ignored.
            prepend: call it before the hooks there are; default False, after them.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return _added(self._optimizer_load_state_dict_post_hooks, hook, prepend)


def _added(hooks: Hooks, hook: Hook, prepend: bool = False) -> RemovableHandle:
    handle = hooks.add(hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def _all(*hooks: Hooks) -> Iterator[Hook]:
    """The hooks as they are now; one may remove itself while it runs."""
    return iter(tuple(chain.from_iterable(each.values() for each in hooks)))
