"""Rows taken out of a table, and put into one: how sequences are packed and padded."""

from __future__ import annotations

from typing import Any

from autograd_core.op import Op


def _put(xp: Any, input: Any, index: Any, rows: int, fill: float) -> Any:
    out = xp.full((rows, *input.shape[1:]), fill, input.dtype)
    out[index] = input
    return out


# ``input[index]`` for an index (n) that names no row twice. ``rows`` is their number.
take_rows = Op(
    "take_rows",
    lambda xp, input, index, rows: input[index],
    {"input": lambda g, index, rows: put_rows(g, index, rows, 0.0)},
    inputs=2,
)

# Its adjoint: a table of so many rows that has ``input`` at ``index``, and ``fill`` elsewhere.
put_rows = Op(
    "put_rows",
    _put,
    {"input": lambda g, index, rows, fill: take_rows(g, index, rows)},
    inputs=2,
)
