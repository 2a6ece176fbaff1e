"""Constraints on vectors and matrices."""

from __future__ import annotations

from typing import Any

from autograd_core.creation import full
from autograd_core.distributions.constraints.base import Constraint, all_of_last
from autograd_core.distributions.constraints.numbers import Boolean
from autograd_core.limits import finfo
from autograd_core.linalg import cholesky_ex, eigvalsh
from autograd_core.ops.comparison import isclose


class Simplex(Constraint):
    """Vectors of numbers from 0 on that add up to 1."""

    event_dim = 1

    def check(self, value: Any) -> Any:
        slack = max(1e-6, 4 * finfo(value.dtype).eps)
        return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < slack)


class OneHot(Constraint):
    """Vectors of one 1 among zeros."""

    is_discrete = True
    event_dim = 1

    def check(self, value: Any) -> Any:
        return Boolean().check(value).all(-1) & (value.sum(-1) == 1)


class Multinomial(Constraint):
    """Vectors of counts that add up to ``upper_bound`` at most."""

    is_discrete = True
    event_dim = 1

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, value: Any) -> Any:
        return (value >= 0).all(-1) & (value.sum(-1) <= self.upper_bound)


class LowerTriangular(Constraint):
    """Matrices with nothing above the diagonal."""

    event_dim = 2

    def check(self, value: Any) -> Any:
        return all_of_last(value.tril() == value, 2)


class LowerCholesky(LowerTriangular):
    """Lower triangular matrices with a positive diagonal."""

    def check(self, value: Any) -> Any:
        return super().check(value) & (value.diagonal(0, -2, -1) > 0).all(-1)


class CorrCholesky(LowerCholesky):
    """Lower triangular matrices with a positive diagonal, and rows of length 1."""

    def check(self, value: Any) -> Any:
        slack = 10 * value.shape[-1] * finfo(value.dtype).eps
        length = value.detach().square().sum(-1).sqrt()
        return super().check(value) & ((length - 1).abs() <= slack).all(-1)


class Square(Constraint):
    """Square matrices."""

    event_dim = 2

    def check(self, value: Any) -> Any:
        square = value.shape[-2] == value.shape[-1]
        return full(value.shape[:-2], square, dtype="bool", device=value.device)


class Symmetric(Square):
    """Symmetric matrices."""

    def check(self, value: Any) -> Any:
        if value.shape[-2] != value.shape[-1]:
            return super().check(value)
        return all_of_last(isclose(value, value.mT, atol=1e-6), 2)


class PositiveSemidefinite(Symmetric):
    """Symmetric matrices whose eigenvalues are not negative."""

    def check(self, value: Any) -> Any:
        symmetric = super().check(value)
        return (eigvalsh(value) >= 0).all(-1) if bool(symmetric.all()) else symmetric


class PositiveDefinite(Symmetric):
    """Symmetric matrices whose eigenvalues are positive."""

    def check(self, value: Any) -> Any:
        symmetric = super().check(value)
        return cholesky_ex(value).info == 0 if bool(symmetric.all()) else symmetric
