"""The Dirichlet distribution, of shares, and the beta distribution, of one of two shares."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd_core.distributions import constraints
from autograd_core.distributions.exp_family import ExponentialFamily
from autograd_core.distributions.utils import broadcast_all
from autograd_core.draws_gamma import sample_dirichlet
from autograd_core.ops.embedding import one_hot
from autograd_core.ops.gamma import digamma, lgamma
from autograd_core.ops.join import stack
from autograd_core.ops.selection import where
from autograd_core.ops.special import xlogy


class Dirichlet(ExponentialFamily):
    """The Dirichlet distribution of shares that add up to 1.

    Args:
        concentration: The weights, ``(..., n)``, positive.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: ``concentration`` has no dimension.

    Source: PyTorch, ``torch.distributions.Dirichlet``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Dirichlet(ag.tensor([1.0, 3.0])).mean
        tensor([0.2500, 0.7500])
    """

    arg_constraints: ClassVar[Any] = {
        "concentration": constraints.independent(constraints.positive, 1)
    }
    support: Any = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        (self.concentration,) = broadcast_all(concentration)
        if self.concentration.ndim < 1:
            raise ValueError("Dirichlet: concentration must have at least one dimension")
        shape = self.concentration.shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return sample_dirichlet(self.concentration.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return xlogy(self.concentration - 1, value).sum(-1) - self._log_beta()

    def _log_beta(self) -> Any:
        """The logarithm of the beta function of the weights."""
        return lgamma(self.concentration).sum(-1) - lgamma(self.concentration.sum(-1))

    @property
    def mean(self) -> Any:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Any:
        above = (self.concentration - 1).clamp(min=0)
        total = above.sum(-1, True)
        # All weights below 1: the density is infinite at the corners.
        corner = one_hot(self.concentration.argmax(-1), above.shape[-1]).to(above.dtype)
        low = (self.concentration < 1).all(-1, True)
        return where(low, corner, above / where(low, 1.0, total))

    @property
    def variance(self) -> Any:
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.square() * (total + 1))

    def entropy(self) -> Any:
        weights, total = self.concentration, self.concentration.sum(-1)
        terms = ((weights - 1) * digamma(weights)).sum(-1)
        return self._log_beta() + (total - weights.shape[-1]) * digamma(total) - terms

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (self.concentration,)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        (x,) = natural_params
        return lgamma(x).sum(-1) - lgamma(x.sum(-1))


class Beta(ExponentialFamily):
    """The beta distribution, on (0, 1).

    Args:
        concentration1: The weight of 1, often called alpha; positive.
        concentration0: The weight of 0, often called beta; positive.
        validate_args: Whether arguments are checked.

    Source: PyTorch, ``torch.distributions.Beta``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Beta(1.0, 3.0).mean
        tensor(0.2500)
    """

    arg_constraints: ClassVar[Any] = {
        "concentration1": constraints.positive,
        "concentration0": constraints.positive,
    }
    support: Any = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        super().__init__(self.concentration1.shape, validate_args=validate_args)

    def _both(self) -> Dirichlet:
        """The distribution of the share and the rest."""
        weights = stack([self.concentration1, self.concentration0], -1)
        return Dirichlet(weights, validate_args=False)

    @property
    def mean(self) -> Any:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Any:
        return self._both().mode[..., 0]

    @property
    def variance(self) -> Any:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.square() * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._both().rsample(sample_shape)[..., 0]

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return self._both().log_prob(stack([value, 1 - value], -1))

    def entropy(self) -> Any:
        return self._both().entropy()

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (self.concentration1, self.concentration0)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        x, y = natural_params
        return lgamma(x) + lgamma(y) - lgamma(x + y)
