"""Hooks around saving and loading a module's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.hooks import RemovableHandle
from autograd_core.nn.traversal import Traversal


class WithoutModule:
    """A hook that is called without the module, which stands first.

    Args:
        hook: takes the other arguments.
    """

    def __init__(self, hook: Callable[..., Any]) -> None:
        self.hook = hook

    def __call__(self, module: Any, *args: Any) -> Any:
        return self.hook(*args)


class Replacing:
    """A hook of `state_dict` that may return a dict in place of the one it got.

    Args:
        hook: takes the same arguments.
    """

    def __init__(self, hook: Callable[..., Any]) -> None:
        self.hook = hook

    def __call__(self, *args: Any) -> Any:
        return self.hook(*args)


class StateDictHooks(Traversal):
    """The registration of these hooks."""

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before this module's state is collected.

        Args:
            hook: what it returns is ignored.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._state_dict_pre_hooks.add(hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` when the state is collected.

        Args:
            hook: may change `state_dict` in place; must return None.

        Returns:
            A handle whose `remove()` takes the hook away.

        Example:
            >>> from autograd_core import nn
            >>> def without_bias(module, state_dict, prefix, local_metadata):
            ...     del state_dict[prefix + "bias"]
            >>> m = nn.Linear(2, 3)
            >>> handle = m.register_state_dict_post_hook(without_bias)
            >>> list(m.state_dict())
            ['weight']
        """
        return self._state_dict_hooks.add(hook)

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """As `register_state_dict_post_hook`, for a hook that may return another dict, which
        counts where this module is the one that was asked for its state."""
        return self._state_dict_hooks.add(Replacing(hook))

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call a hook before this module takes its share of a state that is loaded.

        Args:
            hook: called as `hook(module, state_dict, prefix, local_metadata, strict, missing_keys,
                unexpected_keys, error_msgs)`; may change the dict and the lists in place.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._load_state_dict_pre_hooks.add(hook)

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> RemovableHandle:
        """As `register_load_state_dict_pre_hook`, for hooks that do not get the module: the older
        form, by which published models rename their keys."""
        return self._load_state_dict_pre_hooks.add(hook if with_module else WithoutModule(hook))

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` when this module and all below are loaded.

        Args:
            hook: may change the two lists in place; must return None.

        Returns:
            A handle whose `remove()` takes the hook away.
        """
        return self._load_state_dict_post_hooks.add(hook)
