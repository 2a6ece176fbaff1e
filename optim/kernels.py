"""The arithmetic of optimizer steps, on raw arrays, in place.

A step is a dozen elementwise passes over a parameter and its state. Done whole, each pass would
stream megabytes through memory and make a temporary as large as the parameter. Done block by
block, a block is read and written once and stays in the processor's cache in between, and the
temporaries are small and soon used again.

Every kernel takes `xp` first, NumPy or CuPy. A backend may bring its own under the same name in
`Backend.kernels`, for example one fused CUDA kernel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

# Elements per block: a few float32 streams of this length fit into a core's share of the caches.
BLOCK = 1 << 16


def each_block(update: Callable[..., None], *arrays: Any) -> None:
    """Call `update` on matching small pieces of arrays of one shape; the pieces share their memory.

    Args:
        update: takes one piece of each array.
        arrays: arrays of one shape. Complex ones are given out as their real and imaginary parts,
            which an optimizer treats as separate parameters. Arrays that are small, or laid out
            in different orders, come in one piece.

    Example:
        >>> import numpy as np
        >>> each_block(lambda piece: print(piece.size), np.zeros((3, 30000)))
        65536
        24464
    """
    first = arrays[0]
    if first.dtype.kind == "c":
        each_block(update, *[a.real for a in arrays])
        each_block(update, *[a.imag for a in arrays])
        return
    if first.ndim == 0:  # arithmetic on 0-d arrays gives numbers, which take no `out=`
        update(*[a.reshape(1) for a in arrays])
        return
    # On a GPU there is no such cache to serve, and every piece would be a launch.
    if first.size > BLOCK and isinstance(first, np.ndarray):
        flat = None
        if all(a.flags.c_contiguous for a in arrays):
            flat = [a.reshape(-1) for a in arrays]
        elif all(a.flags.f_contiguous for a in arrays):
            flat = [a.T.reshape(-1) for a in arrays]
        if flat is not None:
            for start in range(0, first.size, BLOCK):
                update(*[a[start : start + BLOCK] for a in flat])
            return
    update(*arrays)


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
    """Update `param` and `momentum_buffer` in place by stochastic gradient descent.

    Args:
        xp: the array library.
        param: the parameter.
        grad: its gradient, only read.
        momentum_buffer: the running direction, or None without momentum.
        lr: learning rate.
        momentum: share of the running direction that is kept.
        dampening: share of the gradient that is left out of the running direction.
        weight_decay: L2 penalty.
        nesterov: look ahead along the running direction.
        first: the buffer holds nothing yet and starts as the gradient.

    Source: PyTorch's ``torch.optim.SGD``.

    Example:
        >>> import numpy as np
        >>> p = np.ones(2)
        >>> sgd_step(np, p, np.full(2, 4.0), None, lr=0.1, momentum=0, dampening=0,
        ...          weight_decay=0, nesterov=False, first=False)
        >>> p
        array([0.6, 0.6])
    """

    def update(p: Any, g: Any, b: Any = None) -> None:
        if weight_decay:
            g = g + p * weight_decay
        if b is not None:
            if first:
                b[...] = g
            else:
                b *= momentum
                b += g * (1 - dampening) if dampening else g
            g = g + b * momentum if nesterov else b
        p -= g * lr

    if momentum_buffer is None:
        each_block(update, param, grad)
    else:
        each_block(update, param, grad, momentum_buffer)


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
    """Update `param` and its moments in place by Adam or AdamW.

    Args:
        xp: the array library.
        param: the parameter.
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

    Source: Kingma and Ba, "Adam" (2015); Loshchilov and Hutter, "Decoupled weight decay
    regularization" (2019); Reddi et al., "On the convergence of Adam and beyond" (2018).

    Example:
        >>> import numpy as np
        >>> p, m, v = np.ones(2), np.zeros(2), np.zeros(2)
        >>> adam_step(np, p, np.full(2, 4.0), m, v, None, step=1, lr=0.1, beta1=0.9, beta2=0.999,
        ...           eps=1e-8, weight_decay=0, decoupled=False)
        >>> p.round(6)
        array([0.9, 0.9])
    """
    # p -= lr / c1 * m / (sqrt(v) / c2 + eps), with the constants gathered to save a pass.
    root = math.sqrt(1 - beta2**step)
    step_size = lr * root / (1 - beta1**step)
    eps *= root

    def update(p: Any, g: Any, m: Any, v: Any, largest: Any = None) -> None:
        if weight_decay:
            if decoupled:
                p *= 1 - lr * weight_decay
            else:
                g = g + p * weight_decay
        work = g - m
        work *= 1 - beta1
        m += work
        xp.multiply(g, g, out=work)
        work *= 1 - beta2
        v *= beta2
        v += work
        if largest is not None:
            v = xp.maximum(largest, v, out=largest)
        xp.sqrt(v, out=work)
        work += eps
        xp.divide(m, work, out=work)
        work *= step_size
        p -= work

    if max_exp_avg_sq is None:
        each_block(update, param, grad, exp_avg, exp_avg_sq)
    else:
        each_block(update, param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq)
