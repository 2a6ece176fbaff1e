"""The same elements in another shape: reshape, view, flatten, squeeze, expand and their like."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.dtypes import dtype as DType
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.cast import contiguous
from autograd_core.ops.dims import one_dim, shape_of, sizes, some_dims
from autograd_core.registry import SMOOTH, Sample, operator

_reshape = Op(
    "reshape",
    forward=lambda xp, input, size, shape: input.reshape(size),
    rules={"input": lambda g, shape: _reshape(g, shape, shape_of(g))},
    view=True,
    may_copy=True,
)


@operator(
    "reshape",
    samples=lambda make: [
        Sample(make(2, 3), (3, 2)),
        Sample(make(4), (2, -1)),
        Sample(make(0, 3), (3, 0)),
        Sample(make(), (1, 1)),
        Sample(make(3, 4).T[::2], (-1,)),
    ],
    reference=np.reshape,
    convention=SMOOTH,
)
def reshape(input: Any, *given: Any, shape: Any = None) -> Any:
    """The same elements in another shape; a view where the memory allows, else a copy.

    Args:
        input: tensor of any shape.
        given: sizes, as numbers or one sequence, one of which may be -1; also by name, ``shape``.

    Raises:
        RuntimeError: the sizes do not make as many elements.

    Source: PyTorch, ``torch.reshape``.

    Example:
        >>> import autograd_core as ag
        >>> ag.reshape(ag.arange(4), (2, -1))
        tensor([[0, 1],
                [2, 3]])
    """
    size = sizes("reshape", given if shape is None else (shape,))
    return _reshape(input, size, shape_of(input))


def _without_copy(xp: Any, input: Any, size: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    result = input.reshape(size)
    if not (
        input.flags.c_contiguous or not input.size or backend_of(input).shares_memory(input, result)
    ):
        raise ValueError(
            "these sizes would need a copy, as the elements do not lie in that order in memory. "
            "Mend: reshape(), or contiguous() first"
        )
    return result


_view = Op(
    "view",
    forward=_without_copy,
    rules={"input": lambda g, shape: _reshape(g, shape, shape_of(g))},
    view=True,
)

_view_dtype = Op("view_dtype", forward=lambda xp, input, dtype: input.view(dtype), view=True)


@operator(
    "view",
    samples=lambda make: [
        Sample(make(2, 3), 3, 2),
        Sample(make(4), (2, -1)),
        Sample(make(2, 6).T, (2, 3, 2)),
    ],
    reference=lambda x, *size: x.reshape(*size),
    convention=SMOOTH,
)
def view(input: Any, *shape: Any, size: Any = None, dtype: DType | None = None) -> Any:
    """The same memory in another shape, never a copy; or, given a dtype, the same bytes in another
    dtype.

    Args:
        input: tensor of any shape.
        shape: sizes, as numbers or one sequence, one of which may be -1, also by name, ``size``;
            or an ``autograd_core.dtype``, also by name, whose result is not differentiable.

    Raises:
        RuntimeError: the sizes do not make as many elements, or would need a copy.

    Source: PyTorch, ``torch.Tensor.view``.

    Example:
        >>> import autograd_core as ag
        >>> ag.arange(4).view(2, 2)
        tensor([[0, 1],
                [2, 3]])
    """
    if len(shape) == 1 and isinstance(shape[0], DType):
        return _view_dtype(input, shape[0].numpy)
    if dtype is not None:
        return view(input, *shape, dtype)
    return _view(input, sizes("view", shape, size), shape_of(input))


def view_as(input: Any, other: Any) -> Any:
    """``input.view(other.shape)``. Source: PyTorch, ``torch.Tensor.view_as``."""
    return view(input, shape_of(other))


def reshape_as(input: Any, other: Any) -> Any:
    """``input.reshape(other.shape)``. Source: PyTorch, ``torch.Tensor.reshape_as``."""
    return reshape(input, shape_of(other))


@operator(
    "flatten",
    samples=lambda make: [
        Sample(make(2, 3, 4)),
        Sample(make(2, 3, 4), 1),
        Sample(make(2, 3, 4), 0, -2),
        Sample(make()),
    ],
    reference=lambda x, start_dim=0, end_dim=-1: np.reshape(
        x, _flat_shape(x.shape, start_dim, end_dim)
    ),
    convention=SMOOTH,
)
def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Merge the dimensions from ``start_dim`` to ``end_dim``, both included, into one.

    Args:
        input: tensor; one of no dimensions becomes one of one.
        start_dim, end_dim: first and last dimension to merge; default all.

    Raises:
        RuntimeError: ``start_dim`` comes after ``end_dim``.

    Source: PyTorch, ``torch.flatten``.

    Example:
        >>> import autograd_core as ag
        >>> ag.flatten(ag.zeros(2, 3, 4), 1).shape
        autograd_core.Size([2, 12])
    """
    shape = shape_of(input)
    return _reshape(input, _flat_shape(shape, start_dim, end_dim), shape)


def _flat_shape(shape: tuple[int, ...], start_dim: int, end_dim: int) -> tuple[int, ...]:
    if not shape:
        shape = (1,)
    start = one_dim("flatten", start_dim, len(shape), "start_dim")
    end = one_dim("flatten", end_dim, len(shape), "end_dim")
    if start > end:
        raise ShapeError(
            f"flatten: start_dim={start_dim} comes after end_dim={end_dim} in shape {shape}"
        )
    return (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])


@operator(
    "ravel",
    samples=lambda make: [Sample(make(2, 3)), Sample(make(3, 2).T), Sample(make())],
    reference=np.ravel,
    convention=SMOOTH,
)
def ravel(input: Any) -> Any:
    """All elements in one dimension; a view if they lie in order in memory. Source: PyTorch,
    ``torch.ravel``."""
    return _reshape(contiguous(input), (-1,), shape_of(input))


@operator(
    "unflatten",
    samples=lambda make: [Sample(make(2, 6), 1, (2, 3)), Sample(make(6, 2), -2, (3, -1))],
    reference=lambda x, dim, size: np.reshape(
        x, (*x.shape[:dim], *size, *x.shape[dim % x.ndim + 1 :])
    ),
    convention=SMOOTH,
)
def unflatten(input: Any, dim: int, sizes: Any) -> Any:
    """Split one dimension into several; a view.

    Args:
        input: tensor.
        dim: the dimension to split.
        sizes: what to split it into; one of them may be -1.

    Raises:
        RuntimeError: their product is not the dimension's size.

    Source: PyTorch, ``torch.unflatten``.

    Example:
        >>> import autograd_core as ag
        >>> ag.unflatten(ag.zeros(2, 6), 1, (3, -1)).shape
        autograd_core.Size([2, 3, 2])
    """
    dim = one_dim("unflatten", dim, input.ndim)
    shape = shape_of(input)
    inner = list(sizes)
    known = math.prod(n for n in inner if n != -1)
    if inner.count(-1) == 1 and known and shape[dim] % known == 0:
        inner[inner.index(-1)] = shape[dim] // known
    if math.prod(inner) != shape[dim] or -1 in inner:
        raise ShapeError(
            f"unflatten: sizes {tuple(sizes)} do not multiply to {shape[dim]}, the size of "
            f"dimension {dim}"
        )
    return _view(input, (*shape[:dim], *inner, *shape[dim + 1 :]), shape)


@operator(
    "squeeze",
    samples=lambda make: [
        Sample(make(1, 3, 1)),
        Sample(make(1, 3, 1), 0),
        Sample(make(1, 3, 1), (0, -1)),
        Sample(make(2, 3), 1),
        Sample(make(), 0),
    ],
    reference=lambda x, dim=None: np.reshape(x, _squeezed(x.shape, dim)),
    convention=SMOOTH,
)
def squeeze(input: Any, dim: Any = None) -> Any:
    """A view without dimensions of size 1.

    Args:
        input: tensor.
        dim: dimension or dimensions to drop where their size is 1; default all.

    Raises:
        IndexError: a dimension is out of range.

    Source: PyTorch, ``torch.squeeze``.

    Example:
        >>> import autograd_core as ag
        >>> ag.squeeze(ag.zeros(1, 3, 1), 0).shape
        autograd_core.Size([3, 1])
    """
    shape = shape_of(input)
    return _view(input, _squeezed(shape, dim), shape)


def _squeezed(shape: tuple[int, ...], dim: Any) -> tuple[int, ...]:
    dims = some_dims("squeeze", dim, len(shape))
    return tuple(n for i, n in enumerate(shape) if n != 1 or i not in dims)


@operator(
    "unsqueeze",
    samples=lambda make: [
        Sample(make(2, 3), 0),
        Sample(make(2, 3), -1),
        Sample(make(2, 3), 1),
        Sample(make(), 0),
    ],
    reference=np.expand_dims,
    convention=SMOOTH,
)
def unsqueeze(input: Any, dim: int) -> Any:
    """A view with a dimension of size 1 inserted at ``dim``.

    Args:
        input: tensor.
        dim: where the new dimension stands in the result; negative ones count from its end.

    Raises:
        IndexError: ``dim`` is out of range.

    Source: PyTorch, ``torch.unsqueeze``.

    Example:
        >>> import autograd_core as ag
        >>> ag.unsqueeze(ag.zeros(3), -1).shape
        autograd_core.Size([3, 1])
    """
    shape = shape_of(input)
    dim = one_dim("unsqueeze", dim, len(shape) + 1)
    return _view(input, (*shape[:dim], 1, *shape[dim:]), shape)


def _broadcast(xp: Any, input: Any, size: tuple[int, ...]) -> Any:
    # Where nothing repeats the result can be written to, which NumPy's broadcast_to never allows.
    return input.reshape(size) if math.prod(size) == input.size else xp.broadcast_to(input, size)


_expand = Op(
    "expand",
    forward=_broadcast,
    rules={"input": lambda g: g},  # the engine sums what was broadcast
    view=True,
)


@operator(
    "expand",
    samples=lambda make: [
        Sample(make(3, 1), (3, 4)),
        Sample(make(3), (2, -1)),
        Sample(make(), (2,)),
        Sample(make(2, 3), (1, 2, 3)),
    ],
    reference=lambda x, size: np.broadcast_to(
        x, [n if n >= 0 else x.shape[i - len(size)] for i, n in enumerate(size)]
    ),
    convention=SMOOTH,
)
def expand(input: Any, *given: Any, size: Any = None, implicit: bool = False) -> Any:
    """A view in which dimensions of size 1 (and new leading ones) repeat without copying.

    Args:
        input: tensor.
        given: target sizes, as numbers or one sequence, also by name, ``size``; -1 keeps a
            dimension.
        implicit: without effect, as in PyTorch.

    Raises:
        RuntimeError: a size is neither the dimension's nor the dimension's size 1.

    Source: PyTorch, ``torch.Tensor.expand``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor([[1], [2]]).expand(2, 3)
        tensor([[1, 1, 1],
                [2, 2, 2]])
    """
    target = sizes("expand", given, size)
    shape = shape_of(input)
    if target == shape:
        return _expand(input, target)
    lead = len(target) - len(shape)
    known = (None,) * lead + shape
    full = tuple(n if n != -1 or m is None else m for n, m in zip(target, known))
    if (
        lead < 0
        or min(full, default=0) < 0
        or any(n != m and n != 1 for n, m in zip(shape, full[lead:]))
    ):
        raise ShapeError(
            f"expand: {shape} cannot be expanded to {target}: from the right, each size must be "
            f"the tensor's, -1, or anything where the tensor's is 1. Operand: {describe(input)}"
        )
    return _expand(input, full)


def expand_as(input: Any, other: Any) -> Any:
    """``input.expand(other.shape)``. Source: PyTorch, ``torch.Tensor.expand_as``."""
    return expand(input, shape_of(other))


@operator(
    "broadcast_to",
    samples=lambda make: [Sample(make(3, 1), (2, 3, 4)), Sample(make(), (2,))],
    reference=np.broadcast_to,
    convention=SMOOTH,
)
def broadcast_to(input: Any, *given: Any, size: Any = None) -> Any:
    """A view broadcast to the given sizes, as ``expand``. Source: PyTorch,
    ``torch.broadcast_to``."""
    return expand(input, *given, size=size)


def broadcast_shape(name: str, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that ``shapes`` broadcast to."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(
            f"{name}: shapes {', '.join(map(str, shapes))} do not broadcast: from the right, "
            f"sizes must be equal or 1"
        ) from None
