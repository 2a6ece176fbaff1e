"""Samples of a choice that gradients flow through: softmax of logits with Gumbel noise."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.generator import stream_for
from autograd_core.op import Op
from autograd_core.operands import check_floating
from autograd_core.ops.dims import one_dim
from autograd_core.ops.precision import widen
from autograd_core.ops.softmax import softmax
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _choice(xp: Any, input: Any, dim: int) -> Any:
    """1 where the input is the greatest along the dimension, and 0 elsewhere."""
    if not input.ndim or not input.size:
        return xp.ones_like(input)
    places = xp.arange(input.shape[dim]).reshape(-1, *(1,) * (input.ndim - 1 - dim))
    greatest = xp.expand_dims(xp.argmax(widen(input), axis=dim), dim)
    # Minus and plus, since that is how PyTorch puts the value in place of the input.
    return ((places == greatest).astype(input.dtype) - input) + input


# The value of the choice, with the gradient of what it was chosen from.
_straight_through = Op("straight_through", _choice, {"input": lambda g: g})


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 4))
    yield Sample(make(3, 4).T, 0.5, dim=0)
    yield Sample(make(2, 1, 3), tau=2.0, dim=-3)
    yield Sample(make())
    yield Sample(make(0, 3))


@operator(
    "nn.functional.gumbel_softmax",
    method=False,
    samples=_samples,
    convention=SMOOTH + "; with hard=True the gradient is that of the soft sample",
)
def gumbel_softmax(
    logits: Any, tau: float = 1.0, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Any:
    """A random choice by logits, as probabilities near 0 and 1 that gradients flow through.

    Args:
        logits: floating-point tensor of logarithms of weights.
        tau: the temperature: the smaller, the nearer to 0 and 1; default 1.
        hard: return zeros and a single 1, with the gradient of the soft sample; default False.
        eps: without effect, as in PyTorch.
        dim: the dimension of the alternatives; default the last.

    Returns:
        A tensor of the shape of ``logits`` that sums to 1 along ``dim``.

    Source: PyTorch, ``torch.nn.functional.gumbel_softmax``, which draws the same numbers; Jang et
    al., "Categorical reparameterization with Gumbel-softmax" (2017).

    Example:
        >>> import autograd_core as ag
        >>> gumbel_softmax(ag.zeros(2, 5), hard=True).sum(1)
        tensor([1., 1.])
    """
    if eps != 1e-10:
        warnings.warn("gumbel_softmax: eps is deprecated and has no effect", stacklevel=2)
    array = check_floating("gumbel_softmax", logits, "logits")
    dim = one_dim("gumbel_softmax", dim, array.ndim)
    backend = backend_of(array)
    stream, dtype = stream_for(backend.device_of(array)), array.dtype
    # Drawn in float64, so that it does not depend on the dtype what is drawn.
    times = stream.exponential(array.shape, np.dtype(np.float64)).astype(dtype)
    noise = TensorBase._wrap(-backend.xp.log(widen(times)).astype(dtype))
    soft = softmax((logits + noise) / tau, dim)
    return _straight_through(soft, dim) if hard else soft
