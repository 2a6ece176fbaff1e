"""Windows that slide over the last dimensions of an array: what convolution, pooling and unfold
share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from operator import index
from typing import Any, NamedTuple

from autograd_core.errors import ShapeError


class Window(NamedTuple):
    """Where a window stands: tap ``k`` at place ``o`` looks at element
    ``o * stride - padding + k * dilation``, for each spatial dimension.

    What lies outside of the input counts as padding, on both sides, so the padding after the last
    element follows from the number of places.

    Example:
        >>> from autograd_core.ops.conv_windows import Window
        >>> Window((5,), (3,), (3,), (2,), (1,), (1,)).reach
        (7,)
    """

    input: tuple[int, ...]  # sizes of the spatial dimensions
    output: tuple[int, ...]  # number of places
    kernel: tuple[int, ...]  # number of taps
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    @property
    def reach(self) -> tuple[int, ...]:
        """How many elements, padding included, the windows cover together."""
        return tuple(
            (o - 1) * s + d * (k - 1) + 1 if o else 0
            for o, k, s, d in zip(self.output, self.kernel, self.stride, self.dilation)
        )

    def taps(self) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...]]]:
        """Each tap, with the slices of the padded input that it sees as the window slides."""
        for tap in product(*map(range, self.kernel)):
            yield (
                tap,
                (
                    ...,
                    *(
                        slice(k * d, k * d + (o - 1) * s + 1, s)
                        for k, d, o, s in zip(tap, self.dilation, self.output, self.stride)
                    ),
                ),
            )

    def inside(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Where the input stands in the padded input: slices of the one, slices of the other."""
        ours, theirs = [], []
        for n, p, reach in zip(self.input, self.padding, self.reach):
            length = max(min(n + p, reach) - max(p, 0), 0)
            ours.append(slice(max(-p, 0), max(-p, 0) + length))
            theirs.append(slice(max(p, 0), max(p, 0) + length))
        return (..., *ours), (..., *theirs)


def per_dim(name: str, argument: str, value: Any, n: int, least: int) -> tuple[int, ...]:
    """One number for each of ``n`` dimensions, from one number for all or from a sequence."""
    given = value if isinstance(value, Sequence) else (value,)
    if isinstance(value, str) or len(given) not in (1, n):
        raise ShapeError(
            f"{name}: {argument} must be an integer or {n} of them, one for each spatial "
            f"dimension, got {value!r}"
        )
    try:
        numbers = tuple(map(index, given)) * (n // len(given))
    except TypeError:
        raise TypeError(f"{name}: {argument} must be integers, got {value!r}") from None
    if min(numbers) < least:
        raise ShapeError(f"{name}: {argument} must be at least {least}, got {value!r}")
    return numbers


def padded(xp: Any, array: Any, window: Window, fill: float = 0) -> Any:
    """The array with its last dimensions as far as the windows reach, a view where it can be."""
    if not any(window.padding) and all(n >= r for n, r in zip(window.input, window.reach)):
        return array[(..., *(slice(r) for r in window.reach))]
    ours, theirs = window.inside()
    shape = (*array.shape[: array.ndim - len(window.input)], *window.reach)
    result = xp.full(shape, fill, array.dtype) if fill else xp.zeros(shape, array.dtype)
    result[theirs] = array[ours]
    return result


def windows(xp: Any, array: Any, window: Window) -> Any:
    """A view (..., *kernel, *output) of the padded array: for each tap, what it sees."""
    array = padded(xp, array, window)
    lead = array.ndim - len(window.input)
    steps = array.strides[lead:]
    return xp.lib.stride_tricks.as_strided(
        array,
        (*array.shape[:lead], *window.kernel, *window.output),
        (
            *array.strides[:lead],
            *(step * d for step, d in zip(steps, window.dilation)),
            *(step * s for step, s in zip(steps, window.stride)),
        ),
    )


def add_windows(xp: Any, array: Any, window: Window) -> Any:
    """The adjoint of :func:`windows`: (..., *kernel, *output) added up where the taps look."""
    n = len(window.input)
    lead = array.shape[: array.ndim - 2 * n]
    total = xp.zeros((*lead, *window.reach), array.dtype)
    for tap, place in window.taps():
        total[place] += array[(..., *tap, *(slice(None),) * n)]
    return unpadded(xp, total, window)


def unpadded(xp: Any, total: Any, window: Window) -> Any:
    """The adjoint of :func:`padded`: the input's part of an array as far as the windows reach."""
    if window.input == window.reach and not any(window.padding):
        return total
    result = xp.zeros((*total.shape[: total.ndim - len(window.input)], *window.input), total.dtype)
    ours, theirs = window.inside()
    result[ours] = total[theirs]
    return result


def places(size: int, kernel: int, stride: int, before: int, after: int, dilation: int) -> int:
    """How many windows fit into a padded dimension; less than 1 if none does."""
    return (size + before + after - dilation * (kernel - 1) - 1) // stride + 1


def volume(sizes: tuple[int, ...]) -> int:
    """The product of sizes."""
    return math.prod(sizes)
