"""Tensor methods of this family."""

from __future__ import annotations


class RandomMethods:
    """One line each."""

    __slots__ = ()
