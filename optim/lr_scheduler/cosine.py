"""Schedules along a cosine wave."""

from __future__ import annotations

import math

from autograd_core.optim.lr_scheduler.base import LRScheduler, Rates
from autograd_core.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Let the learning rate fall from its initial value to `eta_min` along half a cosine wave.

    After `T_max` epochs it rises again the same way.

    Args:
        optimizer: the optimizer whose rate is set.
        T_max: epochs from the initial rate to the least.
        eta_min: the least rate; default 0.
        last_epoch: the last epoch that was run; default -1, a new start.

    Raises:
        ValueError: `T_max` is not positive.

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
        if not T_max > 0:
            raise ValueError(f"CosineAnnealingLR: expected T_max > 0, got {T_max}")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """Return the rates of epoch `last_epoch`."""
        if self._is_initial:
            return self._current()
        low, epoch = self.eta_min, self.last_epoch
        if self._step_count == 1 and epoch > 0:
            return self._get_closed_form_lr()
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # At the bottom the ratio below would divide zero by zero.
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            rates = zip(self._current(), self.base_lrs, strict=True)
            return [lr + (base - low) * rise for lr, base in rates]
        ratio = self._height(epoch) / self._height(epoch - 1)
        return [low + (lr - low) * ratio for lr in self._current()]

    def _get_closed_form_lr(self) -> Rates:
        height = self._height(self.last_epoch) / 2
        return [self.eta_min + (lr - self.eta_min) * height for lr in self.base_lrs]

    def _height(self, epoch: int) -> float:
        return 1 + math.cos(math.pi * epoch / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Let the learning rate fall along half a cosine wave, start again, and so on.

    Args:
        optimizer: the optimizer whose rate is set.
        T_0: epochs until the first restart.
        T_mult: factor by which the time between restarts grows, an integer; default 1.
        eta_min: the least rate; default 0.
        last_epoch: the last epoch that was run; default -1, a new start.

    Raises:
        ValueError: `T_0` or `T_mult` is no positive integer, or `eta_min` no number.

    Source: PyTorch's ``torch.optim.lr_scheduler.CosineAnnealingWarmRestarts``; Loshchilov and
    Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=2)
        >>> rates = []
        >>> for _ in range(4):
        ...     opt.step()
        ...     scheduler.step()
        ...     rates += scheduler.get_last_lr()
        >>> rates
        [0.5, 1.0, 0.5, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        name = type(self).__name__
        if not isinstance(T_0, int) or T_0 <= 0:
            raise ValueError(f"{name}: Expected positive integer T_0, but got {T_0}")
        if not isinstance(T_mult, int) or T_mult < 1:
            raise ValueError(f"{name}: Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, (float, int)):
            raise ValueError(
                f"{name}: Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}"
            )
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """Return the rates at `T_cur` epochs after the last restart."""
        height = 1 + math.cos(math.pi * self.T_cur / self.T_i)
        return [self.eta_min + (lr - self.eta_min) * height / 2 for lr in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Move on to the next epoch, or to the given time, and set its rates.

        Args:
            epoch: the time in epochs, which need not be whole: `epoch + batch / batches` sets the
                rates after every batch. Default None, one epoch on.

        Raises:
            ValueError: `epoch` is negative.
        """
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        elif epoch < 0:
            raise ValueError(f"{type(self).__name__}: Expected non-negative epoch, but got {epoch}")
        elif epoch < self.T_0:
            self.T_cur, self.T_i = epoch, self.T_0
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            growth = self.T_mult - 1
            restarts = int(math.log(epoch / self.T_0 * growth + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**restarts - 1) / growth
            self.T_i = self.T_0 * self.T_mult**restarts
        self.last_epoch = math.floor(epoch)
        self._set(self._computed())
