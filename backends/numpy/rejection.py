"""Gamma, Poisson and binomial numbers, one after the other, as PyTorch's CPU generator draws them.

How many uniform numbers one of them takes depends on what they are, and the next begins where it
ended; so there is a loop in Python here, of a microsecond or two for each number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from autograd_core.backends.rejection import STIRLING_RESTS

Draw = Callable[[], float]

# Constants that PyTorch writes as float32.
_THIRD = float(np.float32(1 / 3))
_SQUEEZE = float(np.float32(0.0331))


def gammas(alpha: np.ndarray, uniform: Draw, normal: Draw) -> Iterator[float]:
    """Standard gamma numbers.

    Source: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
    """
    log = math.log
    one = alpha.dtype.type(1)
    # A small shape is raised by one, and the number multiplied by a power of a uniform one.
    raised = alpha < 1
    powers = one / np.where(alpha > 0, alpha, one)
    ds = np.where(raised, alpha + one, alpha) - alpha.dtype.type(_THIRD)
    columns = (alpha, raised, powers, ds)
    for shape, small, power, d in zip(*(column.ravel().tolist() for column in columns)):
        if not shape > 0:
            yield 0.0 if shape == 0 else math.nan
            continue
        scale = (1 - uniform()) ** power if small else 1.0
        c = 1 / math.sqrt(9 * d)
        while True:
            x = normal()
            y = 1 + c * x
            if y <= 0:
                continue
            v = y * y * y
            u = 1 - uniform()
            square = x * x
            if u < 1 - _SQUEEZE * square * square:
                break
            if log(u) < 0.5 * square + d * (1 - v + log(v)):
                break
        yield scale * d * v


def poissons(rates: np.ndarray, uniform: Draw) -> Iterator[float]:
    """Poisson numbers: for small means by multiplying (Knuth), for others by rejection.

    Source: Hoermann, "The transformed rejection method for generating Poisson random variables"
    (1993), algorithm PTRS.
    """
    for rate in rates.ravel().tolist():
        if rate >= 10:
            yield _poisson_ptrs(rate, uniform)
        elif rate == 0:
            yield 0.0
        else:
            limit, product, count = math.exp(-rate), uniform(), 0
            while product > limit:
                count += 1
                product *= uniform()
            yield float(count)


def _poisson_ptrs(rate: float, uniform: Draw) -> float:
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)
    log_rate = math.log(rate)
    while True:
        u, v = uniform() - 0.5, uniform()
        us = 0.5 - abs(u)
        if us == 0:
            continue
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= v_r:
            return float(k)
        if k < 0 or (us < 0.013 and v > us):
            continue
        left = math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b)
        if left <= -rate + k * log_rate - math.lgamma(k + 1):
            return float(k)


def binomials(counts: np.ndarray, chances: np.ndarray, uniform: Draw) -> Iterator[float]:
    """Binomial numbers: for small means by adding up waiting times, for others by rejection.

    Source: Hoermann, "The generation of binomial random variates" (1993), algorithm BTRS.
    """
    # Products of parameters are rounded in their own type, as in PyTorch.
    one = chances.dtype.type(1)
    mirrored = chances > 0.5
    p = np.where(mirrored, one - chances, chances)
    miss, inside = one - p, (p > 0) & (counts > 0)
    means, variances = counts * p, counts * p * miss
    peaks, odds = np.floor((counts + one) * p), p / miss
    columns = (counts, p, inside, mirrored, means, np.sqrt(np.maximum(variances, 0)), peaks, odds)
    for n, q, real, turned, mean, *rest in zip(*(column.ravel().tolist() for column in columns)):
        if n <= 0 or not real:
            drawn = q if math.isnan(q) else 0.0
        elif mean >= 10:
            drawn = _btrs(n, q, mean, *rest, uniform)  # type: ignore[call-arg]
        else:
            drawn = _waiting(n, q, uniform)
        yield n - drawn if turned else drawn


def _waiting(n: float, p: float, uniform: Draw) -> float:
    """How many waiting times for a success fit into ``n`` trials."""
    log_miss = math.log1p(-p)
    passed, successes = 0.0, 0
    while True:
        u = uniform()
        passed += math.ceil(math.log(u) / log_miss) if u else math.inf
        if passed > n:
            return float(successes)
        successes += 1


def _btrs(
    n: float, p: float, mean: float, deviation: float, m: float, odds: float, uniform: Draw
) -> float:
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = mean + 0.5
    v_r = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * deviation
    while True:
        u, v = uniform() - 0.5, uniform()
        us = 0.5 - abs(u)
        if us == 0:
            continue
        k = math.floor((2 * a / us + b) * u + c)
        if k < 0 or k > n:
            continue
        if us >= 0.07 and v <= v_r:
            return float(k)
        bound = (
            (m + 0.5) * math.log((m + 1) / (odds * (n - m + 1)))
            + (n + 1) * math.log((n - m + 1) / (n - k + 1))
            + (k + 0.5) * math.log(odds * (n - k + 1) / (k + 1))
            + _stirling_rest(m)
            + _stirling_rest(n - m)
            - _stirling_rest(k)
            - _stirling_rest(n - k)
        )
        if v == 0 or math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return float(k)


def _stirling_rest(k: float) -> float:
    if k <= 9:
        return STIRLING_RESTS[int(k)]
    square = (k + 1) * (k + 1)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)
