"""Modules whose parameters get their values from elsewhere."""

from __future__ import annotations

import inspect
from typing import Any

from autograd_core.nn.module import Module
from autograd_core.random import fork_rng


def skip_init(module_cls: type[Module], *args: Any, **kwargs: Any) -> Module:
    """Make a module whose parameters and buffers hold whatever values, and draw no random numbers.

    Args:
        module_cls: the class; its constructor must take `device`.
        args, kwargs: for the constructor.

    Raises:
        RuntimeError: it is not a class of modules, or takes no `device`.

    Source: PyTorch's ``torch.nn.utils.skip_init``.

    Example:
        >>> from autograd_core import nn
        >>> nn.utils.skip_init(nn.Linear, 5, 1).weight.shape
        autograd_core.Size([1, 5])
    """
    if not issubclass(module_cls, Module):
        raise RuntimeError(f"skip_init: expected a class of modules, got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters:
        raise RuntimeError(
            f"skip_init: {module_cls.__name__} must take `device` for its initialization to be "
            "skipped"
        )
    with fork_rng():
        return module_cls(*args, **kwargs)
