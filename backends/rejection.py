"""Gamma, Poisson and binomial numbers for a stream that makes many at once: those that are rejected
are drawn again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_DOUBLE = np.dtype(np.float64)
# log(k!) less Stirling's formula, for k = 0 ... 9.
STIRLING_RESTS = (
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509,
    0.0166446911898211, 0.0138761288230707, 0.0118967099458917, 0.0104112652619720,
    0.00925546218271273, 0.00833056343336287,
)  # fmt: skip

Try = Callable[..., tuple[Any, Any]]


def _accepted(xp: Any, attempt: Try, *parameters: Any) -> Any:
    """For every element the first number that its attempts accept.

    Args:
        xp: The namespace to compute in.
        attempt: ``attempt(*parameters)`` gives a number for each element and whether it is
            accepted.
        *parameters: Flat arrays of one length.
    """
    made = xp.zeros(parameters[0].shape, _DOUBLE)
    left = xp.arange(made.size)
    while left.size:
        numbers, good = attempt(*(column[left] for column in parameters))
        made[left[good]] = numbers[good]
        left = left[~good]
    return made


def gammas(xp: Any, stream: Any, alpha: Any) -> Any:
    """Standard gamma numbers of float64 shapes, flat.

    Source: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
    """

    def attempt(d: Any) -> tuple[Any, Any]:
        x = stream.normal(d.shape, _DOUBLE)
        y = 1 + x / xp.sqrt(9 * d)
        v = xp.where(y > 0, y * y * y, 1.0)
        u = stream.above_zero(d.size)
        good = (y > 0) & (xp.log(u) < 0.5 * x * x + d * (1 - v + xp.log(v)))
        return d * v, good | ~(d > 0)

    raised = xp.where(alpha < 1, alpha + 1, alpha)
    made = _accepted(xp, attempt, raised - 1 / 3)
    # A small shape was raised by one; a power of a uniform number brings it back.
    power = stream.above_zero(alpha.size) ** (1 / xp.where(alpha > 0, alpha, 1.0))
    made = xp.where(alpha < 1, made * power, made)
    return xp.where(alpha == 0, 0.0, xp.where(alpha > 0, made, np.nan))


def poissons(xp: Any, stream: Any, rates: Any) -> Any:
    """Poisson numbers of float64 means, flat: for small ones by multiplying (Knuth).

    Source: Hoermann, "The transformed rejection method for generating Poisson random variables"
    (1993), algorithm PTRS.
    """

    def attempt(rate: Any) -> tuple[Any, Any]:
        u, v = stream.uniform(rate.shape, _DOUBLE) - 0.5, stream.above_zero(rate.size)
        us = 0.5 - xp.abs(u) + 2.0**-54
        b = 0.931 + 2.53 * xp.sqrt(rate)
        a = -0.059 + 0.02483 * b
        k = xp.floor((2 * a / us + b) * u + rate + 0.43)
        safe = xp.maximum(k, 0.0)
        left = xp.log(v) + xp.log(1.1239 + 1.1328 / (b - 3.4)) - xp.log(a / (us * us) + b)
        good = left <= -rate + safe * xp.log(rate) - _log_factorial(xp, safe)
        return k, good & (k >= 0)

    made = xp.zeros(rates.shape, _DOUBLE)
    large = xp.nonzero(rates >= 10)[0]
    made[large] = _accepted(xp, attempt, rates[large])
    left = xp.nonzero((rates > 0) & (rates < 10))[0]
    product, limit = xp.ones(left.shape, _DOUBLE), xp.exp(-rates[left])
    while left.size:
        product = product * stream.above_zero(left.size)
        more = product > limit
        left, product, limit = left[more], product[more], limit[more]
        made[left] += 1
    return made


def binomials(xp: Any, stream: Any, counts: Any, chances: Any) -> Any:
    """Binomial numbers of float64 counts and probabilities, flat: for small means by adding up
    waiting times.

    Source: Hoermann, "The generation of binomial random variates" (1993), algorithm BTRS.
    """

    def attempt(n: Any, p: Any) -> tuple[Any, Any]:
        u, v = stream.uniform(n.shape, _DOUBLE) - 0.5, stream.above_zero(n.size)
        us = 0.5 - xp.abs(u) + 2.0**-54
        deviation = xp.sqrt(n * p * (1 - p))
        b = 1.15 + 2.53 * deviation
        a = -0.0873 + 0.0248 * b + 0.01 * p
        alpha = (2.83 + 5.1 / b) * deviation
        m = xp.floor((n + 1) * p)
        k = xp.floor((2 * a / us + b) * u + n * p + 0.5)
        inside = (k >= 0) & (k <= n)
        safe = xp.where(inside, k, m)
        bound = (
            _log_factorial(xp, m)
            + _log_factorial(xp, n - m)
            - _log_factorial(xp, safe)
            - _log_factorial(xp, n - safe)
            + (safe - m) * xp.log(p / (1 - p))
        )
        return k, inside & (xp.log(v * alpha / (a / (us * us) + b)) <= bound)

    p = xp.where(chances > 0.5, 1 - chances, chances)
    made = xp.zeros(p.shape, _DOUBLE)
    large = xp.nonzero(counts * p >= 10)[0]
    made[large] = _accepted(xp, attempt, counts[large], p[large])
    left = xp.nonzero((counts > 0) & (p > 0) & (counts * p < 10))[0]
    rest, log_miss = counts[left], xp.log1p(-p[left])
    while left.size:
        rest = rest - xp.ceil(xp.log(stream.above_zero(left.size)) / log_miss)
        more = rest >= 0
        left, rest, log_miss = left[more], rest[more], log_miss[more]
        made[left] += 1
    made = xp.where(chances > 0.5, counts - made, made)
    return xp.where(chances == chances, made, np.nan)


def _log_factorial(xp: Any, k: Any) -> Any:
    n = k + 1
    small = xp.asarray(STIRLING_RESTS)[xp.minimum(k, 9).astype(np.int64)]
    square = n * n
    large = (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / n
    return (n - 0.5) * xp.log(n) - n + 0.5 * np.log(2 * np.pi) + xp.where(k <= 9, small, large)
