"""The divergence between distributions of different families.

It is the entropy of p with a minus, less the mean of ``log q(x)`` under p; and that depends on p by
a few means only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core.distributions.counts import Bernoulli, Binomial, Poisson
from autograd_core.distributions.dirichlet import Beta
from autograd_core.distributions.gamma import Gamma
from autograd_core.distributions.interval import ContinuousBernoulli, Uniform
from autograd_core.distributions.kl import infinite, register_kl
from autograd_core.distributions.location_scale import Gumbel, Laplace
from autograd_core.distributions.normal import Normal
from autograd_core.distributions.positive import Exponential, Pareto
from autograd_core.distributions.utils import HALF_LOG_TAU, euler_constant
from autograd_core.ops.erf import erf
from autograd_core.ops.explog import exp, log, log1p
from autograd_core.ops.gamma import digamma, lgamma
from autograd_core.ops.selection import where
from autograd_core.ops.special import xlogy

_Mean = Callable[[Any, Any], Any]


def _for(q: type, *kinds: type) -> Callable[[_Mean], _Mean]:
    """Enter the mean of ``log q(x)``, a function of p and q, for these classes of p."""

    def enter(expected: _Mean) -> _Mean:
        for kind in kinds:
            register_kl(kind, q)(lambda p, q: -p.entropy() - expected(p, q))
        return expected

    return enter


# --- where p has values that q has not ----------------------------------------------------------

_BEYOND = {
    (Exponential, Gamma): (Beta, ContinuousBernoulli, Pareto, Uniform),
    (Gumbel, Laplace, Normal): (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
    (Pareto,): (Beta, ContinuousBernoulli, Uniform),
    (Beta, ContinuousBernoulli): (Pareto,),
    (Poisson,): (Bernoulli, Binomial),
}
for _kinds, _others in _BEYOND.items():
    for _p in _kinds:
        for _q in _others:
            register_kl(_p, _q)(lambda p, q: infinite(p.mean + 0 * _first(q)))


def _first(q: Any) -> Any:
    """A parameter of q, for its batch shape."""
    return next(value for name, value in vars(q).items() if name in q._constraints())


# --- means under p -------------------------------------------------------------------------------


def _expected_log(p: Any) -> Any:
    """The mean of ``log(x)``."""
    if isinstance(p, Beta):
        return digamma(p.concentration1) - digamma(p.concentration1 + p.concentration0)
    if isinstance(p, Exponential):
        return -euler_constant - log(p.rate)
    if isinstance(p, Pareto):
        return log(p.scale) + 1 / p.alpha
    return (xlogy(p.high, p.high) - xlogy(p.low, p.low)) / (p.high - p.low) - 1  # Uniform


def _expected_exp(p: Any, rate: Any, shift: Any) -> Any:
    """The mean of ``exp(shift - rate x)``."""
    if isinstance(p, Exponential):
        return exp(shift) * p.rate / (p.rate + rate)
    if isinstance(p, Gamma):
        return exp(shift - p.concentration * log1p(rate / p.rate))
    if isinstance(p, Normal):
        return exp(shift - rate * p.loc + 0.5 * (rate * p.scale).square())
    below, above = exp(shift - rate * p.low), exp(shift - rate * p.high)  # Uniform
    return (below - above) / (rate * (p.high - p.low))


# --- log q, by q ---------------------------------------------------------------------------------


@_for(Normal, Beta, ContinuousBernoulli, Exponential, Gamma, Gumbel, Laplace, Uniform)
def _normal(p: Any, q: Any) -> Any:
    square = p.variance + (p.mean - q.loc).square()
    return -0.5 * square / q.scale.square() - log(q.scale) - HALF_LOG_TAU


def _with_moment(p: Any, order: int) -> Any:
    """A Pareto distribution, or another one where it has no such moment."""
    return Pareto(p.scale, where(p.alpha > order, p.alpha, order + 1.0), validate_args=False)


@_for(Normal, Pareto)
def _pareto_normal(p: Any, q: Any) -> Any:
    return where(p.alpha > 2, _normal(_with_moment(p, 2), q), -math.inf)


@_for(Exponential, Beta, ContinuousBernoulli, Gamma)
def _exponential(p: Any, q: Any) -> Any:
    return log(q.rate) - q.rate * p.mean


@_for(Exponential, Pareto)
def _pareto_exponential(p: Any, q: Any) -> Any:
    return where(p.alpha > 1, _exponential(_with_moment(p, 1), q), -math.inf)


@_for(Exponential, Uniform)
def _uniform_exponential(p: Any, q: Any) -> Any:
    return where(p.low >= 0, _exponential(p, q), -math.inf)


def _gamma(p: Any, q: Any) -> Any:
    norm = q.concentration * log(q.rate) - lgamma(q.concentration)
    return norm + (q.concentration - 1) * _expected_log(p) - q.rate * p.mean


_for(Gamma, Beta, Exponential)(_gamma)


@_for(Gamma, Pareto)
def _pareto_gamma(p: Any, q: Any) -> Any:
    return where(p.alpha > 1, _gamma(_with_moment(p, 1), q), -math.inf)


@_for(Gamma, Uniform)
def _uniform_gamma(p: Any, q: Any) -> Any:
    return where(p.low >= 0, _gamma(_positive(p), q), -math.inf)


def _positive(p: Any) -> Any:
    """A uniform distribution, or another one where it has negative values."""
    inside = p.low >= 0
    return Uniform(where(inside, p.low, 1), where(inside, p.high, 2), validate_args=False)


@_for(Gumbel, Exponential, Gamma, Normal, Uniform)
def _gumbel(p: Any, q: Any) -> Any:
    rate = 1 / q.scale
    shift = q.loc * rate
    return shift - rate * p.mean - _expected_exp(p, rate, shift) - log(q.scale)


@_for(Laplace, Normal)
def _laplace(p: Any, q: Any) -> Any:
    off = p.loc - q.loc
    turned = off / (p.scale * math.sqrt(2))
    distance = p.scale * math.sqrt(2 / math.pi) * exp(-turned.square()) + off * erf(turned)
    return -log(2 * q.scale) - distance / q.scale


@_for(ContinuousBernoulli, Beta)
def _continuous_bernoulli(p: Any, q: Any) -> Any:
    return p.mean * q.logits + log1p(-q.probs) + q._log_norm()


@_for(ContinuousBernoulli, Uniform)
def _uniform_continuous_bernoulli(p: Any, q: Any) -> Any:
    inside = (p.low >= 0) & (p.high <= 1)
    return where(inside, _continuous_bernoulli(p, q), -math.inf)


@_for(Uniform, Beta, ContinuousBernoulli)
def _uniform(p: Any, q: Any) -> Any:
    return where((q.low <= 0) & (q.high >= 1), -log(q.high - q.low), -math.inf) + 0 * p.mean


@_for(Beta, Uniform)
def _beta(p: Any, q: Any) -> Any:
    inside = (p.low >= 0) & (p.high <= 1)
    low, high = where(inside, p.low, 0), where(inside, p.high, 1)
    here = Uniform(low, high, validate_args=False)
    mirrored = Uniform(1 - high, 1 - low, validate_args=False)
    a, b = q.concentration1, q.concentration0
    norm = lgamma(a + b) - lgamma(a) - lgamma(b)
    logs = (a - 1) * _expected_log(here) + (b - 1) * _expected_log(mirrored)
    return where(inside, norm + logs, -math.inf)


@_for(Pareto, Uniform)
def _uniform_pareto(p: Any, q: Any) -> Any:
    value = log(q.alpha) + q.alpha * log(q.scale) - (q.alpha + 1) * _expected_log(_positive(p))
    return where(p.low >= q.scale, value, -math.inf)


@_for(Poisson, Bernoulli)
def _bernoulli_poisson(p: Any, q: Any) -> Any:
    return p.probs * log(q.rate) - q.rate
