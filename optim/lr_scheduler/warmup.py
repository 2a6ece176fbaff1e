"""The usual schedules of large models: a warm-up, and then a fall."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograd_core.optim.lr_scheduler.function import LambdaLR
from autograd_core.optim.optimizer import Optimizer

_FALLS = {
    "linear": lambda share: 1 - share,
    "cosine": lambda share: (1 + math.cos(math.pi * share)) / 2,
    "sqrt": lambda share: 1 - math.sqrt(share),
}


@dataclass
class _WarmupStableDecay:
    """The factor of the initial rate at a step: three phases, and the last factor from then on."""

    warmup_steps: int
    stable_steps: int
    decay_steps: int
    start_factor: float
    min_factor: float
    decay: str

    def __call__(self, step: int) -> float:
        if step < self.warmup_steps:
            return self.start_factor + (1 - self.start_factor) * step / self.warmup_steps
        fallen = step - self.warmup_steps - self.stable_steps
        if fallen < 0:
            return 1.0
        share = min(1.0, fallen / self.decay_steps) if self.decay_steps else 1.0
        return self.min_factor + (1 - self.min_factor) * _FALLS[self.decay](share)


def warmup_stable_decay(
    optimizer: Optimizer,
    warmup_steps: int,
    stable_steps: int,
    decay_steps: int,
    *,
    decay: str = "linear",
    start_factor: float = 0.0,
    min_factor: float = 0.0,
    last_epoch: int = -1,
) -> LambdaLR:
    """Make a schedule that warms up, stays at the optimizer's rates, and falls at the end.

    Meant to be stepped after every batch. The middle can be made longer without beginning anew,
    since the fall does not depend on the number of steps before it.

    Args:
        optimizer: the optimizer whose rate is set.
        warmup_steps: steps in which the rate rises in a straight line.
        stable_steps: steps at the initial rate.
        decay_steps: steps of the fall.
        decay: shape of the fall: "linear" (default), "cosine" or "sqrt", `1 - sqrt(share)`.
        start_factor: factor of the initial rate in the first step; default 0.
        min_factor: factor at the end; default 0.
        last_epoch: the last step that was taken; default -1, a new start.

    Returns:
        The schedule.

    Raises:
        ValueError: a number of steps or a factor is negative, or `decay` is unknown.

    Source: Hu et al., "MiniCPM" (2024); Hägele et al., "Scaling laws and compute-optimal training
    beyond fixed training durations" (2024).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.warmup_stable_decay(opt, 2, 2, 2)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += scheduler.get_last_lr()
        ...     opt.step()
        ...     scheduler.step()
        >>> rates
        [0.0, 0.5, 1.0, 1.0, 1.0, 0.5]
    """
    numbers = {
        "warmup_steps": warmup_steps,
        "stable_steps": stable_steps,
        "decay_steps": decay_steps,
        "start_factor": start_factor,
        "min_factor": min_factor,
    }
    for name, value in numbers.items():
        if not value >= 0:
            raise ValueError(f"warmup_stable_decay: expected {name} >= 0, got {value}")
    if decay not in _FALLS:
        raise ValueError(
            f"warmup_stable_decay: decay must be one of {', '.join(map(repr, _FALLS))}, got "
            f"{decay!r}"
        )
    factor = _WarmupStableDecay(
        warmup_steps, stable_steps, decay_steps, start_factor, min_factor, decay
    )
    return LambdaLR(optimizer, factor, last_epoch)


def warmup_cosine(
    optimizer: Optimizer,
    warmup_steps: int,
    total_steps: int,
    *,
    start_factor: float = 0.0,
    min_factor: float = 0.0,
    last_epoch: int = -1,
) -> LambdaLR:
    """Make a schedule that warms up and then falls along half a cosine wave.

    Meant to be stepped after every batch.

    Args:
        optimizer: the optimizer whose rate is set.
        warmup_steps: steps in which the rate rises in a straight line to its initial value.
        total_steps: steps in all, the warm-up included.
        start_factor: factor of the initial rate in the first step; default 0.
        min_factor: factor at the end; default 0.
        last_epoch: the last step that was taken; default -1, a new start.

    Returns:
        The schedule.

    Raises:
        ValueError: a number of steps or a factor is negative, or the warm-up is too long.

    Source: Loshchilov and Hutter, "SGDR" (2017); Goyal et al., "Accurate, large minibatch SGD"
    (2017), for the warm-up.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.warmup_cosine(opt, 2, 4)
        >>> rates = []
        >>> for _ in range(4):
        ...     rates += scheduler.get_last_lr()
        ...     opt.step()
        ...     scheduler.step()
        >>> rates
        [0.0, 0.5, 1.0, 0.5]
    """
    if not 0 <= warmup_steps <= total_steps:
        raise ValueError(
            "warmup_cosine: expected 0 <= warmup_steps <= total_steps, got "
            f"warmup_steps={warmup_steps}, total_steps={total_steps}"
        )
    return warmup_stable_decay(
        optimizer,
        warmup_steps,
        0,
        total_steps - warmup_steps,
        decay="cosine",
        start_factor=start_factor,
        min_factor=min_factor,
        last_epoch=last_epoch,
    )
