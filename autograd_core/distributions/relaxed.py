"""Relaxed discrete distributions: continuous ones near them, with differentiable samples."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd_core.distributions import constraints
from autograd_core.distributions.logits import ManyProbabilities, OneProbability
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.transforms import ExpTransform, SigmoidTransform
from autograd_core.distributions.utils import broadcast_all, clamp_probs, like
from autograd_core.ops.activation_smooth import logsigmoid
from autograd_core.ops.explog import log, log1p
from autograd_core.ops.gamma import lgamma


class LogitRelaxedBernoulli(OneProbability):
    """The log-odds of a :class:`RelaxedBernoulli`.

    Args:
        temperature: How far from the discrete values samples are, positive.
        probs: The probability of 1; or
        logits: its log-odds.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none.

    Source: PyTorch, ``torch.distributions.LogitRelaxedBernoulli``; Maddison, Mnih and Teh, "The
    concrete distribution" (2017).
    """

    support: Any = constraints.real
    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        super().__init__(probs, logits, validate_args)
        self.temperature = broadcast_all(temperature, self._param.new_empty(()))[0]

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        probs = clamp_probs(self.probs.expand(shape))
        noise = clamp_probs(like(probs, shape).uniform_())
        odds = log(noise) - log1p(-noise) + log(probs) - log1p(-probs)
        return odds / self.temperature

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        off = logits - value * self.temperature
        return log(self.temperature) + off + 2 * logsigmoid(-off)


class RelaxedBernoulli(TransformedDistribution):
    """A number between 0 and 1, near a Bernoulli number at low temperatures.

    Args:
        temperature: How far from 0 and 1 samples are, positive.
        probs: The probability of 1; or
        logits: its log-odds.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none.

    Source: PyTorch, ``torch.distributions.RelaxedBernoulli``; Maddison, Mnih and Teh, "The
    concrete distribution" (2017).

    Example:
        >>> import autograd_core as ag
        >>> p = ag.tensor([0.1, 0.9], requires_grad=True)
        >>> ag.distributions.RelaxedBernoulli(0.5, p).rsample().requires_grad
        True
    """

    arg_constraints: ClassVar[Any] = {
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    support: Any = constraints.unit_interval
    has_rsample = True
    base_dist: LogitRelaxedBernoulli

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        base = LogitRelaxedBernoulli(temperature, probs, logits, validate_args)
        super().__init__(base, SigmoidTransform(), validate_args)

    @property
    def temperature(self) -> Any:
        """How far from 0 and 1 samples are."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Any:
        """The log-odds of 1."""
        return self.base_dist.logits

    @property
    def probs(self) -> Any:
        """The probability of 1."""
        return self.base_dist.probs


class ExpRelaxedCategorical(ManyProbabilities):
    """The logarithms of a :class:`RelaxedOneHotCategorical`.

    Args:
        temperature: How far from the corners samples are, positive.
        probs: The probabilities, perhaps not normalised; or
        logits: their logarithms.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none.

    Source: PyTorch, ``torch.distributions.relaxed_categorical.ExpRelaxedCategorical``; Maddison,
    Mnih and Teh, "The concrete distribution" (2017).
    """

    # (Only those whose exponentials add up to 1, in fact.)
    support: Any = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        super().__init__(probs, logits, 1, validate_args)
        self.temperature = broadcast_all(temperature, self._param.new_empty(()))[0]

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = clamp_probs(like(self.logits, self._extended_shape(sample_shape)).uniform_())
        scores = (self.logits - log(-log(noise))) / self.temperature
        return scores - scores.logsumexp(-1, keepdim=True)

    def log_prob(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        count = self._num_events
        scores = logits - value * self.temperature
        norm = lgamma(scores.new_full((), count)) + (count - 1) * log(self.temperature)
        return (scores - scores.logsumexp(-1, keepdim=True)).sum(-1) + norm


class RelaxedOneHotCategorical(TransformedDistribution):
    """Shares that add up to 1, near a one-hot vector at low temperatures.

    Args:
        temperature: How far from the corners samples are, positive.
        probs: The probabilities, perhaps not normalised; or
        logits: their logarithms.
        validate_args: Whether arguments are checked.

    Raises:
        ValueError: Both are given, or none.

    Source: PyTorch, ``torch.distributions.RelaxedOneHotCategorical``; Jang, Gu and Poole,
    "Categorical reparameterization with Gumbel-softmax" (2017).

    Example:
        >>> import autograd_core as ag
        >>> soft = ag.distributions.RelaxedOneHotCategorical(0.5, logits=ag.zeros(3))
        >>> round(soft.rsample().sum().item(), 5)
        1.0
    """

    arg_constraints: ClassVar[Any] = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }
    support: Any = constraints.simplex
    has_rsample = True
    base_dist: ExpRelaxedCategorical

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args)
        super().__init__(base, ExpTransform(), validate_args)

    @property
    def temperature(self) -> Any:
        """How far from the corners samples are."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Any:
        """The logarithms of the probabilities."""
        return self.base_dist.logits

    @property
    def probs(self) -> Any:
        """The probabilities."""
        return self.base_dist.probs
