"""Distributions of whole numbers: Bernoulli, binomial, geometric, negative binomial, Poisson."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.creation import arange, zeros_like
from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.exp_family import ExponentialFamily
from autograd_core.distributions.gamma import Gamma
from autograd_core.distributions.logits import OneProbability
from autograd_core.distributions.utils import broadcast_all, like
from autograd_core.draws import bernoulli, binomial, poisson
from autograd_core.grad_mode import no_grad
from autograd_core.limits import finfo
from autograd_core.ops.activation_smooth import logsigmoid
from autograd_core.ops.explog import exp, log, log1p
from autograd_core.ops.gamma import lgamma
from autograd_core.ops.loss_binary import binary_cross_entropy_with_logits
from autograd_core.ops.selection import where
from autograd_core.ops.special import logit, sigmoid, xlogy


def first_numbers(count: int, like: Any, batch_shape: Any, expand: bool) -> Any:
    """The numbers from 0 on along a new first dimension, in the type and place of ``like``."""
    values = arange(count, dtype=like.dtype, device=like.device)
    values = values.reshape(-1, *[1] * len(batch_shape))
    return values.expand(-1, *batch_shape) if expand else values


class Bernoulli(OneProbability, ExponentialFamily):
    """0 or 1.

    Args:
        probs: The probability of 1; or
        logits: its log-odds.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none.

    Source: PyTorch, ``torch.distributions.Bernoulli``.

    Example:
        >>> import autograd_core as ag
        >>> coin = ag.distributions.Bernoulli(ag.tensor([0.25, 0.5]))
        >>> coin.log_prob(ag.tensor([1.0, 0.0]))
        tensor([-1.3863, -0.6931])
    """

    support: Any = constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0.0

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        likely = (self.probs > 0.5).to(self.probs.dtype)
        return where(self.probs == 0.5, math.nan, likely)

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self) -> Any:
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Any:
        return first_numbers(2, self._param, self.batch_shape, expand)

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (logit(self.probs),)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        return -logsigmoid(-natural_params[0])


class Geometric(OneProbability):
    """How often a trial fails before the first success.

    Args:
        probs: The probability of success, positive; or
        logits: its log-odds.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none, or a probability is 0.

    Source: PyTorch, ``torch.distributions.Geometric``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Geometric(ag.tensor(0.25)).mean
        tensor(3.)
    """

    arg_constraints: ClassVar[Any] = {
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    support: Any = constraints.nonnegative_integer

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(probs, logits, validate_args)
        if self._validate_args and probs is not None:
            mend = "validate_args=False to go on"
            self._check("parameter probs", self.probs, constraints.positive, mend)

    @property
    def mean(self) -> Any:
        return 1 / self.probs - 1

    @property
    def mode(self) -> Any:
        return zeros_like(self.probs)

    @property
    def variance(self) -> Any:
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            noise = like(self.probs, self._extended_shape(sample_shape))
            noise.uniform_(finfo(self.probs.dtype).tiny, 1)
            return (log(noise) / log1p(-self.probs)).floor()

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        value, probs = broadcast_all(value, self.probs)
        sure = (probs == 1) & (value == 0)
        return value * log1p(-where(sure, 0, probs)) + log(self.probs)

    def entropy(self) -> Any:
        losses = binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")
        return losses / self.probs


class Poisson(ExponentialFamily):
    """How many events happen in a time in which ``rate`` of them are expected.

    Args:
        rate: Mean, not negative.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Poisson``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Poisson(ag.tensor(2.0)).log_prob(ag.tensor([0.0, 1.0]))
        tensor([-2.0000, -1.3069])
    """

    arg_constraints: ClassVar[Any] = {"rate": constraints.nonnegative}
    support: Any = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.rate

    @property
    def mode(self) -> Any:
        return self.rate.floor()

    @property
    def variance(self) -> Any:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        rate, value = broadcast_all(self.rate, value)
        return xlogy(value, rate) - rate - lgamma(value + 1)

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (log(self.rate),)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        return exp(natural_params[0])


class _Trials(Distribution):
    """What a number ``total_count`` and a probability describe."""

    def __init__(
        self,
        total_count: Any = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        counted = total_count
        # Shapes are known only together.
        if (probs is None) != (logits is None):
            value = logits if probs is None else probs
            counted, value = broadcast_all(total_count, value)
            floating = value if value.dtype.is_floating_point else counted
            counted, value = counted.to(floating.dtype), value.to(floating.dtype)
            probs, logits = (value, None) if logits is None else (None, value)
        self.total_count = counted
        super().__init__(probs, logits, validate_args)


class Binomial(_Trials, OneProbability):
    """How many of ``total_count`` trials succeed.

    Args:
        total_count: The number of trials.
        probs: The probability of success; or
        logits: its log-odds.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none.

    Source: PyTorch, ``torch.distributions.Binomial``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Binomial(4, ag.tensor(0.5)).log_prob(ag.tensor(2.0)).exp()
        tensor(0.3750)
    """

    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.nonnegative_integer,
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    has_enumerate_support = True

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Any:
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        likely = ((self.total_count + 1) * self.probs).floor()
        return likely.minimum(self.total_count)

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        count = self.total_count
        ways = lgamma(count + 1) - lgamma(value + 1) - lgamma(count - value + 1)
        return ways + value * self.logits + count * logsigmoid(-self.logits)

    def _one_count(self, what: str) -> int:
        counts = self.total_count
        most = int(counts.max().item())
        if int(counts.min().item()) != most:
            raise NotImplementedError(
                f"Binomial: {what} needs one total_count for the whole batch, got {counts.tolist()}"
            )
        return most

    def entropy(self) -> Any:
        self._one_count("entropy")
        terms = self.log_prob(self.enumerate_support(False))
        return -(terms.exp() * terms).sum(0)

    def enumerate_support(self, expand: bool = True) -> Any:
        count = self._one_count("enumerate_support")
        return first_numbers(count + 1, self._param, self.batch_shape, expand)


class NegativeBinomial(_Trials, OneProbability):
    """How many trials succeed before ``total_count`` of them have failed.

    Args:
        total_count: The number of failures, not negative, not necessarily whole.
        probs: The probability of success, below 1; or
        logits: its log-odds.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none.

    Source: PyTorch, ``torch.distributions.NegativeBinomial``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.NegativeBinomial(3.0, ag.tensor(0.5)).mean
        tensor(3.)
    """

    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support: Any = constraints.nonnegative_integer

    @property
    def mean(self) -> Any:
        return self.total_count * exp(self.logits)

    @property
    def mode(self) -> Any:
        return ((self.total_count - 1) * exp(self.logits)).floor().clamp(min=0)

    @property
    def variance(self) -> Any:
        return self.mean / sigmoid(-self.logits)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            gamma = Gamma(self.total_count, exp(-self.logits), validate_args=False)
            return poisson(gamma.sample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        count = self.total_count
        chances = count * logsigmoid(-self.logits) + value * logsigmoid(self.logits)
        nothing = count + value == 0
        ways = lgamma(where(nothing, 1, count + value)) - lgamma(where(nothing, 1, count))
        return chances + ways - lgamma(1 + value)
