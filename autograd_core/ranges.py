"""Numbers that a dtype cannot hold: in arithmetic integers wrap around; stored they are refused."""

from __future__ import annotations

from typing import Any

import numpy as np


def wrapped(name: str, number: int, dtype: Any) -> int:
    """``number`` modulo the size of the integer ``dtype``, as PyTorch's arithmetic takes it."""
    if not -(1 << 63) <= number < 1 << 63:
        raise RuntimeError(
            f"{name}: the number {number} does not fit into int64. Mend: use a float, or smaller "
            f"numbers"
        )
    low = int(np.iinfo(dtype).min)
    return (number - low) % (1 << 8 * dtype.itemsize) + low


def stored(name: str, number: int, dtype: Any) -> int:
    """``number`` if the integer ``dtype`` can hold it; negative ones in unsigned types wrap, as in
    PyTorch.

    Raises:
        RuntimeError: it cannot.
    """
    check_range(name, np.array(number, np.float64), dtype)
    return wrapped(name, number, dtype)


def check_range(name: str, values: Any, dtype: Any) -> None:
    """Refuse numbers that the integer ``dtype`` cannot hold; see :func:`stored`."""
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    fits = (values >= (low or -high)) & (values <= high)
    if not fits.all():
        raise out_of_range(name, values[~fits].reshape(-1)[0], dtype)


def check_real(name: str, complex_values: bool, dtype: Any) -> None:
    """Refuse complex numbers where ``dtype`` (None: any) is one of real numbers."""
    if complex_values and dtype is not None and dtype.kind not in "cb":
        raise TypeError(
            f"{name}: complex numbers do not fit into {dtype}. Mend: a complex dtype, or .real"
        )


def out_of_range(name: str, number: Any, dtype: Any) -> RuntimeError:
    """The error for a number that the integer ``dtype`` cannot hold."""
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return RuntimeError(
        f"{name}: the value {number:.20g} does not fit into {dtype}, which holds {low} to {high}. "
        f"Mend: a wider dtype"
    )
