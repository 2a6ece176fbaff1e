"""Inverses, solutions and factors that report failure instead of raising."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import LinAlgError
from autograd_core.keywords import also
from autograd_core.ops.decompositions import zeros_beside
from autograd_core.ops.decompositions_lu import lu_factor_ex, lu_solve
from autograd_core.ops.decompositions_reflections import first_columns
from autograd_core.ops.slicing import diagonal as slicing_diagonal
from autograd_core.ops.solving import check_square, cholesky, well_conditioned
from autograd_core.registry import SMOOTH, Sample, operator

inv_ex_result = namedtuple("linalg_inv_ex", ["inverse", "info"])  # type: ignore[name-match]
solve_ex_result = namedtuple("linalg_solve_ex", ["result", "info"])  # type: ignore[name-match]
cholesky_ex_result = namedtuple("linalg_cholesky_ex", ["L", "info"])  # type: ignore[name-match]
_SINGULAR = "infinite or NaN where the matrix is singular, as the value is"


def _refuse(name: str, info: Any, problem: str) -> None:
    if info.numel() and bool((info != 0).any().item()):
        raise LinAlgError(f"{name}: {problem}; info is {info.tolist()}")


@operator(
    "linalg.inv_ex",
    samples=lambda make: [Sample(well_conditioned(make, 3, 3)), Sample(make(0, 2, 2))],
    convention=_SINGULAR,
    method=False,
)
def inv_ex(A: Any, *, check_errors: bool = False) -> Any:
    """Inverses of square matrices, without an error for singular ones.

    Args:
        A: (..., n, n).
        check_errors: raise one all the same.

    Returns:
        A named tuple ``(inverse, info)``; info is 0, or the place (from 1) of a 0 on the diagonal
        of the U of ``linalg.lu``.

    Source: PyTorch, ``torch.linalg.inv_ex``.
    """
    check_square("linalg.inv_ex", A)
    LU, pivots, info = lu_factor_ex(A)
    if check_errors:
        _refuse("linalg.inv_ex", info, "a matrix is singular")
    return inv_ex_result(lu_solve(LU, pivots, first_columns(A)), info)


@operator(
    "linalg.solve_ex",
    samples=lambda make: [
        Sample(well_conditioned(make, 3, 3), make(3, 2)),
        Sample(well_conditioned(make, 2, 3, 3), make(2, 3)),
        Sample(well_conditioned(make, 3, 3), make(2, 3), left=False),
    ],
    convention=_SINGULAR,
    method=False,
)
def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False) -> Any:
    """Solutions of ``A @ X = B``, without an error for singular matrices.

    Args:
        A, B, left: as for ``linalg.solve``.
        check_errors: raise one all the same.

    Returns:
        A named tuple ``(result, info)``; info as for :func:`inv_ex`.

    Source: PyTorch, ``torch.linalg.solve_ex``.
    """
    check_square("linalg.solve_ex", A)
    LU, pivots, info = lu_factor_ex(A)
    if check_errors:
        _refuse("linalg.solve_ex", info, "a matrix is singular")
    vector = left and (B.ndim == 1 or tuple(B.shape) == tuple(A.shape[:-1]))
    result = lu_solve(LU, pivots, B.unsqueeze(-1) if vector else B, left=left)
    return solve_ex_result(result.squeeze(-1) if vector else result, info)


@operator(
    "linalg.cholesky_ex",
    samples=lambda make: [Sample(np.eye(3) * 4 + 0.1), Sample(np.eye(2) + np.zeros((2, 1, 1)))],
    convention="no gradient where a matrix is not positive definite",
    method=False,
)
@also(input="A")
def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False) -> Any:
    """Cholesky factors, without an error for matrices that are not positive definite.

    Args:
        A, upper: as for ``linalg.cholesky``.
        check_errors: raise one all the same.

    Returns:
        A named tuple ``(L, info)``; info is 0, or the order of the first leading block that is not
        positive definite. If there is one, the factors of the whole batch are NaN.

    Source: PyTorch, ``torch.linalg.cholesky_ex``.
    """
    check_square("linalg.cholesky_ex", A)
    none = zeros_beside(A, tuple(A.shape[:-2]), np.dtype(np.int32))
    try:
        return cholesky_ex_result(cholesky(A, upper=upper), none)
    except LinAlgError:
        info = _first_not_positive(A)
        if check_errors:
            _refuse("linalg.cholesky_ex", info, "a matrix is not positive definite")
        return cholesky_ex_result(zeros_beside(A, tuple(A.shape)) + np.nan, info)


def _first_not_positive(A: Any) -> Any:
    """Without row exchanges, U has positive numbers on its diagonal just as far."""
    LU = lu_factor_ex(A.detach(), pivot=False).LU._array
    xp = backend_of(LU).xp
    bad = ~(xp.diagonal(LU, 0, -2, -1).real > 0)
    order = xp.where(bad.any(axis=-1), bad.argmax(axis=-1) + 1, 0)
    return TensorBase._wrap(backend_of(LU).asarray(order.astype(np.int32)))


@operator(
    "cholesky",
    samples=lambda make: [Sample(np.eye(3) * 4 + 0.1)],
    convention="an error where the matrix is not positive definite",
    hermitian=True,
)
def older_cholesky(input: Any, upper: bool = False) -> Any:
    """``linalg.cholesky`` in PyTorch's older form. Source: PyTorch, ``torch.cholesky``."""
    return cholesky(input, upper=upper)


@operator(
    "linalg.diagonal",
    samples=lambda make: [Sample(make(2, 3, 4)), Sample(make(3, 4), offset=-1)],
    reference=lambda A, offset=0: np.diagonal(A, offset, -2, -1),
    convention=SMOOTH,
    method=False,
)
def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """A view of the diagonals of matrices; arguments as for ``diagonal``. Source: PyTorch,
    ``torch.linalg.diagonal``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.diagonal(ag.eye(2))
        tensor([1., 1.])
    """
    return slicing_diagonal(A, offset, dim1, dim2)
