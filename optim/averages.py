"""How averages of weights move on: exponentially (EMA), or to the mean of all (SWA)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.grad_mode import no_grad
from autograd_core.optim.options import number
from autograd_core.optim.update import Update, Updates
from autograd_core.tensor import Tensor

AverageFunction = Callable[[Tensor, Tensor, Any], Tensor]
AveragesFunction = Callable[[Sequence[Tensor], Sequence[Tensor], Any], None]


def average_step(xp: Any, average: Any, current: Any, *, share: float) -> None:
    """Move `average` in place towards `current`, by a share of the way.

    Args:
        xp: the array library.
        average: the average.
        current: the newest values, only read.
        share: their share.

    Example:
        >>> import numpy as np
        >>> average = np.zeros(2)
        >>> average_step(np, average, np.ones(2), share=0.25)
        >>> average
        array([0.25, 0.25])
    """
    average += share * (current - average)


def get_ema_avg_fn(decay: float = 0.999) -> AverageFunction:
    """Return a function that gives the next exponential average of one Tensor.

    Args:
        decay: the old average's share; default 0.999.

    Returns:
        `function(average, current, num_averaged)`, for `AveragedModel(avg_fn=...)`.

    Raises:
        ValueError: `decay` is not in [0, 1].

    Source: PyTorch's ``torch.optim.swa_utils.get_ema_avg_fn``.

    Example:
        >>> import autograd_core as ag
        >>> get_ema_avg_fn(0.75)(ag.zeros(2), ag.ones(2), 1)
        tensor([0.2500, 0.2500])
    """
    _check_decay("get_ema_avg_fn", decay)

    @no_grad()
    def ema_update(average: Tensor, current: Tensor, num_averaged: Any) -> Tensor:
        return decay * average + (1 - decay) * current

    return ema_update


def get_swa_avg_fn() -> AverageFunction:
    """Return a function that gives the mean of one Tensor's values so far and the newest.

    Returns:
        `function(average, current, num_averaged)`, for `AveragedModel(avg_fn=...)`.

    Source: PyTorch's ``torch.optim.swa_utils.get_swa_avg_fn``.

    Example:
        >>> import autograd_core as ag
        >>> get_swa_avg_fn()(ag.zeros(2), ag.ones(2), 3)
        tensor([0.2500, 0.2500])
    """

    @no_grad()
    def swa_update(average: Tensor, current: Tensor, num_averaged: Any) -> Tensor:
        return average + (current - average) / (num_averaged + 1)

    return swa_update


def get_ema_multi_avg_fn(decay: float = 0.999) -> AveragesFunction:
    """Return a function that moves exponential averages of many Tensors on, together.

    Args:
        decay: the old averages' share; default 0.999.

    Returns:
        `function(averages, currents, num_averaged)`, which changes the averages in place, for
        `AveragedModel(multi_avg_fn=...)`.

    Raises:
        ValueError: `decay` is not in [0, 1].

    Source: PyTorch's ``torch.optim.swa_utils.get_ema_multi_avg_fn``.

    Example:
        >>> import autograd_core as ag
        >>> averages = [ag.zeros(2), ag.ones(1)]
        >>> get_ema_multi_avg_fn(0.75)(averages, [ag.ones(2), ag.ones(1)], 1)
        >>> averages[0]
        tensor([0.2500, 0.2500])
    """
    _check_decay("get_ema_multi_avg_fn", decay)

    def ema_update(averages: Sequence[Tensor], currents: Sequence[Tensor], _: Any) -> None:
        _move(averages, currents, 1 - decay)

    return ema_update


def get_swa_multi_avg_fn() -> AveragesFunction:
    """Return a function that moves means of many Tensors on, together.

    Returns:
        `function(averages, currents, num_averaged)`, which changes the averages in place, for
        `AveragedModel(multi_avg_fn=...)`.

    Source: PyTorch's ``torch.optim.swa_utils.get_swa_multi_avg_fn``.

    Example:
        >>> import autograd_core as ag
        >>> averages = [ag.zeros(2)]
        >>> get_swa_multi_avg_fn()(averages, [ag.ones(2)], 3)
        >>> averages[0]
        tensor([0.2500, 0.2500])
    """

    def swa_update(
        averages: Sequence[Tensor], currents: Sequence[Tensor], num_averaged: Any
    ) -> None:
        _move(averages, currents, 1 / (number(num_averaged) + 1))

    return swa_update


@no_grad()
def _move(averages: Sequence[Tensor], currents: Sequence[Tensor], share: float) -> None:
    updates = Updates("averaging")
    for average, current in zip(averages, currents, strict=True):
        if average.is_floating_point() or average.is_complex():
            updates.add(average, current, Update(average_step, (), {"share": share}), {})
        else:  # counts and the like, which are rounded down
            average.copy_(average + share * (current - average))
    updates.run()


def _check_decay(where: str, decay: float) -> None:
    if not 0 <= decay <= 1:
        raise ValueError(
            f"{where}: Invalid decay value {decay} provided. Please provide a value in [0,1] range."
        )
