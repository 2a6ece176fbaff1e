"""Elementwise arithmetic of many steps, on large arrays block by block, so that what lies between
the steps stays in the processor's caches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.backends.registry import BACKENDS_BY_TYPE


def blockwise(compute: Callable[..., Any], *arrays: Any) -> Any:
    """``compute(*arrays)``, which works element by element on arrays of one shape and dtype.

    Tensors are computed with as they are, so that gradient rules can be written with it; so are
    arrays that are not worth cutting up.

    Example:
        >>> import numpy as np
        >>> blockwise(lambda x, y: x * y + x, np.ones(3), np.ones(3))
        array([2., 2., 2.])
    """
    first = arrays[0]
    backend = BACKENDS_BY_TYPE.get(type(first))
    if backend is None or first.nbytes < backend.blocks_from:
        return compute(*arrays)
    out = backend.xp.empty_like(first)

    def block(out: Any, *parts: Any) -> None:
        out[...] = compute(*parts)

    backend.in_blocks(block, [(out, *arrays)])
    return out
