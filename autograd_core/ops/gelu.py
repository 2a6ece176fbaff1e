"""gelu: the input times the probability that a standard normal number is below it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import ArgumentError
from autograd_core.op import Op
from autograd_core.ops.activation import activate, samples
from autograd_core.ops.activation_smooth import rounded
from autograd_core.ops.blocks import blockwise
from autograd_core.ops.erf import erfc
from autograd_core.ops.explog import exp
from autograd_core.ops.precision import widen
from autograd_core.ops.trig import tanh
from autograd_core.registry import SMOOTH, Sample, operator

_ROOT_HALF, _DENSITY = math.sqrt(0.5), 1 / math.sqrt(2 * math.pi)
_ROOT, _CUBE = math.sqrt(2 / math.pi), 0.044715

# The logarithm of the probability beyond y as a polynomial from the constant term up (a minimax
# fit): up to 6 to the precision of float32, up to 14 so that what it is the logarithm of vanishes.
_LOG_TAIL = (
    -0.6931470821, -0.7978888323, -0.3182763038, -0.03643908415, 0.004943110335, -0.0001031563097,
    -0.0001438509821, 3.81186827e-05, -4.936383718e-06, 3.310711269e-07, -8.851104761e-09,
)  # fmt: skip


def _tail(y: Any) -> Any:
    """The probability that a standard normal number is beyond y, not negative."""
    if y.dtype != np.float32 or "erfc" in backend_of(y).kernels:
        return erfc(y * _ROOT_HALF) * 0.5
    total = y * _LOG_TAIL[-1]
    for coefficient in _LOG_TAIL[-2:0:-1]:
        total += coefficient
        total *= y
    total += _LOG_TAIL[0]
    return np.exp(total)


def _distance(x: Any) -> Any:
    """How far x is from 0, up to where what is beyond makes no difference."""
    return np.abs(x).clip(0, 14 if x.dtype == np.float32 else 40)


def _value(x: Any) -> Any:
    # x less the part of it that is beyond, if it is positive; else just that part.
    y = _distance(x)
    below = _tail(y)
    below *= y
    return x.clip(0, np.inf) - below


def _slope_value(x: Any) -> Any:
    y = _distance(x)
    density = np.exp(y * y * -0.5)
    density *= y
    density *= _DENSITY
    left = _tail(y)
    left -= density  # the slope at -y; at y it is one less that
    side = np.copysign(1, x)
    left *= side
    side += 1
    side *= 0.5
    return side - left


_slope = Op(
    "gelu_slope",
    lambda xp, input: rounded(input, blockwise(_slope_value, widen(input))),
    {"input": lambda g, input: g * (exp(input * input * -0.5) * ((2 - input * input) * _DENSITY))},
    keeps_order=True,
)
_gelu = Op(
    "gelu",
    lambda xp, input: rounded(input, blockwise(_value, widen(input))),
    {"input": lambda g, input: g * _slope(input)},
    keeps_order=True,
)


def _tanh_value(x: Any) -> Any:
    out = x * x
    out *= _CUBE * _ROOT
    out += _ROOT
    out *= x
    out = np.tanh(out)
    out += 1
    out *= x
    out *= 0.5
    return out


def _tanh_gradient(g: Any, x: Any) -> Any:
    square = x * x
    t = tanh((x + x * square * _CUBE) * _ROOT)
    slope = (1 - t * t) * ((square * (3 * _CUBE) + 1) * _ROOT)
    return g * ((t + 1 + x * slope) * 0.5)


tanh_gelu = Op(
    "gelu",
    lambda xp, input: rounded(input, blockwise(_tanh_value, widen(input))),
    {"input": lambda g, input: blockwise(_tanh_gradient, g, input)},
    keeps_order=True,
)


@operator(
    "nn.functional.gelu",
    method=False,
    convention=SMOOTH,
    samples=lambda make: [*samples(make), Sample(make(2, 3), approximate="tanh")],
)
def gelu(input: Any, approximate: str = "none") -> Any:
    """``x`` times the probability that a standard normal number is below it.

    Args:
        input: floating-point tensor of any shape.
        approximate: ``"none"``, or ``"tanh"`` for a formula that is quicker.

    Source: PyTorch, ``torch.nn.functional.gelu``; Hendrycks and Gimpel, "Gaussian error linear
    units" (2016).

    Example:
        >>> import autograd_core as ag
        >>> gelu(ag.tensor([-1.0, 1.0]))
        tensor([-0.1587,  0.8413])
    """
    if approximate not in ("none", "tanh"):
        raise ArgumentError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return activate(_gelu if approximate == "none" else tanh_gelu, input)
