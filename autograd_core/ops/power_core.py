"""Powers of arrays: products where the exponent is a small number, no slow negative bases."""

from __future__ import annotations

from typing import Any

import numpy as np

# What PyTorch computes without a power. (2.0 finds 2.)
_SHORT: dict[float, Any] = {
    2: lambda x: x * x,
    3: lambda x: x * x * x,
    -1: lambda x: 1 / x,
    -2: lambda x: 1 / (x * x),
    0.5: lambda x: np.sqrt(x),
    -0.5: lambda x: 1 / np.sqrt(x),
}


def power(x: Any, y: Any) -> Any:
    """``x**y`` of an array, and of another one of its dtype or a Python number."""
    dtype = x.dtype
    if dtype.kind in "fV":
        return _of_floats(x, y) if dtype.itemsize > 2 else _of_halves(x, y)
    try:
        return x**y
    except OverflowError:  # a number that the dtype does not hold wraps around, as elsewhere
        return x ** np.int64(y).astype(x.dtype)
    except ValueError as error:
        if "negative integer powers" not in str(error) or not hasattr(y, "dtype"):
            raise
    # Of whole numbers only 1 and -1 have whole inverses; PyTorch rounds the others to 0.
    inverse = (x == 1) + (x == -1) * (1 - 2 * (y % 2))
    out = x ** (y * (y >= 0))
    return (out * (y >= 0) + inverse * (y < 0)).astype(out.dtype)


def _number(y: Any) -> Any:
    """The exponent as a number if it is one, also as an array without dimensions; else None."""
    if isinstance(y, (int, float)):
        return y
    return float(y) if type(y) is np.ndarray and not y.ndim else None


def _of_floats(x: Any, y: Any) -> Any:
    number = _number(y)
    short = _SHORT.get(number)
    if short is not None:
        return short(x)
    if type(x) is not np.ndarray or not (number is None or number % 1 == 0):
        return x**y
    # NumPy takes 30 times longer for negative bases.
    out = np.power(np.abs(x), y)
    if number is not None:
        return np.copysign(out, x) if number % 2 else out
    if np.signbit(x).any():
        odd = np.abs(np.fmod(y, 2)) == 1
        out = np.where(odd, np.copysign(out, x), out)
        # Between whole exponents 0 and the infinities have a power, other negative bases none.
        out[(x < 0) & (x > -np.inf) & (np.floor(y) != y)] = np.nan
    return out


def _of_halves(x: Any, y: Any) -> Any:
    """Computed in float32 and rounded once; of bfloat16 PyTorch rounds the square, too.

    Of float16 it takes powers, not roots, which differ at -0 and -inf.
    """
    wide, number = x.astype(np.float32), _number(y)
    if number is not None and number % 1:
        number = float(np.asarray(number).astype(x.dtype))
    if x.dtype.kind == "V" and (number == 3 or number == -2):
        square = (wide * wide).astype(x.dtype).astype(np.float32)
        out = square * wide if number == 3 else 1 / square
    elif x.dtype.kind == "f" and (number == 0.5 or number == -0.5):
        wide[wide == -np.inf] = np.inf
        root = np.sqrt(wide + 0)
        out = root if number > 0 else 1 / root
    else:
        out = _of_floats(wide, y.astype(np.float32) if number is None else number)
    return out.astype(x.dtype)
