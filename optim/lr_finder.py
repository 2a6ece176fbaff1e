"""A range test for the learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from autograd_core.grad_mode import no_grad
from autograd_core.optim.lr_scheduler.base import current, set_rate
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import number
from autograd_core.tensor import Tensor


@dataclass(frozen=True)
class LRCurve:
    """How the loss went while the learning rate rose.

    Attributes:
        rates: the learning rates.
        losses: the loss before the step with each of them.
        smoothed: running means of the losses.
    """

    rates: list[float]
    losses: list[float]
    smoothed: list[float]

    @property
    def suggestion(self) -> float:
        """The rate at which the smoothed loss fell most steeply.

        A good learning rate is about that large; the loss should still fall at three times it.

        Raises:
            ValueError: there are fewer than two rates, or the loss never fell.
        """
        slopes = [after - before for before, after in zip(self.smoothed, self.smoothed[1:])]
        steepest = min(range(len(slopes)), key=slopes.__getitem__, default=None)
        # A loss that stays equal falls by rounding alone.
        if steepest is None or not slopes[steepest] < -1e-9 * abs(self.smoothed[steepest]):
            raise ValueError(
                "find_lr: the loss never fell; start from a smaller rate, or look for a mistake in "
                "the closure (does it call backward?)"
            )
        return self.rates[steepest]


def find_lr(
    optimizer: Optimizer,
    closure: Callable[[], Any],
    *,
    start: float = 1e-7,
    end: float = 10.0,
    steps: int = 100,
    smoothing: float = 0.9,
    diverged: float = 4.0,
    keep: Iterable[Any] = (),
) -> LRCurve:
    """Take steps with growing learning rates, to see which is good.

    The rate grows from `start` to `end` by a constant factor; the steps end early when the loss
    has become `diverged` times its least value, or is no number. Afterwards the parameters and the
    optimizer are as they were before. Where groups have different rates, the greatest is that of
    the test, and the others are in proportion.

    Args:
        optimizer: the optimizer.
        closure: computes the loss of the next batch, calls `zero_grad` and `backward`, and
            returns the loss, as for `optimizer.step`.
        start: the first rate; default 1e-7.
        end: the last rate; default 10.
        steps: how many; default 100.
        smoothing: share of the old mean in the running mean of the losses; default 0.9.
        diverged: how many times its least value ends the test; default 4.
        keep: what else to put back as it was, for example the model, whose normalisation layers
            have running values: anything with `state_dict` and `load_state_dict`.

    Returns:
        The rates and losses; its `suggestion` is a rate to begin with.

    Raises:
        ValueError: `start`, `end` or `steps` do not make a range.

    Source: Smith, "Cyclical learning rates for training neural networks" (2017), section 3.3.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([3.0], requires_grad=True)
        >>> opt = optim.SGD([w], lr=1.0)
        >>> def closure():
        ...     opt.zero_grad()
        ...     loss = (w * w).sum()
        ...     loss.backward()
        ...     return loss
        >>> curve = optim.find_lr(opt, closure, start=1e-4, steps=50)
        >>> 0.01 < curve.suggestion < 1, w.item(), opt.param_groups[0]["lr"]
        (True, 3.0, 1.0)
    """
    if not 0 < start < end or steps < 2:
        raise ValueError(
            f"find_lr: expected 0 < start < end and steps >= 2, got start={start}, end={end}, "
            f"steps={steps}"
        )
    kept = [(one, deepcopy(one.state_dict())) for one in (optimizer, *keep)]
    params = [p for group in optimizer.param_groups for p in group["params"]]
    before = [(p, p.detach().clone(), p.grad) for p in params]
    shares, rates = _shares(optimizer), [group["lr"] for group in optimizer.param_groups]
    curve = LRCurve([], [], [])
    mean, least = 0.0, math.inf
    try:
        for step in range(steps):
            rate = start * (end / start) ** (step / (steps - 1))
            for group, share in zip(optimizer.param_groups, shares, strict=True):
                set_rate(group, rate * share)
            loss = float(number(optimizer.step(closure)))
            mean = smoothing * mean + (1 - smoothing) * loss
            smoothed = mean / (1 - smoothing ** (step + 1))
            if not math.isfinite(loss):
                break
            curve.rates.append(rate)
            curve.losses.append(loss)
            curve.smoothed.append(smoothed)
            least = min(least, smoothed)
            if smoothed > diverged * least > 0:
                break
    finally:
        with no_grad():
            for p, value, grad in before:
                p.copy_(value)
                p.grad = grad
            for one, state in kept:
                one.load_state_dict(state)
            for group, own in zip(optimizer.param_groups, rates, strict=True):
                if isinstance(own, Tensor):  # the user's own object, and not a copy of it
                    own.copy_(group["lr"])
                    group["lr"] = own
    return curve


def _shares(optimizer: Optimizer) -> list[float]:
    """Each group's rate in proportion to the greatest; equal where all are 0."""
    rates = [float(number(rate)) for rate in current(optimizer)]
    greatest = max(rates)
    return [rate / greatest if greatest else 1.0 for rate in rates]
