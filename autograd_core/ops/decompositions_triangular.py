"""Triangular systems, by substitution."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.keywords import also
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_same_dtype
from autograd_core.ops.decompositions import adjoint
from autograd_core.ops.products import product
from autograd_core.ops.solving import check_square
from autograd_core.ops.tri import tril, triu
from autograd_core.registry import Make, Sample, operator

_ZERO = "infinite or NaN, as the solution is, where the diagonal has a 0"


def _substitute(xp: Any, A: Any, B: Any, unit: bool) -> Any:
    """X with ``A @ X = B`` for upper triangular A: the lower half first, then the upper with what
    that leaves."""
    n = A.shape[-1]
    if n <= 1:
        return B + 0 * A if unit or not n else B / A
    half = n // 2
    below = _substitute(xp, A[..., half:, half:], B[..., half:, :], unit)
    rest = B[..., :half, :] - A[..., :half, half:] @ below
    above = _substitute(xp, A[..., :half, :half], rest, unit)
    below = xp.broadcast_to(below, (*above.shape[:-2], *below.shape[-2:]))
    return xp.concatenate([above, below], -2)


def _forward(xp: Any, input: Any, other: Any, upper: bool, unit: bool) -> Any:
    if not input.shape[-1]:
        return xp.zeros((*np.broadcast_shapes(input.shape[:-2], other.shape[:-2]),
                         *other.shape[-2:]), other.dtype)  # fmt: skip
    if upper:
        return _substitute(xp, input, other, unit)
    # Seen from its other end, a lower triangle is an upper one.
    return _substitute(xp, input[..., ::-1, ::-1], other[..., ::-1, :], unit)[..., ::-1, :]


def _rule(g: Any, needs: Any, input: Any, out: Any, upper: bool, unit: bool) -> Any:
    grad = triangular(adjoint(input), g, not upper, unit)
    if not needs[0]:
        return None, grad
    inner = product(grad, adjoint(out))
    return -(triu(inner, int(unit)) if upper else tril(inner, -int(unit))), grad


# X with A @ X = B; only one triangle of A is read, without its diagonal if that counts as ones.
triangular = Op("linalg.solve_triangular", _forward, joint=_rule, inputs=2)


def _triangle(make: Make, *shape: int) -> Any:
    return make(*shape) + 3 * np.eye(shape[-1])


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(_triangle(make, 3, 3), make(3, 2), upper=True)
    yield Sample(_triangle(make, 2, 1, 3, 3), make(3, 3, 2), upper=False)
    yield Sample(_triangle(make, 3, 3), make(2, 3), upper=False, left=False)
    yield Sample(_triangle(make, 4, 4), make(4, 1), upper=True, unitriangular=True)
    yield Sample(_triangle(make, 3, 3), make(3, 0), upper=True)
    yield Sample(make(0, 0), make(0, 2), upper=True)


def _reference(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    T = np.triu(A) if upper else np.tril(A)
    if unitriangular:
        T = T * (1 - np.eye(A.shape[-1])) + np.eye(A.shape[-1])
    if not left:
        return np.linalg.solve(T.swapaxes(-1, -2), B.swapaxes(-1, -2)).swapaxes(-1, -2)
    return np.linalg.solve(T, B)


def check_sides(name: str, A: Any, B: Any, left: bool = True) -> None:
    """Refuse a right side that does not fit the square matrix A."""
    check_square(name, A)
    check_same_dtype(name, A=A, B=B)
    if B.ndim < 2:
        raise ShapeError(
            f"{name}: B must be matrices (..., n, k), got {describe(B)}. Mend: B.unsqueeze(-1)"
        )
    if B.shape[-2 if left else -1] != A.shape[-1]:
        raise ShapeError(
            f"{name}: A of {describe(A)} and B of {describe(B)} do not fit: "
            f"B must have {A.shape[-1]} {'rows' if left else 'columns'}"
        )


@operator(
    "linalg.solve_triangular",
    samples=_samples,
    reference=_reference,
    convention=_ZERO,
    method=False,
)
@also(input="A")
def solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    """Solutions X of ``A @ X = B``, or of ``X @ A = B``, for triangular A.

    Args:
        A: (..., n, n); only one triangle is read.
        B: (..., n, k), or (..., k, n) if A stands on the right; batches broadcast.
        upper: whether that is the upper triangle.
        left: whether A stands on the left of X.
        unitriangular: whether the diagonal counts as ones, whatever stands there.

    Source: PyTorch, ``torch.linalg.solve_triangular``.

    Example:
        >>> import autograd_core as ag
        >>> A = ag.tensor([[2.0, 0.0], [1.0, 1.0]])
        >>> ag.linalg.solve_triangular(A, ag.tensor([[2.0], [3.0]]), upper=False)
        tensor([[1.],
                [2.]])
    """
    check_sides("linalg.solve_triangular", A, B, left)
    if left:
        return triangular(A, B, upper, unitriangular)
    return triangular(A.mT, B.mT, not upper, unitriangular).mT


triangular_result = namedtuple("triangular_solve", ["solution", "cloned_coefficient"])  # type: ignore[name-match]


@operator(
    "triangular_solve",
    samples=lambda make: [Sample(make(3, 2), _triangle(make, 3, 3), upper=False)],
    convention=_ZERO,
)
@also(input="b")
def triangular_solve(
    b: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """Triangular systems in PyTorch's older form; see :func:`solve_triangular`.

    Returns:
        A named tuple ``(solution, cloned_coefficient)``; the second is a copy of A.

    Source: PyTorch, ``torch.triangular_solve``.
    """
    check_sides("triangular_solve", A, b)
    inner = A.mT if transpose else A
    return triangular_result(triangular(inner, b, upper != transpose, unitriangular), A.clone())


def _factor_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 2), _triangle(make, 3, 3))
    yield Sample(make(3, 2), _triangle(make, 2, 3, 3), upper=True)


@operator("cholesky_solve", samples=_factor_samples, convention=_ZERO)
@also(input="B", input2="L")
def cholesky_solve(B: Any, L: Any, upper: bool = False) -> Any:
    """Solutions X of ``A @ X = B``, given the Cholesky factor of A.

    Args:
        B: (..., n, k).
        L: (..., n, n) with ``A = L @ L.mH``.
        upper: whether the factor is upper triangular: ``A = L.mH @ L``.

    Source: PyTorch, ``torch.cholesky_solve``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cholesky_solve(ag.tensor([[4.0]]), ag.tensor([[2.0]]))
        tensor([[1.]])
    """
    check_sides("cholesky_solve", L, B)
    if upper:
        return triangular(L, triangular(adjoint(L), B, False, False), True, False)
    return triangular(adjoint(L), triangular(L, B, False, False), True, False)


@operator(
    "cholesky_inverse",
    samples=lambda make: [Sample(s.args[1], **s.kwargs) for s in _factor_samples(make)],
    convention=_ZERO,
)
@also(input="L")
def cholesky_inverse(L: Any, upper: bool = False) -> Any:
    """The inverse of A, given its Cholesky factor; arguments as for :func:`cholesky_solve`.

    Source: PyTorch, ``torch.cholesky_inverse``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cholesky_inverse(ag.tensor([[2.0]]))
        tensor([[0.2500]])
    """
    check_square("cholesky_inverse", L)
    root = triangular(L, _identity(L), upper, False)
    return product(root, adjoint(root)) if upper else product(adjoint(root), root)


_identity = Op("identity_like", lambda xp, input: xp.eye(input.shape[-1], dtype=input.dtype))
