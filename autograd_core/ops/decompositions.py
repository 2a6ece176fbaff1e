"""What the decompositions of matrices share: checks, adjoints, and gaps between eigenvalues.

A matrix with a repeated singular value or eigenvalue has many decompositions, turned against each
other within the repeated block, and vectors there have no derivative. A loss that treats equal
values alike (a norm, a polar factor, a projection, a function of the values) does not see the turn,
so its gradient has no component along it. That is the convention here: within a block of equal
values, components that would turn its vectors (the gauge) are 0. So gradients are finite always,
and right for such losses. Values count as equal when they differ by no more than rounding makes
them: ``10 * n * eps`` of the largest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import LinAlgError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.precision import is_half
from autograd_core.ops.slicing import diag_embed
from autograd_core.registry import Make

GAUGE = (
    "components that turn vectors of equal values into each other are 0: finite, and right for "
    "losses that treat equal values alike, such as norms; PyTorch has NaN there"
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
    if input.ndim < 2:
        raise ShapeError(f"{name}: {argument} must be matrices (..., m, n), got {describe(input)}")
    dtype = input._array.dtype
    if dtype.kind not in "fc" or is_half(dtype):
        raise RuntimeError(
            f"{name}: expected float32, float64 or complex, got {dtype}. "
            f"Mend: .float() or .double() first."
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


def rounding(xp: Any, values: Any) -> Any:
    """How much values of one matrix may differ by rounding alone; their last dimension has size
    1."""
    size = values.shape[-1]
    precision = float(np.finfo(values.dtype).eps)
    return 10 * size * precision * xp.abs(values).max(axis=-1, keepdims=True)


def _inverse(xp: Any, values: Any, tolerance: Any) -> Any:
    tiny = xp.abs(values) <= tolerance
    return xp.where(tiny, 0, 1 / xp.where(tiny, 1, values)).astype(values.dtype)


def _inverse_gaps_forward(xp: Any, input: Any) -> Any:
    gaps = input[..., None, :] - input[..., :, None]
    return _inverse(xp, gaps, rounding(xp, input)[..., None]) if gaps.size else gaps


def _inverse_gaps_rule(g: Any, out: Any) -> Any:
    change = -g * out * out
    return change.sum(-2) - change.sum(-1)


# 1 / (x[j] - x[i]) at (i, j), 0 where the two are equal.
inverse_gaps = Op(
    "inverse_gaps", _inverse_gaps_forward, {"input": _inverse_gaps_rule}, holomorphic=True
)


def _inverse_sums_forward(xp: Any, input: Any) -> Any:
    sums = input[..., None, :] + input[..., :, None]
    return _inverse(xp, sums, rounding(xp, input)[..., None]) if sums.size else sums


def _inverse_sums_rule(g: Any, out: Any) -> Any:
    change = -g * out * out
    return change.sum(-2) + change.sum(-1)


# 1 / (x[i] + x[j]) at (i, j), 0 where both are 0.
inverse_sums = Op("inverse_sums", _inverse_sums_forward, {"input": _inverse_sums_rule})

# 1 / x, 0 where x is 0 beside the largest.
inverse_values = Op(
    "inverse_values",
    lambda xp, input: _inverse(xp, input, rounding(xp, input)) if input.size else input,
    {"input": lambda g, out: -g * out * out},
)


def spread_matrix(make: Make, *shape: int) -> Any:
    """Random matrices with singular values far apart."""
    k = min(shape[-2:])
    left, right = (np.linalg.qr(make(*shape[:-2], n, k))[0] for n in shape[-2:])
    values = np.arange(1, k + 1) + make(*shape[:-2], k, low=-0.2, high=0.2)
    return (left * values[..., None, :]) @ right.swapaxes(-1, -2)
