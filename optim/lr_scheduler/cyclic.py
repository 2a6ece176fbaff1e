"""A schedule that goes up and down between two bounds, again and again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core.optim.lr_scheduler.base import (
    Rates,
    check_optimizer,
    for_each_group,
    set_rate,
)
from autograd_core.optim.lr_scheduler.function import saved_function
from autograd_core.optim.lr_scheduler.momentum import MomentumCycle
from autograd_core.optim.optimizer import Optimizer


class CyclicLR(MomentumCycle):
    """Let the learning rate rise and fall between two bounds in straight lines.

    Meant to be stepped after every batch. The height of the cycles can shrink: "triangular" keeps
    it, "triangular2" halves it after each cycle, "exp_range" multiplies it by `gamma` after each
    step. Momentum goes the other way.

    Args:
        optimizer: the optimizer whose rate is set.
        base_lr: the lower bound, or a list, one per parameter group.
        max_lr: the upper bound of the first cycle, or a list.
        step_size_up: steps of the way up; default 2000.
        step_size_down: steps of the way down; default as many as up.
        mode: "triangular" (default), "triangular2" or "exp_range"; ignored with `scale_fn`.
        gamma: the factor of "exp_range"; default 1.
        scale_fn: a function that gives the height's factor, with values in [0, 1]; default None.
        scale_mode: what `scale_fn` gets, the number of the "cycle" (default), from 1, or of the
            "iterations".
        cycle_momentum: move the momentum (or the first of the betas) too; default True.
        base_momentum: its lower bound, or a list; default 0.8.
        max_momentum: its upper bound, or a list; default 0.9.
        last_epoch: the last step that was taken; default -1, a new start.

    Raises:
        TypeError: `optimizer` is not an Optimizer.
        ValueError: `mode` is unknown, a list has a wrong length, or momentum shall be moved and
            the optimizer has none.

    Source: PyTorch's ``torch.optim.lr_scheduler.CyclicLR``; Smith, "Cyclical learning rates for
    training neural networks" (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], momentum=0.9)
        >>> scheduler = optim.lr_scheduler.CyclicLR(opt, base_lr=0.0, max_lr=1.0, step_size_up=2)
        >>> rates = []
        >>> for _ in range(4):
        ...     opt.step()
        ...     scheduler.step()
        ...     rates += scheduler.get_last_lr()
        >>> rates
        [0.5, 1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer("CyclicLR", optimizer)
        self.optimizer = optimizer
        base_lrs = for_each_group("CyclicLR: base_lr", optimizer, base_lr)
        self.max_lrs = for_each_group("CyclicLR: max_lr", optimizer, max_lr)
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(
                f"CyclicLR: mode is invalid and scale_fn is None: {mode!r}; expected "
                "'triangular', 'triangular2' or 'exp_range'"
            )
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, base_lrs, strict=True):
                set_rate(group, rate)
        up = float(step_size_up)
        self.total_size = up + (up if step_size_down is None else float(step_size_down))
        self.step_ratio = up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom: Any = scale_fn
        if scale_fn is None:
            scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._start_momenta(
                base_momentum, max_momentum, last_epoch
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """Return the height's factor.

        Args:
            x: the number of the cycle, from 1, or of the step, by `scale_mode`.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], momentum=0.9)
            >>> scheduler = optim.lr_scheduler.CyclicLR(opt, 0.1, 1.0, mode="triangular2")
            >>> scheduler.scale_fn(3)
            0.25
        """
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular2":
            return 1 / (2.0 ** (x - 1))
        return self.gamma**x if self.mode == "exp_range" else 1.0

    def get_lr(self) -> Rates:
        """Return the rates of step `last_epoch`, and set its momenta."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        rising = x <= self.step_ratio
        height = x / self.step_ratio if rising else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            bounds = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(self.optimizer.param_groups, bounds, strict=True):
                self._set_momentum(group, high - (high - low) * height * scale)
        return [
            low + (high - low) * height * scale
            for low, high in zip(self.base_lrs, self.max_lrs, strict=True)
        ]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer; of a `scale_fn` what can be saved."""
        state = super().state_dict()
        state["_scale_fn_custom"] = saved_function(self._scale_fn_custom)
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned; `scale_fn` stays this scheduler's own."""
        own, saved = self._scale_fn_custom, state_dict["_scale_fn_custom"]
        super().load_state_dict({**state_dict, "_scale_fn_custom": own})
        if saved is not None:
            vars(own).update(saved)
