"""Schedules that follow a function of the user's."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from autograd_core.optim.lr_scheduler.base import LRScheduler, Rates, check_optimizer
from autograd_core.optim.optimizer import Optimizer

Function = Callable[[int], float]


class _ByFunctions(LRScheduler):
    """What `LambdaLR` and `MultiplicativeLR` share: one function for each group."""

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Function | list[Function], last_epoch: int = -1
    ) -> None:
        name = type(self).__name__
        check_optimizer(name, optimizer)
        groups = len(optimizer.param_groups)
        if isinstance(lr_lambda, (list, tuple)):
            if len(lr_lambda) != groups:
                raise ValueError(f"{name}: Expected {groups} lr_lambdas, but got {len(lr_lambda)}")
            self.lr_lambdas = list(lr_lambda)
        else:
            self.lr_lambdas = [lr_lambda] * groups
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(
                    f"{name}: lr_lambda should be a function, but got {type(function).__name__}"
                )
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer. Of callable objects their attributes are kept,
        of plain functions nothing, as they cannot be saved.
        """
        state = super().state_dict()
        state["lr_lambdas"] = [saved_function(function) for function in self.lr_lambdas]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned; the functions stay this scheduler's own."""
        super().load_state_dict({k: v for k, v in state_dict.items() if k != "lr_lambdas"})
        for function, saved in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if saved is not None:
                vars(function).update(saved)


def saved_function(function: Any) -> dict[str, Any] | None:
    """Return what of a function can be saved: the attributes of a callable object.

    Args:
        function: the function.

    Example:
        >>> saved_function(lambda epoch: 1.0) is None
        True
    """
    plain = isinstance(function, (types.FunctionType, types.BuiltinFunctionType))
    return None if plain or not hasattr(function, "__dict__") else vars(function).copy()


class LambdaLR(_ByFunctions):
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

    def get_lr(self) -> Rates:
        """Return the rates of epoch `last_epoch`."""
        pairs = zip(self.lr_lambdas, self.base_lrs, strict=True)
        return [lr * function(self.last_epoch) for function, lr in pairs]


class MultiplicativeLR(_ByFunctions):
    """Multiply the learning rate each epoch by a function of the epoch.

    Args:
        optimizer: the optimizer whose rate is set.
        lr_lambda: the function, or a list of functions, one per parameter group.
        last_epoch: the last epoch that was run; default -1, a new start.

    Raises:
        ValueError: there are not as many functions as groups.

    Source: PyTorch's ``torch.optim.lr_scheduler.MultiplicativeLR``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> opt = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> scheduler = optim.lr_scheduler.MultiplicativeLR(opt, lambda epoch: 0.5)
        >>> for _ in range(2):
        ...     opt.step()
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [0.25]
    """

    def get_lr(self) -> Rates:
        """Return the rates of epoch `last_epoch`."""
        if self._is_initial:
            return self._current()
        pairs = zip(self.lr_lambdas, self._current(), strict=True)
        return [lr * function(self.last_epoch) for function, lr in pairs]
