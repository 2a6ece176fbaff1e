"""Decompositions of matrices: what they promise, complex numbers, refusals."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

linalg = ag.linalg


def host(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy()


def rotation(rng: Any, n: int, kind: str = "f") -> np.ndarray:
    values = rng.standard_normal((n, n))
    return np.linalg.qr(values + 1j * rng.standard_normal((n, n)) if kind == "c" else values)[0]


def test_eigh_reads_one_triangle() -> None:
    A = np.array([[2.0, 100.0], [1.0, 3.0]])
    lower = linalg.eigvalsh(ag.tensor(A))
    np.testing.assert_allclose(host(lower), np.linalg.eigvalsh([[2, 1], [1, 3]]))
    upper = linalg.eigh(ag.tensor(A), "U").eigenvalues
    np.testing.assert_allclose(host(upper), np.linalg.eigvalsh([[2, 100], [100, 3]]))


def general(kind: str) -> np.ndarray:
    rng = np.random.default_rng(3)
    A = rng.standard_normal((2, 3, 3))
    return A + 1j * rng.standard_normal((2, 3, 3)) if kind == "c" else A


@pytest.mark.parametrize("kind", ["f", "c"])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: linalg.eig(x).eigenvectors.abs(),
        lambda x: linalg.eig(x).eigenvalues.abs().sum(-1),
        lambda x: linalg.eigvals(x).abs().square().sum(-1),
        lambda x: linalg.svd(x, False).U.abs(),
        lambda x: linalg.svd(x, False).Vh.abs(),
        lambda x: linalg.svdvals(x),
        lambda x: linalg.svd(x[:, :2], False).U.abs(),
        lambda x: linalg.svd(x[:, :, :2], False).Vh.abs(),
        lambda x: linalg.eigh(x + x.mH).eigenvectors.abs(),
        lambda x: linalg.eigvalsh(x + x.mH),
        lambda x: linalg.qr(x).Q,
        lambda x: linalg.qr(x).R,
        lambda x: linalg.qr(x[:, :, :2]),
        lambda x: linalg.qr(x[:, :2]),
        lambda x: linalg.solve_triangular(x + 3 * ag.eye(3), x, upper=True),
        lambda x: linalg.solve_triangular(x + 3 * ag.eye(3), x, upper=False, left=False),
        lambda x: ag.cholesky_solve(x, x + 3 * ag.eye(3)),
        lambda x: ag.cholesky_inverse(x + 3 * ag.eye(3), upper=True),
        lambda x: linalg.householder_product(x, x[..., 0]),
        lambda x: linalg.lu(x)[1:],
        lambda x: linalg.lu(x[:, :2])[1:],
        lambda x: linalg.lu(x[..., :2])[1:],
        lambda x: linalg.lu_solve(*linalg.lu_factor(x), x[..., :1], adjoint=True),
        lambda x: linalg.lu_solve(*linalg.lu_factor(x), x[:, :1], left=False),
        lambda x: linalg.matrix_exp(x),
        lambda x: linalg.matrix_power(x, -2),
        lambda x: linalg.matrix_power(x, 5) / 100,
        lambda x: linalg.multi_dot([x[0, 0], x[0], x[1], x[1, :, 0]]),
        lambda x: linalg.cross(x, x[:1]),
        lambda x: linalg.vecdot(x, x[..., :1]),
        lambda x: linalg.vander(x[0, 0], N=4),
        lambda x: ag.kron(x[0, :2], x[0]),
        lambda x: linalg.pinv(x[:, :2]),
        lambda x: linalg.pinv(x[..., :1] @ x[:, :1]),
        lambda x: linalg.pinv(x + x.mH, hermitian=True),
        lambda x: linalg.lstsq(x[..., :2], x).solution,
        lambda x: linalg.lstsq(x[:, :2], x[:, 1:]).solution,
        lambda x: linalg.lstsq(x[..., :2], x[..., 0]).solution,
        lambda x: linalg.cond(x),
    ],
)
def test_gradients_of_invariants(function: Any, kind: str) -> None:
    """First and second order, also complex, for what does not depend on signs and phases."""
    x = ag.tensor(general(kind), requires_grad=True)
    assert ag.autograd.gradcheck(function, (x,))
    assert ag.autograd.gradgradcheck(function, (x,))


def test_qr_of_every_mode() -> None:
    A = ag.tensor(np.random.default_rng(0).standard_normal((4, 3)), requires_grad=True)
    whole, part, alone = linalg.qr(A, "complete"), linalg.qr(A), linalg.qr(A, "r")
    assert [t.shape for t in whole] == [(4, 4), (4, 3)]
    assert [t.shape for t in part] == [(4, 3), (3, 3)]
    assert [t.shape for t in alone] == [(0,), (3, 3)]
    assert ag.allclose(alone.R, part.R)
    with pytest.raises(RuntimeError, match="no gradient for tall"):
        whole.Q.sum().backward()


def test_least_squares_beside_pseudo_inverses() -> None:
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((2, 5, 3)), rng.standard_normal((2, 5, 2))
    found = linalg.lstsq(ag.tensor(A), ag.tensor(B), driver="gelsd")
    np.testing.assert_allclose(host(found.solution), np.linalg.pinv(A) @ B, rtol=1e-12)
    rest = ((A @ host(found.solution) - B) ** 2).sum(-2)
    np.testing.assert_allclose(host(found.residuals), rest, rtol=1e-12)
    assert found.rank.tolist() == [3, 3]
    assert found.singular_values.shape == (2, 3)


def test_ranks_and_conditions() -> None:
    A = ag.tensor(np.diag([1.0, 1e-3, 0.0]))
    assert linalg.matrix_rank(A).item() == 2
    assert linalg.matrix_rank(A, rtol=1e-2).item() == 1
    assert linalg.matrix_rank(A, atol=ag.tensor(2.0, dtype=ag.float64)).item() == 0
    assert linalg.matrix_rank(-A, hermitian=True).item() == 2
    assert linalg.cond(A).item() == np.inf
    assert linalg.cond(ag.zeros(2, 2), 1).item() == np.inf


@pytest.mark.parametrize("shape", [(4, 4), (2, 5, 3), (3, 5), (0, 2)])
@pytest.mark.parametrize("pivot", [True, False])
def test_lu_factors(shape: tuple[int, ...], pivot: bool) -> None:
    A = ag.tensor(np.random.default_rng(0).standard_normal(shape))
    P, L, U = linalg.lu(A, pivot=pivot)
    assert ag.allclose(P @ L @ U if pivot else L @ U, A, atol=1e-13)
    assert bool((L.tril() == L).all()) and bool((U.triu() == U).all())
    unpacked = ag.lu_unpack(*linalg.lu_factor(A))
    assert ag.allclose(unpacked[0] @ unpacked[1] @ unpacked[2], A, atol=1e-13)


def test_exponentials_of_every_size() -> None:
    """Beside eigenvalues, from tiny to large norms in one batch, with NaN beside them."""
    rng = np.random.default_rng(0)
    Q = np.stack([rotation(rng, 4) for _ in range(4)])
    L = rng.standard_normal((4, 4)) * np.array([1e-8, 1.0, 10.0, 60.0])[:, None]
    A = (Q * L[:, None, :]) @ Q.swapaxes(-1, -2)
    got, want = host(linalg.matrix_exp(ag.tensor(A))), (Q * np.exp(L)[:, None, :]) @ Q.mT
    for g, w in zip(got, want):
        np.testing.assert_allclose(g, w, rtol=0, atol=1e-12 * abs(w).max())
    broken = host(linalg.matrix_exp(ag.tensor([[[1.0]], [[np.nan]]])))
    assert np.isnan(broken[1]).all() and np.isfinite(broken[0]).all()


def test_lu_of_a_singular_matrix() -> None:
    A = ag.tensor([[1.0, 2.0], [2.0, 4.0]])
    assert linalg.lu_factor_ex(A).info.tolist() == 2
    assert linalg.lu(A).U.tolist() == [[2.0, 4.0], [0.0, 0.0]]
    with pytest.raises(linalg.LinAlgError, match="0 on its diagonal"):
        linalg.lu_factor(A)


def test_failures_that_are_reported() -> None:
    A = ag.tensor([[[1.0, 2.0], [2.0, 4.0]], [[2.0, 0.0], [0.0, 1.0]]])
    inverse, info = linalg.inv_ex(A)
    assert info.tolist() == [2, 0]
    assert inverse[1].tolist() == [[0.5, 0.0], [0.0, 1.0]]
    assert linalg.solve_ex(A, ag.ones(2, 2)).info.tolist() == [2, 0]
    assert linalg.cholesky_ex(A).info.tolist() == [2, 0]
    for call in (linalg.inv_ex, linalg.cholesky_ex):
        with pytest.raises(linalg.LinAlgError, match="info is"):
            call(A, check_errors=True)


def test_zero_on_the_diagonal() -> None:
    A = ag.tensor([[1.0, 2.0], [0.0, 0.0]])
    x = linalg.solve_triangular(A, ag.tensor([[1.0], [1.0]]), upper=True)
    assert x.tolist() == [[-np.inf], [np.inf]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: linalg.eigh(ag.ones(2, 3)), "linalg.eigh: A must be square"),
        (lambda: linalg.eigh(ag.ones(2, 2), "X"), "UPLO"),
        (lambda: linalg.eig(ag.ones(2, 2, dtype=ag.int64)), "linalg.eig: .*int64"),
        (lambda: linalg.eig(ag.ones(2, 2) * np.nan), "linalg.eig: .*NaN"),
        (lambda: linalg.svd(ag.ones(2)), "linalg.svd: A must be matrices"),
        (lambda: linalg.svd(ag.ones(2, 2).half()), "linalg.svd: .*float16"),
        (lambda: linalg.qr(ag.ones(2, 2), "all"), "mode must be"),
        (lambda: linalg.solve_triangular(ag.ones(2, 2), ag.ones(3, 1), upper=True), "2 rows"),
        (lambda: linalg.solve_triangular(ag.ones(2, 2), ag.ones(2), upper=True), "unsqueeze"),
        (
            lambda: linalg.solve_triangular(ag.ones(2, 2), ag.ones(2, 1).double(), upper=True),
            "one dtype",
        ),
        (lambda: linalg.householder_product(ag.ones(2, 3), ag.ones(2)), "m >= n >= k"),
        (lambda: linalg.matrix_power(ag.ones(2, 2), 0.5), "n must be an integer"),
        (lambda: linalg.matrix_exp(ag.ones(2, 3)), "linalg.matrix_exp: A must be square"),
        (lambda: linalg.multi_dot([ag.ones(2, 2)]), "at least two"),
        (lambda: linalg.multi_dot([ag.ones(2, 2), ag.ones(3, 2)]), "do not fit"),
        (lambda: ag.chain_matmul(), "one or more"),
        (lambda: ag.chain_matmul(ag.ones(2), ag.ones(2, 2)), "matrix 0 must be"),
        (lambda: linalg.cross(ag.ones(2), ag.ones(2)), "size 3"),
        (lambda: ag.cross(ag.ones(2), ag.ones(2)), "size 3"),
        (lambda: linalg.tensorinv(ag.ones(2, 3)), "same product"),
        (lambda: linalg.tensorsolve(ag.ones(2, 3), ag.ones(2)), "same"),
        (lambda: linalg.lstsq(ag.ones(2, 3), ag.ones(3, 1)), "as many rows"),
        (lambda: linalg.lstsq(ag.ones(2, 2), ag.ones(2, 1), driver="qr"), "driver must be"),
        (lambda: linalg.inv(ag.zeros(2, 2)), "linalg.inv: a matrix is singular"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, ValueError, TypeError), match=words):
        call()


def test_singular_matrices_raise_the_error_of_linear_algebra() -> None:
    assert issubclass(linalg.LinAlgError, RuntimeError)
    with pytest.raises(linalg.LinAlgError):
        linalg.solve(ag.zeros(2, 2), ag.ones(2))
    with pytest.raises(linalg.LinAlgError):
        linalg.svd(ag.ones(2, 2) * np.nan)


@pytest.mark.parametrize("hermitian", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_ldl_solve_is_differentiable_by_its_right_hand_side(dtype: str, hermitian: bool) -> None:
    pytest.importorskip("scipy")
    ag.manual_seed(1)
    a = ag.randn(2, 3, 3, dtype=getattr(ag, dtype))
    a = a + (a.mH if hermitian else a.mT)
    b = ag.randn(3, 2, dtype=a.dtype).requires_grad_()
    parts = linalg.ldl_factor(a, hermitian=hermitian)
    x = linalg.ldl_solve(*parts, b, hermitian=hermitian)
    assert abs(a @ x - b).max().item() < 1e-12
    solve = partial(linalg.ldl_solve, *parts, hermitian=hermitian)
    assert ag.autograd.gradcheck(solve, (b,)) and ag.autograd.gradgradcheck(solve, (b,))


def test_errors_of_ldl() -> None:
    pytest.importorskip("scipy")
    LD, pivots = ag.eye(2), ag.tensor([1, 2], dtype=ag.int32)
    for call, error, message in (
        (lambda: linalg.ldl_factor(ag.zeros(2, 2)), ag.errors.LinAlgError, "singular"),
        (lambda: linalg.ldl_factor(ag.ones(2, 3)), ag.errors.ShapeError, "A must be square"),
        (lambda: linalg.ldl_solve(LD, pivots, ag.ones(3, 1)), ag.errors.ShapeError, "B "),
        (lambda: linalg.ldl_solve(LD, pivots.float(), LD), RuntimeError, "pivots must be integers"),
        (lambda: linalg.ldl_solve(LD.requires_grad_(), pivots, LD), RuntimeError, "respect to LD"),
    ):
        with pytest.raises(error, match=message):
            call()
    assert linalg.ldl_factor_ex(ag.zeros(2, 2)).info.item() == 1


def test_reflections_make_a_matrix_again() -> None:
    ag.manual_seed(1)
    a = ag.randn(2, 4, 3, dtype=ag.complex128)
    packed, tau = ag.geqrf(a)
    r = packed.triu()
    assert abs(ag.ormqr(packed, tau, r) - a).max().item() < 1e-12
    assert abs(ag.ormqr(packed, tau, a, transpose=True) - r).max().item() < 1e-12
    for call, message in (
        (lambda: ag.ormqr(packed, tau, r[:, :3]), "4 rows|have r rows"),
        (lambda: ag.ormqr(packed, tau[0], r), "tau"),
        (lambda: ag.geqrf(a[0, 0]), "input must be matrices"),
    ):
        with pytest.raises(ag.errors.ShapeError, match=message):
            call()


@pytest.mark.parametrize("pivots", [[0, 2], [1, 3], [1, -2], [-1, 2], [-1, 1001]])
def test_ldl_solve_refuses_pivots_that_would_read_other_memory(pivots: list[int]) -> None:
    pytest.importorskip("scipy")
    factors = ag.tensor([[4.0, 0.0], [0.5, 2.0]])
    with pytest.raises(IndexError, match="pivots must be those of ldl_factor"):
        ag.linalg.ldl_solve(factors, ag.tensor(pivots, dtype=ag.int32), ag.ones(2, 1))
