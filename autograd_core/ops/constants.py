"""Constants in the shape, dtype and device of another tensor or array."""

from __future__ import annotations

from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase


def constant_like(value: Any, fill: float) -> Any:
    """``fill`` in the shape, dtype and device of ``value``: a tensor for a tensor, an array for
    an array."""
    array = value._array if isinstance(value, TensorBase) else value
    filled = backend_of(array).xp.full(array.shape, fill, array.dtype)
    return TensorBase._wrap(filled) if isinstance(value, TensorBase) else filled


def zeros(like: Any) -> Any:
    """Zeros like ``like``: the gradient of what does not depend on its input."""
    return constant_like(like, 0)
