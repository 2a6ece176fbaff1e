"""Activation functions made of straight pieces: relu and its relatives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.families import unary
from autograd_core.inplace import check_writable, write
from autograd_core.op import Op
from autograd_core.ops.precision import widen
from autograd_core.ops.reduction import check_real_or_complex
from autograd_core.ops.selection import only
from autograd_core.registry import At, Make, Sample, operator


def activate(
    op: Op, input: Any, params: tuple[Any, ...] = (), inplace: bool = False, integers: bool = False
) -> Any:
    """Apply an activation, or write its result into the input, as ``inplace=True`` asks."""
    if not integers:
        check_real_or_complex(op.name, input)
    if not inplace:
        return op(input, *params)
    name = f"{op.name}_"
    check_writable(input, name)
    return write(input, op(input, *params), name)


def samples(make: Make) -> Iterable[Sample]:
    """Samples of an activation without further arguments."""
    yield Sample(make(2, 3))
    yield Sample(make())
    yield Sample(make(0, 2))
    yield Sample(make(3, 4).T)


def _relu_forward(x: Any) -> Any:
    # maximum() takes one number at a time where the other operand is a scalar; clip() takes many,
    # but starts slowly.
    if x.size < 4096 or x.dtype.kind != "f":
        return np.maximum(x, x.dtype.type(0))
    return x.clip(0, np.inf)


relu = unary(
    "relu",
    _relu_forward,
    lambda g, out: only(out > 0, g),
    doc="The positive part of each element: ``max(x, 0)``; NaN stays.",
    to_float=False,
    holomorphic=False,
    reference=lambda x: np.maximum(x, 0),
    convention="0 at 0",
    kinks=[At((0.0,), (0.0,))],
    aliases=("nn.functional.relu",),
)


def _leaky_forward(xp: Any, input: Any, slope: float) -> Any:
    x = widen(input)
    out = xp.maximum(x, x * slope) if 0 <= slope <= 1 else xp.where(x > 0, x, x * slope)
    return out.astype(input.dtype)


def _leaky_gradient(xp: Any, g: Any, input: Any, slope: float) -> Any:
    factor = (input > 0).astype(widen(g).dtype)  # 1 and 0 become 1 and the slope
    factor *= 1 - slope
    factor += slope
    return (g * factor).astype(g.dtype)


_leaky_relu_gradient = Op(
    "leaky_relu_gradient",
    _leaky_gradient,
    {"g": lambda g, input, slope: _leaky_relu_gradient(g, input, slope)},
    inputs=2,
)
_leaky_relu = Op(
    "leaky_relu",
    _leaky_forward,
    {"input": lambda g, input, slope: _leaky_relu_gradient(g, input, slope)},
)


@operator(
    "nn.functional.leaky_relu",
    method=False,
    samples=lambda make: [*samples(make), Sample(make(3), 0.3), Sample(make(3), -0.5)],
    reference=lambda x, s=0.01: np.where(x > 0, x, x * s),
    convention="the negative side's slope at 0",
    kinks=[At((0.0,), (0.01,))],
)
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """``x`` where it is positive, ``negative_slope * x`` elsewhere.

    Args:
        input: tensor of any shape.
        negative_slope: default 0.01.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.leaky_relu``; Maas et al., "Rectifier nonlinearities
    improve neural network acoustic models" (2013).

    Example:
        >>> import autograd_core as ag
        >>> leaky_relu(ag.tensor([-1.0, 2.0]), 0.1)
        tensor([-0.1000,  2.0000])
    """
    return activate(_leaky_relu, input, (negative_slope,), inplace)


def _clip(xp: Any, input: Any, low: float, high: float) -> Any:
    return widen(input).clip(low, high).astype(input.dtype, copy=False)


_hardtanh = Op(
    "hardtanh",
    _clip,
    {"input": lambda g, input, low, high: only((input > low) & (input < high), g)},
)


@operator(
    "nn.functional.hardtanh",
    method=False,
    samples=lambda make: [*samples(make), Sample(make(3), -0.5, 1.5)],
    reference=lambda x, low=-1.0, high=1.0: np.clip(x, low, high),
    convention="0 at both bounds",
    kinks=[At((1.0,), (0.0,)), At((-1.0,), (0.0,))],
)
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """Each element limited to a range.

    Args:
        input: tensor of any shape.
        min_val, max_val: the range; default from -1 to 1.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.hardtanh``.

    Example:
        >>> import autograd_core as ag
        >>> hardtanh(ag.tensor([-2.0, 0.5]))
        tensor([-1.0000,  0.5000])
    """
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val={min_val} is larger than max_val={max_val}")
    return activate(_hardtanh, input, (min_val, max_val), inplace, integers=True)


@operator(
    "nn.functional.relu6",
    method=False,
    samples=lambda make: [Sample(make(2, 3, low=-9.0, high=9.0)), Sample(make())],
    reference=lambda x: np.clip(x, 0, 6),
    convention="0 at 0 and at 6",
    kinks=[At((0.0,), (0.0,)), At((6.0,), (0.0,))],
)
def relu6(input: Any, inplace: bool = False) -> Any:
    """``min(max(x, 0), 6)``. Source: PyTorch, ``torch.nn.functional.relu6``.

    Args:
        input: tensor of any shape.
        inplace: write the result into ``input``.

    Example:
        >>> import autograd_core as ag
        >>> relu6(ag.tensor([-1.0, 2.0, 7.0]))
        tensor([0., 2., 6.])
    """
    return hardtanh(input, 0.0, 6.0, inplace)
