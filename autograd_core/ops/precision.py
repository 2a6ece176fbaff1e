"""Element types that need care: the halves are computed in float32 and rounded once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np


def is_half(dtype: Any) -> bool:
    """Whether a NumPy dtype is float16 or bfloat16 (which NumPy counts among the foreign kinds)."""
    return bool(dtype.itemsize == 2 and dtype.kind in "fV")


def is_complex(value: Any) -> bool:
    """Whether a tensor or an array is of a complex type."""
    return bool(getattr(value, "_array", value).dtype.kind == "c")


def widen(array: Any) -> Any:
    """The array in float32 if it is of a half type, else itself."""
    return array.astype(np.float32) if is_half(array.dtype) else array


def widened(value: Any) -> Any:
    """For gradient rules: a tensor or an array in float32 if it is of a half type, else itself."""
    array = getattr(value, "_array", value)
    if not is_half(array.dtype):
        return value
    return widen(value) if array is value else value._cast(np.dtype(np.float32))


def as_precise(value: Any, other: Any) -> Any:
    """For gradient rules: a tensor or an array in the dtype of another."""
    array, dtype = getattr(value, "_array", value), getattr(other, "_array", other).dtype
    if array.dtype == dtype:
        return value
    return array.astype(dtype) if array is value else value._cast(dtype)


def wide_dtype(dtype: Any) -> Any:
    """The NumPy dtype to compute in: float32 for a half type, else itself."""
    return np.dtype(np.float32) if is_half(dtype) else dtype


def wide(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of arrays that computes in float32 what comes in a half type, and rounds once."""

    @functools.wraps(function)
    def computed(*arrays: Any) -> Any:
        dtype = arrays[0].dtype
        if not is_half(dtype):
            return function(*arrays)
        return function(*[widen(a) for a in arrays]).astype(dtype)

    return computed
