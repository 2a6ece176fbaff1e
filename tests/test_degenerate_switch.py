"""What stands in gradients of decompositions where values are equal: ``degenerate``."""

from __future__ import annotations

import warnings
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
from autograd_core.ops.decompositions_degenerate import apart

linalg = ag.linalg


@pytest.mark.parametrize("kind", ["f", "c"])
def test_gauge_leaves_out_what_mixes_equal_vectors_and_says_so(kind: str) -> None:
    A = with_values((2.0, 2.0, 1.0), 4, 3, kind)
    weight = weights(4, 3)
    with pytest.warns(UserWarning, match="linalg.svd: values 0 and 1 are equal") as caught:
        got = gradient(lambda x: (rebuilt(x).real * weight).sum(), A)
    assert caught[0].filename.endswith("degenerate_matrices.py")  # where backward was called
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
