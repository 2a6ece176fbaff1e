"""Adding into an array at indices, where some of NumPy's ways are many times slower than others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_SMALL = 1024  # elements for which flattening does not pay
_BLOCK = 1 << 16  # elements at a time: each has an index of its own for as long


def add_at(array: np.ndarray, index: Any, values: np.ndarray) -> None:
    """``np.add.at(array, index, values)``, which is quick for one dimension only: others are
    flattened."""
    parts = index if type(index) is tuple else (index,)
    rest = array.shape[len(parts) :]
    quick = array.ndim == 1 or values.size < _SMALL or array.dtype != values.dtype
    places = None if quick or not array.flags.c_contiguous else _flat(array, parts)
    if places is None or values.shape != places.shape + rest:
        np.add.at(array, index, values)
        return
    width = math.prod(rest)
    memory, places, values = array.reshape(-1), places.reshape(-1), values.reshape(-1, width)
    if width == 1:
        np.add.at(memory, places, values.reshape(-1))
        return
    step, columns = max(1, _BLOCK // width), np.arange(width)
    for start in range(0, len(places), step):
        rows = slice(start, start + step)
        each = (places[rows, None] * width + columns).reshape(-1)
        np.add.at(memory, each, values[rows].reshape(-1))


def _flat(array: np.ndarray, parts: tuple[Any, ...]) -> np.ndarray | None:
    """Arrays of integers from 0 on, one for each of the first dimensions, as one; None if they are
    anything else, or out of range."""
    places: Any = None
    for part, size in zip(parts, array.shape, strict=False):
        if type(part) is not np.ndarray or part.dtype.kind not in "iu":
            return None
        if part.size and (part.min() < 0 or part.max() >= size):
            return None
        part = part.astype(np.int64, copy=False)
        places = part if places is None else places * size + part
    return places if isinstance(places, np.ndarray) else None
