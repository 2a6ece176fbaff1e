"""Whole quotients and remainders of float32 arrays, by float64: NumPy's own cost 20 divisions."""

from __future__ import annotations

from typing import Any

import numpy as np

_FLOAT32 = np.dtype(np.float32)
_SMALL = 512  # elements for which it does not pay
# Below this a whole quotient is exact in float32 and so is its product with the divisor in float64.
_LIMIT = 2.0**24


def floored(x: Any, y: Any) -> tuple[Any, Any, Any] | None:
    """Dividend, divisor and the quotient rounded down, of float64, all exact; None where that is
    not certain: for other arrays, large quotients, infinities, NaN and zeros as divisors.

    The quotient of two numbers of 24 digits lies so far from any whole number that it is not, that
    its rounding to 53 digits cannot reach it.
    """
    if type(x) is not np.ndarray or x.dtype is not _FLOAT32 or x.size < _SMALL:
        return None
    if type(y) is not np.ndarray or y.dtype is not _FLOAT32 or not np.isfinite(y).all():
        return None
    dividend, divisor = x.astype(np.float64), y.astype(np.float64)
    quotient = dividend / divisor
    np.floor(quotient, out=quotient)
    if not (quotient.size and quotient.max() < _LIMIT and quotient.min() > -_LIMIT):
        return None  # (NaN is neither)
    return dividend, divisor, quotient


def floor_divide(x: Any, y: Any) -> Any:
    """As ``np.floor_divide``, to the last digit."""
    parts = floored(x, y)
    return np.floor_divide(x, y) if parts is None else parts[2].astype(_FLOAT32)


def remainder(x: Any, y: Any) -> Any:
    """As ``np.remainder``, to the last digit."""
    parts = floored(x, y)
    if parts is None:
        return np.remainder(x, y)
    dividend, divisor, quotient = parts
    quotient *= divisor
    rest = np.subtract(dividend, quotient, out=quotient).astype(_FLOAT32)
    return np.copysign(rest, y, out=rest)  # a zero has the divisor's sign, too
