"""What the decompositions of matrices share: checks, adjoints, diagonals, and samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import DtypeError, LinAlgError, ShapeError
from autograd_core.messages import describe
from autograd_core.operands import check_tensor
from autograd_core.ops.precision import is_half
from autograd_core.ops.slicing import diag_embed
from autograd_core.registry import Make

GAUGE = (
    "components that turn vectors of equal values into each other are 0, with a warning where they "
    "may not be (see the argument ``degenerate``); PyTorch has NaN there"
)


def adjoint(x: Any) -> Any:
    """The conjugate transpose of matrices."""
    return x.swapaxes(-1, -2).conj()


def scale_columns(x: Any, factors: Any) -> Any:
    """Each column of matrices times its number."""
    return x * factors[..., None, :]


def on_diagonal(x: Any) -> Any:
    """Matrices with these diagonals, 0 elsewhere."""
    return diag_embed(x, 0, -2, -1)


def zeros_beside(input: Any, shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Zeros of another shape (and dtype, if given), on the device of a tensor."""
    array = input._array
    return TensorBase._wrap(backend_of(array).xp.zeros(shape, dtype or array.dtype))


def check_matrices(name: str, input: Any, argument: str = "A") -> Any:
    """The input, if it is a matrix or a batch of matrices, of a type that LAPACK knows."""
    check_tensor(name, input, argument, arrays=False)
    if input.ndim < 2:
        raise ShapeError(f"{name}: {argument} must be matrices (..., m, n), got {describe(input)}")
    dtype = input._array.dtype
    if dtype.kind not in "fc" or is_half(dtype):
        raise DtypeError(
            f"{name}: {argument} must be of dtype float32, float64, complex64 or complex128, got "
            f"{describe(input)}. Mend: {argument}.float() or .double()"
        )
    return input


def lapack(name: str, compute: Callable[[], Any]) -> Any:
    """Name the operator in the error of an iteration that does not converge."""
    try:
        return compute()
    except np.linalg.LinAlgError as error:
        raise LinAlgError(
            f"{name}: {error}. Mend: look for NaN or infinity in the matrix."
        ) from None


def spread_matrix(make: Make, *shape: int) -> Any:
    """Random matrices with singular values far apart."""
    k = min(shape[-2:])
    left, right = (np.linalg.qr(make(*shape[:-2], n, k))[0] for n in shape[-2:])
    values = np.arange(1, k + 1) + make(*shape[:-2], k, low=-0.2, high=0.2)
    return (left * values[..., None, :]) @ right.swapaxes(-1, -2)
