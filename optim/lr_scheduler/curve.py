"""Schedules that follow a curve: any function, a straight line, half a cosine wave."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any

from autograd_core.optim.lr_scheduler.base import LRScheduler
from autograd_core.optim.optimizer import Optimizer


class LambdaLR(LRScheduler):
    """Set the learning rate to the initial one times a function of the epoch.

    Args:
        optimizer: the optimizer whose rate is set.
        lr_lambda: the function, or a list of functions, one per parameter group.
        last_epoch: the last epoch that was run; default -1, a new start.

    Raises:
        ValueError: there are not as many functions as groups.

    Source: PyTorch's ``torch.optim.lr_scheduler.LambdaLR``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.LambdaLR(opt, lambda epoch: 1 / (1 + epoch))
        >>> opt.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        groups = len(optimizer.param_groups)
        if isinstance(lr_lambda, (list, tuple)):
            if len(lr_lambda) != groups:
                raise ValueError(f"LambdaLR: Expected {groups} lr_lambdas, got {len(lr_lambda)}")
            self.lr_lambdas = list(lr_lambda)
        else:
            self.lr_lambdas = [lr_lambda] * groups
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the rates of epoch `last_epoch`."""
        pairs = zip(self.lr_lambdas, self.base_lrs, strict=True)
        return [lr * function(self.last_epoch) for function, lr in pairs]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer. Of callable objects their attributes are kept,
        of plain functions nothing, as they cannot be saved.
        """
        state = super().state_dict()
        state["lr_lambdas"] = [
            None if isinstance(f, types.FunctionType) else vars(f).copy() for f in self.lr_lambdas
        ]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned; the functions stay this scheduler's own."""
        super().load_state_dict({k: v for k, v in state_dict.items() if k != "lr_lambdas"})
        for function, saved in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if saved is not None:
                vars(function).update(saved)


class LinearLR(LRScheduler):
    """Move the learning rate's factor in a straight line, for example to warm up.

    Args:
        optimizer: the optimizer whose rate is set.
        start_factor: factor of the initial rate at epoch 0; default 1/3.
        end_factor: factor from epoch `total_iters` on; default 1.
        total_iters: epochs from start to end; default 5.
        last_epoch: the last epoch that was run; default -1, a new start.

    Raises:
        ValueError: `start_factor` is not in (0, 1] or `end_factor` not in [0, 1].

    Source: PyTorch's ``torch.optim.lr_scheduler.LinearLR``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.LinearLR(opt, start_factor=0.5, total_iters=2)
        >>> opt.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.75]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: expected 0 < start_factor <= 1, got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: expected 0 <= end_factor <= 1, got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the rates of epoch `last_epoch`."""
        if self.last_epoch == 0:
            return [lr * self.start_factor for lr in self._current()]
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._current()
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return [lr * (1 + rise / before) for lr in self._current()]


class CosineAnnealingLR(LRScheduler):
    """Let the learning rate fall from its initial value to `eta_min` along half a cosine wave.

    After `T_max` epochs it rises again the same way.

    Args:
        optimizer: the optimizer whose rate is set.
        T_max: epochs from the initial rate to the least.
        eta_min: the least rate; default 0.
        last_epoch: the last epoch that was run; default -1, a new start.

    Source: PyTorch's ``torch.optim.lr_scheduler.CosineAnnealingLR``; Loshchilov and Hutter,
    "SGDR: stochastic gradient descent with warm restarts" (2017), without the restarts.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.CosineAnnealingLR(opt, T_max=2)
        >>> opt.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.5]
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the rates of epoch `last_epoch`."""
        if self._is_initial:
            return self._current()
        low, epoch, wave = self.eta_min, self.last_epoch, math.pi / self.T_max
        if self._step_count == 1 and epoch > 0:
            height = (1 + math.cos(epoch * wave)) / 2
            return [low + (lr - low) * height for lr in self.base_lrs]
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # At the bottom the ratio below would divide zero by zero.
            rise = (1 - math.cos(wave)) / 2
            rates = zip(self._current(), self.base_lrs, strict=True)
            return [lr + (base - low) * rise for lr, base in rates]
        ratio = (1 + math.cos(epoch * wave)) / (1 + math.cos((epoch - 1) * wave))
        return [low + (lr - low) * ratio for lr in self._current()]
