"""The normal distribution and what is made of normal numbers, but for several dimensions."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.distributions import constraints
from autograd_core.distributions.exp_family import ExponentialFamily
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.transforms import (
    ExpTransform,
    StickBreakingTransform,
)
from autograd_core.distributions.utils import HALF_LOG_TAU, broadcast_all, standard_normal
from autograd_core.grad_mode import no_grad
from autograd_core.ops.explog import log
from autograd_core.ops.normal import erfinv
from autograd_core.ops.special import ndtr
from autograd_core.random import normal


class Normal(ExponentialFamily):
    """The normal (Gaussian) distribution.

    Args:
        loc: Mean.
        scale: Standard deviation, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Normal``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import Normal
        >>> _ = ag.manual_seed(0)
        >>> Normal(10.0, ag.tensor([1.0, 2.0])).sample()
        tensor([11.5410,  9.4131])
        >>> Normal(0.0, 1.0).log_prob(ag.tensor(0.0))
        tensor(-0.9189)
    """

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support: Any = constraints.real
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def stddev(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        return self.scale.square()

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = standard_normal(self.loc, self._extended_shape(sample_shape))
        return self.loc + noise * self.scale

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return -0.5 * ((value - self.loc) / self.scale).square() - log(self.scale) - HALF_LOG_TAU

    def cdf(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return ndtr((value - self.loc) / self.scale)

    def icdf(self, value: Any) -> Any:
        return self.loc + self.scale * (erfinv(2 * value - 1) * math.sqrt(2))

    def entropy(self) -> Any:
        return log(self.scale) + (0.5 + HALF_LOG_TAU)

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        variance = self.variance
        return (self.loc / variance, -0.5 / variance)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        x, y = natural_params
        return -0.25 * x.square() / y + 0.5 * log(-math.pi / y)


class LogNormal(TransformedDistribution):
    """The distribution of ``exp(x)`` where x is normal.

    Args:
        loc, scale: Mean and standard deviation of x.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.LogNormal``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.LogNormal(0.0, 1.0).mean
        tensor(1.6487)
    """

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support: Any = constraints.positive
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Any:
        """The mean of x."""
        return self.base_dist.loc  # type: ignore[attr-defined]

    @property
    def scale(self) -> Any:
        """The standard deviation of x."""
        return self.base_dist.scale  # type: ignore[attr-defined]

    @property
    def mean(self) -> Any:
        return (self.loc + self.scale.square() / 2).exp()

    @property
    def mode(self) -> Any:
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> Any:
        square = self.scale.square()
        return square.expm1() * (2 * self.loc + square).exp()

    def entropy(self) -> Any:
        return self.base_dist.entropy() + self.loc


class LogisticNormal(TransformedDistribution):
    """The distribution of shares that normal numbers break off a stick.

    A normal distribution of n dimensions gives n + 1 shares (``StickBreakingTransform``).

    Args:
        loc, scale: Mean and standard deviation of the normal numbers.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.LogisticNormal``.

    Example:
        >>> import autograd_core as ag
        >>> shares = ag.distributions.LogisticNormal(ag.zeros(3), ag.ones(3)).sample()
        >>> shares.shape, round(shares.sum().item(), 5)
        (autograd_core.Size([4]), 1.0)
    """

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support: Any = constraints.simplex
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        if not base.batch_shape:
            base = base.expand((1,))
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Any:
        """The mean of the normal numbers."""
        return self.base_dist.base_dist.loc  # type: ignore[attr-defined]

    @property
    def scale(self) -> Any:
        """Their standard deviation."""
        return self.base_dist.base_dist.scale  # type: ignore[attr-defined]
