"""Matrix products."""

from __future__ import annotations

from benchmarks.case import operator

# fmt: off
operator(
    "matmul/square", "rows = columns", (4, 32, 128, 512, 2048), lambda n: [(n, n), (n, n)],
    lambda lib, a, b: a @ b, lambda xp, a, b: a @ b,
)
operator(
    "matmul/batch of 16", "rows = columns", (4, 16, 64, 256), lambda n: [(16, n, n), (16, n, n)],
    lambda lib, a, b: a @ b, lambda xp, a, b: a @ b,
)
operator(
    "matmul/linear", "features, batch of 64", (4, 32, 128, 512, 2048),
    lambda n: [(64, n), (n, n), (n,)],
    lambda lib, x, w, b: lib.nn.functional.linear(x, w, b), lambda xp, x, w, b: x @ w.T + b,
)
operator(
    "matmul/cdist", "rows, of 64 each", (4, 32, 128, 512, 2048), lambda n: [(n, 64), (n, 64)],
    lambda lib, a, b: lib.cdist(a, b),
    lambda xp, a, b: xp.sqrt(xp.maximum(
        (a * a).sum(-1)[:, None] - 2 * (a @ b.T) + (b * b).sum(-1), 0
    )),
)
