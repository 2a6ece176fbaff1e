"""renorm: the parts of a tensor, scaled down to a given norm."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.ops.cast import contiguous
from autograd_core.ops.dims import one_dim
from autograd_core.ops.norms import vector_norm
from autograd_core.ops.selection import where
from autograd_core.registry import SMOOTH, Sample, operator


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
    return contiguous(input * where(norm > maxnorm, maxnorm / (norm + 1e-7), 1))
