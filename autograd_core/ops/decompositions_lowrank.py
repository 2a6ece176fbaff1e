"""Approximate singular value decompositions of low rank, from products with random vectors."""

from __future__ import annotations

from typing import Any

from autograd_core.messages import describe
from autograd_core.ops.decompositions import adjoint, check_matrices
from autograd_core.ops.decompositions_qr import qr
from autograd_core.ops.decompositions_svd import svd
from autograd_core.ops.dims import is_whole
from autograd_core.ops.products import matmul
from autograd_core.ops.reduction import mean
from autograd_core.ops.shape import broadcast_to
from autograd_core.registry import Sample, operator

_CHANCE = "that of the decomposition that was found, with the same random vectors"


def _basis(A: Any, q: int, niter: int, M: Any) -> Any:
    """An orthonormal basis of nearly the space of the q largest singular vectors of ``A - M``."""

    def times(X: Any) -> Any:
        return A @ X if M is None else A @ X - M @ X

    def adjoint_times(X: Any) -> Any:
        return adjoint(A) @ X if M is None else adjoint(A) @ X - adjoint(M) @ X

    Q = qr(times(A.new_empty((A.shape[-1], q)).normal_())).Q
    for _ in range(niter):
        Q = qr(times(qr(adjoint_times(Q)).Q)).Q
    return Q


def _low_rank(A: Any, q: int, niter: int, M: Any) -> tuple[Any, Any, Any]:
    wide = A.shape[-2] < A.shape[-1]
    if wide:
        A, M = adjoint(A), None if M is None else adjoint(M)
    Q = _basis(A, q, niter, M)
    inner = matmul(adjoint(Q), A) if M is None else matmul(adjoint(Q), A - M)
    U, S, Vh = svd(inner, full_matrices=False)
    U, V = matmul(Q, U), adjoint(Vh)
    return (V, S, U) if wide else (U, S, V)


def _check(name: str, A: Any, q: Any, niter: Any) -> None:
    check_matrices(name, A)
    for argument, value in (("q", q), ("niter", niter)):
        if not is_whole(value) or value < 0:
            raise ValueError(f"{name}: {argument} must be an integer from 0 on, got {value!r}")


@operator(
    "svd_lowrank", convention=_CHANCE, method=False,
    samples=lambda make: [
        Sample(make(5, 2), 2),
        Sample(make(2, 6), q=2, niter=0),
        Sample(make(2, 4, 2), 2, M=make(1, 2)),
    ],
)  # fmt: skip
def svd_lowrank(A: Any, q: int | None = 6, niter: int = 2, M: Any = None) -> tuple[Any, Any, Any]:
    """Nearly the q largest singular values of ``A - M`` and their vectors: ``U @ diag(S) @ V.mH``.

    Args:
        A: (..., m, n), of float32, float64 or complex numbers.
        q: how many, at most m or n; default 6. More than the rank of A make it exact.
        niter: more iterations are more exact.
        M: broadcasts to the shape of A; default 0.

    Returns:
        (U, S, V) of shapes (..., m, q), (..., q) and (..., n, q); no q above m or n.

    Raises:
        ValueError: ``q`` or ``niter`` does not fit.

    Source: PyTorch, ``torch.svd_lowrank``; Halko, Martinsson and Tropp, "Finding structure with
    randomness" (2011), algorithm 5.1.

    Example:
        >>> import autograd_core as ag
        >>> A = ag.tensor([[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
        >>> ag.svd_lowrank(A, q=2)[1].round(decimals=3)
        tensor([3., 1.])
    """
    q = 6 if q is None else q
    _check("svd_lowrank", A, q, niter)
    return _low_rank(A, q, niter, None if M is None else broadcast_to(M, A.shape))


@operator(
    "pca_lowrank", convention=_CHANCE, method=False,
    samples=lambda make: [Sample(make(5, 2), 2, False), Sample(make(2, 6, 2), 2)],
)  # fmt: skip
def pca_lowrank(
    A: Any, q: int | None = None, center: bool = True, niter: int = 2
) -> tuple[Any, Any, Any]:
    """The principal components of rows: :func:`svd_lowrank` of A without the mean of its rows.

    Args:
        A: (..., m, n).
        q: how many; default 6, or fewer if A is smaller.
        center: take away the mean of the rows.
        niter: as for :func:`svd_lowrank`.

    Source: PyTorch, ``torch.pca_lowrank``.

    Example:
        >>> import autograd_core as ag
        >>> A = ag.tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
        >>> ag.pca_lowrank(A, q=1)[1].round(decimals=3)
        tensor([2.])
    """
    check_matrices("pca_lowrank", A)
    least = min(A.shape[-2:])
    q = min(6, least) if q is None else q
    _check("pca_lowrank", A, q, niter)
    if q > least:
        raise ValueError(f"pca_lowrank: q must be at most {least} for A of {describe(A)}, got {q}")
    return _low_rank(A - mean(A, -2, True) if center else A, q, niter, None)
