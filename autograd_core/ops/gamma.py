"""The gamma function's logarithm and its derivatives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.families import unary
from autograd_core.op import Op
from autograd_core.ops.cast import as_float
from autograd_core.ops.dims import is_whole
from autograd_core.ops.erf import _in_blocks, _polynomial
from autograd_core.ops.precision import widen
from autograd_core.registry import Make, Sample, operator

# lgamma(x) / ((x - 1) (x - 2)) for 1 <= x <= 2: a Chebyshev approximation, as a polynomial in
# t = 2 x - 3, from the constant term up.
_NEAR = (
    0.48312895054098089, -0.072979947957153043, 0.015727850268641095, -0.0039135609376261826,
    0.0010498186644547402, -0.00029455070151964721, 8.5100903734994313e-5, -2.5094328668947194e-5,
    7.5113918556418829e-6, -2.2742474102383936e-6, 6.9484280641863119e-7, -2.1386323384115519e-7,
    6.6238780772653007e-8, -2.0621027431854286e-8, 6.4302607276369656e-9, -2.0169479556239817e-9,
    6.5664038192631117e-10, -2.0874620693971093e-10, 5.0258222095609346e-11,
    -1.5395748006420786e-11, 1.1586115295157278e-11, -3.803618166622364e-12,
)  # fmt: skip

# Bernoulli's numbers B2, B4, ...
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330, 854513 / 138, -236364091 / 2730,
)  # fmt: skip
_STIRLING = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI[:8], 1))
_HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


def _turned(x: Any) -> Any:
    """``x - round(x)``: what sines and cotangents of ``pi x`` need, exactly."""
    return x - np.rint(x)


def _cotangent(xp: Any, x: Any) -> Any:
    """``cot(pi x)``, also near its zeros to full precision."""
    turned = _turned(x)
    far = xp.abs(turned) > 0.25
    near = 1 / np.tan(math.pi * xp.where(far, 0.25, turned))
    return xp.where(far, np.copysign(np.tan(math.pi * (0.5 - xp.abs(turned))), turned), near)


def _log_gamma_small(xp: Any, x: Any) -> Any:
    """For 0 < x < 3, by way of 1 <= x <= 2, so that the zeros at 1 and 2 are exact."""
    below, above = x < 1, x > 2
    y = xp.where(below, x + 1, xp.where(above, x - 1, x))
    # (y - 1 and y - 2 by way of x, as x + 1 is rounded)
    one = xp.where(below, x, y - 1)
    two = xp.where(below, x - 1, y - 2)
    core = one * two * _polynomial(_NEAR, 2 * y - 3)
    return core + xp.where(above, np.log1p(y - 1), 0) - xp.where(below, np.log(x), 0)


def _log_gamma_large(xp: Any, x: Any) -> Any:
    """For x >= 3: Stirling's series, from 8 on; below, five places further up."""
    near = x < 8
    factor = xp.where(near, x * (x + 1) * (x + 2) * (x + 3) * (x + 4), 1)
    y = xp.where(near, x + 5, x)
    series = _polynomial(_STIRLING, 1 / (y * y)) / y
    return (y - 0.5) * (np.log(y) - 1) - 0.5 + _HALF_LOG_TAU + series - np.log(factor)


def _log_gamma(x: Any) -> Any:
    xp = backend_of(x).xp
    size = xp.abs(x)
    z = xp.where(x < 0.5, 1 - x, x)
    small = _log_gamma_small(xp, xp.where(z < 3, z, 1.5))
    large = _log_gamma_large(xp, xp.where(z < 3, 3.0, z))
    value = xp.where(z < 3, small, large)
    # gamma(x) gamma(1 - x) = pi / sin(pi x)
    mirrored = np.log(math.pi / xp.abs(np.sin(math.pi * _turned(x)))) - value
    value = xp.where(x < 0.5, mirrored, value)
    tiny = xp.where(size < 0.5, size, 1)  # there, log(x) is the better part of it
    near_zero = _log_gamma_small(xp, tiny)
    value = xp.where((x > 0) & (x < 0.5), near_zero, value)
    pole = xp.isinf(x) | ((x <= 0) & (x == np.floor(x)))
    return xp.where(pole, np.inf, value).astype(x.dtype)


lgamma = unary(
    "lgamma",
    _in_blocks("lgamma", _log_gamma),
    lambda g, input: g * digamma(input),
    doc="Logarithm of the absolute value of the gamma function.",
    domain=(0.3, 5.0),
    reference=lambda x: np.vectorize(math.lgamma, otypes=[float])(x),
    holomorphic=False,
    aliases=("special.gammaln",),
    convention="infinite at 0, NaN at the negative integers, where the value is infinite",
)

_DIGAMMA = tuple(b / (2 * k) for k, b in enumerate(_BERNOULLI[:8], 1))


def _digamma(x: Any) -> Any:
    xp = backend_of(x).xp
    z = xp.where(x < 0.5, 1 - x, x)
    below = xp.zeros_like(z)
    y = z
    for _ in range(10):  # up to where the series holds
        short = y < 10
        below = below + xp.where(short, 1 / y, 0)
        y = xp.where(short, y + 1, y)
    square = 1 / (y * y)
    value = np.log(y) - 0.5 / y - square * _polynomial(_DIGAMMA, square) - below
    value = xp.where(x < 0.5, value - math.pi * _cotangent(xp, x), value)
    value = xp.where(x == 0, -np.copysign(np.inf, x), value)
    return xp.where((x < 0) & (x == np.floor(x)), np.nan, value).astype(x.dtype)


digamma = unary(
    "digamma",
    _in_blocks("digamma", _digamma),
    lambda g, input: g * _polygamma(input, 1),
    doc="Derivative of the logarithm of the gamma function.",
    domain=(0.3, 5.0),
    holomorphic=False,
    aliases=("special.digamma", "special.psi"),
    convention="infinite at 0 and the negative integers",
)


def _zeta(z: Any, s: int) -> Any:
    """The sum of ``(z + k) ** -s`` over k >= 0 for z >= 0: twelve terms, and an integral with
    corrections for the rest (Euler and Maclaurin)."""
    total = z**-s
    for k in range(1, 12):
        total = total + (z + k) ** -s
    a = z + 12
    power = a**-s
    total = total + a ** (1 - s) / (s - 1) + power / 2
    power = power / a
    factor = s / 2
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        total = total + bernoulli * factor * power
        power = power / (a * a)
        factor *= (s + 2 * k - 1) * (s + 2 * k) / ((2 * k + 1) * (2 * k + 2))
    return total


def _cotangent_derivative(n: int) -> list[float]:
    """The n-th derivative of ``cot(x)`` as a polynomial in ``cot(x)``, from the constant up."""
    polynomial = [0, 1]
    for _ in range(n):
        slope = [k * c for k, c in enumerate(polynomial)][1:]
        polynomial = [0] * (len(slope) + 2)
        for k, c in enumerate(slope):
            polynomial[k] -= c
            polynomial[k + 2] -= c
    return [float(c) for c in polynomial]


def _polygamma_forward(xp: Any, input: Any, n: int) -> Any:
    x = widen(input)
    left = x < 0
    odd = n % 2 == 1
    # Without the sign, (-1) ** (n + 1).
    value = float(math.factorial(n)) * _zeta(xp.where(left, 1 - x, x), n + 1)
    # (-1)**n psi(n, 1 - x) - psi(n, x) is the n-th derivative of pi cot(pi x).
    cotangent = _cotangent(xp, xp.where(left, x, 0.25))
    mirror = _polynomial(tuple(_cotangent_derivative(n)), cotangent) * math.pi ** (n + 1)
    value = xp.where(left, -value - mirror if odd else value + mirror, value)
    pole = (x <= 0) & (x == np.floor(x))
    value = xp.where(pole, np.inf, value)
    value = xp.where(xp.isinf(x), xp.where(left, np.nan, 0.0), value)
    return (value if odd else -value).astype(input.dtype)


_polygamma = Op(
    "polygamma",
    _polygamma_forward,
    {"input": lambda g, input, n: g * _polygamma(input, n + 1)},
    keeps_order=True,
)


def _polygamma_samples(make: Make) -> Iterable[Sample]:
    for n in range(4):
        yield Sample(n, make(2, 3, low=0.4, high=4.0))
    yield Sample(1, make(3, low=-0.8, high=-0.2))
    yield Sample(2, make())
    yield Sample(2, make(0, 2))


@operator(
    "polygamma",
    samples=_polygamma_samples,
    convention="infinite at 0 and the negative integers",
    aliases=("special.polygamma",),
    method=False,
)
def polygamma(n: int, input: Any) -> Any:
    """The n-th derivative of :func:`digamma`.

    Args:
        n: order, from 0 on.
        input: tensor; integers are computed in the default float dtype.

    Raises:
        RuntimeError: n is negative.

    Source: PyTorch, ``torch.polygamma``.

    Example:
        >>> import autograd_core as ag
        >>> ag.polygamma(1, ag.tensor([1.0, 0.5]))
        tensor([1.6449, 4.9348])
    """
    if not is_whole(n) or n < 0:
        raise RuntimeError(f"polygamma: n must be a non-negative integer, got {n!r}")
    input = as_float(input)
    if n > 100:
        raise NotImplementedError(f"polygamma: orders to 100, got n={n}")
    return digamma(input) if n == 0 else _polygamma(input, int(n))


@operator(
    "mvlgamma",
    samples=lambda make: [Sample(make(2, 3, low=1.5, high=4.0), 3), Sample(make(3, low=1.0), 1)],
    convention="infinite where a term is",
    aliases=("special.multigammaln",),
    inplace=True,
)
def mvlgamma(input: Any, p: int) -> Any:
    """Logarithm of the multivariate gamma function of dimension p.

    Args:
        input: tensor, larger than ``(p - 1) / 2`` where the function is defined.
        p: number of dimensions, at least 1.

    Source: PyTorch, ``torch.mvlgamma``.

    Example:
        >>> import autograd_core as ag
        >>> ag.mvlgamma(ag.tensor([2.0]), 1)
        tensor([0.])
    """
    if not is_whole(p) or p < 1:
        raise RuntimeError(f"mvlgamma: p must be an integer of at least 1, got {p!r}")
    input = as_float(input)
    p = int(p)
    terms = [lgamma(input - i / 2) for i in range(p)]
    return sum(terms) + p * (p - 1) / 4 * math.log(math.pi)
