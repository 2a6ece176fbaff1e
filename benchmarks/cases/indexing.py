"""Views, copies, slices and gathers: operators that move elements."""

from __future__ import annotations

from typing import Any

from benchmarks.case import operator

SIDES = (4, 16, 128, 1024, 4096)


def square(n: int) -> list[tuple[int, ...]]:
    return [(n, n)]


def two_squares(n: int) -> list[tuple[int, ...]]:
    return [(n, n), (n, n)]


def some_rows(n: int) -> list[Any]:
    """Row numbers with repetitions, as a lookup of embeddings has them."""
    import numpy as np

    return [np.random.default_rng(1).integers(0, n, n)]


# fmt: off
operator(
    "indexing/reshape", "rows = columns", SIDES, square,
    lambda lib, a: a.reshape(-1), lambda xp, a: a.reshape(-1),
)
operator(
    "indexing/transpose and copy", "rows = columns", SIDES, square,
    lambda lib, a: a.T.contiguous(), lambda xp, a: xp.ascontiguousarray(a.T),
)
operator(
    "indexing/slice", "rows = columns", SIDES, square,
    lambda lib, a: a[1:-1, ::2], lambda xp, a: a[1:-1, ::2],
)
operator(
    "indexing/gather of rows", "rows = columns", SIDES, square,
    lambda lib, a, index: a[index], lambda xp, a, index: a[index], some_rows,
)
operator(
    "indexing/cat", "rows = columns", SIDES, two_squares,
    lambda lib, a, b: lib.cat([a, b], dim=1), lambda xp, a, b: xp.concatenate([a, b], axis=1),
)
operator(
    "indexing/index_add of rows", "rows = columns", SIDES, two_squares,
    lambda lib, a, b, index: lib.index_add(a, 0, index, b), None, some_rows,
)
