"""Approximate singular value decompositions: exact where the rank is low, and their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag

RNG = np.random.default_rng(0)


def host(x: Any) -> Any:
    return x.detach().cpu().numpy()


def low(m: int, n: int, rank: int, kind: str, *batch: int) -> np.ndarray:
    parts = [RNG.standard_normal((*batch, *s)) for s in ((m, rank), (rank, n))]
    if kind == "c":
        parts = [p + 1j * RNG.standard_normal(p.shape) for p in parts]
    return parts[0] @ parts[1]


@pytest.mark.parametrize("kind", ["f", "c"])
@pytest.mark.parametrize("size", [(7, 4), (4, 7), (2, 5, 5)])
@pytest.mark.parametrize("shifted", [False, True])
def test_low_ranks_are_found_exactly(kind: str, size: tuple[int, ...], shifted: bool) -> None:
    *batch, m, n = size
    A = low(m, n, 2, kind, *batch)
    M = low(m, n, 1, kind) if shifted else None
    U, S, V = ag.svd_lowrank(ag.tensor(A), q=3, M=None if M is None else ag.tensor(M))
    want = A if M is None else A - M
    assert U.shape == (*batch, m, 3) and V.shape == (*batch, n, 3)
    np.testing.assert_allclose(host((U * S[..., None, :]) @ V.mH), want, atol=1e-10)
    np.testing.assert_allclose(host(S), np.linalg.svd(want, compute_uv=False)[..., :3], atol=1e-10)


def test_principal_components() -> None:
    A = RNG.standard_normal((30, 5)) * [9, 4, 1, 0.1, 0.1] + 3
    _, S, V = ag.pca_lowrank(ag.tensor(A), q=2, niter=8)
    _, want, axes = np.linalg.svd(A - A.mean(0), full_matrices=False)
    np.testing.assert_allclose(host(S), want[:2], rtol=1e-6)
    np.testing.assert_allclose(abs(host(V).T @ axes[:2].T), np.eye(2), atol=1e-3)
    U, S, V = ag.pca_lowrank(ag.tensor(A[:, :3]), center=False)
    np.testing.assert_allclose(host((U * S) @ V.mT), A[:, :3], atol=1e-10)


@pytest.mark.parametrize("kind", ["f", "c"])
def test_gradients(kind: str) -> None:
    """Where the rank is no larger than q, those of the product are those of the matrix."""
    parts = [ag.tensor(low(5, 2, 2, kind), requires_grad=True) for _ in range(2)]

    def rebuilt(a: Any, b: Any) -> Any:
        ag.manual_seed(0)
        U, S, V = ag.svd_lowrank(a @ b.mH, q=2)
        return (U * S[..., None, :]) @ V.mH

    assert ag.autograd.gradcheck(rebuilt, parts, atol=1e-6)
    np.testing.assert_allclose(host(rebuilt(*parts)), host(parts[0] @ parts[1].mH), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda A: ag.svd_lowrank(A, q=-1), "svd_lowrank: q must be"),
        (lambda A: ag.svd_lowrank(A, niter=-1), "svd_lowrank: niter must be"),
        (lambda A: ag.svd_lowrank(A[0]), "svd_lowrank: A must be matrices"),
        (lambda A: ag.pca_lowrank(A, q=3), "pca_lowrank: q must be at most 2"),
        (lambda A: ag.pca_lowrank(A, niter=0.5), "pca_lowrank: niter must be"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((ValueError, RuntimeError), match=words):
        call(ag.ones(4, 2))
