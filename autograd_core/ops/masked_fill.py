"""Replacing elements where a mask holds, out of place: masked_fill, masked_scatter."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.operands import check_same_dtype
from autograd_core.ops.cast import contiguous
from autograd_core.ops.gather import check_mask
from autograd_core.ops.scatter import one_value
from autograd_core.ops.selection import where
from autograd_core.ops.shape import broadcast_shape, expand
from autograd_core.registry import SMOOTH, Sample, operator


@operator(
    "masked_fill",
    samples=lambda make: [
        Sample(make(2, 3), np.array([[True, False, True], [False, True, True]]), 0.5),
        Sample(make(2, 3), np.array([True, False, True]), make()),
        Sample(make(3), np.array([[True, False, True], [False, False, False]]), 0),
    ],
    reference=lambda x, mask, value: np.where(mask, value, x),
    convention=SMOOTH,
    inplace=True,
)
def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """``input`` with ``value`` where ``mask`` holds; the two broadcast.

    Args:
        input: tensor.
        mask: boolean tensor.
        value: number, or tensor of no dimensions, which gets the gradients of the places it fills.

    Raises:
        TypeError: ``mask`` is not boolean, or ``value`` cannot be stored in the dtype of ``input``.

    Source: PyTorch, ``torch.Tensor.masked_fill``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0, -2.0])
        >>> x.masked_fill(x < 0, 0)
        tensor([1., 0.])
    """
    check_mask("masked_fill", mask)
    return contiguous(where(mask, one_value("masked_fill", value, input), input))


@operator(
    "masked_scatter",
    samples=lambda make: [
        Sample(make(2, 3), np.array([[True, False, True], [False, True, True]]), make(5)),
        Sample(make(2, 3), np.array([True, False, True]), make(2, 2)),
    ],
    reference=lambda x, mask, source: _masked_scatter_reference(x, mask, source),
    convention=SMOOTH,
    inplace=True,
)
def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """``input`` with consecutive elements of ``source`` where ``mask`` holds.

    Args:
        input: tensor.
        mask: boolean tensor that broadcasts to the shape of ``input``.
        source: tensor of the dtype of ``input`` with at least as many elements as places.

    Raises:
        RuntimeError: ``source`` has too few elements.

    Source: PyTorch, ``torch.Tensor.masked_scatter``.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(3).masked_scatter(ag.tensor([True, False, True]), ag.tensor([1.0, 2.0]))
        tensor([1., 0., 2.])
    """
    check_mask("masked_scatter", mask)
    check_same_dtype("masked_scatter", input=input, source=source)
    shape = broadcast_shape("masked_scatter", tuple(input.shape), tuple(mask.shape))
    input, full = expand(input, shape), expand(mask, shape)
    count = int(full.sum())
    flat = source.reshape(-1)
    if count > flat.shape[0]:
        raise ShapeError(f"masked_scatter: {count} places, but source has {flat.shape[0]} elements")
    return contiguous(input.index_put((full,), flat[:count]))


def _masked_scatter_reference(x: Any, mask: Any, source: Any) -> Any:
    whole, full = (part.copy() for part in np.broadcast_arrays(x, mask))
    whole[full] = source.reshape(-1)[: full.sum()]
    return whole
