"""Norms of vectors, of matrices and of differences; and logsumexp."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

from autograd_core.keywords import also
from autograd_core.op import Op
from autograd_core.operands import check_inexact
from autograd_core.ops.arithmetic import abs as absolute
from autograd_core.ops.arithmetic import sgn
from autograd_core.ops.cast import as_float
from autograd_core.ops.constants import zeros
from autograd_core.ops.decompositions_svd import svdvals
from autograd_core.ops.dims import shape_of, some_dims
from autograd_core.ops.explog import exp
from autograd_core.ops.extremes import amax, amin
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.reduction import (
    keep,
    kept_shape,
    reduced_dims,
)
from autograd_core.ops.selection import only, where
from autograd_core.ops.shape import reshape
from autograd_core.ops.transpose import movedim
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _norm_forward(
    xp: Any, input: Any, shape: Any, dims: tuple[int, ...], keepdim: bool, p: float
) -> Any:
    x = widen(input)
    if p != 2 or x.dtype.kind == "c":  # else the square does it
        x = xp.abs(x)
    if p == 2:
        out = xp.sqrt((x * x).sum(axis=dims, keepdims=keepdim))
    elif p == 1:
        out = x.sum(axis=dims, keepdims=keepdim)
    elif p == 0:
        out = (x != 0).sum(axis=dims, keepdims=keepdim).astype(x.dtype)
    elif math.isinf(p):
        out = (x.max if p > 0 else x.min)(axis=dims, keepdims=keepdim)
    else:
        out = (x**p).sum(axis=dims, keepdims=keepdim) ** (1.0 / p)
    return out.astype(input.dtype) if is_half(input.dtype) else out


def _norm_rule(g: Any, input: Any, out: Any, shape: Any, dims: Any, keepdim: bool, p: float) -> Any:
    """0 where the norm is 0; the largest elements share equally if p is infinite."""
    if p == 0:
        return zeros(input)
    g, out = keep(g, shape, dims, keepdim), keep(out, shape, dims, keepdim)
    if p == 1:
        return g * sgn(input)
    if math.isinf(p):
        size = absolute(input)
        attained = (size == out) | ((size != size) & (out != out))
        return sgn(input) * only(attained, g / attained.sum(dims, keepdims=True))
    zero = out == 0
    if p == 2:
        return input * only(~zero, g / (out + zero))
    size = absolute(input)
    nothing = size == 0
    part = only(~(nothing | zero), ((size + nothing) / (out + zero)) ** (p - 1))
    return sgn(input) * (part * g)


_vector_norm = Op("linalg_vector_norm", _norm_forward, {"input": _norm_rule})


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 3, 4), 1, (0, -1))
    yield Sample(make(2, 3), 3.5, dim=1, keepdim=True)
    yield Sample(make(2, 3), math.inf, dim=0)
    yield Sample(make(2, 3), -math.inf, dim=0)
    yield Sample(make(4), 0)
    yield Sample(make())


def _reference(x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False) -> Any:
    if math.isinf(ord):
        return (np.max if ord > 0 else np.min)(abs(x), dim, keepdims=keepdim)
    if ord == 0:
        return np.sum(x != 0, dim, keepdims=keepdim).astype(float)
    return np.sum(abs(x) ** ord, dim, keepdims=keepdim) ** (1 / ord)


@operator(
    "linalg.vector_norm",
    samples=_samples,
    reference=_reference,
    method=False,
    convention="0 where the norm is 0; for infinite ord, elements that tie share equally",
    kinks=[
        At((np.array([0.0, 0.0]),), (np.array([0.0, 0.0]),)),
        At((np.array([0.0, 0.0]), 1), (np.array([0.0, 0.0]),)),
        At((np.array([0.0, 0.0]), 0.5), (np.array([0.0, 0.0]),)),
        At((np.array([0.0, 2.0]), -1), (np.array([0.0, 0.0]),)),
        At((np.array([2.0, -2.0]), math.inf), (np.array([0.5, -0.5]),)),
    ],
    formula="dx = g x |x|^(p−2) / y^(p−1)",
)
@also(input="x")
def vector_norm(
    x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """Vector norm of all elements, or along dimensions.

    Args:
        x: floating-point or complex tensor.
        ord: 2 is the Euclidean length, 1 the sum of absolute values, inf (-inf) the largest
            (smallest) of them, 0 how many are not 0; other numbers ``sum(abs(x)**ord)**(1/ord)``.
        dim: dimension or dimensions; default all.
        keepdim: keep them with size 1.
        dtype: cast to this first.

    Source: PyTorch, ``torch.linalg.vector_norm``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.vector_norm(ag.tensor([3.0, 4.0]))
        tensor(5.)
    """
    x = x if dtype is None else x.to(dtype)
    check_inexact("linalg.vector_norm", x, "x")
    if not isinstance(ord, Real):
        raise TypeError(f"linalg.vector_norm: ord must be a number, got {ord!r}")
    dims = reduced_dims("linalg.vector_norm", x, dim)
    if (ord < 0 or math.isinf(ord)) and any(x.shape[d] == 0 for d in dims):
        raise RuntimeError(
            f"linalg.vector_norm: ord={ord} of no elements (shape {tuple(x.shape)}) is undefined"
        )
    if ord != 0 and all(x.shape[d] == 1 for d in dims):
        ord = 1  # (any norm of one number is its absolute value, without powers and roots)
    return _vector_norm(x, tuple(x.shape), dims, keepdim, float(ord))


@operator(
    "norm",
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(make(2, 3), 1, 1),
        Sample(make(2, 3), 3.0, (0, 1), True),
    ],
    reference=lambda x, p=2, dim=None, keepdim=False: _reference(x, p, dim, keepdim),
    convention="0 where the norm is 0",
)
def norm(
    input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    """Vector norm with PyTorch's older signature; ``"fro"`` is the Euclidean norm. See
    ``linalg.vector_norm``.

    Source: PyTorch, ``torch.norm``.

    Example:
        >>> import autograd_core as ag
        >>> ag.norm(ag.tensor([3.0, 4.0]))
        tensor(5.)
    """
    if p == "nuc":
        return matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


_MATRIX_ORDS = ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)


@operator(
    "linalg.matrix_norm",
    method=False,
    convention="0 where the norm is 0; rows or columns that tie share equally",
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(make(2, 3), 1),
        Sample(make(2, 2, 3), -math.inf, keepdim=True),
        Sample(make(2, 3, 4), "fro", (0, 2)),
        Sample(make(3, 2), 2),
        Sample(make(2, 2, 3), "nuc", keepdim=True),
    ],
    reference=lambda A, ord="fro", dim=(-2, -1), keepdim=False: np.linalg.norm(
        A, ord, dim, keepdim
    ),
)
@also(input="A")
def matrix_norm(
    A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """Norm of matrices.

    Args:
        A: (..., n, m).
        ord: ``"fro"`` is the root of the sum of squares; 1 and -1 the largest and smallest sum of a
            column's absolute values, inf and -inf of a row's; 2 and -2 the largest and smallest
            singular value, ``"nuc"`` the sum of them.
        dim: the dimensions of rows and columns.
        keepdim: keep them with size 1.
        dtype: cast to this first.

    Source: PyTorch, ``torch.linalg.matrix_norm``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.matrix_norm(ag.tensor([[1.0, -2.0], [3.0, 4.0]]), 1)
        tensor(6.)
    """
    if ord not in _MATRIX_ORDS:
        raise ValueError(f"linalg.matrix_norm: ord must be one of {_MATRIX_ORDS}, got {ord!r}")
    A = A if dtype is None else A.to(dtype)
    dims = some_dims("linalg.matrix_norm", tuple(dim), A.ndim)
    if len(dims) != 2:
        raise ValueError(f"linalg.matrix_norm: dim must be two different dimensions, got {dim}")
    if ord == "fro":
        return vector_norm(A, 2, dims, keepdim)
    if ord in ("nuc", 2, -2):
        values = svdvals(movedim(A, dims, (-2, -1)))
        out = values.sum(-1) if ord == "nuc" else _extreme(values, -1, ord, False)
        return reshape(out, kept_shape(shape_of(A), dims)) if keepdim else out
    over, along = dims if abs(ord) == 1 else dims[::-1]
    sums = absolute(A).sum(over, True)
    out = _extreme(sums, along, ord, True)
    return out if keepdim else out.squeeze(dims)


def _extreme(values: Any, dim: int, ord: Any, keepdim: bool) -> Any:
    """The largest for a positive order, 0 if there is none; else the smallest."""
    if ord > 0:
        return amax(values, dim, keepdim) if values.shape[dim] else values.sum(dim, keepdim)
    return amin(values, dim, keepdim)


@operator(
    "linalg.norm",
    method=False,
    convention="0 where the norm is 0",
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(make(4), 3),
        Sample(make(2, 3), 1),
        Sample(make(2, 3), 2, 1, True),
    ],
    reference=lambda A, ord=None, dim=None, keepdim=False: np.linalg.norm(A, ord, dim, keepdim),
)
@also(input="A")
def linalg_norm(
    A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """Norm of vectors or matrices.

    Args:
        A: tensor.
        ord: as for ``vector_norm`` or ``matrix_norm``; None is the Euclidean norm of all elements.
        dim: one dimension for vectors, two for matrices; default all of A, which must be 1-d or 2-d
            if ord is given.
        keepdim: keep them with size 1.
        dtype: cast to this first.

    Source: PyTorch, ``torch.linalg.norm``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.norm(ag.tensor([3.0, 4.0]))
        tensor(5.)
    """
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if dim is None:
        if A.ndim not in (1, 2):
            raise RuntimeError(
                f"linalg.norm: with ord but without dim, A must be 1-d or 2-d, got {A.ndim}-d"
            )
        dim = tuple(range(A.ndim))
    if isinstance(dim, (tuple, list)) and len(dim) == 2:
        return matrix_norm(A, ord, dim, keepdim, dtype=dtype)
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


def _logsumexp_forward(
    xp: Any, input: Any, shape: Any, dims: tuple[int, ...], keepdim: bool
) -> Any:
    x = widen(input)
    if not x.size:
        out = xp.log(x.sum(axis=dims, keepdims=keepdim))
    else:
        top = x.real.max(axis=dims, keepdims=True)
        top = xp.where(xp.isfinite(top), top, 0)
        out = xp.log(xp.exp(x - top).sum(axis=dims, keepdims=True)) + top
        out = out if keepdim else out.squeeze(axis=dims)
    return out.astype(input.dtype) if is_half(input.dtype) else out


def _logsumexp_rule(
    g: Any, input: Any, out: Any, shape: Any, dims: tuple[int, ...], keepdim: bool
) -> Any:
    out = keep(out, shape, dims, keepdim)
    nothing = out == -math.inf
    count = math.prod([shape[d] for d in dims])
    logs = where(nothing, -math.log(max(count, 1)), input - where(nothing, 0, out))
    return keep(g, shape, dims, keepdim) * exp(logs)


_logsumexp = Op("logsumexp", _logsumexp_forward, {"input": _logsumexp_rule}, holomorphic=True)


def _logsumexp_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), 1)
    yield Sample(make(2, 3, 4), (0, -1), keepdim=True)
    yield Sample(make(), 0)
    yield Sample(make(3, 4).T, 0)
    yield Sample(make(0, 3), 1)


@operator(
    "logsumexp",
    samples=_logsumexp_samples,
    aliases=("special.logsumexp",),
    reference=lambda x, dim, keepdim=False: np.log(
        np.exp(x).sum(dim if x.ndim else None, keepdims=keepdim)
    ),
    convention=SMOOTH + "; all -inf share equally, where PyTorch has NaN",
    kinks=[At((np.array([-math.inf, -math.inf]), 0), (np.array([0.5, 0.5]),))],
    formula="dx = g exp(x − y)",
)
def logsumexp(input: Any, dim: Any, keepdim: bool = False, *, axis: Any = None) -> Any:
    """Logarithm of the sum of exponentials along dimensions, without overflow.

    Args:
        input: tensor; integers are computed in the default float dtype.
        dim: dimension or dimensions.
        keepdim: keep them with size 1.

    Source: PyTorch, ``torch.logsumexp``.

    Example:
        >>> import autograd_core as ag
        >>> ag.logsumexp(ag.tensor([0.0, 0.0]), 0)
        tensor(0.6931)
    """
    input = as_float(input)
    return _logsumexp(
        input, tuple(input.shape), reduced_dims("logsumexp", input, dim, axis), keepdim
    )


@operator(
    "dist",
    samples=lambda make: [
        Sample(make(2, 3), make(2, 3)),
        Sample(make(3), make(2, 3), 1),
        Sample(make(2, 3), make(2, 3), 3.0),
        Sample(make(3), make(3), float("inf")),
    ],
    reference=lambda x, y, p=2: np.linalg.norm(np.ravel(x - y), p),
    convention="0 where the two are equal; for p=inf the largest distances share equally",
    kinks=[At((np.array([1.0, 2.0]), np.array([1.0, 2.0])), (np.zeros(2), np.zeros(2)))],
)
def dist(input: Any, other: Any, p: float = 2) -> Any:
    """The ``p``-norm of ``input - other``, over all elements. Source: PyTorch, ``torch.dist``.

    Example:
        >>> import autograd_core as ag
        >>> ag.dist(ag.tensor([3.0, 0.0]), ag.tensor([0.0, 4.0]))
        tensor(5.)
    """
    return vector_norm(input - other, p)
