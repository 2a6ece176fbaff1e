"""Adadelta."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def adadelta_step(
    xp: Any,
    p: Any,
    grad: Any,
    square_avg: Any,
    acc_delta: Any,
    *,
    lr: float,
    rho: float,
    eps: float,
    weight_decay: float,
) -> None:
    """Update `p` and its averages in place by Adadelta.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        square_avg: running mean of its square.
        acc_delta: running mean of the square of the changes.
        lr: factor of the change.
        rho: decay of the means.
        eps: added to the means.
        weight_decay: L2 penalty.
    """
    if weight_decay:
        grad = grad + weight_decay * p
    square = grad * grad
    square *= 1 - rho
    square_avg *= rho
    square_avg += square
    change = grad * xp.sqrt((acc_delta + eps) / (square_avg + eps))
    square = change * change
    square *= 1 - rho
    acc_delta *= rho
    acc_delta += square
    p -= lr * change


class Adadelta(Optimizer):
    """Steps of the size of recent steps, over that of recent gradients: no rate to choose.

    With running means `v` of the squared gradient and `u` of the squared change,
    `change = sqrt(u + eps) / sqrt(v + eps) * grad`, then `p -= lr * change`.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: factor of the change; default 1.
        rho: decay of the means; default 0.9.
        eps: added to the means; default 1e-6.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        foreach: accepted and ignored, as parameters are always updated together.
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.
        maximize: climb and do not descend; default False.
        differentiable: record the step, so that gradients flow through it; default False.

    Raises:
        ValueError: an option is out of range.

    Source: PyTorch's ``torch.optim.Adadelta``; Zeiler, "ADADELTA: an adaptive learning rate
    method" (2012).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.Adadelta([w], lr=100.0)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.6838], requires_grad=True)
    """

    shaped_state = frozenset({"square_avg", "acc_delta"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_range("Adadelta", lr=lr, eps=eps, weight_decay=weight_decay)
        check_range("Adadelta", 0, 1, rho=rho)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count and means of zero."""
        return {
            "step": scalar(0, p, group),
            "square_avg": ag.zeros_like(p),
            "acc_delta": ag.zeros_like(p),
        }

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `adadelta_step`."""
        count(state)
        numbers = {name: group[name] for name in ("lr", "rho", "eps", "weight_decay")}
        return Update(adadelta_step, (state["square_avg"], state["acc_delta"]), numbers)
