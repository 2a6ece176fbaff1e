"""Linear systems: inverses, solutions, determinants and Cholesky factors of square matrices, in
batches.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_core.errors import LinAlgError, ShapeError
from autograd_core.keywords import also
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_same_dtype
from autograd_core.ops.decompositions import check_matrices
from autograd_core.ops.explog import log
from autograd_core.ops.precision import is_complex
from autograd_core.ops.products import product
from autograd_core.ops.tri import tril
from autograd_core.registry import SMOOTH, Make, Sample, operator

_SINGULAR = "no inverse, hence an error, where the matrix is singular"


def check_square(name: str, input: Any, argument: str = "A") -> Any:
    """The input, if it is a matrix or a batch of matrices, square, of a type that LAPACK knows."""
    check_matrices(name, input, argument)
    if input.shape[-1] != input.shape[-2]:
        raise ShapeError(
            f"{name}: {argument} must be square matrices (..., n, n), got {describe(input)}"
        )
    return input


def _lapack(name: str, compute: Callable[..., Any], problem: str) -> Callable[..., Any]:
    """Name the operator in the error of a matrix that has no solution."""
    try:
        return compute()
    except np.linalg.LinAlgError as error:
        raise LinAlgError(
            f"{name}: {problem} ({error}). Mend: add a small multiple of the identity."
        ) from None


def _transposed(x: Any) -> Any:
    return x.swapaxes(-1, -2)


_inv = Op(
    "linalg.inv",
    lambda xp, input: _lapack("linalg.inv", lambda: xp.linalg.inv(input), "a matrix is singular"),
    {"input": lambda g, out: -product(product(_transposed(out), g), _transposed(out))},
    holomorphic=True,
)


def well_conditioned(make: Make, *shape: int) -> Any:
    """Random square matrices, far from singular."""
    return make(*shape) * 0.3 + np.eye(shape[-1]) * 2


def _square_samples(make: Make) -> Iterable[Sample]:
    yield Sample(well_conditioned(make, 3, 3))
    yield Sample(well_conditioned(make, 2, 1, 3, 3))
    yield Sample(well_conditioned(make, 1, 1))
    yield Sample(make(0, 2, 2))


@operator(
    "linalg.inv",
    samples=_square_samples,
    reference=np.linalg.inv,
    convention=_SINGULAR,
    method=False,
    aliases=("inverse",),
    formula="dA = −Yᵀ g Yᵀ",
)
@also(input="A")
def inv(A: Any) -> Any:
    """Inverses of square matrices.

    Args:
        A: (..., n, n), of float32, float64 or complex numbers.

    Raises:
        RuntimeError: a matrix is singular.

    Source: PyTorch, ``torch.linalg.inv``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.inv(ag.tensor([[2.0, 0.0], [0.0, 4.0]]))
        tensor([[0.5000, 0.0000],
                [0.0000, 0.2500]])
    """
    return _inv(check_square("linalg.inv", A))


_solve = Op(
    "linalg.solve",
    lambda xp, input, other: _lapack(
        "linalg.solve", lambda: xp.linalg.solve(input, other), "A is singular"
    ),
    joint=lambda g, needs, input, out: _solve_rule(g, input, out),
    inputs=2,
)


def _solve_rule(g: Any, input: Any, out: Any) -> Any:
    grad = _solve(_transposed(input).conj(), g)
    return -product(grad, _transposed(out).conj()), grad


def _solve_samples(make: Make) -> Iterable[Sample]:
    yield Sample(well_conditioned(make, 3, 3), make(3, 2))
    yield Sample(well_conditioned(make, 3, 3), make(3))
    yield Sample(well_conditioned(make, 2, 3, 3), make(2, 3))
    yield Sample(well_conditioned(make, 2, 1, 3, 3), make(4, 3, 2))


@operator(
    "linalg.solve",
    samples=_solve_samples,
    convention=_SINGULAR,
    method=False,
    reference=lambda A, B: (
        np.linalg.solve(A, B[..., None])[..., 0]
        if B.ndim in (1, A.ndim - 1) and (B.shape == A.shape[:-1])
        else np.linalg.solve(A, B)
    ),
    formula="dB = A⁻ᵀ g,  dA = −dB Xᵀ",
)
def solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """Solutions X of ``A @ X = B``, or of ``X @ A = B``.

    Args:
        A: square matrices (..., n, n).
        B: (..., n, k); or one vector for each matrix of A: its shape is A's without the last
            dimension, or (n).
        left: whether A stands on the left of X.

    Raises:
        RuntimeError: a matrix is singular.

    Source: PyTorch, ``torch.linalg.solve``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.solve(ag.tensor([[2.0, 0.0], [0.0, 4.0]]), ag.tensor([2.0, 2.0]))
        tensor([1.0000, 0.5000])
    """
    check_square("linalg.solve", A)
    check_same_dtype("linalg.solve", A=A, B=B)
    if B.ndim == 1 or tuple(B.shape) == tuple(A.shape[:-1]):
        return solve(A, B.unsqueeze(-1), left=left).squeeze(-1) if left else _refuse_vector(B)
    if not left:
        return _transposed(solve(_transposed(A), _transposed(B)))
    return _solve(A, B)


def _refuse_vector(B: Any) -> Any:
    raise ValueError(
        f"linalg.solve: left=False needs matrices, got B {describe(B)}. Mend: B.unsqueeze(-2)"
    )


def _half_diagonal(x: Any) -> Any:
    """The lower triangle, with half the diagonal."""
    return (tril(x) + tril(x, -1)) / 2


def _cholesky_rule(g: Any, out: Any) -> Any:
    adjoint = _transposed(out).conj()
    middle = _half_diagonal(product(adjoint, g))
    whole = _solve(adjoint, _transposed(_solve(adjoint, _transposed(middle).conj())).conj())
    return (whole + _transposed(whole).conj()) / 2


_cholesky = Op(
    "linalg.cholesky",
    lambda xp, input: _lapack(
        "linalg.cholesky", lambda: xp.linalg.cholesky(input), "a matrix is not positive definite"
    ),
    {"input": _cholesky_rule},
)


def _positive(x: Any) -> Any:
    return x @ _transposed(x).conj() + np.eye(x.shape[-1])


@operator(
    "linalg.cholesky",
    method=False,
    convention="an error where the matrix is not positive definite",
    samples=lambda make: [Sample(_positive(make(3, 3))), Sample(_positive(make(2, 2, 2)))],
    # Only symmetric matrices have a factor: finite differences move both halves alike.
    reference=lambda A, upper=False: np.linalg.cholesky((A + _transposed(A)) / 2),
    formula=(
        "dA = sym(L⁻ᵀ Φ(Lᵀ g) L⁻¹),  sym(M) = (M + Mᵀ)/2,\n"
        "Φ: the lower triangle with half the diagonal"
    ),
)
@also(input="A")
def cholesky(A: Any, *, upper: bool = False) -> Any:
    """Lower triangular L with ``L @ L.mH = A``, for symmetric (Hermitian) positive definite
    matrices.

    Args:
        A: (..., n, n); of the two triangles the symmetric part is taken.
        upper: return ``L.mH`` instead.

    Raises:
        RuntimeError: a matrix is not positive definite.

    Source: PyTorch, ``torch.linalg.cholesky``; Murray, "Differentiation of the Cholesky
    decomposition" (2016).

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.cholesky(ag.tensor([[4.0, 2.0], [2.0, 2.0]]))
        tensor([[2., 0.],
                [1., 1.]])
    """
    check_square("linalg.cholesky", A)
    factor = _cholesky((A + _transposed(A).conj()) / 2)
    return _transposed(factor).conj() if upper else factor


def _cofactors(xp: Any, input: Any) -> Any:
    """The conjugate of det(A) inv(A).T by way of singular values, for singular matrices too."""
    u, s, v = xp.linalg.svd(input)
    n = s.shape[-1]
    others = xp.where(xp.eye(n, dtype=bool), 1, s[..., None, :]).prod(axis=-1)
    sign = (xp.linalg.det(u) * xp.linalg.det(v)).conj()
    return sign[..., None, None] * ((u * others[..., None, :]) @ v)


def _cofactors_rule(g: Any, input: Any, out: Any) -> Any:
    inverse = _transposed(_inv(input)).conj()
    inner = (g.conj() * out).sum((-2, -1), keepdims=True)
    return inner * inverse - product(product(out, _transposed(g).conj()), inverse)


_cofactor = Op("cofactors", _cofactors, {"input": _cofactors_rule})
_det = Op(
    "linalg.det",
    lambda xp, input: xp.linalg.det(input),
    {"input": lambda g, input: g[..., None, None] * _cofactor(input)},
)


@operator(
    "linalg.det",
    samples=_square_samples,
    reference=np.linalg.det,
    method=False,
    aliases=("det",),
    convention=SMOOTH + "; the second derivative is an error where the matrix is singular",
    formula="dA = g y A⁻ᵀ",
)
@also(input="A")
def det(A: Any) -> Any:
    """Determinants of square matrices (..., n, n); singular ones have a gradient too.

    Source: PyTorch, ``torch.linalg.det``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.det(ag.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(-2.)
    """
    return _det(check_square("linalg.det", A))


def _slogdet_rule(g: Any, input: Any, sign: Any) -> Any:
    """A real sign is constant; a complex one turns with the imaginary part of the logarithm."""
    factor = g[1] - (g[0].conj() * sign).imag * 1j if is_complex(input) else g[1]
    return factor[..., None, None] * _transposed(_inv(input)).conj()


_slogdet = Op(
    "linalg.slogdet",
    lambda xp, input: tuple(xp.linalg.slogdet(input)),
    {"input": _slogdet_rule},
    outputs=("sign", "logabsdet"),
)
slogdet_result = namedtuple("slogdet", ["sign", "logabsdet"])  # type: ignore[name-match]


@operator(
    "linalg.slogdet",
    samples=_square_samples,
    reference=np.linalg.slogdet,
    method=False,
    aliases=("slogdet",),
    convention=_SINGULAR + " (in the gradient)",
    formula="dA = g A⁻ᵀ",
)
@also(input="A")
def slogdet(A: Any) -> Any:
    """Sign and logarithm of the absolute value of determinants, without overflow.

    Args:
        A: (..., n, n).

    Returns:
        A named tuple ``(sign, logabsdet)``; sign 0 and -inf for a singular matrix.

    Source: PyTorch, ``torch.linalg.slogdet``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.slogdet(ag.tensor([[1.0, 0.0], [0.0, -1.0]]))
        slogdet(sign=tensor(-1.), logabsdet=tensor(0.))
    """
    return slogdet_result(*_slogdet(check_square("linalg.slogdet", A)))


@operator(
    "logdet",
    samples=_square_samples,
    reference=lambda x: np.log(np.linalg.det(x)),
    convention=_SINGULAR + " (in the gradient)",
)
def logdet(input: Any) -> Any:
    """Logarithm of determinants, NaN where they are negative. Source: PyTorch, ``torch.logdet``."""
    sign, logarithm = slogdet(input)
    return logarithm + log(sign)
