"""Distributions of matrices: correlation matrices (LKJ) and covariance matrices (Wishart's)."""

from __future__ import annotations

import math
import warnings
from typing import Any, ClassVar

from autograd_core.creation import arange
from autograd_core.creation_more import broadcast_shapes
from autograd_core.distributions import constraints
from autograd_core.distributions.dirichlet import Beta
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.exp_family import ExponentialFamily
from autograd_core.distributions.gamma import Chi2
from autograd_core.distributions.multivariate_normal import Covariance, half_log_det, only_one
from autograd_core.distributions.utils import (
    broadcast_all,
    standard_normal,
    vec_to_tril_matrix,
)
from autograd_core.grad_mode import no_grad
from autograd_core.limits import finfo
from autograd_core.linalg import cholesky, slogdet, solve_triangular
from autograd_core.ops.explog import log
from autograd_core.ops.gamma import digamma, lgamma, mvlgamma
from autograd_core.ops.selection import where


class LKJCholesky(Distribution):
    """The LKJ distribution of Cholesky factors of correlation matrices.

    The density of a correlation matrix is like its determinant to the power ``concentration - 1``.

    Args:
        dim: The size of the matrices, at least 2.
        concentration: 1 spreads the matrices evenly; more favours small correlations; positive.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: ``dim`` is less than 2.

    Source: PyTorch, ``torch.distributions.LKJCholesky``; Lewandowski, Kurowicka and Joe,
    "Generating random correlation matrices based on vines and extended onion method" (2009).

    Example:
        >>> import autograd_core as ag
        >>> factor = ag.distributions.LKJCholesky(3, 0.5).sample()
        >>> (factor @ factor.mT).diagonal().allclose(ag.ones(3))
        True
    """

    arg_constraints: ClassVar[Any] = {"concentration": constraints.positive}
    support: Any = constraints.corr_cholesky

    def __init__(
        self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        if dim < 2:
            raise ValueError(f"LKJCholesky: expected dim >= 2, got {dim}")
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        super().__init__(self.concentration.shape, (dim, dim), validate_args)

    def _rows(self) -> Any:
        """0, 0, 1, 2, ...: the number of each row's free elements, less one."""
        weight = self.concentration
        return arange(-1, self.dim - 1, dtype=weight.dtype, device=weight.device).clamp(min=0)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            # The onion method: how long the part of a row before the diagonal is, and where to.
            rows = self._rows()
            marginal = (self.concentration + 0.5 * (self.dim - 2)).unsqueeze(-1)
            lengths = Beta(rows + 0.5, marginal - 0.5 * rows, validate_args=False)
            length = lengths.sample(sample_shape).unsqueeze(-1)
            shape = self._extended_shape(sample_shape)
            towards = standard_normal(self.concentration, shape).tril(-1)
            norm = towards.square().sum(-1, keepdim=True).sqrt()
            factor = length.sqrt() * (towards / where(norm > 0, norm, 1))
            tiny = finfo(factor.dtype).tiny
            rest = (1 - factor.square().sum(-1)).clamp(min=tiny).sqrt()
            return factor + rest.diag_embed()

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        weight, count = self.concentration, self.dim - 1
        places = arange(2, self.dim + 1, dtype=weight.dtype, device=weight.device)
        powers = 2 * (weight.unsqueeze(-1) - 1) + self.dim - places
        diagonal = value.diagonal(0, -2, -1)[..., 1:]
        alpha = weight + 0.5 * count
        norm = mvlgamma(alpha - 0.5, count) - count * lgamma(alpha)
        return (powers * log(diagonal)).sum(-1) - norm - 0.5 * count * math.log(math.pi)


class Wishart(ExponentialFamily, Covariance):
    """Wishart's distribution of positive definite matrices.

    With whole ``df`` it is the distribution of the sum of ``df`` products ``x x'`` of normal
    vectors.

    Args:
        df: Degrees of freedom, above n - 1.
        covariance_matrix: The covariance of x, ``(..., n, n)``; or
        precision_matrix: its inverse; or
        scale_tril: its Cholesky factor.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Not exactly one of the matrices is given, or ``df`` is too small.

    Source: PyTorch, ``torch.distributions.Wishart``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Wishart(3.0, ag.eye(2)).mean
        tensor([[3., 0.],
                [0., 3.]])
    """

    support: Any = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(
        self,
        df: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        key, matrix = self._given = only_one(
            "Wishart",
            covariance_matrix=covariance_matrix,
            precision_matrix=precision_matrix,
            scale_tril=scale_tril,
        )
        df = broadcast_all(df, matrix.new_empty(()))[0]
        size = matrix.shape[-1]
        batch = broadcast_shapes(df.shape, matrix.shape[:-2])
        self.df = df.expand(batch)
        if bool((self.df <= size - 1).any()):
            raise ValueError(f"Wishart: df must be above n - 1 = {size - 1}, got {df.tolist()}")
        if bool((self.df < size).any()):
            warnings.warn(
                f"Wishart: df below n = {size}: samples are likely to be singular", stacklevel=2
            )
        self.__dict__[key] = matrix.expand(*batch, size, size)
        super().__init__(batch, (size, size), validate_args)

    @property
    def arg_constraints(self) -> Any:
        """``df`` is above the size less one."""
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self._event_shape[-1] - 1),
        }

    def _beside(self, value: Any) -> Any:
        """A value for each matrix, so that it multiplies matrices."""
        return value.unsqueeze(-1).unsqueeze(-1)

    @property
    def mean(self) -> Any:
        return self._beside(self.df) * self.covariance_matrix

    @property
    def mode(self) -> Any:
        weight = self.df - self._event_shape[-1] - 1
        return self._beside(where(weight > 0, weight, math.nan)) * self.covariance_matrix

    @property
    def variance(self) -> Any:
        covariance = self.covariance_matrix
        diagonal = covariance.diagonal(0, -2, -1)
        squares = diagonal.unsqueeze(-1) * diagonal.unsqueeze(-2)
        return self._beside(self.df) * (covariance.square() + squares)

    def rsample(self, sample_shape: Any = (), max_try_correction: int | None = None) -> Any:
        """Samples by Bartlett's decomposition; singular ones are drawn again.

        Args:
            sample_shape: Shape of the samples.
            max_try_correction: How often at most; default 10.
        """
        value = self._bartlett(sample_shape)
        for _ in range(10 if max_try_correction is None else max_try_correction):
            singular = ~self.support.check(value)
            if not bool(singular.any()):
                break
            value = where(self._beside(singular), self._bartlett(sample_shape), value)
        return value

    def _bartlett(self, sample_shape: Any) -> Any:
        size = self._event_shape[-1]
        steps = arange(size, dtype=self.df.dtype, device=self.df.device)
        chi2 = Chi2(self.df.unsqueeze(-1) - steps, validate_args=False).rsample(sample_shape)
        diagonal = chi2.sqrt().clamp(min=finfo(chi2.dtype).eps).diag_embed()
        shape = (*sample_shape, *self._batch_shape, size * (size - 1) // 2)
        below = vec_to_tril_matrix(standard_normal(self.df, shape), -1)
        factor = self._factor @ (diagonal + below)
        return factor @ factor.mT

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        size, df = self._event_shape[-1], self.df
        trace = solve_triangular(self._factor, cholesky(value), upper=False).square().sum((-2, -1))
        return 0.5 * ((df - size - 1) * slogdet(value)[1] - trace) - self._norm()

    def _norm(self) -> Any:
        """The logarithm of what the density is divided by."""
        size, half = self._event_shape[-1], 0.5 * self.df
        return half * (size * math.log(2) + 2 * half_log_det(self._factor)) + mvlgamma(half, size)

    def entropy(self) -> Any:
        size, df = self._event_shape[-1], self.df
        steps = 0.5 * arange(size, dtype=df.dtype, device=df.device)
        psi = digamma(0.5 * df.unsqueeze(-1) - steps).sum(-1)
        log_det = psi + size * math.log(2) + 2 * half_log_det(self._factor)
        return self._norm() - 0.5 * (df - size - 1) * log_det + 0.5 * df * size

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (-0.5 * self.precision_matrix, 0.5 * (self.df - self._event_shape[-1] - 1))

    def _log_normalizer(self, *natural_params: Any) -> Any:
        x, y = natural_params
        size = self._event_shape[-1]
        half = y + 0.5 * (size + 1)
        return half * (size * math.log(2) - slogdet(-2 * x)[1]) + mvlgamma(half, size)
