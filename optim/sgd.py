"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.backends.registry import backend_of
from autograd_core.optim.kernels import sgd_step
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_not_negative, number
from autograd_core.tensor import Tensor


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
        foreach: accepted and ignored, as the step is always done in cache-sized blocks.
        differentiable: must be False.
        fused: accepted and ignored, like `foreach`.

    Raises:
        ValueError: an option is out of range, or `nesterov` without momentum or with dampening.

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
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_not_negative("SGD", lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("SGD: Nesterov momentum requires a momentum and zero dampening")
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

    def apply_single(
        self, p: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Update `p` in place; see `sgd_step`."""
        momentum = group["momentum"]
        buffer = state.get("momentum_buffer") if momentum else None
        first = bool(momentum) and buffer is None
        if first:
            buffer = state["momentum_buffer"] = ag.empty_like(p)
        backend = backend_of(p._array)
        backend.kernels.get("sgd_step", sgd_step)(
            backend.xp,
            p._array,
            grad._array,
            None if buffer is None else buffer._array,
            lr=number(group["lr"]),
            momentum=momentum,
            dampening=group["dampening"],
            weight_decay=group["weight_decay"],
            nesterov=group["nesterov"],
            first=first,
        )
