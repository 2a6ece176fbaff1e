"""Triangles of matrices: tril, triu."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.registry import SMOOTH, Make, Sample, operator

# (CuPy's tril() and triu() turn bfloat16 into float32.)
_tril = Op(
    "tril",
    forward=lambda xp, input, diagonal: xp.tril(input, diagonal).astype(input.dtype, copy=False),
    rules={"input": lambda g, diagonal: _tril(g, diagonal)},
)

_triu = Op(
    "triu",
    forward=lambda xp, input, diagonal: xp.triu(input, diagonal).astype(input.dtype, copy=False),
    rules={"input": lambda g, diagonal: _triu(g, diagonal)},
)


def _samples(make: Make) -> list[Sample]:
    return [
        Sample(make(3, 3)),
        Sample(make(3, 4), 1),
        Sample(make(2, 3, 2), -1),
        Sample(make(0, 2)),
    ]


def _matrix(name: str, input: Any) -> Any:
    if input.ndim < 2:
        raise ShapeError(f"{name}: expected at least 2 dimensions, got shape {tuple(input.shape)}")
    return input


@operator("tril", samples=_samples, reference=np.tril, convention=SMOOTH, inplace=True)
def tril(input: Any, diagonal: int = 0) -> Any:
    """The lower triangles of matrices, zeros elsewhere.

    Args:
        input: tensor of at least two dimensions.
        diagonal: up to which diagonal, it included: 0 the main one, 1 the one above it.

    Raises:
        RuntimeError: there are fewer than two dimensions.

    Source: PyTorch, ``torch.tril``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tril(ag.ones(2, 2))
        tensor([[1., 0.],
                [1., 1.]])
    """
    return _tril(_matrix("tril", input), diagonal)


@operator("triu", samples=_samples, reference=np.triu, convention=SMOOTH, inplace=True)
def triu(input: Any, diagonal: int = 0) -> Any:
    """The upper triangles of matrices, zeros elsewhere.

    Args:
        input: tensor of at least two dimensions.
        diagonal: from which diagonal on, it included: 0 the main one, 1 the one above it.

    Raises:
        RuntimeError: there are fewer than two dimensions.

    Source: PyTorch, ``torch.triu``.

    Example:
        >>> import autograd_core as ag
        >>> ag.triu(ag.ones(2, 2))
        tensor([[1., 1.],
                [0., 1.]])
    """
    return _triu(_matrix("triu", input), diagonal)
