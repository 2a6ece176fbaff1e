"""Matrix products and linear algebra."""

from __future__ import annotations

from typing import Any

from autograd_core.ops import products


class LinalgMethods:
    """One line each."""

    __slots__ = ()

    __matmul__ = matmul = products.matmul

    def __rmatmul__(self, other: Any) -> Any:
        return products.matmul(other, self)
