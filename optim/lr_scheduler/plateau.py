"""A schedule that watches a measure and lowers the rate when it stops improving."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.optim.lr_scheduler.base import LRScheduler
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
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"ReduceLROnPlateau: {type(optimizer).__name__} is no Optimizer")
        if not factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor should be < 1.0, got {factor}")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode {mode!r} is neither 'min' nor 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceLROnPlateau: threshold mode {threshold_mode!r} is neither 'rel' nor 'abs'"
            )
        groups = len(optimizer.param_groups)
        if isinstance(min_lr, (list, tuple)):
            if len(min_lr) != groups:
                raise ValueError(f"ReduceLROnPlateau: expected {groups} min_lrs, got {len(min_lr)}")
            self.min_lrs = list(min_lr)
        else:
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
        self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = 0
        self.num_bad_epochs = 0
        self._last_lr = self._current()

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Take an epoch's measure and lower the rates if it is time.

        Args:
            metrics: the measure, a number or a one-element Tensor.
        """
        current = float(number(metrics))
        self.last_epoch += 1
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
        current = self._current()
        if len(current) != len(self.min_lrs):
            raise RuntimeError(
                f"ReduceLROnPlateau: the optimizer has {len(current)} parameter groups, but there "
                f"are {len(self.min_lrs)} min_lrs; after adding a group, extend scheduler.min_lrs"
            )
        lowered = [max(lr * self.factor, low) for lr, low in zip(current, self.min_lrs)]
        self._set([new if lr - new > self.eps else lr for lr, new in zip(current, lowered)])
