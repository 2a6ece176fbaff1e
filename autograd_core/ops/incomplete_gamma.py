"""The incomplete gamma functions: the distribution function of the gamma distribution."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.families import binary
from autograd_core.op import Op
from autograd_core.ops.erf import _polynomial
from autograd_core.ops.explog import log
from autograd_core.ops.gamma import _NEAR, _STIRLING, _polygamma, digamma, lgamma
from autograd_core.ops.precision import wide
from autograd_core.ops.tails import gamma_ratio
from autograd_core.registry import Make, Sample

_LARGE = 10.0  # shapes from which on Stirling's series gives the density


def _no_further(g: Any) -> Any:
    raise NotImplementedError(
        "third derivatives of the gamma distribution function by its shape are not implemented; "
        "neither are second ones of gamma samples"
    )


def _density(xp: Any, input: Any, other: Any) -> Any:
    off = (other - input) / input
    near = (input > _LARGE) & (abs(off) < 0.5)
    # Near the middle of a narrow distribution, less Stirling's formula for gamma(a).
    a, off = xp.where(near, input, _LARGE), xp.where(near, off, 0)
    inverse = 1 / a
    rest = _polynomial(_STIRLING, inverse * inverse) * inverse
    middle = xp.exp(a * (xp.log1p(off) - off) - rest) * xp.sqrt(a * (0.5 / math.pi)) / other
    a = xp.where(near, 1, input)
    return xp.where(near, middle, xp.exp((a - 1) * xp.log(other) - other - lgamma(a)))


# The density of the gamma distribution at positive places: x**(a - 1) exp(-x) / gamma(a).
density = Op(
    "gamma_density",
    _density,
    {
        "input": lambda g, input, other, out: g * (out * (log(other) - digamma(input))),
        "other": lambda g, input, other, out: g * (out * ((input - 1) / other - 1)),
    },
    inputs=2,
    keeps_order=True,
)

# Derivatives of the distribution function by the shape, over the density.
slope_ratio = Op(
    "gamma_slope_ratio",
    lambda xp, input, other: gamma_ratio(1, input, other).astype(input.dtype),
    {
        "input": lambda g, input, other, out: (
            g * (_curvature_ratio(input, other) - out * (log(other) - digamma(input)))
        ),
        "other": lambda g, input, other, out: (
            g * (log(other) - digamma(input) - out * ((input - 1) / other - 1))
        ),
    },
    inputs=2,
    keeps_order=True,
)


def _curvature_by_place(g: Any, input: Any, other: Any, out: Any) -> Any:
    distance = log(other) - digamma(input)
    return g * (distance * distance - _polygamma(input, 1) - out * ((input - 1) / other - 1))


_curvature_ratio = Op(
    "gamma_curvature_ratio",
    lambda xp, input, other: gamma_ratio(2, input, other).astype(input.dtype),
    {"input": _no_further, "other": _curvature_by_place},
    inputs=2,
    keeps_order=True,
)


def _small_upper(xp: Any, a: Any, x: Any) -> Any:
    """The upper part for arguments below 1, by the series of the lower one, whose first term is
    nearly 1."""
    log_gamma = a * (a - 1) * _polynomial(_NEAR, 2 * a - 1)  # that of a + 1
    power = a * xp.log(x) - log_gamma
    term, rest = -x, -x / (a + 1)
    for n in range(2, 20):
        term = term * (-x / n)
        rest = rest + term / (a + n)
    return -xp.expm1(power) - xp.exp(power) * (a * rest)


def _tail(upper: bool, shape: Any, x: Any) -> Any:
    """The distribution function at x, or 1 less it, whichever is asked for."""
    xp = backend_of(shape).xp
    shape, x = xp.broadcast_arrays(shape, x)
    usual = (shape > 0) & (x > 0) & (shape < math.inf) & (x < math.inf)
    a, place = (xp.where(usual, value, 1).astype(np.float64) for value in (shape, x))
    ratio = gamma_ratio(0, a, place)
    part = ratio * density(a, place)
    above = ratio < 0  # it is the upper part, with a minus
    if upper:
        value = xp.where(above, -part, 1 - part)
        small = (a < 1) & (place < 1)
        rest = _small_upper(xp, xp.where(small, a, 0.5), xp.where(small, place, 0.5))
        value = xp.where(small, rest, value)
    else:
        value = xp.where(above, 1 + part, part)
    # At the ends: all of it is below infinity, and none of it below 0.
    below = xp.where((x == 0) | (shape == math.inf), 0.0, 1.0)
    invalid = (
        ~((shape >= 0) & (x >= 0))
        | ((shape == 0) & (x == 0))
        | ((shape == math.inf) & (x == math.inf))
    )
    edge = xp.where(invalid, np.nan, 1 - below if upper else below)
    return xp.where(usual, value, edge).astype(shape.dtype)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3, low=0.3, high=6.0), make(2, 3, low=0.3, high=6.0))
    yield Sample(make(2, 1, low=0.3, high=3.0), make(4, low=0.1, high=9.0))
    yield Sample(make(3, low=15.0, high=40.0), make(3, low=12.0, high=45.0))
    yield Sample(make(low=1.0, high=2.0), make(low=1.0, high=2.0))
    yield Sample(make(0, 2), make(2, low=0.5))


igamma = binary(
    "igamma",
    wide(lambda a, x: _tail(False, a, x)),
    {
        "input": lambda g, input, other: g * (slope_ratio(input, other) * density(input, other)),
        "other": lambda g, input, other: g * density(input, other),
    },
    doc="Regularized lower incomplete gamma function: the part of the gamma distribution of shape "
    "``input`` that is below ``other``.",
    to_float=True,
    number_first=False,
    real=True,
    samples=_samples,
    aliases=("special.gammainc",),
    convention="NaN at 0, where the density may be infinite",
    holomorphic=False,
)

igammac = binary(
    "igammac",
    wide(lambda a, x: _tail(True, a, x)),
    {
        "input": lambda g, input, other: g * -(slope_ratio(input, other) * density(input, other)),
        "other": lambda g, input, other: g * -density(input, other),
    },
    doc="Regularized upper incomplete gamma function: ``1 - igamma(input, other)``, without loss "
    "of precision where that is small.",
    to_float=True,
    number_first=False,
    real=True,
    samples=_samples,
    aliases=("special.gammaincc",),
    convention="NaN at 0, where the density may be infinite",
    holomorphic=False,
)
