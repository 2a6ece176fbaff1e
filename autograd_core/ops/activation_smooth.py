"""Smooth activation functions, each one node in the graph."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.ops.activation import activate, samples
from autograd_core.ops.erf import erfc
from autograd_core.ops.explog import exp
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.selection import where
from autograd_core.ops.special import sigmoid
from autograd_core.ops.trig import tanh
from autograd_core.registry import SMOOTH, At, Sample, operator

_ROOT_HALF, _DENSITY = math.sqrt(0.5), 1 / math.sqrt(2 * math.pi)
_ROOT, _CUBE = math.sqrt(2 / math.pi), 0.044715


def _rounded(input: Any, out: Any) -> Any:
    return out.astype(input.dtype) if is_half(input.dtype) else out


def _gelu_forward(xp: Any, input: Any) -> Any:
    x = widen(input)
    out = erfc(x * -_ROOT_HALF)
    out *= x
    out *= 0.5
    return _rounded(input, out)


def _gelu_rule(g: Any, input: Any) -> Any:
    below = erfc(input * -_ROOT_HALF) * 0.5
    return g * (below + input * (exp(input * input * -0.5) * _DENSITY))


def _tanh_gelu_forward(xp: Any, input: Any) -> Any:
    x = widen(input)
    out = xp.tanh((x + _CUBE * (x * x * x)) * _ROOT)
    out += 1
    out *= x
    out *= 0.5
    return _rounded(input, out)


def _tanh_gelu_rule(g: Any, input: Any) -> Any:
    square = input * input
    t = tanh((input + input * square * _CUBE) * _ROOT)
    slope = (1 - t * t) * ((square * (3 * _CUBE) + 1) * _ROOT)
    return g * ((t + 1 + input * slope) * 0.5)


_gelu = Op("gelu", _gelu_forward, {"input": _gelu_rule})
_tanh_gelu = Op("gelu", _tanh_gelu_forward, {"input": _tanh_gelu_rule})


@operator(
    "nn.functional.gelu",
    method=False,
    convention=SMOOTH,
    samples=lambda make: [*samples(make), Sample(make(2, 3), approximate="tanh")],
)
def gelu(input: Any, approximate: str = "none") -> Any:
    """``x`` times the probability that a standard normal number is below it.

    Args:
        input: floating-point tensor of any shape.
        approximate: ``"none"``, or ``"tanh"`` for a formula that is quicker.

    Source: PyTorch, ``torch.nn.functional.gelu``; Hendrycks and Gimpel, "Gaussian error linear
    units" (2016).

    Example:
        >>> import autograd_core as ag
        >>> gelu(ag.tensor([-1.0, 1.0]))
        tensor([-0.1587,  0.8413])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return activate(_gelu if approximate == "none" else _tanh_gelu, input)


def _silu_forward(xp: Any, input: Any) -> Any:
    x = widen(input)
    out = xp.exp(-x)
    out += 1
    return _rounded(input, x / out)


def _silu_rule(g: Any, input: Any) -> Any:
    s = sigmoid(input)
    return g * (s * (input * (1 - s) + 1))


_silu = Op("silu", _silu_forward, {"input": _silu_rule}, holomorphic=True)


@operator(
    "nn.functional.silu",
    method=False,
    samples=samples,
    convention=SMOOTH,
    reference=lambda x: x / (1 + np.exp(-x)),
)
def silu(input: Any, inplace: bool = False) -> Any:
    """``x * sigmoid(x)``, also called swish.

    Args:
        input: floating-point tensor of any shape.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.silu``; Elfwing et al., "Sigmoid-weighted linear units
    for neural network function approximation in reinforcement learning" (2018).

    Example:
        >>> import autograd_core as ag
        >>> silu(ag.tensor([0.0, 1.0]))
        tensor([0.0000, 0.7311])
    """
    return activate(_silu, input, (), inplace)


def _soft(xp: Any, x: Any, beta: float, threshold: float) -> Any:
    """log(1 + exp(beta x)) / beta."""
    scaled = x * beta
    out = xp.log1p(xp.exp(xp.minimum(scaled, threshold)))
    out /= beta
    return xp.where(scaled > threshold, x, out)


def _softplus_rule(g: Any, input: Any, beta: float, threshold: float) -> Any:
    scaled = input * beta
    return where(scaled > threshold, g, g * sigmoid(scaled))


_softplus = Op(
    "softplus",
    lambda xp, input, beta, threshold: _rounded(input, _soft(xp, widen(input), beta, threshold)),
    {"input": _softplus_rule},
)


@operator(
    "nn.functional.softplus",
    method=False,
    convention=SMOOTH + "; linear above the threshold",
    samples=lambda make: [*samples(make), Sample(make(4, low=-5, high=5), 2.0, 3.0)],
    reference=lambda x, beta=1, threshold=20: np.where(
        x * beta > threshold, x, np.log1p(np.exp(x * beta)) / beta
    ),
)
def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """``log(1 + exp(beta * x)) / beta``, a smooth relu.

    Args:
        input: floating-point tensor of any shape.
        beta: how sharp the bend is; default 1.
        threshold: where ``beta * x`` is larger, the result is ``x``; default 20.

    Source: PyTorch, ``torch.nn.functional.softplus``.

    Example:
        >>> import autograd_core as ag
        >>> softplus(ag.tensor([0.0, 30.0]))
        tensor([ 0.6931, 30.0000])
    """
    return activate(_softplus, input, (beta, threshold))


def _log_sigmoid_forward(xp: Any, input: Any) -> Any:
    x = widen(input)
    return _rounded(input, xp.minimum(x, x.dtype.type(0)) - xp.log1p(xp.exp(-xp.abs(x))))


_logsigmoid = Op(
    "logsigmoid", _log_sigmoid_forward, {"input": lambda g, input: g * sigmoid(-input)}
)


@operator(
    "nn.functional.logsigmoid",
    method=False,
    samples=samples,
    convention=SMOOTH,
    reference=lambda x: -np.log1p(np.exp(-x)),
)
def logsigmoid(input: Any) -> Any:
    """``log(sigmoid(x))``, without underflow.

    Args:
        input: floating-point tensor of any shape.

    Source: PyTorch, ``torch.nn.functional.logsigmoid``.

    Example:
        >>> import autograd_core as ag
        >>> logsigmoid(ag.tensor([0.0, -100.0]))
        tensor([  -0.6931, -100.0000])
    """
    return activate(_logsigmoid, input)


def _mish_forward(xp: Any, input: Any) -> Any:
    x = widen(input)
    return _rounded(input, x * xp.tanh(_soft(xp, x, 1.0, 20.0)))


def _mish_rule(g: Any, input: Any) -> Any:
    t = tanh(_softplus(input, 1.0, 20.0))
    return g * (t + input * (sigmoid(input) * (1 - t * t)))


_mish = Op("mish", _mish_forward, {"input": _mish_rule})


@operator(
    "nn.functional.mish",
    method=False,
    samples=samples,
    convention=SMOOTH,
    reference=lambda x: x * np.tanh(np.log1p(np.exp(x))),
)
def mish(input: Any, inplace: bool = False) -> Any:
    """``x * tanh(softplus(x))``.

    Args:
        input: floating-point tensor of any shape.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.mish``; Misra, "Mish: a self regularized non-monotonic
    activation function" (2019).

    Example:
        >>> import autograd_core as ag
        >>> mish(ag.tensor([0.0, 1.0]))
        tensor([0.0000, 0.8651])
    """
    return activate(_mish, input, (), inplace)


def _elu_forward(xp: Any, input: Any, alpha: float, scale: float, rate: float) -> Any:
    x = widen(input)
    zero = x.dtype.type(0)
    out = xp.expm1(xp.minimum(x, zero) * rate)  # 0 where x is positive
    out *= alpha * scale
    out += xp.maximum(x, zero) * scale
    return _rounded(input, out)


def _elu_rule(g: Any, input: Any, out: Any, alpha: float, scale: float, rate: float) -> Any:
    return where(input > 0, g * scale, g * ((out + alpha * scale) * rate))


# scale * x for positive x, scale * alpha * (exp(rate * x) - 1) for others.
_elu = Op("elu", _elu_forward, {"input": _elu_rule})


@operator(
    "nn.functional.elu",
    method=False,
    samples=lambda make: [*samples(make), Sample(make(3), 0.5)],
    reference=lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x)),
    convention="alpha at 0, the negative side's limit",
    kinks=[At((0.0,), (0.5,), {"alpha": 0.5})],
)
def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Args:
        input: floating-point tensor of any shape.
        alpha: default 1.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.elu``; Clevert et al., "Fast and accurate deep network
    learning by exponential linear units" (2016).

    Example:
        >>> import autograd_core as ag
        >>> elu(ag.tensor([-1.0, 1.0]))
        tensor([-0.6321,  1.0000])
    """
    return activate(_elu, input, (alpha, 1.0, 1.0), inplace)


@operator(
    "nn.functional.celu",
    method=False,
    samples=lambda make: [*samples(make), Sample(make(3), 0.5)],
    reference=lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x / alpha)),
    convention="1 at 0",
    kinks=[At((0.0,), (1.0,))],
)
def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """``x`` where it is positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere.

    Args:
        input: floating-point tensor of any shape.
        alpha: not 0; default 1.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.celu``; Barron, "Continuously differentiable exponential
    linear units" (2017).

    Example:
        >>> import autograd_core as ag
        >>> celu(ag.tensor([-1.0, 1.0]), 2.0)
        tensor([-0.7869,  1.0000])
    """
    if alpha == 0:
        raise ValueError("celu: alpha must not be 0")
    return activate(_elu, input, (alpha, 1.0, 1 / alpha), inplace)


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


@operator(
    "nn.functional.selu",
    method=False,
    samples=samples,
    reference=lambda x: _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(x)),
    convention="1.7581 at 0, the negative side's limit",
    kinks=[At((0.0,), (_SELU_ALPHA * _SELU_SCALE,))],
)
def selu(input: Any, inplace: bool = False) -> Any:
    """The :func:`elu` whose outputs keep mean 0 and variance 1 from layer to layer.

    Args:
        input: floating-point tensor of any shape.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.selu``; Klambauer et al., "Self-normalizing neural
    networks" (2017).

    Example:
        >>> import autograd_core as ag
        >>> selu(ag.tensor([-1.0, 1.0]))
        tensor([-1.1113,  1.0507])
    """
    return activate(_elu, input, (_SELU_ALPHA, _SELU_SCALE, 1.0), inplace)
