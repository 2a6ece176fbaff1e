"""Trigonometric functions, their inverses, and angles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.families import binary, unary
from autograd_core.ops.arithmetic import sqrt
from autograd_core.ops.precision import wide
from autograd_core.ops.selection import only, where
from autograd_core.registry import At

sin = unary(
    "sin", np.sin, lambda g, input: g * cos(input), doc="Sine of each element, an angle in radians."
)
cos = unary(
    "cos",
    np.cos,
    lambda g, input: -g * sin(input),
    doc="Cosine of each element, an angle in radians.",
)
tan = unary(
    "tan",
    np.tan,
    lambda g, out: g * (out * out + 1),
    doc="Tangent of each element, an angle in radians.",
    domain=(-1.3, 1.3),
)
asin = unary(
    "asin",
    np.arcsin,
    lambda g, input: g / sqrt(1 - input * input),
    doc="Angle whose sine is each element.",
    domain=(-0.9, 0.9),
    aliases=("arcsin",),
    convention="infinite at -1 and 1; NaN beyond, as the value is",
    kinks=[At((1.0,), (math.inf,))],
)
acos = unary(
    "acos",
    np.arccos,
    lambda g, input: -g / sqrt(1 - input * input),
    doc="Angle whose cosine is each element.",
    domain=(-0.9, 0.9),
    aliases=("arccos",),
    convention="-infinite at -1 and 1; NaN beyond, as the value is",
    kinks=[At((1.0,), (-math.inf,))],
)
atan = unary(
    "atan",
    np.arctan,
    lambda g, input: g / (input * input + 1),
    doc="Angle whose tangent is each element.",
    aliases=("arctan",),
)

sinh = unary(
    "sinh", np.sinh, lambda g, input: g * cosh(input), doc="Hyperbolic sine of each element."
)
cosh = unary(
    "cosh", np.cosh, lambda g, input: g * sinh(input), doc="Hyperbolic cosine of each element."
)
tanh = unary(
    "tanh",
    np.tanh,
    lambda g, out: g - g * (out * out),
    doc="Hyperbolic tangent of each element.",
    aliases=("nn.functional.tanh",),
)
asinh = unary(
    "asinh",
    np.arcsinh,
    lambda g, input: g / sqrt(input * input + 1),
    doc="Inverse of the hyperbolic sine.",
    aliases=("arcsinh",),
)
acosh = unary(
    "acosh",
    np.arccosh,
    lambda g, input: g / (sqrt(input - 1) * sqrt(input + 1)),
    doc="Inverse of the hyperbolic cosine.",
    domain=(1.2, 4.0),
    aliases=("arccosh",),
    convention="infinite at 1; NaN below, as the value is",
    kinks=[At((1.0,), (math.inf,))],
)
atanh = unary(
    "atanh",
    np.arctanh,
    lambda g, input: g / (1 - input * input),
    doc="Inverse of the hyperbolic tangent.",
    domain=(-0.9, 0.9),
    aliases=("arctanh",),
    convention="infinite at -1 and 1; NaN beyond for the value",
    kinks=[At((1.0,), (math.inf,))],
)


def _over_square(g: Any, part: Any, input: Any, other: Any) -> Any:
    """``g * part / (input**2 + other**2)``, 0 at the origin."""
    square = input * input + other * other
    return only(square != 0, g * (part / (square + (square == 0))))


atan2 = binary(
    "atan2",
    np.arctan2,
    {
        "input": lambda g, input, other: _over_square(g, other, input, other),
        "other": lambda g, input, other: -_over_square(g, input, input, other),
    },
    doc="Angle of the point (other, input), in (-pi, pi].",
    to_float=True,
    number_first=False,
    other_domain=(0.3, 2.0),
    holomorphic=False,
    convention="0 at (0, 0)",
    kinks=[At((0.0, 0.0), (0.0, 0.0))],
    aliases=("arctan2",),
)


def _ratio(g: Any, part: Any, out: Any) -> Any:
    return only(out != 0, g * (part / (out + (out == 0))))


hypot = binary(
    "hypot",
    np.hypot,
    {
        "input": lambda g, input, out: _ratio(g, input, out),
        "other": lambda g, other, out: _ratio(g, other, out),
    },
    doc="Length of the vector (input, other), without overflow.",
    to_float=True,
    other_domain=(0.3, 2.0),
    holomorphic=False,
    convention="0 at (0, 0), where PyTorch has NaN",
    kinks=[At((0.0, 0.0), (0.0, 0.0))],
)


def _sinc(x: Any) -> Any:
    zero, turned = x == 0, x * math.pi
    return backend_of(x).xp.where(zero, 1, np.sin(turned) / (turned + zero))


# The derivative of sinc near 0, over pi: sums of (-1)**k * 2k / (2k + 1)! * (pi x)**(2k - 1).
_SINC_SLOPES = [(-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(10, 0, -1)]


def _sinc_rule(g: Any, input: Any, out: Any) -> Any:
    near = abs(input) < 0.3  # where the quotient loses digits, and at 0 its derivatives, too
    turned = where(near, input, 0) * math.pi
    square, series = turned * turned, 0.0
    for slope in _SINC_SLOPES:
        series = series * square + slope
    quotient = (cos(input * math.pi) - out) / where(near, 1, input)
    return g * where(near, series * turned * math.pi, quotient)


sinc = unary(
    "sinc",
    wide(_sinc),
    _sinc_rule,
    doc="``sin(pi x) / (pi x)``, 1 at 0.",
    reference=np.sinc,
    aliases=("special.sinc",),
    convention="0 at 0, the limit",
    kinks=[At((0.0,), (0.0,))],
)

deg2rad = unary("deg2rad", np.deg2rad, lambda g: g * (math.pi / 180), doc="Degrees to radians.")
rad2deg = unary("rad2deg", np.rad2deg, lambda g: g * (180 / math.pi), doc="Radians to degrees.")
