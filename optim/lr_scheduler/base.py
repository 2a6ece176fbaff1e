"""The base of the learning rate schedules."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import number
from autograd_core.tensor import Tensor

# One learning rate for each parameter group: a number, or a Tensor where the group's is one.
Rates = list[Any]

EPOCH_IS_DEPRECATED = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where "
    "possible. Please use `scheduler.step()` to step the scheduler."
)


def current(optimizer: Optimizer, option: str = "lr") -> Rates:
    """Return an option of every parameter group, Tensors as copies.

    Args:
        optimizer: the optimizer.
        option: the option's name; default "lr".

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> current(optim.SGD([ag.zeros(1, requires_grad=True)], lr=0.5))
        [0.5]
    """
    values = [group[option] for group in optimizer.param_groups]
    return [value.clone() if isinstance(value, Tensor) else value for value in values]


def set_rate(group: dict[str, Any], rate: Any) -> None:
    """Set a parameter group's learning rate, in place where it is a Tensor.

    Args:
        group: the group.
        rate: the rate.

    Example:
        >>> group = {"lr": 0.5}
        >>> set_rate(group, 0.25)
        >>> group
        {'lr': 0.25}
    """
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate.reshape(()) if isinstance(rate, Tensor) else rate)
    else:
        group["lr"] = number(rate)


def for_each_group(where: str, optimizer: Optimizer, option: Any) -> list[Any]:
    """Return an option as a list with one entry for each parameter group.

    Args:
        where: the schedule and the option, for messages.
        optimizer: the optimizer.
        option: one value for all groups, or a list of values.

    Raises:
        ValueError: there are not as many values as groups.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> for_each_group("max_lr", optim.SGD([ag.zeros(1, requires_grad=True)]), 0.5)
        [0.5]
    """
    groups = len(optimizer.param_groups)
    if not isinstance(option, (list, tuple)):
        option = [option] * groups
    if len(option) != groups:
        raise ValueError(
            f"{where} must have the same length as optimizer.param_groups: it has {len(option)} "
            f"values, param_groups has {groups}"
        )
    return [value.clone() if isinstance(value, Tensor) else value for value in option]


def check_optimizer(where: str, optimizer: Any) -> None:
    """Raise a TypeError for something else than an optimizer.

    Args:
        where: the schedule's name.
        optimizer: what was given.

    Raises:
        TypeError: it is no optimizer.
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{where}: {type(optimizer).__name__} is not an Optimizer")


def _with_warning(get_lr: Callable[[Any], Rates]) -> Callable[[Any], Rates]:
    """Warn when `get_lr`, which computes the next rates from the last, is called by a user."""

    @functools.wraps(get_lr)
    def wrapped(self: LRScheduler) -> Rates:
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use "
                "`get_last_lr()`.",
                UserWarning,
                stacklevel=2,
            )
        return get_lr(self)

    return wrapped


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

    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(type(self).__name__, optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                rate = group["lr"]
                group.setdefault("initial_lr", rate.clone() if isinstance(rate, Tensor) else rate)
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: param 'initial_lr' is not specified in "
                    f"param_groups[{i}] when resuming scheduler with last_epoch >= 0; load the "
                    "optimizer's state first, or leave last_epoch away in a new run"
                )
        self.base_lrs = current(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        self._last_lr: Rates = []
        self._initial_step()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "get_lr" in cls.__dict__:
            wrapped: Any = _with_warning(cls.__dict__["get_lr"])
            cls.get_lr = wrapped  # type: ignore[method-assign]

    def get_lr(self) -> Rates:
        """Return the rates of epoch `last_epoch`, one per parameter group. Called by `step`.

        Raises:
            NotImplementedError: the subclass does not define it.
        """
        raise NotImplementedError(f"{type(self).__name__} must define get_lr()")

    def get_last_lr(self) -> Rates:
        """Return the rates set last, one per parameter group.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core import optim
            >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=0.5)
            >>> optim.lr_scheduler.ExponentialLR(opt, gamma=0.9).get_last_lr()
            [0.5]
        """
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Move on to the next epoch and set its rates. Call it after the optimizer's step.

        Args:
            epoch: deprecated, as in PyTorch: the epoch to jump to.

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
        if self._step_count == 1:
            self._check_order()
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_IS_DEPRECATED, UserWarning, stacklevel=2)
        self._update_lr(epoch)

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

    def _initial_step(self) -> None:
        """Set the rates of the first epoch."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def _update_lr(self, epoch: int | None = None) -> None:
        """Set the rates of the next epoch, or of the given one, by its closed form if there is."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed_form = None if epoch is None else getattr(self, "_get_closed_form_lr", None)
        self._set(self._computed() if closed_form is None else closed_form())

    def _computed(self) -> Rates:
        self._get_lr_called_within_step = True
        try:
            return self.get_lr()
        finally:
            self._get_lr_called_within_step = False

    def _set(self, rates: Rates) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_rate(group, rate)
        self._last_lr = self._current()

    def _current(self) -> Rates:
        """Return the groups' rates as they are now."""
        return current(self.optimizer)

    def _check_order(self) -> None:
        """Warn if the optimizer has not taken a step before the schedule moves on."""
        if not hasattr(self.optimizer.step, "hooked"):
            warnings.warn(
                "Seems like `optimizer.step()` has been overridden after learning rate scheduler "
                "initialization. Please, make sure to call `optimizer.step()` before "
                "`lr_scheduler.step()`.",
                UserWarning,
                stacklevel=3,
            )
        elif not self.optimizer._opt_called:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: the first value "
                "of the schedule is skipped. Call `optimizer.step()` before `lr_scheduler.step()`.",
                UserWarning,
                stacklevel=3,
            )
