"""Parameters by patterns of names, to freeze parts of a model and to let them learn again."""

from __future__ import annotations

from fnmatch import fnmatchcase

from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter


def matching_parameters(module: Module, *patterns: str) -> dict[str, Parameter]:
    """The parameters whose names match, or that belong to submodules whose names match.

    Args:
        module: the model.
        patterns: names of parameters or submodules, in which `*` stands for any text, dots
            included, and `?` for a character; none at all means every parameter.

    Returns:
        A dict from names to parameters, in the module's order.

    Raises:
        TypeError: a pattern is no text.
        ValueError: a pattern matches nothing, which is nearly always a slip.

    Example:
        >>> from autograd_core import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
        >>> list(nn.utils.matching_parameters(model, "0", "*.bias"))
        ['0.weight', '0.bias', '2.bias']
    """
    found: set[str] = set()
    everything = dict(module.named_parameters())
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise TypeError(f"matching_parameters: expected patterns as text, got {pattern!r}")
        names = [
            name
            for name in everything
            if fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")
        ]
        if not names:
            raise ValueError(
                f"matching_parameters: {pattern!r} matches no parameter or submodule of "
                f"{type(module).__name__}. Mend: names are those of named_parameters()"
            )
        found.update(names)
    return {name: p for name, p in everything.items() if name in found or not patterns}


def freeze(module: Module, *patterns: str) -> list[str]:
    """Let parameters learn no more: they require no gradient, and those they have are dropped.

    Running statistics, as of batch normalization, still change in training mode.

    Args:
        module: the model.
        patterns: which parameters, as for :func:`matching_parameters`; none means all.

    Returns:
        Their names.

    Raises:
        ValueError: a pattern matches nothing.

    Example:
        >>> from autograd_core import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
        >>> nn.utils.freeze(model, "0")
        ['0.weight', '0.bias']
        >>> [name for name, p in model.named_parameters() if p.requires_grad]
        ['2.weight', '2.bias']
    """
    chosen = matching_parameters(module, *patterns)
    for parameter in chosen.values():
        parameter.requires_grad_(False)
        parameter.grad = None  # with it, an optimizer would go on moving the parameter
    return list(chosen)


def unfreeze(module: Module, *patterns: str) -> list[str]:
    """Let parameters learn again.

    Args:
        module: the model.
        patterns: which parameters, as for :func:`matching_parameters`; none means all.

    Returns:
        Their names.

    Raises:
        ValueError: a pattern matches nothing.

    Example:
        >>> from autograd_core import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
        >>> _ = nn.utils.freeze(model)
        >>> nn.utils.unfreeze(model, "2")
        ['2.weight', '2.bias']
    """
    chosen = matching_parameters(module, *patterns)
    for parameter in chosen.values():
        parameter.requires_grad_()
    return list(chosen)
