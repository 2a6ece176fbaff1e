"""Methods that fill a tensor with random values, or draw by what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_core.later import later

if TYPE_CHECKING:
    from autograd_core import draws, sampling, sampling_more
else:
    draws = later("draws", "autograd_core")
    sampling = later("sampling", "autograd_core")
    sampling_more = later("sampling_more", "autograd_core")


class RandomMethods:
    """Samplers: one line each."""

    __slots__ = ()

    bernoulli = draws.bernoulli
    multinomial = draws.multinomial

    uniform_ = sampling.uniform_
    normal_ = sampling.normal_
    bernoulli_ = sampling.bernoulli_
    random_ = sampling.random_
    exponential_ = sampling.exponential_
    cauchy_ = sampling_more.cauchy_
    geometric_ = sampling_more.geometric_
    log_normal_ = sampling_more.log_normal_
