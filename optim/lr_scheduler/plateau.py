"""A schedule that watches a measure and lowers the rate when it stops improving."""

from __future__ import annotations

import math
import warnings
from typing import Any

from autograd_core.optim.lr_scheduler.base import (
    EPOCH_IS_DEPRECATED,
    LRScheduler,
    check_optimizer,
    set_rate,
)
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import number


class ReduceLROnPlateau(LRScheduler):
    """Multiply the learning rate by `factor` when a measure has not improved for some epochs.

    Args:
        optimizer: the optimizer whose rate is set.
        mode: "min" (default) if the measure should fall, "max" if it should rise.
        factor: the factor, below 1; default 0.1.
        patience: epochs without improvement that are tolerated; default 10.
        threshold: the least change that counts as an improvement; default 1e-4.
        threshold_mode: "rel" (default), a share of the best value, or "abs".
        cooldown: epochs after a reduction during which nothing is counted; default 0.
        min_lr: the least rate, or a list, one per parameter group; default 0.
        eps: a reduction by no more than this is not made; default 1e-8.

    Raises:
        ValueError: `factor` is not below 1, a mode is unknown, or `min_lr` has a wrong length.
        TypeError: `optimizer` is not an Optimizer.

    Source: PyTorch's ``torch.optim.lr_scheduler.ReduceLROnPlateau``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=1)
        >>> for loss in (3.0, 3.0, 3.0):
        ...     opt.step()
        ...     scheduler.step(loss)
        >>> scheduler.get_last_lr()
        [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        check_optimizer("ReduceLROnPlateau", optimizer)
        if not factor < 1:
            raise ValueError(f"ReduceLROnPlateau: Factor should be < 1.0, got {factor}")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode {mode} is unknown! Expected 'min' or 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceLROnPlateau: threshold mode {threshold_mode} is unknown! Expected 'rel' "
                "or 'abs'"
            )
        groups = len(optimizer.param_groups)
        if isinstance(min_lr, (list, tuple)):
            if len(min_lr) != groups:
                raise ValueError(f"ReduceLROnPlateau: expected {groups} min_lrs, got {len(min_lr)}")
            self.default_min_lr = None
            self.min_lrs = list(min_lr)
        else:
            self.default_min_lr = min_lr
            self.min_lrs = [min_lr] * groups
        self.optimizer = optimizer
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.eps = eps
        self.last_epoch = 0
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.best = self.mode_worse
        self.cooldown_counter = 0
        self.num_bad_epochs = 0
        self._last_lr = self._current()

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Take an epoch's measure and lower the rates if it is time.

        Args:
            metrics: the measure, a number or a one-element Tensor.
            epoch: deprecated, as in PyTorch: the epoch it belongs to.
        """
        current = float(number(metrics))
        if epoch is not None:
            warnings.warn(EPOCH_IS_DEPRECATED, UserWarning, stacklevel=2)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self._current()

    @property
    def in_cooldown(self) -> bool:
        """Whether a reduction was made so recently that nothing is counted yet."""
        return self.cooldown_counter > 0

    def _is_better(self, value: float) -> bool:
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            bound = self.best * (1 + sign * self.threshold)
        else:
            bound = self.best + sign * self.threshold
        return sign * value > sign * bound

    def _reduce(self) -> None:
        rates = [float(number(rate)) for rate in self._current()]
        if len(rates) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"ReduceLROnPlateau: the optimizer has {len(rates)} parameter groups, but "
                    f"there are {len(self.min_lrs)} min_lrs, one for each group there was; after "
                    "adding a group, extend scheduler.min_lrs"
                )
            self.min_lrs = [self.default_min_lr] * len(rates)
        for group, rate, low in zip(self.optimizer.param_groups, rates, self.min_lrs, strict=True):
            lowered = max(rate * self.factor, low)
            if rate - lowered > self.eps:
                set_rate(group, lowered)
