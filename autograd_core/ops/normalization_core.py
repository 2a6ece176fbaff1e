"""Standardising: zero mean and unit variance over some dimensions, then scale and shift."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.op import Op
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.reduction import mean as mean_of
from autograd_core.ops.rows import add_up

# The mean and the variance are outputs, differentiable too, so that the gradient, which needs them,
# can be differentiated again. They and the arithmetic are in float32 for halves.


def _count(shape: tuple[int, ...], dims: tuple[int, ...]) -> int:
    return math.prod([shape[d] for d in dims])


def _standardize(xp: Any, x: Any, dims: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    count = max(_count(x.shape, dims), 1)
    mean = add_up(xp, x, dims, True) / count
    out = x - mean
    var = add_up(xp, out * out, dims, True) / count
    out *= 1 / xp.sqrt(var + eps)
    return out, mean, var


def _forward(xp: Any, input: Any, dims: tuple[int, ...], eps: float) -> Any:
    out, mean, var = _standardize(xp, widen(input), dims, eps)
    return (out.astype(input.dtype) if is_half(input.dtype) else out), mean, var


def _affine_forward(
    xp: Any, input: Any, weight: Any, bias: Any, dims: tuple[int, ...], eps: float
) -> Any:
    out, mean, var = _standardize(xp, widen(input), dims, eps)
    out *= widen(weight)
    out += widen(bias)
    return (out.astype(input.dtype) if is_half(input.dtype) else out), mean, var


def _pull(g: Any, input: Any, scaled: Any, mean: Any, var: Any, dims: Any, eps: float) -> Any:
    """The gradients of input and weight; ``scaled`` is that of the output times the weight."""
    count = max(_count(tuple(input.shape), dims), 1)
    spread = (var + eps) ** 0.5
    normal = (input - mean) / spread
    share = scaled / spread
    shift = mean_of(share, dims, True) - g[1] / count
    slope = mean_of(share * normal, dims, True) - g[2] * spread * (2 / count)
    return share - shift - normal * slope, normal


def _rule(
    g: Any, needs: Any, input: Any, mean: Any, var: Any, dims: tuple[int, ...], eps: float
) -> Any:
    return (_pull(g, input, g[0], mean, var, dims, eps)[0],)


def _affine_rule(
    g: Any, needs: Any, input: Any, weight: Any, mean: Any, var: Any, dims: Any, eps: float
) -> Any:
    grad, normal = _pull(g, input, g[0] * weight, mean, var, dims, eps)
    return grad, g[0] * normal if needs[1] else None, g[0]


_OUTPUTS = ("out", "mean", "var")
standardize = Op("standardize", _forward, joint=_rule, outputs=_OUTPUTS)
standardize_affine = Op(
    "standardize_affine", _affine_forward, joint=_affine_rule, inputs=3, outputs=_OUTPUTS
)


def _rms_forward(xp: Any, input: Any, dims: tuple[int, ...], eps: float) -> Any:
    x = widen(input)
    square = add_up(xp, x * x, dims, True) / max(_count(x.shape, dims), 1)
    out = x * (1 / xp.sqrt(square + eps))
    return (out.astype(input.dtype) if is_half(input.dtype) else out), square


def _rms_rule(g: Any, needs: Any, input: Any, square: Any, dims: Any, eps: float) -> Any:
    count = max(_count(tuple(input.shape), dims), 1)
    spread = (square + eps) ** 0.5
    normal, share = input / spread, g[0] / spread
    slope = mean_of(share * normal, dims, True) - g[1] * spread * (2 / count)
    return (share - normal * slope,)


# Dividing by the root of the mean square.
by_root_mean_square = Op("rms_norm", _rms_forward, joint=_rms_rule, outputs=("out", "square"))
