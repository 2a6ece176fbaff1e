"""Normally distributed numbers between two bounds."""

from __future__ import annotations

import math
import warnings
from typing import Any

import autograd_core as ag
from autograd_core.grad_mode import no_grad
from autograd_core.tensor import Tensor


@no_grad()
def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Tensor:
    """Fill with normally distributed numbers of which those outside [a, b] are drawn again.

    Args:
        tensor: what to fill.
        mean: of the distribution before it is cut; default 0.
        std: likewise; default 1.
        a: lower bound; default -2.
        b: upper bound; default 2.
        generator: where the numbers come from; the default generator if left out.

    Returns:
        The tensor.

    Source: PyTorch's ``torch.nn.init.trunc_normal_``.

    Example:
        >>> import autograd_core as ag
        >>> bool((trunc_normal_(ag.empty(100), std=5.0).abs() <= 2).all())
        True
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "trunc_normal_: mean is more than 2 std from [a, b]; the values may be distributed "
            "incorrectly",
            stacklevel=3,
        )
    if _share_below((b - mean) / std) - _share_below((a - mean) / std) > 0.3:
        return tensor.copy_(_rejecting_outside(tensor, mean, std, a, b, generator))
    return tensor.copy_(_rejecting_unlikely(tensor, mean, std, a, b, generator))


def _share_below(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


def _rejecting_outside(
    tensor: Tensor, mean: float, std: float, a: float, b: float, generator: Any
) -> Tensor:
    """Draw from the normal distribution until all is inside: quick if much of it is."""
    # The bounds as the dtype rounds them.
    low, high = ag.tensor([a, b], dtype=tensor.dtype, device="cpu").tolist()
    result = ag.empty_like(tensor).normal_(mean, std, generator=generator)
    while True:
        outside = (result < low) | (result > high)
        if not outside.any().item():
            return result
        again = ag.empty_like(tensor).normal_(mean, std, generator=generator)
        result = ag.where(outside, again, result)


def _rejecting_unlikely(
    tensor: Tensor, mean: float, std: float, a: float, b: float, generator: Any
) -> Tensor:
    """Draw evenly from [a, b] and keep in proportion to the density: quick in the tails."""
    peak = max(a, min(mean, b))
    log_peak = -0.5 * ((peak - mean) / std) ** 2
    result = pending = None
    while True:
        drawn = ag.empty_like(tensor).uniform_(a, b, generator=generator)
        log_density = ((drawn - mean) / std) ** 2 * -0.5 - log_peak
        refused = ag.empty_like(tensor).uniform_(generator=generator).log() > log_density
        if pending is None:
            result, pending = drawn, refused
        else:
            result = ag.where(pending, drawn, result)
            pending = pending & refused
        if not pending.any().item():
            return result
