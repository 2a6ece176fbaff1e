"""Matrices with repeated singular values and eigenvalues, and functions of their decompositions."""

from __future__ import annotations

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


def polar(A: Any) -> Any:
    U, _, Vh = linalg.svd(A, full_matrices=False)
    return U @ Vh
