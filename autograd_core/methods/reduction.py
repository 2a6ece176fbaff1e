"""Reduction methods."""

from __future__ import annotations

from autograd_core.ops import extremes, reduction


class ReductionMethods:
    """Sums, means, extremes: one line each."""

    __slots__ = ()

    sum = reduction.sum
    mean = reduction.mean

    amax = extremes.amax
    amin = extremes.amin
    max = extremes.max
    min = extremes.min
    argmax = extremes.argmax
    argmin = extremes.argmin
