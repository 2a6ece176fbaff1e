"""Distributions that a place and a width describe: Cauchy, Laplace, Gumbel, Student's t."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.creation import full_like, ones_like
from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.gamma import Chi2
from autograd_core.distributions.interval import Uniform
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.transforms import AffineTransform, ExpTransform
from autograd_core.distributions.utils import (
    broadcast_all,
    euler_constant,
    like,
    standard_normal,
)
from autograd_core.limits import finfo
from autograd_core.ops.explog import expm1, log, log1p
from autograd_core.ops.gamma import digamma, lgamma
from autograd_core.ops.selection import where
from autograd_core.ops.trig import atan, tan


class _LocationScale(Distribution):
    """What has a ``loc`` and a ``scale``."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support: Any = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mode(self) -> Any:
        return self.loc


class Cauchy(_LocationScale):
    """The Cauchy (Lorentz) distribution, whose mean and variance do not exist.

    Args:
        loc: Median.
        scale: Half the width at half the height, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Cauchy``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Cauchy(0.0, 1.0).cdf(ag.tensor(1.0))
        tensor(0.7500)
    """

    @property
    def mean(self) -> Any:
        return full_like(self.loc, math.nan)

    @property
    def variance(self) -> Any:
        return full_like(self.loc, math.inf)

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = like(self.loc, self._extended_shape(sample_shape)).cauchy_()
        return self.loc + noise * self.scale

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        off = (value - self.loc) / self.scale
        return -log(self.scale) - log1p(off.square()) - math.log(math.pi)

    def cdf(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return atan((value - self.loc) / self.scale) / math.pi + 0.5

    def icdf(self, value: Any) -> Any:
        return tan(math.pi * (value - 0.5)) * self.scale + self.loc

    def entropy(self) -> Any:
        return log(self.scale) + math.log(4 * math.pi)


class Laplace(_LocationScale):
    """The Laplace distribution, which falls exponentially on both sides.

    Args:
        loc: Mean.
        scale: Mean distance from it, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Laplace``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Laplace(0.0, 1.0).log_prob(ag.tensor(2.0))
        tensor(-2.6931)
    """

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return 2 * self.scale.square()

    @property
    def stddev(self) -> Any:
        return math.sqrt(2) * self.scale

    def rsample(self, sample_shape: Any = ()) -> Any:
        low = finfo(self.loc.dtype).eps - 1
        noise = like(self.loc, self._extended_shape(sample_shape)).uniform_(low, 1)
        return self.loc - self.scale * (noise.sign() * log1p(-noise.abs()))

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return -log(2 * self.scale) - (value - self.loc).abs() / self.scale

    def cdf(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        off = value - self.loc
        return 0.5 - 0.5 * off.sign() * expm1(-off.abs() / self.scale)

    def icdf(self, value: Any) -> Any:
        off = value - 0.5
        return self.loc - self.scale * off.sign() * log1p(-2 * off.abs())

    def entropy(self) -> Any:
        return 1 + log(2 * self.scale)


class Gumbel(TransformedDistribution):
    """The Gumbel distribution, of the greatest of many numbers.

    Args:
        loc: Mode.
        scale: Width, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Gumbel``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Gumbel(1.0, 2.0).mean
        tensor(2.1544)
    """

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support: Any = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        limits = finfo(self.loc.dtype)
        base = Uniform(
            full_like(self.loc, limits.tiny), full_like(self.loc, 1 - limits.eps), validate_args
        )
        # loc - scale log(-log(u))
        log_of = ExpTransform().inv
        transforms = [
            log_of,
            AffineTransform(0, -ones_like(self.scale)),
            log_of,
            AffineTransform(self.loc, -self.scale),
        ]
        super().__init__(base, transforms, validate_args)

    @property
    def mean(self) -> Any:
        return self.loc + self.scale * euler_constant

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def stddev(self) -> Any:
        return math.pi / math.sqrt(6) * self.scale

    @property
    def variance(self) -> Any:
        return self.stddev.square()

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        off = (self.loc - value) / self.scale
        return off - off.exp() - log(self.scale)

    def entropy(self) -> Any:
        return log(self.scale) + (1 + euler_constant)


class StudentT(Distribution):
    """Student's t-distribution.

    Args:
        df: Degrees of freedom, positive.
        loc: Middle.
        scale: Width, positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.StudentT``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.StudentT(5.0).variance
        tensor(1.6667)
    """

    arg_constraints: ClassVar[Any] = {
        "df": constraints.positive,
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support: Any = constraints.real
    has_rsample = True

    def __init__(
        self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return where(self.df > 1, self.loc, math.nan)

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        finite = self.df > 2
        df = where(finite, self.df, 3.0)
        heavy = where(self.df > 1, math.inf, math.nan).to(self.df.dtype)
        return where(finite, self.scale.square() * df / (df - 2), heavy)

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = standard_normal(self.df, self._extended_shape(sample_shape))
        chi2 = Chi2(self.df, validate_args=False).rsample(sample_shape)
        return self.loc + self.scale * (noise * (chi2 / self.df).rsqrt())

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        off = (value - self.loc) / self.scale
        return -0.5 * (self.df + 1) * log1p(off.square() / self.df) - log(self.scale) - self._norm()

    def _norm(self) -> Any:
        """The logarithm of what the density of scale 1 is divided by."""
        half = 0.5 * self.df
        return 0.5 * log(self.df * math.pi) + lgamma(half) - lgamma(half + 0.5)

    def entropy(self) -> Any:
        half = 0.5 * (self.df + 1)
        spread = half * (digamma(half) - digamma(0.5 * self.df))
        return log(self.scale) + spread + self._norm()
