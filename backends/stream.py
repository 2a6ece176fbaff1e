"""A stream of random numbers that makes raw arrays: the interface, and what all streams share."""

from __future__ import annotations

from typing import Any

import numpy as np

DEFAULT_SEED = 67280421310721  # PyTorch's, for a generator that was never seeded
TWO_PI = 6.283185307179586


class Stream:
    """Samplers over one state, returning arrays of one backend.

    The state is a short array of bytes: a stream that is given another's state goes on exactly
    like it. ``shape`` is always a tuple and ``dtype`` a NumPy dtype.
    """

    initial_seed: int  # the seed that the sequence began with

    def seed(self, seed: int) -> None:
        """Start again, at the beginning of the sequence that ``seed`` (64 bits) names."""
        raise NotImplementedError

    def state(self) -> np.ndarray:
        """The state as a new ``np.uint8`` array."""
        raise NotImplementedError

    def set_state(self, state: np.ndarray) -> None:
        """Go on from ``state``.

        Raises:
            RuntimeError: ``state`` is not a state of this kind of stream.
        """
        raise NotImplementedError

    def uniform(
        self, shape: tuple[int, ...], dtype: np.dtype, low: float = 0.0, high: float = 1.0
    ) -> Any:
        """Reals, evenly spread over ``[low, high)``."""
        raise NotImplementedError

    def uniform_where(self, mask: Any, dtype: np.dtype, low: float, high: float) -> Any:
        """Reals of ``[low, high)`` where the array ``mask`` holds, 1 elsewhere.

        PyTorch's CPU generator draws for the former only.
        """
        raise NotImplementedError

    def normal(
        self,
        shape: tuple[int, ...],
        dtype: np.dtype,
        mean: float = 0.0,
        std: float = 1.0,
        contiguous: bool = True,
    ) -> Any:
        """Reals of the normal distribution.

        ``contiguous`` says how the memory lies that they are for; PyTorch's CPU generator makes
        other numbers for memory with gaps.
        """
        raise NotImplementedError

    def integers(self, low: int, high: int, shape: tuple[int, ...], dtype: np.dtype) -> Any:
        """Integers of ``[low, high)``, each as likely as the others; ``high - low <= 2**64``."""
        raise NotImplementedError

    def integers_below(self, limit: int, shape: tuple[int, ...], dtype: np.dtype) -> Any:
        """Integers of ``[0, limit)`` for ``random_()`` without bounds."""
        return self.integers(0, limit, shape, dtype)

    def permutation(self, n: int, dtype: np.dtype) -> Any:
        """The integers of ``[0, n)`` in random order."""
        raise NotImplementedError

    def bernoulli(self, p: float, shape: tuple[int, ...]) -> Any:
        """Booleans, true with probability ``p``: PyTorch's ``bernoulli_(p)`` and dropout."""
        raise NotImplementedError

    def bernoulli_of(self, p: Any) -> Any:
        """Booleans, each true with the probability in the array ``p``: ``torch.bernoulli``."""
        raise NotImplementedError

    def exponential(self, shape: tuple[int, ...], dtype: np.dtype, rate: float = 1.0) -> Any:
        """Reals of the exponential distribution with the given rate."""
        raise NotImplementedError

    def gamma(self, alpha: Any) -> Any:
        """float64 numbers of the standard gamma distributions with the shapes in ``alpha``."""
        raise NotImplementedError

    def poisson(self, rates: Any) -> Any:
        """float64 numbers of the Poisson distributions with the means in ``rates``."""
        raise NotImplementedError

    def binomial(self, counts: Any, chances: Any) -> Any:
        """float64 numbers: of ``counts`` trials how many succeed, with ``chances`` as probability.

        Both arrays have one shape and one dtype.
        """
        raise NotImplementedError
