"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_range, check_switches
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


def sgd_step(
    xp: Any,
    p: Any,
    grad: Any,
    buffer: Any,
    *,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    first: bool,
) -> None:
    """Update `p` and `buffer` in place by stochastic gradient descent.

    Args:
        xp: the array library.
        p: the parameter.
        grad: its gradient, only read.
        buffer: the running direction, or None without momentum.
        lr: learning rate.
        momentum: share of the running direction that is kept.
        dampening: share of the gradient that is left out of the running direction.
        weight_decay: L2 penalty.
        nesterov: look ahead along the running direction.
        first: the buffer holds nothing yet and starts as the gradient.

    Example:
        >>> import numpy as np
        >>> p = np.ones(2)
        >>> sgd_step(np, p, np.full(2, 4.0), None, lr=0.1, momentum=0, dampening=0,
        ...          weight_decay=0, nesterov=False, first=False)
        >>> p
        array([0.6, 0.6])
    """
    if weight_decay:
        grad = grad + weight_decay * p
    if buffer is not None:
        if first:
            buffer[...] = grad
        else:
            buffer *= momentum
            buffer += (1 - dampening) * grad if dampening else grad
        grad = grad + momentum * buffer if nesterov else buffer
    p -= lr * grad


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if wanted.

    Without momentum `p -= lr * grad`. With it, a running direction
    `buf = momentum * buf + (1 - dampening) * grad` (at first `buf = grad`) takes the gradient's
    place; Nesterov's variant uses `grad + momentum * buf`.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1e-3.
        momentum: share of the running direction that is kept; default 0.
        dampening: share of the gradient left out of the running direction; default 0.
        weight_decay: L2 penalty, `grad += weight_decay * p`; default 0.
        nesterov: Nesterov's momentum; default False.
        maximize: climb and do not descend; default False.
        foreach: accepted and ignored, as parameters are always updated together.
        differentiable: record the step, so that gradients flow through it; default False.
        fused: accepted and ignored, like `foreach`.

    Raises:
        ValueError: an option is out of range, or `nesterov` without momentum or with dampening.
        RuntimeError: `fused` together with `differentiable` or `foreach`.

    Source: PyTorch's ``torch.optim.SGD``; Sutskever et al., "On the importance of initialization
    and momentum in deep learning" (2013).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.SGD([w], lr=0.25, momentum=0.5)
        >>> for _ in range(2):
        ...     opt.zero_grad()
        ...     (w * w).sum().backward()
        ...     opt.step()
        >>> w.tolist()
        [0.0]
    """

    shaped_state = frozenset({"momentum_buffer"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_range("SGD", lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("SGD: Nesterov momentum requires a momentum and zero dampening")
        check_switches(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return an entry for the running direction, which the first step fills, or nothing."""
        return {"momentum_buffer": None} if group["momentum"] else {}

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `sgd_step`."""
        buffer = state.get("momentum_buffer") if group["momentum"] else None
        first = bool(group["momentum"]) and buffer is None
        if first:
            buffer = state["momentum_buffer"] = ag.empty_like(p)
        numbers = {
            "lr": group["lr"],
            "momentum": group["momentum"],
            "dampening": group["dampening"],
            "weight_decay": group["weight_decay"],
            "nesterov": group["nesterov"],
            "first": first,
        }
        return Update(sgd_step, (buffer,), numbers)
