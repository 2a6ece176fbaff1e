"""Tensor methods of this family."""

from __future__ import annotations


class LinalgMethods:
    """One line each."""

    __slots__ = ()
