"""Adagrad."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range, check_switches
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def adagrad_step(
    xp: Any,
    p: Any,
    grad: Any,
    total: Any,
    *,
    step: float,
    lr: float,
    lr_decay: float,
    eps: float,
    weight_decay: float,
) -> None:
    """Update `p` and its sum of squares in place by Adagrad.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        total: the sum of the squared gradients.
        step: number of this step, from 1.
        lr: learning rate.
        lr_decay: how fast it falls.
        eps: added to the root.
        weight_decay: L2 penalty.
    """
    if weight_decay:
        grad = grad + weight_decay * p
    total += grad * grad
    change = (lr / (1 + (step - 1) * lr_decay)) * grad
    change /= xp.sqrt(total) + eps
    p -= change


class Adagrad(Optimizer):
    """Steps scaled by the root of the sum of all squared gradients.

    `s += grad**2`, then `p -= lr / (1 + (t - 1) * lr_decay) * grad / (sqrt(s) + eps)`.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1e-2.
        lr_decay: how fast the learning rate falls; default 0.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        initial_accumulator_value: what the sum starts with; default 0.
        eps: added to the denominator; default 1e-10.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.
        differentiable: record the step, so that gradients flow through it; default False.
        fused: accepted and ignored, like `foreach`.

    Raises:
        ValueError: an option is out of range.
        RuntimeError: `fused` together with `differentiable` or `foreach`.

    Source: PyTorch's ``torch.optim.Adagrad``; Duchi, Hazan and Singer, "Adaptive subgradient
    methods for online learning and stochastic optimization" (2011).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.Adagrad([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> w
        tensor([0.7500], requires_grad=True)
    """

    shaped_state = frozenset({"sum"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_range(
            "Adagrad",
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        check_switches(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:  # the sums are there from the start, as in PyTorch
            for p in group["params"]:
                self.state[p] = self.init_single(p, group)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count and a sum with its initial value."""
        start = group["initial_accumulator_value"]
        total = ag.full_like(p, complex(start, start) if p.is_complex() else start)
        return {"step": scalar(0, p, group), "sum": total}

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `adagrad_step`."""
        numbers = {
            "step": count(state),
            "lr": group["lr"],
            "lr_decay": group["lr_decay"],
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
        }
        return Update(adagrad_step, (state["sum"],), numbers)
