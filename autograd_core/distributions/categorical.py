"""Distributions over categories: one, one as a vector, many counted."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.creation import arange, eye, ones_like
from autograd_core.creation_more import broadcast_shapes
from autograd_core.distributions import constraints
from autograd_core.distributions.counts import Binomial
from autograd_core.distributions.logits import ManyProbabilities
from autograd_core.distributions.utils import as_size, broadcast_all
from autograd_core.draws import multinomial
from autograd_core.grad_mode import no_grad
from autograd_core.limits import finfo
from autograd_core.ops.embedding import one_hot
from autograd_core.ops.gamma import lgamma
from autograd_core.ops.selection import where


def drawn_categories(probs: Any, sample_shape: Any, batch_shape: Any) -> Any:
    """Indices drawn with the probabilities in the last dimension."""
    count = as_size(sample_shape).numel()
    shape = (*sample_shape, *batch_shape)
    if 0 in shape:
        return probs.new_empty(shape, dtype="int64")
    with no_grad():
        rows = probs.reshape(-1, probs.shape[-1])
        return multinomial(rows, count, replacement=True).T.reshape(shape)


def categories_entropy(logits: Any, probs: Any) -> Any:
    """The entropy of the categories; those of probability 0 add nothing."""
    return -(logits.clamp(min=finfo(logits.dtype).min) * probs).sum(-1)


class Categorical(ManyProbabilities):
    """The index of a category.

    Args:
        probs: The probabilities, ``(..., n)``, perhaps not normalised; or
        logits: their logarithms.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none; or the parameter has no dimension.

    Source: PyTorch, ``torch.distributions.Categorical``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions import Categorical
        >>> policy = Categorical(logits=ag.zeros(4, requires_grad=True))
        >>> policy.log_prob(ag.tensor(2)).backward()
        >>> Categorical(ag.tensor([0.0, 1.0])).sample((3,))
        tensor([1, 1, 1])
    """

    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(probs, logits, 0, validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Any:
        return self.probs.new_full(self._extended_shape(), math.nan)

    @property
    def mode(self) -> Any:
        return self.probs.argmax(-1)

    @property
    def variance(self) -> Any:
        return self.probs.new_full(self._extended_shape(), math.nan)

    def sample(self, sample_shape: Any = ()) -> Any:
        return drawn_categories(self.probs, sample_shape, self.batch_shape)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return chosen_logits(self.logits, value.long())

    def entropy(self) -> Any:
        return categories_entropy(self.logits, self.probs)

    def enumerate_support(self, expand: bool = True) -> Any:
        values = arange(self._num_events, device=self._param.device)
        values = values.reshape(-1, *[1] * len(self.batch_shape))
        return values.expand(-1, *self.batch_shape) if expand else values


def chosen_logits(logits: Any, index: Any) -> Any:
    """The element of the last dimension that ``index`` names."""
    shape = broadcast_shapes(index.shape, logits.shape[:-1])
    logits = logits.expand(*shape, logits.shape[-1])
    return logits.gather(-1, index.expand(shape).unsqueeze(-1)).squeeze(-1)


class OneHotCategorical(ManyProbabilities):
    """A category, as a vector that is 1 at its index and 0 elsewhere.

    Args:
        probs: The probabilities, ``(..., n)``, perhaps not normalised; or
        logits: their logarithms.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none; or the parameter has no dimension.

    Source: PyTorch, ``torch.distributions.OneHotCategorical``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.OneHotCategorical(ag.tensor([0.0, 1.0])).sample()
        tensor([0., 1.])
    """

    support: Any = constraints.one_hot
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(probs, logits, 1, validate_args)

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        return self._vectors(self.probs.argmax(-1))

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def _vectors(self, indices: Any) -> Any:
        return one_hot(indices, self._num_events).to(self._param.dtype)

    def sample(self, sample_shape: Any = ()) -> Any:
        return self._vectors(drawn_categories(self.probs, sample_shape, self.batch_shape))

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return chosen_logits(self.logits, value.argmax(-1))

    def entropy(self) -> Any:
        return categories_entropy(self.logits, self.probs)

    def enumerate_support(self, expand: bool = True) -> Any:
        count = self._num_events
        values = eye(count, dtype=self._param.dtype, device=self._param.device)
        values = values.reshape(count, *[1] * len(self.batch_shape), count)
        return values.expand(count, *self.batch_shape, count) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """:class:`OneHotCategorical` whose samples pass gradients on to the probabilities as they are.

    Source: PyTorch, ``torch.distributions.OneHotCategoricalStraightThrough``; Bengio, Leonard and
    Courville, "Estimating or propagating gradients through stochastic neurons" (2013).
    """

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.sample(sample_shape) + (self.probs - self.probs.detach())


class Multinomial(ManyProbabilities):
    """How often each category comes in ``total_count`` draws.

    Args:
        total_count: The number of draws.
        probs: The probabilities, ``(..., n)``, perhaps not normalised; or
        logits: their logarithms.
        validate_args: Whether arguments are checked.

    Raises:
        NotImplementedError: ``total_count`` is no integer.
        ValueError: Both parameters are given, or none; or the parameter has no dimension.

    Source: PyTorch, ``torch.distributions.Multinomial``.

    Example:
        >>> import autograd_core as ag
        >>> ag.distributions.Multinomial(5, ag.tensor([0.0, 1.0])).sample()
        tensor([0., 5.])
    """

    def __init__(
        self,
        total_count: int = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError(
                f"Multinomial: total_count must be one integer for all, got {total_count!r}"
            )
        self.total_count = total_count
        super().__init__(probs, logits, 1, validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> Any:
        return constraints.multinomial(self.total_count)

    @property
    def mean(self) -> Any:
        return self.probs * self.total_count

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = (self.total_count, *sample_shape)
        drawn = drawn_categories(self.probs, shape, self.batch_shape).movedim(0, -1)
        counts = drawn.new_zeros(self._extended_shape(sample_shape))
        return counts.scatter_add(-1, drawn, ones_like(drawn)).to(self._param.dtype)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        logits = where((value == 0) & (logits == -math.inf), 0, logits)
        ways = lgamma(value.sum(-1) + 1) - lgamma(value + 1).sum(-1)
        return ways + (logits * value).sum(-1)

    def entropy(self) -> Any:
        # Of the ways, by the counts of each category, which are binomial.
        counts = Binomial(self.total_count, probs=self.probs, validate_args=False)
        values = counts.enumerate_support(expand=False)
        repeats = (counts.log_prob(values).exp() * lgamma(values + 1)).sum((0, -1))
        draws = self.total_count * categories_entropy(self.logits, self.probs)
        return draws - math.lgamma(self.total_count + 1) + repeats
