"""The normal distribution's tails and quantiles: erfinv, erfcx, ndtri, log_ndtr."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.families import unary
from autograd_core.ops.erf import _TAIL, _TAIL_SINGLE, _erf, _erfc, _in_blocks, _polynomial
from autograd_core.ops.explog import exp
from autograd_core.registry import REGISTRY, At

_ROOT_PI = math.sqrt(math.pi)


def _erfcx_right(z: Any) -> Any:
    """exp(z^2) erfc(z) for z >= 0."""
    coefficients = _TAIL_SINGLE if z.dtype == np.float32 else _TAIL
    near = z.clip(0, 1e9)  # beyond, it is 1 / z but for the last digit
    value = _polynomial(coefficients, (near - 3) / (near + 3)) / (2 * near + 1)
    return backend_of(z).xp.where(z > 1e9, 1 / (z * _ROOT_PI), value)


def _exp_square(x: Any) -> Any:
    """exp(x^2), with the square in two parts, of which the large one is exact."""
    x = x.clip(-30, 30)  # beyond, it is infinite in every dtype
    steps = 256.0 if x.dtype == np.float32 else 1048576.0
    h = np.trunc(x * steps) / steps
    return np.exp(h * h) * np.exp((x - h) * (x + h))


def _erfcx(x: Any) -> Any:
    xp = backend_of(x).xp
    right = _erfcx_right(xp.abs(x))
    value = xp.where(x < 0, 2 * _exp_square(xp.where(x < 0, x, 0)) - right, right)
    return xp.where(x == x, value, x).astype(x.dtype)


erfcx = unary(
    "special.erfcx",
    _in_blocks("erfcx", _erfcx),
    lambda g, input, out: g * (2 * input * out - 2 / _ROOT_PI),
    doc="``exp(x**2) * erfc(x)``, without underflow where erfc is tiny.",
    reference=lambda x: np.exp(x * x) * np.vectorize(math.erfc, otypes=[float])(x),
    holomorphic=False,
)


def _erf_inverse_centre(a: Any) -> Any:
    """y with erf(y) = a, for 0 <= a < 0.5: two steps of Halley from the first terms."""
    y = a * (_ROOT_PI / 2) * (1 + a * a * (math.pi / 12))
    for _ in range(2):
        error = (_erf(y) - a) * (_ROOT_PI / 2) * np.exp(y * y)
        y = y - error / (1 + y * error)
    return y


def _erfc_inverse(q: Any) -> Any:
    """y with erfc(y) = q, for 0 < q <= 0.5: Halley from a rational approximation (Abramowitz and
    Stegun, 26.2.23)."""
    t = np.sqrt(-2 * np.log(q / 2))
    upper = (0.010328 * t + 0.802853) * t + 2.515517
    lower = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1
    y = (t - upper / lower) / math.sqrt(2)
    for _ in range(2):
        error = (q * _exp_square(y) - _erfcx_right(y)) * (_ROOT_PI / 2)
        y = y - error / (1 + y * error)
    return y


def _erf_inverse(x: Any) -> Any:
    xp = backend_of(x).xp
    a = xp.abs(x)
    centre, edge = a < 0.5, a < 1
    value = xp.where(
        centre,
        _erf_inverse_centre(xp.where(centre, a, 0)),
        _erfc_inverse(xp.where(edge & ~centre, 1 - a, 0.25)),
    )
    value = xp.where(edge, value, xp.where(a == 1, np.inf, np.nan))
    return np.copysign(value, x).astype(x.dtype)


erfinv = unary(
    "erfinv",
    _in_blocks("erfinv", _erf_inverse),
    lambda g, out: g * (exp(out * out) * (_ROOT_PI / 2)),
    doc="Inverse of the error function, for -1 <= x <= 1.",
    domain=(-0.9, 0.9),
    holomorphic=False,
    aliases=("special.erfinv",),
    convention="infinite at -1 and 1; NaN beyond, as the value is",
    kinks=[At((1.0,), (math.inf,))],
)


def _quantile(p: Any) -> Any:
    xp = backend_of(p).xp
    distance = 2 * p - 1
    a, q = xp.abs(distance), 2 * xp.minimum(p, 1 - p)
    centre, inside = a < 0.5, (p > 0) & (p < 1)
    value = xp.where(
        centre,
        _erf_inverse_centre(xp.where(centre, a, 0)),
        _erfc_inverse(xp.where(inside & ~centre, q, 0.25)),
    )
    value = xp.where(inside, value, xp.where((p == 0) | (p == 1), np.inf, np.nan))
    return np.copysign(value * math.sqrt(2), distance).astype(p.dtype)


ndtri = unary(
    "special.ndtri",
    _in_blocks("ndtri", _quantile),
    lambda g, out: g * (exp(out * out * 0.5) * math.sqrt(2 * math.pi)),
    doc="Quantiles of the standard normal distribution: the inverse of ``special.ndtr``.",
    domain=(0.05, 0.95),
    holomorphic=False,
    convention="infinite at 0 and 1; NaN beyond, as the value is",
)

_ROOT_HALF = math.sqrt(0.5)


def _log_cdf(x: Any) -> Any:
    xp = backend_of(x).xp
    left = x < -1
    y = xp.where(left, x, 0)
    tail = np.log(_erfcx(-y * _ROOT_HALF) * 0.5) - y * y * 0.5
    rest = np.log1p(-0.5 * _erfc(xp.where(left, 0, x) * _ROOT_HALF))
    return xp.where(left, tail, rest).astype(x.dtype)


log_ndtr = unary(
    "special.log_ndtr",
    _in_blocks("log_ndtr", _log_cdf),
    lambda g, input: g * (math.sqrt(2 / math.pi) / erfcx(input * -_ROOT_HALF)),
    doc="Logarithm of the standard normal distribution function, exact far out in its tail too.",
    holomorphic=False,
)
for _name in ("special.erfcx", "special.ndtri", "special.log_ndtr"):
    REGISTRY[_name].inplace = False
