"""TransformedDistribution: the distribution of a function of random values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.independent import Independent
from autograd_core.distributions.transforms.base import ComposeTransform, Transform
from autograd_core.distributions.utils import as_size, sum_rightmost
from autograd_core.grad_mode import no_grad


class TransformedDistribution(Distribution):
    """The distribution of ``transform(x)`` where x has the base distribution.

    Args:
        base_distribution: The distribution of x.
        transforms: A transform, or a list of them, the first applied first.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: ``transforms`` are none, or need more dimensions than the base has.

    Source: PyTorch, ``torch.distributions.TransformedDistribution``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import Normal, TransformedDistribution, transforms
        >>> log_normal = TransformedDistribution(Normal(0.0, 1.0), transforms.ExpTransform())
        >>> log_normal.log_prob(ag.tensor(2.0))
        tensor(-1.8523)
    """

    arg_constraints: ClassVar[Any] = {}

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if not all(isinstance(one, Transform) for one in self.transforms):
            raise ValueError(
                f"TransformedDistribution: expected transforms, got {self.transforms!r}"
            )
        whole = ComposeTransform(self.transforms)
        base_event = len(base_distribution.event_shape)
        base_shape = (*base_distribution.batch_shape, *base_distribution.event_shape)
        needed = whole.domain.event_dim
        if len(base_shape) < needed:
            raise ValueError(
                f"TransformedDistribution: the transforms take values of {needed} dimensions, the "
                f"base distribution has only shape {tuple(base_shape)}"
            )
        shape = as_size(whole.forward_shape(base_shape))
        wide = whole.inverse_shape(shape)
        if tuple(wide) != tuple(base_shape):  # parameters of the transforms broadcast
            base_distribution = base_distribution.expand(wide[: len(wide) - base_event])
        if needed > base_event:
            base_distribution = Independent(base_distribution, needed - base_event)
        self.base_dist = base_distribution
        change = whole.codomain.event_dim - needed
        cut = len(shape) - max(whole.codomain.event_dim, base_event + change)
        super().__init__(shape[:cut], shape[cut:], validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = super().expand(batch_shape, _instance)
        shape: Any = (*batch_shape, *self.event_shape)
        for transform in reversed(self.transforms):
            shape = transform.inverse_shape(shape)
        cut = len(shape) - len(self.base_dist.event_shape)
        new.base_dist = self.base_dist.expand(shape[:cut])
        return new

    @property
    def has_rsample(self) -> bool:
        return self.base_dist.has_rsample

    @constraints.dependent_property(is_discrete=False)
    def support(self) -> Any:
        if not self.transforms:
            return self.base_dist.support
        support = self.transforms[-1].codomain
        more = len(self.event_shape) - support.event_dim
        return constraints.independent(support, more) if more > 0 else support

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return self._transformed(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._transformed(self.base_dist.rsample(sample_shape))

    def _transformed(self, value: Any) -> Any:
        for transform in self.transforms:
            value = transform(value)
        return value

    def _undone(self, value: Any) -> Any:
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        return value

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        dims = len(self.event_shape)
        total: Any = 0
        for transform in reversed(self.transforms):
            before = transform.inv(value)
            dims += transform.domain.event_dim - transform.codomain.event_dim
            term = transform.log_abs_det_jacobian(before, value)
            total = total + sum_rightmost(term, dims - transform.domain.event_dim)
            value = before
        base = self.base_dist.log_prob(value)
        return sum_rightmost(base, dims - len(self.base_dist.event_shape)) - total

    def _rising(self, chance: Any) -> Any:
        """``chance`` where the transforms rise together, ``1 - chance`` where they fall."""
        sign: Any = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        if isinstance(sign, int):
            return chance if sign == 1 else 1 - chance
        return sign * (chance - 0.5) + 0.5

    def cdf(self, value: Any) -> Any:
        value = self._undone(value)
        if self._validate_args:
            self.base_dist._validate_sample(value)
        return self._rising(self.base_dist.cdf(value))

    def icdf(self, value: Any) -> Any:
        return self._transformed(self.base_dist.icdf(self._rising(value)))
