"""The same elements in other places: flip, roll, rot90."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.layouts import copied, memory_order
from autograd_core.op import Op
from autograd_core.ops.cast import contiguous, contiguous_copy
from autograd_core.ops.dims import one_dim, shape_of, sizes, some_dims
from autograd_core.ops.shape import reshape
from autograd_core.ops.transpose import transpose
from autograd_core.registry import SMOOTH, Sample, operator

_flip = Op(
    "flip",
    forward=lambda xp, input, dims: copied(xp.flip(input, dims), memory_order(input)),
    rules={"input": lambda g, dims: _flip(g, dims)},
    keeps_order=True,
)


@operator(
    "flip",
    samples=lambda make: [
        Sample(make(2, 3), 0),
        Sample(make(2, 3), (0, -1)),
        Sample(make(2, 3), ()),
        Sample(make()),
    ],
    reference=lambda x, dims=(): np.flip(x, dims),
    convention=SMOOTH,
)
def flip(input: Any, *given: Any, dims: Any = None) -> Any:
    """The elements in reverse order along the given dimensions, a copy.

    Args:
        input: tensor.
        given: the dimensions, as numbers or one sequence; also by name, ``dims``.

    Raises:
        IndexError: one is out of range.
        ValueError: one is given twice.

    Source: PyTorch, ``torch.flip``.

    Example:
        >>> import autograd_core as ag
        >>> ag.flip(ag.tensor([1, 2, 3]), 0)
        tensor([3, 2, 1])
    """
    return _flip(
        input, some_dims("flip", sizes("flip", given if dims is None else (dims,)), input.ndim)
    )


@operator(
    "fliplr", samples=lambda make: [Sample(make(2, 3))], reference=np.fliplr, convention=SMOOTH
)
def fliplr(input: Any) -> Any:
    """The second dimension in reverse order, a copy. Source: PyTorch, ``torch.fliplr``."""
    if input.ndim < 2:
        raise ShapeError(f"fliplr: expected at least 2 dimensions, got shape {tuple(input.shape)}")
    return _flip(input, (1,))


@operator(
    "flipud", samples=lambda make: [Sample(make(2, 3))], reference=np.flipud, convention=SMOOTH
)
def flipud(input: Any) -> Any:
    """The first dimension in reverse order, a copy. Source: PyTorch, ``torch.flipud``."""
    if input.ndim < 1:
        raise ShapeError("flipud: expected at least 1 dimension, got a tensor of none")
    return _flip(input, (0,))


_roll = Op(
    "roll",
    forward=lambda xp, input, shifts, dims: xp.roll(input, shifts, dims),
    rules={"input": lambda g, shifts, dims: _roll(g, tuple(-n for n in shifts), dims)},
)


@operator(
    "roll",
    samples=lambda make: [
        Sample(make(5), 2, 0),
        Sample(make(2, 3), (1, -1), (0, 1)),
        Sample(make(2, 3), 1),
        Sample(make(2, 0), 1, 1),
    ],
    reference=lambda x, shifts, dims=None: np.roll(x, shifts, dims),
    convention=SMOOTH,
)
def roll(input: Any, shifts: Any, dims: Any = None) -> Any:
    """The elements shifted along dimensions; what falls off one end comes in at the other.

    Args:
        input: tensor.
        shifts: by how many places: a number, or one for each of ``dims``.
        dims: the dimensions; default: as if flattened.

    Raises:
        RuntimeError: there are not as many shifts as dimensions.

    Source: PyTorch, ``torch.roll``.

    Example:
        >>> import autograd_core as ag
        >>> ag.roll(ag.tensor([1, 2, 3]), 1)
        tensor([3, 1, 2])
    """
    by = tuple(shifts) if isinstance(shifts, (tuple, list)) else (shifts,)
    if dims is None or (type(dims) is tuple and not dims):
        if len(by) != 1:
            raise ShapeError(
                f"roll: {len(by)} shifts {by} without dims. Mend: one shift, or as many dims"
            )
        return reshape(_roll(reshape(input, (-1,)), by, (0,)), shape_of(input))
    along = tuple(dims) if isinstance(dims, (tuple, list)) else (dims,)
    if len(by) != len(along):
        raise ShapeError(f"roll: {len(by)} shifts {by} for {len(along)} dims {along}")
    if not input.ndim:
        raise IndexError(f"roll: dims={along} of a tensor without dimensions. Mend: no dims")
    for dim in along:
        one_dim("roll", dim, input.ndim, "dims")
    return _roll(input, by, along)


@operator(
    "rot90",
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(make(2, 3), 2),
        Sample(make(2, 3, 4), -1, (1, 2)),
        Sample(make(2, 2), 4),
    ],
    reference=lambda x, k=1, dims=(0, 1): np.rot90(x, k, dims),
    convention=SMOOTH,
)
def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """Rotated by ``k`` quarter turns in the plane of two dimensions, a copy. Source: PyTorch,
    ``torch.rot90``."""
    if len(dims) != 2:
        raise ShapeError(f"rot90: expected two dims, got {tuple(dims)}")
    first, second = some_dims("rot90", tuple(dims), input.ndim)
    if k % 4 == 0:
        return contiguous_copy(input)
    if k % 4 == 2:
        return _flip(input, (first, second))
    if k % 4 == 1:
        return contiguous(transpose(_flip(input, (second,)), first, second))
    return _flip(transpose(input, first, second), (second,))
