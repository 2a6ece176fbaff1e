"""Activation functions made of straight pieces: relu and its relatives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.families import unary
from autograd_core.inplace import check_writable, write
from autograd_core.op import Op
from autograd_core.operands import check_floating
from autograd_core.ops.precision import wide, widen
from autograd_core.ops.selection import only, where
from autograd_core.plan import linked
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def activate(
    op: Op, input: Any, params: tuple[Any, ...] = (), inplace: bool = False, also: str = ""
) -> Any:
    """Apply an activation, or write its result into the input, as ``inplace=True`` asks.

    ``also`` names the kinds of dtype (NumPy's letters) that are welcome besides real floats.
    """
    check_floating(op.name, input, also=also)
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
    kind = x.dtype.kind
    if kind == "b":
        check_floating("relu", x)
    # maximum() takes one number at a time where the other operand is a scalar; clip() takes many,
    # but starts slowly.
    if x.size < 4096 or kind != "f":
        return np.maximum(x, x.dtype.type(0))
    return x.clip(0, np.inf)


relu = unary(
    "relu",
    _relu_forward,
    linked(lambda g, out: only(out > 0, g)),
    doc="The positive part of each element: ``max(x, 0)``; NaN stays.",
    to_float=False,
    real=True,
    holomorphic=False,
    reference=lambda x: np.maximum(x, 0),
    convention="0 at 0",
    kinks=[At((0.0,), (0.0,))],
    aliases=("nn.functional.relu",),
)


relu2 = unary(
    "nn.functional.relu2",
    wide(lambda x: np.square(np.maximum(x, 0))),
    lambda g, input: g * (relu(input) * 2),
    doc='The square of the positive part (So et al., "Primer", 2021; MLX, ``mlx.nn.relu2``).',
    real=True,
    holomorphic=False,
    reference=lambda x: np.square(np.maximum(x, 0)),
    convention=SMOOTH + "; the second derivative is 0 at 0",
)


def _clip(xp: Any, input: Any, low: float, high: float) -> Any:
    if input.dtype.kind in "iu":
        limits = np.iinfo(input.dtype)
        return input.clip(max(int(low), limits.min), min(int(high), limits.max))
    return widen(input).clip(low, high).astype(input.dtype, copy=False)


_hardtanh, _relu6 = (
    Op(
        name,
        _clip,
        {"input": linked(lambda g, input, low, high: only((input > low) & (input < high), g))},
        keeps_order=True,
    )
    for name in ("hardtanh", "relu6")
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
        input: tensor of real numbers, integers too.
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
    return activate(_hardtanh, input, (min_val, max_val), inplace, also="iu")


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
    return activate(_relu6, input, (0.0, 6.0), inplace, also="iu")


_threshold = Op(
    "threshold",
    lambda xp, input, threshold, value: where(
        input <= threshold, xp.asarray(value).astype(input.dtype), input
    ),
    {"input": linked(lambda g, input, threshold: only(input > threshold, g))},
    keeps_order=True,
)


@operator(
    "nn.functional.threshold",
    method=False,
    samples=lambda make: [
        Sample(make(2, 3), 0.1, 5.0),
        Sample(make(3, 4).T, -0.3, 0.0),
        Sample(make(), 0.0, 1.0),
        Sample(make(0, 2), 0.0, 1.0),
    ],
    reference=lambda x, threshold, value: np.where(x > threshold, x, value),
    convention="0 at the threshold",
    kinks=[At((1.0, 1.0, 9.0), (0.0,))],
    aliases=("threshold",),
)
def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """``x`` where it is above a threshold, a constant elsewhere.

    Args:
        input: tensor of real numbers, integers too.
        threshold: the threshold itself counts as below.
        value: the constant.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.threshold``.

    Example:
        >>> import autograd_core as ag
        >>> ag.threshold(ag.tensor([0.5, 2.0]), 1.0, 9.0)
        tensor([9., 2.])
    """
    return activate(_threshold, input, (threshold, value), inplace, also="iu")
