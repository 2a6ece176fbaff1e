"""Random numbers from a counter: Philox4x32-10, the stream of every device but the CPU.

Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3" (2011). Four 32-bit words
are a function of a 64-bit key (the seed) and a counter: so the numbers are the same on every kind
of device, many threads can make them at once, and the state is two integers.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from autograd_core.backends.base import Backend
from autograd_core.backends.device import device
from autograd_core.backends.rejection import binomials, gammas, poissons
from autograd_core.backends.stream import DEFAULT_SEED, TWO_PI, Stream

_DOUBLE = np.dtype(np.float64)
_MASK_64 = (1 << 64) - 1
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
# Bits of a uniform number: what the type can hold in steps of equal size.
_DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24}


def words(xp: Any, key: int, start: int, counters: int) -> Any:
    """The random words of the counters from ``start`` on.

    Args:
        xp: The namespace to compute in.
        key: 64-bit key.
        start: First counter, of 64 bits.
        counters: How many.

    Returns:
        Array of ``4 * counters`` words, ``uint32``.
    """
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    counter = xp.arange(counters, dtype=np.uint64) + np.uint64(start)
    c0, c1 = counter & low, counter >> half
    c2 = c3 = xp.zeros(counters, np.uint64)
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        p0, p1 = c0 * np.uint64(_MULTIPLIERS[0]), c2 * np.uint64(_MULTIPLIERS[1])
        c0, c2 = (p1 >> half) ^ c1 ^ np.uint64(k0), (p0 >> half) ^ c3 ^ np.uint64(k1)
        c1, c3 = p1 & low, p0 & low
        k0, k1 = (k0 + _KEY_STEPS[0]) & 0xFFFFFFFF, (k1 + _KEY_STEPS[1]) & 0xFFFFFFFF
    return xp.stack((c0, c1, c2, c3), axis=1).reshape(-1).astype(np.uint32)


class PhiloxStream(Stream):
    """Samplers over Philox4x32-10.

    Args:
        backend: The backend whose arrays it returns.
        where: The device that they are on.
        make_words: The backend's own kernel for ``words(key, start, counters)``, if it has one.
    """

    def __init__(
        self,
        backend: Backend,
        where: device,
        make_words: Callable[[int, int, int], Any] | None = None,
    ) -> None:
        self._backend = backend
        self._xp = backend.xp
        self._where = where
        self._make_words = make_words
        self.seed(DEFAULT_SEED)

    def seed(self, seed: int) -> None:
        self.initial_seed = seed & _MASK_64
        self._next = 0

    def state(self) -> np.ndarray:
        return np.array([self.initial_seed, self._next], np.uint64).view(np.uint8)

    def set_state(self, state: np.ndarray) -> None:
        if state.dtype != np.uint8 or state.shape != (16,):
            raise RuntimeError(
                f"the random state of a {self._where.type} device has 16 bytes, got an array of "
                f"shape {state.shape} and type {state.dtype.name}; states of the CPU do not fit"
            )
        self.initial_seed, self._next = (int(number) for number in state.copy().view(np.uint64))

    # --- words and uniform numbers ---------------------------------------------------------------

    def _words(self, n: int) -> Any:
        counters = -(-n // 4)
        if self._make_words is None:
            made = words(self._xp, self.initial_seed, self._next, counters)
        else:
            made = self._make_words(self.initial_seed, self._next, counters)
        self._next = (self._next + counters) & _MASK_64
        return made[:n]

    def _words64(self, n: int) -> Any:
        pairs = self._words(2 * n).astype(np.uint64)
        return (pairs[0::2] << np.uint64(32)) | pairs[1::2]

    def _steps(self, n: int, dtype: np.dtype) -> tuple[Any, float]:
        """``n`` integers as reals of a type that holds them exactly, and the step they count."""
        if dtype == np.float64:
            return (self._words64(n) >> np.uint64(11)).astype(np.float64), 2.0**-53
        digits = _DIGITS[dtype.name]
        return (self._words(n) >> np.uint32(32 - digits)).astype(np.float32), 2.0**-digits

    def uniform(
        self, shape: tuple[int, ...], dtype: np.dtype, low: float = 0.0, high: float = 1.0
    ) -> Any:
        with self._backend.on(self._where):
            steps, step = self._steps(prod(shape), dtype)
            steps *= step
            if (low, high) != (0.0, 1.0):
                steps *= high - low
                steps += low
            return steps.astype(dtype, copy=False).reshape(shape)

    def uniform_where(self, mask: Any, dtype: np.dtype, low: float, high: float) -> Any:
        # For all, so that the host need not wait to learn how many.
        with self._backend.on(self._where):
            drawn = self.uniform(mask.shape, np.dtype(np.float64), low, high)
            return self._xp.where(mask, drawn, 1.0).astype(dtype, copy=False)

    def above_zero(self, n: int, dtype: np.dtype = _DOUBLE) -> Any:
        """Reals of ``(0, 1]``, whose logarithm is finite."""
        steps, step = self._steps(n, dtype)
        return (steps + 1) * step

    # --- distributions ---------------------------------------------------------------------------

    def normal(
        self,
        shape: tuple[int, ...],
        dtype: np.dtype,
        mean: float = 0.0,
        std: float = 1.0,
        contiguous: bool = True,
    ) -> Any:
        """Two reals from two (Box and Muller 1958), computed in float32 at least."""
        xp, n = self._xp, prod(shape)
        compute = _at_least_float32(dtype)
        pairs = (n + 1) // 2
        with self._backend.on(self._where):
            u = self.above_zero(2 * pairs, compute)
            radius = xp.sqrt(xp.log(u[0::2]) * -2.0)
            angle = u[1::2] * TWO_PI
            both = xp.stack((radius * xp.cos(angle), radius * xp.sin(angle)), axis=1)
            made = both.reshape(-1)[:n] * std + mean
            return made.astype(dtype, copy=False).reshape(shape)

    def integers(self, low: int, high: int, shape: tuple[int, ...], dtype: np.dtype) -> Any:
        span, n = high - low, prod(shape)
        with self._backend.on(self._where):
            # Few words for many values would favour the small ones.
            drawn = self._words(n).astype(np.uint64) if span < 1 << 28 else self._words64(n)
            if span <= _MASK_64:
                drawn %= np.uint64(span)
            drawn += np.uint64(low & _MASK_64)  # wraps around to the negative ones
            return (drawn.view(np.int64) if low < 0 else drawn).astype(dtype).reshape(shape)

    def permutation(self, n: int, dtype: np.dtype) -> Any:
        """The order of random 64-bit words, of which two are hardly ever equal."""
        with self._backend.on(self._where):
            return self._xp.argsort(self._words64(n), kind="stable").astype(dtype)

    def bernoulli(self, p: float, shape: tuple[int, ...]) -> Any:
        with self._backend.on(self._where):
            return self.uniform(shape, np.dtype(np.float32)) < p

    def bernoulli_of(self, p: Any) -> Any:
        with self._backend.on(self._where):
            return self.uniform(p.shape, _at_least_float32(p.dtype)) < p

    def exponential(self, shape: tuple[int, ...], dtype: np.dtype, rate: float = 1.0) -> Any:
        with self._backend.on(self._where):
            u = self.above_zero(prod(shape), _at_least_float32(dtype))
            return (self._xp.log(u) * (-1.0 / rate)).astype(dtype, copy=False).reshape(shape)

    def gamma(self, alpha: Any) -> Any:
        with self._backend.on(self._where):
            made = gammas(self._xp, self, alpha.reshape(-1).astype(np.float64))
            return made.reshape(alpha.shape)

    def poisson(self, rates: Any) -> Any:
        with self._backend.on(self._where):
            made = poissons(self._xp, self, rates.reshape(-1).astype(np.float64))
            return made.reshape(rates.shape)

    def binomial(self, counts: Any, chances: Any) -> Any:
        with self._backend.on(self._where):
            columns = (one.reshape(-1).astype(np.float64) for one in (counts, chances))
            return binomials(self._xp, self, *columns).reshape(counts.shape)


def _at_least_float32(dtype: np.dtype) -> np.dtype:
    return np.dtype(np.float64 if dtype == np.float64 else np.float32)
