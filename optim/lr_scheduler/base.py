"""The base of the learning rate schedules."""

from __future__ import annotations

import warnings
from typing import Any

from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import number
from autograd_core.tensor import Tensor


class LRScheduler:
    """Base class of learning rate schedules: sets the rate of every parameter group each epoch.

    A subclass defines `get_lr`. Making a scheduler sets the rates of epoch 0; every `step` moves
    on by one epoch. Make it before `optimizer.load_state_dict`, so that it does not overwrite the
    loaded rates.

    Args:
        optimizer: the optimizer whose groups' "lr" is set.
        last_epoch: the last epoch that was run; -1 (default) starts anew.

    Raises:
        TypeError: `optimizer` is not an Optimizer.
        KeyError: `last_epoch` is given, but the groups have no "initial_lr" from an earlier run.

    Source: PyTorch's ``torch.optim.lr_scheduler.LRScheduler``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> class HalveOnce(optim.lr_scheduler.LRScheduler):
        ...     def get_lr(self):
        ...         return [lr if self.last_epoch < 1 else lr / 2 for lr in self.base_lrs]
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = HalveOnce(opt)
        >>> opt.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.5]
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__}: {type(optimizer).__name__} is no Optimizer")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", number(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: param 'initial_lr' is not specified in "
                    f"param_groups[{i}]; with last_epoch >= 0 load the optimizer's state first"
                )
        self.base_lrs = [number(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._last_lr: list[float] = []
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """Return the rates of epoch `last_epoch`, one per parameter group. Called by `step`.

        Raises:
            NotImplementedError: the subclass does not define it.
        """
        raise NotImplementedError(f"{type(self).__name__} must define get_lr()")

    def get_last_lr(self) -> list[float]:
        """Return the rates set last, one per parameter group.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=0.5)
            >>> optim.lr_scheduler.ExponentialLR(opt, gamma=0.9).get_last_lr()
            [0.5]
        """
        return self._last_lr

    def step(self) -> None:
        """Move on to the next epoch and set its rates. Call it after the optimizer's step.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=0.5)
            >>> scheduler = optim.lr_scheduler.ExponentialLR(opt, gamma=0.5)
            >>> opt.step()
            >>> scheduler.step()
            >>> opt.param_groups[0]["lr"]
            0.25
        """
        if self._step_count == 1 and not self.optimizer._opt_called:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: the first value "
                "of the schedule is skipped. Call `optimizer.step()` first.",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        self.last_epoch += 1
        self._set(self.get_lr())

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer, to go on from later.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=0.5)
            >>> optim.lr_scheduler.StepLR(opt, step_size=3).state_dict()["last_epoch"]
            0
        """
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned, here or in PyTorch.

        Args:
            state_dict: the saved state.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=0.5)
            >>> scheduler = optim.lr_scheduler.StepLR(opt, step_size=3)
            >>> scheduler.load_state_dict({"last_epoch": 7})
            >>> scheduler.last_epoch
            7
        """
        self.__dict__.update(state_dict)

    def _current(self) -> list[float]:
        """Return the groups' rates as they are now."""
        return [number(group["lr"]) for group in self.optimizer.param_groups]

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(number(rate))
            else:
                group["lr"] = rate
        self._last_lr = self._current()
