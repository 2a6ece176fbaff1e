"""RAdam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_betas, check_range
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def radam_step(
    xp: Any,
    p: Any,
    grad: Any,
    exp_avg: Any,
    exp_avg_sq: Any,
    *,
    step: float,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None:
    """Update `p` and its moments in place by RAdam.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        exp_avg: running mean of the gradient.
        exp_avg_sq: running mean of its square.
        step: number of this step, from 1.
        lr: learning rate.
        beta1: decay of `exp_avg`.
        beta2: decay of `exp_avg_sq`.
        eps: added to the root of `exp_avg_sq`.
        weight_decay: L2 penalty, or the decay itself where `decoupled`.
        decoupled: shrink the parameter directly and not through its gradient.
    """
    if weight_decay:
        if decoupled:
            p *= 1 - lr * weight_decay
        else:
            grad = grad + weight_decay * p
    exp_avg += (1 - beta1) * (grad - exp_avg)
    square = grad * grad
    square *= 1 - beta2
    exp_avg_sq *= beta2
    exp_avg_sq += square

    # How far the variance of the adaptive rate can be trusted: for the first steps, not at all.
    correction = 1 - beta2**step
    most = 2 / (1 - beta2) - 1
    length = most - 2 * step * beta2**step / correction

    def adaptive() -> Any:
        trust = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
        return (trust * correction) ** 0.5 / (xp.sqrt(exp_avg_sq) + eps)

    change = exp_avg * (lr / (1 - beta1**step))
    if not isinstance(step, (int, float)):  # a captured step cannot ask
        change *= xp.where(length > 5, adaptive(), 1.0)
    elif length > 5:
        change *= adaptive()
    p -= change


class RAdam(Optimizer):
    """Adam that descends by momentum alone until its second average can be trusted.

    The adaptive rate is left out while fewer than about five gradients are averaged (with the
    default betas, for five steps), and grows in from then on by a factor that rectifies its
    variance; no warm-up is needed.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1e-3.
        betas: decay rates of the two averages; default (0.9, 0.999).
        eps: added to the denominator; default 1e-8.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        decoupled_weight_decay: decay the parameter itself, as AdamW does; default False.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.
        differentiable: record the step, so that gradients flow through it; default False.

    Raises:
        ValueError: an option is out of range.

    Source: PyTorch's ``torch.optim.RAdam``; Liu et al., "On the variance of the adaptive learning
    rate and beyond" (2020).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.RAdam([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.5000], requires_grad=True)
    """

    shaped_state = frozenset({"exp_avg", "exp_avg_sq"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_range("RAdam", lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas("RAdam", betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count and averages of zero."""
        return {
            "step": scalar(0, p, group),
            "exp_avg": ag.zeros_like(p),
            "exp_avg_sq": ag.zeros_like(p),
        }

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `radam_step`."""
        beta1, beta2 = group["betas"]
        numbers = {
            "step": count(state),
            "lr": group["lr"],
            "beta1": beta1,
            "beta2": beta2,
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
            "decoupled": group["decoupled_weight_decay"],
        }
        return Update(radam_step, (state["exp_avg"], state["exp_avg_sq"]), numbers)
