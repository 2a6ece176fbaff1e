"""Parameter groups: what an optimizer takes for one, and groups by the names of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from autograd_core.tensor import Tensor


class _Required:
    """Marks a default that every parameter group has to give itself."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


def check_group(
    where: str, group: dict[str, Any], groups: list[dict[str, Any]], differentiable: bool = False
) -> None:
    """Turn `group["params"]` into a list of Tensors, or say what is wrong with it.

    Names given as (name, Tensor) pairs move to `group["param_names"]`.

    Args:
        where: the optimizer's name, for messages.
        group: the new group, changed in place.
        groups: the optimizer's groups so far.
        differentiable: take results too, not only leaves.

    Raises:
        TypeError: not a dict, or its parameters are a set or hold something else than Tensors.
        ValueError: a parameter is no leaf, appears twice, or only some have names.

    Example:
        >>> import autograd_core as ag
        >>> group = {"params": [("w", ag.zeros(2, requires_grad=True))]}
        >>> check_group("SGD", group, [])
        >>> group["param_names"]
        ['w']
    """
    if not isinstance(group, dict):
        raise TypeError(f"{where}: param_group must be a dict, but got {type(group)}")
    if "params" not in group:
        raise ValueError(f'{where}: a parameter group needs a "params" entry')
    params = group["params"]
    if isinstance(params, (set, frozenset)):
        raise TypeError(
            f"{where}: optimizer parameters need to be organized in ordered collections, but the "
            "ordering of tensors in sets will change between runs. Please use a list instead."
        )
    entries = [params] if isinstance(params, Tensor) else list(params)
    names = [entry[0] for entry in entries if isinstance(entry, tuple)]
    if names and len(names) != len(entries):
        raise ValueError(
            f"{where}: all optimizer params should be with/without names. Some param names are "
            f"missing: {len(names)} of {len(entries)} have one"
        )
    tensors = [entry[1] if isinstance(entry, tuple) else entry for entry in entries]
    for p in tensors:
        if not isinstance(p, Tensor):
            raise TypeError(
                f"{where}: optimizer can only optimize Tensors, but one of the params is {type(p)}"
            )
        if not (differentiable or p.is_leaf or p.retains_grad):
            raise ValueError(
                f"{where}: can't optimize a non-leaf Tensor (grad_fn={p.grad_fn}); optimize the "
                "leaf it was computed from, or its .detach().requires_grad_()"
            )
    if len({id(p) for p in tensors}) != len(tensors):
        raise ValueError(f"{where}: a parameter group holds the same parameter twice")
    known = {id(p) for other in groups for p in other["params"]}
    if any(id(p) in known for p in tensors):
        raise ValueError(f"{where}: some parameters appear in more than one parameter group")
    named = bool(names) or "param_names" in group
    if any(("param_names" in other) != named for other in groups):
        raise ValueError(
            f"{where}: all optimizer param groups should be with/without names. cannot add param "
            f"group {'with' if named else 'without'} names to the optimizer"
        )
    group["params"] = tensors
    if names:
        group["param_names"] = names


def group_parameters(
    named_parameters: Iterable[tuple[str, Tensor]], patterns: Mapping[str, dict[str, Any] | None]
) -> list[dict[str, Any]]:
    """Sort parameters into groups by patterns of their names.

    Args:
        named_parameters: (name, Tensor) pairs, such as `model.named_parameters()`.
        patterns: options by pattern, in which `*` stands for any text, dots included, and `?` for
            a character. Where several patterns match a name, their options are united, and the
            later one counts. None in place of options leaves the parameters out.

    Returns:
        Groups for an optimizer, in the order in which their first parameters come; what matches
        no pattern is in a group without options of its own.

    Raises:
        ValueError: a pattern matches no name, which is nearly always a slip.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn, optim
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
        >>> groups = group_parameters(
        ...     model.named_parameters(), {"*.bias": {"weight_decay": 0.0}, "1.*": {"lr": 0.1}})
        >>> opt = optim.AdamW(groups, lr=0.01)
        >>> for group in opt.param_groups:
        ...     print(group["param_names"], group["lr"], group["weight_decay"])
        ['0.weight'] 0.01 0.01
        ['0.bias'] 0.01 0.0
        ['1.weight'] 0.1 0.01
        ['1.bias'] 0.1 0.0
    """
    groups: list[dict[str, Any]] = []
    idle = set(patterns)
    for name, p in named_parameters:
        matching = [pattern for pattern in patterns if fnmatchcase(name, pattern)]
        idle.difference_update(matching)
        options: dict[str, Any] = {}
        for pattern in matching:
            options.update(patterns[pattern] or {})
        if any(patterns[pattern] is None for pattern in matching):
            continue
        for group in groups:
            if {k: v for k, v in group.items() if k != "params"} == options:
                group["params"].append((name, p))
                break
        else:
            groups.append({"params": [(name, p)], **options})
    if idle:
        raise ValueError(
            f"group_parameters: no parameter's name matches {', '.join(map(repr, sorted(idle)))}"
        )
    return groups
