"""Views by strides: as_strided, unfold (windows of one dimension), as_strided_scatter."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.ops.dims import one_dim, shape_of, sizes
from autograd_core.registry import SMOOTH, Sample, operator


class Layout(NamedTuple):
    """Which elements of a flat memory a tensor shows.

    Attributes:
        size: the shape.
        stride: elements to step over for the next index, for each dimension.
        offset: the first element.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int

    def ends(self) -> tuple[int, int]:
        """The first element of the memory that is shown, and one past the last."""
        if 0 in self.size:
            return self.offset, self.offset
        steps = [(n - 1) * s for n, s in zip(self.size, self.stride)]
        low = self.offset + sum(min(s, 0) for s in steps)
        return low, self.offset + sum(max(s, 0) for s in steps) + 1

    def repeats(self) -> bool:
        """Whether an element may be shown more than once."""
        reach = 1
        for stride, n in sorted((abs(s), n) for n, s in zip(self.size, self.stride) if n > 1):
            if stride < reach:
                return True
            reach = stride * (n - 1) + reach
        return False


def _places(xp: Any, layout: Layout, start: int) -> Any:
    """Where in the memory, from ``start`` on, the elements of a layout lie."""
    places = xp.full(layout.size, layout.offset - start, np.int64)
    for d, (n, step) in enumerate(zip(layout.size, layout.stride)):
        row = [n if i == d else 1 for i in range(len(layout.size))]
        places = places + (xp.arange(n) * step).reshape(row)
    return places


def _memory(xp: Any, inner: Layout, outer: Layout) -> tuple[Any, Any, int]:
    """The places of both layouts, and the size of a memory that holds them."""
    ends = (*inner.ends(), *outer.ends())
    start = min(ends)
    return _places(xp, inner, start), _places(xp, outer, start), max(ends) - start


def _spread_and_read(xp: Any, input: Any, inner: Layout, outer: Layout) -> Any:
    own, wanted, size = _memory(xp, inner, outer)
    memory = xp.zeros(size, input.dtype)
    memory[own] = input
    return memory[wanted]


def _add_and_read(xp: Any, input: Any, inner: Layout, outer: Layout) -> Any:
    own, wanted, size = _memory(xp, inner, outer)
    memory = xp.zeros(size, input.dtype)
    backend_of(input).scatter_add(memory, (wanted,), input)
    if inner.repeats():  # an element that the input shows n times gets an nth at each
        times = xp.zeros(size, input.dtype)
        backend_of(input).scatter_add(times, (own,), xp.ones(inner.size, input.dtype))
        return memory[own] / times[own]
    return memory[own]


# Values in one layout, read in the other; and the adjoint: added up in the other, read in the one.
_read = Op(
    "as_strided_copy",
    _spread_and_read,
    {"input": lambda g, inner, outer: _add(g, inner, outer)},
)
_add = Op(
    "as_strided_backward",
    _add_and_read,
    {"input": lambda g, inner, outer: _read(g, inner, outer)},
)


def owner_of(array: Any) -> Any:
    """The array whose memory this one shows a part of."""
    while type(array.base) is type(array):
        array = array.base
    return array


def layout_of(array: Any) -> Layout:
    """How an array shows the memory of its owner."""
    size = array.itemsize
    backend = backend_of(array)
    start = 0
    if array.size:
        start = (backend.data_ptr(array) - backend.data_ptr(owner_of(array))) // size
    return Layout(tuple(array.shape), tuple(s // size for s in array.strides), start)


def _view(xp: Any, input: Any, inner: Layout, outer: Layout) -> Any:
    owner = owner_of(input)
    strided, item = xp.lib.stride_tricks.as_strided, input.itemsize
    flat = strided(owner, (owner.size,), (owner.itemsize,))
    flat = flat if flat.dtype == input.dtype else flat.view(input.dtype)
    # Another memory (a gradient that is looked at in the same way) must have the same layout.
    now = layout_of(input)
    start = now.offset + outer.offset - inner.offset
    if (
        now.stride != inner.stride
        or start < 0
        or start + outer.ends()[1] - outer.offset > flat.size
    ):
        raise ValueError(
            "the memory under this tensor has another layout than its base's. Mend: clone() first"
        )
    return strided(flat[start:], outer.size, [s * item for s in outer.stride])


_as_strided = Op(
    "as_strided",
    _view,
    {"input": lambda g, inner, outer: _add(g, inner, outer)},
    view=True,
)


def _strided_samples(make: Any) -> list[Sample]:
    return [
        Sample(make(3, 3), (2, 2), (1, 2)),
        Sample(make(3, 3), (2, 2), (1, 2), 1),
        Sample(make(6), (4, 3), (1, 1)),
        Sample(make(4), (), (), 2),
    ]


def _strided_reference(x: Any, size: Any, stride: Any, storage_offset: int = 0) -> Any:
    return x.reshape(-1)[_places(np, Layout(tuple(size), tuple(stride), storage_offset), 0)]


@operator(
    "as_strided",
    samples=_strided_samples,
    reference=_strided_reference,
    convention=SMOOTH,
)
def as_strided(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A view of the memory under a tensor by sizes and strides of one's own.

    Args:
        input: tensor.
        size: the view's sizes.
        stride: for each dimension, the elements to step over for the next index, from 0 on.
        storage_offset: the first element, counted from the start of the memory; default that of
            ``input``.

    Raises:
        RuntimeError: the view would leave the memory, or sizes and strides do not fit.

    Source: PyTorch, ``torch.as_strided``.

    Example:
        >>> import autograd_core as ag
        >>> ag.as_strided(ag.tensor([1, 2, 3, 4]), (3, 2), (1, 1))
        tensor([[1, 2],
                [2, 3],
                [3, 4]])
    """
    shape, steps = sizes("as_strided", (tuple(size),)), sizes("as_strided", (tuple(stride),))
    if len(shape) != len(steps) or min((*shape, *steps), default=0) < 0:
        raise ShapeError(
            f"as_strided: size {shape} and stride {steps} must be as many numbers, none of them "
            f"negative"
        )
    array = input._array
    inner = layout_of(array)
    offset = inner.offset if storage_offset is None else int(storage_offset)
    outer = Layout(shape, steps, offset)
    room = owner_of(array).nbytes // array.itemsize
    if offset < 0 or outer.ends()[1] > room:
        raise ShapeError(
            f"as_strided: size {shape}, stride {steps} and storage_offset {offset} reach beyond "
            f"the memory of {room} elements"
        )
    return _as_strided(input, inner, outer)


@operator(
    "as_strided_scatter",
    samples=lambda make: [
        Sample(make(3, 3), make(2, 2), (2, 2), (1, 2)),
        Sample(make(4, 4), make(2, 2), (2, 2), (4, 1), 5),
    ],
    convention=SMOOTH,
)
def as_strided_scatter(
    input: Any, src: Any, size: Any, stride: Any, storage_offset: int | None = None
) -> Any:
    """A copy of ``input`` with ``src`` where ``as_strided`` looks; arguments as there. Source:
    PyTorch, ``torch.as_strided_scatter``."""
    out = input.clone()
    target = as_strided(out, size, stride, storage_offset)
    if shape_of(target) != shape_of(src):
        raise ShapeError(
            f"as_strided_scatter: src has shape {shape_of(src)}, the view {shape_of(target)}"
        )
    target.copy_(src)
    return out


# --- windows --------------------------------------------------------------------------------------


def _windows(xp: Any, input: Any, dim: int, size: int, step: int, shape: tuple[int, ...]) -> Any:
    if not input.ndim:
        return input.reshape(1)[:size]
    strides = input.strides
    count = (shape[dim] - size) // step + 1
    return xp.lib.stride_tricks.as_strided(
        input,
        (*shape[:dim], count, *shape[dim + 1 :], size),
        (*strides[:dim], strides[dim] * step, *strides[dim + 1 :], strides[dim]),
    )


def _windows_added(
    xp: Any, input: Any, dim: int, size: int, step: int, shape: tuple[int, ...]
) -> Any:
    out = xp.zeros(shape, input.dtype)
    if not shape:
        return out + input.sum(dtype=input.dtype)
    before, count = (slice(None),) * dim, input.shape[dim]
    for k in range(size):  # the k-th elements of all windows lie apart
        out[(*before, slice(k, k + (count - 1) * step + 1, step))] += input[..., k]
    return out


_unfold = Op(
    "unfold",
    _windows,
    {"input": lambda g, dim, size, step, shape: _fold(g, dim, size, step, shape)},
    view=True,
)
_fold = Op(
    "unfold_backward",
    _windows_added,
    {"input": lambda g, dim, size, step, shape: _unfold(g, dim, size, step, shape)},
)


@operator(
    "unfold",
    samples=lambda make: [
        Sample(make(7), 0, 3, 2),
        Sample(make(2, 5), 1, 2, 1),
        Sample(make(4, 3), 0, 2, 1),
        Sample(make(), 0, 1, 1),
        Sample(make(2, 6), -1, 6, 3),
    ],
    reference=lambda x, dim, size, step: np.lib.stride_tricks.sliding_window_view(
        x if x.ndim else x.reshape(1), size, dim
    )[(*(slice(None),) * (dim % max(x.ndim, 1)), slice(None, None, step))].reshape(
        (1,) if not x.ndim else _unfolded(x.shape, dim % x.ndim, size, step)
    ),
    convention=SMOOTH,
)
def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """A view of all windows of one dimension; the new last dimension lies within a window.

    Args:
        input: tensor.
        dimension: the dimension.
        size: elements in a window.
        step: from the start of one window to that of the next.

    Raises:
        RuntimeError: a window is larger than the dimension, or ``step`` is not positive.

    Source: PyTorch, ``torch.Tensor.unfold``.

    Example:
        >>> import autograd_core as ag
        >>> ag.arange(5).unfold(0, 3, 2)
        tensor([[0, 1, 2],
                [2, 3, 4]])
    """
    dim = one_dim("unfold", dimension, input.ndim, "dimension")
    shape = shape_of(input)
    length = shape[dim] if shape else 1
    if not 0 <= size <= length:
        raise ShapeError(
            f"unfold: size must be from 0 to {length}, the size of dimension {dim}, got {size}"
        )
    if step < 1:
        raise ShapeError(f"unfold: step must be positive, got {step}")
    return _unfold(input, dim, int(size), int(step), shape)


def _unfolded(shape: tuple[int, ...], dim: int, size: int, step: int) -> tuple[int, ...]:
    return (*shape[:dim], (shape[dim] - size) // step + 1, *shape[dim + 1 :], size)


def fill_diagonal_(input: Any, fill_value: Any, wrap: bool = False) -> Any:
    """Write a number onto the main diagonal, in place.

    Args:
        input: tensor of at least two dimensions; if more, of equal sizes.
        fill_value: number.
        wrap: of a tall matrix, go on with a new diagonal after each block of a square and a row.

    Raises:
        RuntimeError: there are fewer dimensions, or sizes differ.

    Source: PyTorch, ``torch.Tensor.fill_diagonal_``.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(2, 2).fill_diagonal_(1)
        tensor([[1., 0.],
                [0., 1.]])
    """
    shape = shape_of(input)
    if len(shape) < 2:
        raise ShapeError(f"fill_diagonal_: expected at least 2 dimensions, got shape {shape}")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise ShapeError(f"fill_diagonal_: expected equal sizes, got shape {shape}")
    stride = sum(layout_of(input._array).stride)
    count = min(shape)
    if wrap and len(shape) == 2 and shape[0] > shape[1]:
        count = math.ceil(math.prod(shape) / (shape[1] + 1))
    as_strided(input, (count,), (stride,)).fill_(fill_value)
    return input
