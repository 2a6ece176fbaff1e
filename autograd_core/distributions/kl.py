"""Kullback and Leibler's divergence: the functions, by pair of classes, and how one is found."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core.creation import full_like
from autograd_core.creation_more import broadcast_shapes
from autograd_core.distributions.categorical import Categorical, OneHotCategorical
from autograd_core.distributions.counts import Bernoulli, Binomial, Geometric, Poisson
from autograd_core.distributions.dirichlet import Beta, Dirichlet
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.exp_family import ExponentialFamily, divergence
from autograd_core.distributions.folded import HalfNormal
from autograd_core.distributions.gamma import Gamma
from autograd_core.distributions.independent import Independent
from autograd_core.distributions.interval import ContinuousBernoulli, Uniform
from autograd_core.distributions.location_scale import Cauchy, Gumbel, Laplace
from autograd_core.distributions.multivariate_normal import (
    LowRankMultivariateNormal,
    MultivariateNormal,
)
from autograd_core.distributions.normal import Normal
from autograd_core.distributions.positive import Exponential, Pareto
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.utils import euler_constant, sum_rightmost
from autograd_core.ops.activation_smooth import logsigmoid
from autograd_core.ops.explog import exp, log, log1p
from autograd_core.ops.gamma import digamma, lgamma
from autograd_core.ops.selection import where

__all__ = ["kl_divergence", "register_kl"]

_FUNCTIONS: dict[tuple[type, type], Callable[[Any, Any], Any]] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Any], Any]:
    """Decorate the function that computes the divergence of two classes, subclasses included.

    Of several that fit, that of the most special class of p is taken, and among those that of the
    most special class of q.

    Args:
        type_p, type_q: Subclasses of ``Distribution``.

    Raises:
        TypeError: One is no such class.

    Source: PyTorch, ``torch.distributions.kl.register_kl``.

    Example:
        >>> from autograd_core.distributions import Normal, register_kl
        >>> class Narrow(Normal): ...
        >>> @register_kl(Narrow, Normal)
        ... def kl_narrow_normal(p, q):
        ...     return 0.5 * ((p.loc - q.loc) / q.scale) ** 2
    """
    for kind in (type_p, type_q):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise TypeError(f"register_kl: expected classes of distributions, got {kind!r}")

    def enter(function: Any) -> Any:
        _FUNCTIONS[type_p, type_q] = function
        return function

    return enter


def kl_divergence(p: Distribution, q: Distribution) -> Any:
    """Kullback and Leibler's divergence, the mean under p of ``log(p(x) / q(x))``.

    Args:
        p, q: Distributions; not all pairs of classes have a formula.

    Returns:
        Tensor of the batch shape.

    Raises:
        NotImplementedError: There is no formula for this pair.

    Source: PyTorch, ``torch.distributions.kl_divergence``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import Normal, kl_divergence
        >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0))
        tensor(0.5000)
    """
    for kind_p in type(p).__mro__:
        for kind_q in type(q).__mro__:
            function = _FUNCTIONS.get((kind_p, kind_q))
            if function is not None:
                return function(p, q)
    raise NotImplementedError(
        f"kl_divergence: there is no formula for {type(p).__name__} and {type(q).__name__}. Mend: "
        f"enter one with register_kl, or take the mean of p.log_prob(x) - q.log_prob(x) over "
        f"samples x of p"
    )


def infinite(value: Any) -> Any:
    """Infinity in the shape of ``value``."""
    return full_like(value, math.inf)


# --- two of the same family ----------------------------------------------------------------------


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Any, q: Any) -> Any:
    def term(chance: Any, other: Any, off: Any) -> Any:
        # Of what never happens under p nothing counts; under q alone it counts without end.
        off = where(chance == 0, 0, where(other == 0, math.inf, off))
        return where(chance == 0, 0, chance) * off

    hits = term(p.probs, q.probs, logsigmoid(p.logits) - logsigmoid(q.logits))
    misses = term(1 - p.probs, 1 - q.probs, logsigmoid(-p.logits) - logsigmoid(-q.logits))
    return hits + misses


@register_kl(Binomial, Binomial)
def _binomial(p: Any, q: Any) -> Any:
    if bool((p.total_count < q.total_count).any()):
        raise NotImplementedError(
            "kl_divergence: between binomial distributions only where p has no smaller total_count"
        )
    chances = p.probs * (p.logits - q.logits) + log1p(-p.probs) - log1p(-q.probs)
    return where(p.total_count > q.total_count, math.inf, p.total_count * chances)


@register_kl(Geometric, Geometric)
def _geometric(p: Any, q: Any) -> Any:
    return -p.entropy() - log1p(-q.probs) / p.probs - q.logits


@register_kl(Poisson, Poisson)
def _poisson(p: Any, q: Any) -> Any:
    return p.rate * (log(p.rate) - log(q.rate)) - (p.rate - q.rate)


@register_kl(Categorical, Categorical)
@register_kl(OneHotCategorical, OneHotCategorical)
def _categorical(p: Any, q: Any) -> Any:
    off = where(q.probs == 0, math.inf, p.logits - q.logits)
    return (p.probs * where(p.probs == 0, 0, off)).sum(-1)


@register_kl(Beta, Beta)
def _beta(p: Any, q: Any) -> Any:
    return _dirichlet(p._both(), q._both())


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Any, q: Any) -> Any:
    weights = p.concentration
    expected_log = digamma(weights) - digamma(weights.sum(-1, True))
    return q._log_beta() - p._log_beta() + ((weights - q.concentration) * expected_log).sum(-1)


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _continuous_bernoulli(p: Any, q: Any) -> Any:
    norms = p._log_norm() + log1p(-p.probs) - q._log_norm() - log1p(-q.probs)
    return p.mean * (p.logits - q.logits) + norms


@register_kl(Exponential, Exponential)
def _exponential(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return ratio - 1 - log(ratio)


@register_kl(Gamma, Gamma)
def _gamma(p: Any, q: Any) -> Any:
    shape = p.concentration
    scales = q.concentration * log(p.rate / q.rate) + (q.rate - p.rate) * (shape / p.rate)
    shapes = lgamma(q.concentration) - lgamma(shape)
    return scales + shapes + (shape - q.concentration) * digamma(shape)


@register_kl(Gumbel, Gumbel)
def _gumbel(p: Any, q: Any) -> Any:
    ratio = p.scale / q.scale
    off = (p.loc - q.loc) / q.scale
    rise = exp(lgamma(1 + ratio) - off)
    return off - log(ratio) + ratio * euler_constant + rise - (1 + euler_constant)


@register_kl(Laplace, Laplace)
def _laplace(p: Any, q: Any) -> Any:
    ratio = p.scale / q.scale
    off = (p.loc - q.loc).abs()
    return off / q.scale + ratio * exp(-off / p.scale) - log(ratio) - 1


@register_kl(Cauchy, Cauchy)
def _cauchy(p: Any, q: Any) -> Any:
    apart = (p.scale + q.scale).square() + (p.loc - q.loc).square()
    return log(apart) - log(4 * p.scale * q.scale)


@register_kl(Normal, Normal)
def _normal(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale).square()
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).square() - 1 - log(ratio))


@register_kl(HalfNormal, HalfNormal)
def _half_normal(p: Any, q: Any) -> Any:
    return _normal(p.base_dist, q.base_dist)


@register_kl(MultivariateNormal, MultivariateNormal)
@register_kl(MultivariateNormal, LowRankMultivariateNormal)
@register_kl(LowRankMultivariateNormal, MultivariateNormal)
@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
def _multivariate_normal(p: Any, q: Any) -> Any:
    if p.event_shape != q.event_shape:
        raise ValueError(
            f"kl_divergence: normal distributions of vectors of different sizes, "
            f"{tuple(p.event_shape)} and {tuple(q.event_shape)}"
        )
    # The trace of the covariance, measured by the other: its roots' columns as vectors.
    trace: Any = 0
    batch = broadcast_shapes(p.batch_shape, q.batch_shape)
    for root in p._roots():
        columns = root.expand(*batch, *root.shape[-2:]).movedim(-1, 0)
        trace = trace + q._distance(columns).sum(0)
    distance = q._distance(q.loc - p.loc)
    return 0.5 * (q._log_det() - p._log_det() + trace + distance - p.event_shape[0])


@register_kl(Pareto, Pareto)
def _pareto(p: Any, q: Any) -> Any:
    ratio = q.alpha / p.alpha
    value = q.alpha * log(p.scale / q.scale) + ratio - 1 - log(ratio)
    return where(p.scale < q.scale, math.inf, value)


@register_kl(Uniform, Uniform)
def _uniform(p: Any, q: Any) -> Any:
    value = log((q.high - q.low) / (p.high - p.low))
    return where((q.low > p.low) | (q.high < p.high), math.inf, value)


# --- of distributions that are made of others ----------------------------------------------------


@register_kl(ExponentialFamily, ExponentialFamily)
def _exponential_family(p: Any, q: Any) -> Any:
    if type(p) is not type(q):
        raise NotImplementedError(
            f"kl_divergence: there is no formula for {type(p).__name__} and {type(q).__name__}"
        )
    return divergence(p, q)


@register_kl(Independent, Independent)
def _independent(p: Any, q: Any) -> Any:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("kl_divergence: events of different numbers of dimensions")
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: Any, q: Any) -> Any:
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError("kl_divergence: the two are transformed in different ways")
    result = kl_divergence(p.base_dist, q.base_dist)
    return sum_rightmost(result, len(p.event_shape) - len(p.base_dist.event_shape))
