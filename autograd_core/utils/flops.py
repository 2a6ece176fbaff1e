"""How many floating-point operations a recorded call is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

# Operators that only move numbers.
MOVES = {
    "as_strided", "as_strided_copy", "block_diag", "cat", "clone", "copy", "diagonal",
    "embedding", "expand", "flip", "gather", "imag", "index", "index_copy", "index_put",
    "index_select", "pad", "permute", "pick", "place", "put_along_dim", "real", "repeat",
    "reshape", "roll", "scatter", "slice", "split", "stack", "straight_through",
    "take_along_dim", "take_rows", "to", "to_device", "transpose", "tril", "triu", "unbind",
    "unfold", "view", "view_as_complex", "view_as_real", "view_dtype", "view_inside",
    "view_outside", "view_place", "view_scatter",
}  # fmt: skip


def flops(operator: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> int:
    """Floating-point operations of one call: a product and a sum count as two.

    Products of matrices, convolutions, attention and recurrent layers are counted from their
    shapes; what only moves numbers is none; any other operator is one for each element of its
    output.

    Args:
        operator: its name.
        inputs, outputs: the arrays that went in and came out.

    Example:
        >>> import numpy as np
        >>> flops("matmul", [np.ones((2, 3)), np.ones((3, 4))], [np.ones((2, 4))])
        48
    """
    if operator in MOVES:
        return 0
    out = math.prod(outputs[0].shape)
    shapes = [tuple(array.shape) for array in inputs if hasattr(array, "shape")]
    if operator in ("matmul", "linear", "mm", "bmm", "mv", "dot", "addmm", "baddbmm"):
        factors = shapes[-2:] if operator in ("addmm", "baddbmm") else shapes[:2]
        inner = factors[0][-1] if factors[0] else 1
        return 2 * out * inner
    if operator == "convolution_transposed":
        source, weight = shapes[:2]
        return 2 * math.prod(source) * math.prod(weight[1:])
    if operator in ("convolution", "convolution_bias"):
        return 2 * out * math.prod(shapes[1][1:])
    if operator.startswith("scaled_dot_product_attention"):
        query, key, value = shapes[:3]
        return 2 * math.prod(query[:-1]) * key[-2] * (query[-1] + value[-1])
    if operator in ("lstm", "gru", "rnn_tanh", "rnn_relu"):  # rows, states, and their weights
        rows, weights = shapes[0][0], [s for s in shapes[2:] if len(s) == 2]
        states = 1 if operator == "lstm" else 0
        return 2 * rows * sum(math.prod(shape) for shape in weights[states:])
    return out
