"""Gradients of decompositions where singular values or eigenvalues are equal or 0."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

linalg = ag.linalg


def host(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy()


def gradient(loss: Callable[[Any], Any], A: np.ndarray) -> np.ndarray:
    x = ag.tensor(A, requires_grad=True)
    loss(x).backward()
    return host(x.grad)


def rotation(rng: Any, n: int, kind: str = "f") -> np.ndarray:
    values = rng.standard_normal((n, n))
    return np.linalg.qr(values + 1j * rng.standard_normal((n, n)) if kind == "c" else values)[0]


def with_values(values: Any, m: int, n: int, kind: str = "f") -> np.ndarray:
    """A matrix (m, n) with these singular values, in general position."""
    rng = np.random.default_rng(0)
    k = len(values)
    left, right = rotation(rng, m, kind)[:, :k], rotation(rng, n, kind)[:, :k]
    return (left * np.asarray(values)) @ right.conj().T


def hermitian(values: Any, kind: str = "f") -> np.ndarray:
    """A Hermitian matrix with these eigenvalues, in general position."""
    Q = rotation(np.random.default_rng(0), len(values), kind)
    return (Q * np.asarray(values)) @ Q.conj().T


def weights(*shape: int, kind: str = "f") -> Any:
    rng = np.random.default_rng(1)
    w = rng.standard_normal(shape)
    return ag.tensor(w + 1j * rng.standard_normal(shape) if kind == "c" else w)


SPECTRA = {
    "random": (3.0, 2.0, 0.7),
    "repeated": (2.0, 2.0, 1.0),
    "all equal": (2.0, 2.0, 2.0),
    "rank 2 of 3": (3.0, 2.0, 0.0),
    "rank 1 of 3": (3.0, 0.0, 0.0),
    "repeated and deficient": (2.0, 2.0, 0.0),
    "zero": (0.0, 0.0, 0.0),
}
spectra = pytest.mark.parametrize("values", SPECTRA.values(), ids=SPECTRA)
kinds = pytest.mark.parametrize("kind", ["f", "c"])
shapes = pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 4)])


def rebuilt(A: Any, full: bool = False, **options: Any) -> Any:
    U, S, Vh = linalg.svd(A, full_matrices=full, **options)
    return (U[..., :3] * S[..., None, :]) @ Vh[..., :3, :]


# --- without a word: losses whose gradient is known -----------------------------------------------


@spectra
@shapes
@kinds
@pytest.mark.parametrize("full", [True, False])
def test_norm_of_the_product(values: Any, shape: tuple[int, int], kind: str, full: bool) -> None:
    """norm(U S Vh) is norm(A), and so are their gradients."""
    A = with_values(values, *shape, kind)
    got = gradient(lambda x: linalg.vector_norm(rebuilt(x, full)), A)
    want = gradient(linalg.vector_norm, A)
    np.testing.assert_allclose(got, want, atol=1e-12)


def polar(A: Any) -> Any:
    U, _, Vh = linalg.svd(A, full_matrices=False)
    return U @ Vh


@pytest.mark.parametrize("values", [(3.0, 2.0, 0.7), (2.0, 2.0, 1.0), (2.0, 2.0, 2.0)])
@shapes
@kinds
def test_polar_factors(values: Any, shape: tuple[int, int], kind: str) -> None:
    """They are smooth where singular values repeat, as finite differences see."""
    A = ag.tensor(with_values(values, *shape, kind), requires_grad=True)
    assert ag.autograd.gradcheck(polar, (A,), atol=1e-6)


def projector(A: Any) -> Any:
    """Onto the space of the two largest singular values."""
    U = linalg.svd(A, full_matrices=False).U[..., :2]
    return U @ U.mH


@pytest.mark.parametrize("values", [(3.0, 2.0, 0.7), (2.0, 2.0, 1.0), (2.0, 2.0, 0.0)])
@shapes
@kinds
def test_whole_spaces_of_vectors(values: Any, shape: tuple[int, int], kind: str) -> None:
    A = ag.tensor(with_values(values, *shape, kind), requires_grad=True)
    assert ag.autograd.gradcheck(projector, (A,), atol=1e-6)


def sign(A: Any) -> Any:
    """The sign of a Hermitian matrix, which is smooth where no eigenvalue is 0."""
    L, V = linalg.eigh((A + A.mH) / 2)
    return (V * L.sign()[..., None, :]) @ V.mH


@pytest.mark.parametrize("values", [(1.0, -2.0, 3.5), (2.0, 2.0, -1.0), (2.0, -1.0, -1.0)])
@kinds
def test_signs_and_norms_of_hermitian_matrices(values: Any, kind: str) -> None:
    A = hermitian(values, kind)
    assert ag.autograd.gradcheck(sign, (ag.tensor(A, requires_grad=True),), atol=1e-6)

    def norm(x: Any) -> Any:
        L, V = linalg.eigh(x)
        return linalg.vector_norm((V * L[..., None, :]) @ V.mH)

    np.testing.assert_allclose(gradient(norm, A), gradient(linalg.vector_norm, A), atol=1e-12)


def test_second_order_at_repeated_values() -> None:
    """The gradient of a gradient: of the nuclear norm, that is of the polar factor."""
    A = ag.tensor(with_values((2.0, 2.0, 1.0), 3, 3), requires_grad=True)
    weight = weights(3, 3)
    (first,) = ag.autograd.grad(linalg.svdvals(A).sum(), A, create_graph=True)
    (second,) = ag.autograd.grad((first * weight).sum(), A)
    (want,) = ag.autograd.grad((polar(A) * weight).sum(), A)
    np.testing.assert_allclose(host(second), host(want), atol=1e-12)


SYMMETRIC: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sum of squares": (lambda S: (S * S).sum(), lambda A: (A * A).sum()),
    "fourth powers": (lambda S: (S**4).sum(), lambda A: ((A.mT @ A) ** 2).sum()),
    "logarithms": (lambda S: (S**2 + 1).log().sum(), lambda A: ag.logdet(A.mT @ A + ag.eye(3))),
}


@spectra
@pytest.mark.parametrize("name", SYMMETRIC)
@pytest.mark.parametrize("of", ["svdvals", "svd"])
def test_symmetric_functions_of_singular_values(values: Any, name: str, of: str) -> None:
    of_values, of_matrix = SYMMETRIC[name]
    find = linalg.svdvals if of == "svdvals" else lambda x: linalg.svd(x).S
    A = with_values(values, 4, 3)
    got, want = gradient(lambda x: of_values(find(x)), A), gradient(of_matrix, A)
    np.testing.assert_allclose(got, want, atol=1e-10)


@pytest.mark.parametrize("values", [(2.0, 2.0, 1.0), (-1.0, -1.0, -1.0), (0.0, 0.0, 0.0)])
@kinds
def test_symmetric_functions_of_eigenvalues(values: Any, kind: str) -> None:
    A = hermitian(values, kind)
    for find in (linalg.eigvalsh, lambda x: linalg.eigh(x).eigenvalues):
        got = gradient(lambda x, f=find: (f(x) ** 3).sum(), A)
        want = gradient(lambda x: (x @ x @ x).diagonal().real.sum(), A)
        np.testing.assert_allclose(got, want, atol=1e-10)


# --- norms, inverses, least squares ---------------------------------------------------------------


def test_norms_of_zero_and_of_deficient_matrices() -> None:
    for ord in ("nuc", 2, "fro", 1, math.inf):
        zero = gradient(lambda x, o=ord: linalg.matrix_norm(x, o), np.zeros((3, 2)))
        assert (zero == 0).all(), ord
    A = with_values((3.0, 2.0), 4, 3)
    U, _, Vh = np.linalg.svd(A, full_matrices=False)
    got = gradient(lambda x: linalg.matrix_norm(x, "nuc"), A)
    np.testing.assert_allclose(got, U[:, :2] @ Vh[:2], atol=1e-12)
    got = gradient(lambda x: linalg.matrix_norm(x, 2), A)
    np.testing.assert_allclose(got, np.outer(U[:, 0], Vh[0]), atol=1e-12)


@spectra
def test_norms_are_subgradients(values: Any) -> None:
    """norm(B) >= norm(A) + <gradient, B - A> for every B."""
    A, rng = with_values(values, 3, 4), np.random.default_rng(2)
    for ord in ("nuc", 2):
        G = gradient(lambda x, o=ord: linalg.matrix_norm(x, o), A)
        for B in A + rng.standard_normal((50, 3, 4)) * 10.0 ** rng.uniform(-3, 1, (50, 1, 1)):
            higher = np.linalg.norm(B, ord) - np.linalg.norm(A, ord)
            assert higher >= (G * (B - A)).sum() - 1e-12


@pytest.mark.parametrize("values", [(2.0, 2.0, 1.0), (2.0, 2.0, 2.0)])
@shapes
@kinds
def test_pseudo_inverses_of_repeated_values(values: Any, shape: Any, kind: str) -> None:
    A = ag.tensor(with_values(values, *shape, kind), requires_grad=True)
    B = weights(shape[0], 2, kind=kind).requires_grad_()
    assert ag.autograd.gradcheck(linalg.pinv, (A,))
    assert ag.autograd.gradgradcheck(linalg.pinv, (A,))
    assert ag.autograd.gradcheck(lambda A, B: linalg.lstsq(A, B).solution, (A, B))
    assert ag.autograd.gradgradcheck(lambda A, B: linalg.lstsq(A, B).solution, (A, B))


@pytest.mark.parametrize("rank", [0, 1, 2])
@kinds
def test_pseudo_inverses_of_deficient_matrices(rank: int, kind: str) -> None:
    """Along the matrices of this rank, the gradient is that of finite differences."""
    left, right = weights(4, rank, kind=kind), weights(rank, 3, kind=kind)
    B = weights(4, 2, kind=kind)
    factors = [left.requires_grad_(), right.requires_grad_()]
    assert ag.autograd.gradcheck(lambda x, y: linalg.pinv(x @ y), factors)
    assert ag.autograd.gradcheck(lambda x, y: linalg.lstsq(x @ y, B).solution, factors)
    zero = gradient(lambda x: linalg.pinv(x).abs().sum(), np.zeros((4, 3)))
    assert (zero == 0).all()


# --- the switch -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["f", "c"])
def test_gauge_leaves_out_what_mixes_equal_vectors_and_says_so(kind: str) -> None:
    A = with_values((2.0, 2.0, 1.0), 4, 3, kind)
    weight = weights(4, 3)
    with pytest.warns(UserWarning, match="linalg.svd: values 0 and 1 are equal") as caught:
        got = gradient(lambda x: (rebuilt(x).real * weight).sum(), A)
    assert caught[0].filename == __file__
    U, _, Vh = (host(t) for t in linalg.svd(ag.tensor(A), full_matrices=False))
    inner = U.conj().T @ host(weight) @ Vh.conj().T
    mixing = np.zeros_like(inner)
    mixing[0, 1] = (inner[0, 1] + inner[1, 0].conj()) / 2
    mixing[1, 0] = mixing[0, 1].conj()
    np.testing.assert_allclose(got, host(weight) - U @ mixing @ Vh, atol=1e-12)


@spectra
@shapes
@kinds
@pytest.mark.parametrize("full", [True, False])
def test_split_has_the_whole_gradient(
    values: Any, shape: tuple[int, int], kind: str, full: bool
) -> None:
    """Of any function of the product, to half of the digits: here of a linear one."""
    A, weight = with_values(values, *shape, kind), weights(*shape, kind=kind)
    got = gradient(lambda x: (rebuilt(x, full, degenerate="split") * weight.conj()).real.sum(), A)
    np.testing.assert_allclose(got, host(weight), atol=3e-6)


def test_the_sum_of_the_product_at_a_diagonal() -> None:
    for dtype, tolerance in ((np.float64, 1e-7), (np.float32, 3e-3)):
        A = np.diag([2.0, 2.0, 1.0]).astype(dtype)
        got = gradient(lambda x: rebuilt(x, degenerate="split").sum(), A)
        assert got.dtype == dtype
        np.testing.assert_allclose(got, np.ones((3, 3)), atol=tolerance)


MATRIX_FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "exp": (lambda L: L.exp(), linalg.matrix_exp),
    "square": (lambda L: L * L, lambda A: A @ A),
    "inverse": (lambda L: 1 / L, linalg.inv),
}


@pytest.mark.parametrize("values", [(1.0, 1.0, 1.0), (2.0, 2.0, -1.0), (0.5, 2.0, 3.0)])
@pytest.mark.parametrize("name", MATRIX_FUNCTIONS)
@kinds
def test_functions_of_hermitian_matrices_need_split(values: Any, name: str, kind: str) -> None:
    of_values, of_matrix = MATRIX_FUNCTIONS[name]
    A, weight = hermitian(values, kind), weights(3, 3, kind=kind)

    def loss(x: Any, **options: Any) -> Any:
        L, V = linalg.eigh(x, **options)
        out = (V * of_values(L)[..., None, :]) @ V.mH
        return (out * weight).real.sum()

    want = gradient(lambda x: (of_matrix((x + x.mH) / 2) * weight).real.sum(), A)
    got = gradient(lambda x: loss(x, degenerate="split"), A)
    np.testing.assert_allclose(got, want, atol=1e-5)
    if len(set(values)) < 3:
        with pytest.warns(UserWarning, match="linalg.eigh: values . and . are equal"):
            wrong = gradient(loss, A)
        assert np.isfinite(wrong).all() and abs(wrong - want).max() > 1e-2


@pytest.mark.parametrize("kind", ["rising", "falling", "any"])
def test_values_moved_apart(kind: str) -> None:
    from autograd_core.ops.decompositions_degenerate import apart

    values = {
        "rising": [-1.0, -1.0, 1.0, 1.0, 1.0, 4.0],
        "falling": [4.0, 1.0, 1.0, 0.0, 0.0, 0.0],
        "any": [1 + 1j, 2.0, 1 + 1j, 1 + 1j, 0.0, 0.0],
    }[kind]
    array = np.array([values, values[::-1] if kind == "any" else values])
    moved, step = apart(np, array, kind), 4 * 2.0**-26 if kind != "any" else 2.0**-25
    gaps = abs(moved[:, None, :] - moved[:, :, None]) + 9 * np.eye(6)
    assert gaps.min() > 0.9 * step
    np.testing.assert_allclose(moved, array, atol=6.1 * step)
    if kind != "any":
        order = moved if kind == "rising" else -moved
        assert (np.diff(order) > 0).all()
    if kind == "falling":
        assert moved.min() >= step
        assert (moved[:, 0] == 4).all()
    assert (apart(np, np.array([1.0, 2.0, 4.0]), "rising") == [1, 2, 4]).all()


def test_nan_as_in_pytorch() -> None:
    A = np.diag([2.0, 2.0, 1.0])
    got = gradient(lambda x: rebuilt(x, degenerate="nan").sum(), A)
    assert np.isnan(got).any()
    spread = with_values((3.0, 2.0, 0.7), 3, 3)
    got = gradient(lambda x: rebuilt(x, degenerate="nan").sum(), spread)
    np.testing.assert_allclose(got, np.ones((3, 3)), atol=1e-12)


def test_lorentzian() -> None:
    """Near 1 / x where values are apart, finite where they are equal, and differentiable."""
    spread, weight = with_values((3.0, 2.0, 0.7), 4, 3), weights(4, 3)

    def loss(x: Any) -> Any:
        return (rebuilt(x, degenerate="lorentzian(1e-10)") * weight).sum()

    np.testing.assert_allclose(gradient(loss, spread), host(weight), atol=1e-8)
    assert np.isfinite(gradient(loss, np.zeros((4, 3)))).all()
    x = ag.tensor(with_values((2.0, 2.0, 1.0), 4, 3), requires_grad=True)
    (first,) = ag.autograd.grad(loss(x), x, create_graph=True)
    (second,) = ag.autograd.grad(first.sum(), x)
    assert second.isfinite().all().item()


@pytest.mark.parametrize("degenerate", ["gauge", "nan", "split", "lorentzian(1e-20)"])
@kinds
def test_where_nothing_is_equal_all_agree(degenerate: str, kind: str) -> None:
    A, B = with_values((3.0, 2.0, 0.7), 3, 3, kind), hermitian((3.0, -2.0, 0.7), kind)
    for matrix, find in (
        (A, lambda x: linalg.svd(x, degenerate=degenerate)[0].abs()),
        (A, lambda x: linalg.svd(x, degenerate=degenerate)[2].abs()),
        (B, lambda x: linalg.eigh(x + x.mH, degenerate=degenerate)[1].abs()),
        (A, lambda x: linalg.eig(x, degenerate=degenerate)[1].abs()),
    ):
        x = ag.tensor(matrix, requires_grad=True)
        assert ag.autograd.gradcheck(find, x)
        assert ag.autograd.gradgradcheck(find, x)


# --- general eigenvalues --------------------------------------------------------------------------


def similar(values: Any) -> np.ndarray:
    """A matrix with these eigenvalues whose vectors are not orthogonal."""
    V = np.random.default_rng(0).standard_normal((3, 3)) + 2 * np.eye(3)
    return (V * np.asarray(values)) @ np.linalg.inv(V)


def test_eigenvalues_of_general_matrices() -> None:
    A = similar((2.0, 2.0, -1.0))
    for find in (linalg.eigvals, lambda x: linalg.eig(x).eigenvalues):
        got = gradient(lambda x, f=find: (f(x) ** 3).sum().real, A)
        np.testing.assert_allclose(got, 3 * (A @ A).T, atol=1e-7)


def test_functions_of_general_matrices() -> None:
    A, weight = similar((2.0, 2.0, -1.0)), weights(3, 3)

    def loss(x: Any, **options: Any) -> Any:
        L, V = linalg.eig(x, **options)
        return ((V * L.exp()[None]) @ linalg.inv(V)).real.mul(weight).sum()

    want = gradient(lambda x: (linalg.matrix_exp(x) * weight).sum(), A)
    np.testing.assert_allclose(gradient(lambda x: loss(x, degenerate="split"), A), want, atol=1e-4)
    with pytest.warns(UserWarning, match="linalg.eig: values"):
        assert np.isfinite(gradient(loss, A)).all()


# --- warnings and refusals ------------------------------------------------------------------------


def test_what_is_warned_of() -> None:
    """Losses that tell equal values apart, and those of the whole matrix; each says which."""
    identity, batch = np.eye(3), np.stack([np.diag([1.0, 2.0, 3.0]), np.eye(3)])
    W = weights(3, 3)
    for loss, A, words in (
        (lambda x: (linalg.eigh(x).eigenvectors * W).sum(), identity, "0 and 1"),
        (lambda x: linalg.eigh(x).eigenvalues[..., 0].sum(), batch, r"matrix \(1,\)"),
        (lambda x: (linalg.svd(x).U * W).sum(), identity, "values 0 and 1"),
        (
            lambda x: (rebuilt(x) * weights(4, 3)).sum(),
            with_values((2.0, 1.0, 0.0), 4, 3),
            "value 2 is 0",
        ),
        (lambda x: (polar(x) * W).sum(), np.diag([2.0, 1.0, 0.0]), "value 2 is 0"),
    ):
        with pytest.warns(UserWarning, match=words):
            assert np.isfinite(gradient(loss, A)).all()


def test_no_warning_where_nothing_is_lost() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for degenerate in ("split", "nan", "lorentzian(1e-9)"):
            gradient(lambda x, d=degenerate: rebuilt(x, degenerate=d).sum(), np.eye(3))
        for values in ((3.0, 2.0, 1.0), (3.0, 2.0, 0.0)):
            got = gradient(lambda x: (rebuilt(x) * weights(3, 3)).sum(), with_values(values, 3, 3))
            np.testing.assert_allclose(got, host(weights(3, 3)), atol=1e-12)


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: linalg.svd(x).U.real.sum(),
        lambda x: linalg.svd(x).Vh.imag.sum(),
        lambda x: linalg.eigh(x).eigenvectors.real.sum(),
        lambda x: linalg.eig(x).eigenvectors.real.sum(),
    ],
)
def test_losses_of_phases_are_refused(loss: Any) -> None:
    A = with_values((3.0, 2.0, 0.7), 3, 3, "c")
    with pytest.raises(RuntimeError, match=r"linalg\.\w+: the loss depends on the phases"):
        gradient(loss, A)


@pytest.mark.parametrize(
    "degenerate", ["no", "lorentzian(0)", "lorentzian(x)", "Gauge", None, 1e-9]
)
def test_unknown_words_are_refused(degenerate: Any) -> None:
    for call in (linalg.svd, linalg.eigh, linalg.eig):
        with pytest.raises(ValueError, match="degenerate must be"):
            call(ag.eye(2), degenerate=degenerate)
