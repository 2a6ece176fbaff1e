"""Optimizer steps in fewer passes over memory than their definitions need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.backends.numpy.blas import axpby


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
    """One step of SGD; arguments as of ``optim.sgd.sgd_step``."""
    share = 1.0 if first else 1 - dampening
    if weight_decay and (buffer is None or nesterov):
        grad = grad.copy()
        axpby(weight_decay, p, 1.0, grad)
        weight_decay = 0
    if buffer is None:
        axpby(-lr, grad, 1.0, p)
        return
    if first:
        buffer[...] = grad
    else:
        axpby(share, grad, momentum, buffer)
    if nesterov:
        axpby(-lr, grad, 1.0, p)
        axpby(-lr * momentum, buffer, 1.0, p)
        return
    if weight_decay:  # straight into the buffer, which saves a copy of the gradient
        axpby(share * weight_decay, p, 1.0, buffer)
    axpby(-lr, buffer, 1.0, p)


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
    """One step of Adam or AdamW; arguments as of ``optim.adam.adam_step``."""
    if weight_decay and not decoupled:
        grad = grad.copy()
        axpby(weight_decay, p, 1.0, grad)
    axpby(1 - beta1, grad, beta1, exp_avg)
    work = grad * grad
    axpby(1 - beta2, work, beta2, exp_avg_sq)
    if max_exp_avg_sq is not None:
        exp_avg_sq = xp.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    root = (1 - beta2**step) ** 0.5
    xp.sqrt(exp_avg_sq, out=work)
    work += eps * root
    xp.divide(exp_avg, work, out=work)
    shrink = 1 - lr * weight_decay if decoupled else 1.0
    axpby(-lr * root / (1 - beta1**step), work, shrink, p)


KERNELS: dict[str, Callable[..., Any]] = {"sgd_step": sgd_step, "adam_step": adam_step}
