"""The random stream of the CPU: the same numbers as PyTorch's CPU generator gives.

The generator is MT19937 (Matsumoto and Nishimura 1998), seeded with the lower 32 bits of the seed
by Knuth's recurrence as in the authors' reference code, so NumPy's implementation gives the words.
How words become numbers follows PyTorch: uniform, integer and Bernoulli numbers and permutations
are equal bit by bit (float64 ones between given bounds all but now and then), normal and
exponential ones but for the last bits of log, sin and cos.
(PyTorch on Intel processors takes Bernoulli and exponential numbers from MKL; those differ.)
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, cos, log1p, prod, sin, sqrt
from operator import length_hint
from typing import Any

import numpy as np
from numpy.random import MT19937, Generator, RandomState

from autograd_core.backends.numpy.permuting import swapped
from autograd_core.backends.numpy.rejection import binomials, gammas, poissons
from autograd_core.backends.stream import DEFAULT_SEED, TWO_PI, Stream

# The state's bytes are PyTorch's as well, so states can be exchanged.
_STATE = np.dtype(
    {
        "names": ["seed", "left", "seeded", "next", "key", "normal", "has_normal"],
        "formats": ["u8", "i4", "i4", "u8", ("u8", 624), "f8", "i4"],
        "offsets": [0, 8, 12, 16, 24, 5024, 5040],
        "itemsize": 5056,
    }
)
_BLOCK = 16  # normal numbers are made in blocks: eight radii, eight angles
_MASK_64 = (1 << 64) - 1
_MASK_53 = np.uint64((1 << 53) - 1)
_FEW = 600  # words


class MersenneStream(Stream):
    """Samplers over MT19937, returning NumPy arrays."""

    def __init__(self) -> None:
        self._bits = MT19937()
        self._wide = Generator(self._bits)
        self.seed(DEFAULT_SEED)

    def seed(self, seed: int) -> None:
        self.initial_seed = seed & _MASK_64
        seeded: Any = RandomState(seed & 0xFFFFFFFF).get_state(legacy=False)
        self._bits.state = seeded
        self._spare_normal: float | None = None

    def state(self) -> np.ndarray:
        inner = self._bits.state["state"]
        record = np.zeros(1, _STATE)
        record["seed"] = self.initial_seed
        record["left"] = 625 - inner["pos"]  # of 624 words, the one to come included
        record["seeded"] = 1
        record["next"] = inner["pos"]
        record["key"] = inner["key"]
        if self._spare_normal is not None:
            record["normal"], record["has_normal"] = self._spare_normal, 1
        return record.view(np.uint8)

    def set_state(self, state: np.ndarray) -> None:
        if state.dtype != np.uint8 or state.shape != (_STATE.itemsize,):
            raise RuntimeError(
                f"the random state of the CPU has {_STATE.itemsize} bytes, got an array of shape "
                f"{state.shape} and type {state.dtype.name}; states of a GPU do not fit"
            )
        record = state.copy().view(_STATE)[0]
        left = int(record["left"])
        if record["seeded"] != 1 or not 1 <= left <= 624 or int(record["next"]) > 624:
            raise RuntimeError("these bytes are no random state of the CPU, or they are damaged")
        inner: Any = {"key": record["key"].astype(np.uint32), "pos": 625 - left}
        self._bits.state = {"bit_generator": "MT19937", "state": inner}
        self.initial_seed = int(record["seed"])
        self._spare_normal = float(record["normal"]) if record["has_normal"] else None

    # --- words and uniform numbers ---------------------------------------------------------------

    def _words(self, n: int) -> np.ndarray:
        """32-bit words, each in a ``uint64`` of its own."""
        return self._bits.random_raw(n)

    def _words64(self, n: int) -> np.ndarray:
        """64-bit words, each of two of 32 bits, the upper half first."""
        if n > _FEW:  # quicker, but slow to start
            return self._wide.integers(0, _MASK_64, n, np.uint64, endpoint=True)
        pairs = self._words(2 * n)
        words = pairs[0::2] << np.uint64(32)
        words |= pairs[1::2]
        return words

    def _unit32(self, n: int) -> np.ndarray:
        """float32 reals of [0, 1): the lower 24 bits of a word."""
        words = self._words(n)
        words &= np.uint64((1 << 24) - 1)
        reals = words.astype(np.float32)
        reals *= np.float32(2.0**-24)
        return reals

    def _unit64(self, n: int) -> np.ndarray:
        """float64 reals of [0, 1): the lower 53 bits of two words."""
        words = self._words64(n)
        words &= _MASK_53
        reals = words.astype(np.float64)
        reals *= 2.0**-53
        return reals

    def uniform(
        self, shape: tuple[int, ...], dtype: np.dtype, low: float = 0.0, high: float = 1.0
    ) -> np.ndarray:
        reals = self._unit64(prod(shape)) if dtype == np.float64 else self._unit32(prod(shape))
        if (low, high) != (0.0, 1.0):
            reals = _scale(reals, low, high)
        if dtype != reals.dtype:  # a narrow float can round up to the bound that is left out
            reals = reals.astype(dtype)
            reals[reals == np.asarray(high).astype(dtype)] = low
        return reals.reshape(shape)

    def uniform_where(
        self, mask: np.ndarray, dtype: np.dtype, low: float, high: float
    ) -> np.ndarray:
        made = np.ones(mask.shape, dtype)
        count = int(np.count_nonzero(mask))
        made[mask] = self.uniform((count,), np.dtype(np.float64), low, high)
        return made

    # --- distributions ---------------------------------------------------------------------------

    def normal(
        self,
        shape: tuple[int, ...],
        dtype: np.dtype,
        mean: float = 0.0,
        std: float = 1.0,
        contiguous: bool = True,
    ) -> np.ndarray:
        n = prod(shape)
        made = (
            self._normal_blocks(n, dtype) if n >= _BLOCK and contiguous else self._normal_pairs(n)
        )
        if (mean, std) != (0.0, 1.0):
            made *= std
            made += mean
        return made.astype(dtype, copy=False).reshape(shape)

    def _normal_blocks(self, n: int, dtype: np.dtype) -> np.ndarray:
        """Standard normal numbers of at least float32, for 16 numbers or more."""
        draw = self._unit64 if dtype == np.float64 else self._unit32
        full = n - n % _BLOCK
        u = draw(full)
        made = np.empty(n, u.dtype)
        _box_muller(u, made[:full])
        if n % _BLOCK:
            if dtype in (np.float32, np.float64):
                draw(n % _BLOCK)  # PyTorch draws the tail and then throws it away
            # ... as the last block is made anew, over the end of the one before it.
            _box_muller(draw(_BLOCK), made[n - _BLOCK :])
        return made

    def _normal_pairs(self, n: int) -> np.ndarray:
        """float64 normal numbers, two at a time; an odd one waits for the next call."""
        made = np.empty(n)
        if n == 0:
            return made
        begin = 0
        if self._spare_normal is not None:
            made[0], begin, self._spare_normal = self._spare_normal, 1, None
        missing = n - begin
        if missing == 0:
            return made
        u = self._unit64(missing + missing % 2)
        radius, angle = np.sqrt(-2.0 * np.log1p(-u[1::2])), TWO_PI * u[0::2]
        made[begin::2] = radius * np.cos(angle)
        second = radius * np.sin(angle)
        if missing % 2:
            self._spare_normal = float(second[-1])
        made[begin + 1 :: 2] = second[: missing // 2]
        return made

    def integers(self, low: int, high: int, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        span, n = high - low, prod(shape)
        if span < 1 << 28:
            drawn = self._words(n)
            drawn %= np.uint64(span)
        else:
            drawn = self._words64(n)
            if span > _MASK_64:  # every pattern of bits is an integer of the range
                return drawn.astype(dtype).reshape(shape)
            drawn %= np.uint64(span)
        drawn += np.uint64(low & _MASK_64)  # wraps around to the negative ones
        return (drawn.view(np.int64) if low < 0 else drawn).astype(dtype).reshape(shape)

    def integers_below(self, limit: int, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        n = prod(shape)
        wide = dtype.itemsize == 8
        drawn = self._words64(n) if wide else self._words(n)
        if limit <= _MASK_64:
            drawn %= np.uint64(limit)
        return drawn.astype(dtype).reshape(shape)

    def permutation(self, n: int, dtype: np.dtype) -> np.ndarray:
        if n < 2:
            return np.arange(n).astype(dtype)
        steps = self._words(n - 1) % np.arange(n, 1, -1, dtype=np.uint64)
        return swapped(steps.astype(np.int64)).astype(dtype)

    def bernoulli(self, p: float, shape: tuple[int, ...]) -> np.ndarray:
        words = self._words64(prod(shape))
        words &= _MASK_53
        # The same as a real number below p, without making the real numbers.
        return (words < np.uint64(ceil(p * 2.0**53))).reshape(shape)

    def bernoulli_of(self, p: Any) -> np.ndarray:
        if not ((p >= 0) & (p <= 1)).all():
            raise RuntimeError("bernoulli: a probability is not between 0 and 1")
        unit = self._unit64 if p.dtype == np.float64 else self._unit32
        return unit(p.size).reshape(p.shape) < p

    def exponential(self, shape: tuple[int, ...], dtype: np.dtype, rate: float = 1.0) -> np.ndarray:
        reals = np.log1p(-self._unit64(prod(shape)))
        reals *= -1.0 / rate
        return reals.astype(dtype, copy=False).reshape(shape)

    # --- numbers that are drawn one by one -------------------------------------------------------

    def gamma(self, alpha: np.ndarray) -> np.ndarray:
        source = _Numbers(self, alpha.size)
        drawn = np.fromiter(gammas(alpha, source.uniform, source.normal), np.float64, alpha.size)
        source.close()
        return drawn.reshape(alpha.shape)

    def poisson(self, rates: np.ndarray) -> np.ndarray:
        source = _Numbers(self, rates.size)
        drawn = np.fromiter(poissons(rates, source.uniform), np.float64, rates.size)
        source.close()
        return drawn.reshape(rates.shape)

    def binomial(self, counts: np.ndarray, chances: np.ndarray) -> np.ndarray:
        source = _Numbers(self, counts.size)
        drawn = np.fromiter(binomials(counts, chances, source.uniform), np.float64, counts.size)
        source.close()
        return drawn.reshape(counts.shape)


class _Numbers:
    """float64 numbers of a stream, one by one: taken from it many at a time, and what is left
    over given back in the end."""

    def __init__(self, stream: MersenneStream, size: int) -> None:
        self._stream = stream
        self._step = min(max(2 * size, 16), 4096)
        self._chunk: Iterator[float] = iter(())
        self.uniform = self._all().__next__

    def _all(self) -> Iterator[float]:
        while True:
            self._before = self._stream._bits.state
            self._chunk = iter(self._stream._unit64(self._step).tolist())
            yield from self._chunk

    def normal(self) -> float:
        """A standard normal number; two at a time, and one waits in the stream."""
        spare = self._stream._spare_normal
        if spare is not None:
            self._stream._spare_normal = None
            return spare
        u1, u2 = self.uniform(), self.uniform()
        radius, angle = sqrt(-2.0 * log1p(-u2)), TWO_PI * u1
        self._stream._spare_normal = radius * sin(angle)
        return radius * cos(angle)

    def close(self) -> None:
        """Let the stream go on behind the last number that was used."""
        left = length_hint(self._chunk, 0)
        if left:
            self._stream._bits.state = self._before
            self._stream._words(2 * (self._step - left))


def _scale(reals: np.ndarray, low: float, high: float) -> np.ndarray:
    """``reals * (high - low) + low``, rounded once, as a fused multiply-add rounds."""
    kind: Any = reals.dtype.type
    first, span = kind(low), kind(high) - kind(low)
    wide: Any = np.longdouble if kind is np.float64 else np.float64
    return (reals.astype(wide) * wide(span) + wide(first)).astype(kind)


def _box_muller(u: np.ndarray, out: np.ndarray) -> None:
    """Normal numbers from uniform ones (Box and Muller 1958), in blocks of radii and angles."""
    halves = u.reshape(-1, 2, _BLOCK // 2)
    made = out.reshape(-1, 2, _BLOCK // 2)
    radius = np.sqrt(np.log(1 - halves[:, 0]) * u.dtype.type(-2))
    angle = halves[:, 1] * u.dtype.type(TWO_PI)
    np.multiply(radius, np.cos(angle), out=made[:, 0])
    np.multiply(radius, np.sin(angle), out=made[:, 1])
