"""Independent: batch dimensions that become part of the event."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.utils import as_size, sum_rightmost


class Independent(Distribution):
    """A distribution whose last batch dimensions are dimensions of the event.

    Args:
        base_distribution: The distribution.
        reinterpreted_batch_ndims: How many of its batch dimensions.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: There are not that many.

    Source: PyTorch, ``torch.distributions.Independent``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import Independent, Normal
        >>> diagonal = Independent(Normal(ag.zeros(2, 3), 1.0), 1)
        >>> diagonal.batch_shape, diagonal.event_shape
        (autograd_core.Size([2]), autograd_core.Size([3]))
        >>> diagonal.log_prob(ag.zeros(2, 3)).shape
        autograd_core.Size([2])
    """

    arg_constraints: ClassVar[Any] = {}

    def __init__(
        self,
        base_distribution: Distribution,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        batch = base_distribution.batch_shape
        cut = len(batch) - reinterpreted_batch_ndims
        if cut < 0:
            raise ValueError(
                f"Independent: reinterpreted_batch_ndims={reinterpreted_batch_ndims}, but the base "
                f"distribution has batch_shape {tuple(batch)}"
            )
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        event = (*batch[cut:], *base_distribution.event_shape)
        super().__init__(batch[:cut], event, validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = super().expand(batch_shape, _instance)
        inner = self.event_shape[: self.reinterpreted_batch_ndims]
        new.base_dist = self.base_dist.expand(as_size((*batch_shape, *inner)))
        return new

    @property
    def has_rsample(self) -> bool:
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self) -> bool:
        return not self.reinterpreted_batch_ndims and self.base_dist.has_enumerate_support

    @constraints.dependent_property
    def support(self) -> Any:
        inner = self.base_dist.support
        dims = self.reinterpreted_batch_ndims
        return constraints.independent(inner, dims) if dims else inner

    @property
    def mean(self) -> Any:
        return self.base_dist.mean

    @property
    def mode(self) -> Any:
        return self.base_dist.mode

    @property
    def variance(self) -> Any:
        return self.base_dist.variance

    def sample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Any:
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self, expand: bool = True) -> Any:
        if self.reinterpreted_batch_ndims:
            raise NotImplementedError("Independent: all combinations of values are not enumerated")
        return self.base_dist.enumerate_support(expand)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist!r}, {self.reinterpreted_batch_ndims})"
