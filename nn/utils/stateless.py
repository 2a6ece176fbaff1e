"""Calling a module with other parameters and buffers than its own."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor

__all__ = ["functional_call"]

_NAME = "functional_call"


def _places(module: Module) -> dict[str, tuple[Any, str]]:
    """Where each parameter and buffer is held: the dict and the key in it, by the full name."""
    return {
        f"{prefix}.{name}" if prefix else name: (held, name)
        for prefix, part in module.named_modules(remove_duplicate=False)
        for held in (part._parameters, part._buffers)
        for name, tensor in held.items()
        if tensor is not None
    }


def functional_call(
    module: Module,
    parameters_and_buffers: MutableMapping[str, Tensor],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with tensors in place of its parameters and buffers.

    Gradients flow to the tensors given. The module's own come back afterwards, also after an error;
    a buffer that the call replaces is entered in the dict.

    Args:
        module: the module.
        parameters_and_buffers: tensors by the names of `named_parameters` and `named_buffers`;
            those left out stay the module's.
        args: the positional arguments of the call, a tuple; anything else is the only one.
        kwargs: its keyword arguments.
        tie_weights: a tensor given for one name stands for all names that share its parameter;
            default True.
        strict: every name must be given; default False.

    Returns:
        What the module returns.

    Raises:
        RuntimeError: `strict`, and names are missing or unexpected.
        AttributeError: a name that the module does not have.
        ValueError: two tensors for one shared parameter.

    Source: PyTorch's ``torch.func.functional_call``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> weight = ag.full((1, 2), 3.0, requires_grad=True)
        >>> layer = nn.Linear(2, 1, bias=False)
        >>> nn.utils.stateless.functional_call(layer, {"weight": weight}, ag.ones(1, 2))
        tensor([[6.]], grad_fn=<LinearBackward0>)
    """
    if not isinstance(parameters_and_buffers, MutableMapping):
        raise TypeError(
            f"{_NAME}: expected parameters_and_buffers to be a dict, got "
            f"{type(parameters_and_buffers).__name__}"
        )
    places = _places(module)
    _check_names(module, places, parameters_and_buffers, strict, tie_weights)
    given = dict(parameters_and_buffers)
    if tie_weights:
        given |= _tied(places, given)
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    before = [(*places[name], places[name][0][places[name][1]]) for name in given]
    try:
        for name, tensor in given.items():
            held, key = places[name]
            held[key] = tensor
        return module(*args, **(kwargs or {}))
    finally:
        for name in parameters_and_buffers:
            held, key = places[name]
            parameters_and_buffers[name] = held[key]
        for held, key, tensor in before:
            held[key] = tensor


def _check_names(
    module: Module, places: dict[str, Any], given: Any, strict: bool, tie_weights: bool
) -> None:
    unexpected = [name for name in given if name not in places]
    if strict:
        known = _tied(places, given) if tie_weights else {}
        missing = [name for name in places if name not in given and name not in known]
        if missing or unexpected:
            raise RuntimeError(
                f"{_NAME}: {type(module).__name__} misses {missing} and does not expect "
                f"{unexpected}"
            )
    if unexpected:
        raise AttributeError(
            f"{_NAME}: {type(module).__name__} has no parameter or buffer {unexpected[0]!r}"
        )
    for name, tensor in given.items():
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{_NAME}: expected a Tensor for {name!r}, got {type(tensor).__name__}")


def _tied(places: dict[str, tuple[Any, str]], given: Any) -> dict[str, Tensor]:
    """The tensors for further names of the parameters that have one for one name."""
    groups: dict[int, list[str]] = {}
    for name, (held, key) in places.items():
        groups.setdefault(id(held[key]), []).append(name)
    more: dict[str, Tensor] = {}
    for names in groups.values():
        tensors = {id(given[name]): given[name] for name in names if name in given}
        if len(tensors) > 1:
            raise ValueError(f"{_NAME}: {names} are one parameter, and got different tensors")
        for tensor in tensors.values():
            more |= {name: tensor for name in names if name not in given}
    return more
