"""Singular value decompositions."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.ops.arithmetic import abs as absolute
from autograd_core.ops.decompositions import (
    GAUGE,
    adjoint,
    check_matrices,
    lapack,
    on_diagonal,
    scale_columns,
    spread_matrix,
    zeros_beside,
)
from autograd_core.ops.decompositions_degenerate import (
    apart,
    check_degenerate,
    inverse_gaps,
    inverse_sums,
    inverse_values,
    look_at,
    where_positive,
)
from autograd_core.ops.precision import is_complex
from autograd_core.ops.products import product
from autograd_core.registry import Make, Sample, operator


def _svd_rule(grads: Any, U: Any, S: Any, Vh: Any, full: bool, degenerate: str) -> Any:
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
    idle = absolute(gU).sum(-2) + absolute(gV).sum(-2)
    if U.shape[-2] != V.shape[-2]:  # what leads out of the space of vectors is not known either
        idle = idle + absolute(gS)
    gS = look_at(gS, S, left + right, idle, "linalg.svd", degenerate, is_complex(U))
    alike = (turn_left + turn_right) / 2 * inverse_gaps(S, degenerate)
    against = (turn_left - turn_right) / 2 * inverse_sums(S, degenerate)
    inner = alike + against + on_diagonal(gS)
    grad = product(product(U, inner), Vh)
    inverse = inverse_values(S, degenerate)
    if U.shape[-2] > k:  # what leads out of the space of left vectors
        grad = grad + product(scale_columns(gU - product(U, left), inverse), Vh)
    if V.shape[-2] > k:
        grad = grad + product(U, adjoint(scale_columns(gV - product(V, right), inverse)))
    return grad


def _svd_forward(xp: Any, input: Any, full: bool, degenerate: str) -> Any:
    U, S, Vh = lapack("linalg.svd", lambda: xp.linalg.svd(input, full_matrices=full))
    return U, apart(xp, S, "falling") if degenerate == "split" else S, Vh


_svd = Op(
    "linalg.svd",
    _svd_forward,
    {"input": _svd_rule},
    outputs=("U", "S", "Vh"),
)
svd_result = namedtuple("linalg_svd", ["U", "S", "Vh"])  # type: ignore[name-match]


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(spread_matrix(make, 3, 3))
    yield Sample(spread_matrix(make, 4, 2), False)
    yield Sample(spread_matrix(make, 2, 2, 3), False)
    yield Sample(make(0, 3), False)


def _check_driver(name: str, driver: Any) -> None:
    drivers = ("gesvd", "gesvdj", "gesvda")
    if driver is not None and driver not in drivers:
        raise ValueError(f"{name}: driver must be one of {drivers}, got {driver!r}")


@operator(
    "linalg.svd",
    samples=_samples,
    reference=lambda A, full_matrices=True: np.linalg.svd(A, full_matrices),
    convention=GAUGE,
    method=False,
    formula=(
        "dA = U ((F ∘ (Uᵀ dU − dUᵀ U)) S + S (F ∘ (Vᵀ dV − dVᵀ V)) + dS) Vᵀ\n"
        "   + (I − U Uᵀ) dU S⁻¹ Vᵀ + U S⁻¹ dVᵀ (I − V Vᵀ),  F[i,j] = 1/(s[j]² − s[i]²)"
    ),
)
def svd(
    A: Any,
    full_matrices: bool = True,
    *,
    driver: str | None = None,
    degenerate: str = "gauge",
) -> Any:
    """Singular value decomposition ``A = U @ diag(S) @ Vh``.

    Args:
        A: (..., m, n), of float32, float64 or complex numbers.
        full_matrices: whether U and Vh are square; else they have k = min(m, n) columns and rows.
            No gradient flows through what makes them square, which is arbitrary.
        driver: PyTorch's choice among cuSOLVER's algorithms, ``"gesvd"``, ``"gesvdj"`` or
            ``"gesvda"``; accepted and not followed, as there is one for each device.
        degenerate: what the gradient is where singular values are equal or 0 to rounding, and the
            turn of their vectors is 0 / 0: ``"gauge"``, 0 there, with a warning where that may not
            be the whole gradient; ``"split"``, values are moved apart by the root of the precision,
            so that gradients are right to half of the digits; ``"lorentzian(eps)"``, 1 / x becomes
            ``x / (x * x + eps)``; or ``"nan"``, as in PyTorch.

    Returns:
        A named tuple ``(U, S, Vh)``; S is real and falls along its last dimension. Vectors are
        determined up to sign or phase, and losses must not depend on that.

    Raises:
        LinAlgError: the iteration does not converge, as with NaN.
        ValueError: ``degenerate`` or ``driver`` is none of these.
        RuntimeError: in backward, if a loss depends on the phases of complex vectors.

    Source: PyTorch, ``torch.linalg.svd`` (without ``degenerate``); Townsend, "Differentiating the
    singular value decomposition" (2016).

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.svd(ag.tensor([[3.0, 0.0], [0.0, 2.0]])).S
        tensor([3., 2.])
    """
    _check_driver("linalg.svd", driver)
    degenerate = check_degenerate("linalg.svd", degenerate)
    return svd_result(*_svd(check_matrices("linalg.svd", A), bool(full_matrices), degenerate))


def _svdvals_rule(g: Any, input: Any, out: Any) -> Any:
    U, _, Vh = _svd(input, False, "gauge")
    return product(scale_columns(U, where_positive(g, out)), Vh)


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
        "0 where a value is 0; at repeated values, that of the decomposition that was found: "
        "losses that are symmetric in the values have the right gradient"
    ),
    method=False,
    formula="dA = U diag(g) Vᵀ",
)
def svdvals(A: Any, *, driver: str | None = None) -> Any:
    """Singular values, falling along the last dimension.

    Args:
        A: (..., m, n).
        driver: as for :func:`svd`.

    Source: PyTorch, ``torch.linalg.svdvals``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.svdvals(ag.tensor([[3.0, 0.0], [0.0, -4.0]]))
        tensor([4., 3.])
    """
    _check_driver("linalg.svdvals", driver)
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
    U, S, Vh = _svd(input, not some, "gauge")
    return older_svd_result(U, S, adjoint(Vh))
