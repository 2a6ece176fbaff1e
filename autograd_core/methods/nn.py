"""Tensor methods of this family."""

from __future__ import annotations


class NNMethods:
    """One line each."""

    __slots__ = ()
