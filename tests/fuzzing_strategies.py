"""Strategies of Hypothesis for the arguments of generated calls (see fuzzing.py)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from fuzzing import CONTENTS, FLOATS, LAYOUTS, Given, Recipe
from hypothesis import strategies as st


def shapes(most: int = 3, least: int = 0, side: int = 4, smallest: int = 0) -> Any:
    """Shapes of up to ``most`` dimensions; those without elements are seldom."""
    sizes = st.integers(max(smallest, 1), side)
    if smallest == 0:
        sizes = st.integers(0, 2 * side).map(lambda n: n if n == 0 else 1 + (n - 1) % side)
    return st.lists(sizes, min_size=least, max_size=most).map(tuple)


@st.composite
def broadcast(draw: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts to ``shape``."""
    kept = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in shape)
    return kept[draw(st.integers(0, len(kept))) :] if draw(st.booleans()) else kept


def dims(ndim: int) -> Any:
    """A dimension of a tensor, seldom one that it does not have."""
    inside = st.integers(-max(ndim, 1), max(ndim, 1) - 1)
    return st.one_of(inside, inside, inside, st.integers(-ndim - 2, ndim + 1))


@st.composite
def several_dims(draw: Any, ndim: int) -> tuple[int, ...]:
    """Different dimensions of a tensor, in any order; some negative."""
    chosen = draw(st.lists(st.integers(0, max(ndim - 1, 0)), max_size=ndim, unique=True))
    return tuple(d - ndim if draw(st.booleans()) else d for d in chosen)


@st.composite
def recipes(
    draw: Any,
    shape: Any = None,
    dtypes: Sequence[str] = FLOATS,
    contents: Sequence[str] = CONTENTS[:2],
    layouts: Sequence[str] = LAYOUTS,
    low: float | None = None,
    high: float | None = None,
) -> Recipe:
    """A tensor: of a shape, or one of a strategy of shapes (default: ``shapes()``)."""
    if not isinstance(shape, tuple):
        shape = draw(shapes() if shape is None else shape)
    return Recipe(
        shape,
        draw(st.sampled_from(dtypes)),
        # Most layouts of a number, or of nothing, are the same.
        draw(st.sampled_from(layouts if shape else layouts[:1])),
        draw(st.sampled_from(contents)),
        draw(st.integers(0, 99)),
        draw(st.integers(0, 5)) > 0,
        low,
        high,
    )


def whole(shape: tuple[int, ...], low: int, high: int) -> Any:
    """Arrays of integers from ``low`` to ``high``."""
    size = math.prod(shape)
    values = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return values.map(lambda values: np.array(values, np.int64).reshape(shape))


def places(shape: tuple[int, ...], low: int, high: int) -> Any:
    """Tensors of integers, as indices are."""
    return whole(shape, low, high).map(Given)


def masks(shape: tuple[int, ...]) -> Any:
    """Arrays of truth values."""
    return whole(shape, 0, 1).map(lambda values: values.astype(bool))
