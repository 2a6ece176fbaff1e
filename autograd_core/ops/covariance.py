"""Covariances and distances, made of other operators: cov, corrcoef, dist, renorm, msort."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.operands import check_numbers
from autograd_core.ops.clamping import clamp, clamp_min
from autograd_core.ops.complex import complex
from autograd_core.ops.dims import one_dim
from autograd_core.ops.matrices import mm
from autograd_core.ops.norms import vector_norm
from autograd_core.ops.reduction import sum
from autograd_core.ops.selection import where
from autograd_core.ops.shape import reshape, unsqueeze
from autograd_core.ops.slicing import diagonal
from autograd_core.ops.sorting import sort
from autograd_core.registry import SMOOTH, At, Sample, operator


def _weights(name: str, weights: Any, count: int, whole: bool) -> Any:
    if weights is None:
        return None
    if weights.ndim > 1 or weights.numel() != count:
        raise ShapeError(
            f"cov: {name} must have one weight for each of {count} observations, got shape "
            f"{tuple(weights.shape)}"
        )
    if whole == (weights.dtype.is_floating_point or weights.dtype.is_complex):
        kind = "integers" if whole else "floating-point numbers"
        raise RuntimeError(f"cov: {name} must be {kind}, got {weights.dtype}")
    if bool((weights < 0).any()):
        raise RuntimeError(f"cov: {name} must not be negative")
    return weights


@operator(
    "cov",
    samples=lambda make: [
        Sample(make(3, 5)),
        Sample(make(5)),
        Sample(make(3, 5), correction=0, fweights=np.array([1, 2, 1, 3, 1])),
        Sample(make(2, 4), aweights=np.array([0.5, 1.0, 2.0, 1.5])),
    ],
    reference=lambda x, correction=1, fweights=None, aweights=None: np.cov(
        x, ddof=correction, fweights=fweights, aweights=aweights
    ),
    convention=SMOOTH,
)
def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariances of variables, which are the rows of a matrix; observations are its columns.

    Args:
        input: matrix, or vector for one variable.
        correction: the sum of products is divided by the number of observations minus this.
        fweights: integers, how often each observation was made.
        aweights: floating-point numbers, how much each observation counts.

    Raises:
        RuntimeError: ``input`` has more than two dimensions, or the weights do not fit.

    Source: PyTorch, ``torch.cov``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cov(ag.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
        tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    if input.ndim > 2:
        raise ShapeError(f"cov: expected at most 2 dimensions, got shape {tuple(input.shape)}")
    check_numbers("cov", input)
    x = reshape(input, (1, -1)) if input.ndim < 2 else input
    count = x.shape[1]
    often = _weights("fweights", fweights, count, True)
    weights = _weights("aweights", aweights, count, False)
    both = often if weights is None else weights if often is None else often * weights
    total = count if both is None else both.sum()
    mean = sum(x if both is None else x * both, 1) / total
    norm = total - correction
    if weights is not None and correction != 0:
        norm = total - correction * (both * weights).sum() / total
    norm = max(norm, 0) if both is None else clamp_min(norm, 0)
    x = x - unsqueeze(mean, 1)
    product = mm(x, (x if both is None else (x * both).to(x.dtype)).t().conj())
    return (product / norm).squeeze()


@operator(
    "corrcoef",
    samples=lambda make: [Sample(make(3, 5)), Sample(make(5)), Sample(make(2, 3))],
    reference=np.corrcoef,
    convention=SMOOTH,
)
def corrcoef(input: Any) -> Any:
    """The correlation coefficients of variables, which are the rows of a matrix. Source: PyTorch,
    ``torch.corrcoef``.

    Example:
        >>> import autograd_core as ag
        >>> ag.corrcoef(ag.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
        tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    if input.ndim > 2:
        raise ShapeError(f"corrcoef: expected at most 2 dimensions, got shape {tuple(input.shape)}")
    c = cov(input)
    if c.ndim == 0:
        return c / c
    spread = diagonal(c)
    spread = (spread.real if c.is_complex() else spread).sqrt()
    c = c / reshape(spread, (-1, 1)) / reshape(spread, (1, -1))
    if c.is_complex():
        return complex(clamp(c.real, -1, 1), clamp(c.imag, -1, 1))
    return clamp(c, -1, 1)


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


def _renorm_reference(x: Any, p: float, dim: int, maxnorm: float) -> Any:
    rows = np.moveaxis(x, dim, 0).reshape(x.shape[dim], -1)
    norms = np.linalg.norm(rows, p, axis=1)
    factors = np.where(norms > maxnorm, maxnorm / (norms + 1e-7), 1)
    return x * factors.reshape([-1 if d == dim % x.ndim else 1 for d in range(x.ndim)])


@operator(
    "renorm",
    samples=lambda make: [
        Sample(make(3, 4), 2, 0, 1.5),
        Sample(make(2, 3, 2), 1, -1, 2.0),
        Sample(make(3, 4), float("inf"), 1, 1.0),
    ],
    reference=_renorm_reference,
    convention=SMOOTH + "; at the bound as below it",
    inplace=True,
)
def renorm(input: Any, p: float, dim: int, maxnorm: float) -> Any:
    """The parts along ``dim``, those whose ``p``-norm is larger than ``maxnorm`` scaled down to it.

    Args:
        input: floating-point or complex tensor of at least two dimensions.
        p: which norm, a positive number.
        dim: the dimension that counts the parts.
        maxnorm: the largest norm that stays as it is, not negative.

    Raises:
        RuntimeError: there are fewer dimensions, ``p`` is not positive or ``maxnorm`` negative.

    Source: PyTorch, ``torch.renorm``.

    Example:
        >>> import autograd_core as ag
        >>> ag.renorm(ag.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1)
        tensor([[0.6000, 0.8000],
                [0.3000, 0.4000]])
    """
    if input.ndim < 2:
        raise ShapeError(f"renorm: expected at least 2 dimensions, got shape {tuple(input.shape)}")
    if not p > 0 or not maxnorm >= 0:
        raise RuntimeError(f"renorm: expected p > 0 and maxnorm >= 0, got p={p}, maxnorm={maxnorm}")
    dim = one_dim("renorm", dim, input.ndim)
    rest = tuple(d for d in range(input.ndim) if d != dim)
    norm = vector_norm(input, p, rest, keepdim=True)
    return input * where(norm > maxnorm, maxnorm / (norm + 1e-7), 1)


@operator(
    "msort",
    samples=lambda make: [Sample(make(5)), Sample(make(4, 3)), Sample(make()), Sample(make(0, 2))],
    reference=lambda x: np.sort(x, 0) if x.ndim else x,
    convention=SMOOTH + "; among equal elements the earlier counts as smaller",
)
def msort(input: Any) -> Any:
    """The elements in order along the first dimension. Source: PyTorch, ``torch.msort``."""
    return sort(input, 0).values
