"""The gamma distribution and what is made of gamma numbers: chi-square, inverse gamma, F."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.exp_family import ExponentialFamily
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.transforms import PowerTransform
from autograd_core.distributions.utils import broadcast_all
from autograd_core.draws_gamma import standard_gamma
from autograd_core.limits import finfo
from autograd_core.ops.explog import log, log1p
from autograd_core.ops.gamma import digamma, lgamma
from autograd_core.ops.incomplete_gamma import igamma
from autograd_core.ops.selection import where
from autograd_core.ops.special import xlogy


def above_zero(value: Any) -> Any:
    """The value, where rounding left 0 the least positive number; the gradient goes past."""
    tiny = finfo(value.dtype).tiny
    return value + (value.detach().clamp(min=tiny) - value.detach())


class Gamma(ExponentialFamily):
    """The gamma distribution.

    Args:
        concentration: Shape, positive.
        rate: The inverse of the scale, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Gamma``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import Gamma
        >>> Gamma(2.0, 4.0).mean
        tensor(0.5000)
        >>> Gamma(1.0, 1.0).cdf(ag.tensor(1.0))
        tensor(0.6321)
    """

    arg_constraints: ClassVar[Any] = {
        "concentration": constraints.positive,
        "rate": constraints.positive,
    }
    support: Any = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast_all(concentration, rate)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.concentration / self.rate

    @property
    def mode(self) -> Any:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Any:
        return self.concentration / self.rate.square()

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        return above_zero(standard_gamma(self.concentration.expand(shape)) / self.rate)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return (
            xlogy(self.concentration, self.rate)
            + xlogy(self.concentration - 1, value)
            - self.rate * value
            - lgamma(self.concentration)
        )

    def cdf(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return igamma(self.concentration, self.rate * value)

    def entropy(self) -> Any:
        shape = self.concentration
        return shape - log(self.rate) + lgamma(shape) + (1 - shape) * digamma(shape)

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (self.concentration - 1, -self.rate)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        x, y = natural_params
        return lgamma(x + 1) - (x + 1) * log(-y)


class Chi2(Gamma):
    """The chi-square distribution: of the sum of ``df`` squares of standard normal numbers.

    Args:
        df: Degrees of freedom, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Chi2``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Chi2(3.0).mean
        tensor(3.)
    """

    arg_constraints: ClassVar[Any] = {"df": constraints.positive}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        (df,) = broadcast_all(df)
        super().__init__(0.5 * df, 0.5, validate_args=validate_args)

    @property
    def df(self) -> Any:
        """The degrees of freedom."""
        return self.concentration * 2

    def _constraints(self) -> dict[str, Any]:
        # Kept and expanded are the parameters of the gamma distribution.
        return {**self.arg_constraints, **Gamma.arg_constraints}


class InverseGamma(TransformedDistribution):
    """The distribution of ``1 / x`` where x has a gamma distribution.

    Args:
        concentration, rate: Those of x.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.InverseGamma``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.InverseGamma(3.0, 4.0).mean
        tensor(2.)
    """

    arg_constraints: ClassVar[Any] = {
        "concentration": constraints.positive,
        "rate": constraints.positive,
    }
    support: Any = constraints.positive
    has_rsample = True

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        base = Gamma(concentration, rate, validate_args)
        inverse = PowerTransform(base.rate.new_full((), -1.0))
        super().__init__(base, inverse, validate_args)

    @property
    def concentration(self) -> Any:
        """The shape of x."""
        return self.base_dist.concentration  # type: ignore[attr-defined]

    @property
    def rate(self) -> Any:
        """The rate of x."""
        return self.base_dist.rate  # type: ignore[attr-defined]

    @property
    def mean(self) -> Any:
        finite = self.concentration > 1
        return where(finite, self.rate / (where(finite, self.concentration, 2.0) - 1), math.inf)

    @property
    def mode(self) -> Any:
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Any:
        finite = self.concentration > 2
        shape = where(finite, self.concentration, 3.0)
        value = self.rate.square() / ((shape - 1).square() * (shape - 2))
        return where(finite, value, math.inf)

    def entropy(self) -> Any:
        shape = self.concentration
        return shape + log(self.rate) + lgamma(shape) - (1 + shape) * digamma(shape)


class FisherSnedecor(Distribution):
    """The F-distribution: of the ratio of two chi-square numbers, each over its degrees of freedom.

    Args:
        df1, df2: Degrees of freedom above and below, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.FisherSnedecor``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.FisherSnedecor(1.0, 4.0).mean
        tensor(2.)
    """

    arg_constraints: ClassVar[Any] = {"df1": constraints.positive, "df2": constraints.positive}
    support: Any = constraints.positive
    has_rsample = True

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self.df1, self.df2 = broadcast_all(df1, df2)
        super().__init__(self.df1.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        finite = self.df2 > 2
        df2 = where(finite, self.df2, 3.0)
        return where(finite, df2 / (df2 - 2), math.nan)

    @property
    def mode(self) -> Any:
        value = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return where(self.df1 > 2, value, math.nan)

    @property
    def variance(self) -> Any:
        finite = self.df2 > 4
        df1, df2 = self.df1, where(finite, self.df2, 5.0)
        value = 2 * df2.square() * (df1 + df2 - 2) / (df1 * (df2 - 2).square() * (df2 - 4))
        return where(finite, value, math.nan)

    def rsample(self, sample_shape: Any = ()) -> Any:
        above, below = (
            Gamma(0.5 * df, df, validate_args=False).rsample(sample_shape)
            for df in (self.df1, self.df2)
        )
        return above_zero(above / below)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        half1, half2, ratio = 0.5 * self.df1, 0.5 * self.df2, self.df1 / self.df2
        norm = lgamma(half1 + half2) - lgamma(half1) - lgamma(half2)
        rise = half1 * log(ratio) + (half1 - 1) * log(value)
        return norm + rise - (half1 + half2) * log1p(ratio * value)
