"""Normal distributions of vectors: with any covariance, and with one of low rank plus diagonal."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from autograd_core.creation import eye
from autograd_core.creation_more import broadcast_shapes
from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.utils import lazy_property, standard_normal
from autograd_core.linalg import cholesky, solve_triangular
from autograd_core.ops.decompositions_triangular import cholesky_inverse
from autograd_core.ops.explog import log


def matvec(matrix: Any, vector: Any) -> Any:
    """Products of matrices and vectors, whose batches broadcast."""
    return (matrix @ vector.unsqueeze(-1)).squeeze(-1)


def half_log_det(factor: Any) -> Any:
    """Half the logarithm of the determinant of what ``factor`` is the Cholesky factor of."""
    return log(factor.diagonal(0, -2, -1)).sum(-1)


def mahalanobis(factor: Any, vector: Any) -> Any:
    """``x' inv(L L') x`` for lower triangular factors L ``(..., n, n)`` and vectors x ``(..., n)``.

    Dimensions that the vectors have in front of the factors' become columns, so that a factor is
    used once for all of them.
    """
    size = vector.shape[-1]
    extra = max(vector.ndim - factor.ndim + 1, 0)
    lead = vector.shape[:extra]
    batch = broadcast_shapes(factor.shape[:-2], vector.shape[extra:-1])
    columns = vector.expand(*lead, *batch, size).reshape(-1, *batch, size).movedim(0, -1)
    squares = solve_triangular(factor, columns, upper=False).square().sum(-2)
    return squares.movedim(-1, 0).reshape(*lead, *batch)


def precision_to_scale_tril(precision: Any) -> Any:
    """The Cholesky factor of the inverse of a matrix, without the inverse."""
    reverse = cholesky(precision.flip((-2, -1)))
    inverse = reverse.flip((-2, -1)).mT
    one = eye(precision.shape[-1], dtype=precision.dtype, device=precision.device)
    return solve_triangular(inverse, one, upper=False)


def only_one(name: str, **matrices: Any) -> tuple[str, Any]:
    """The name and value of the only matrix that is given.

    Raises:
        ValueError: None is given or several, or it is no matrix.
    """
    given = [(key, value) for key, value in matrices.items() if value is not None]
    if len(given) != 1:
        raise ValueError(
            f"{name}: expected exactly one of {', '.join(matrices)}, got "
            f"{', '.join(key for key, _ in given) or 'none'}"
        )
    key, value = given[0]
    if value.ndim < 2 or value.shape[-1] != value.shape[-2]:
        raise ValueError(f"{name}: {key} must be square, (..., n, n), got {tuple(value.shape)}")
    return key, value


class Covariance(Distribution):
    """What one of three matrices describes: the covariance, its inverse, or its Cholesky factor.

    A subclass keeps the one that is given under its name; others follow from the factor of the
    matrix as it was given, before it was expanded.
    """

    _given: tuple[str, Any]

    @lazy_property
    def _factor(self) -> Any:
        """The Cholesky factor, with the batch dimensions of the matrix that was given."""
        key, matrix = self._given
        if key == "scale_tril":
            return matrix
        return cholesky(matrix) if key == "covariance_matrix" else precision_to_scale_tril(matrix)

    def _expanded(self, matrix: Any) -> Any:
        return matrix.expand(*self._batch_shape, *matrix.shape[-2:])

    @lazy_property
    def scale_tril(self) -> Any:
        """The Cholesky factor, a lower triangular matrix."""
        return self._expanded(self._factor)

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The covariance."""
        return self._expanded(self._factor @ self._factor.mT)

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        return self._expanded(cholesky_inverse(self._factor))


class MultivariateNormal(Covariance):
    """The normal distribution of vectors.

    Args:
        loc: Mean, ``(..., n)``.
        covariance_matrix: Covariance, ``(..., n, n)``; or
        precision_matrix: its inverse; or
        scale_tril: its Cholesky factor, which is the quickest.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Not exactly one of the matrices is given, or the shapes do not fit.

    Source: PyTorch, ``torch.distributions.MultivariateNormal``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import MultivariateNormal
        >>> MultivariateNormal(ag.zeros(2), ag.eye(2)).log_prob(ag.zeros(2))
        tensor(-1.8379)
    """

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support: Any = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        key, matrix = self._given = only_one(
            type(self).__name__,
            covariance_matrix=covariance_matrix,
            precision_matrix=precision_matrix,
            scale_tril=scale_tril,
        )
        if loc.ndim < 1 or loc.shape[-1] not in (1, matrix.shape[-1]):
            raise ValueError(
                f"{type(self).__name__}: loc {tuple(loc.shape)} does not fit {key} "
                f"{tuple(matrix.shape)}; expected (..., {matrix.shape[-1]})"
            )
        batch = broadcast_shapes(loc.shape[:-1], matrix.shape[:-2])
        event = matrix.shape[-1:]
        self.loc = loc.expand(*batch, *event)
        self.__dict__[key] = matrix.expand(*batch, *event, *event)
        super().__init__(batch, event, validate_args)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return self._factor.square().sum(-1).expand(self.loc.shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = standard_normal(self.loc, self._extended_shape(sample_shape))
        return self.loc + matvec(self._factor, noise)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        square = self._distance(value - self.loc)
        return -0.5 * (self._log_det() + square + self.loc.shape[-1] * math.log(2 * math.pi))

    def entropy(self) -> Any:
        size = self.loc.shape[-1]
        value = 0.5 * (self._log_det() + size * (1 + math.log(2 * math.pi)))
        return value.expand(self._batch_shape)

    # What the divergence between normal distributions needs of each.

    def _log_det(self) -> Any:
        """The logarithm of the determinant of the covariance."""
        return 2 * half_log_det(self._factor)

    def _distance(self, vector: Any) -> Any:
        """The square of a vector's length, measured by the covariance."""
        return mahalanobis(self._factor, vector)

    def _roots(self) -> list[Any]:
        """Matrices whose products with their transposes add up to the covariance."""
        return [self._factor]


class LowRankMultivariateNormal(Distribution):
    """The normal distribution of vectors with a covariance of low rank plus a diagonal.

    The covariance is ``W W' + diag(d)``. Inverse and determinant are those of a matrix of the size
    of the rank, by Woodbury's identity and the determinant lemma.

    Args:
        loc: Mean, ``(..., n)``.
        cov_factor: W, ``(..., n, rank)``.
        cov_diag: d, ``(..., n)``, positive.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: The shapes do not fit.

    Source: PyTorch, ``torch.distributions.LowRankMultivariateNormal``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import LowRankMultivariateNormal
        >>> LowRankMultivariateNormal(ag.zeros(2), ag.ones(2, 1), ag.ones(2)).covariance_matrix
        tensor([[2., 1.],
                [1., 2.]])
    """

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support: Any = constraints.real_vector
    has_rsample = True

    def __init__(
        self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None
    ) -> None:
        size = loc.shape[-1] if loc.ndim else None
        fits = cov_factor.ndim >= 2 and cov_diag.ndim >= 1
        if not fits or not size == cov_factor.shape[-2] == cov_diag.shape[-1]:
            raise ValueError(
                f"LowRankMultivariateNormal: expected loc (..., n), cov_factor (..., n, rank) and "
                f"cov_diag (..., n), got {tuple(loc.shape)}, {tuple(cov_factor.shape)} and "
                f"{tuple(cov_diag.shape)}"
            )
        try:
            batch = broadcast_shapes(loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"LowRankMultivariateNormal: {error}") from error
        self.loc = loc.expand(*batch, size)
        self.cov_factor = cov_factor.expand(*batch, *cov_factor.shape[-2:])
        self.cov_diag = cov_diag.expand(*batch, size)
        self._given = (cov_factor, cov_diag)
        super().__init__(batch, loc.shape[-1:], validate_args)

    @lazy_property
    def _capacitance(self) -> Any:
        """The Cholesky factor of ``1 + W' inv(diag(d)) W``."""
        factor, diagonal = self._given
        one = eye(factor.shape[-1], dtype=factor.dtype, device=factor.device)
        return cholesky(one + (factor.mT / diagonal.unsqueeze(-2)) @ factor)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @lazy_property
    def variance(self) -> Any:
        """The diagonal of the covariance."""
        factor, diagonal = self._given
        return (factor.square().sum(-1) + diagonal).expand(self.loc.shape)

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The covariance."""
        factor, diagonal = self._given
        return self._expanded(factor @ factor.mT + diagonal.diag_embed())

    @lazy_property
    def scale_tril(self) -> Any:
        """The Cholesky factor of the covariance."""
        return cholesky(self.covariance_matrix)

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        factor, diagonal = self._given
        scaled = factor.mT / diagonal.unsqueeze(-2)
        part = solve_triangular(self._capacitance, scaled, upper=False)
        return self._expanded((1 / diagonal).diag_embed() - part.mT @ part)

    def _expanded(self, matrix: Any) -> Any:
        return matrix.expand(*self._batch_shape, *matrix.shape[-2:])

    def rsample(self, sample_shape: Any = ()) -> Any:
        factor, diagonal = self._given
        shape = self._extended_shape(sample_shape)
        low = standard_normal(self.loc, (*shape[:-1], factor.shape[-1]))
        return self.loc + matvec(factor, low) + diagonal.sqrt() * standard_normal(self.loc, shape)

    log_prob = MultivariateNormal.log_prob
    entropy = MultivariateNormal.entropy

    def _log_det(self) -> Any:
        return 2 * half_log_det(self._capacitance) + log(self._given[1]).sum(-1)

    def _distance(self, vector: Any) -> Any:
        factor, diagonal = self._given
        inner = matvec(factor.mT / diagonal.unsqueeze(-2), vector)
        return (vector.square() / diagonal).sum(-1) - mahalanobis(self._capacitance, inner)

    def _roots(self) -> list[Any]:
        factor, diagonal = self._given
        return [factor, diagonal.sqrt().diag_embed()]
