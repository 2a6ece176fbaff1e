"""RMSprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def rmsprop_step(
    xp: Any,
    p: Any,
    grad: Any,
    square_avg: Any,
    grad_avg: Any,
    buffer: Any,
    *,
    lr: float,
    alpha: float,
    eps: float,
    weight_decay: float,
    momentum: float,
) -> None:
    """Update `p` and its averages in place by RMSprop.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        square_avg: running mean of its square.
        grad_avg: running mean of the gradient, where its square is to be subtracted, or None.
        buffer: the running direction, or None without momentum.
        lr: learning rate.
        alpha: decay of the means.
        eps: added to the root.
        weight_decay: L2 penalty.
        momentum: share of the running direction that is kept.
    """
    if weight_decay:
        grad = grad + weight_decay * p
    square = grad * grad
    square *= 1 - alpha
    square_avg *= alpha
    square_avg += square
    variance = square_avg
    if grad_avg is not None:
        grad_avg += (1 - alpha) * (grad - grad_avg)
        variance = square_avg - grad_avg * grad_avg
    change = grad / (xp.sqrt(variance) + eps)
    if buffer is not None:
        buffer *= momentum
        buffer += change
        change = buffer
    p -= lr * change


class RMSprop(Optimizer):
    """Steps scaled by the root of a running mean of the squared gradient.

    `v = alpha * v + (1 - alpha) * grad**2`, then `p -= lr * grad / (sqrt(v) + eps)`. Centered, the
    square of the mean gradient is subtracted from `v`, which leaves its variance. With momentum, a
    running sum of the steps is taken.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1e-2.
        alpha: decay of the means; default 0.99.
        eps: added to the denominator; default 1e-8.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        momentum: share of the running direction that is kept; default 0.
        centered: divide by the root of the variance; default False.
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.
        differentiable: record the step, so that gradients flow through it; default False.

    Raises:
        ValueError: an option is out of range.

    Source: PyTorch's ``torch.optim.RMSprop``; Hinton, "Neural networks for machine learning",
    lecture 6 (2012); Graves, "Generating sequences with recurrent neural networks" (2013).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.RMSprop([w], lr=0.05)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.5000], requires_grad=True)
    """

    shaped_state = frozenset({"square_avg", "momentum_buffer", "grad_avg"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_range(
            "RMSprop", lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha
        )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count and averages of zero."""
        state = {"step": scalar(0, p, group), "square_avg": ag.zeros_like(p)}
        if group["momentum"] > 0:
            state["momentum_buffer"] = ag.zeros_like(p)
        if group["centered"]:
            state["grad_avg"] = ag.zeros_like(p)
        return state

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `rmsprop_step`."""
        count(state)
        mean = self._entry(state, "grad_avg", p) if group["centered"] else None
        buffer = self._entry(state, "momentum_buffer", p) if group["momentum"] > 0 else None
        numbers = {
            "lr": group["lr"],
            "alpha": group["alpha"],
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
            "momentum": group["momentum"],
        }
        return Update(rmsprop_step, (state["square_avg"], mean, buffer), numbers)
