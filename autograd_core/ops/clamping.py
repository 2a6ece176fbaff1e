"""Clamping values into a range."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.errors import ArgumentError
from autograd_core.op import Op, promote
from autograd_core.operands import check_real, check_tensor, put
from autograd_core.ops.precision import is_half
from autograd_core.ops.selection import only
from autograd_core.ranges import out_of_range
from autograd_core.registry import At, Make, Sample, operator


def _clamp_forward(xp: Any, input: Any, low: Any, high: Any) -> Any:
    if is_half(input.dtype):
        low = None if low is None else xp.asarray(low, input.dtype)
        high = None if high is None else xp.asarray(high, input.dtype)
    out = input if low is None else xp.maximum(input, low)
    return out if high is None else xp.minimum(out, high)


def _inside(input: Any, low: Any, high: Any) -> Any:
    if low is None:
        return input <= high
    return input >= low if high is None else (input >= low) & (input <= high)


# Bounds that are numbers are parameters, bounds that are tensors are inputs.
_clamp_numbers = Op(
    "clamp",
    _clamp_forward,
    {"input": lambda g, input, low, high: only(_inside(input, low, high), g)},
    keeps_order=True,
)

_clamp = Op(
    "clamp",
    lambda xp, input, low, high: xp.minimum(xp.maximum(input, low), high),
    {
        "input": lambda g, input, low, high: only(_inside(input, low, high), g),
        "low": lambda g, input, low, high: only((input < low) & (low <= high), g),
        "high": lambda g, input, low, high: only((input > high) | (low > high), g),
    },
    inputs=3,
    keeps_order=True,
)
_clamp_low = Op(
    "clamp_min",
    lambda xp, input, low: xp.maximum(input, low),
    {
        "input": lambda g, input, low: only(input >= low, g),
        "low": lambda g, input, low: only(input < low, g),
    },
    inputs=2,
    keeps_order=True,
)
_clamp_high = Op(
    "clamp_max",
    lambda xp, input, high: xp.minimum(input, high),
    {
        "input": lambda g, input, high: only(input <= high, g),
        "high": lambda g, input, high: only(input > high, g),
    },
    inputs=2,
    keeps_order=True,
)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), -0.9, 1.1)
    yield Sample(make(2, 3), min=-0.9)
    yield Sample(make(), max=0.1)
    yield Sample(make(2, 3), make(3, low=-1.5, high=-0.5), make(2, 1, low=0.5, high=1.5))
    yield Sample(make(4), make(4))
    yield Sample(make(0, 2), 0.0, 1.0)


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, (int, float, np.generic))


def _held(bound: Any, dtype: Any, side: int) -> Any:
    """A whole number as a bound of integers: beyond all of them on its own ``side``, it is none."""
    if bound is None:
        return None
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    if low <= bound <= high:
        return bound
    if (bound > 0) != (side > 0):
        raise out_of_range("clamp", bound, dtype)
    return high if side > 0 else low


@operator(
    "clamp",
    samples=_samples,
    inplace=True,
    aliases=("clip",),
    reference=lambda x, min=None, max=None: np.clip(x, min, max),
    convention="1 at the bounds, 0 outside; what passes over a tensor bound goes to the bound",
    kinks=[At((np.array([0.0, 1.0, 2.0]), 0.0, 1.0), (np.array([1.0, 1.0, 0.0]),))],
)
def clamp(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """Elements below ``min`` become ``min``, elements above ``max`` become ``max``; NaN stays.

    Args:
        input: tensor.
        min, max: numbers or tensors that broadcast; at least one of them. Where min > max, max
            wins.

    Source: PyTorch, ``torch.clamp``.

    Example:
        >>> import autograd_core as ag
        >>> ag.clamp(ag.tensor([-1.0, 0.5, 2.0]), 0.0, 1.0)
        tensor([0.0000, 0.5000, 1.0000])
    """
    if out is not None:
        return put(out, clamp(input, min, max), "clamp")
    check_tensor("clamp", input)
    check_real("clamp", input)
    if min is None and max is None:
        raise ArgumentError("clamp: at least one of min and max must be given")
    if _is_number(min) and _is_number(max):
        # (NumPy's numbers would decide the dtype of the result, Python's do not.)
        min, max = [b.item() if isinstance(b, np.generic) else b for b in (min, max)]
        array = getattr(input, "_array", input)
        if array.dtype.kind in "biu":
            kinds = float if array.dtype.kind != "b" else (int, float)
            if isinstance(min, kinds) or isinstance(max, kinds):
                input = promote("clamp", input, *[b for b in (min, max) if b is not None])[0]
            elif array.dtype.kind != "b":
                min, max = _held(min, array.dtype, -1), _held(max, array.dtype, 1)
        return _clamp_numbers(input, min, max)
    if max is None:
        return _clamp_low(*promote("clamp", input, min))
    if min is None:
        return _clamp_high(*promote("clamp", input, max))
    return _clamp(*promote("clamp", input, min, max))


@operator(
    "clamp_min",
    samples=lambda make: [Sample(make(2, 3), 0.1), Sample(make(4), make(4))],
    inplace=True,
    reference=np.maximum,
    convention="1 at the bound",
    kinks=[At((0.0, 0.0), (1.0, 0.0))],
)
def clamp_min(input: Any, min: Any) -> Any:
    """``clamp(input, min=min)``. Source: PyTorch, ``torch.clamp_min``."""
    check_tensor("clamp_min", input)
    return clamp(input, min=min)


@operator(
    "clamp_max",
    samples=lambda make: [Sample(make(2, 3), 0.1), Sample(make(4), make(4))],
    inplace=True,
    reference=np.minimum,
    convention="1 at the bound",
    kinks=[At((0.0, 0.0), (1.0, 0.0))],
)
def clamp_max(input: Any, max: Any) -> Any:
    """``clamp(input, max=max)``. Source: PyTorch, ``torch.clamp_max``."""
    check_tensor("clamp_max", input)
    return clamp(input, max=max)
