"""Smooth activations that are the input times a gate: silu, mish, glu; for gelu see there."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.operands import check_floating
from autograd_core.ops.activation import activate, samples
from autograd_core.ops.activation_smooth import rounded, soft, softplus
from autograd_core.ops.blocks import blockwise
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.join import cat
from autograd_core.ops.precision import widen
from autograd_core.ops.slicing import part
from autograd_core.ops.special import sigmoid
from autograd_core.ops.trig import tanh
from autograd_core.registry import SMOOTH, Sample, operator


def _silu_value(x: Any) -> Any:
    out = np.exp(-x)
    out += 1
    return x / out


def _silu_gradient(g: Any, x: Any) -> Any:
    s = sigmoid(x)
    return g * (s * (x * (1 - s) + 1))


_silu = Op(
    "silu",
    lambda xp, input: rounded(input, blockwise(_silu_value, widen(input))),
    {"input": lambda g, input: blockwise(_silu_gradient, g, input)},
    holomorphic=True,
    keeps_order=True,
)


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
    return activate(_silu, input, (), inplace, also="c")


def _mish_value(x: Any) -> Any:
    return x * np.tanh(soft(x, 1.0, 20.0))


def _mish_gradient(g: Any, x: Any) -> Any:
    t = tanh(softplus(x))
    return g * (t + x * (sigmoid(x) * (1 - t * t)))


_mish = Op(
    "mish",
    lambda xp, input: rounded(input, blockwise(_mish_value, widen(input))),
    {"input": lambda g, input: blockwise(_mish_gradient, g, input)},
    keeps_order=True,
)


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


def _halves(input: Any, dim: int) -> tuple[Any, Any]:
    half = shape_of(input)[dim] // 2
    return part(input, dim, slice(half)), part(input, dim, slice(half, None))


def _glu_forward(xp: Any, input: Any, dim: int) -> Any:
    first, second = _halves(widen(input), dim)
    return rounded(input, first * sigmoid(second))


def _glu_rule(g: Any, input: Any, dim: int) -> Any:
    first, second = _halves(input, dim)
    gate = sigmoid(second)
    return cat([g * gate, g * first * (gate * (1 - gate))], dim)


_glu = Op("glu", _glu_forward, {"input": _glu_rule}, keeps_order=True)


def _glu_reference(x: Any, dim: int = -1) -> Any:
    first, second = np.split(x, 2, dim)
    return first / (1 + np.exp(-second))


@operator(
    "nn.functional.glu",
    method=False,
    samples=lambda make: [
        Sample(make(3, 4)),
        Sample(make(4, 3), 0),
        Sample(make(2, 4, 3).T, dim=-2),
        Sample(make(0, 2)),
        Sample(make(2)),
    ],
    reference=_glu_reference,
    convention=SMOOTH,
)
def glu(input: Any, dim: int = -1) -> Any:
    """One half of the input times the sigmoid of the other half.

    Args:
        input: floating-point tensor whose size along ``dim`` is even.
        dim: the dimension that is halved; default the last.

    Returns:
        A tensor of half the size along ``dim``.

    Raises:
        ShapeError: the size is odd, or the input has no dimensions.

    Source: PyTorch, ``torch.nn.functional.glu``; Dauphin et al., "Language modeling with gated
    convolutional networks" (2017).

    Example:
        >>> import autograd_core as ag
        >>> glu(ag.tensor([1.0, 2.0, 0.0, 0.0]))
        tensor([0.5000, 1.0000])
    """
    shape = check_floating("glu", input).shape
    if not shape:
        raise ShapeError("glu: an input of no dimensions has no halves")
    place = one_dim("glu", dim, len(shape))
    if shape[place] % 2:
        raise ShapeError(
            f"glu: the size along dim={dim} must be even, got {shape[place]} of shape {shape}"
        )
    return _glu(input, place)
