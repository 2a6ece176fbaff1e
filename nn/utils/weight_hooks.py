"""Hooks that compute a weight before each forward: what weight norm and spectral norm share."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor


class WeightHook:
    """Computes the weight ``name`` of a module from what stands in its place."""

    title: ClassVar[str]
    parts: ClassVar[tuple[str, ...]]
    """The endings of what the weight is computed from."""

    def __init__(self, name: str) -> None:
        self.name = name

    def compute(self, module: Any, training: bool) -> Any:
        """The weight."""
        raise NotImplementedError

    def __call__(self, module: Any, args: Any) -> None:
        setattr(module, self.name, self.compute(module, module.training))


def plain_weight(module: Module, kind: type[WeightHook], name: str) -> Tensor:
    """The parameter that a hook of this kind is to compute.

    Raises:
        RuntimeError: such a hook computes it already.
        ValueError: there is no such parameter.
    """
    if any(type(h) is kind and h.name == name for h in module._forward_pre_hooks.values()):
        raise RuntimeError(f"Cannot register two {kind.title} hooks on the same parameter {name}")
    weight = module._parameters.get(name)
    if not isinstance(weight, Tensor):
        raise ValueError(f"{kind.title}: {type(module).__name__} has no parameter {name!r}")
    return weight


def remove_hook(module: Module, kind: type[WeightHook], name: str) -> Module:
    """Make the weight that a hook of this kind computes a plain parameter again.

    Raises:
        ValueError: there is no such hook.
    """
    for key, hook in list(module._forward_pre_hooks.items()):
        if type(hook) is kind and hook.name == name:
            weight = hook.compute(module, False).detach()
            for part in (name, *[name + ending for ending in kind.parts]):
                delattr(module, part)
            module.register_parameter(name, Parameter(weight))
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"{kind.title} of '{name}' not found in {type(module).__name__}")
