"""Transforms of single numbers."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.base import TensorBase
from autograd_core.creation import full_like
from autograd_core.creation_more import broadcast_shapes
from autograd_core.distributions import constraints
from autograd_core.distributions.transforms.base import Transform
from autograd_core.distributions.utils import broadcast_all, sum_rightmost
from autograd_core.limits import finfo
from autograd_core.ops.activation_smooth import logsigmoid, softplus
from autograd_core.ops.explog import expm1, log, log1p
from autograd_core.ops.special import sigmoid


class _Alone(Transform):
    """A transform without parameters: all of one class are equal."""

    def _parameters(self) -> tuple[Any, ...]:
        return ()


class ExpTransform(_Alone):
    """``y = exp(x)``. Source: PyTorch, ``torch.distributions.transforms.ExpTransform``."""

    domain, codomain = constraints.real, constraints.positive
    bijective, sign = True, 1

    def _call(self, x: Any) -> Any:
        return x.exp()

    def _inverse(self, y: Any) -> Any:
        return y.log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return x


class AbsTransform(_Alone):
    """``y = |x|``, whose inverse takes the positive one of the two.

    Source: PyTorch, ``torch.distributions.transforms.AbsTransform``.
    """

    domain, codomain = constraints.real, constraints.positive

    def _call(self, x: Any) -> Any:
        return x.abs()

    def _inverse(self, y: Any) -> Any:
        return y


def clipped_sigmoid(x: Any) -> Any:
    """The logistic function, without the ends 0 and 1."""
    limits = finfo(x.dtype)
    return sigmoid(x).clamp(min=limits.tiny, max=1 - limits.eps)


class SigmoidTransform(_Alone):
    """``y = 1 / (1 + exp(-x))``.

    Source: PyTorch, ``torch.distributions.transforms.SigmoidTransform``.
    """

    domain, codomain = constraints.real, constraints.unit_interval
    bijective, sign = True, 1

    def _call(self, x: Any) -> Any:
        return clipped_sigmoid(x)

    def _inverse(self, y: Any) -> Any:
        limits = finfo(y.dtype)
        y = y.clamp(min=limits.tiny, max=1 - limits.eps)
        return log(y) - log1p(-y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return logsigmoid(x) + logsigmoid(-x)


class SoftplusTransform(_Alone):
    """``y = log(1 + exp(x))``, and ``x`` beyond 20.

    Source: PyTorch, ``torch.distributions.transforms.SoftplusTransform``.
    """

    domain, codomain = constraints.real, constraints.positive
    bijective, sign = True, 1

    def _call(self, x: Any) -> Any:
        return softplus(x)

    def _inverse(self, y: Any) -> Any:
        return log(-expm1(-y)) + y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return logsigmoid(x)


class TanhTransform(_Alone):
    """``y = tanh(x)``.

    The derivative is computed from x, as y is rounded to 1 where x is large; use ``cache_size=1``
    where the density of a sample is wanted.

    Source: PyTorch, ``torch.distributions.transforms.TanhTransform``.
    """

    domain, codomain = constraints.real, constraints.interval(-1.0, 1.0)
    bijective, sign = True, 1

    def _call(self, x: Any) -> Any:
        return x.tanh()

    def _inverse(self, y: Any) -> Any:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return 2 * (math.log(2) - x + logsigmoid(2 * x))


class PowerTransform(Transform):
    """``y = x ** exponent``.

    Args:
        exponent: Number or tensor.
        cache_size: See :class:`Transform`.

    Source: PyTorch, ``torch.distributions.transforms.PowerTransform``.
    """

    domain, codomain = constraints.positive, constraints.positive
    bijective = True

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        (self.exponent,) = broadcast_all(exponent)

    @property
    def sign(self) -> Any:
        return self.exponent.sign()

    def _parameters(self) -> tuple[Any, ...]:
        return (self.exponent,)

    def _call(self, x: Any) -> Any:
        return x**self.exponent

    def _inverse(self, y: Any) -> Any:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return (self.exponent * y / x).abs().log()

    def forward_shape(self, shape: Any) -> Any:
        return broadcast_shapes(shape, self.exponent.shape)

    inverse_shape = forward_shape


class AffineTransform(Transform):
    """``y = loc + scale * x``.

    Args:
        loc, scale: Numbers or tensors.
        event_dim: The number of dimensions that make up one value.
        cache_size: See :class:`Transform`.

    Source: PyTorch, ``torch.distributions.transforms.AffineTransform``.
    """

    bijective = True

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self._event_dim = loc, scale, event_dim

    @property
    def event_dim(self) -> int:
        return self._event_dim

    @constraints.dependent_property(is_discrete=False)
    def domain(self) -> Any:
        if self._event_dim == 0:
            return constraints.real
        return constraints.independent(constraints.real, self._event_dim)

    codomain = domain

    @property
    def sign(self) -> Any:
        if isinstance(self.scale, TensorBase):
            return self.scale.sign()  # type: ignore[attr-defined]
        return (self.scale > 0) - (self.scale < 0)

    def _parameters(self) -> tuple[Any, ...]:
        return (self.loc, self.scale, self._event_dim)

    def _call(self, x: Any) -> Any:
        return self.loc + self.scale * x

    def _inverse(self, y: Any) -> Any:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        scale = self.scale
        if isinstance(scale, TensorBase):
            terms = scale.abs().log().expand(x.shape)  # type: ignore[attr-defined]
        else:
            terms = full_like(x, math.log(abs(scale)))
        return sum_rightmost(terms, self._event_dim)

    def forward_shape(self, shape: Any) -> Any:
        return broadcast_shapes(
            shape, getattr(self.loc, "shape", ()), getattr(self.scale, "shape", ())
        )

    inverse_shape = forward_shape


class CumulativeDistributionTransform(Transform):
    """``y = distribution.cdf(x)``: values of the distribution become evenly spread ones.

    Args:
        distribution: One with ``cdf``, ``icdf`` and ``log_prob``.
        cache_size: See :class:`Transform`.

    Source: PyTorch, ``torch.distributions.transforms.CumulativeDistributionTransform``.
    """

    codomain = constraints.unit_interval
    bijective, sign = True, 1

    def __init__(self, distribution: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.distribution = distribution

    @property
    def domain(self) -> Any:
        return self.distribution.support

    def _parameters(self) -> tuple[Any, ...]:
        return (self.distribution,)

    def _call(self, x: Any) -> Any:
        return self.distribution.cdf(x)

    def _inverse(self, y: Any) -> Any:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return self.distribution.log_prob(x)
