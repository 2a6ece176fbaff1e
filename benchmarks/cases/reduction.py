"""Reductions and the softmax family, on square matrices."""

from __future__ import annotations

from typing import Any

from benchmarks.case import operator

SIDES = (4, 16, 128, 1024, 4096)


def square(n: int) -> list[tuple[int, ...]]:
    return [(n, n)]


def bare_softmax(xp: Any, a: Any) -> Any:
    e = xp.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# fmt: off
operator(
    "reduction/sum", "rows = columns", SIDES, square, lambda lib, a: a.sum(), lambda xp, a: a.sum()
)
operator(
    "reduction/sum of columns", "rows = columns", SIDES, square,
    lambda lib, a: a.sum(dim=0), lambda xp, a: a.sum(axis=0),
)
operator(
    "reduction/mean of rows", "rows = columns", SIDES, square,
    lambda lib, a: a.mean(dim=-1), lambda xp, a: a.mean(axis=-1),
)
operator(
    "reduction/amax of rows", "rows = columns", SIDES, square,
    lambda lib, a: a.amax(dim=-1), lambda xp, a: a.max(axis=-1),
)
operator(
    "reduction/softmax", "rows = columns", SIDES, square,
    lambda lib, a: a.softmax(dim=-1), bare_softmax,
)
operator(
    "reduction/log_softmax", "rows = columns", SIDES, square,
    lambda lib, a: a.log_softmax(dim=-1),
)
