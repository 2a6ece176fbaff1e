"""Dimension arguments: negative ones, tuples, None, and their errors."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.errors import ArgumentError


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a tensor or array, as a plain tuple."""
    return (value._array if isinstance(value, TensorBase) else value).shape  # type: ignore[no-any-return]


def one_dim(name: str, dim: Any, ndim: int, argument: str = "dim") -> int:
    """``dim`` as a number from 0; a 0-d tensor counts as having one dimension, as in PyTorch.

    Raises:
        TypeError: ``dim`` is not an integer.
        IndexError: it is out of range.
    """
    if isinstance(dim, bool) or not hasattr(dim, "__index__"):
        raise TypeError(f"{name}: {argument} must be an integer, got {type(dim).__name__} {dim!r}")
    size = max(ndim, 1)
    place = dim.__index__()
    if not -size <= place < size:
        raise IndexError(
            f"{name}: {argument}={place} is out of range for a tensor of {ndim} dimensions "
            f"(expected {-size} to {size - 1})"
        )
    return place % size


def some_dims(name: str, dim: Any, ndim: int, argument: str = "dim") -> tuple[int, ...]:
    """``dim`` (an integer, a sequence, or None for all) as a tuple of different numbers from 0."""
    if dim is None:
        return tuple(range(ndim))
    dims = dim if isinstance(dim, (Sequence,)) else (dim,)
    found = tuple(one_dim(name, d, ndim, argument) for d in dims)
    if len(set(found)) != len(found):
        raise ArgumentError(f"{name}: {argument}={tuple(dims)} names a dimension twice")
    return found if ndim else ()


def is_whole(value: Any) -> bool:
    """Whether a value is an integer, of Python's or of NumPy's."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def whole(name: str, value: Any, argument: str) -> int:
    """``value`` as a Python integer; also a tensor that is one."""
    try:
        return index(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"{name}: {argument} must be an integer, got {type(value).__name__} {value!r:.60}"
        ) from None


def sizes(name: str, given: Sequence[Any], named: Any = None) -> tuple[int, ...]:
    """Sizes passed as numbers or as one sequence, ``view(2, 3)`` or ``view((2, 3))``; or as a
    sequence by name, ``view(size=(2, 3))``."""
    if named is not None:
        if given or not isinstance(named, Sequence):
            raise TypeError(f"{name}: expected sizes, or a sequence of them by name, not both")
        given = named
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = given[0]
    try:
        return tuple(map(index, given))
    except TypeError:
        raise TypeError(f"{name}: sizes must be integers, got {tuple(given)!r}") from None
