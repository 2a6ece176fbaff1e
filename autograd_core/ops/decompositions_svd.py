"""Singular value decompositions."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.ops.decompositions import (
    GAUGE,
    adjoint,
    check_matrices,
    inverse_gaps,
    inverse_sums,
    inverse_values,
    lapack,
    on_diagonal,
    scale_columns,
    spread_matrix,
    zeros_beside,
)
from autograd_core.ops.products import product
from autograd_core.registry import Make, Sample, operator


def _svd_rule(grads: Any, U: Any, S: Any, Vh: Any, full: bool) -> Any:
    """The gradient of A by way of the turns of left and right vectors.

    What turns both alike is divided by the difference of two singular values, what turns them
    against each other by the sum.
    """
    gU, gS, gVh = grads
    k = S.shape[-1]
    U, gU, Vh, gVh = U[..., :k], gU[..., :k], Vh[..., :k, :], gVh[..., :k, :]
    V, gV = adjoint(Vh), adjoint(gVh)
    left, right = product(adjoint(U), gU), product(Vh, gV)
    turn_left, turn_right = left - adjoint(left), right - adjoint(right)
    alike = (turn_left + turn_right) / 2 * inverse_gaps(S)
    against = (turn_left - turn_right) / 2 * inverse_sums(S)
    inner = alike + against + on_diagonal(gS)
    grad = product(product(U, inner), Vh)
    inverse = inverse_values(S)
    if U.shape[-2] > k:  # what leads out of the space of left vectors
        grad = grad + product(scale_columns(gU - product(U, left), inverse), Vh)
    if V.shape[-2] > k:
        grad = grad + product(U, adjoint(scale_columns(gV - product(V, right), inverse)))
    return grad


_svd = Op(
    "linalg.svd",
    lambda xp, input, full: tuple(
        lapack("linalg.svd", lambda: xp.linalg.svd(input, full_matrices=full))
    ),
    {"input": _svd_rule},
    outputs=("U", "S", "Vh"),
)
svd_result = namedtuple("linalg_svd", ["U", "S", "Vh"])  # type: ignore[name-match]


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(spread_matrix(make, 3, 3))
    yield Sample(spread_matrix(make, 4, 2), False)
    yield Sample(spread_matrix(make, 2, 2, 3), False)
    yield Sample(make(0, 3), False)


@operator(
    "linalg.svd",
    samples=_samples,
    reference=lambda A, full_matrices=True: np.linalg.svd(A, full_matrices),
    convention=GAUGE,
    method=False,
)
def svd(A: Any, full_matrices: bool = True) -> Any:
    """Singular value decomposition ``A = U @ diag(S) @ Vh``.

    Args:
        A: (..., m, n), of float32, float64 or complex numbers.
        full_matrices: whether U and Vh are square; else they have k = min(m, n) columns and rows.
            No gradient flows through what makes them square, which is arbitrary.

    Returns:
        A named tuple ``(U, S, Vh)``; S is real and falls along its last dimension. Vectors are
        determined up to sign or phase, and losses must not depend on that.

    Raises:
        LinAlgError: the iteration does not converge, as with NaN.

    Source: PyTorch, ``torch.linalg.svd``; Townsend, "Differentiating the singular value
    decomposition" (2016). At repeated singular values see the convention of this operator.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.svd(ag.tensor([[3.0, 0.0], [0.0, 2.0]])).S
        tensor([3., 2.])
    """
    return svd_result(*_svd(check_matrices("linalg.svd", A), bool(full_matrices)))


def _svdvals_rule(g: Any, input: Any) -> Any:
    U, _, Vh = _svd(input, False)
    return product(scale_columns(U, g), Vh)


_svdvals = Op(
    "linalg.svdvals",
    lambda xp, input: lapack("linalg.svdvals", lambda: xp.linalg.svd(input, compute_uv=False)),
    {"input": _svdvals_rule},
)


@operator(
    "linalg.svdvals",
    samples=lambda make: [Sample(sample.args[0]) for sample in _samples(make)],
    reference=lambda A: np.linalg.svd(A, compute_uv=False),
    convention=(
        "at 0 and at repeated values, that of the decomposition that was found; losses that are "
        "symmetric in the values have the right gradient"
    ),
    method=False,
)
def svdvals(A: Any) -> Any:
    """Singular values, falling along the last dimension.

    Args:
        A: (..., m, n).

    Source: PyTorch, ``torch.linalg.svdvals``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.svdvals(ag.tensor([[3.0, 0.0], [0.0, -4.0]]))
        tensor([4., 3.])
    """
    return _svdvals(check_matrices("linalg.svdvals", A))


older_svd_result = namedtuple("svd", ["U", "S", "V"])  # type: ignore[name-match]


@operator("svd", samples=lambda make: [Sample(spread_matrix(make, 3, 2))], convention=GAUGE)
def older_svd(input: Any, some: bool = True, compute_uv: bool = True) -> Any:
    """Singular value decomposition in PyTorch's older form, which returns V and not its adjoint.

    Args:
        input: (..., m, n).
        some: whether U and V have only min(m, n) columns.
        compute_uv: if False, U and V are zeros.

    Source: PyTorch, ``torch.svd``.

    Example:
        >>> import autograd_core as ag
        >>> ag.svd(ag.tensor([[3.0, 0.0], [0.0, 2.0]])).S
        tensor([3., 2.])
    """
    check_matrices("svd", input)
    if not compute_uv:
        m, n = input.shape[-2:]
        U, V = (zeros_beside(input, (*input.shape[:-2], size, size)) for size in (m, n))
        return older_svd_result(U, _svdvals(input), V)
    U, S, Vh = _svd(input, not some)
    return older_svd_result(U, S, adjoint(Vh))
