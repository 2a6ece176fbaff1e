"""Tensors made of several, and several made of one: cat, stack, split, chunk, unbind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, as_view
from autograd_core.errors import ShapeError
from autograd_core.keywords import also
from autograd_core.messages import describe
from autograd_core.op import Op, promote
from autograd_core.operands import put
from autograd_core.ops.dims import is_whole, one_dim, shape_of
from autograd_core.ops.shape import reshape
from autograd_core.ops.slicing import part, slice_view
from autograd_core.registry import SMOOTH, Sample, operator


def _stack_forward(xp: Any, tensors: Sequence[Any], dim: int) -> Any:
    shape = tensors[0].shape
    wide = (*shape[:dim], 1, *shape[dim:])
    return xp.concatenate([t.reshape(wide) for t in tensors], dim)


_cat = Op(
    "cat",
    forward=lambda xp, tensors, dim, places: xp.concatenate(tensors, dim),
    joint=lambda g, needs, dim, places: _split(g, dim, places),
    variadic=True,
)

_stack = Op(
    "stack",
    forward=_stack_forward,
    joint=lambda g, needs, dim: _unbind(g, dim),
    variadic=True,
)


def same_dtype(name: str, tensors: Any) -> list[Any]:
    """The tensors, of one dtype."""
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(
            f"{name}: expected a list or tuple of tensors, got {type(tensors).__name__}"
        )
    if not tensors:
        raise ShapeError(f"{name}: expected at least one tensor, got an empty list")
    arrays = [t._array if isinstance(t, TensorBase) else t for t in tensors]
    try:
        same = [a.dtype for a in arrays].count(arrays[0].dtype) == len(arrays)
    except AttributeError:
        kinds = ", ".join(type(t).__name__ for t in tensors)
        raise TypeError(f"{name}: expected a list of tensors, got {kinds}") from None
    return list(tensors) if same else promote(name, *tensors)


def _same_but(name: str, tensors: Sequence[Any], dim: int | None) -> None:
    """Refuse tensors whose shapes differ elsewhere than in dimension ``dim``."""
    first = shape_of(tensors[0])
    for i, tensor in enumerate(tensors):
        shape = shape_of(tensor)
        if shape != first and (
            len(shape) != len(first)
            or any(a != b and d != dim for d, (a, b) in enumerate(zip(shape, first)))
        ):
            where = "" if dim is None else f" but for dimension {dim}"
            raise ShapeError(
                f"{name}: expected tensors of equal shape{where}, got {first} and {shape}; "
                f"operand 1: {describe(tensors[0])}; operand {i + 1}: {describe(tensor)}"
            )


@operator(
    "cat",
    samples=lambda make: [
        Sample([make(2, 3), make(1, 3)]),
        Sample([make(2, 3), make(2, 1), make(2, 0)], 1),
        Sample([make(2, 3)], -1),
        Sample([make(0), make(2, 3)], 0),
    ],
    reference=lambda xs, dim=0: np.concatenate([x for x in xs if x.shape != (0,)], dim),
    convention=SMOOTH,
    aliases=("concat", "concatenate"),
    method=False,
)
def cat(tensors: Any, dim: int = 0, *, axis: int | None = None, out: Any = None) -> Any:
    """The tensors one after the other along an existing dimension.

    Args:
        tensors: list or tuple of tensors whose shapes differ at most in ``dim``; they promote to
            one dtype.
            Empty ones of shape ``(0,)`` fit everywhere.
        dim: the dimension. ``axis`` is another name.
        out: a tensor to write the result into, of its shape.

    Raises:
        RuntimeError: the shapes do not fit, or there is no tensor, or ``out`` shares memory with
            one.
        IndexError: ``dim`` is out of range.

    Source: PyTorch, ``torch.cat``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cat([ag.zeros(2), ag.ones(1)])
        tensor([0., 0., 1.])
    """
    tensors = same_dtype("cat", tensors)
    result = concatenated("cat", tensors, dim if axis is None else axis)
    if out is None:
        return result
    shares = backend_of(out._array).shares_memory
    if any(shares(out._array, t._array) for t in tensors):
        raise RuntimeError("cat: out shares memory with one of the tensors. Mend: out=None")
    return put(out, result, "cat")


def concatenated(name: str, tensors: list[Any], dim: int) -> Any:
    shapes = [shape_of(t) for t in tensors]
    first = shapes[0]
    if first and shapes.count(first) == len(shapes):
        dim = one_dim(name, dim, len(first))
        return _cat(tensors, dim, tuple(_places([first[dim]] * len(shapes))))
    like = next((t for t in tensors if t.ndim != 1 or t.shape[0]), tensors[0])
    if like.ndim == 0:
        raise ShapeError(f"{name}: tensors of no dimensions cannot be concatenated. Mend: stack()")
    dim = one_dim(name, dim, like.ndim)
    empty = (*like.shape[:dim], 0, *like.shape[dim + 1 :])
    fitting = [reshape(t, empty) if shape_of(t) == (0,) else t for t in tensors]
    _same_but(name, fitting, dim)
    return _cat(fitting, dim, tuple(_places([t.shape[dim] for t in fitting])))


@operator(
    "stack",
    samples=lambda make: [
        Sample([make(2, 3), make(2, 3)]),
        Sample([make(2), make(2)], -1),
        Sample([make(), make()]),
    ],
    reference=np.stack,
    convention=SMOOTH,
    method=False,
)
def stack(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """The tensors side by side along a new dimension.

    Args:
        tensors: list or tuple of tensors of one shape; they promote to one dtype.
        dim: where the new dimension stands in the result.

    Raises:
        RuntimeError: the shapes differ, or there is no tensor.
        IndexError: ``dim`` is out of range.

    Source: PyTorch, ``torch.stack``.

    Example:
        >>> import autograd_core as ag
        >>> ag.stack([ag.zeros(2), ag.ones(2)])
        tensor([[0., 0.],
                [1., 1.]])
    """
    tensors = same_dtype("stack", tensors)
    dim = one_dim("stack", dim, tensors[0].ndim + 1)
    _same_but("stack", tensors, None)
    result = _stack(tensors, dim)
    return result if out is None else put(out, result, "stack")


_unbind = Op(
    "unbind",
    forward=lambda xp, input, dim: tuple(
        [input[(*(slice(None),) * dim, i, ...)] for i in range(input.shape[dim])]
    ),
    rules={"input": lambda g, dim: stack(g, dim)},
    several=True,
)

_split = Op(
    "split",
    forward=lambda xp, input, dim, places: tuple(
        [input[(*(slice(None),) * dim, place, ...)] for place in places]
    ),
    rules={"input": lambda g, dim: cat(g, dim)},
    several=True,
)


def _each_a_view(parts: tuple[Any, ...], input: Any, dim: int, places: Any) -> tuple[Any, ...]:
    """Note of each part that it is a view, on its own: the others need not be made again for its
    sake."""
    if isinstance(input, TensorBase):
        shape, before = shape_of(input), (slice(None),) * dim
        for view, place in zip(parts, places):
            as_view(view, input, slice_view, ((*before, place, ...), shape))
    return parts


@operator(
    "unbind",
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(make(2, 3), -1),
        Sample(make(3)),
        Sample(make(1, 2)),
    ],
    reference=lambda x, dim=0: list(np.moveaxis(x, dim, 0)),
    convention=SMOOTH,
)
def unbind(input: Any, dim: int = 0) -> tuple[Any, ...]:
    """The parts along one dimension, without that dimension; views, which may be written to.

    Args:
        input: tensor of at least one dimension.
        dim: the dimension.

    Raises:
        RuntimeError: the tensor has no dimensions.

    Source: PyTorch, ``torch.unbind``.

    Example:
        >>> import autograd_core as ag
        >>> ag.unbind(ag.tensor([[1, 2], [3, 4]]))
        (tensor([1, 2]), tensor([3, 4]))
    """
    if input.ndim == 0:
        raise ShapeError("unbind: a tensor of no dimensions has no parts")
    dim = one_dim("unbind", dim, input.ndim)
    size = input.shape[dim]
    return _each_a_view(_unbind(input, dim), input, dim, range(size)) if size else ()


@operator(
    "split",
    samples=lambda make: [
        Sample(make(5, 2), 2),
        Sample(make(2, 5), [1, 4], dim=1),
        Sample(make(4), [0, 4], dim=-1),
    ],
    reference=lambda x, size, dim=0: np.split(
        x, range(size, x.shape[dim], size) if isinstance(size, int) else np.cumsum(size)[:-1], dim
    ),
    convention=SMOOTH,
)
@also(tensor="input", split_size="split_size_or_sections")
def split(input: Any, split_size_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """Views of consecutive parts of one dimension.

    Args:
        input: tensor.
        split_size_or_sections: the size of each part (the last may be smaller), or a list of sizes.
        dim: the dimension.

    Raises:
        RuntimeError: the sizes do not add up to the dimension's.

    Source: PyTorch, ``torch.split``.

    Example:
        >>> import autograd_core as ag
        >>> ag.split(ag.arange(5), 2)
        (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    dim = one_dim("split", dim, input.ndim)
    if input.ndim == 0:
        raise ShapeError("split: a tensor of no dimensions has no parts")
    total = input.shape[dim]
    if isinstance(split_size_or_sections, (list, tuple)):
        parts = [int(n) for n in split_size_or_sections]
        if sum(parts) != total or min(parts, default=0) < 0:
            raise ShapeError(
                f"split: sizes {parts} must add up to {total}, the size of dimension {dim}"
            )
    else:
        size = int(split_size_or_sections)
        if size < 0 or (size == 0 and total):
            raise ShapeError(
                f"split: split_size={size} cannot divide dimension {dim} of size {total}"
            )
        parts = [min(size, total - at) for at in range(0, total, size)] if total else [0]
    return _sections(input, dim, parts)


def _sections(input: Any, dim: int, parts: list[int]) -> tuple[Any, ...]:
    places = tuple(_places(parts))
    return _each_a_view(_split(input, dim, places), input, dim, places) if places else ()


def _places(parts: list[int]) -> Iterator[slice]:
    start = 0
    for size in parts:
        yield slice(start, start + size)
        start += size


@operator(
    "chunk",
    samples=lambda make: [Sample(make(5, 2), 2), Sample(make(2, 5), 3, 1), Sample(make(2), 4)],
    reference=lambda x, chunks, dim=0: np.split(
        x, range(-(-x.shape[dim] // chunks), x.shape[dim], -(-x.shape[dim] // chunks)), dim
    ),
    convention=SMOOTH,
)
def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """At most ``chunks`` views of equal size, but for the last, along one dimension.

    Raises:
        RuntimeError: ``chunks`` is not positive.

    Source: PyTorch, ``torch.chunk``.

    Example:
        >>> import autograd_core as ag
        >>> ag.chunk(ag.arange(5), 2)
        (tensor([0, 1, 2]), tensor([3, 4]))
    """
    dim = one_dim("chunk", dim, input.ndim)
    if input.ndim == 0 or chunks < 1:
        raise ShapeError(f"chunk: cannot make {chunks} parts of shape {tuple(input.shape)}")
    total = input.shape[dim]
    return split(input, -(-total // chunks), dim) if total else _sections(input, dim, [0] * chunks)


@operator(
    "tensor_split",
    samples=lambda make: [Sample(make(5, 2), 2), Sample(make(2, 5), (1, 3), 1)],
    reference=np.array_split,
    convention=SMOOTH,
)
@also(sections="indices_or_sections", indices="indices_or_sections")
def tensor_split(input: Any, indices_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """Views of parts of one dimension, as NumPy's ``array_split``: so many, or cut at the given
    indices.

    Raises:
        RuntimeError: the number of parts is not positive.

    Source: PyTorch, ``torch.tensor_split``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor_split(ag.arange(5), (1, 3))
        (tensor([0]), tensor([1, 2]), tensor([3, 4]))
    """
    dim = one_dim("tensor_split", dim, input.ndim)
    if input.ndim == 0:
        raise ShapeError("tensor_split: a tensor of no dimensions has no parts")
    total = input.shape[dim]
    if isinstance(indices_or_sections, TensorBase):
        indices_or_sections = indices_or_sections.tolist()  # type: ignore[attr-defined]
    if is_whole(indices_or_sections):
        number = int(indices_or_sections)
        if number < 1:
            raise ShapeError(f"tensor_split: cannot make {number} parts")
        each, more = divmod(total, number)
        return _sections(input, dim, [each + (i < more) for i in range(number)])
    cuts = [0, *[range(total)[: int(i)].stop for i in indices_or_sections], total]
    return tuple(part(input, dim, slice(a, max(a, b))) for a, b in pairwise(cuts))
