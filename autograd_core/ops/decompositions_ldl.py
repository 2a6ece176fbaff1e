"""LDL decompositions of symmetric and Hermitian matrices, and what is solved with them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import LinAlgError, ShapeError
from autograd_core.keywords import also
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.decompositions import check_matrices
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _routine(what: str, array: Any, hermitian: bool) -> Any:
    """LAPACK's function for symmetric matrices, or for Hermitian ones."""
    try:
        from scipy.linalg import get_lapack_funcs
    except ImportError as error:
        raise ImportError(
            'LDL decompositions need the package SciPy: pip install "autograd-core[scipy]"'
        ) from error
    kind = "he" if hermitian and array.dtype.kind == "c" else "sy"
    return get_lapack_funcs(f"{kind}{what}", (array,))


def _factored(xp: Any, input: Any, hermitian: bool) -> tuple[Any, Any, Any]:
    """LAPACK's answer, matrix by matrix, on the host."""
    backend = backend_of(input)
    a = backend.to_numpy(input)
    packed = np.empty_like(a)
    pivots = np.empty(a.shape[:-1], np.int32)
    info = np.zeros(a.shape[:-2], np.int32)
    factor = _routine("trf", a, hermitian)
    for index in np.ndindex(*a.shape[:-2]) if a.size else ():
        whole, pivots[index], info[index] = factor(a[index], lower=1)
        packed[index] = np.tril(whole)
    where = backend.device_of(input)
    return tuple(backend.from_numpy(part, where) for part in (packed, pivots, info))  # type: ignore[return-value]


_ldl = Op("linalg.ldl_factor", _factored, {}, outputs=("LD", "pivots", "info"), differentiable=())


def _check_pivots(pivots: Any) -> None:
    """Refuse pivots by which LAPACK, which trusts them, would read other memory.

    One that is negative belongs to a block of two rows, with the next one.
    """
    n = pivots.shape[-1]
    for row in pivots.reshape(-1, n).tolist() if pivots.size else ():
        k, inside = 0, all(1 <= abs(p) <= n for p in row)
        while inside and k < n and (row[k] > 0 or max(row[k : k + 2]) < 0):
            k += 1 if row[k] > 0 else 2
        if k != n:
            raise IndexError(
                f"linalg.ldl_solve: pivots must be those of ldl_factor, from 1 to {n}, negative "
                f"ones in pairs; got {row}"
            )


def _solved(xp: Any, LD: Any, pivots: Any, B: Any, hermitian: bool) -> Any:
    backend = backend_of(B)
    packed, order, b = (backend.to_numpy(part) for part in (LD, pivots, B))
    _check_pivots(order)
    batch = np.broadcast_shapes(packed.shape[:-2], b.shape[:-2])
    packed, order, b = (
        np.broadcast_to(part, (*batch, *part.shape[part.ndim - tail :]))
        for part, tail in ((packed, 2), (order, 1), (b, 2))
    )
    out = np.empty(b.shape, b.dtype)
    solve = _routine("trs", packed, hermitian)
    for index in np.ndindex(*batch) if out.size else ():
        out[index] = solve(packed[index], order[index], b[index], lower=1)[0]
    return backend.from_numpy(out, backend.device_of(B))


# The matrix is symmetric, so that its adjoint is its conjugate; or is its own adjoint.
_solve = Op(
    "linalg.ldl_solve",
    _solved,
    {
        "B": lambda g, LD, pivots, hermitian: _solve(
            LD if hermitian else LD.conj(), pivots, g, hermitian
        )
    },
    inputs=3,
)

ldl_factor_result = namedtuple("linalg_ldl_factor", ["LD", "pivots"])  # type: ignore[name-match]
ldl_factor_ex_result = namedtuple("linalg_ldl_factor_ex", ["LD", "pivots", "info"])  # type: ignore[name-match]


def _symmetric(make: Make) -> Any:
    a = make(3, 3)
    return a + a.T


@operator(
    "linalg.ldl_factor",
    samples=lambda make: [Sample(_symmetric(make)), Sample(np.stack([_symmetric(make)] * 2))],
    convention=SMOOTH,
    differentiable=False,
    method=False,
)
@also(input="A")
def ldl_factor(A: Any, *, hermitian: bool = False) -> Any:
    """LDL decomposition of symmetric matrices, which need not be positive definite.

    Only the lower triangle is read. There is no gradient with respect to ``A``, as in PyTorch.

    Args:
        A: (..., n, n), of float32, float64 or complex numbers.
        hermitian: complex matrices are Hermitian, not symmetric.

    Returns:
        A named tuple ``(LD, pivots)``, in LAPACK's form, for ``ldl_solve``.

    Raises:
        LinAlgError: a matrix is singular.
        ImportError: SciPy is not installed.

    Source: PyTorch, ``torch.linalg.ldl_factor``; Bunch and Kaufman, "Some stable methods for
    calculating inertia and solving symmetric linear systems" (1977).

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.ldl_factor(ag.tensor([[2.0, 1.0], [1.0, 1.0]])).LD
        tensor([[2.0000, 0.0000],
                [0.5000, 0.5000]])
    """
    return ldl_factor_result(*ldl_factor_ex(A, hermitian=hermitian, check_errors=True)[:2])


@operator(
    "linalg.ldl_factor_ex",
    samples=lambda make: [Sample(_symmetric(make))],
    convention=SMOOTH,
    differentiable=False,
    method=False,
)
@also(input="A")
def ldl_factor_ex(A: Any, *, hermitian: bool = False, check_errors: bool = False) -> Any:
    """As :func:`ldl_factor`, without an error for singular matrices unless asked for.

    Args:
        A, hermitian: as there.
        check_errors: raise LinAlgError for singular matrices.

    Returns:
        A named tuple ``(LD, pivots, info)``; ``info`` is 0 where all is well.

    Source: PyTorch, ``torch.linalg.ldl_factor_ex``.
    """
    check_matrices("linalg.ldl_factor", A)
    if A.shape[-1] != A.shape[-2]:
        raise ShapeError(f"linalg.ldl_factor: A must be square, got {describe(A)}")
    found = ldl_factor_ex_result(*_ldl(A, hermitian))
    if check_errors and bool((found.info != 0).any()):
        raise LinAlgError(f"linalg.ldl_factor: A is singular: {describe(A)}")
    return found


def _solve_samples(make: Make) -> Any:
    """By name, as gradients are asked of what stands by position."""
    LD, pivots = np.array([[4.0, 0.0], [0.5, 2.0]]), np.array([1, 2], np.int32)
    yield Sample(LD=LD, pivots=pivots, B=make(2, 3))
    yield Sample(LD=LD, pivots=pivots, B=make(2, 2, 1))


@operator(
    "linalg.ldl_solve",
    samples=_solve_samples,
    convention=SMOOTH,
    method=False,
)
@also(input="LD")
def ldl_solve(LD: Any, pivots: Any, B: Any, *, hermitian: bool = False) -> Any:
    """The solution X of ``A @ X = B``, of what :func:`ldl_factor` has found of A.

    Args:
        LD: (..., n, n).
        pivots: (..., n), int32.
        B: (..., n, k), which may have a gradient.
        hermitian: as for ``ldl_factor``.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: ``pivots`` are none that ``ldl_factor`` gives.
        RuntimeError: ``pivots`` are no integers, or ``LD`` requires a gradient, which there is none
            of, as in PyTorch.

    Source: PyTorch, ``torch.linalg.ldl_solve``.

    Example:
        >>> import autograd_core as ag
        >>> A = ag.tensor([[2.0, 1.0], [1.0, 1.0]])
        >>> ag.linalg.ldl_solve(*ag.linalg.ldl_factor(A), ag.tensor([[3.0], [2.0]]))
        tensor([[1.],
                [1.]])
    """
    check_matrices("linalg.ldl_solve", LD, "LD")
    check_matrices("linalg.ldl_solve", B, "B")
    n = LD.shape[-1]
    if LD.shape[-2] != n or B.shape[-2] != n or pivots.shape != LD.shape[:-1]:
        raise ShapeError(
            f"linalg.ldl_solve: LD must be (..., n, n), pivots (..., n) and B (..., n, k), got "
            f"{describe(LD)}, {describe(pivots)} and {describe(B)}"
        )
    if pivots.is_floating_point() or pivots.is_complex():
        raise RuntimeError(f"linalg.ldl_solve: pivots must be integers, got {pivots.dtype}")
    if LD.requires_grad:
        raise RuntimeError(
            "linalg.ldl_solve: there is no gradient with respect to LD. Mend: LD.detach(), or "
            "linalg.solve(A, B)"
        )
    return _solve(LD, pivots, B, hermitian)
