"""Gradients of decompositions where singular values or eigenvalues are equal or 0: losses whose
gradient is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from degenerate_matrices import (
    gradient,
    hermitian,
    host,
    kinds,
    polar,
    rebuilt,
    shapes,
    spectra,
    weights,
    with_values,
)

import autograd_core as ag

linalg = ag.linalg

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
