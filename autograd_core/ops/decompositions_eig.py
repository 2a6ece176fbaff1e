"""Eigenvalues and eigenvectors, of Hermitian and of general matrices."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.keywords import also
from autograd_core.op import Op
from autograd_core.ops.decompositions import (
    GAUGE,
    adjoint,
    lapack,
    on_diagonal,
    scale_columns,
)
from autograd_core.ops.decompositions_degenerate import (
    apart,
    check_degenerate,
    inverse_gaps,
    look_at,
)
from autograd_core.ops.precision import is_complex
from autograd_core.ops.products import product
from autograd_core.ops.solving import _solve, check_square
from autograd_core.registry import Make, Sample, operator

_ONE_TRIANGLE = "; the gradient is that for a Hermitian input, although one triangle alone is read"


def _eigh_forward(xp: Any, input: Any, UPLO: str, degenerate: str) -> Any:
    L, V = lapack("linalg.eigh", lambda: xp.linalg.eigh(input, UPLO))
    return apart(xp, L, "rising") if degenerate == "split" else L, V


def _eigh_rule(grads: Any, L: Any, V: Any, degenerate: str) -> Any:
    gL, gV = grads
    pull = product(adjoint(V), gV)
    gL = look_at(gL, L, pull, gL, "linalg.eigh", degenerate, is_complex(V))
    turn = (pull - adjoint(pull)) / 2 * inverse_gaps(L, degenerate)
    return product(product(V, turn + on_diagonal(gL)), adjoint(V))


_eigh = Op(
    "linalg.eigh",
    _eigh_forward,
    {"input": _eigh_rule},
    outputs=("L", "V"),
)
eigh_result = namedtuple("linalg_eigh", ["eigenvalues", "eigenvectors"])  # type: ignore[name-match]


def check_triangle(name: str, A: Any, UPLO: str) -> Any:
    """The input, if it is square, and ``UPLO`` names a triangle."""
    if UPLO not in ("L", "U", "l", "u"):
        raise ValueError(f"{name}: UPLO must be 'L' or 'U', got {UPLO!r}")
    return check_square(name, A)


def spread_hermitian(make: Make, *shape: int) -> Any:
    """Random Hermitian matrices with eigenvalues far apart."""
    vectors = np.linalg.qr(make(*shape))[0]
    values = np.arange(shape[-1]) - 1.3
    return (vectors * values) @ vectors.swapaxes(-1, -2)


def _hermitian_samples(make: Make) -> Iterable[Sample]:
    yield Sample(spread_hermitian(make, 3, 3))
    yield Sample(spread_hermitian(make, 2, 1, 3, 3), UPLO="U")
    yield Sample(make(1, 1))
    yield Sample(make(0, 2, 2))


@operator(
    "linalg.eigh",
    samples=_hermitian_samples,
    reference=lambda A, UPLO="L": np.linalg.eigh(A, UPLO),
    convention=GAUGE + _ONE_TRIANGLE,
    method=False,
    hermitian=True,
    formula="dA = sym(V (diag(dλ) + F ∘ (Vᵀ dV)) Vᵀ),  F[i,j] = 1/(λ[j] − λ[i])",
)
@also(input="A")
def eigh(A: Any, UPLO: str = "L", *, degenerate: str = "gauge") -> Any:
    """Eigenvalues and eigenvectors of symmetric or Hermitian matrices: ``A = V @ diag(L) @ V.mH``.

    Args:
        A: (..., n, n), of float32, float64 or complex numbers.
        UPLO: which triangle is read, ``"L"`` or ``"U"``.
        degenerate: what the gradient is where eigenvalues are equal to rounding: ``"gauge"``,
            ``"split"``, ``"lorentzian(eps)"`` or ``"nan"``, as for ``linalg.svd``.

    Returns:
        A named tuple ``(eigenvalues, eigenvectors)``: real, rising values, and vectors as columns,
        determined up to sign or phase; losses must not depend on that.

    Raises:
        LinAlgError: the iteration does not converge.
        ValueError: ``UPLO`` or ``degenerate`` is none of these.
        RuntimeError: in backward, if a loss depends on the phases of complex vectors.

    Source: PyTorch, ``torch.linalg.eigh`` (without ``degenerate``).

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.eigh(ag.tensor([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
        tensor([1., 3.])
    """
    degenerate = check_degenerate("linalg.eigh", degenerate)
    return eigh_result(*_eigh(check_triangle("linalg.eigh", A, UPLO), UPLO.upper(), degenerate))


def _eigvalsh_rule(g: Any, input: Any, UPLO: str) -> Any:
    _, V = _eigh(input, UPLO, "gauge")
    return product(scale_columns(V, g), adjoint(V))


_eigvalsh = Op(
    "linalg.eigvalsh",
    lambda xp, input, UPLO: lapack("linalg.eigvalsh", lambda: xp.linalg.eigvalsh(input, UPLO)),
    {"input": _eigvalsh_rule},
)


@operator(
    "linalg.eigvalsh",
    samples=_hermitian_samples,
    reference=lambda A, UPLO="L": np.linalg.eigvalsh(A, UPLO),
    convention="at repeated values, that of the vectors that were found; losses that are symmetric "
    "in the values have the right gradient" + _ONE_TRIANGLE,
    method=False,
    hermitian=True,
    formula="dA = V diag(g) Vᵀ",
)
@also(input="A")
def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of symmetric or Hermitian matrices, rising; arguments as for :func:`eigh`.

    Source: PyTorch, ``torch.linalg.eigvalsh``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.eigvalsh(ag.tensor([[2.0, 1.0], [1.0, 2.0]]))
        tensor([1., 3.])
    """
    return _eigvalsh(check_triangle("linalg.eigvalsh", A, UPLO), UPLO.upper())


def _complex(xp: Any, values: Any) -> Any:
    """Eigenvalues and -vectors are complex, also where all happen to be real."""
    return values if values.dtype.kind == "c" else values.astype(f"c{2 * values.dtype.itemsize}")


def _check_finite(name: str, xp: Any, input: Any) -> None:
    if input.size and not backend_of(input).item(xp.isfinite(input).all()):
        raise RuntimeError(f"{name}: the matrix contains NaN or infinity")


def _eig_forward(xp: Any, input: Any, degenerate: str) -> Any:
    _check_finite("linalg.eig", xp, input)
    L, V = lapack("linalg.eig", lambda: xp.linalg.eig(input))
    L = apart(xp, L, "any") if degenerate == "split" else L
    return _complex(xp, L), _complex(xp, V)


def _eig_rule(grads: Any, input: Any, L: Any, V: Any, degenerate: str) -> Any:
    """Vectors have length 1, so what would stretch them is taken away first."""
    gL, gV = grads
    turn = product(adjoint(V), gV)
    lengths = (V.conj() * gV).sum(-2).real
    turn = turn - scale_columns(product(adjoint(V), V), lengths)
    gL = look_at(gL, L, turn, gL, "linalg.eig", degenerate, is_complex(input))
    inner = turn * inverse_gaps(L, degenerate).conj() + on_diagonal(gL)
    return _solve(adjoint(V), product(inner, adjoint(V)))


_eig = Op("linalg.eig", _eig_forward, {"input": _eig_rule}, outputs=("L", "V"))
eig_result = namedtuple("linalg_eig", ["eigenvalues", "eigenvectors"])  # type: ignore[name-match]
_DEFECTIVE = "; an error in backward where the matrix has too few eigenvectors"


def _general_samples(make: Make) -> Iterable[Sample]:
    # Eigenvalues are real: complex vectors have phases, which finite differences see change.
    yield Sample(make(3, 3) * 0.2 + np.diag([1.0, 2.0, 3.5]))
    yield Sample(make(2, 1, 2, 2) * 0.2 + np.diag([-1.0, 1.0]))
    yield Sample(make(1, 1))
    yield Sample(make(0, 2, 2))


@operator(
    "linalg.eig",
    samples=_general_samples,
    reference=np.linalg.eig,
    convention=GAUGE + _DEFECTIVE,
    method=False,
    formula=(
        "dA = V⁻ᴴ (diag(dλ) + F ∘ (M − Vᴴ V diag(Re M))) Vᴴ,  M = Vᴴ dV,\n"
        "F[i,j] = 1/conj(λ[j] − λ[i])"
    ),
)
@also(input="A")
def eig(A: Any, *, degenerate: str = "gauge") -> Any:
    """Eigenvalues and eigenvectors of square matrices: ``A = V @ diag(L) @ inv(V)``.

    Args:
        A: (..., n, n), of float32, float64 or complex numbers.
        degenerate: what the gradient is where eigenvalues are equal to rounding: ``"gauge"``,
            ``"split"``, ``"lorentzian(eps)"`` or ``"nan"``, as for ``linalg.svd``.

    Returns:
        A named tuple ``(eigenvalues, eigenvectors)``, complex; vectors are columns of length 1,
        determined up to phase, and losses must not depend on that.

    Raises:
        RuntimeError: A contains NaN or infinity; in backward, if A is complex and a loss depends on
            the phases of vectors.
        LinAlgError: the iteration does not converge.
        ValueError: ``degenerate`` is none of these.

    Source: PyTorch, ``torch.linalg.eig`` (without ``degenerate``); Boeddeker et al., "On the
    computation of complex-valued gradients with application to statistically optimum beamforming"
    (2017).

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.eig(ag.tensor([[2.0, 0.0], [0.0, 3.0]])).eigenvalues
        tensor([2.+0.j, 3.+0.j])
    """
    degenerate = check_degenerate("linalg.eig", degenerate)
    return eig_result(*_eig(check_square("linalg.eig", A), degenerate))


def _eigvals_forward(xp: Any, input: Any) -> Any:
    _check_finite("linalg.eigvals", xp, input)
    return _complex(xp, lapack("linalg.eigvals", lambda: xp.linalg.eigvals(input)))


def _eigvals_rule(g: Any, input: Any) -> Any:
    _, V = _eig(input, "gauge")
    return _solve(adjoint(V), g[..., :, None] * adjoint(V))


_eigvals = Op("linalg.eigvals", _eigvals_forward, {"input": _eigvals_rule})


@operator(
    "linalg.eigvals",
    samples=_general_samples,
    reference=np.linalg.eigvals,
    convention="at repeated values, that of the vectors that were found" + _DEFECTIVE,
    method=False,
)
@also(input="A")
def eigvals(A: Any) -> Any:
    """Eigenvalues of square matrices, complex; see :func:`eig`.

    Source: PyTorch, ``torch.linalg.eigvals``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.eigvals(ag.tensor([[2.0, 0.0], [0.0, 3.0]]))
        tensor([2.+0.j, 3.+0.j])
    """
    return _eigvals(check_square("linalg.eigvals", A))
