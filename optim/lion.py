"""Lion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_betas, check_range
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def lion_step(
    xp: Any,
    p: Any,
    grad: Any,
    exp_avg: Any,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    weight_decay: float,
) -> None:
    """Update `p` and its mean gradient in place by Lion.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        exp_avg: running mean of the gradient.
        lr: learning rate.
        beta1: share of the mean in the direction.
        beta2: decay of the mean.
        weight_decay: the decay.
    """
    direction = xp.sign(beta1 * exp_avg + (1 - beta1) * grad)
    p *= 1 - lr * weight_decay
    p -= lr * direction
    exp_avg *= beta2
    exp_avg += (1 - beta2) * grad


class Lion(Optimizer):
    """Steps of one size in every element, along the sign of a running mean of the gradient.

    `p -= lr * (sign(beta1 * m + (1 - beta1) * grad) + weight_decay * p)`, then
    `m = beta2 * m + (1 - beta2) * grad`. Half of Adam's memory. Steps are larger than Adam's:
    a learning rate 3 to 10 times smaller, and a weight decay as much larger, are usual.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1e-4.
        betas: share of the mean in the direction, and decay of the mean; default (0.9, 0.99).
        weight_decay: the decay, which is decoupled as in AdamW; default 0.
        maximize: climb and do not descend; default False.

    Raises:
        ValueError: an option is out of range.

    Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023), algorithm 2.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0, -3.0], requires_grad=True)
        >>> opt = optim.Lion([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w.tolist()
        [0.75, -2.75]
    """

    shaped_state = frozenset({"exp_avg"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        check_range("Lion", lr=lr, weight_decay=weight_decay)
        check_betas("Lion", betas)
        defaults = {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a mean of zero."""
        return {"exp_avg": ag.zeros_like(p)}

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `lion_step`."""
        beta1, beta2 = group["betas"]
        numbers = {
            "lr": group["lr"],
            "beta1": beta1,
            "beta2": beta2,
            "weight_decay": group["weight_decay"],
        }
        return Update(lion_step, (state["exp_avg"],), numbers)
