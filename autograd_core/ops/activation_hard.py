"""Activations whose pieces meet in kinks: hardsigmoid, hardswish, hardshrink, softshrink."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.ops.activation import activate, samples
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.selection import only, where
from autograd_core.plan import linked
from autograd_core.registry import At, Make, Sample, operator


def _wide_samples(make: Make) -> Iterable[Sample]:
    """Samples on all pieces of functions that bend at -3 and 3."""
    yield Sample(make(3, 4, low=-6.0, high=6.0))
    yield Sample(make())
    yield Sample(make(0, 2))
    yield Sample(make(3, 4, low=-6.0, high=6.0).T)


def _hardsigmoid_forward(xp: Any, input: Any) -> Any:
    out = (widen(input) + 3).clip(0, 6)
    out /= 6
    return out.astype(input.dtype) if is_half(input.dtype) else out


_hardsigmoid = Op(
    "hardsigmoid",
    _hardsigmoid_forward,
    {"input": linked(lambda g, input: only(abs(input) < 3, g / 6))},
    keeps_order=True,
)


@operator(
    "nn.functional.hardsigmoid",
    method=False,
    samples=_wide_samples,
    reference=lambda x: np.clip(x + 3, 0, 6) / 6,
    convention="0 at -3 and at 3",
    kinks=[At((-3.0,), (0.0,)), At((3.0,), (0.0,))],
)
def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """``x / 6 + 1 / 2`` limited to [0, 1]. Source: PyTorch, ``torch.nn.functional.hardsigmoid``.

    Args:
        input: floating-point tensor of any shape.
        inplace: write the result into ``input``.

    Example:
        >>> import autograd_core as ag
        >>> hardsigmoid(ag.tensor([-4.0, 0.0, 4.0]))
        tensor([0.0000, 0.5000, 1.0000])
    """
    return activate(_hardsigmoid, input, (), inplace)


def _hardswish_forward(xp: Any, input: Any) -> Any:
    x = widen(input)
    out = (x + 3).clip(0, 6)
    out *= x
    out /= 6
    return out.astype(input.dtype) if is_half(input.dtype) else out


_hardswish = Op(
    "hardswish",
    _hardswish_forward,
    {"input": lambda g, input: where(input >= 3, g, only(input > -3, g * (input * (1 / 3) + 0.5)))},
    keeps_order=True,
)


@operator(
    "nn.functional.hardswish",
    method=False,
    samples=_wide_samples,
    reference=lambda x: x * np.clip(x + 3, 0, 6) / 6,
    convention="0 at -3, 1 at 3",
    kinks=[At((-3.0,), (0.0,)), At((3.0,), (1.0,))],
)
def hardswish(input: Any, inplace: bool = False) -> Any:
    """``x * hardsigmoid(x)``.

    Args:
        input: floating-point tensor of any shape.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.hardswish``; Howard et al., "Searching for MobileNetV3"
    (2019).

    Example:
        >>> import autograd_core as ag
        >>> hardswish(ag.tensor([-1.0, 3.0]))
        tensor([-0.3333,  3.0000])
    """
    return activate(_hardswish, input, (), inplace)


def _shrink_samples(make: Make) -> Iterable[Sample]:
    yield from samples(make)
    yield Sample(make(2, 3), 0.9)
    yield Sample(make(3), 0.0)


_hardshrink = Op(
    "hardshrink",
    lambda xp, input, lambd: only(~(abs(input) <= lambd), input),
    {"input": linked(lambda g, input, lambd: only(abs(input) > lambd, g))},
    keeps_order=True,
)


@operator(
    "nn.functional.hardshrink",
    method=False,
    samples=_shrink_samples,
    reference=lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x, 0),
    convention="0 at the kinks",
    kinks=[At((-0.5,), (0.0,)), At((0.5,), (0.0,))],
    aliases=("hardshrink",),
)
def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """``x``, but 0 in [-lambd, lambd]. Source: PyTorch, ``torch.nn.functional.hardshrink``.

    Args:
        input: floating-point tensor of any shape.
        lambd: default 0.5.

    Example:
        >>> import autograd_core as ag
        >>> ag.hardshrink(ag.tensor([-2.0, 0.25, 2.0]))
        tensor([-2.,  0.,  2.])
    """
    return activate(_hardshrink, input, (lambd,))


def _softshrink_forward(xp: Any, input: Any, lambd: float) -> Any:
    x = widen(input)
    return (x - x.clip(-lambd, lambd)).astype(input.dtype, copy=False)


_softshrink = Op(
    "softshrink",
    _softshrink_forward,
    {"input": linked(lambda g, input, lambd: only(abs(input) > lambd, g))},
    keeps_order=True,
)


@operator(
    "nn.functional.softshrink",
    method=False,
    samples=_shrink_samples,
    reference=lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x - np.sign(x) * lambd, 0),
    convention="0 at the kinks",
    kinks=[At((-0.5,), (0.0,)), At((0.5,), (0.0,))],
)
def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """``x`` moved towards 0 by ``lambd``, and not beyond.

    Args:
        input: floating-point tensor of any shape.
        lambd: not negative; default 0.5.

    Raises:
        RuntimeError: ``lambd`` is negative or NaN.

    Source: PyTorch, ``torch.nn.functional.softshrink``.

    Example:
        >>> import autograd_core as ag
        >>> softshrink(ag.tensor([-2.0, 0.25, 2.0]))
        tensor([-1.5000,  0.0000,  1.5000])
    """
    if not lambd >= 0:
        raise RuntimeError(f"softshrink: lambd must be greater or equal to 0, got {lambd}")
    return activate(_softshrink, input, (lambd,))
