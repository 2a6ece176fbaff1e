"""Linear algebra: ``autograd_core.linalg``, as ``torch.linalg``."""

from __future__ import annotations

from autograd_core.ops.norms import linalg_norm as norm
from autograd_core.ops.norms import matrix_norm, vector_norm
from autograd_core.ops.products import matmul
from autograd_core.ops.solving import cholesky, det, inv, slogdet, solve

__all__ = [
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
