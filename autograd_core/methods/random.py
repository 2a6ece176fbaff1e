"""Methods that fill a tensor with random values, or draw from what it holds."""

from __future__ import annotations

from typing import Any

from autograd_core import sampling


class RandomMethods:
    """In-place samplers: one line each."""

    __slots__ = ()

    uniform_ = sampling.uniform_
    normal_ = sampling.normal_
    bernoulli_ = sampling.bernoulli_
    random_ = sampling.random_
    exponential_ = sampling.exponential_

    def bernoulli(self, p: Any = None, *, generator: Any = None) -> Any:
        """:func:`autograd_core.bernoulli`."""
        from autograd_core.random import bernoulli

        return bernoulli(self, p, generator=generator)

    def multinomial(
        self, num_samples: int, replacement: bool = False, *, generator: Any = None
    ) -> Any:
        """:func:`autograd_core.multinomial`."""
        from autograd_core.random import multinomial

        return multinomial(self, num_samples, replacement, generator=generator)
