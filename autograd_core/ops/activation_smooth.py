"""Smooth activations: softplus, logsigmoid, elu and its relatives, softsign, tanhshrink."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.families import unary
from autograd_core.op import Op
from autograd_core.ops.activation import activate, samples
from autograd_core.ops.arithmetic import sgn, sqrt, square
from autograd_core.ops.blocks import blockwise
from autograd_core.ops.precision import is_complex, is_half, wide, widen
from autograd_core.ops.selection import where
from autograd_core.ops.special import sigmoid
from autograd_core.ops.trig import tanh
from autograd_core.registry import SMOOTH, At, Sample, operator


def rounded(input: Any, out: Any) -> Any:
    """A result in float32, rounded once if the input is of a half type."""
    return out.astype(input.dtype) if is_half(input.dtype) else out


def soft(x: Any, beta: float, threshold: float) -> Any:
    """log(1 + exp(beta x)) / beta; x where beta x is above the threshold."""
    scaled = x * beta
    out = np.log1p(np.exp(np.minimum(scaled, threshold)))
    out /= beta
    return where(scaled > threshold, x, out)


def _softplus_gradient(g: Any, x: Any, beta: float, threshold: float) -> Any:
    scaled = x * beta
    return where(scaled > threshold, g, g * sigmoid(scaled))


_softplus = Op(
    "softplus",
    lambda xp, input, beta, threshold: rounded(
        input, blockwise(lambda x: soft(x, beta, threshold), widen(input))
    ),
    {
        "input": lambda g, input, beta, threshold: blockwise(
            lambda g, x: _softplus_gradient(g, x, beta, threshold), g, input
        )
    },
    keeps_order=True,
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
    return activate(_softplus, input, (float(beta), float(threshold)))


def _log_sigmoid_value(x: Any) -> Any:
    return np.minimum(x, x.dtype.type(0)) - np.log1p(np.exp(-np.abs(x)))


_logsigmoid = Op(
    "logsigmoid",
    lambda xp, input: rounded(input, blockwise(_log_sigmoid_value, widen(input))),
    {"input": lambda g, input: blockwise(lambda g, x: g * sigmoid(-x), g, input)},
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


def _elu_value(x: Any, alpha: float, scale: float, rate: float) -> Any:
    zero = x.dtype.type(0)
    out = np.expm1(np.minimum(x, zero) * rate)  # 0 where x is positive
    out *= alpha * scale
    out += np.maximum(x, zero) * scale
    return out


def _elu_gradient(g: Any, x: Any, out: Any, alpha: float, scale: float, rate: float) -> Any:
    return where(x > 0, g * scale, g * ((out + alpha * scale) * rate))


# scale * x for positive x, scale * alpha * (exp(rate * x) - 1) for others.
_elu, _celu, _selu = (
    Op(
        name,
        lambda xp, input, alpha, scale, rate: rounded(
            input, blockwise(lambda x: _elu_value(x, alpha, scale, rate), widen(input))
        ),
        {
            "input": lambda g, input, out, alpha, scale, rate: blockwise(
                lambda g, x, out: _elu_gradient(g, x, out, alpha, scale, rate), g, input, out
            )
        },
        keeps_order=True,
    )
    for name in ("elu", "celu", "selu")
)


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
    return activate(_celu, input, (float(alpha), 1.0, 1 / float(alpha)), inplace)


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
    return activate(_selu, input, (_SELU_ALPHA, _SELU_SCALE, 1.0), inplace)


tanhshrink = unary(
    "nn.functional.tanhshrink",
    wide(lambda x: x - np.tanh(x)),
    lambda g, input: g * square(tanh(input)),
    doc="``x - tanh(x)``.",
    reference=lambda x: x - np.tanh(x),
)


def _softsign_rule(g: Any, input: Any) -> Any:
    below = abs(input) + 1
    if not is_complex(input):
        return g / square(below)
    return g / below - sgn(input) * (g * input.conj()).real / square(below)


softsign = unary(
    "nn.functional.softsign",
    wide(lambda x: x / (np.abs(x) + 1)),
    _softsign_rule,
    doc="``x / (1 + |x|)``, which tends to -1 and 1.",
    holomorphic=False,
    reference=lambda x: x / (1 + np.abs(x)),
    convention="1 at 0",
    kinks=[At((0.0,), (1.0,))],
)


_squareplus = Op(
    "squareplus",
    lambda xp, input, b: rounded(input, (widen(input) + xp.sqrt(widen(input) ** 2 + b)) / 2),
    {"input": lambda g, input, b: g * ((input / sqrt(input * input + b) + 1) / 2)},
    keeps_order=True,
)


@operator(
    "nn.functional.squareplus",
    method=False,
    samples=lambda make: [*samples(make), Sample(make(3), 0.5)],
    reference=lambda x, b=4.0: (x + np.sqrt(x * x + b)) / 2,
    convention=SMOOTH,
)
def squareplus(input: Any, b: float = 4.0) -> Any:
    """``(x + sqrt(x * x + b)) / 2``, a smooth relu without exponentials.

    Args:
        input: floating-point tensor of any shape.
        b: positive, how wide the bend is; default 4.

    Raises:
        ValueError: ``b`` is not positive.

    Source: JAX, ``jax.nn.squareplus``; Barron, "Squareplus: a softplus-like algebraic rectifier"
    (2021).

    Example:
        >>> import autograd_core as ag
        >>> squareplus(ag.tensor([0.0, 3.0]))
        tensor([1.0000, 3.3028])
    """
    if not b > 0:
        raise ValueError(f"squareplus: b must be positive, got {b}")
    return activate(_squareplus, input, (float(b),))
