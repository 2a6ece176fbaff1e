"""Householder reflections: what a QR decomposition is made of, and products of them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.keywords import also
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.constants import zeros
from autograd_core.ops.decompositions import adjoint, check_matrices, zeros_beside
from autograd_core.ops.join import cat, stack
from autograd_core.ops.products import product
from autograd_core.ops.selection import where
from autograd_core.ops.tri import tril
from autograd_core.registry import SMOOTH, Sample, operator

# The first columns of the identity, in the shape of the input.
first_columns = Op(
    "first_columns",
    lambda xp, input: xp.broadcast_to(
        xp.eye(input.shape[-2], input.shape[-1], dtype=input.dtype), input.shape
    ).copy(),
    {"input": lambda g: zeros(g)},
)


def reflected(vectors: Any, tau: Any, x: Any, back: bool = False) -> Any:
    """``H[0] @ H[1] @ ... @ x`` of reflections ``I - tau[i] * v[i] @ v[i].mH``, where ``v[i]`` is
    column i of ``vectors`` below row i, 1 there and 0 above; or its inverse times x."""
    columns = tril(vectors, -1) + first_columns(vectors)
    steps = range(tau.shape[-1])
    for i in steps if back else reversed(steps):
        v = columns[..., i : i + 1]
        factor = tau[..., i, None, None]
        x = x - product(v * (factor.conj() if back else factor), product(adjoint(v), x))
    return x


@operator(
    "linalg.householder_product",
    samples=lambda make: [Sample(make(4, 3), make(2)), Sample(make(2, 3, 2), make(2, 2))],
    convention=SMOOTH,
    aliases=("orgqr",),
    method=False,
)
@also(input="A", input2="tau")
def householder_product(A: Any, tau: Any) -> Any:
    """The first n columns of a product of reflections ``I - tau[i] * v[i] @ v[i].mH``.

    Args:
        A: (..., m, n) with m >= n; ``v[i]`` is 0 above row i, 1 there, and column i of A below.
        tau: (..., k) with k <= n.

    Source: PyTorch, ``torch.linalg.householder_product``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.householder_product(ag.zeros(2, 1), ag.tensor([2.0]))
        tensor([[-1.],
                [ 0.]])
    """
    name = "linalg.householder_product"
    check_matrices(name, A)
    m, n, k = A.shape[-2], A.shape[-1], tau.shape[-1] if tau.ndim else 0
    if m < n or k > n or tau.ndim != A.ndim - 1 or tau.shape[:-1] != A.shape[:-2]:
        raise ShapeError(
            f"{name}: A must be (..., m, n) and tau (..., k) with m >= n >= k, got "
            f"{describe(A)} and {describe(tau)}"
        )
    return reflected(A, tau, first_columns(A))


@operator(
    "ormqr",
    samples=lambda make: [
        Sample(make(4, 2), make(2), make(4, 3)),
        Sample(make(3, 3), make(3), make(2, 3), False, True),
        Sample(make(2, 3, 2), make(2, 2), make(2, 3, 1), True, True),
    ],
    convention=SMOOTH,
)
@also(input2="tau", input3="other")
def ormqr(input: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False) -> Any:
    """A matrix times the whole square product Q of reflections, which is not computed itself.

    Args:
        input: (..., r, k), whose columns below the diagonal are the reflections' vectors; see
            ``linalg.householder_product``.
        tau: (..., min(r, k)).
        other: (..., r, n), or (..., n, r) if it is on the left.
        left: whether Q is on the left: ``Q @ other``, else ``other @ Q``.
        transpose: take ``Q.mH`` for Q.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.ormqr``.

    Example:
        >>> import autograd_core as ag
        >>> ag.ormqr(ag.zeros(2, 1), ag.tensor([2.0]), ag.ones(2, 1))
        tensor([[-1.],
                [ 1.]])
    """
    check_matrices("ormqr", input, "input")
    check_matrices("ormqr", other, "other")
    r, k = input.shape[-2:]
    fits = other.shape[-2 if left else -1] == r
    if tau.ndim != input.ndim - 1 or tau.shape[-1] > min(r, k) or not fits:
        raise ShapeError(
            f"ormqr: input must be (..., r, k), tau (..., min(r, k)), and other have r "
            f"{'rows' if left else 'columns'}; got {describe(input)}, {describe(tau)} and "
            f"{describe(other)}"
        )
    if left:
        return reflected(input, tau, other, transpose)
    return adjoint(reflected(input, tau, adjoint(other), not transpose))


def _by_numpy(a: Any) -> Any:
    packed, tau = np.linalg.qr(a, "raw")
    return packed.swapaxes(-1, -2), tau


geqrf_result = namedtuple("geqrf", ["a", "tau"])  # type: ignore[name-match]


@operator(
    "geqrf",
    samples=lambda make: [
        Sample(make(3, 3)), Sample(make(4, 2)), Sample(make(2, 2, 4)), Sample(make(0, 3)),
    ],
    reference=lambda a: _by_numpy(a),
    convention="a column that is 0 below the diagonal is not reflected, and passes its gradient on",
)  # fmt: skip
def geqrf(input: Any) -> Any:
    """QR decomposition as LAPACK keeps it: R, and below it the vectors of the reflections.

    Args:
        input: (..., m, n), of float32, float64 or complex numbers.

    Returns:
        A named tuple ``(a, tau)``, which ``linalg.householder_product`` and ``ormqr`` take.

    Source: PyTorch, ``torch.geqrf``, which has no gradient; Golub and Van Loan, "Matrix
    computations", section 5.2.

    Example:
        >>> import autograd_core as ag
        >>> ag.geqrf(ag.tensor([[3.0], [4.0]]))
        geqrf(a=tensor([[-5.0000],
                [ 0.5000]]), tau=tensor([1.6000]))
    """
    check_matrices("geqrf", input, "input")
    rest, factors, parts = input, [], []
    for _ in range(min(input.shape[-2:])):
        first, below = rest[..., 0, 0], rest[..., 1:, 0]
        others = (below * below.conj()).real.sum(-1)
        done = others == 0
        if first.is_complex():
            done = done & (first.imag == 0)
        length = where(done, 1, (first * first.conj()).real + others).sqrt()
        corner = where(done, first, where(first.real < 0, length, -length))
        factor = where(done, 0, (corner - first) / where(done, 1, corner))
        v = (below / where(done, 1, first - corner)[..., None])[..., None]
        top, rest = rest[..., :1, 1:], rest[..., 1:, 1:]
        along = factor.conj()[..., None, None] * (top + product(adjoint(v), rest))
        parts.append((corner[..., None, None], top - along, v))
        factors.append(factor)
        rest = rest - product(v, along)
    for corner, top, v in reversed(parts):
        rest = cat([cat([corner, top], -1), cat([v, rest], -1)], -2)
    tau = stack(factors, -1) if factors else zeros_beside(input, (*input.shape[:-2], 0))
    return geqrf_result(rest, tau)
