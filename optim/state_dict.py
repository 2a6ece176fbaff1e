"""An optimizer's state as plain data, in PyTorch's format, and back.

Inside an optimizer the state belongs to a parameter; in a saved state it belongs to a number, the
parameter's position among all groups.
"""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from autograd_core.from_data import as_tensor
from autograd_core.optim.scalars import home, scalar
from autograd_core.tensor import Tensor


def pack(state: dict[Any, Any], param_groups: list[dict[str, Any]]) -> dict[str, Any]:
    """Replace parameters by their numbers.

    Args:
        state: an optimizer's state by parameter.
        param_groups: its parameter groups.

    Returns:
        `{"state": {index: ...}, "param_groups": [{..., "params": [index, ...]}]}`; the values
        themselves are not copied.

    Example:
        >>> import autograd_core as ag
        >>> p = ag.zeros(1, requires_grad=True)
        >>> pack({p: {"count": 3}}, [{"params": [p], "lr": 0.1}])
        {'state': {0: {'count': 3}}, 'param_groups': [{'lr': 0.1, 'params': [0]}]}
    """
    params = chain.from_iterable(group["params"] for group in param_groups)
    index = {id(p): i for i, p in enumerate(params)}
    groups = [
        {option: value for option, value in group.items() if option != "params"}
        | {"params": [index[id(p)] for p in group["params"]]}
        for group in param_groups
    ]
    return {"state": {index.get(id(p), p): v for p, v in state.items()}, "param_groups": groups}


def unpack(
    where: str,
    saved: dict[str, Any],
    param_groups: list[dict[str, Any]],
    shaped: frozenset[str],
    scalars: frozenset[str],
) -> tuple[defaultdict[Any, Any], list[dict[str, Any]]]:
    """Give the state of a saved optimizer to the parameters of a living one.

    Args:
        where: the method called, for messages.
        saved: what `pack` returned, here or in PyTorch.
        param_groups: the groups that hold the parameters.
        shaped: the entries of the state that must have their parameter's shape.
        scalars: the entries that are Tensors of one element, made of saved numbers where need be.

    Returns:
        The state by parameter, and the groups with the saved options.

    Raises:
        ValueError: groups, names or shapes do not match.

    Example:
        >>> import autograd_core as ag
        >>> p = ag.zeros(1, requires_grad=True)
        >>> saved = {"state": {0: {"count": 3}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
        >>> state, groups = unpack("load", saved, [{"params": [p]}], frozenset(), frozenset())
        >>> state[p]
        {'count': 3}
    """
    saved_groups = saved["param_groups"]
    if len(saved_groups) != len(param_groups):
        raise ValueError(
            f"{where}: loaded state dict has a different number of parameter groups "
            f"({len(saved_groups)}) than this optimizer ({len(param_groups)})"
        )
    places: dict[Any, _Place] = {}
    groups = []
    for i, (group, saved_group) in enumerate(zip(param_groups, saved_groups, strict=True)):
        keys = _keys_in_order(f"{where}: group {i}", group, saved_group)
        options = {k: _option(v) for k, v in saved_group.items() if k != "params"}
        kept = {k: v for k, v in group.items() if k in ("params", "param_names")}
        groups.append(options | kept)
        for key, p in zip(keys, group["params"], strict=True):
            places[key] = _Place(where, p, groups[-1], shaped, scalars)

    state: defaultdict[Any, Any] = defaultdict(dict)
    for key, value in saved["state"].items():
        if key in places:
            state[places[key].p] = _adopt(places[key], value)
        else:
            state[key] = value
    return state, groups


def _keys_in_order(where: str, group: dict[str, Any], saved: dict[str, Any]) -> list[Any]:
    """Return the saved group's keys in the order of this group's parameters."""
    keys = list(saved["params"])
    if len(keys) != len(group["params"]):
        raise ValueError(
            f"{where} of the loaded state dict has {len(keys)} parameters, which doesn't match "
            f"the size of optimizer's group, {len(group['params'])}"
        )
    names = group.get("param_names")
    saved_names = saved.get("param_names")
    if saved_names is None and all(isinstance(key, str) for key in keys):
        saved_names = keys
    if names is None or saved_names is None:
        return keys
    by_name = dict(zip(saved_names, keys, strict=True))
    missing = [name for name in names if name not in by_name]
    if missing:
        unexpected = [name for name in by_name if name not in names]
        raise ValueError(
            f"{where}: parameter names do not match. Missing from the loaded state dict: "
            f"{', '.join(missing)}. Not in this optimizer: {', '.join(unexpected)}."
        )
    return [by_name[name] for name in names]


def _option(value: Any) -> Any:
    """Copy an option of a group: a learning rate may be a Tensor, of this library or another."""
    foreign = hasattr(value, "__array__") and not isinstance(value, Tensor)
    return as_tensor(np.asarray(value)).clone() if foreign else deepcopy(value)


class _Place(NamedTuple):
    """Where loaded values go: a parameter, its group, and what is known of its state's entries."""

    where: str
    p: Tensor
    group: dict[str, Any]
    shaped: frozenset[str]
    scalars: frozenset[str]


def _adopt(place: _Place, value: Any, entry: str = "") -> Any:
    """Copy one loaded value; Tensors take their parameter's dtype and device."""
    if isinstance(value, dict):
        return {k: _adopt(place, v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_adopt(place, v, entry) for v in value)
    p = place.p
    if entry in place.scalars and isinstance(value, (int, float)):  # as PyTorch once saved them
        return scalar(value, p, place.group)
    if not (isinstance(value, Tensor) or hasattr(value, "__array__")):
        return deepcopy(value)
    tensor = value if isinstance(value, Tensor) else as_tensor(np.asarray(value))
    tensor = tensor.detach()
    if entry == "step" or entry in place.scalars:  # counts keep their dtype, as in PyTorch
        return tensor.to(device=home(p, place.group), copy=True)
    if entry in place.shaped and tuple(tensor.shape) != tuple(p.shape):
        raise ValueError(
            f"{place.where}: {entry} has shape {tuple(tensor.shape)}, but its parameter has shape "
            f"{tuple(p.shape)}. If the parameters changed their order, make both optimizers from "
            "model.named_parameters(), which matches them by name"
        )
    dtype = p.dtype if p.is_floating_point() else tensor.dtype
    return tensor.to(device=p.device, dtype=dtype, copy=True)
