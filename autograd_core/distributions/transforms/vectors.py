"""Transforms of vectors and matrices: to the simplex, and to triangular and definite matrices."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.creation import arange, eye, ones_like
from autograd_core.distributions import constraints
from autograd_core.distributions.transforms.base import Transform
from autograd_core.distributions.transforms.elementwise import clipped_sigmoid
from autograd_core.distributions.utils import tril_matrix_to_vec, vec_to_tril_matrix
from autograd_core.limits import finfo
from autograd_core.linalg import cholesky
from autograd_core.ops.activation_smooth import logsigmoid
from autograd_core.ops.join import cat
from autograd_core.ops.softmax import softmax


class _OfVectors(Transform):
    """A transform without parameters, of at least ``domain.event_dim`` dimensions."""

    def _parameters(self) -> tuple[Any, ...]:
        return ()

    def forward_shape(self, shape: Any) -> Any:
        return self._checked(shape, self.domain)

    def inverse_shape(self, shape: Any) -> Any:
        return self._checked(shape, self.codomain)

    def _checked(self, shape: Any, constraint: Any) -> Any:
        if len(shape) < constraint.event_dim:
            raise ValueError(
                f"{self!r}: expected at least {constraint.event_dim} dimensions, got shape "
                f"{tuple(shape)}"
            )
        return shape


class SoftmaxTransform(_OfVectors):
    """``y = exp(x) / sum(exp(x))``; its inverse is the logarithm. It has no Jacobian determinant.

    Source: PyTorch, ``torch.distributions.transforms.SoftmaxTransform``.
    """

    domain, codomain = constraints.real_vector, constraints.simplex

    def _call(self, x: Any) -> Any:
        return softmax(x, -1)

    def _inverse(self, y: Any) -> Any:
        return y.log()


def _after_one(values: Any) -> Any:
    """A 1 in front of each vector."""
    return cat([ones_like(values[..., :1]), values], -1)


class StickBreakingTransform(_OfVectors):
    """Vectors of n numbers to shares of n + 1: each number says how much of the rest its share is.

    Source: PyTorch, ``torch.distributions.transforms.StickBreakingTransform``.
    """

    domain, codomain = constraints.real_vector, constraints.simplex
    bijective = True

    def _shifts(self, x: Any) -> Any:
        """Subtracted first, so that 0 gives equal shares."""
        count = x.shape[-1]
        return arange(count, 0, -1, dtype=x.dtype, device=x.device).log()

    def _call(self, x: Any) -> Any:
        z = clipped_sigmoid(x - self._shifts(x))
        rest = _after_one((1 - z).cumprod(-1))
        return cat([z, ones_like(z[..., :1])], -1) * rest

    def _inverse(self, y: Any) -> Any:
        shares = y[..., :-1]
        rest = (1 - shares.cumsum(-1)).clamp(min=finfo(y.dtype).tiny)
        return shares.log() - rest.log() + self._shifts(shares)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        x = x - self._shifts(x)
        return (logsigmoid(x) - x + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        return (*super().forward_shape(shape)[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Any) -> Any:
        return (*super().inverse_shape(shape)[:-1], shape[-1] - 1)


class LowerCholeskyTransform(_OfVectors):
    """Square matrices to lower triangular ones with a positive diagonal, its exponential.

    Source: PyTorch, ``torch.distributions.transforms.LowerCholeskyTransform``.
    """

    domain, codomain = constraints.independent(constraints.real, 2), constraints.lower_cholesky

    def _call(self, x: Any) -> Any:
        return x.tril(-1) + x.diagonal(0, -2, -1).exp().diag_embed()

    def _inverse(self, y: Any) -> Any:
        return y.tril(-1) + y.diagonal(0, -2, -1).log().diag_embed()


class PositiveDefiniteTransform(_OfVectors):
    """Square matrices to positive definite ones, by way of their Cholesky factors.

    Source: PyTorch, ``torch.distributions.transforms.PositiveDefiniteTransform``.
    """

    domain, codomain = constraints.independent(constraints.real, 2), constraints.positive_definite

    def _call(self, x: Any) -> Any:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform()._inverse(cholesky(y))


class CorrCholeskyTransform(_OfVectors):
    """Vectors of n (n - 1) / 2 numbers to Cholesky factors of correlation matrices of size n.

    Row by row, tanh of a number says how long its element is, of what the row has left.

    Source: PyTorch, ``torch.distributions.transforms.CorrCholeskyTransform``.
    """

    domain, codomain = constraints.real_vector, constraints.corr_cholesky
    bijective = True

    def _call(self, x: Any) -> Any:
        eps = finfo(x.dtype).eps
        parts = vec_to_tril_matrix(x.tanh().clamp(min=eps - 1, max=1 - eps), -1)
        left = (1 - parts.square()).sqrt().cumprod(-1)[..., :-1]
        one = eye(parts.shape[-1], dtype=x.dtype, device=x.device)
        return (parts + one) * _after_one(left)

    def _inverse(self, y: Any) -> Any:
        left = _after_one((1 - y.square().cumsum(-1))[..., :-1])
        return (tril_matrix_to_vec(y, -1) / tril_matrix_to_vec(left, -1).sqrt()).atanh()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        left = tril_matrix_to_vec(1 - y.square().cumsum(-1), -2)
        of_tanh = 2 * (math.log(2) - x + logsigmoid(2 * x))
        return 0.5 * left.log().sum(-1) + of_tanh.sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        count = super().forward_shape(shape)[-1]
        size = round(math.sqrt(0.25 + 2 * count) + 0.5)
        if size * (size - 1) // 2 != count:
            raise ValueError(
                f"{self!r}: {count} numbers are not the lower triangle of a square matrix"
            )
        return (*shape[:-1], size, size)

    def inverse_shape(self, shape: Any) -> Any:
        size = super().inverse_shape(shape)[-1]
        if shape[-2] != size:
            raise ValueError(f"{self!r}: expected square matrices, got shape {tuple(shape)}")
        return (*shape[:-2], size * (size - 1) // 2)
