"""Weighted sums of a few elements along a dimension, the same few for every row.

Average pooling, its adaptive form and interpolation are such sums along one dimension after the
other. The gradient is one too: what each element of the input gets is a weighted sum of a few
elements of the output's gradient.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.ops.precision import is_half, widen


class Taps:
    """Along a dimension, element ``i`` of the output is the sum over ``k`` of ``weights[i, k]``
    times element ``places[i, k]`` of the input.

    Args:
        size: the size of the dimension before.
        places: (output size, taps), integers.
        weights: likewise; 0 for what does not count.
    """

    def __init__(self, size: int, places: Any, weights: Any) -> None:
        self.size = size
        self.places, self.weights = np.asarray(places), np.asarray(weights, np.float64)

    @cached_property
    def columns(self) -> list[tuple[Any, Any, Any]]:
        """For each tap the output elements that it counts for, the places it reads and the weights.

        Both are slices where evenly spaced, and the weights one number where they are equal.
        """
        found: list[tuple[Any, Any, Any]] = []
        for place, weight in zip(self.places.T, self.weights.T):
            rows = np.flatnonzero(weight)
            if len(rows):
                place, weight = place[rows], weight[rows]
                equal = bool((weight == weight[0]).all())
                found.append((_spaced(rows), _spaced(place), float(weight[0]) if equal else weight))
        return found

    @cached_property
    def transposed(self) -> Taps:
        """The taps of the gradient: from the output's size to the input's."""
        rows, columns = np.nonzero(self.weights)
        order = np.argsort(self.places[rows, columns], kind="stable")
        rows, columns = rows[order], columns[order]
        targets = self.places[rows, columns]
        counts = np.bincount(targets, minlength=self.size)
        rank = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        shape = (self.size, max(int(counts.max(initial=0)), 1))
        places, weights = np.zeros(shape, np.int64), np.zeros(shape)
        places[targets, rank] = rows
        weights[targets, rank] = self.weights[rows, columns]
        result = Taps(len(self.places), places, weights)
        result.transposed = self
        return result


def _spaced(numbers: Any) -> Any:
    """Evenly spaced growing numbers as a slice, others as they are."""
    step = int(numbers[1] - numbers[0]) if len(numbers) > 1 else 1
    even = step > 0 and bool((np.diff(numbers) == step).all())
    return slice(int(numbers[0]), int(numbers[-1]) + 1, step) if even else numbers


def _forward(xp: Any, input: Any, taps: tuple[tuple[int, Taps], ...]) -> Any:
    x = widen(input)
    for dim, along in taps:
        lead, rest = (slice(None),) * dim, [1] * (x.ndim - 1 - dim)
        total = xp.zeros((*x.shape[:dim], len(along.places), *x.shape[dim + 1 :]), x.dtype)
        for rows, place, weight in along.columns:
            if isinstance(place, slice):
                part = x[(*lead, place)]
            else:
                part = xp.take(x, xp.asarray(place), dim)
            if not isinstance(weight, float):
                part = part * xp.asarray(weight, x.dtype).reshape(-1, *rest)
            elif weight != 1:
                part = part * weight
            total[(*lead, rows if isinstance(rows, slice) else xp.asarray(rows))] += part
        x = total
    return x.astype(input.dtype) if is_half(input.dtype) else x


def _transposed(taps: tuple[tuple[int, Taps], ...]) -> tuple[tuple[int, Taps], ...]:
    return tuple((dim, along.transposed) for dim, along in reversed(taps))


_sums = Op("weighted_sums", _forward, {"input": lambda g, taps: _sums(g, _transposed(taps))})


def weighted_sums(input: Any, taps: list[tuple[int, Taps]]) -> Any:
    """``input`` summed along each of the given dimensions, in this order."""
    return _sums(input, tuple(taps))
