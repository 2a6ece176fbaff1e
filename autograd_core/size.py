"""The shape of a tensor."""

from __future__ import annotations

import math


class Size(tuple[int, ...]):
    """A tensor's shape: a tuple with PyTorch's ``numel`` and text.

    Example:
        >>> import autograd_core as ag
        >>> ag.zeros(2, 3).shape.numel()
        6
    """

    __slots__ = ()

    def numel(self) -> int:
        """The product of the sizes."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"autograd_core.Size({list(self)})"
