"""Checks that optimizers share: an option outside its range is named before training starts."""

from __future__ import annotations

from typing import Any

from autograd_core.tensor import Tensor


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


def check_not_negative(where: str, **options: Any) -> None:
    """Raise a ValueError that names the first option below zero (or NaN).

    Args:
        where: the optimizer's name.
        options: the options by name.

    Raises:
        ValueError: an option is negative or NaN, or is a Tensor of more than one element.

    Example:
        >>> check_not_negative("SGD", lr=0.1)
    """
    for name, value in options.items():
        if isinstance(value, Tensor) and value.numel() != 1:
            raise ValueError(
                f"{where}: Tensor {name} must have 1 element, got shape {tuple(value.shape)}"
            )
        if not number(value) >= 0:
            raise ValueError(f"{where}: Invalid {name}: {value}; expected a number >= 0")


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
    for i, beta in enumerate(betas):
        if not 0 <= beta < 1:
            raise ValueError(
                f"{where}: Invalid beta parameter at index {i}: {beta}; expected 0 <= beta < 1"
            )
