"""Activations that compare the values along a dimension."""

from __future__ import annotations

import warnings
from typing import Any

import autograd_core as ag
from autograd_core.tensor import Tensor


def _dimension(where: str, input: Tensor, dim: int | None) -> int:
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {where} has been deprecated. Change the call to include "
        "dim=X as an argument.",
        stacklevel=3,
    )
    return 0 if input.ndim in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """Return `exp(input)` scaled so that it sums to 1 along a dimension.

    Args:
        input: any shape.
        dim: the dimension; leaving it out is deprecated, as in PyTorch.
        dtype: convert the input to it first; optional.

    Source: PyTorch's ``torch.nn.functional.softmax``.

    Example:
        >>> import autograd_core as ag
        >>> softmax(ag.zeros(4), dim=0)
        tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    dim = _dimension("softmax", input, dim)
    return ag.softmax(input if dtype is None else input.to(dtype), dim)


def log_softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """Return `log(softmax(input))`, without overflow or loss of small values.

    Args:
        input: any shape.
        dim: the dimension; leaving it out is deprecated, as in PyTorch.
        dtype: convert the input to it first; optional.

    Source: PyTorch's ``torch.nn.functional.log_softmax``.

    Example:
        >>> import autograd_core as ag
        >>> log_softmax(ag.zeros(4), dim=0)
        tensor([-1.3863, -1.3863, -1.3863, -1.3863])
    """
    dim = _dimension("log_softmax", input, dim)
    return ag.log_softmax(input if dtype is None else input.to(dtype), dim)


def softmin(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """Return `softmax(-input)`.

    Args:
        input: any shape.
        dim: the dimension; leaving it out is deprecated, as in PyTorch.
        dtype: convert the input to it first; optional.

    Source: PyTorch's ``torch.nn.functional.softmin``.

    Example:
        >>> import autograd_core as ag
        >>> softmin(ag.zeros(2), dim=0)
        tensor([0.5000, 0.5000])
    """
    return softmax(-input, _dimension("softmin", input, dim), dtype=dtype)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Return one half of the input times the sigmoid of the other half.

    Args:
        input: any shape whose size along `dim` is even.
        dim: the dimension that is halved; default -1.

    Raises:
        ValueError: the size along `dim` is odd, or the input has no dimensions.

    Source: PyTorch's ``torch.nn.functional.glu``; Dauphin et al., "Language modeling with gated
    convolutional networks" (2017).

    Example:
        >>> import autograd_core as ag
        >>> glu(ag.tensor([1.0, 2.0, 0.0, 0.0]))
        tensor([0.5000, 1.0000])
    """
    if input.ndim == 0:
        raise ValueError("glu does not support 0-dimensional tensors")
    size = input.size(dim)
    if size % 2 != 0:
        raise ValueError(f"glu: Halving dimension must be even, but dimension {dim} is size {size}")
    first, second = input.split(size // 2, dim)
    return first * ag.sigmoid(second)
