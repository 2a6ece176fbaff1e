"""Where elements are not zero: nonzero, argwhere. On a GPU the host waits, since the result's size
depends on values."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.registry import SMOOTH, Sample, operator


@operator(
    "nonzero",
    samples=lambda make: [
        Sample(make(2, 3) > 0),
        Sample(make(2, 3) * (make(2, 3) > 0)),
        Sample(make(0, 2)),
        Sample(make(3) > 0, as_tuple=True),
    ],
    reference=lambda x, as_tuple=False: list(np.nonzero(x)) if as_tuple else np.argwhere(x),
    convention=SMOOTH,
    differentiable=False,
)
def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not zero, in order.

    Args:
        input: tensor.
        as_tuple: False for one tensor with a row per element; True for a tuple of tensors, one per
            dimension, which
            is an index.

    Source: PyTorch, ``torch.nonzero``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nonzero(ag.tensor([0, 5, 7]))
        tensor([[1],
                [2]])
    """
    array = input._array
    xp = backend_of(array).xp
    found = xp.nonzero(array if array.ndim else array.reshape(1))
    if as_tuple:
        return tuple(TensorBase._wrap(place.astype(np.int64)) for place in found)
    rows = xp.stack(found, 1).astype(np.int64)
    return TensorBase._wrap(rows if array.ndim else rows[:, :0])


@operator(
    "argwhere",
    samples=lambda make: [Sample(make(2, 3) > 0), Sample(make(0, 2))],
    reference=np.argwhere,
    convention=SMOOTH,
    differentiable=False,
)
def argwhere(input: Any) -> Any:
    """The indices of the elements that are not zero, one row each. Source: PyTorch,
    ``torch.argwhere``."""
    return nonzero(input)
