"""NAdam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_betas, check_range, number
from autograd_core.optim.scalars import count, scalar, value
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def nadam_step(
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
    mu: float,
    mu_next: float,
    mu_product: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None:
    """Update `p` and its moments in place by NAdam.

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
        mu: this step's momentum.
        mu_next: the next step's.
        mu_product: the product of the momenta so far, this step's included.
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
    change = (lr * (1 - mu) / (1 - mu_product)) * grad
    change += (lr * mu_next / (1 - mu_product * mu_next)) * exp_avg
    change /= xp.sqrt(exp_avg_sq / (1 - beta2**step)) + eps
    p -= change


class NAdam(Optimizer):
    """Adam with Nesterov's momentum, which grows from step to step.

    With `mu_t = beta1 * (1 - 0.5 * 0.96**(t * momentum_decay))` and Adam's averages `m` and `v`,
    `p -= lr * ((1 - mu_t) / (1 - prod(mu)) * grad + mu_next / (1 - prod(mu) * mu_next) * m)
    / (sqrt(v / (1 - beta2**t)) + eps)`.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 2e-3.
        betas: decay rates of the two averages; default (0.9, 0.999).
        eps: added to the denominator; default 1e-8.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        momentum_decay: how fast the momentum grows; default 4e-3.
        decoupled_weight_decay: decay the parameter itself, as AdamW does; default False.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.
        differentiable: record the step, so that gradients flow through it; default False.

    Raises:
        ValueError: an option is out of range.

    Source: PyTorch's ``torch.optim.NAdam``; Dozat, "Incorporating Nesterov momentum into Adam"
    (2016).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.NAdam([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.7359], requires_grad=True)
    """

    shaped_state = frozenset({"exp_avg", "exp_avg_sq"})
    scalar_state = frozenset({"step", "mu_product"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_range(
            "NAdam", lr=lr, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay
        )
        check_betas("NAdam", betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count, an empty product of momenta, and averages of zero."""
        return {
            "step": scalar(0, p, group),
            "mu_product": scalar(1, p, group),
            "exp_avg": ag.zeros_like(p),
            "exp_avg_sq": ag.zeros_like(p),
        }

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `nadam_step`."""
        step = count(state)
        beta1, beta2 = map(number, group["betas"])
        mu, mu_next = (
            beta1 * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (step, step + 1)
        )
        state["mu_product"] *= mu
        numbers = {
            "step": step,
            "lr": group["lr"],
            "beta1": beta1,
            "beta2": beta2,
            "mu": mu,
            "mu_next": mu_next,
            "mu_product": value(state["mu_product"]),
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
            "decoupled": group["decoupled_weight_decay"],
        }
        return Update(nadam_step, (state["exp_avg"], state["exp_avg_sq"]), numbers)
