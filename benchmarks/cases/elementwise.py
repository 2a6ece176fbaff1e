"""Elementwise operators, on vectors."""

from __future__ import annotations

from benchmarks.case import operator

SIZES = (16, 512, 16_384, 524_288, 16_777_216)


def one(n: int) -> list[tuple[int, ...]]:
    return [(n,)]


def two(n: int) -> list[tuple[int, ...]]:
    return [(n,), (n,)]


def row_and_column(n: int) -> list[tuple[int, ...]]:
    """An n-element result from a column and a row: the gradients have to be summed back."""
    rows = 2 ** ((n.bit_length() - 1) // 2)
    return [(rows, 1), (1, n // rows)]


# fmt: off
operator("elementwise/add", "elements", SIZES, two, lambda lib, a, b: a + b, lambda xp, a, b: a + b)
operator("elementwise/mul", "elements", SIZES, two, lambda lib, a, b: a * b, lambda xp, a, b: a * b)
operator(
    "elementwise/mul broadcast", "elements of the result", SIZES, row_and_column,
    lambda lib, a, b: a * b, lambda xp, a, b: a * b,
)
operator(
    "elementwise/cube", "elements", SIZES, one, lambda lib, a: a**3, lambda xp, a: a * a * a
)
operator(
    "elementwise/fifth power", "elements", SIZES, one, lambda lib, a: a**5, lambda xp, a: a**5
)
operator(
    "elementwise/remainder", "elements", SIZES, one, lambda lib, a: a % 3, lambda xp, a: a % 3
)
operator("elementwise/exp", "elements", SIZES, one, lambda lib, a: a.exp(), lambda xp, a: xp.exp(a))
operator(
    "elementwise/tanh", "elements", SIZES, one, lambda lib, a: a.tanh(), lambda xp, a: xp.tanh(a)
)
operator(
    "elementwise/sigmoid", "elements", SIZES, one,
    lambda lib, a: a.sigmoid(), lambda xp, a: 1 / (1 + xp.exp(-a)),
)
operator(
    "elementwise/relu", "elements", SIZES, one,
    lambda lib, a: a.relu(), lambda xp, a: xp.maximum(a, 0),
)
operator(
    "elementwise/where", "elements", SIZES, two,
    lambda lib, a, b: lib.where(a > b, a, b), lambda xp, a, b: xp.where(a > b, a, b),
)
