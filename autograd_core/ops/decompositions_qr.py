"""QR decompositions and products of Householder reflections."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.ops.decompositions import (
    adjoint,
    check_matrices,
    lapack,
    on_diagonal,
    zeros_beside,
)
from autograd_core.ops.decompositions_triangular import triangular
from autograd_core.ops.join import cat
from autograd_core.ops.products import product
from autograd_core.ops.slicing import diagonal
from autograd_core.ops.tri import triu
from autograd_core.registry import Make, Sample, operator


def _qr_rule(grads: Any, Q: Any, R: Any, mode: str) -> Any:
    gQ, gR = grads
    k, m, n = min(R.shape[-2:]), Q.shape[-2], R.shape[-1]
    if Q.shape[-1] > k:
        raise RuntimeError(
            f"linalg.qr: mode='complete' has no gradient for tall matrices ({m} rows, {n} columns)."
            f" Mend: mode='reduced'."
        )
    if n <= k:
        return _qr_square_rule(gQ, gR, Q, R)
    # Of a wide matrix, the first columns determine Q, and the others are Q @ R.
    rest, g_rest = R[..., k:], gR[..., k:]
    outer = product(Q, rest)
    g_first = _qr_square_rule(gQ + product(outer, adjoint(g_rest)), gR[..., :k], Q, R[..., :k])
    return cat([g_first, product(Q, g_rest)], -1)


def _qr_square_rule(gQ: Any, gR: Any, Q: Any, R: Any) -> Any:
    inner = triu(product(gR, adjoint(R)) - product(adjoint(Q), gQ))
    whole = inner + adjoint(triu(inner, 1)) + on_diagonal(_imaginary(inner))
    return adjoint(triangular(R, adjoint(gQ + product(Q, whole)), True, False))


def _imaginary(inner: Any) -> Any:
    """What makes the diagonal real."""
    values = diagonal(inner, 0, -2, -1)
    return (values.conj() - values) / 2


_qr = Op(
    "linalg.qr",
    lambda xp, input, mode: tuple(lapack("linalg.qr", lambda: xp.linalg.qr(input, mode))),
    {"input": _qr_rule},
    outputs=("Q", "R"),
)
qr_result = namedtuple("linalg_qr", ["Q", "R"])  # type: ignore[name-match]
_DEPENDENT = "infinite or NaN where the first columns are linearly dependent"


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 3) + 2 * np.eye(3))
    yield Sample(make(4, 2))
    yield Sample(make(2, 2, 4))
    yield Sample(make(2, 3), "complete")
    yield Sample(make(0, 3))
    yield Sample(make(3, 0))


@operator(
    "linalg.qr",
    samples=_samples,
    reference=lambda A, mode="reduced": np.linalg.qr(A, mode),
    convention=_DEPENDENT,
    method=False,
    formula="dA = (dQ + Q C) R⁻ᵀ,  C: the lower triangle of R dRᵀ − dQᵀ Q, mirrored upwards",
)
def qr(A: Any, mode: str = "reduced") -> Any:
    """QR decomposition ``A = Q @ R``: orthonormal columns times an upper triangle.

    Args:
        A: (..., m, n), of float32, float64 or complex numbers.
        mode: ``"reduced"``: Q is (..., m, k) with k = min(m, n); ``"complete"``: Q is square, and
            tall matrices have no gradient; ``"r"``: R alone, Q is empty.

    Returns:
        A named tuple ``(Q, R)``.

    Source: PyTorch, ``torch.linalg.qr``; Walter, Lehmann and Lamour, "On evaluating higher-order
    derivatives of the QR decomposition of tall matrices with full column rank" (2012).

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.qr(ag.tensor([[3.0, 1.0], [4.0, 1.0]])).R
        tensor([[-5.0000, -1.4000],
                [ 0.0000, -0.2000]])
    """
    check_matrices("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"linalg.qr: mode must be 'reduced', 'complete' or 'r', got {mode!r}")
    Q, R = _qr(A, "reduced" if mode == "r" else mode)
    return qr_result(zeros_beside(Q, (0,)) if mode == "r" else Q, R)


older_qr_result = namedtuple("qr", ["Q", "R"])  # type: ignore[name-match]


@operator("qr", samples=lambda make: [Sample(make(3, 2))], convention=_DEPENDENT)
def older_qr(input: Any, some: bool = True) -> Any:
    """QR decomposition in PyTorch's older form; see ``linalg.qr``.

    Args:
        input: (..., m, n).
        some: whether Q has only min(m, n) columns.

    Source: PyTorch, ``torch.qr``.
    """
    return older_qr_result(*qr(input, "reduced" if some else "complete"))
