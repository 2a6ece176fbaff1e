"""The shape of a tensor."""

from __future__ import annotations

import math
from typing import Any


class Size(tuple[int, ...]):
    """A tensor's shape: a tuple with PyTorch's ``numel`` and text, whose parts and sums are sizes
    again.

    Example:
        >>> import autograd_core as ag
        >>> shape = ag.zeros(2, 3).shape
        >>> shape.numel(), shape[1:] + (4,)
        (6, autograd_core.Size([3, 4]))
    """

    __slots__ = ()

    def numel(self) -> int:
        """The product of the sizes."""
        return math.prod(self)

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if type(index) is slice else found

    def __add__(self, other: Any) -> Any:
        total = tuple.__add__(self, other)
        return total if total is NotImplemented else Size(total)

    def __radd__(self, other: Any) -> Any:
        return Size((*other, *self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: Any) -> Any:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"autograd_core.Size({list(self)})"
