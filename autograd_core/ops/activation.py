"""Activation functions: relu and its relatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.families import unary
from autograd_core.ops.selection import only
from autograd_core.registry import At


def _relu_forward(x: Any) -> Any:
    # maximum() takes one number at a time where the other operand is a scalar; clip() takes many, but starts slowly.
    if x.size < 4096 or x.dtype.kind != "f":
        return np.maximum(x, x.dtype.type(0))
    return x.clip(0, np.inf)


relu = unary(
    "relu", _relu_forward, lambda g, out: only(out > 0, g),
    doc="The positive part of each element: ``max(x, 0)``; NaN stays.", to_float=False, holomorphic=False,
    reference=lambda x: np.maximum(x, 0), convention="0 at 0", kinks=[At((0.0,), (0.0,))],
    aliases=("nn.functional.relu",),
)  # fmt: skip
