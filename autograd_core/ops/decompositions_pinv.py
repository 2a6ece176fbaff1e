"""Pseudo-inverses, least squares, ranks and condition numbers."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import LinAlgError, ShapeError
from autograd_core.keywords import also
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_real, check_same_dtype
from autograd_core.ops.decompositions import adjoint, check_matrices, lapack, zeros_beside
from autograd_core.ops.decompositions_eig import check_triangle, eigvalsh, spread_hermitian
from autograd_core.ops.decompositions_svd import svdvals
from autograd_core.ops.norms import matrix_norm
from autograd_core.ops.products import product
from autograd_core.ops.solving import check_square, inv
from autograd_core.registry import Make, Sample, operator

_RANK = "where the rank changes, the gradient is that of matrices of the rank that was found"


def _precision(dtype: Any) -> float:
    return float(np.finfo(dtype).eps)


def _inverted(xp: Any, s: Any, cutoff: Any) -> Any:
    """1 / s, 0 where it is cut off."""
    kept = xp.abs(s) > cutoff
    return xp.where(kept, 1 / xp.where(kept, s, 1), 0)


def _pinv_forward(xp: Any, input: Any, cutoff: Any, hermitian: bool) -> Any:
    if hermitian:
        L, V = lapack("linalg.pinv", lambda: xp.linalg.eigh(input, "L"))
        scale = _inverted(xp, L, cutoff(xp, xp.abs(L)))
        return (V * scale[..., None, :]) @ V.swapaxes(-1, -2).conj()
    U, S, Vh = lapack("linalg.pinv", lambda: xp.linalg.svd(input, full_matrices=False))
    scale = _inverted(xp, S, cutoff(xp, S))
    return (Vh.swapaxes(-1, -2).conj() * scale[..., None, :]) @ U.swapaxes(-1, -2).conj()


def _pinv_rule(g: Any, input: Any, out: Any, hermitian: bool) -> Any:
    """The change of the inverse, and that of the spaces that A maps from and to."""
    if hermitian:  # A stands for the matrix whose lower triangle is read
        input = _hermitian_of(input)
    P, Ph, gh = out, adjoint(out), adjoint(g)
    grad = -product(product(Ph, g), Ph)
    to = product(gh, product(P, Ph))
    grad = grad + to - product(input, product(P, to))
    back = product(product(Ph, P), gh)
    grad = grad + back - product(product(back, P), input)
    return (grad + adjoint(grad)) / 2 if hermitian else grad


def _lower_hermitian(xp: Any, input: Any) -> Any:
    below = xp.tril(input, -1)
    return xp.tril(input) + below.swapaxes(-1, -2).conj()


# (Gradients of a Hermitian input are Hermitian, as those of eigh.)
_hermitian_of = Op("hermitian_of", _lower_hermitian, {"input": lambda g: (g + adjoint(g)) / 2})

_pinv = Op("linalg.pinv", _pinv_forward, {"input": _pinv_rule})


class Cutoff:
    """Which singular values count as 0: those up to the larger of ``atol`` and ``rtol`` times the
    largest."""

    def __init__(self, name: str, A: Any, atol: Any, rtol: Any) -> None:
        if rtol is None:
            relative = _precision(A._array.dtype) * max(A.shape[-2:])
            rtol = relative if atol is None else 0.0
            if isinstance(atol, TensorBase):
                positive = (atol._array > 0).astype(_real_dtype(A._array.dtype))
                rtol = TensorBase._wrap((1 - positive) * relative)
            elif atol is not None and atol <= 0:
                rtol = relative
        self.atol, self.rtol = (_bound(name, x) for x in (0.0 if atol is None else atol, rtol))

    def __call__(self, xp: Any, values: Any) -> Any:
        """The bound for the absolute values of each matrix, ready to be compared with them."""
        if not values.shape[-1]:
            return 0.0
        largest = values.max(axis=-1, keepdims=True)
        return xp.maximum(largest * self.rtol, largest * 0 + self.atol)


def _bound(name: str, value: Any) -> Any:
    if isinstance(value, TensorBase):
        return check_real(name, value, "tolerance")[..., None]
    return float(value)


def _real_dtype(dtype: Any) -> Any:
    return np.dtype(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 3) + 2 * np.eye(3))
    yield Sample(make(4, 2))
    yield Sample(make(2, 2, 4))
    yield Sample(make(3, 3) + 2 * np.eye(3), rtol=0.01)
    yield Sample(make(0, 3))


@operator(
    "linalg.pinv",
    samples=_samples,
    reference=lambda A, rtol=1e-15: np.linalg.pinv(A, rtol),
    convention=_RANK,
    method=False,
    formula="dA = −Pᵀ g Pᵀ + (I − A P) gᵀ P Pᵀ + Pᵀ P gᵀ (I − P A)",
)
@also(input="A")
def pinv(
    A: Any,
    rcond: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
) -> Any:
    """Pseudo-inverse (of Moore and Penrose) of matrices.

    Args:
        A: (..., m, n).
        atol, rtol: singular values up to the larger of ``atol`` and ``rtol`` times the largest
            count as 0; numbers, or tensors with one for each matrix. Default: ``atol`` 0, ``rtol``
            the precision of the dtype times the larger of m and n (0 if ``atol`` is positive).
        rcond: PyTorch's older name of ``rtol``.
        hermitian: A is Hermitian: its lower triangle is read, and eigenvalues are used.

    Returns:
        (..., n, m).

    Source: PyTorch, ``torch.linalg.pinv``; Golub and Pereyra, "The differentiation of
    pseudo-inverses and nonlinear least squares problems whose variables separate" (1973).

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.pinv(ag.tensor([[2.0, 0.0], [0.0, 0.0]]))
        tensor([[0.5000, 0.0000],
                [0.0000, 0.0000]])
    """
    check_matrices("linalg.pinv", A)
    if hermitian:
        check_square("linalg.pinv", A)
    return _pinv(A, Cutoff("linalg.pinv", A, atol, rcond if rtol is None else rtol), hermitian)


@operator("pinverse", samples=lambda make: [Sample(make(3, 2))], convention=_RANK)
def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """Pseudo-inverse in PyTorch's older form; see ``linalg.pinv``. Source: PyTorch,
    ``torch.pinverse``."""
    return pinv(input, rtol=rcond)


def _lstsq_forward(xp: Any, input: Any, other: Any, cutoff: Any) -> Any:
    U, S, Vh = lapack("linalg.lstsq", lambda: xp.linalg.svd(input, full_matrices=False))
    scale = _inverted(xp, S, cutoff(xp, S))[..., None]
    return Vh.swapaxes(-1, -2).conj() @ (scale * (U.swapaxes(-1, -2).conj() @ other))


def _lstsq_rule(g: Any, needs: Any, input: Any, other: Any, out: Any, cutoff: Any) -> Any:
    inverse = _pinv(input, cutoff, False)
    back = adjoint(inverse)
    grad = product(back, g)
    if not needs[0]:
        return None, grad
    residual = other - product(input, out)
    first = product(residual, adjoint(product(inverse, grad))) - product(grad, adjoint(out))
    second = product(product(back, out), adjoint(g - product(adjoint(input), grad)))
    return first + second, grad


_lstsq = Op("linalg.lstsq", _lstsq_forward, joint=_lstsq_rule, inputs=2)
lstsq_result = namedtuple("linalg_lstsq", ["solution", "residuals", "rank", "singular_values"])  # type: ignore[name-match]
_DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


@operator(
    "linalg.lstsq",
    samples=lambda make: [
        Sample(make(3, 3) + 2 * np.eye(3), make(3, 2)),
        Sample(make(4, 2), make(4, 1)),
        Sample(make(2, 2, 4), make(2, 2, 3)),
    ],
    convention=_RANK,
    method=False,
    formula="dB = A⁺ᵀ g,  dA = −dB Xᵀ + (B − A X) gᵀ A⁺ A⁺ᵀ  (full column rank)",
)
@also(input="A", b="B")
def lstsq(A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """Least squares: the smallest X of those that make ``|A @ X - B|`` smallest.

    Args:
        A: (..., m, n).
        B: (..., m, k), or (..., m) for one right side for each matrix.
        rcond: singular values up to this part of the largest count as 0; default the precision of
            the dtype times the larger of m and n.
        driver: PyTorch's choice of algorithm, ``"gels"``, ``"gelsy"``, ``"gelsd"`` or ``"gelss"``;
            here it only says which of the further results there are, as in PyTorch.

    Returns:
        A named tuple ``(solution, residuals, rank, singular_values)``: the squared lengths of
        ``A @ X - B`` (if m > n, all ranks are n and ``driver`` is given, but not ``"gelsy"``), the
        ranks (not for ``"gels"``), and the singular values (for ``"gelsd"`` and ``"gelss"``).
        What is not there is empty.

    Source: PyTorch, ``torch.linalg.lstsq``.

    Example:
        >>> import autograd_core as ag
        >>> A = ag.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
        >>> ag.linalg.lstsq(A, ag.tensor([[1.0], [3.0], [5.0]])).solution
        tensor([[1.0000],
                [2.0000]])
    """
    name = "linalg.lstsq"
    check_matrices(name, A)
    if driver is not None and driver not in _DRIVERS:
        raise RuntimeError(f"{name}: driver must be one of {_DRIVERS}, got {driver!r}")
    check_same_dtype(name, A=A, B=B)
    vector = B.ndim == A.ndim - 1 and tuple(B.shape) == tuple(A.shape[:-1])
    right = B.unsqueeze(-1) if vector else B
    if right.ndim < 2 or right.shape[-2] != A.shape[-2]:
        raise ShapeError(
            f"{name}: A of {describe(A)} and B of {describe(B)} must have as many rows"
        )
    cutoff = Cutoff(name, A, None, rcond)
    solution = _lstsq(A, right, cutoff)
    values = svdvals(A.detach())
    ranks = _count(values, cutoff)
    m, n = A.shape[-2:]
    rest = (A @ solution - right).abs().square().sum(-2)
    counted = driver in ("gelsd", "gelss") and bool((ranks == n).all().item())
    residuals = rest if m > n and (driver == "gels" or counted) else rest.reshape(-1)[:0]
    if driver == "gels":
        ranks = zeros_beside(A, (0,), np.dtype(np.int64))
    if driver not in ("gelsd", "gelss"):
        values = zeros_beside(A, (0,), _real_dtype(A._array.dtype))
    return lstsq_result(solution.squeeze(-1) if vector else solution, residuals, ranks, values)


def _count(values: Any, cutoff: Cutoff) -> Any:
    array = values._array
    kept = abs(array) > cutoff(backend_of(array).xp, abs(array))
    return TensorBase._wrap(kept).sum(-1)


@operator(
    "linalg.matrix_rank",
    samples=lambda make: [Sample(make(3, 2)), Sample(np.ones((2, 3, 3))), Sample(make(0, 0))],
    reference=lambda A: np.linalg.matrix_rank(A) if A.size else np.zeros(A.shape[:-2], int),
    convention="no gradient",
    differentiable=False,
    method=False,
)
@also(input="A")
def matrix_rank(
    A: Any, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Any:
    """Ranks of matrices: how many singular values are not 0.

    Args:
        A: (..., m, n).
        tol: PyTorch's older name of ``atol``.
        atol, rtol, hermitian: as for :func:`pinv`.

    Returns:
        An int64 tensor (...).

    Source: PyTorch, ``torch.linalg.matrix_rank``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.matrix_rank(ag.ones(2, 2))
        tensor(1)
    """
    name = "linalg.matrix_rank"
    check_matrices(name, A)
    cutoff = Cutoff(name, A, tol if atol is None else atol, 0.0 if tol is not None else rtol)
    A = A.detach()
    return _count(eigvalsh(check_triangle(name, A, "L")) if hermitian else svdvals(A), cutoff)


@operator(
    "linalg.cond",
    samples=lambda make: [
        Sample(spread_hermitian(make, 3, 3) + 3 * np.eye(3)),
        Sample(make(2, 2, 3)),
        Sample(make(2, 2) + 3 * np.eye(2), "fro"),
        Sample(make(2, 2) + 3 * np.eye(2), 1),
    ],
    reference=np.linalg.cond,
    convention="that of the norm; infinite or NaN where the matrix is singular",
    method=False,
)
@also(input="A")
def cond(A: Any, p: Any = None) -> Any:
    """Condition numbers: the norm of a matrix times that of its inverse.

    Args:
        A: (..., m, n); square unless ``p`` is None, 2 or -2.
        p: None or 2: the largest singular value over the smallest; -2: the reverse; others as for
            ``linalg.matrix_norm``.

    Returns:
        Real numbers (...), infinite where the matrix is singular.

    Source: PyTorch, ``torch.linalg.cond``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.cond(ag.tensor([[4.0, 0.0], [0.0, 2.0]]))
        tensor(2.)
    """
    check_matrices("linalg.cond", A)
    if p in (None, 2, -2):
        S = svdvals(A)
        if not S.shape[-1]:
            return zeros_beside(S, tuple(S.shape[:-1]))
        return S[..., -1] / S[..., 0] if p == -2 else S[..., 0] / S[..., -1]
    check_square("linalg.cond", A)
    size = matrix_norm(A, p)
    if not A.shape[-1]:
        return size
    try:
        return size * matrix_norm(inv(A), p)
    except LinAlgError:
        if A.ndim > 2:
            raise
        return size * 0 + np.inf
