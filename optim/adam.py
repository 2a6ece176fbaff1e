"""Adam and AdamW."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_betas, check_range, check_switches
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def adam_step(
    xp: Any,
    p: Any,
    grad: Any,
    exp_avg: Any,
    exp_avg_sq: Any,
    max_exp_avg_sq: Any,
    *,
    step: float,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None:
    """Update `p` and its moments in place by Adam or AdamW.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        exp_avg: running mean of the gradient.
        exp_avg_sq: running mean of its square.
        max_exp_avg_sq: the largest `exp_avg_sq` so far (AMSGrad), or None.
        step: number of this step, from 1.
        lr: learning rate.
        beta1: decay of `exp_avg`.
        beta2: decay of `exp_avg_sq`.
        eps: added to the root of `exp_avg_sq`.
        weight_decay: L2 penalty, or the decay itself where `decoupled`.
        decoupled: shrink the parameter directly (AdamW) and not through its gradient.

    Example:
        >>> import numpy as np
        >>> p, m, v = np.ones(2), np.zeros(2), np.zeros(2)
        >>> adam_step(np, p, np.full(2, 4.0), m, v, None, step=1, lr=0.1, beta1=0.9, beta2=0.999,
        ...           eps=1e-8, weight_decay=0, decoupled=False)
        >>> p.round(6)
        array([0.9, 0.9])
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
    if max_exp_avg_sq is not None:
        # Of a copy, as a graph that records this keeps what it compared.
        max_exp_avg_sq[...] = exp_avg_sq = xp.maximum(1 * max_exp_avg_sq, exp_avg_sq)
    # The corrections for the start at zero are numbers: gathered, they save passes over arrays.
    root = (1 - beta2**step) ** 0.5
    change = (lr * root / (1 - beta1**step)) * exp_avg
    change /= xp.sqrt(exp_avg_sq) + eps * root
    p -= change


class Adam(Optimizer):
    """Adam: steps scaled by running averages of the gradient and of its square.

    `m = beta1 * m + (1 - beta1) * grad`, `v = beta2 * v + (1 - beta2) * grad**2`, both corrected
    for their start at zero, then `p -= lr * m / (sqrt(v) + eps)`.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1e-3.
        betas: decay rates of the two averages; default (0.9, 0.999).
        eps: added to the denominator; default 1e-8.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        amsgrad: divide by the largest `v` so far; default False.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.
        differentiable: record the step, so that gradients flow through it; default False.
        fused: accepted and ignored, like `foreach`.
        decoupled_weight_decay: decay the parameter itself, as AdamW does; default False.

    Raises:
        ValueError: an option is out of range.
        RuntimeError: `fused` together with `differentiable` or `foreach`.

    Source: PyTorch's ``torch.optim.Adam``; Kingma and Ba, "Adam: a method for stochastic
    optimization" (2015).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.Adam([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.7500], requires_grad=True)
    """

    shaped_state = frozenset({"exp_avg", "exp_avg_sq", "max_exp_avg_sq"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        name = type(self).__name__
        check_range(name, lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas(name, betas)
        check_switches(foreach, fused, differentiable)
        if foreach and not capturable:
            _check_plain(name, lr=lr, **{f"betas[{i}]": beta for i, beta in enumerate(betas)})
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count and averages of zero."""
        state = {
            "step": scalar(0, p, group),
            "exp_avg": ag.zeros_like(p),
            "exp_avg_sq": ag.zeros_like(p),
        }
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = ag.zeros_like(p)
        return state

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `adam_step`."""
        largest = self._entry(state, "max_exp_avg_sq", p) if group["amsgrad"] else None
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
        return Update(adam_step, (state["exp_avg"], state["exp_avg_sq"], largest), numbers)


class AdamW(Adam):
    """Adam with decoupled weight decay: `p *= 1 - lr * weight_decay` before Adam's step.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1e-3.
        betas: decay rates of the two averages; default (0.9, 0.999).
        eps: added to the denominator; default 1e-8.
        weight_decay: the decay; default 1e-2.
        amsgrad: divide by the largest second average so far; default False.
        maximize: climb and do not descend; default False.
        foreach: accepted and ignored, as parameters are always updated together.
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.
        differentiable: record the step, so that gradients flow through it; default False.
        fused: accepted and ignored, like `foreach`.

    Raises:
        ValueError: an option is out of range.
        RuntimeError: `fused` together with `differentiable` or `foreach`.

    Source: PyTorch's ``torch.optim.AdamW``; Loshchilov and Hutter, "Decoupled weight decay
    regularization" (2019).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.AdamW([w], lr=0.25, weight_decay=0.5)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.6250], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )


def _check_plain(where: str, **options: Any) -> None:
    """PyTorch's foreach implementation takes no Tensors as options."""
    for name, value in options.items():
        if isinstance(value, Tensor):
            raise ValueError(
                f"{where}: {name} as a Tensor is not supported for capturable=False and "
                "foreach=True; leave foreach away, it has no effect here"
            )
