"""Covariances and correlations: cov, corrcoef."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.operands import check_numbers
from autograd_core.ops.clamping import clamp, clamp_min
from autograd_core.ops.complex import complex
from autograd_core.ops.matrices import mm
from autograd_core.ops.reduction import sum
from autograd_core.ops.shape import reshape, unsqueeze
from autograd_core.ops.slicing import diagonal
from autograd_core.registry import SMOOTH, Sample, operator


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
