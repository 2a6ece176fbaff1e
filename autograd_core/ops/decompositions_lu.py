"""LU decompositions with row exchanges, and what is solved with them."""

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
from autograd_core.ops.cast import contiguous
from autograd_core.ops.decompositions import adjoint, check_matrices
from autograd_core.ops.decompositions_reflections import first_columns
from autograd_core.ops.decompositions_triangular import check_sides, triangular
from autograd_core.ops.join import cat
from autograd_core.ops.products import product
from autograd_core.ops.tri import tril, triu
from autograd_core.registry import Make, Sample, operator

_SINGULAR = "infinite or NaN where a leading block of the reordered matrix is singular"


def _factored(xp: Any, input: Any, pivot: bool) -> tuple[Any, Any]:
    """Column by column: bring the largest element up, divide by it, take its row's multiples away.

    Returns both triangles in one matrix, and with which row each one was exchanged, from 1 on.
    """
    a = input.copy()
    *batch, m, n = a.shape
    k = min(m, n)
    pivots = xp.zeros((*batch, k), np.int32)
    rows = xp.arange(m)
    for j in range(k):
        if pivot:
            column = a[..., j:, j]
            # LAPACK's size of a complex number, so that the choice is PyTorch's.
            size = abs(column.real) + abs(column.imag) if a.dtype.kind == "c" else abs(column)
            chosen = size.argmax(-1) + j
        else:
            chosen = xp.full(tuple(batch), j)
        pivots[..., j] = (chosen + 1).astype(np.int32)
        here, there = rows == j, rows == chosen[..., None]
        order = xp.where(here, chosen[..., None], xp.where(there, j, rows))
        a = xp.take_along_axis(a, order[..., :, None], -2) if a.size else a
        top = a[..., j : j + 1, j : j + 1]
        zero = top == 0
        factors = xp.where(zero, 0, a[..., j + 1 :, j : j + 1] / xp.where(zero, 1, top))
        a[..., j + 1 :, j : j + 1] = factors
        a[..., j + 1 :, j + 1 :] -= factors * a[..., j : j + 1, j + 1 :]
    return a, pivots


def _order(xp: Any, pivots: Any, m: int) -> Any:
    """Where each row of ``L @ U`` stands in the matrix."""
    rows = xp.arange(m)
    order = xp.broadcast_to(rows, (*pivots.shape[:-1], m))
    for j in range(pivots.shape[-1]):
        chosen = pivots[..., j : j + 1].astype(order.dtype) - 1
        moved = xp.where(rows == j, chosen, xp.where(rows == chosen, j, rows))
        order = xp.take_along_axis(order, moved, -1)
    return order


def _exchanged(xp: Any, input: Any, pivots: Any, back: bool) -> Any:
    backend_of(pivots).check_index(pivots, 1, input.shape[-2] + 1, "lu_solve, pivots")
    order = _order(xp, pivots, input.shape[-2])
    order = (order.argsort(-1) if back else order)[..., :, None]
    batch = np.broadcast_shapes(input.shape[:-2], order.shape[:-2])
    rows = xp.broadcast_to(order, (*batch, *order.shape[-2:]))
    whole = xp.broadcast_to(input, (*batch, *input.shape[-2:]))
    return xp.take_along_axis(whole, rows, -2) if input.size else whole.copy()


# Exchange rows as the pivots say: the transposed permutation matrix times the input; or back.
_exchange = Op(
    "exchange_rows",
    _exchanged,
    {"input": lambda g, pivots, back: _exchange(g, pivots, not back)},
    inputs=2,
)


def _parts(packed: Any) -> tuple[Any, Any]:
    """L with its ones, and U, of both in one matrix."""
    k = min(packed.shape[-2:])
    return tril(packed[..., :, :k], -1) + first_columns(packed[..., :, :k]), triu(
        packed[..., :k, :]
    )


def _lu_rule(g: Any, LU: Any, pivots: Any) -> Any:
    """Of the leading square block by its triangles; what is below or to the right of it is solved
    with them."""
    L, U = _parts(LU)
    m, n = LU.shape[-2:]
    k = min(m, n)
    L1, U1 = L[..., :k, :], U[..., :, :k]
    gL, gU = tril(g[..., :k, :k], -1), triu(g[..., :k, :k])
    more = None
    if m > k:  # L2 = A2 / U1
        more = _divided(g[..., k:, :], U1)
        gU = gU - triu(product(adjoint(L[..., k:, :]), more))
    elif n > k:  # U2 = L1 \\ A2
        more = triangular(adjoint(L1), g[..., :, k:], True, True)
        gL = gL - tril(product(more, adjoint(U[..., :, k:])), -1)
    inner = tril(product(adjoint(L1), gL), -1) + triu(product(gU, adjoint(U1)))
    grad = _divided(triangular(adjoint(L1), inner, True, True), U1)
    if more is not None:
        grad = cat([grad, more], -2 if m > k else -1)
    return _exchange(grad, pivots, True)


def _divided(x: Any, upper: Any) -> Any:
    """X with ``X @ upper.mH = x``."""
    return adjoint(triangular(upper, adjoint(x), True, False))


_lu = Op(
    "linalg.lu_factor",
    _factored,
    {"input": _lu_rule},
    outputs=("LU", "pivots"),
    differentiable=("LU",),
)
lu_factor_result = namedtuple("linalg_lu_factor", ["LU", "pivots"])  # type: ignore[name-match]
lu_factor_ex_result = namedtuple("linalg_lu_factor_ex", ["LU", "pivots", "info"])  # type: ignore[name-match]
lu_result = namedtuple("linalg_lu", ["P", "L", "U"])  # type: ignore[name-match]


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 3) + 3 * np.eye(3)[[1, 2, 0]])
    yield Sample(make(4, 2))
    yield Sample(make(2, 2, 4))
    yield Sample(make(1, 1))
    yield Sample(make(0, 3))


def _first_zero(LU: Any) -> Any:
    """For each matrix, at which place from 1 on the diagonal of U has its first 0; 0 if it has
    none."""
    array = LU._array
    xp = backend_of(array).xp
    k = min(array.shape[-2:])
    if not k:
        return TensorBase._wrap(xp.zeros(array.shape[:-2], np.int32))
    zero = xp.diagonal(array, 0, -2, -1) == 0
    first = xp.where(zero.any(axis=-1), zero.argmax(axis=-1) + 1, 0)
    return TensorBase._wrap(backend_of(array).asarray(first.astype(np.int32)))


@operator("linalg.lu_factor_ex", samples=_samples, convention=_SINGULAR, method=False)
def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """Like :func:`lu_factor`, with the place of the first 0 on the diagonal of U instead of an
    error.

    Returns:
        A named tuple ``(LU, pivots, info)``; info counts from 1, and is 0 where there is none.

    Source: PyTorch, ``torch.linalg.lu_factor_ex``.
    """
    check_matrices("linalg.lu_factor", A)
    LU, pivots = _lu(A, bool(pivot))
    info = _first_zero(LU)
    if check_errors:
        _check_info("linalg.lu_factor", info)
    return lu_factor_ex_result(LU, pivots, info)


def _check_info(name: str, info: Any) -> None:
    if info.numel() and bool((info != 0).any().item()):
        raise LinAlgError(
            f"{name}: U has a 0 on its diagonal, so nothing can be solved with it. "
            f"Mend: linalg.lu or linalg.lu_factor_ex, if only the factors are wanted."
        )


@operator("linalg.lu_factor", samples=_samples, convention=_SINGULAR, method=False)
def lu_factor(A: Any, *, pivot: bool = True) -> Any:
    """LU decomposition in the compact form that :func:`lu_solve` takes.

    Args:
        A: (..., m, n), of float32, float64 or complex numbers.
        pivot: whether rows are exchanged, which exactness needs.

    Returns:
        A named tuple ``(LU, pivots)``: U with L below its diagonal, and for each row, from the
        first on, the number (from 1) of the row that it was exchanged with.

    Raises:
        LinAlgError: U has a 0 on its diagonal.

    Source: PyTorch, ``torch.linalg.lu_factor``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.lu_factor(ag.tensor([[1.0, 2.0], [2.0, 2.0]])).pivots
        tensor([2, 2], dtype=autograd_core.int32)
    """
    LU, pivots, info = lu_factor_ex(A, pivot=pivot)
    _check_info("linalg.lu_factor", info)
    return lu_factor_result(LU, pivots)


@operator("linalg.lu", samples=_samples, convention=_SINGULAR, method=False)
def lu(A: Any, *, pivot: bool = True) -> Any:
    """LU decomposition ``A = P @ L @ U``.

    Args:
        A: (..., m, n), of float32, float64 or complex numbers.
        pivot: whether rows are exchanged; if not, P is empty.

    Returns:
        A named tuple ``(P, L, U)``: a permutation, a lower triangle with ones on its diagonal, and
        an upper triangle.

    Source: PyTorch, ``torch.linalg.lu``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.lu(ag.tensor([[1.0, 2.0], [2.0, 2.0]])).U
        tensor([[2., 2.],
                [0., 1.]])
    """
    check_matrices("linalg.lu", A)
    packed, pivots = _lu(A, bool(pivot))
    P = _permutation(packed, pivots) if pivot else packed.detach().reshape(-1)[:0]
    return lu_result(P, *_parts(packed))


def _permutation(LU: Any, pivots: Any) -> Any:
    """The matrix P of ``A = P @ L @ U``."""
    array = LU._array
    xp, m = backend_of(array).xp, LU.shape[-2]
    ones = xp.broadcast_to(xp.eye(m, dtype=array.dtype), (*array.shape[:-2], m, m))
    return TensorBase._wrap(_exchanged(xp, ones, pivots._array, True))


@operator(
    "lu_unpack",
    samples=lambda make: [Sample(make(3, 3), np.array([3, 2, 3], np.int32))],
    convention=_SINGULAR,
    method=False,
)
def lu_unpack(
    LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True
) -> Any:
    """``(P, L, U)`` from the compact form of ``linalg.lu_factor``; what is not asked for is empty.

    Source: PyTorch, ``torch.lu_unpack``.
    """
    check_matrices("lu_unpack", LU_data, "LU_data")
    want = (*LU_data.shape[:-2], min(LU_data.shape[-2:]))
    if tuple(LU_pivots.shape) != want:
        raise ShapeError(
            f"lu_unpack: LU_pivots of LU_data of shape {tuple(LU_data.shape)} must be {want}, got "
            f"{describe(LU_pivots)}"
        )
    nothing = LU_data.detach().reshape(-1)[:0]
    P = _permutation(LU_data, LU_pivots) if unpack_pivots else nothing
    return lu_result(P, *(_parts(LU_data) if unpack_data else (nothing, nothing)))


def _solve_samples(make: Make) -> Iterable[Sample]:
    packed, pivots = make(3, 3) + 3 * np.eye(3), np.array([3, 2, 3], np.int32)
    yield Sample(packed, pivots, make(3, 2))
    yield Sample(packed, pivots, make(2, 3), left=False)
    yield Sample(packed, pivots, make(2, 3, 1), adjoint=True)


def _lu_solve(LU: Any, pivots: Any, B: Any, left: bool, adjoint_: bool) -> Any:
    if not left:
        return adjoint(_lu_solve(LU, pivots, adjoint(B), True, not adjoint_))
    if adjoint_:
        inner = triangular(adjoint(LU), B, False, False)
        return _exchange(triangular(adjoint(LU), inner, True, True), pivots, True)
    inner = triangular(LU, _exchange(B, pivots, False), False, True)
    return triangular(LU, inner, True, False)


@operator("linalg.lu_solve", samples=_solve_samples, convention=_SINGULAR, method=False)
def lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False) -> Any:
    """Solutions X of ``A @ X = B`` (or ``X @ A = B``), given ``linalg.lu_factor(A)``.

    Args:
        LU, pivots: the factors of square matrices (..., n, n).
        B: (..., n, k), or (..., k, n) if A stands on the right.
        left: whether A stands on the left of X.
        adjoint: solve with ``A.mH`` instead.

    Source: PyTorch, ``torch.linalg.lu_solve``.

    Example:
        >>> import autograd_core as ag
        >>> LU, pivots = ag.linalg.lu_factor(ag.tensor([[1.0, 2.0], [2.0, 2.0]]))
        >>> ag.linalg.lu_solve(LU, pivots, ag.tensor([[3.0], [4.0]]))
        tensor([[1.],
                [1.]])
    """
    check_sides("linalg.lu_solve", LU, B, left)
    if pivots.shape[-1:] != LU.shape[-1:]:
        raise ShapeError(
            f"linalg.lu_solve: pivots must be (..., {LU.shape[-1]}), got {describe(pivots)}"
        )
    return contiguous(_lu_solve(LU, pivots, B, left, adjoint))


@operator("lu", samples=lambda make: [Sample(make(3, 3))], convention=_SINGULAR)
def older_lu(A: Any, pivot: bool = True, get_infos: bool = False) -> Any:
    """LU decomposition in PyTorch's older form: ``(LU, pivots)`` and, if asked for, info; see
    ``linalg.lu_factor``. Source: PyTorch, ``torch.lu``."""
    found = lu_factor_ex(A, pivot=pivot)
    return found if get_infos else found[:2]


@operator(
    "lu_solve",
    samples=lambda make: [Sample(s.args[2], *s.args[:2]) for s in list(_solve_samples(make))[:1]],
    convention=_SINGULAR,
)
@also(input="b")
def older_lu_solve(b: Any, LU_data: Any, LU_pivots: Any) -> Any:
    """``linalg.lu_solve`` with the right side first. Source: PyTorch, ``torch.lu_solve``."""
    return lu_solve(LU_data, LU_pivots, b)
