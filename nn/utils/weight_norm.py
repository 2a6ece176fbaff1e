"""Weight norm as PyTorch first had it: two parameters, and a weight computed before each call."""

from __future__ import annotations

from typing import Any

from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.nn.utils.weight_hooks import WeightHook, plain_weight, remove_hook

__all__ = ["remove_weight_norm", "weight_norm"]


def norm_except_dim(weight: Any, dim: int) -> Any:
    """The length of ``weight`` along all dimensions but ``dim``, which stay with size 1; -1 means
    along all, as one number."""
    if dim == -1:
        return weight.norm()
    return weight.norm(2, [i for i in range(weight.ndim) if i != dim % weight.ndim], keepdim=True)


class _WeightNormHook(WeightHook):
    title = "weight_norm"
    parts = ("_g", "_v")

    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.dim = -1 if dim is None else dim

    def compute(self, module: Any, training: bool) -> Any:
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return v * (g / norm_except_dim(v, self.dim))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Train length and direction of a weight apart, as ``weight_g`` and ``weight_v``.

    `parametrizations.weight_norm` does the same without a hook; this form has the names that older
    checkpoints have.

    Args:
        module: the module.
        name: its parameter's name.
        dim: the dimension that keeps lengths of its own; None for one length for all.

    Raises:
        RuntimeError: the parameter has a weight norm already.
        ValueError: there is no such parameter.

    Source: PyTorch, ``torch.nn.utils.weight_norm``.

    Example:
        >>> from autograd_core import nn
        >>> [name for name, _ in nn.utils.weight_norm(nn.Linear(3, 2)).named_parameters()]
        ['bias', 'weight_g', 'weight_v']
    """
    weight = plain_weight(module, _WeightNormHook, name)
    hook = _WeightNormHook(name, dim)
    delattr(module, name)
    lengths = norm_except_dim(weight.detach(), hook.dim)
    module.register_parameter(f"{name}_g", Parameter(lengths))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    setattr(module, name, hook.compute(module, module.training))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Make the weight a plain parameter again.

    Raises:
        ValueError: it has no weight norm.

    Source: PyTorch, ``torch.nn.utils.remove_weight_norm``.
    """
    return remove_hook(module, _WeightNormHook, name)
