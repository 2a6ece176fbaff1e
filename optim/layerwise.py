"""LARS and LAMB: for large batches, a step of each layer in proportion to its weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_betas, check_range, check_real
from autograd_core.optim.scalars import count, scalar
from autograd_core.optim.update import Update, per_tensor
from autograd_core.tensor import Tensor


def _norm(xp: Any, x: Any) -> Any:
    return xp.sqrt(xp.sum(x * x))


def _ratio(xp: Any, above: Any, below: Any) -> Any:
    """`above / below`, and 1 where one of them is 0."""
    usable = (above > 0) & (below > 0)
    return xp.where(usable, above / xp.where(usable, below, 1.0), 1.0)


@per_tensor
def lars_step(
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
    trust_coefficient: float,
    eps: float,
) -> None:
    """Update `p` and its running direction in place by LARS.

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
        trust_coefficient: the size of a step in proportion to the parameter.
        eps: added to the norm that is divided by.
    """
    size = _norm(xp, p)
    trust = _ratio(xp, trust_coefficient * size, _norm(xp, grad) + weight_decay * size + eps)
    grad = lr * trust * (grad + weight_decay * p)
    if buffer is not None:
        buffer *= momentum
        buffer += (1 - dampening) * grad
        grad = grad + momentum * buffer if nesterov else buffer
    p -= grad


class LARS(Optimizer):
    """Momentum, with a learning rate for each parameter in proportion to its norm.

    `trust = trust_coefficient * norm(p) / (norm(grad) + weight_decay * norm(p) + eps)`,
    `buf = momentum * buf + lr * trust * (grad + weight_decay * p)`, then `p -= buf`. Biases and
    the parameters of normalisation layers are best left to another group or optimizer.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1.
        momentum: share of the running direction that is kept; default 0.9.
        dampening: share of the gradient left out of the running direction; default 0.
        weight_decay: L2 penalty; default 0.
        nesterov: Nesterov's momentum; default False.
        trust_coefficient: the size of a step in proportion to the parameter; default 1e-3.
        eps: added to the norm that is divided by; default 0.
        maximize: climb and do not descend; default False.

    Raises:
        ValueError: an option is out of range, or `nesterov` without momentum or with dampening.
        RuntimeError: a parameter is complex, in the first step.

    Source: You, Gitman and Ginsburg, "Large batch training of convolutional networks" (2017),
    algorithm 1.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([3.0, 4.0], requires_grad=True)
        >>> opt = optim.LARS([w], trust_coefficient=0.5)
        >>> w.sum().backward()
        >>> opt.step()
        >>> w
        tensor([1.2322, 2.2322], requires_grad=True)
    """

    shaped_state = frozenset({"momentum_buffer"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1.0,
        momentum: float = 0.9,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        trust_coefficient: float = 1e-3,
        eps: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        check_range(
            "LARS",
            lr=lr,
            momentum=momentum,
            weight_decay=weight_decay,
            trust_coefficient=trust_coefficient,
            eps=eps,
        )
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("LARS: Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "trust_coefficient": trust_coefficient,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a running direction of zero, or nothing without momentum."""
        check_real("LARS", p)
        return {"momentum_buffer": ag.zeros_like(p)} if group["momentum"] else {}

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `lars_step`."""
        names = ("lr", "momentum", "dampening", "weight_decay", "nesterov")
        numbers = {name: group[name] for name in (*names, "trust_coefficient", "eps")}
        return Update(lars_step, (state.get("momentum_buffer"),), numbers)


@per_tensor
def lamb_step(
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
) -> None:
    """Update `p` and its moments in place by LAMB.

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
        weight_decay: the decay.
    """
    exp_avg += (1 - beta1) * (grad - exp_avg)
    exp_avg_sq += (1 - beta2) * (grad * grad - exp_avg_sq)
    change = exp_avg / (1 - beta1**step)
    change /= xp.sqrt(exp_avg_sq / (1 - beta2**step)) + eps
    change += weight_decay * p
    p -= lr * _ratio(xp, _norm(xp, p), _norm(xp, change)) * change


class LAMB(Optimizer):
    """Adam whose step of each parameter is as long as `lr` times the parameter's norm.

    With Adam's corrected averages `m` and `v`, `change = m / (sqrt(v) + eps) + weight_decay * p`,
    then `p -= lr * norm(p) / norm(change) * change`.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1e-3.
        betas: decay rates of the two averages; default (0.9, 0.999).
        eps: added to the denominator; default 1e-6.
        weight_decay: the decay; default 0.
        maximize: climb and do not descend; default False.

    Raises:
        ValueError: an option is out of range.
        RuntimeError: a parameter is complex, in the first step.

    Source: You et al., "Large batch optimization for deep learning: training BERT in 76 minutes"
    (2020), algorithm 2.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([3.0, 4.0], requires_grad=True)
        >>> opt = optim.LAMB([w], lr=0.1)
        >>> w.sum().backward()
        >>> opt.step()
        >>> w
        tensor([2.6464, 3.6464], requires_grad=True)
    """

    shaped_state = frozenset({"exp_avg", "exp_avg_sq"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        check_range("LAMB", lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas("LAMB", betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count and averages of zero."""
        check_real("LAMB", p)
        return {
            "step": scalar(0, p, group),
            "exp_avg": ag.zeros_like(p),
            "exp_avg_sq": ag.zeros_like(p),
        }

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `lamb_step`."""
        beta1, beta2 = group["betas"]
        numbers = {
            "step": count(state),
            "lr": group["lr"],
            "beta1": beta1,
            "beta2": beta2,
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
        }
        return Update(lamb_step, (state["exp_avg"], state["exp_avg_sq"]), numbers)
