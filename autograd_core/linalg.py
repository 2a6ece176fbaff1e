"""Linear algebra: ``autograd_core.linalg``, as ``torch.linalg``."""

from __future__ import annotations

from autograd_core.errors import LinAlgError
from autograd_core.ops.decompositions_checked import cholesky_ex, diagonal, inv_ex, solve_ex
from autograd_core.ops.decompositions_eig import eig, eigh, eigvals, eigvalsh
from autograd_core.ops.decompositions_ldl import ldl_factor, ldl_factor_ex, ldl_solve
from autograd_core.ops.decompositions_lu import lu, lu_factor, lu_factor_ex, lu_solve
from autograd_core.ops.decompositions_pinv import cond, lstsq, matrix_rank, pinv
from autograd_core.ops.decompositions_powers import matrix_exp, matrix_power, multi_dot
from autograd_core.ops.decompositions_qr import qr
from autograd_core.ops.decompositions_reflections import householder_product
from autograd_core.ops.decompositions_svd import svd, svdvals
from autograd_core.ops.decompositions_tensors import cross, tensorinv, tensorsolve, vander, vecdot
from autograd_core.ops.decompositions_triangular import solve_triangular
from autograd_core.ops.norms import linalg_norm as norm
from autograd_core.ops.norms import matrix_norm, vector_norm
from autograd_core.ops.products import matmul
from autograd_core.ops.solving import cholesky, det, inv, slogdet, solve

__all__ = [
    "LinAlgError",
    "cond",
    "cross",
    "cholesky_ex",
    "diagonal",
    "inv_ex",
    "solve_ex",
    "lstsq",
    "matrix_exp",
    "matrix_power",
    "multi_dot",
    "tensorinv",
    "tensorsolve",
    "vander",
    "vecdot",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "matrix_rank",
    "pinv",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "householder_product",
    "ldl_factor",
    "ldl_factor_ex",
    "ldl_solve",
    "qr",
    "solve_triangular",
    "svd",
    "svdvals",
    "cholesky",
    "det",
    "inv",
    "matmul",
    "matrix_norm",
    "norm",
    "slogdet",
    "solve",
    "vector_norm",
]
