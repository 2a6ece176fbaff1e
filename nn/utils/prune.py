"""Pruning: parameters of which some elements are held at zero.

The module's parameter ``weight`` becomes ``weight_orig``, its buffer ``weight_mask`` says what is
left, and ``weight`` is their product, computed before every forward. Pruning again prunes what is
left.

Source: PyTorch's ``torch.nn.utils.prune``.

Example:
    >>> import autograd_core as ag
    >>> from autograd_core import nn
    >>> from autograd_core.nn.utils import prune
    >>> layer = prune.l1_unstructured(nn.Linear(4, 2), "weight", amount=0.5)
    >>> list(layer.state_dict())
    ['bias', 'weight_orig', 'weight_mask']
    >>> (layer.weight == 0).sum().item()
    4
    >>> _ = prune.remove(layer, "weight")
    >>> list(layer.state_dict())
    ['bias', 'weight']
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.grad_mode import no_grad
from autograd_core.nn.module import Module
from autograd_core.nn.utils.pruning import (
    BasePruningMethod,
    CustomFromMask,
    Identity,
    PruningContainer,
    method_of,
)
from autograd_core.nn.utils.pruning_methods import (
    L1Unstructured,
    LnStructured,
    RandomStructured,
    RandomUnstructured,
)
from autograd_core.tensor import Tensor

__all__ = [
    "BasePruningMethod", "CustomFromMask", "Identity", "L1Unstructured", "LnStructured",
    "PruningContainer", "RandomStructured", "RandomUnstructured", "custom_from_mask",
    "global_unstructured", "identity", "is_pruned", "l1_unstructured", "ln_structured",
    "random_structured", "random_unstructured", "remove",
]  # fmt: skip


def identity(module: Module, name: str) -> Module:
    """Give a parameter a mask of ones.

    Args:
        module: the module, which is changed.
        name: the parameter's name.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter.
    """
    Identity.apply(module, name)
    return module


def random_unstructured(module: Module, name: str, amount: float) -> Module:
    """Prune elements of a parameter at random.

    Args:
        module: the module, which is changed.
        name: the parameter's name.
        amount: how many (int), or which share of those left (float).

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter, or there are not so many elements.
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(
    module: Module, name: str, amount: float, importance_scores: Tensor | None = None
) -> Module:
    """Prune the elements of a parameter that have the smallest absolute values.

    Args:
        module: the module, which is changed.
        name: the parameter's name.
        amount: how many (int), or which share of those left (float).
        importance_scores: taken in place of the values.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter, or there are not so many elements.
    """
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module: Module, name: str, amount: float, dim: int) -> Module:
    """Prune channels of a parameter at random.

    Args:
        module: the module, which is changed.
        name: the parameter's name.
        amount: how many (int), or which share of those left (float).
        dim: the dimension of the channels.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter, or there are not so many channels.
        IndexError: it has no dimension `dim`.
    """
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(
    module: Module,
    name: str,
    amount: float,
    n: Any,
    dim: int,
    importance_scores: Tensor | None = None,
) -> Module:
    """Prune the channels of a parameter that have the smallest norms.

    Args:
        module: the module, which is changed.
        name: the parameter's name.
        amount: how many (int), or which share of those left (float).
        n: which norm; see `norm`.
        dim: the dimension of the channels.
        importance_scores: taken in place of the values.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter, or there are not so many channels.
        IndexError: it has no dimension `dim`.
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Module, name: str, mask: Tensor) -> Module:
    """Prune a parameter by a mask.

    Args:
        module: the module, which is changed.
        name: the parameter's name.
        mask: zeros where elements are pruned; of the parameter's shape.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter, or the mask has another shape.
    """
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]],
    pruning_method: Any,
    importance_scores: dict[tuple[Module, str], Tensor] | None = None,
    **kwargs: Any,
) -> None:
    """Prune elements of several parameters, chosen among all of them together.

    Args:
        parameters: pairs of a module and a parameter's name.
        pruning_method: the class of an unstructured method.
        importance_scores: from such pairs to what is taken in place of the values.
        kwargs: for the class, such as `amount`.

    Raises:
        TypeError: `parameters` is not iterable, the scores are no dict, or the method is not
            unstructured.
        ValueError: scores have another shape than their parameter.
    """
    if not isinstance(parameters, Iterable):
        raise TypeError(f"global_unstructured: parameters must be iterable, got {parameters!r}")
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError(f"global_unstructured: importance_scores must be a dict, got {scores!r}")
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'global_unstructured: pruning_method must have PRUNING_TYPE "unstructured", got '
            f"{pruning_method.__name__} of {method.PRUNING_TYPE!r}"
        )
    method._tensor_name = "all"
    pairs = list(parameters)
    with no_grad():
        values, masks = [], []
        for module, name in pairs:
            value = getattr(module, name)
            score = scores.get((module, name), value)
            if score.shape != value.shape:
                raise ValueError(
                    f"global_unstructured: importance_scores of {name!r} must have shape "
                    f"{tuple(value.shape)}, got {tuple(score.shape)}"
                )
            mask = getattr(module, f"{name}_mask", None)
            values.append(score.reshape(-1))
            masks.append((ag.ones_like(value) if mask is None else mask).reshape(-1))
        left = PruningContainer(method).compute_mask(ag.cat(values), ag.cat(masks))
        parts = left.split([len(value) for value in values])
    for (module, name), part in zip(pairs, parts, strict=True):
        custom_from_mask(module, name, part.reshape(getattr(module, name).shape))


def is_pruned(module: Module) -> bool:
    """Return whether a module, or one below it, has pruned parameters.

    Args:
        module: the module.
    """
    return any(
        isinstance(hook, BasePruningMethod)
        for one in module.modules()
        for hook in one._forward_pre_hooks.values()
    )


def remove(module: Module, name: str) -> Module:
    """Make the pruned values the parameter again, for good; what was pruned stays zero.

    Args:
        module: the module, which is changed.
        name: the parameter's name.

    Returns:
        The module.

    Raises:
        ValueError: it is not pruned.
    """
    found = method_of(module, name)
    if found is None:
        raise ValueError(
            f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed"
        )
    id, method = found
    method.remove(module)
    del module._forward_pre_hooks[id]
    return module
