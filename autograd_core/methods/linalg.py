"""Matrix products and linear algebra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_core.inplace import inplace
from autograd_core.later import later
from autograd_core.ops import products

if TYPE_CHECKING:
    from autograd_core.ops import decompositions_checked as checked
    from autograd_core.ops import decompositions_lu as factors
    from autograd_core.ops import decompositions_pinv as inverses
    from autograd_core.ops import decompositions_powers as powers
    from autograd_core.ops import decompositions_qr as orthogonal
    from autograd_core.ops import decompositions_reflections as reflections
    from autograd_core.ops import decompositions_svd as singular
    from autograd_core.ops import decompositions_tensors as tensors
    from autograd_core.ops import decompositions_triangular as triangles
    from autograd_core.ops import (
        fft_short_time,
        matrices,
        solving,
    )
else:
    checked = later("decompositions_checked")
    factors = later("decompositions_lu")
    fft_short_time = later("fft_short_time")
    inverses = later("decompositions_pinv")
    matrices = later("matrices")
    orthogonal = later("decompositions_qr")
    powers = later("decompositions_powers")
    reflections = later("decompositions_reflections")
    singular = later("decompositions_svd")
    solving = later("solving")
    tensors = later("decompositions_tensors")
    triangles = later("decompositions_triangular")


class LinalgMethods:
    """One line each."""

    __slots__ = ()

    __matmul__ = matmul = products.matmul

    def __rmatmul__(self, other: Any) -> Any:
        return products.matmul(other, self)

    mm = matrices.mm
    bmm = matrices.bmm
    mv = matrices.mv
    dot = matrices.dot
    vdot = matrices.vdot
    outer = ger = matrices.outer
    inner = matrices.inner
    addmm = matrices.addmm
    addmm_ = inplace(matrices.addmm)
    baddbmm = matrices.baddbmm
    baddbmm_ = inplace(matrices.baddbmm)
    addmv = matrices.addmv
    addmv_ = inplace(matrices.addmv)
    addbmm = matrices.addbmm
    addbmm_ = inplace(matrices.addbmm)
    addr = matrices.addr
    addr_ = inplace(matrices.addr)
    trace = matrices.trace
    inverse = solving.inv
    det = solving.det
    slogdet = solving.slogdet
    logdet = solving.logdet
    svd = singular.older_svd
    qr = orthogonal.older_qr
    lu = factors.older_lu
    lu_solve = factors.older_lu_solve
    pinverse = inverses.pinverse
    orgqr = reflections.householder_product
    geqrf = reflections.geqrf
    ormqr = reflections.ormqr
    triangular_solve = triangles.triangular_solve
    cholesky_solve = triangles.cholesky_solve
    cholesky_inverse = triangles.cholesky_inverse
    matrix_exp = powers.matrix_exp
    matrix_power = powers.matrix_power
    cross = tensors.older_cross
    kron = tensors.kron
    cholesky = checked.older_cholesky
    stft = fft_short_time.stft
    istft = fft_short_time.istft
