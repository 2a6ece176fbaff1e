"""A part put into a whole: select_scatter, slice_scatter, diagonal_scatter, block_diag, fill."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.op import Op, promote
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.scatter import one_value
from autograd_core.ops.selection import where
from autograd_core.ops.slicing import diag_embed, diagonal, part, select, slice_view
from autograd_core.ops.splitting import at_least
from autograd_core.registry import SMOOTH, Sample, operator


def _replaced(name: str, input: Any, src: Any, look: Any) -> Any:
    """A copy of ``input`` in which ``src`` is written to the view that ``look`` takes."""
    out = input.clone()
    target = look(out)
    if shape_of(target) != shape_of(src):
        raise ShapeError(
            f"{name}: src must have shape {shape_of(target)}, that of the part, got {shape_of(src)}"
        )
    target.copy_(src)
    return out


def _scatter_reference(look: Any) -> Any:
    def reference(x: Any, src: Any, *args: Any) -> Any:
        out = x.copy()
        look(out, *args)[...] = src
        return out

    return reference


@operator(
    "select_scatter",
    samples=lambda make: [
        Sample(make(2, 3), make(2), 1, -1),
        Sample(make(2, 3, 2), make(3, 2), 0, 1),
        Sample(make(3), make(), 0, 2),
    ],
    reference=_scatter_reference(lambda x, dim, index: np.moveaxis(x, dim, 0)[index, ...]),
    convention=SMOOTH,
)
def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """A copy of ``input`` with ``src`` at ``index`` of one dimension.

    Args:
        input: tensor.
        src: tensor of the shape of ``input`` without the dimension.
        dim: the dimension.
        index: the place along it; negative ones count from the end.

    Raises:
        RuntimeError: ``src`` has another shape.
        IndexError: ``dim`` or ``index`` is out of range.

    Source: PyTorch, ``torch.select_scatter``.

    Example:
        >>> import autograd_core as ag
        >>> ag.select_scatter(ag.zeros(2, 2), ag.ones(2), 0, 1)
        tensor([[0., 0.],
                [1., 1.]])
    """
    return _replaced("select_scatter", input, src, lambda x: select(x, dim, index))


@operator(
    "slice_scatter",
    samples=lambda make: [
        Sample(make(5, 2), make(2, 2), 0, 1, 3),
        Sample(make(2, 5), make(2, 3), 1, 0, 5, 2),
        Sample(make(4), make(2), 0, -2),
    ],
    reference=_scatter_reference(
        lambda x, dim=0, start=None, end=None, step=1: np.moveaxis(
            np.moveaxis(x, dim, 0)[start:end:step], 0, dim
        )
    ),
    convention=SMOOTH,
)
def slice_scatter(
    input: Any,
    src: Any,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Any:
    """A copy of ``input`` with ``src`` in a slice of one dimension.

    Args:
        input: tensor.
        src: tensor of the shape of that slice.
        dim: the dimension.
        start, end, step: the slice, as in Python; ``step`` is positive.

    Raises:
        RuntimeError: ``src`` has another shape.

    Source: PyTorch, ``torch.slice_scatter``.

    Example:
        >>> import autograd_core as ag
        >>> ag.slice_scatter(ag.zeros(4), ag.ones(2), 0, 1, 3)
        tensor([0., 1., 1., 0.])
    """
    if step < 1:
        raise ShapeError(f"slice_scatter: step must be positive, got {step}")
    dim = one_dim("slice_scatter", dim, input.ndim)
    which = slice(start, end, step)
    return _replaced("slice_scatter", input, src, lambda x: part(x, dim, which))


@operator(
    "diagonal_scatter",
    samples=lambda make: [
        Sample(make(3, 3), make(3)),
        Sample(make(3, 4), make(3), 1),
        Sample(make(2, 3, 4), make(3, 2), 0, 0, -1),
    ],
    convention=SMOOTH,
)
def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """A copy of ``input`` with ``src`` on a diagonal; arguments as for :func:`diagonal`. Source:
    PyTorch, ``torch.diagonal_scatter``.

    Example:
        >>> import autograd_core as ag
        >>> ag.diagonal_scatter(ag.zeros(2, 2), ag.ones(2))
        tensor([[1., 0.],
                [0., 1.]])
    """
    return _replaced("diagonal_scatter", input, src, lambda x: diagonal(x, offset, dim1, dim2))


def _blocks(xp: Any, tensors: Any, places: Any, shape: tuple[int, int]) -> Any:
    out = xp.zeros(shape, tensors[0].dtype)
    for block, place in zip(tensors, places):
        out[place] = block
    return out


_block_diag = Op(
    "block_diag",
    _blocks,
    joint=lambda g, needs, places, shape: tuple(
        [slice_view(g, place, shape) if need else None for place, need in zip(places, needs)]
    ),
    variadic=True,
)


def _block_reference(*blocks: Any) -> Any:
    blocks = tuple(np.atleast_2d(b) for b in blocks)
    out = np.zeros(np.sum([b.shape for b in blocks], 0))
    row = column = 0
    for b in blocks:
        out[row : row + b.shape[0], column : column + b.shape[1]] = b
        row, column = row + b.shape[0], column + b.shape[1]
    return out


@operator(
    "block_diag",
    samples=lambda make: [
        Sample(make(2, 3), make(1, 2)),
        Sample(make(3), make(), make(2, 2)),
        Sample(make(2, 2)),
        Sample(make(0, 2), make(1, 1)),
    ],
    reference=_block_reference,
    convention=SMOOTH,
    method=False,
)
def block_diag(*tensors: Any) -> Any:
    """The tensors as blocks along the diagonal of a matrix, zeros elsewhere.

    Args:
        tensors: tensors of at most two dimensions, vectors as rows; they promote to one dtype.

    Raises:
        RuntimeError: one has more dimensions, or there is none.

    Source: PyTorch, ``torch.block_diag``.

    Example:
        >>> import autograd_core as ag
        >>> ag.block_diag(ag.tensor([[1, 2]]), ag.tensor(3))
        tensor([[1, 2, 0],
                [0, 0, 3]])
    """
    if not tensors or any(t.ndim > 2 for t in tensors):
        raise ShapeError(
            f"block_diag: expected tensors of at most 2 dimensions, got shapes "
            f"{[tuple(t.shape) for t in tensors]}"
        )
    blocks = [at_least(2, t) for t in promote("block_diag", *tensors)]
    places, row, column = [], 0, 0
    for block in blocks:
        below, right = row + block.shape[0], column + block.shape[1]
        places.append((slice(row, below), slice(column, right)))
        row, column = below, right
    return _block_diag(blocks, tuple(places), (row, column))


@operator(
    "diagflat",
    samples=lambda make: [
        Sample(make(3)),
        Sample(make(2, 2)),
        Sample(make(2), 1),
        Sample(make(2), -2),
        Sample(make()),
    ],
    reference=np.diagflat,
    convention=SMOOTH,
)
def diagflat(input: Any, offset: int = 0) -> Any:
    """All elements on a diagonal of a matrix, zeros elsewhere. Source: PyTorch,
    ``torch.diagflat``."""
    return diag_embed(input.reshape(-1), offset)


@operator(
    "fill",
    samples=lambda make: [Sample(make(2, 3), 0.5), Sample(make(3), make()), Sample(make(), 1)],
    reference=lambda x, value: np.full(x.shape, value),
    convention=SMOOTH,
    method=False,
)
def fill(input: Any, value: Any) -> Any:
    """``value`` in the shape, dtype and device of ``input``, whose own values have no influence.

    Args:
        input: tensor.
        value: number, or tensor of no dimensions, which gets all gradients.

    Source: PyTorch, ``torch.fill``.

    Example:
        >>> import autograd_core as ag
        >>> ag.fill(ag.zeros(2), 3)
        tensor([3., 3.])
    """
    everywhere = TensorBase._wrap(backend_of(input._array).xp.ones(input.shape, bool))
    return where(everywhere, one_value("fill", value, input), input)
