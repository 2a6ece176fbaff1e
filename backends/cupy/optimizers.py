"""Optimizer steps as one kernel each, in place of a dozen passes over the same memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cupy
import numpy as np

from autograd_core.backends.base import HALF_DTYPES
from autograd_core.backends.cupy.sources import (
    ADAM,
    ADAM_END,
    AMSGRAD_END,
    SGD,
    SGD_MOMENTUM,
)

_sgd = cupy.ElementwiseKernel("T grad, T lr, T weight_decay", "T param", SGD, "autograd_core_sgd")
_sgd_momentum = cupy.ElementwiseKernel(
    "T grad, T lr, T momentum, T undampened, T weight_decay, bool nesterov, bool first",
    "T param, T buffer",
    SGD_MOMENTUM,
    "autograd_core_sgd_momentum",
)
_ADAM_INPUTS = (
    "T grad, T step_size, T eps, T rate1, T rate2, T beta2, T weight_decay, T shrink, "
    "bool decoupled"
)
_adam = cupy.ElementwiseKernel(
    _ADAM_INPUTS, "T param, T mean, T square", ADAM + ADAM_END, "autograd_core_adam"
)
_amsgrad = cupy.ElementwiseKernel(
    _ADAM_INPUTS,
    "T param, T mean, T square, T largest",
    ADAM + AMSGRAD_END,
    "autograd_core_amsgrad",
)


def sgd_step(
    xp: Any,
    param: Any,
    grad: Any,
    momentum_buffer: Any,
    *,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    first: bool,
) -> None:
    """One step of SGD; arguments as of ``optim.sgd.sgd_step``."""
    if momentum_buffer is None:
        _update(_sgd, grad, (lr, weight_decay), (param,))
    else:
        numbers = (lr, momentum, 1 - dampening, weight_decay, nesterov, first)
        _update(_sgd_momentum, grad, numbers, (param, momentum_buffer))


def adam_step(
    xp: Any,
    param: Any,
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
    root = (1 - beta2**step) ** 0.5
    step_size = lr * root / (1 - beta1**step)
    shrink = 1 - lr * weight_decay
    numbers = (step_size, eps * root, 1 - beta1, 1 - beta2, beta2, weight_decay, shrink, decoupled)
    if max_exp_avg_sq is None:
        _update(_adam, grad, numbers, (param, exp_avg, exp_avg_sq))
    else:
        _update(_amsgrad, grad, numbers, (param, exp_avg, exp_avg_sq, max_exp_avg_sq))


def _update(kernel: Any, grad: Any, numbers: Sequence[float], changed: Sequence[Any]) -> None:
    """Run ``kernel`` over a gradient and the arrays that change."""
    dtype = grad.dtype
    if dtype.kind == "c":  # the parts are parameters of their own
        _update(kernel, grad.real, numbers, [one.real for one in changed])
        _update(kernel, grad.imag, numbers, [one.imag for one in changed])
    elif dtype.name in HALF_DTYPES:  # a step may be too small for them
        wide = [one.astype(np.float32) for one in changed]
        _update(kernel, grad.astype(np.float32), numbers, wide)
        for one, value in zip(changed, wide):
            one[...] = value.astype(dtype)
    else:
        kernel(grad, *numbers, *changed)


KERNELS: dict[str, Callable[..., Any]] = {"sgd_step": sgd_step, "adam_step": adam_step}
