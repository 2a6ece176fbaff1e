"""Why a gradient check failed: guesses from the pattern of the differences."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Difference(NamedTuple):
    """A matrix of gradients that is not the one of finite differences.

    Both have the shape (output numbers, input numbers).
    """

    check: Any
    """Gives values of the function at shifted inputs, and says what agrees."""
    output: int
    """The number of the output."""
    out: Any
    """The output."""
    tensor: Any
    """The input."""
    analytic: Any
    """The gradients."""
    numeric: Any
    """The finite differences."""
    row: int
    """Where they differ most."""
    column: int

    def value(self, step: float) -> Any:
        """The worst number of the output where the worst of the input is ``step`` more."""
        return self.check.values(self.tensor, self.column, step)[self.output][self.row]

    @property
    def worst(self) -> tuple[Any, Any]:
        """Gradient and finite difference where they differ most."""
        return self.analytic[self.row, self.column], self.numeric[self.row, self.column]

    @property
    def is_complex(self) -> bool:
        """Whether the input is complex."""
        return bool(self.tensor._array.dtype.kind == "c")


def likely_cause(wrong: Difference) -> str:
    """The most likely reason why the two matrices differ."""
    analytic, numeric = wrong.worst
    if not np.isfinite(analytic):
        return "the rule divides by zero or overflows here: its gradient is not finite."
    if not np.isfinite(numeric):
        return "the function is not finite near this point: it is at the border of its domain."
    for guess in (_kink, _precision, _nothing, _factor, _conjugate, _transposed):
        cause = guess(wrong)
        if cause:
            return cause
    differ = ~wrong.check.agree(wrong.analytic, wrong.numeric)
    if (wrong.analytic[differ] == 0).all():
        return "some entries of the gradient are missing: a term or an index that is left out."
    return "the rule is wrong by more than a factor: a missing or wrong term."


def _kink(wrong: Difference) -> str:
    here = wrong.check.values_here()[wrong.output][wrong.row]
    step = wrong.check.eps
    right = (wrong.value(step) - here) / step
    left = (here - wrong.value(-step)) / step
    scale = max(abs(right), abs(left), 1e-3)
    if abs(right - left) <= 0.05 * scale:
        return ""
    # Where the function merely bends, the one-sided slopes come together as the step shrinks.
    smaller = step / 8
    near_right = (wrong.value(smaller) - here) / smaller
    near_left = (here - wrong.value(-smaller)) / smaller
    if abs(near_right - near_left) < 0.5 * abs(right - left):
        return ""
    return (
        f"the function has a kink or a jump within {step:g} of this point: its slope is {left:.6g} "
        f"from below and {right:.6g} from above. Test at another point."
    )


def _precision(wrong: Difference) -> str:
    check, (a, n) = wrong.check, wrong.worst
    step = 1000 * check.eps
    wide = (wrong.value(step) - wrong.value(-step)) / (2 * step)
    if abs(wide - a) < 0.1 * abs(n - a) and np.isclose(wide, a, 10 * check.rtol, 10 * check.atol):
        return (
            f"the function computes in a lower precision than its input's somewhere (dtype): with "
            f"a step of {step:g} the difference is {wide:.6g}."
        )
    return ""


def _nothing(wrong: Difference) -> str:
    if (wrong.analytic == 0).all():
        return "no gradient arrives at all: a missing rule, or detach() on the way."
    return ""


def _factor(wrong: Difference) -> str:
    check, analytic, numeric = wrong.check, wrong.analytic, wrong.numeric
    where = np.abs(numeric) > 10 * check.atol
    if not where.any():
        return ""
    ratios = analytic[where] / numeric[where]
    ratio = float(np.median(ratios))
    if not check.agree(analytic, ratio * numeric).all() or abs(ratio - 1) < check.rtol:
        return ""
    if abs(ratio + 1) < 1e-3:
        return "the sign is wrong: the gradient is -1 times what it should be everywhere."
    before, after = wrong.tensor._array.shape, wrong.out._array.shape
    for size in set(before) ^ set(after):
        if size > 1 and min(abs(ratio - size), abs(ratio * size - 1)) < 1e-3 * max(ratio, 1):
            return (
                f"the gradient is {ratio:.6g} times what it should be everywhere, and {size:g} is "
                f"a size here: broadcasting undone wrongly, or a sum taken for a mean."
            )
    return f"the gradient is {ratio:.6g} times what it should be everywhere: a factor in the rule."


def _conjugate(wrong: Difference) -> str:
    if not wrong.is_complex:
        return ""
    flipped = wrong.analytic.copy()
    flipped[:, 1::2] *= -1
    if wrong.check.agree(flipped, wrong.numeric).all():
        return "the gradient is the complex conjugate of what it should be: g * f'.conj()."
    if wrong.out._array.dtype.kind == "c":
        flipped[1::2] *= -1
        if wrong.check.agree(flipped, wrong.numeric).all():
            return "the derivative is not conjugated: a rule for complex values is g * f'.conj()."
    return ""


def _transposed(wrong: Difference) -> str:
    shape = wrong.tensor._array.shape
    if len(shape) < 2 or wrong.is_complex:
        return ""
    swapped = wrong.analytic.reshape(-1, *shape[:-2], shape[-1], shape[-2]).swapaxes(-1, -2)
    if wrong.check.agree(swapped.reshape(wrong.analytic.shape), wrong.numeric).all():
        return "the gradient is transposed: its last two dimensions are exchanged."
    return ""
