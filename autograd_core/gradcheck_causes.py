"""Why a gradient check failed: guesses from the pattern of the differences."""

from __future__ import annotations

from typing import Any

import numpy as np


def likely_cause(
    check: Any,
    output: int,
    out: Any,
    tensor: Any,
    analytic: Any,
    numeric: Any,
    row: int,
    column: int,
) -> str:
    """The most likely reason why ``analytic`` and ``numeric`` differ, worst at (row, column).

    Args:
        check: gives values of the function at shifted inputs, and says what agrees.
        output, out: number of the output, and the output.
        tensor: the input.
        analytic, numeric: the two matrices, (output numbers, input numbers).
    """
    if not np.isfinite(analytic[row, column]):
        return "the rule divides by zero or overflows here: its gradient is not finite."
    if not np.isfinite(numeric[row, column]):
        return "the function is not finite near this point: it is at the border of its domain."
    for guess in (_kink, _precision, _nothing, _factor, _conjugate, _transposed):
        cause = guess(check, output, out, tensor, analytic, numeric, row, column)
        if cause:
            return cause
    wrong = ~check.agree(analytic, numeric)
    if (analytic[wrong] == 0).all():
        return "some entries of the gradient are missing: a term or an index that is left out."
    return "the rule is wrong by more than a factor: a missing or wrong term."


def _kink(
    check: Any,
    output: int,
    out: Any,
    tensor: Any,
    analytic: Any,
    numeric: Any,
    row: int,
    column: int,
) -> str:
    here = check.values_here()[output][row]
    step = check.eps
    right = (check.values(tensor, column, step)[output][row] - here) / step
    left = (here - check.values(tensor, column, -step)[output][row]) / step
    scale = max(abs(right), abs(left), 1e-3)
    if abs(right - left) <= 0.05 * scale:
        return ""
    # Where the function merely bends, the one-sided slopes come together as the step shrinks.
    smaller = step / 8
    near_right = (check.values(tensor, column, smaller)[output][row] - here) / smaller
    near_left = (here - check.values(tensor, column, -smaller)[output][row]) / smaller
    if abs(near_right - near_left) < 0.5 * abs(right - left):
        return ""
    return (
        f"the function has a kink or a jump within {step:g} of this point: its slope is {left:.6g} "
        f"from below and {right:.6g} from above. Test at another point."
    )


def _precision(
    check: Any,
    output: int,
    out: Any,
    tensor: Any,
    analytic: Any,
    numeric: Any,
    row: int,
    column: int,
) -> str:
    step = 1000 * check.eps
    wide = check.values(tensor, column, step)[output][row]
    wide = (wide - check.values(tensor, column, -step)[output][row]) / (2 * step)
    a, n = analytic[row, column], numeric[row, column]
    if abs(wide - a) < 0.1 * abs(n - a) and np.isclose(wide, a, 10 * check.rtol, 10 * check.atol):
        return (
            f"the function computes in a lower precision than its input's somewhere (dtype): with "
            f"a step of {step:g} the difference is {wide:.6g}."
        )
    return ""


def _nothing(
    check: Any,
    output: int,
    out: Any,
    tensor: Any,
    analytic: Any,
    numeric: Any,
    row: int,
    column: int,
) -> str:
    if (analytic == 0).all():
        return "no gradient arrives at all: a missing rule, or detach() on the way."
    return ""


def _factor(
    check: Any,
    output: int,
    out: Any,
    tensor: Any,
    analytic: Any,
    numeric: Any,
    row: int,
    column: int,
) -> str:
    where = np.abs(numeric) > 10 * check.atol
    if not where.any():
        return ""
    ratios = analytic[where] / numeric[where]
    ratio = float(np.median(ratios))
    if not check.agree(analytic, ratio * numeric).all() or abs(ratio - 1) < check.rtol:
        return ""
    if abs(ratio + 1) < 1e-3:
        return "the sign is wrong: the gradient is -1 times what it should be everywhere."
    sizes = set(out._array.shape) ^ set(tensor._array.shape)
    for size in sizes if out._array.shape != tensor._array.shape else ():
        if size > 1 and min(abs(ratio - size), abs(ratio * size - 1)) < 1e-3 * max(ratio, 1):
            return (
                f"the gradient is {ratio:.6g} times what it should be everywhere, and {size:g} is "
                f"a size here: broadcasting undone wrongly, or a sum taken for a mean."
            )
    return f"the gradient is {ratio:.6g} times what it should be everywhere: a factor in the rule."


def _conjugate(
    check: Any,
    output: int,
    out: Any,
    tensor: Any,
    analytic: Any,
    numeric: Any,
    row: int,
    column: int,
) -> str:
    if tensor._array.dtype.kind != "c":
        return ""
    flipped = analytic.copy()
    flipped[:, 1::2] *= -1
    if check.agree(flipped, numeric).all():
        return "the gradient is the complex conjugate of what it should be: g * f'.conj()."
    if out._array.dtype.kind == "c":
        flipped[1::2] *= -1
        if check.agree(flipped, numeric).all():
            return "the derivative is not conjugated: a rule for complex values is g * f'.conj()."
    return ""


def _transposed(
    check: Any,
    output: int,
    out: Any,
    tensor: Any,
    analytic: Any,
    numeric: Any,
    row: int,
    column: int,
) -> str:
    shape = tensor._array.shape
    if len(shape) < 2 or tensor._array.dtype.kind == "c":
        return ""
    swapped = analytic.reshape(-1, *shape[:-2], shape[-1], shape[-2]).swapaxes(-1, -2)
    if check.agree(swapped.reshape(analytic.shape), numeric).all():
        return "the gradient is transposed: its last two dimensions are exchanged."
    return ""
