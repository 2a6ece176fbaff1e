"""Joining and splitting by other names, and dimensions added: hstack, hsplit, atleast_1d, ..."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.keywords import also
from autograd_core.ops.dims import is_whole, shape_of, sizes
from autograd_core.ops.join import chunk, concatenated, same_dtype, split, tensor_split
from autograd_core.ops.reduction import sum
from autograd_core.ops.shape import reshape
from autograd_core.registry import SMOOTH, Sample, operator


def at_least(ndim: int, tensor: Any) -> Any:
    """A view with at least ``ndim`` dimensions, added where NumPy's ``atleast_1d`` to
    ``atleast_3d`` add them."""
    if tensor.ndim == 0:
        return reshape(tensor, (1,) * ndim)
    if tensor.ndim == 1 and ndim > 1:
        tensor = reshape(tensor, (1, -1))
    return reshape(tensor, (*tensor.shape, 1)) if tensor.ndim == 2 and ndim > 2 else tensor


def _stacks(
    name: str, ndim: int, dim: int, doc: str, reference: Any, aliases: tuple[str, ...] = ()
) -> Any:
    def function(tensors: Any) -> Any:
        wide = [at_least(ndim, t) for t in same_dtype(name, tensors)]
        return concatenated(name, wide, 0 if wide[0].ndim == 1 else dim)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{doc} Source: PyTorch, ``torch.{name}``."
    return operator(
        name,
        samples=lambda make: [
            Sample([make(3), make(3)]),
            Sample([make(2, 3), make(2, 3)]),
            Sample([make(), make()]),
        ],
        reference=reference,
        convention=SMOOTH,
        aliases=aliases,
        method=False,
    )(function)


hstack = _stacks(
    "hstack", 1, 1, "Concatenate along the second dimension; vectors along the only one.", np.hstack
)
vstack = _stacks(
    "vstack", 2, 0, "Concatenate along the first dimension, vectors as rows.", np.vstack,
    ("row_stack",),
)  # fmt: skip
dstack = _stacks("dstack", 3, 2, "Concatenate along the third dimension.", np.dstack)


@operator(
    "column_stack",
    samples=lambda make: [Sample([make(3), make(3, 2)]), Sample([make(), make()])],
    reference=lambda xs: np.column_stack(xs),
    convention=SMOOTH,
    method=False,
)
def column_stack(tensors: Any) -> Any:
    """Concatenate along the second dimension, vectors as columns. Source: PyTorch,
    ``torch.column_stack``."""
    tensors = same_dtype("column_stack", tensors)
    columns = [t if t.ndim > 1 else reshape(t, (-1, 1)) for t in tensors]
    return concatenated("column_stack", columns, 1)


def _splits(name: str, least: int, at: int, which: str, reference: Any, samples: Any) -> Any:
    @also(sections="indices_or_sections", indices="indices_or_sections")
    @also(sections="indices_or_sections", indices="indices_or_sections")
    def function(input: Any, indices_or_sections: Any) -> tuple[Any, ...]:
        if input.ndim < least:
            raise ShapeError(
                f"{name}: expected at least {least} dimensions, got shape {tuple(input.shape)}"
            )
        dim = min(at, input.ndim - 1)
        if is_whole(indices_or_sections):
            size = input.shape[dim]
            if indices_or_sections < 1 or size % indices_or_sections:
                raise ShapeError(
                    f"{name}: dimension {dim} of size {size} cannot be split into "
                    f"{indices_or_sections} equal parts. Mend: tensor_split()"
                )
            return tensor_split(input, indices_or_sections, dim)
        if not isinstance(indices_or_sections, (tuple, list)):
            raise TypeError(
                f"{name}: expected a number of parts or a sequence of indices, got "
                f"{type(indices_or_sections).__name__}"
            )
        return tensor_split(input, sizes(name, (tuple(indices_or_sections),)), dim)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"Views of parts along {which}: so many equal ones, or cut at the given indices. "
        f"Source: PyTorch, ``torch.{name}``."
    )
    return operator(name, samples=samples, reference=reference, convention=SMOOTH)(function)


hsplit = _splits(
    "hsplit",
    1,
    1,
    "the second dimension, of a vector the only one",
    np.hsplit,
    lambda make: [Sample(make(4), 2), Sample(make(2, 5), (1, 3)), Sample(make(2, 4, 2), 2)],
)
vsplit = _splits(
    "vsplit",
    2,
    0,
    "the first dimension",
    np.vsplit,
    lambda make: [Sample(make(4, 2), 2), Sample(make(5, 2), (1, 3))],
)
dsplit = _splits(
    "dsplit",
    3,
    2,
    "the third dimension",
    np.dsplit,
    lambda make: [Sample(make(2, 1, 4), 2), Sample(make(2, 1, 5), (1, 3))],
)


@operator(
    "split_with_sizes",
    samples=lambda make: [Sample(make(5, 2), [1, 4]), Sample(make(2, 5), (2, 0, 3), 1)],
    reference=lambda x, sizes, dim=0: np.split(x, np.cumsum(sizes)[:-1], dim),
    convention=SMOOTH,
    aliases=("unsafe_split_with_sizes",),
)
def split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> tuple[Any, ...]:
    """Views of consecutive parts of given sizes along one dimension. Source: PyTorch,
    ``torch.split_with_sizes``."""
    return split(input, list(sizes("split_with_sizes", (tuple(split_sizes),))), dim)


@operator(
    "unsafe_split",
    samples=lambda make: [Sample(make(5, 2), 2), Sample(make(2, 4), 2, 1)],
    reference=lambda x, size, dim=0: np.split(x, range(size, x.shape[dim], size), dim),
    convention=SMOOTH,
)
def unsafe_split(input: Any, split_size: int, dim: int = 0) -> tuple[Any, ...]:
    """As :func:`split`, whose parts may be written to one by one here too. Source: PyTorch,
    ``torch.unsafe_split``."""
    return split(input, split_size, dim)


@operator(
    "unsafe_chunk",
    samples=lambda make: [Sample(make(5, 2), 2), Sample(make(2, 4), 2, 1)],
    reference=lambda x, n, dim=0: np.array_split(x, n, dim),
    convention=SMOOTH,
)
def unsafe_chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """As :func:`chunk`, whose parts may be written to one by one here too. Source: PyTorch,
    ``torch.unsafe_chunk``."""
    return chunk(input, chunks, dim)


def _at_leasts(name: str, ndim: int, reference: Any) -> Any:
    def function(*tensors: Any) -> Any:
        if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
            tensors = tuple(tensors[0])
            return tuple([at_least(ndim, t) for t in tensors])
        parts = tuple([at_least(ndim, t) for t in tensors])
        return parts[0] if len(parts) == 1 else parts

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"A view of each tensor with at least {ndim} dimension{'s' if ndim > 1 else ''}, the new "
        f"ones of size 1. Source: PyTorch, ``torch.{name}``."
    )
    return operator(
        name,
        samples=lambda make: [
            Sample(make()),
            Sample(make(3)),
            Sample(make(2, 3)),
            Sample(make(2, 3, 2)),
            Sample([make(), make(2)]),
        ],
        reference=lambda *xs: (
            [reference(x) for x in xs[0]] if isinstance(xs[0], list) else reference(*xs)
        ),
        convention=SMOOTH,
        method=False,
    )(function)


atleast_1d = _at_leasts("atleast_1d", 1, np.atleast_1d)
atleast_2d = _at_leasts("atleast_2d", 2, np.atleast_2d)
atleast_3d = _at_leasts("atleast_3d", 3, np.atleast_3d)


def _sum_to_size_reference(x: Any, *size: Any) -> Any:
    target = size[0] if size and isinstance(size[0], tuple) else size
    lead = x.ndim - len(target)
    dims = tuple(
        d for d in range(x.ndim) if d < lead or (target[d - lead] == 1 and x.shape[d] != 1)
    )
    return x.sum(dims).reshape(target)


@operator(
    "sum_to_size",
    samples=lambda make: [
        Sample(make(2, 3), (1, 3)),
        Sample(make(2, 3, 4), 3, 1),
        Sample(make(2, 3), (2, 3)),
        Sample(make(3), ()),
    ],
    reference=_sum_to_size_reference,
    convention=SMOOTH,
)
def sum_to_size(input: Any, *size: Any) -> Any:
    """The sum over the dimensions that broadcasting ``size`` to the shape of ``input`` repeats.

    Args:
        input: tensor.
        size: sizes, as numbers or one sequence, that broadcast to the shape of ``input``.

    Raises:
        RuntimeError: they do not.

    Source: PyTorch, ``torch.Tensor.sum_to_size``.

    Example:
        >>> import autograd_core as ag
        >>> ag.ones(2, 3).sum_to_size(1, 3)
        tensor([[2., 2., 2.]])
    """
    target, shape = sizes("sum_to_size", size), shape_of(input)
    lead = len(shape) - len(target)
    if lead < 0 or any(n not in (1, m) for n, m in zip(target, shape[lead:])):
        raise ShapeError(f"sum_to_size: size {target} does not broadcast to the shape {shape}")
    if target == shape != ():
        return input
    dims = [d for d in range(len(shape)) if d < lead or target[d - lead] != shape[d]]
    return reshape(sum(input, dims, True), target)
