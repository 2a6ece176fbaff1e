"""View and shape methods."""

from __future__ import annotations

from autograd_core.ops import shape


class ShapeMethods:
    """Views and shapes: one line each."""

    __slots__ = ()

    reshape = shape.reshape
    expand = shape.expand
