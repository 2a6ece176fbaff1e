"""Distributions on an interval: uniform, Kumaraswamy's, and the continuous Bernoulli."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.creation import full_like, ones_like, zeros_like
from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.exp_family import ExponentialFamily
from autograd_core.distributions.logits import OneProbability
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.transforms import AffineTransform, PowerTransform
from autograd_core.distributions.utils import (
    broadcast_all,
    clamp_probs,
    euler_constant,
    lazy_property,
    like,
    logits_to_probs,
)
from autograd_core.grad_mode import no_grad
from autograd_core.ops.explog import log, log1p
from autograd_core.ops.gamma import digamma, lgamma
from autograd_core.ops.loss_binary import binary_cross_entropy_with_logits
from autograd_core.ops.selection import where


class Uniform(Distribution):
    """Numbers spread evenly over ``[low, high)``.

    Args:
        low, high: Bounds, ``low < high``.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Uniform``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Uniform(0.0, ag.tensor([1.0, 4.0])).entropy()
        tensor([0.0000, 1.3863])
    """

    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = broadcast_all(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)

    @property
    def arg_constraints(self) -> Any:
        """``low`` is below ``high``."""
        return {
            "low": constraints.less_than(self.high),
            "high": constraints.greater_than(self.low),
        }

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> Any:
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Any:
        return full_like(self.high, math.nan)

    @property
    def stddev(self) -> Any:
        return (self.high - self.low) / math.sqrt(12)

    @property
    def variance(self) -> Any:
        return (self.high - self.low).square() / 12

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = like(self.low, self._extended_shape(sample_shape)).uniform_()
        return self.low + noise * (self.high - self.low)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        inside = (value >= self.low) & (value < self.high)
        return where(inside, -log(self.high - self.low), -math.inf)

    def cdf(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return ((value - self.low) / (self.high - self.low)).clamp(min=0, max=1)

    def icdf(self, value: Any) -> Any:
        return value * (self.high - self.low) + self.low

    def entropy(self) -> Any:
        return log(self.high - self.low)


class Kumaraswamy(TransformedDistribution):
    """Kumaraswamy's distribution on (0, 1): much like the beta distribution, but simpler.

    Args:
        concentration1, concentration0: The powers, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Kumaraswamy``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Kumaraswamy(1.0, 1.0).mean
        tensor(0.5000)
    """

    arg_constraints: ClassVar[Any] = {
        "concentration1": constraints.positive,
        "concentration0": constraints.positive,
    }
    support: Any = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        base = Uniform(
            zeros_like(self.concentration0), ones_like(self.concentration0), validate_args
        )
        # (1 - u ** (1 / b)) ** (1 / a)
        transforms = [
            PowerTransform(1 / self.concentration0),
            AffineTransform(1.0, -1.0),
            PowerTransform(1 / self.concentration1),
        ]
        super().__init__(base, transforms, validate_args)

    def _moment(self, order: int) -> Any:
        a, b = 1 + order / self.concentration1, self.concentration0
        return b * (lgamma(a) + lgamma(b) - lgamma(a + b)).exp()

    @property
    def mean(self) -> Any:
        return self._moment(1)

    @property
    def variance(self) -> Any:
        return self._moment(2) - self.mean.square()

    @property
    def mode(self) -> Any:
        a, b = self.concentration1, self.concentration0
        inside = (a >= 1) & (b >= 1)
        a, b = where(inside, a, 2.0), where(inside, b, 2.0)
        return where(inside, ((a - 1) / (a * b - 1)) ** (1 / a), math.nan)

    def entropy(self) -> Any:
        a, b = self.concentration1, self.concentration0
        harmonic = digamma(b + 1) + euler_constant
        return (1 - 1 / b) + (1 - 1 / a) * harmonic - log(a * b)


class ContinuousBernoulli(OneProbability, ExponentialFamily):
    """The continuous Bernoulli distribution on [0, 1], with a density like ``p**x (1-p)**(1-x)``.

    Args:
        probs: The parameter p, in (0, 1); or
        logits: its log-odds.
        lims: Between these values of p, Taylor series replace formulas that are unstable there.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.ContinuousBernoulli``; Loaiza-Ganem and Cunningham, "The
    continuous Bernoulli" (2019).

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.ContinuousBernoulli(ag.tensor([0.5, 0.9])).mean
        tensor([0.5000, 0.6699])
    """

    support: Any = constraints.unit_interval
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        self._lims = lims
        super().__init__(probs, logits, validate_args)
        if probs is not None:
            self.probs = clamp_probs(self.probs)

    @lazy_property
    def probs(self) -> Any:
        """The parameter p."""
        return clamp_probs(logits_to_probs(self.logits, is_binary=True))

    def _stable(self) -> Any:
        return (self.probs <= self._lims[0]) | (self.probs > self._lims[1])

    def _safe_probs(self) -> Any:
        """p where the formulas are stable, elsewhere a value where they are."""
        return where(self._stable(), self.probs, self._lims[0])

    def _log_norm(self) -> Any:
        """The logarithm of what ``p**x (1-p)**(1-x)`` is multiplied by."""
        p = self._safe_probs()
        ratio = (log1p(-p) - log(p)) / (1 - 2 * p)
        square = (self.probs - 0.5).square()
        series = math.log(2) + (4 / 3 + 104 / 45 * square) * square
        return where(self._stable(), log(ratio), series)

    @property
    def mean(self) -> Any:
        p = self._safe_probs()
        off = self.probs - 0.5
        series = 0.5 + (1 / 3 + 16 / 45 * off.square()) * off
        return where(self._stable(), p / (2 * p - 1) + 1 / (log1p(-p) - log(p)), series)

    @property
    def variance(self) -> Any:
        p = self._safe_probs()
        square = (self.probs - 0.5).square()
        series = 1 / 12 - (1 / 15 - 128 / 945 * square) * square
        exact = p * (p - 1) / (1 - 2 * p).square() + 1 / (log1p(-p) - log(p)).square()
        return where(self._stable(), exact, series)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.icdf(like(self.probs, self._extended_shape(sample_shape)).uniform_())

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        return self._log_norm() - binary_cross_entropy_with_logits(logits, value, reduction="none")

    def cdf(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        p = self._safe_probs()
        exact = (p**value * (1 - p) ** (1 - value) + p - 1) / (2 * p - 1)
        return where(self._stable(), exact, value).clamp(min=0, max=1)

    def icdf(self, value: Any) -> Any:
        p = self._safe_probs()
        exact = (log1p(-p + value * (2 * p - 1)) - log1p(-p)) / (log(p) - log1p(-p))
        return where(self._stable(), exact, value)

    def entropy(self) -> Any:
        miss, hit = log1p(-self.probs), log(self.probs)
        return self.mean * (miss - hit) - self._log_norm() - miss

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (self.logits,)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        (x,) = natural_params
        stable = x.abs() > 0.01
        safe = where(stable, x, 1.0)
        series = 0.5 * x + x.square() / 24 - x.square().square() / 2880
        return where(stable, log((safe.expm1() / safe).abs()), series)
