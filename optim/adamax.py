"""Adamax."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_betas, check_range
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def adamax_step(
    xp: Any,
    p: Any,
    grad: Any,
    exp_avg: Any,
    exp_inf: Any,
    *,
    step: float,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> None:
    """Update `p` and its averages in place by Adamax.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        exp_avg: running mean of the gradient.
        exp_inf: running maximum of its size.
        step: number of this step, from 1.
        lr: learning rate.
        beta1: decay of `exp_avg`.
        beta2: decay of `exp_inf`.
        eps: added to the size of the gradient.
        weight_decay: L2 penalty.
    """
    if weight_decay:
        grad = grad + weight_decay * p
    exp_avg += (1 - beta1) * (grad - exp_avg)
    exp_inf[...] = xp.maximum(beta2 * exp_inf, abs(grad) + eps)
    change = (lr / (1 - beta1**step)) * exp_avg
    change /= exp_inf
    p -= change


class Adamax(Optimizer):
    """Adam with the largest recent gradient in place of the root of the mean square.

    `m = beta1 * m + (1 - beta1) * grad`, `u = max(beta2 * u, abs(grad) + eps)`, then
    `p -= lr / (1 - beta1**t) * m / u`.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 2e-3.
        betas: decay rates of the mean and of the maximum; default (0.9, 0.999).
        eps: added to the size of the gradient; default 1e-8.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.
        differentiable: record the step, so that gradients flow through it; default False.
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.

    Raises:
        ValueError: an option is out of range.

    Source: PyTorch's ``torch.optim.Adamax``; Kingma and Ba, "Adam: a method for stochastic
    optimization" (2015).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.Adamax([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.7500], requires_grad=True)
    """

    shaped_state = frozenset({"exp_avg", "exp_inf"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_range("Adamax", lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas("Adamax", betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count and averages of zero."""
        return {
            "step": scalar(0, p, group),
            "exp_avg": ag.zeros_like(p),
            "exp_inf": ag.zeros_like(p),
        }

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `adamax_step`."""
        beta1, beta2 = group["betas"]
        numbers = {
            "step": count(state),
            "lr": group["lr"],
            "beta1": beta1,
            "beta2": beta2,
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
        }
        return Update(adamax_step, (state["exp_avg"], state["exp_inf"]), numbers)
