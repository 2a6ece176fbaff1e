"""Checks that optimizers share: an option outside its range is named before training starts."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.tensor import Tensor

# What messages call an option, where PyTorch's own do not say "... value".
_NAMES = {"lr": "learning rate", "eps": "epsilon value"}


def number(value: Any) -> float:
    """Return an option as a Python number; a learning rate may be a Tensor of one element.

    Args:
        value: a number or a one-element Tensor.

    Returns:
        The number.

    Example:
        >>> number(0.5)
        0.5
    """
    return value.item() if isinstance(value, Tensor) else value


def check_range(where: str, low: float = 0.0, high: float = math.inf, **options: Any) -> None:
    """Raise a ValueError that names the first option out of range (or NaN).

    Args:
        where: the optimizer's name.
        low: the least value that is allowed; default 0.
        high: the greatest value that is allowed; default infinity.
        options: the options by name.

    Raises:
        ValueError: an option is out of range, or is a Tensor of more than one element.

    Example:
        >>> check_range("SGD", lr=0.1)
        >>> check_range("SGD", lr=-1)
        Traceback (most recent call last):
            ...
        ValueError: SGD: Invalid learning rate: -1; expected a number >= 0
    """
    for name, value in options.items():
        if isinstance(value, Tensor) and value.numel() != 1:
            raise ValueError(
                f"{where}: Tensor {name} must be 1-element, got shape {tuple(value.shape)}"
            )
        if not low <= number(value) <= high:
            expected = f">= {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
            raise ValueError(
                f"{where}: Invalid {_NAMES.get(name, f'{name} value')}: {value}; "
                f"expected a number {expected}"
            )


def check_betas(where: str, betas: Any) -> None:
    """Raise a ValueError unless `betas` are two numbers in [0, 1).

    Args:
        where: the optimizer's name.
        betas: the decay rates of the running averages.

    Raises:
        ValueError: there are not two, or one is outside [0, 1).

    Example:
        >>> check_betas("Adam", (0.9, 0.999))
    """
    if len(betas) != 2:
        raise ValueError(f"{where}: expected two betas, got {betas}")
    if isinstance(betas[0], Tensor) != isinstance(betas[1], Tensor):
        raise ValueError(f"{where}: betas must be either both floats or both Tensors, got {betas}")
    for i, beta in enumerate(betas):
        if isinstance(beta, Tensor) and beta.numel() != 1:
            raise ValueError(
                f"{where}: Tensor betas[{i}] must be 1-element, got shape {tuple(beta.shape)}"
            )
        if not 0 <= number(beta) < 1:
            raise ValueError(
                f"{where}: Invalid beta parameter at index {i}: {beta}; expected 0 <= beta < 1"
            )


def check_real(where: str, p: Tensor) -> None:
    """Raise a RuntimeError if a parameter is complex, where its norm or its matrix is looked at.

    Args:
        where: the optimizer's name.
        p: the parameter.

    Raises:
        RuntimeError: it is complex.

    Example:
        >>> import autograd_core as ag
        >>> check_real("LAMB", ag.zeros(2))
    """
    if p.is_complex():
        raise RuntimeError(f"{where} does not support complex parameters; optimize view_as_real()")


def check_switches(foreach: bool | None, fused: bool | None, differentiable: bool) -> None:
    """Raise a RuntimeError for switches that PyTorch does not take together.

    Args:
        foreach: the option of that name; has no effect here, as steps are always done together.
        fused: likewise.
        differentiable: whether the step is recorded.

    Raises:
        RuntimeError: `fused` with one of the others.

    Example:
        >>> check_switches(foreach=None, fused=True, differentiable=False)
    """
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
