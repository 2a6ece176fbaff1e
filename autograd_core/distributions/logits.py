"""Parameters that are given as probabilities or as logits, and known as either."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd_core.distributions import constraints
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.utils import (
    broadcast_all,
    lazy_property,
    logits_to_probs,
    probs_to_logits,
)
from autograd_core.size import Size


def chosen(name: str, probs: Any, logits: Any) -> str:
    """Which of the two is given.

    Raises:
        ValueError: Both are, or none.
    """
    if (probs is None) == (logits is None):
        given = "none" if probs is None else "both"
        raise ValueError(f"{name}: expected either probs or logits, got {given}")
    return "logits" if probs is None else "probs"


class OneProbability(Distribution):
    """What a probability describes: ``probs``, or the log-odds ``logits``."""

    arg_constraints: ClassVar[Any] = {
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._given = chosen(type(self).__name__, probs, logits)
        (self.__dict__[self._given],) = broadcast_all(logits if probs is None else probs)
        super().__init__(self._param.shape, validate_args=validate_args)

    @property
    def _param(self) -> Any:
        """The parameter that was given."""
        return self.__dict__[self._given]

    @lazy_property
    def logits(self) -> Any:
        """The log-odds of success."""
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self) -> Any:
        """The probability of success."""
        return logits_to_probs(self.logits, is_binary=True)

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._param.shape


class ManyProbabilities(Distribution):
    """What the probabilities of several categories describe: ``probs``, or their logarithms
    ``logits``, in the last dimension; either need not be normalised."""

    arg_constraints: ClassVar[Any] = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }

    def __init__(
        self, probs: Any, logits: Any, event_dims: int, validate_args: bool | None = None
    ) -> None:
        name = self._given = chosen(type(self).__name__, probs, logits)
        (value,) = broadcast_all(logits if probs is None else probs)
        if value.ndim < 1:
            raise ValueError(f"{type(self).__name__}: {name} must have at least one dimension")
        if name == "probs":
            self.__dict__[name] = value / value.sum(-1, keepdim=True)
        else:
            self.__dict__[name] = value - value.logsumexp(-1, keepdim=True)
        super().__init__(value.shape[:-1], value.shape[-1:] * event_dims, validate_args)

    @property
    def _param(self) -> Any:
        """The parameter that was given."""
        return self.__dict__[self._given]

    @property
    def _num_events(self) -> int:
        """The number of categories."""
        return self._param.shape[-1]

    @lazy_property
    def logits(self) -> Any:
        """The logarithms of the probabilities."""
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self) -> Any:
        """The probabilities."""
        return logits_to_probs(self.logits)

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._param.shape
