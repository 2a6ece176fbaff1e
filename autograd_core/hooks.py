"""Handles by which registered hooks are removed again."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from itertools import count
from typing import Any

_ids = count()


class RemovableHandle:
    """Returned by every ``register_*_hook``; ``remove()`` takes the hook out. Also a context
    manager.

    Args:
        hooks: the ordered dictionary that holds the hooks.
        extra: other dictionaries keyed by the same id.

    Source: PyTorch, ``torch.utils.hooks.RemovableHandle``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0], requires_grad=True)
        >>> handle = x.register_hook(lambda g: g * 2)
        >>> handle.remove()
    """

    def __init__(self, hooks: Any, *, extra: Any = ()) -> None:
        self.id = next(_ids)
        self._hooks = weakref.ref(hooks)
        self._extra = tuple(
            weakref.ref(d) for d in (extra if isinstance(extra, list) else (extra or ()))
        )

    def remove(self) -> None:
        """Take the hook out; a second call does nothing."""
        for reference in (self._hooks, *self._extra):
            hooks = reference()
            if hooks is not None:
                hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


class Hooks(OrderedDict[int, Any]):
    """Hooks in the order of registration, keyed by their handle's id."""

    def add(self, hook: Any) -> RemovableHandle:
        """Append ``hook`` and return the handle that removes it."""
        if not callable(hook):
            raise TypeError(f"a hook must be callable, not {type(hook).__name__}")
        handle = RemovableHandle(self)
        self[handle.id] = hook
        return handle

    def __repr__(self) -> str:
        return repr(OrderedDict(self))
