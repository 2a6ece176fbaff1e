"""How tensors lie in memory: PyTorch's names for it, and the order of a result's dimensions.

Every tensor is a NumPy or CuPy array, and so has strides and no other layout. As in PyTorch, the
results of elementwise operators, copies and ``empty_like`` and its like have their dimensions in
memory in the order of their input's, and most others in the usual order (so that ``view`` works on
them). Of memory formats, ``contiguous_format`` asks for the usual order; the others are accepted
and change nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np


class layout:
    """How elements are stored. Source: PyTorch, ``torch.layout``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"autograd_core.{self.name}"


class memory_format(layout):
    """In which order dimensions lie in memory. Source: PyTorch, ``torch.memory_format``."""


F = TypeVar("F", bound=Callable[..., Any])

strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")


def takes_layout(function: F) -> F:
    """Decorate a function that makes tensors so that it takes PyTorch's ``layout`` and
    ``pin_memory``, too: every tensor is strided, and no memory is pinned.

    Raises:
        ValueError: another layout than ``strided``.
    """

    @functools.wraps(function)
    def call(*args: Any, layout: Any = None, pin_memory: bool = False, **kwargs: Any) -> Any:
        if layout is not None and layout is not strided:
            raise ValueError(
                f"{function.__name__}: layout must be autograd_core.strided, got {layout!r}: there "
                f"are no other tensors"
            )
        return function(*args, **kwargs)

    return cast(F, call)


def memory_order(array: Any, *others: Any) -> tuple[int, ...] | None:
    """The dimensions of a result like ``array``, from the slowest to the fastest in memory; None
    for the usual order. With others, of an elementwise result of all of them.

    They are sorted by the steps of the first array, where those say something: 0 (from ``expand``
    or broadcasting) does not, and then the next array is asked. A dimension of which none knows
    stays where it is if no other passes it. Source: PyTorch, ``torch.preserve_format`` and
    TensorIterator.
    """
    shape = array.shape
    if others:
        shape = np.broadcast_shapes(shape, *[other.shape for other in others])
        steps = [_steps(one, shape) for one in (array, *others)]
    elif array.flags.c_contiguous:
        return None
    else:
        steps = [[abs(step) for step in array.strides]]
    order = list(range(len(shape)))
    for start in reversed(range(len(shape) - 1)):  # insertion, beginning at the fastest
        at = start
        for place in range(start + 1, len(shape)):
            side = _compared(order[at], order[place], shape, steps)
            if side > 0:
                break
            if side < 0:
                order[at], order[place] = order[place], order[at]
                at = place
    return None if others and order == sorted(order) else tuple(order)


def _steps(array: Any, shape: tuple[int, ...]) -> list[int]:
    """Bytes from one element to the next along the dimensions of ``shape``, 0 where the array is
    repeated."""
    lead = len(shape) - array.ndim
    return [0] * lead + [
        0 if n == 1 and shape[lead + dim] != 1 else abs(step)
        for dim, (n, step) in enumerate(zip(array.shape, array.strides))
    ]


def _compared(here: int, other: int, shape: tuple[int, ...], steps: list[list[int]]) -> int:
    """1 if dimension ``here`` is slower in memory than ``other``, -1 if it is faster, else 0."""
    for of_array in steps:
        if not of_array[here] or not of_array[other]:
            continue
        if of_array[here] != of_array[other]:
            return 1 if of_array[here] > of_array[other] else -1
        if shape[here] < shape[other]:
            return -1
    return 0


def in_order_of(out: Any, *operands: Any) -> Any:
    """An elementwise result whose dimensions lie in memory as PyTorch's would: NumPy gives the
    usual order where operands disagree, PyTorch that of the first."""
    order = memory_order(*operands)
    return out if memory_order(out) == order else copied(out, order)


def order_like(name: str, array: Any, format: memory_format | None) -> tuple[int, ...] | None:
    """``memory_order`` of what operator ``name`` makes like ``array``, unless ``format`` asks for
    the usual order.

    Raises:
        TypeError: ``format`` is no memory format.
    """
    if format is None:
        return memory_order(array)
    if not isinstance(format, memory_format):
        raise TypeError(
            f"{name}: expected a memory format, got {format!r}. "
            f"Mend: such as autograd_core.contiguous_format."
        )
    return None if format is contiguous_format else memory_order(array)


def laid_out(
    order: tuple[int, ...] | None, make: Callable[[tuple[int, ...]], Any], shape: tuple[int, ...]
) -> Any:
    """An array of ``shape`` whose dimensions lie in memory in ``order``, of what ``make(sizes)``
    gives in the usual order."""
    if order is None:
        return make(shape)
    values = make(tuple([shape[dim] for dim in order]))
    return values.transpose(sorted(range(len(order)), key=order.__getitem__))


def copied(array: Any, order: tuple[int, ...] | None) -> Any:
    """A copy of ``array`` whose dimensions lie in memory in ``order``."""
    if order is None:
        return array.copy()
    return laid_out(order, lambda _: array.transpose(order).copy(), array.shape)


def lies_in_format(array: Any, format: memory_format) -> bool:
    """Whether the elements of ``array`` lie in memory without gaps in the order of ``format``.

    Raises:
        TypeError: ``format`` is no memory format.
    """
    if not isinstance(format, memory_format):
        raise TypeError(
            f"is_contiguous: memory_format must be a memory format, got {format!r}. "
            f"Mend: such as autograd_core.channels_last."
        )
    if format not in (channels_last, channels_last_3d):
        return bool(array.flags.c_contiguous)
    if array.ndim != (4 if format is channels_last else 5) or not array.size:
        return False
    return bool(array.transpose(0, *range(2, array.ndim), 1).flags.c_contiguous)
