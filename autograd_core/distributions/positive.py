"""Distributions on a half-line: exponential, Weibull's, Pareto's."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.creation import ones_like, zeros_like
from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.exp_family import ExponentialFamily
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.transforms import AffineTransform, ExpTransform, PowerTransform
from autograd_core.distributions.utils import broadcast_all, euler_constant, like
from autograd_core.ops.explog import expm1, log, log1p
from autograd_core.ops.gamma import lgamma
from autograd_core.ops.selection import where


class Exponential(ExponentialFamily):
    """The exponential distribution.

    Args:
        rate: The inverse of the mean, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Exponential``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Exponential(2.0).mean
        tensor(0.5000)
    """

    arg_constraints: ClassVar[Any] = {"rate": constraints.positive}
    support: Any = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return 1 / self.rate

    @property
    def mode(self) -> Any:
        return zeros_like(self.rate)

    @property
    def stddev(self) -> Any:
        return 1 / self.rate

    @property
    def variance(self) -> Any:
        return self.rate**-2

    def rsample(self, sample_shape: Any = ()) -> Any:
        return like(self.rate, self._extended_shape(sample_shape)).exponential_() / self.rate

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return log(self.rate) - self.rate * value

    def cdf(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return -expm1(-self.rate * value)

    def icdf(self, value: Any) -> Any:
        return -log1p(-value) / self.rate

    def entropy(self) -> Any:
        return 1 - log(self.rate)

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (-self.rate,)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        return -log(-natural_params[0])


class Weibull(TransformedDistribution):
    """Weibull's distribution, of the time until something wears out.

    Args:
        scale: Width, positive.
        concentration: Shape, positive; with 1 it is the exponential distribution.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Weibull``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Weibull(2.0, 1.0).mean
        tensor(2.)
    """

    arg_constraints: ClassVar[Any] = {
        "scale": constraints.positive,
        "concentration": constraints.positive,
    }
    support: Any = constraints.positive

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast_all(scale, concentration)
        base = Exponential(ones_like(self.scale), validate_args)
        transforms = [PowerTransform(1 / self.concentration), AffineTransform(0, self.scale)]
        super().__init__(base, transforms, validate_args)

    def _moment(self, order: int) -> Any:
        """That of scale 1."""
        return lgamma(1 + order / self.concentration).exp()

    @property
    def mean(self) -> Any:
        return self.scale * self._moment(1)

    @property
    def mode(self) -> Any:
        shape = self.concentration
        return self.scale * ((shape - 1).clamp(min=0) / shape) ** (1 / shape)

    @property
    def variance(self) -> Any:
        return self.scale.square() * (self._moment(2) - self._moment(1).square())

    def entropy(self) -> Any:
        inverse = 1 / self.concentration
        return euler_constant * (1 - inverse) + log(self.scale * inverse) + 1


class Pareto(TransformedDistribution):
    """Pareto's distribution of type 1, with a density like ``x ** -(alpha + 1)``.

    Args:
        scale: The least value, positive.
        alpha: Shape, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Pareto``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Pareto(1.0, 2.0).mean
        tensor(2.)
    """

    arg_constraints: ClassVar[Any] = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast_all(scale, alpha)
        transforms = [ExpTransform(), AffineTransform(0, self.scale)]
        super().__init__(Exponential(self.alpha, validate_args), transforms, validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Any:
        finite = self.alpha > 1
        alpha = where(finite, self.alpha, 2.0)
        return where(finite, alpha * self.scale / (alpha - 1), math.inf)

    @property
    def mode(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        finite = self.alpha > 2
        alpha = where(finite, self.alpha, 3.0)
        value = self.scale.square() * alpha / ((alpha - 1).square() * (alpha - 2))
        return where(finite, value, math.inf)

    def entropy(self) -> Any:
        return log(self.scale / self.alpha) + 1 + 1 / self.alpha


# The series of log1p(x) / x and expm1(x) / x.
_LOG1P = tuple((-1) ** k / (k + 1) for k in range(8))
_EXPM1 = tuple(1 / math.factorial(k + 1) for k in range(8))


def _over(function: Any, x: Any, series: tuple[float, ...]) -> Any:
    """``function(x) / x``, smooth at 0."""
    near = x.abs() < 0.01
    small, large = where(near, x, 0), where(near, 1, x)
    total: Any = series[-1]
    for coefficient in series[-2::-1]:
        total = coefficient + small * total
    return where(near, total, function(large) / large)


class GeneralizedPareto(Distribution):
    """The generalized Pareto distribution, of what goes beyond a threshold.

    Args:
        loc: The least value.
        scale: Width, positive.
        concentration: Shape; 0 makes it exponential, below there is a greatest value.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.GeneralizedPareto``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.GeneralizedPareto(0.0, 1.0, ag.tensor([0.0, 0.5])).mean
        tensor([1., 2.])
    """

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real,
        "scale": constraints.positive,
        "concentration": constraints.real,
    }
    has_rsample = True

    def __init__(
        self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None
    ) -> None:
        self.loc, self.scale, self.concentration = broadcast_all(loc, scale, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        ends = self.concentration < 0
        high = self.loc - self.scale / where(ends, self.concentration, -1.0)
        return constraints.interval(self.loc, where(ends, high, math.inf))

    @property
    def mean(self) -> Any:
        finite = self.concentration < 1
        shape = where(finite, self.concentration, 0.5)
        return where(finite, self.loc + self.scale / (1 - shape), math.nan)

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        finite = self.concentration < 0.5
        shape = where(finite, self.concentration, 0.25)
        value = self.scale.square() / ((1 - shape).square() * (1 - 2 * shape))
        return where(finite, value, math.nan)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.icdf(like(self.loc, self._extended_shape(sample_shape)).uniform_())

    def _distance(self, value: Any) -> Any:
        return (value - self.loc) / self.scale

    def log_prob(self, value: Any) -> Any:
        survival = self.log_survival_function(value)
        hazard = log(self.scale) + log1p(self.concentration * self._distance(value))
        return survival - hazard

    def log_survival_function(self, value: Any) -> Any:
        """The logarithm of the probability of values above ``value``."""
        if self._validate_args:
            self._validate_sample(value)
        off = self._distance(value)
        return -off * _over(log1p, self.concentration * off, _LOG1P)

    def log_cdf(self, value: Any) -> Any:
        """The logarithm of :meth:`cdf`."""
        return log(self.cdf(value))

    def cdf(self, value: Any) -> Any:
        return -expm1(self.log_survival_function(value))

    def icdf(self, value: Any) -> Any:
        rest = -log1p(-value)
        return self.loc + self.scale * rest * _over(expm1, self.concentration * rest, _EXPM1)

    def entropy(self) -> Any:
        return log(self.scale) + self.concentration + 1
