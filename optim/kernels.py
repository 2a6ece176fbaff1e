"""The arithmetic of optimizer steps, on raw arrays, in place.

A step is a dozen elementwise passes over a parameter and its state. Done whole, each pass would
stream megabytes through memory and make a temporary as large as the parameter. Done block by
block, with a small scratch array, a block is read and written once and stays in the processor's
cache in between.

Every kernel takes `xp` first, NumPy or CuPy. A backend may bring its own under the same name in
`Backend.kernels`, for example one fused CUDA kernel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

# Elements per block: a few float32 streams of this length fit into a core's share of the caches.
BLOCK = 1 << 16


def blocks(*arrays: Any) -> Iterator[tuple[Any, ...]]:
    """Cut arrays of one shape into matching small pieces that share their memory.

    Args:
        arrays: arrays of one shape. Complex ones are given out as their real and imaginary parts,
            which an optimizer treats as separate parameters.

    Returns:
        An iterator of tuples, one piece of each array. Arrays that are small, or laid out in
        different orders, come in one piece.

    Example:
        >>> import numpy as np
        >>> [piece.size for (piece,) in blocks(np.zeros((3, 30000)))]
        [65536, 24464]
    """
    if arrays[0].dtype.kind == "c":
        yield from blocks(*[a.real for a in arrays])
        yield from blocks(*[a.imag for a in arrays])
        return
    size = arrays[0].size
    if size > BLOCK:
        flat = None
        if all(a.flags.c_contiguous for a in arrays):
            flat = [a.reshape(-1) for a in arrays]
        elif all(a.flags.f_contiguous for a in arrays):
            flat = [a.T.reshape(-1) for a in arrays]
        if flat is not None:
            for start in range(0, size, BLOCK):
                yield tuple([a[start : start + BLOCK] for a in flat])
            return
    yield arrays


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
    work = None
    arrays = (param, grad) if momentum_buffer is None else (param, grad, momentum_buffer)
    for p, g, *buffers in blocks(*arrays):
        if work is None or work.shape != p.shape:
            work = xp.empty_like(p)
        if weight_decay:
            xp.multiply(p, weight_decay, out=work)
            g = xp.add(work, g, out=work)
        if buffers:
            (b,) = buffers
            if first:
                b[...] = g
            else:
                b *= momentum
                if dampening:
                    b += g * (1 - dampening)
                else:
                    b += g
            if nesterov:
                ahead = b * momentum
                ahead += g
                g = ahead
            else:
                g = b
        xp.multiply(g, lr, out=work)
        p -= work


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
    work = extra = None
    averages = (exp_avg, exp_avg_sq)
    moments = averages if max_exp_avg_sq is None else (*averages, max_exp_avg_sq)
    for p, g, m, v, *largest in blocks(param, grad, *moments):
        if work is None or work.shape != p.shape:
            work = xp.empty_like(p)
        if weight_decay:
            if decoupled:
                p *= 1 - lr * weight_decay
            else:
                if extra is None or extra.shape != p.shape:
                    extra = xp.empty_like(p)
                xp.multiply(p, weight_decay, out=extra)
                g = xp.add(extra, g, out=extra)
        xp.subtract(g, m, out=work)
        work *= 1 - beta1
        m += work
        xp.multiply(g, g, out=work)
        work *= 1 - beta2
        v *= beta2
        v += work
        if largest:
            v = xp.maximum(largest[0], v, out=largest[0])
        xp.sqrt(v, out=work)
        work += eps
        xp.divide(m, work, out=work)
        work *= step_size
        p -= work
