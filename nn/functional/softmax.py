"""Activations that compare the values along a dimension."""

from __future__ import annotations

import warnings
from typing import Any

from autograd_core.ops import softmax as operators
from autograd_core.tensor import Tensor


def _dimension(where: str, input: Tensor, dim: int | None, stacklevel: int) -> int:
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {where} has been deprecated. Change the call to include "
        "dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if input.ndim in (0, 1, 3) else 1


def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """Return `exp(input)` scaled so that it sums to 1 along a dimension.

    Args:
        input: any shape.
        dim: the dimension; leaving it out is deprecated, as in PyTorch.
        _stacklevel: whose line a warning names; 3 is that of the call.
        dtype: convert the input to it first; optional.

    Source: PyTorch's ``torch.nn.functional.softmax``.

    Example:
        >>> import autograd_core as ag
        >>> softmax(ag.zeros(4), dim=0)
        tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    return operators.softmax(input, _dimension("softmax", input, dim, _stacklevel), dtype)


def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """Return `log(softmax(input))`, without overflow or loss of small values.

    Args:
        input: any shape.
        dim: the dimension; leaving it out is deprecated, as in PyTorch.
        _stacklevel: whose line a warning names; 3 is that of the call.
        dtype: convert the input to it first; optional.

    Source: PyTorch's ``torch.nn.functional.log_softmax``.

    Example:
        >>> import autograd_core as ag
        >>> log_softmax(ag.zeros(4), dim=0)
        tensor([-1.3863, -1.3863, -1.3863, -1.3863])
    """
    return operators.log_softmax(input, _dimension("log_softmax", input, dim, _stacklevel), dtype)


def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """Return `softmax(-input)`.

    Args:
        input: any shape.
        dim: the dimension; leaving it out is deprecated, as in PyTorch.
        _stacklevel: whose line a warning names; 3 is that of the call.
        dtype: convert the input to it first; optional.

    Source: PyTorch's ``torch.nn.functional.softmin``.

    Example:
        >>> import autograd_core as ag
        >>> softmin(ag.zeros(2), dim=0)
        tensor([0.5000, 0.5000])
    """
    return operators.softmin(input, _dimension("softmin", input, dim, _stacklevel), dtype)
