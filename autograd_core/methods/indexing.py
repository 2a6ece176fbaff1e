"""Tensor methods of this family."""

from __future__ import annotations


class IndexingMethods:
    """One line each."""

    __slots__ = ()
