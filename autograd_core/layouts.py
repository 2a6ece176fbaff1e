"""How tensors lie in memory: PyTorch's names for it, and the order of a result's dimensions.

Every tensor is a NumPy or CuPy array, and so has strides and no other layout. As in PyTorch, the
results of elementwise operators, copies and ``empty_like`` and its like have their dimensions in
memory in the order of their input's, and most others in the usual order (so that ``view`` works on
them). Of memory formats, ``contiguous_format`` asks for the usual order; the others are accepted
and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class layout:
    """How elements are stored. Source: PyTorch, ``torch.layout``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"autograd_core.{self.name}"


class memory_format(layout):
    """In which order dimensions lie in memory. Source: PyTorch, ``torch.memory_format``."""


strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")


def memory_order(array: Any) -> tuple[int, ...] | None:
    """The dimensions of a result like ``array``, from the slowest to the fastest in memory; None
    for the usual order.

    They are sorted by their steps, of which 0 (from ``expand``) says nothing: such a dimension
    stays where it is if no other passes it. Source: PyTorch, ``torch.preserve_format``.
    """
    if array.flags.c_contiguous:
        return None
    steps, shape = [abs(step) for step in array.strides], array.shape
    order = list(range(array.ndim))
    for start in reversed(range(array.ndim - 1)):  # insertion, beginning at the fastest
        at = start
        for place in range(start + 1, array.ndim):
            here, other = order[at], order[place]
            if not steps[here] or not steps[other]:
                continue
            if steps[here] > steps[other]:
                break
            if steps[here] < steps[other] or shape[here] < shape[other]:
                order[at], order[place] = other, here
                at = place
    return tuple(order)


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
