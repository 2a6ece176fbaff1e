"""Averaged stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range, number
from autograd_core.optim.scalars import count, scalar, value
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def asgd_step(
    xp: Any,
    p: Any,
    grad: Any,
    average: Any,
    *,
    eta: float,
    mu: float,
    lambd: float,
    weight_decay: float,
) -> None:
    """Update `p` and its average in place.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        average: the average of the parameter's values.
        eta: this step's learning rate.
        mu: this step's share in the average.
        lambd: the decay.
        weight_decay: L2 penalty.
    """
    if weight_decay:
        grad = grad + weight_decay * p
    p *= 1 - lambd * eta
    p -= eta * grad
    average *= 1 - mu
    average += mu * p


class ASGD(Optimizer):
    """Stochastic gradient descent that also averages the values it comes by, in `state[p]["ax"]`.

    `p -= eta * (grad + lambd * p)` with `eta = lr / (1 + lambd * lr * t)**alpha`; from step `t0` on
    `ax` is the mean of the values of `p`, before it is `p` itself.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate at the start; default 1e-2.
        lambd: the decay; default 1e-4.
        alpha: how fast the learning rate falls; default 0.75.
        t0: the step at which averaging starts; default 1e6.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        foreach: accepted and ignored, as parameters are always updated together.
        maximize: climb and do not descend; default False.
        differentiable: record the step, so that gradients flow through it; default False.
        capturable: count the steps on the parameter's device, so that the step can be captured;
            default False.

    Raises:
        ValueError: an option is out of range.

    Source: PyTorch's ``torch.optim.ASGD``; Polyak and Juditsky, "Acceleration of stochastic
    approximation by averaging" (1992); Bottou, "Stochastic gradient descent tricks" (2012).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.ASGD([w], lr=0.25, lambd=0.0)
        >>> (w * w).sum().backward()
        >>> opt.step()
        >>> opt.state[w]["ax"]
        tensor([0.5000])
    """

    shaped_state = frozenset({"ax"})
    scalar_state = frozenset({"step", "eta", "mu"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_range("ASGD", lr=lr, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count, the first rate and share, and an average of zero."""
        return {
            "step": scalar(0, p, group),
            "eta": scalar(number(group["lr"]), p, group),
            "mu": scalar(1, p, group),
            "ax": ag.zeros_like(p),
        }

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `asgd_step`, and prepare the next step's rate and share."""
        numbers = {
            "eta": _now(state["eta"]),
            "mu": _now(state["mu"]),
            "lambd": group["lambd"],
            "weight_decay": group["weight_decay"],
        }
        lr = group["lr"] if group["capturable"] else number(group["lr"])
        step = count(state)
        state["eta"].fill_(lr / (1 + group["lambd"] * lr * step) ** group["alpha"])
        averaged = step - group["t0"]
        state["mu"].fill_(
            1 / ag.maximum(averaged, 1) if isinstance(averaged, Tensor) else 1 / max(1, averaged)
        )
        return Update(asgd_step, (state["ax"],), numbers)


def _now(entry: Tensor) -> Any:
    """The entry's value, which stays when the entry changes."""
    now = value(entry)
    return now.clone() if isinstance(now, Tensor) else now
