"""Smooth activations."""

from __future__ import annotations

import autograd_core as ag
from autograd_core.tensor import Tensor


def tanhshrink(input: Tensor) -> Tensor:
    """Return `input - tanh(input)`.

    Args:
        input: any shape.

    Source: PyTorch's ``torch.nn.functional.tanhshrink``.

    Example:
        >>> import autograd_core as ag
        >>> tanhshrink(ag.tensor([0.0, 1.0]))
        tensor([0.0000, 0.2384])
    """
    return input - ag.tanh(input)


def softsign(input: Tensor) -> Tensor:
    """Return `input / (1 + abs(input))`.

    Args:
        input: any shape.

    Source: PyTorch's ``torch.nn.functional.softsign``.

    Example:
        >>> import autograd_core as ag
        >>> softsign(ag.tensor([-1.0, 3.0]))
        tensor([-0.5000,  0.7500])
    """
    return input / (1 + input.abs())
