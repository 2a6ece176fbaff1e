"""Distributions of absolute values: HalfNormal and HalfCauchy."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.creation import full_like, zeros_like
from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.location_scale import Cauchy
from autograd_core.distributions.normal import Normal
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.transforms import AbsTransform
from autograd_core.ops.selection import where


class _Folded(TransformedDistribution):
    """The distribution of ``|x|`` where x has a distribution that is even, around 0."""

    arg_constraints: ClassVar[Any] = {"scale": constraints.positive}
    support: Any = constraints.nonnegative
    has_rsample = True

    def __init__(self, base: Distribution, validate_args: bool | None) -> None:
        super().__init__(base, AbsTransform(), validate_args)

    @property
    def scale(self) -> Any:
        """The scale of x."""
        return self.base_dist.scale  # type: ignore[attr-defined]

    @property
    def mode(self) -> Any:
        return zeros_like(self.scale)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return where(value >= 0, self.base_dist.log_prob(value) + math.log(2), -math.inf)

    def cdf(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value: Any) -> Any:
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self) -> Any:
        return self.base_dist.entropy() - math.log(2)


class HalfNormal(_Folded):
    """The distribution of ``|x|`` where x is normal with mean 0.

    Args:
        scale: Standard deviation of x.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.HalfNormal``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.HalfNormal(2.0).mean
        tensor(1.5958)
    """

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(0, scale, validate_args=False), validate_args)

    @property
    def mean(self) -> Any:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        return self.scale.square() * (1 - 2 / math.pi)


class HalfCauchy(_Folded):
    """The distribution of ``|x|`` where x has the Cauchy distribution around 0.

    Args:
        scale: That of x.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.HalfCauchy``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.HalfCauchy(1.0).cdf(ag.tensor(1.0))
        tensor(0.5000)
    """

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Cauchy(0, scale, validate_args=False), validate_args)

    @property
    def mean(self) -> Any:
        return full_like(self.scale, math.inf)

    @property
    def variance(self) -> Any:
        return self.base_dist.variance
