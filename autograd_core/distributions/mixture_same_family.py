"""Mixtures of distributions of one family."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd_core.creation_more import broadcast_shapes
from autograd_core.distributions import constraints
from autograd_core.distributions.categorical import Categorical
from autograd_core.distributions.distribution import Distribution
from autograd_core.grad_mode import no_grad


class MixtureSameFamily(Distribution):
    """A mixture: one of several distributions is chosen, and a value drawn from it.

    Args:
        mixture_distribution: The :class:`Categorical` that chooses.
        component_distribution: The distributions to choose from, along its last batch dimension.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: The arguments are no such distributions, or their numbers or batch shapes do
            not fit.

    Source: PyTorch, ``torch.distributions.MixtureSameFamily``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import Categorical, MixtureSameFamily, Normal
        >>> two = Normal(ag.tensor([-1.0, 1.0]), 0.5)
        >>> MixtureSameFamily(Categorical(ag.ones(2)), two).log_prob(ag.tensor(1.0))
        tensor(-0.9186)
    """

    arg_constraints: ClassVar[Any] = {}

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                f"MixtureSameFamily: mixture_distribution must be a Categorical, got "
                f"{type(mixture_distribution).__name__}"
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                f"MixtureSameFamily: component_distribution must be a distribution, got "
                f"{type(component_distribution).__name__}"
            )
        batch, count = component_distribution.batch_shape, mixture_distribution._num_events
        if not batch or batch[-1] != count:
            raise ValueError(
                f"MixtureSameFamily: {count} categories choose from a component_distribution of "
                f"batch_shape {tuple(batch)}, which should end in {count}"
            )
        try:
            broadcast_shapes(mixture_distribution.batch_shape, batch[:-1])
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"MixtureSameFamily: batch shapes do not fit: {error}") from error
        self._mixture, self._components = mixture_distribution, component_distribution
        super().__init__(batch[:-1], component_distribution.event_shape, validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = super().expand(batch_shape, _instance)
        count = self._mixture._num_events
        new._components = self._components.expand((*batch_shape, count))
        new._mixture = self._mixture.expand(batch_shape)
        return new

    @property
    def mixture_distribution(self) -> Categorical:
        """The distribution that chooses."""
        return self._mixture

    @property
    def component_distribution(self) -> Distribution:
        """The distributions to choose from."""
        return self._components

    @constraints.dependent_property
    def support(self) -> Any:
        return constraints.MixtureSameFamilyConstraint(self._components.support)

    @property
    def _dim(self) -> int:
        """The dimension of the components in their values."""
        return -1 - len(self._event_shape)

    def _weighted(self, values: Any) -> Any:
        """The mean of the components' values, by their probabilities."""
        probs = self._mixture.probs
        ones = [1] * len(self._event_shape)
        return (probs.reshape(*probs.shape, *ones) * values).sum(self._dim)

    @property
    def mean(self) -> Any:
        return self._weighted(self._components.mean)

    @property
    def variance(self) -> Any:
        off = self._components.mean - self.mean.unsqueeze(self._dim)
        return self._weighted(self._components.variance + off.square())

    def cdf(self, value: Any) -> Any:
        return self._weighted(self._components.cdf(value.unsqueeze(self._dim)))

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        each = self._components.log_prob(value.unsqueeze(self._dim))
        return (each + self._mixture.logits.log_softmax(-1)).logsumexp(-1)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            shape = (*sample_shape, *self._batch_shape)
            chosen = self._mixture.sample(sample_shape)
            values = self._components.sample(sample_shape)
            dim = len(shape)
            event = self._event_shape
            ones = [1] * (len(shape) - chosen.ndim)
            chosen = chosen.reshape(*sample_shape, *ones, *chosen.shape[len(sample_shape) :])
            chosen = chosen.expand(shape).reshape(*shape, 1, *[1] * len(event))
            return values.gather(dim, chosen.expand(*shape, 1, *event)).squeeze(dim)

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self._mixture!r},\n  {self._components!r})"
