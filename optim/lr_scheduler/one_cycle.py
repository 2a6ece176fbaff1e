"""The 1cycle schedule."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.optim.lr_scheduler.base import Rates, check_optimizer, for_each_group
from autograd_core.optim.lr_scheduler.momentum import MomentumCycle
from autograd_core.optim.optimizer import Optimizer


class OneCycleLR(MomentumCycle):
    """Let the learning rate rise to `max_lr` and fall to almost nothing, once.

    Meant to be stepped after every batch. The rate starts at `max_lr / div_factor`, reaches
    `max_lr` after the share `pct_start` of the steps, and ends at a `final_div_factor`-th of where
    it started. In three phases it first returns to the start, as fast as it rose. Momentum goes
    the other way.

    Args:
        optimizer: the optimizer whose rate is set.
        max_lr: the greatest rate, or a list, one per parameter group.
        total_steps: steps in all; or give `epochs` and `steps_per_epoch`.
        epochs: epochs in all.
        steps_per_epoch: steps in each.
        pct_start: share of the steps on the way up; default 0.3.
        anneal_strategy: "cos" (default), along a cosine wave, or "linear".
        cycle_momentum: move the momentum (or the first of the betas) too; default True.
        base_momentum: its lower bound, or a list; default 0.85.
        max_momentum: its upper bound, or a list; default 0.95.
        div_factor: `max_lr` over the first rate; default 25.
        final_div_factor: the first rate over the last; default 1e4.
        three_phase: fall to the first rate before the final fall; default False.
        last_epoch: the last step that was taken; default -1, a new start.

    Raises:
        TypeError: `optimizer` is not an Optimizer.
        ValueError: the number of steps is not given or not positive, `pct_start` is no number in
            [0, 1], `anneal_strategy` is unknown, a list has a wrong length, or momentum shall be
            moved and the optimizer has none. In `step`: there are no more steps.

    Source: PyTorch's ``torch.optim.lr_scheduler.OneCycleLR``; Smith and Topin, "Super-convergence:
    very fast training of neural networks using large learning rates" (2019).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], momentum=0.9)
        >>> scheduler = optim.lr_scheduler.OneCycleLR(opt, max_lr=1.0, total_steps=10)
        >>> for _ in range(2):
        ...     opt.step()
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer("OneCycleLR", optimizer)
        self.optimizer = optimizer
        if total_steps is not None:
            self.total_steps = _positive("total_steps", total_steps)
        elif epochs is not None and steps_per_epoch is not None:
            self.total_steps = _positive("epochs", epochs) * _positive(
                "steps_per_epoch", steps_per_epoch
            )
        else:
            raise ValueError(
                "OneCycleLR: You must define either total_steps OR (epochs AND steps_per_epoch)"
            )
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(
                f"OneCycleLR: Expected float between 0 and 1 pct_start, but got {pct_start}"
            )
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                "OneCycleLR: anneal_strategy must be one of 'cos' or 'linear', instead got "
                f"{anneal_strategy}"
            )
        self._anneal_func_type = anneal_strategy
        peak, last = pct_start * self.total_steps - 1, self.total_steps - 1
        if three_phase:
            valley = 2 * pct_start * self.total_steps - 2
            self._schedule_phases = [
                _phase(peak, "initial_lr", "max_lr", "max_momentum", "base_momentum"),
                _phase(valley, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                _phase(last, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
            ]
        else:
            self._schedule_phases = [
                _phase(peak, "initial_lr", "max_lr", "max_momentum", "base_momentum"),
                _phase(last, "max_lr", "min_lr", "base_momentum", "max_momentum"),
            ]
        highest = for_each_group("OneCycleLR: max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, highest, strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._start_momenta(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """Return the rates of step `last_epoch`, and set its momenta."""
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"OneCycleLR: Tried to step {step} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        start = 0.0
        for phase in self._schedule_phases[:-1]:
            if step <= phase["end_step"]:
                break
            start = phase["end_step"]
        else:
            phase = self._schedule_phases[-1]
        length = phase["end_step"] - start
        share = (step - start) / length if length else 1.0
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._between(group[phase["start_lr"]], group[phase["end_lr"]], share))
            if self.cycle_momentum:
                bounds = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(group, self._between(*bounds, share))
        return rates

    def _between(self, start: Any, end: Any, share: float) -> Any:
        if self._anneal_func_type == "cos":
            return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)
        return (end - start) * share + start


def _phase(end: float, lr: str, next_lr: str, momentum: str, next_momentum: str) -> dict[str, Any]:
    """When a phase ends, and between which options of the groups it leads."""
    return {
        "end_step": end,
        "start_lr": lr,
        "end_lr": next_lr,
        "start_momentum": momentum,
        "end_momentum": next_momentum,
    }


def _positive(name: str, value: Any) -> int:
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"OneCycleLR: Expected positive integer {name}, but got {value}")
    return value
