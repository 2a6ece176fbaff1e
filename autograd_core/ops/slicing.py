"""Views of a part: slices, select, narrow, and the diagonal with what makes matrices of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.ops.dims import one_dim, shape_of, whole
from autograd_core.registry import SMOOTH, Sample, operator

# Basic indexing: ``index`` is a tuple of integers, slices and None, with an Ellipsis, which keeps
# the result of
# NumPy's indexing a view even where it has no dimensions.
slice_view = Op(
    "slice",
    forward=lambda xp, input, index, shape: input[index],
    rules={"input": lambda g, index, shape: _into_zeros(g, index, shape)},
    view=True,
)


def _assign_into_zeros(xp: Any, input: Any, index: Any, shape: Any) -> Any:
    zeros = xp.zeros(shape, input.dtype)
    zeros[index] = input
    return zeros


_into_zeros = Op(
    "slice_backward",
    forward=_assign_into_zeros,
    rules={"input": lambda g, index, shape: slice_view(g, index, shape)},
)


def part(input: Any, dim: int, which: Any) -> Any:
    """``input`` indexed along one dimension by an integer or a slice, a view."""
    return slice_view(input, (*(slice(None),) * dim, which, ...), shape_of(input))


def select(input: Any, dim: int, index: int) -> Any:
    """The part at ``index`` of one dimension, without that dimension; a view. (The public function
    is in ``branches``.)"""
    if input.ndim == 0:
        raise IndexError("select: a tensor of no dimensions has no parts")
    dim = one_dim("select", dim, input.ndim)
    size = input.shape[dim]
    if not -size <= index < size:
        raise IndexError(
            f"select: index {index} is out of range for dimension {dim} of size {size}"
        )
    return part(input, dim, int(index))


@operator(
    "narrow",
    samples=lambda make: [
        Sample(make(4, 3), 0, 1, 2),
        Sample(make(2, 5), -1, -3, 2),
        Sample(make(3), 0, 3, 0),
    ],
    reference=lambda x, dim, start, length: np.take(
        x,
        range(
            start % max(x.shape[dim], 1) if start < 0 else start,
            (start % x.shape[dim] if start < 0 else start) + length,
        ),
        dim,
    ),
    convention=SMOOTH,
)
def narrow(input: Any, dim: int, start: int, length: int) -> Any:
    """``length`` elements of one dimension from ``start`` on; a view.

    Args:
        input: tensor.
        dim: the dimension.
        start: first index; negative ones count from the end.
        length: how many.

    Raises:
        RuntimeError: that is more than there is.

    Source: PyTorch, ``torch.narrow``.

    Example:
        >>> import autograd_core as ag
        >>> ag.narrow(ag.arange(5), 0, 1, 3)
        tensor([1, 2, 3])
    """
    dim = one_dim("narrow", dim, input.ndim)
    if not input.ndim:
        raise ShapeError("narrow: expected an input of at least one dimension, got a 0-d tensor")
    start, length = whole("narrow", start, "start"), whole("narrow", length, "length")
    size = input.shape[dim]
    if not -size <= start <= size:
        raise IndexError(
            f"narrow: start={start} is out of range for dimension {dim} of size {size}"
        )
    start += size if start < 0 else 0
    if length < 0 or start + length > size:
        raise ShapeError(
            f"narrow: {length} elements from {start} on do not fit into dimension {dim} of size "
            f"{size}"
        )
    return part(input, dim, slice(start, start + length))


def _diagonal_view(xp: Any, input: Any, offset: int, dim1: int, dim2: int, shape: Any) -> Any:
    # By strides, since the result of NumPy's own diagonal() cannot be written to.
    down, right = max(-offset, 0), max(offset, 0)
    size = max(min(input.shape[dim1] - down, input.shape[dim2] - right), 0)
    index = [slice(None)] * input.ndim
    index[dim1], index[dim2] = slice(down, down + size), slice(right, right + size)
    block = input[tuple(index)]
    keep = [d for d in range(input.ndim) if d not in (dim1, dim2)]
    return xp.lib.stride_tricks.as_strided(
        block,
        (*[block.shape[d] for d in keep], size),
        (*[block.strides[d] for d in keep], block.strides[dim1] + block.strides[dim2]),
    )


_diagonal = Op(
    "diagonal",
    forward=_diagonal_view,
    rules={
        "input": lambda g, offset, dim1, dim2, shape: _onto_diagonal(g, offset, dim1, dim2, shape)
    },
    view=True,
)


def _diagonal_into_zeros(xp: Any, input: Any, offset: int, dim1: int, dim2: int, shape: Any) -> Any:
    zeros = xp.zeros(shape, input.dtype)
    _diagonal_view(xp, zeros, offset, dim1, dim2, shape)[...] = input
    return zeros


_onto_diagonal = Op(
    "diagonal_backward",
    forward=_diagonal_into_zeros,
    rules={"input": lambda g, offset, dim1, dim2, shape: _diagonal(g, offset, dim1, dim2, shape)},
)


@operator(
    "diagonal",
    samples=lambda make: [
        Sample(make(3, 3)),
        Sample(make(3, 4), 1),
        Sample(make(3, 4), -1),
        Sample(make(2, 3, 4), 0, 0, -1),
        Sample(make(2, 3), 5),
    ],
    reference=lambda x, offset=0, dim1=0, dim2=1: np.diagonal(x, offset, dim1, dim2),
    convention=SMOOTH,
)
def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """A view of the diagonal of two dimensions, which stands last in the result.

    Args:
        input: tensor of at least two dimensions.
        offset: above the main diagonal if positive, below if negative.
        dim1, dim2: the two dimensions.

    Raises:
        RuntimeError: they are the same.
        IndexError: one is out of range.

    Source: PyTorch, ``torch.diagonal``.

    Example:
        >>> import autograd_core as ag
        >>> ag.diagonal(ag.tensor([[1, 2], [3, 4]]))
        tensor([1, 4])
    """
    first, second = (
        one_dim("diagonal", dim1, input.ndim, "dim1"),
        one_dim("diagonal", dim2, input.ndim, "dim2"),
    )
    if first == second:
        raise ShapeError(
            f"diagonal: dim1={dim1} and dim2={dim2} are the same dimension of shape "
            f"{tuple(input.shape)}"
        )
    return _diagonal(input, int(offset), first, second, shape_of(input))


def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The last dimension as a diagonal of two new ones, zeros elsewhere. Source: PyTorch,
    ``torch.diag_embed``."""
    ndim, size = input.ndim + 1, input.shape[-1] + abs(offset)
    first, second = (
        one_dim("diag_embed", dim1, ndim, "dim1"),
        one_dim("diag_embed", dim2, ndim, "dim2"),
    )
    if first == second:
        raise ShapeError(f"diag_embed: dim1={dim1} and dim2={dim2} are the same dimension")
    rest = iter(input.shape[:-1])
    shape = tuple(size if d in (first, second) else next(rest) for d in range(ndim))
    return _onto_diagonal(input, int(offset), first, second, shape)


operator(
    "diag_embed",
    samples=lambda make: [Sample(make(2, 3)), Sample(make(3), 1), Sample(make(2, 3), -1, 0, 2)],
    convention=SMOOTH,
)(diag_embed)


@operator(
    "diag",
    samples=lambda make: [
        Sample(make(3)),
        Sample(make(3), -1),
        Sample(make(3, 4)),
        Sample(make(3, 4), 1),
    ],
    reference=np.diag,
    convention=SMOOTH,
)
def diag(input: Any, diagonal: int = 0) -> Any:
    """A matrix with ``input`` on a diagonal; or, of a matrix, a copy of the diagonal.

    Raises:
        RuntimeError: ``input`` has neither one nor two dimensions.

    Source: PyTorch, ``torch.diag``.

    Example:
        >>> import autograd_core as ag
        >>> ag.diag(ag.tensor([1, 2]))
        tensor([[1, 0],
                [0, 2]])
    """
    if input.ndim not in (1, 2):
        raise ShapeError(
            f"diag: expected 1 or 2 dimensions, got shape {tuple(input.shape)}. Mend: diag_embed, "
            f"diagonal"
        )
    if input.ndim == 1:
        return diag_embed(input, diagonal)
    return _diagonal(input, int(diagonal), 0, 1, shape_of(input)).clone()
