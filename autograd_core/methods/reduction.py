"""Reduction methods."""

from __future__ import annotations

from autograd_core.ops import reduction


class ReductionMethods:
    """Sums, means, extremes: one line each."""

    __slots__ = ()

    sum = reduction.sum
    mean = reduction.mean
