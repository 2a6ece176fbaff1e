"""Exponential families: what follows from their log normalizers."""

from __future__ import annotations

from typing import Any

from autograd_core.autograd import grad
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.utils import sum_rightmost
from autograd_core.grad_mode import enable_grad


class ExponentialFamily(Distribution):
    """Distributions with a density ``exp(<t(x), theta> - F(theta) + k(x))``.

    A subclass may give its natural parameters theta (``_natural_params``), its log normalizer F
    (``_log_normalizer``) and the mean of the carrier measure k (``_mean_carrier_measure``). The
    gradient of F is then the mean of t(x), from which the entropy and the divergence between two
    members follow.

    Source: PyTorch, ``torch.distributions.ExponentialFamily``; Nielsen and Nock, "Entropies and
    cross-entropies of exponential families" (2010).
    """

    _mean_carrier_measure: Any = None

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        raise self._lacks("_natural_params")

    def _log_normalizer(self, *natural_params: Any) -> Any:
        raise self._lacks("_log_normalizer")

    def _statistics(self) -> tuple[Any, list[Any], Any]:
        """The natural parameters, the means of the statistics, and the log normalizer."""
        with enable_grad():
            theta = tuple(
                p if p.requires_grad else p.detach().requires_grad_() for p in self._natural_params
            )
            normalizer = self._log_normalizer(*theta)
            means = grad(normalizer.sum(), theta, create_graph=True)
        return theta, list(means), normalizer

    def entropy(self) -> Any:
        """The entropy, from the log normalizer and its gradient."""
        if self._mean_carrier_measure is None:
            raise self._lacks("entropy")
        theta, means, normalizer = self._statistics()
        result = normalizer - self._mean_carrier_measure
        for parameter, mean in zip(theta, means, strict=True):
            result = result - sum_rightmost(parameter * mean, len(self._event_shape))
        return result


def divergence(p: ExponentialFamily, q: ExponentialFamily) -> Any:
    """The divergence between two members of one family."""
    theta, means, normalizer = p._statistics()
    others = q._natural_params
    result = q._log_normalizer(*others) - normalizer
    for parameter, other, mean in zip(theta, others, means, strict=True):
        result = result - sum_rightmost((other - parameter) * mean, len(q.event_shape))
    return result
