"""Powers, exponentials and long products of matrices."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import ShapeError
from autograd_core.keywords import also
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.cast import cast, contiguous_copy
from autograd_core.ops.constants import zeros
from autograd_core.ops.decompositions import adjoint
from autograd_core.ops.decompositions_reflections import first_columns
from autograd_core.ops.dims import whole
from autograd_core.ops.join import cat
from autograd_core.ops.precision import widened
from autograd_core.ops.products import matmul
from autograd_core.ops.solving import check_square, inv, well_conditioned
from autograd_core.registry import SMOOTH, Sample, operator

# The numerator of the rational approximation of exp with 13 terms, from the constant up; the
# denominator has the same with the odd ones negated.
_PADE = tuple(
    math.factorial(26 - k)
    * math.factorial(13)
    / (math.factorial(26) * math.factorial(k) * math.factorial(13 - k))
    for k in range(14)
)
_WITHIN = 5.37  # norms for which it has all digits of float64


def _exponential(xp: Any, input: Any) -> Any:
    """Halve until the norm is small, approximate, and square as often."""
    n = input.shape[-1]
    if not input.size:
        return input.copy()
    size = xp.abs(input).sum(axis=-2).max(axis=-1)
    size = xp.where(xp.isfinite(size), size, 0)
    halvings = xp.ceil(xp.log2(xp.maximum(size / _WITHIN, 1)))
    a = input / (2.0**halvings)[..., None, None].astype(size.dtype)
    square = a @ a
    power = xp.broadcast_to(xp.eye(n, dtype=input.dtype), input.shape)
    even, odd = power * _PADE[0], power * _PADE[1]
    for k in range(2, 14, 2):
        power = power @ square
        even, odd = even + power * _PADE[k], odd + power * _PADE[k + 1]
    odd = a @ odd
    out = xp.linalg.solve(even - odd, even + odd)
    for step in range(int(backend_of(size).item(halvings.max()))):
        out = xp.where((halvings > step)[..., None, None], out @ out, out)
    return out.astype(input.dtype)


def _exponential_rule(g: Any, input: Any) -> Any:
    """The upper right block of the exponential of ``[[A.mH, g], [0, A.mH]]``."""
    n = input.shape[-1]
    A = adjoint(input)
    upper, lower = cat([A, g], -1), cat([zeros(A), A], -1)
    return _matrix_exp(cat([upper, lower], -2))[..., :n, n:]


_matrix_exp = Op("linalg.matrix_exp", _exponential, {"input": _exponential_rule})


@operator(
    "matrix_exp",
    samples=lambda make: [
        Sample(make(3, 3)),
        Sample(make(2, 1, 2, 2) * 4),
        Sample(make(1, 1)),
        Sample(make(0, 2, 2)),
        Sample(make(0, 0)),
    ],
    convention=SMOOTH,
    aliases=("linalg.matrix_exp",),
    formula="dA: the upper right block of exp([[Aᵀ, g], [0, Aᵀ]])",
)
@also(input="A")
def matrix_exp(A: Any) -> Any:
    """Exponential of square matrices, ``I + A + A @ A / 2 + ...``.

    Args:
        A: (..., n, n), of floating-point or complex numbers; halves are computed in float32.

    Source: PyTorch, ``torch.linalg.matrix_exp``; Higham, "The scaling and squaring method for the
    matrix exponential revisited" (2005); Mathias, "A chain rule for matrix functions" (1996).

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.matrix_exp(ag.zeros(2, 2))
        tensor([[1., 0.],
                [0., 1.]])
    """
    wide = check_square("linalg.matrix_exp", widened(A))
    return cast(_matrix_exp(wide), A._array.dtype)


@operator(
    "linalg.matrix_power",
    samples=lambda make: [Sample(well_conditioned(make, 3, 3), n) for n in (0, 1, 2, 5, -1, -3)],
    reference=np.linalg.matrix_power,
    convention="an error where n is negative and the matrix is singular",
    aliases=("matrix_power",),
    method=False,
)
@also(input="A")
def matrix_power(A: Any, n: int) -> Any:
    """The n-th power of square matrices, by squaring.

    Args:
        A: (..., m, m).
        n: whole number; negative ones are powers of the inverse.

    Source: PyTorch, ``torch.linalg.matrix_power``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.matrix_power(ag.tensor([[1.0, 1.0], [0.0, 1.0]]), 3)
        tensor([[1., 3.],
                [0., 1.]])
    """
    name = "linalg.matrix_power"
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise ShapeError(f"{name}: A must be square matrices (..., n, n), got {describe(A)}")
    n = whole(name, n, "n")
    if n == 0:
        return first_columns(A)
    if n < 0:
        A, n = inv(A), -n
    power, out = A, None
    while True:
        if n & 1:
            out = power if out is None else matmul(out, power)
        n >>= 1
        if not n:
            return contiguous_copy(out) if out is A else out
        power = matmul(power, power)


def _cheapest_order(sizes: list[int]) -> list[list[int]]:
    """Where to split each product of matrices i to j, so that the fewest numbers are multiplied."""
    count = len(sizes) - 1
    cost = [[0] * count for _ in range(count)]
    split = [[0] * count for _ in range(count)]
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            cost[i][j], split[i][j] = min(
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )
    return split


@operator(
    "linalg.multi_dot",
    samples=lambda make: [
        Sample([make(3, 4), make(4, 2)]),
        Sample([make(2, 3), make(3, 5), make(5, 2), make(2, 4)]),
        Sample([make(3), make(3, 2), make(2)]),
    ],
    reference=np.linalg.multi_dot,
    convention=SMOOTH,
    method=False,
)
def multi_dot(tensors: Any) -> Any:
    """Product of two or more matrices, in the order that costs least.

    Args:
        tensors: matrices whose sizes fit; the first and the last may be vectors.

    Source: PyTorch, ``torch.linalg.multi_dot``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.multi_dot([ag.ones(2), ag.ones(2, 3), ag.ones(3)])
        tensor(6.)
    """
    name = "linalg.multi_dot"
    factors = list(tensors)
    if len(factors) < 2:
        raise RuntimeError(f"{name}: expected at least two tensors, got {len(factors)}")
    for i, factor in enumerate(factors):
        ends = i in (0, len(factors) - 1)
        if factor.ndim not in ((1, 2) if ends else (2,)):
            raise ShapeError(f"{name}: tensor {i} must be a matrix, got {describe(factor)}")
    row, column = factors[0].ndim == 1, factors[-1].ndim == 1
    if row:
        factors[0] = factors[0].unsqueeze(0)
    if column:
        factors[-1] = factors[-1].unsqueeze(-1)
    for i, (left, right) in enumerate(pairwise(factors)):
        if left.shape[1] != right.shape[0]:
            raise ShapeError(
                f"{name}: tensors {i} and {i + 1} do not fit: {describe(left)}, {describe(right)}"
            )
    split = _cheapest_order([factors[0].shape[0], *[f.shape[1] for f in factors]])

    def chain(i: int, j: int) -> Any:
        if i == j:
            return factors[i]
        return matmul(chain(i, split[i][j]), chain(split[i][j] + 1, j))

    out = chain(0, len(factors) - 1)
    if row:
        out = out.squeeze(0)
    return out.squeeze(-1) if column else out


@operator(
    "chain_matmul",
    samples=lambda make: [
        Sample(make(3, 4)),
        Sample(make(2, 3), make(3, 5), make(5, 2), make(2, 4)),
    ],
    reference=lambda *x: x[0] if len(x) == 1 else np.linalg.multi_dot(x),
    convention=SMOOTH,
    method=False,
)
def chain_matmul(*matrices: Any) -> Any:
    """``linalg.multi_dot`` in its older form, of one or more matrices. Source: PyTorch,
    ``torch.chain_matmul``.

    Example:
        >>> import autograd_core as ag
        >>> ag.chain_matmul(ag.ones(1, 2), ag.ones(2, 3), ag.ones(3, 1))
        tensor([[6.]])
    """
    if not matrices:
        raise RuntimeError("chain_matmul: expected one or more matrices")
    for i, matrix in enumerate(matrices):
        if getattr(matrix, "ndim", None) != 2:
            raise ShapeError(f"chain_matmul: matrix {i} must be a matrix, got {describe(matrix)}")
    return matrices[0].clone() if len(matrices) == 1 else multi_dot(matrices)
