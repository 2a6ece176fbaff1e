"""Schedule-free optimizers: averaging in place of a learning rate schedule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd_core as ag
from autograd_core.grad_mode import no_grad
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.options import check_betas, check_range, number
from autograd_core.optim.scalars import count, scalar, value
from autograd_core.optim.update import Update
from autograd_core.tensor import Tensor


class ScheduleFree(Optimizer):
    """What schedule-free optimizers share: three sequences of values, of which two are kept.

    `z` takes the steps, `x` is the running mean of `z`, and gradients are taken between them, at
    `y = (1 - momentum) * z + momentum * x`. While training, the parameters are `y`, and `z` is in
    the state. `eval()` turns the parameters into `x`, to validate or to save the model, and
    `train()` turns them back.
    """

    def _momentum(self, group: dict[str, Any]) -> float:
        """The share of `x` in `y`."""
        raise NotImplementedError

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count, the sum of the weights, and `z`, which starts at the parameter."""
        return {
            "step": scalar(0, p, group),
            "weight_sum": scalar(0, p, group, dtype=ag.float64),
            "z": p.detach().clone(),
        }

    def _share(self, state: dict[str, Any], group: dict[str, Any], rate: float) -> float:
        """The share of the newest `z` in `x`: its weight, by step and rate, over that of all."""
        weight = value(state["step"]) ** group["r"] * rate ** group["weight_lr_power"]
        state["weight_sum"] += weight
        total = value(state["weight_sum"])
        return weight / total if total else 0.0

    def _rate(self, state: dict[str, Any], group: dict[str, Any]) -> float:
        """The learning rate of a step, which grows during warm-up."""
        step = count(state)
        return number(group["lr"]) * min(1.0, step / max(1, group["warmup_steps"]))

    def train(self) -> None:
        """Turn the parameters into the places where gradients are taken."""
        self._turn(True)

    def eval(self) -> None:
        """Turn the parameters into the running means, which are the result of training."""
        self._turn(False)

    @no_grad()
    def _turn(self, training: bool) -> None:
        for group in self.param_groups:
            if group["train_mode"] == training:
                continue
            group["train_mode"] = training
            momentum = self._momentum(group)
            for p in group["params"]:
                if "z" in self.state.get(p, ()):
                    p.lerp_(self.state[p]["z"], 1 - momentum if training else 1 - 1 / momentum)

    def step(self, closure: Any = None) -> Any:
        """Update every parameter that has a gradient; see `Optimizer.step`.

        Raises:
            RuntimeError: the parameters were turned into the means by `eval()`.
        """
        if not all(group["train_mode"] for group in self.param_groups):
            raise RuntimeError(
                f"{type(self).__name__}: step() was called in evaluation mode, in which the "
                "parameters are running means; call optimizer.train() before training goes on"
            )
        return super().step(closure)


def _move(y: Any, z: Any, change: Any, lr: float, momentum: float, share: float) -> None:
    """Let `z` take its step, and `y` follow it and the running mean."""
    y += share * (z - y)
    y -= lr * (1 - momentum * (1 - share)) * change
    z -= lr * change


def schedule_free_sgd_step(
    xp: Any,
    y: Any,
    grad: Any,
    z: Any,
    *,
    lr: float,
    momentum: float,
    weight_decay: float,
    share: float,
) -> None:
    """Update `y` and `z` in place by schedule-free stochastic gradient descent.

    Args:
        xp: the array library.
        y: the parameter.
        grad: its gradient, only read.
        z: the sequence that takes the steps.
        lr: this step's learning rate.
        momentum: share of the running mean in `y`.
        weight_decay: L2 penalty.
        share: share of the newest `z` in the running mean.
    """
    if weight_decay:
        grad = grad + weight_decay * y
    _move(y, z, grad, lr, momentum, share)


class SGDScheduleFree(ScheduleFree):
    """Stochastic gradient descent whose averaged values need no falling learning rate.

    With `x`, `y` and `z` of `ScheduleFree`, `z -= lr * grad(y)`, and `x` is the mean of `z`
    weighted by `t**r * lr_t**weight_lr_power`. Call `opt.eval()` before validating or saving the
    model, and `opt.train()` after it.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 1.
        momentum: share of the mean in the place of the gradient, in (0, 1); default 0.9.
        weight_decay: L2 penalty, `grad += weight_decay * y`; default 0.
        warmup_steps: steps in which the learning rate grows from 0; default 0.
        r: power of the step in the weights; default 0.
        weight_lr_power: power of the learning rate in the weights; default 2.
        maximize: climb and do not descend; default False.

    Raises:
        ValueError: an option is out of range.

    Source: Defazio et al., "The road less scheduled" (2024).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.SGDScheduleFree([w], lr=0.1)
        >>> for _ in range(100):
        ...     opt.zero_grad()
        ...     (w * w).sum().backward()
        ...     opt.step()
        >>> opt.eval()
        >>> abs(w.item()) < 0.1
        True
    """

    shaped_state = frozenset({"z"})
    scalar_state = frozenset({"step", "weight_sum"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1.0,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        warmup_steps: int = 0,
        r: float = 0.0,
        weight_lr_power: float = 2.0,
        *,
        maximize: bool = False,
    ) -> None:
        check_range("SGDScheduleFree", lr=lr, weight_decay=weight_decay, warmup_steps=warmup_steps)
        if not 0 < momentum < 1:
            raise ValueError(
                f"SGDScheduleFree: Invalid momentum value: {momentum}; expected 0 < momentum < 1"
            )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "warmup_steps": warmup_steps,
            "r": r,
            "weight_lr_power": weight_lr_power,
            "train_mode": True,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _momentum(self, group: dict[str, Any]) -> float:
        return group["momentum"]

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `schedule_free_sgd_step`."""
        rate = self._rate(state, group)
        numbers = {
            "lr": rate,
            "momentum": group["momentum"],
            "weight_decay": group["weight_decay"],
            "share": self._share(state, group, rate),
        }
        return Update(schedule_free_sgd_step, (state["z"],), numbers)


def schedule_free_adamw_step(
    xp: Any,
    y: Any,
    grad: Any,
    z: Any,
    exp_avg_sq: Any,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    share: float,
) -> None:
    """Update `y`, `z` and the mean square in place by schedule-free AdamW.

    Args:
        xp: the array library.
        y: the parameter.
        grad: its gradient, only read.
        z: the sequence that takes the steps.
        exp_avg_sq: running mean of the squared gradient.
        lr: this step's learning rate, with the correction for the mean's start at zero.
        beta1: share of the running mean in `y`.
        beta2: decay of `exp_avg_sq`.
        eps: added to the root of `exp_avg_sq`.
        weight_decay: the decay.
        share: share of the newest `z` in the running mean.
    """
    exp_avg_sq += (1 - beta2) * (grad * grad - exp_avg_sq)
    change = grad / (xp.sqrt(exp_avg_sq) + eps)
    if weight_decay:
        change += weight_decay * y
    _move(y, z, change, lr, beta1, share)


class AdamWScheduleFree(ScheduleFree):
    """AdamW whose averaged values need no falling learning rate.

    With `x`, `y` and `z` of `ScheduleFree` and AdamW's mean square `v`,
    `z -= lr_t * (grad(y) / (sqrt(v) + eps) + weight_decay * y)`, where
    `lr_t = lr * sqrt(1 - beta2**t)`, and `x` is the mean of `z` weighted by
    `t**r * lr_t**weight_lr_power`. Call `opt.eval()` before validating or saving the model, and
    `opt.train()` after it.

    Args:
        params: Tensors, (name, Tensor) pairs, or dicts of parameter groups.
        lr: learning rate; default 2.5e-3.
        betas: share of the mean in the place of the gradient, in (0, 1), and decay of the mean
            square; default (0.9, 0.999).
        eps: added to the denominator; default 1e-8.
        weight_decay: the decay; default 0.
        warmup_steps: steps in which the learning rate grows from 0; default 0.
        r: power of the step in the weights; default 0.
        weight_lr_power: power of the learning rate in the weights; default 2.
        maximize: climb and do not descend; default False.

    Raises:
        ValueError: an option is out of range.

    Source: Defazio et al., "The road less scheduled" (2024), algorithm 1.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import optim
        >>> w = ag.tensor([1.0], requires_grad=True)
        >>> opt = optim.AdamWScheduleFree([w], lr=0.1)
        >>> for _ in range(200):
        ...     opt.zero_grad()
        ...     (w * w).sum().backward()
        ...     opt.step()
        >>> opt.eval()
        >>> abs(w.item()) < 0.2
        True
    """

    shaped_state = frozenset({"z", "exp_avg_sq"})
    scalar_state = frozenset({"step", "weight_sum"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 2.5e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        warmup_steps: int = 0,
        r: float = 0.0,
        weight_lr_power: float = 2.0,
        *,
        maximize: bool = False,
    ) -> None:
        name = "AdamWScheduleFree"
        check_range(name, lr=lr, eps=eps, weight_decay=weight_decay, warmup_steps=warmup_steps)
        check_betas(name, betas)
        if not betas[0] > 0:
            raise ValueError(f"{name}: Invalid beta parameter at index 0: {betas[0]}; expected > 0")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "warmup_steps": warmup_steps,
            "r": r,
            "weight_lr_power": weight_lr_power,
            "train_mode": True,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _momentum(self, group: dict[str, Any]) -> float:
        return group["betas"][0]

    def init_single(self, p: Tensor, group: dict[str, Any]) -> dict[str, Any]:
        """Return a step count, the sum of the weights, `z`, and a mean square of zero."""
        return {**super().init_single(p, group), "exp_avg_sq": ag.zeros_like(p)}

    def update_single(self, p: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Update:
        """Return an update by `schedule_free_adamw_step`."""
        beta1, beta2 = group["betas"]
        rate = self._rate(state, group) * (1 - beta2 ** value(state["step"])) ** 0.5
        numbers = {
            "lr": rate,
            "beta1": beta1,
            "beta2": beta2,
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
            "share": self._share(state, group, rate),
        }
        return Update(schedule_free_adamw_step, (state["z"], state["exp_avg_sq"]), numbers)
