"""Schedules along a line: constant at first, straight, or a power of what is left."""

from __future__ import annotations

from autograd_core.optim.lr_scheduler.base import LRScheduler, Rates
from autograd_core.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """Keep the learning rate at `factor` times the initial one for the first `total_iters` epochs.

    Args:
        optimizer: the optimizer whose rate is set.
        factor: the factor; default 1/3.
        total_iters: epochs until the initial rate is set; default 5.
        last_epoch: the last epoch that was run; default -1, a new start.

    Raises:
        ValueError: `factor` is not in [0, 1].

    Source: PyTorch's ``torch.optim.lr_scheduler.ConstantLR``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.ConstantLR(opt, factor=0.25, total_iters=3)
        >>> opt.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(
                "ConstantLR: Constant multiplicative factor expected to be between 0 and 1, got "
                f"factor={factor}"
            )
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """Return the rates of epoch `last_epoch`."""
        if self.last_epoch == 0:
            return [lr * self.factor for lr in self._current()]
        if self.last_epoch != self.total_iters:
            return self._current()
        if self.factor == 0:
            return self.base_lrs
        return [lr * (1.0 / self.factor) for lr in self._current()]

    def _get_closed_form_lr(self) -> Rates:
        past = self.last_epoch >= self.total_iters
        return [lr * (self.factor + past * (1 - self.factor)) for lr in self.base_lrs]


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
            raise ValueError(
                "LinearLR: Starting multiplicative factor expected to be greater than 0 and less "
                f"or equal to 1, got start_factor={start_factor}"
            )
        if not 0 <= end_factor <= 1:
            raise ValueError(
                "LinearLR: Ending multiplicative factor expected to be between 0 and 1, got "
                f"end_factor={end_factor}"
            )
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """Return the rates of epoch `last_epoch`."""
        if self.last_epoch == 0:
            return [lr * self.start_factor for lr in self._current()]
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._current()
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return [lr * (1 + rise / before) for lr in self._current()]

    def _get_closed_form_lr(self) -> Rates:
        rise = self.end_factor - self.start_factor
        passed = min(self.total_iters, self.last_epoch) / self.total_iters
        return [lr * (self.start_factor + rise * passed) for lr in self.base_lrs]


class PolynomialLR(LRScheduler):
    """Let the learning rate fall to 0 as a power of the share of epochs that is left.

    Args:
        optimizer: the optimizer whose rate is set.
        total_iters: epochs until 0; default 5.
        power: the power; default 1, a straight line.
        last_epoch: the last epoch that was run; default -1, a new start.

    Source: PyTorch's ``torch.optim.lr_scheduler.PolynomialLR``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.PolynomialLR(opt, total_iters=4, power=2.0)
        >>> for _ in range(2):
        ...     opt.step()
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """Return the rates of epoch `last_epoch`."""
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._current()
        left = 1.0 - self.last_epoch / self.total_iters
        before = 1.0 - (self.last_epoch - 1) / self.total_iters
        factor = (left / before) ** self.power
        return [lr * factor for lr in self._current()]

    def _get_closed_form_lr(self) -> Rates:
        left = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [lr * left**self.power for lr in self.base_lrs]
