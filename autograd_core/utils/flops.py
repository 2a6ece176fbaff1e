"""How many floating-point operations a recorded call is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def flops(operator: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> int:
    """Floating-point operations of one call: a product and a sum count as two.

    Products of matrices, convolutions and attention are counted from their shapes; any other
    operator as one for each element of its output.

    Args:
        operator: its name.
        inputs, outputs: the arrays that went in and came out.

    Example:
        >>> import numpy as np
        >>> flops("matmul", [np.ones((2, 3)), np.ones((3, 4))], [np.ones((2, 4))])
        48
    """
    out = sum(math.prod(array.shape) for array in outputs if hasattr(array, "shape"))
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
    return out
