"""Standardising: zero mean and unit variance over some dimensions, then scale and shift."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.op import Op
from autograd_core.ops.precision import is_complex, is_half, widen
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


def _pull(
    g: Any, input: Any, weight: Any, mean: Any, var: Any, dims: Any, eps: float
) -> tuple[Any, Any]:
    """The gradients of input and weight, the latter not yet summed."""
    raw = not isinstance(input, TensorBase)
    if raw:
        return _pull_arrays(g, input, weight, mean, var, dims, eps)
    count = max(_count(tuple(input.shape), dims), 1)
    spread = (var + eps) ** 0.5
    normal = (input - mean) / spread
    share = (g[0] if weight is None else g[0] * weight) / spread
    shift = mean_of(share, dims, True) - g[1] / count
    slope = mean_of(share * normal, dims, True) - g[2] * spread * (2 / count)
    return share - shift - normal * slope, g[0] * normal


def _pull_arrays(
    g: Any, input: Any, weight: Any, mean: Any, var: Any, dims: Any, eps: float
) -> tuple[Any, Any]:
    """The same on arrays, where the memory of what is not needed any more is used again."""
    xp = backend_of(input).xp
    count = max(_count(input.shape, dims), 1)
    spread = xp.sqrt(var + eps)
    normal = widen(input) - mean
    normal *= 1 / spread
    out = widen(g[0])
    weight_grad = out * normal
    share = out * (1 / spread)
    product = weight_grad
    if weight is not None:
        share *= widen(weight)
        product = weight_grad * widen(weight)
    shift = add_up(xp, share, dims, True) - g[1]
    slope = add_up(xp, product, dims, True) / spread - g[2] * spread * 2
    share -= shift / count
    normal *= slope / count
    share -= normal
    return share, weight_grad


def _rule(
    g: Any, needs: Any, input: Any, mean: Any, var: Any, dims: tuple[int, ...], eps: float
) -> Any:
    return (_pull(g, input, None, mean, var, dims, eps)[0],)


def _affine_rule(
    g: Any, needs: Any, input: Any, weight: Any, mean: Any, var: Any, dims: Any, eps: float
) -> Any:
    grad, weight_grad = _pull(g, input, weight, mean, var, dims, eps)
    return grad, weight_grad if needs[1] else None, g[0]


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
    if is_complex(input):
        input, square = input.conj(), square.conj()
    spread = (square + eps) ** 0.5
    normal, share = input / spread, g[0] / spread
    slope = mean_of(share * normal, dims, True) - g[1] * spread * (2 / count)
    return (share - normal * slope,)


# Dividing by the root of the mean square.
by_root_mean_square = Op("rms_norm", _rms_forward, joint=_rms_rule, outputs=("out", "square"))
