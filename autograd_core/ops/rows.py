"""Sums and maxima of arrays along dimensions, quick where NumPy is slow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# Longer sums lose precision in BLAS, which adds in order; NumPy adds in pairs.
_MOST_SUMMANDS = 4096
_SHORT = 48
_SMALL = 512  # elements for which the plain call is as quick


def add_up(xp: Any, input: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    """The sum of an array: halves are accumulated in float32 (and stay it), integers in int64."""
    # (By the ufunc, whose warnings of infinities are silenced: those of arrays' own methods come
    # from NumPy's modules.)
    kind, size = input.dtype.kind, input.dtype.itemsize
    if len(dims) == input.ndim:
        dims = None  # type: ignore[assignment]
    if kind not in "fc" or size < 4:
        dtype = np.int64 if kind in "biu" else np.float32
        return xp.add.reduce(input, axis=dims, dtype=dtype, keepdims=keepdim)
    if dims is None or input.size < _SMALL or kind == "c" or not input.flags.c_contiguous:
        return xp.add.reduce(input, axis=dims, keepdims=keepdim)
    return _products_with_ones(xp, input, dims, keepdim)


def _products_with_ones(xp: Any, input: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    """Sums over the last or the first dimensions as products with ones: many times as quick."""
    shape, ndim = input.shape, input.ndim
    kept = tuple([1 if i in dims else n for i, n in enumerate(shape)])
    last = ndim
    while last - 1 in dims:
        last -= 1
    first = 0
    while first in dims:
        first += 1
    out = input
    if (n := math.prod(shape[last:])) <= _MOST_SUMMANDS and last < ndim:
        out = out.reshape(-1, n) @ xp.ones(n, input.dtype)
        out = out.reshape(shape[:last] + (1,) * (ndim - last))
    if (n := math.prod(shape[:first])) <= _MOST_SUMMANDS and first:
        out = (xp.ones(n, input.dtype) @ out.reshape(n, -1)).reshape(
            (1,) * first + out.shape[first:]
        )
    rest = tuple([i for i in dims if out.shape[i] != 1])
    if rest:
        out = xp.add.reduce(out, axis=rest, keepdims=True)
    return out if keepdim else out.reshape([n for i, n in enumerate(kept) if i not in dims])


def largest(xp: Any, input: Any, dim: int) -> Any:
    """The maximum along a dimension, which stays with size 1."""
    n = input.shape[dim]
    if n > _SHORT or dim != input.ndim - 1 or input.size < _SMALL:
        return input.max(axis=dim, keepdims=True)
    columns = xp.ascontiguousarray(input.reshape(-1, n).T)
    return columns.max(axis=0).reshape(*input.shape[:-1], 1)
