"""Adam and AdamW."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.backends.registry import backend_of
from autograd_core.optim.kernels import adam_step
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_betas, check_not_negative, number
from autograd_core.tensor import Tensor


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
        foreach: accepted and ignored, as the step is always done in cache-sized blocks.
        maximize: climb and do not descend; default False.
        capturable: accepted and ignored.
        differentiable: must be False.
        fused: accepted and ignored, like `foreach`.
        decoupled_weight_decay: decay the parameter itself, as AdamW does; default False.

    Raises:
        ValueError: an option is out of range.

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

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
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
        check_not_negative(name, lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas(name, betas)
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
        """Return a step count on the host and averages of zero."""
        state = {
            "step": ag.tensor(0.0, dtype=ag.float32, device="cpu"),
            "exp_avg": ag.zeros_like(p),
            "exp_avg_sq": ag.zeros_like(p),
        }
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = ag.zeros_like(p)
        return state

    def apply_single(
        self, p: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Update `p` in place; see `adam_step`."""
        step = state["step"]._array
        step += 1
        beta1, beta2 = group["betas"]
        backend = backend_of(p._array)
        backend.kernels.get("adam_step", adam_step)(
            backend.xp,
            p._array,
            grad._array,
            state["exp_avg"]._array,
            state["exp_avg_sq"]._array,
            state["max_exp_avg_sq"]._array if group["amsgrad"] else None,
            step=float(step),
            lr=number(group["lr"]),
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            decoupled=group["decoupled_weight_decay"],
        )


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
        foreach: accepted and ignored, as the step is always done in cache-sized blocks.
        capturable: accepted and ignored.
        differentiable: must be False.
        fused: accepted and ignored, like `foreach`.

    Raises:
        ValueError: an option is out of range.

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
        betas: tuple[float, float] = (0.9, 0.999),
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
