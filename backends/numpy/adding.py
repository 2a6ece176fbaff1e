"""Adding into an array at indices, where some of NumPy's ways are many times slower than others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_SMALL = 1024  # elements for which flattening does not pay
_BLOCK = 1 << 16  # elements at a time: each has an index of its own for as long
_WIDE = 128  # elements of a row from which whole rows are added


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
    if width >= _WIDE and _add_rows(array.reshape(-1, width), places, values):
        return
    step, columns = max(1, _BLOCK // width), np.arange(width)
    for start in range(0, len(places), step):
        rows = slice(start, start + step)
        each = (places[rows, None] * width + columns).reshape(-1)
        np.add.at(memory, each, values[rows].reshape(-1))


def _add_rows(memory: np.ndarray, places: np.ndarray, rows: np.ndarray) -> bool:
    """Add each row at its place, in rounds in each of which no place comes twice, and one after
    the other at each place; not (and False) where a few places get most of the rows."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    first = np.empty(len(places), bool)
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    turn = np.arange(len(places)) - np.repeat(starts, np.diff(starts, append=len(places)))
    sizes = np.bincount(turn)
    if len(sizes) * 8 > len(places):
        return False
    order = order[np.argsort(turn, kind="stable")]
    stop = 0
    for size in sizes.tolist():
        chosen = order[stop : stop + size]
        stop += size
        memory[places[chosen]] += rows[chosen]
    return True


def _flat(array: np.ndarray, parts: tuple[Any, ...]) -> np.ndarray | None:
    """Arrays of integers from 0 on, one for each of the first dimensions, as one; None if they are
    anything else, or out of range. (Or whole dimensions before one array of one dimension.)"""
    places: Any = None
    *lead, last = parts
    if lead and np.ndim(last) == 1 and all(type(p) is slice and p == slice(None) for p in lead):
        parts = np.ix_(*map(np.arange, array.shape[: len(lead)]), last)
    for part, size in zip(parts, array.shape, strict=False):
        if type(part) is not np.ndarray or part.dtype.kind not in "iu":
            return None
        if part.size and (part.min() < 0 or part.max() >= size):
            return None
        part = part.astype(np.int64, copy=False)
        places = part if places is None else places * size + part
    return places if isinstance(places, np.ndarray) else None
