"""Rotary position embedding: pairs of features turned by angles that grow with the position."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.dims import shape_of
from autograd_core.ops.precision import is_half, widen
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _turned(xp: Any, input: Any, cos: Any, sin: Any, neighbours: bool) -> Any:
    """The first features of each row, in pairs of neighbours or of halves, as turned vectors."""
    x, dims = widen(input), 2 * cos.shape[-1]
    firsts = slice(0, dims, 2) if neighbours else slice(0, dims // 2)
    seconds = slice(1, dims, 2) if neighbours else slice(dims // 2, dims)
    a, b = x[..., firsts], x[..., seconds]
    out = x.copy()
    out[..., firsts] = a * cos - b * sin
    out[..., seconds] = a * sin + b * cos
    return out.astype(input.dtype) if is_half(input.dtype) else out


# A rotation's adjoint is the rotation back.
_rotate = Op(
    "rope",
    _turned,
    {"input": lambda g, cos, sin, neighbours: _rotate(g, cos, -sin, neighbours)},
    inputs=3,
)


def _reference(
    x: Any, dims: Any = None, traditional: bool = False, base: float = 10000.0, scale: float = 1.0,
    offset: int = 0,
) -> Any:  # fmt: skip
    dims = x.shape[-1] if dims is None else dims
    out = x.copy()
    for t in range(x.shape[-2]):
        for i in range(dims // 2):
            j, k = (2 * i, 2 * i + 1) if traditional else (i, i + dims // 2)
            angle = (t + offset) * scale * base ** (-2 * i / dims)
            z = (x[..., t, j] + 1j * x[..., t, k]) * np.exp(1j * angle)
            out[..., t, j], out[..., t, k] = z.real, z.imag
    return out


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3, 4))
    yield Sample(make(3, 6), 4, traditional=True, offset=5)
    yield Sample(make(1, 2, 2, 4), base=100.0, scale=0.5)
    yield Sample(make(0, 4))


@operator(
    "nn.functional.rope",
    samples=_samples,
    reference=_reference,
    convention=SMOOTH,
    method=False,
)
def rope(
    input: Any,
    dims: int | None = None,
    traditional: bool = False,
    base: float = 10000.0,
    scale: float = 1.0,
    offset: int = 0,
) -> Any:
    """Rotary position embedding, one node in the graph.

    The product of a query and a key that were both turned depends on their features and on the
    difference of their positions.

    Args:
        input: (..., T, E), queries or keys at positions ``offset`` to ``offset + T - 1``.
        dims: how many of the first features to turn, an even number; default E.
        traditional: pairs are neighbouring features, as in the paper; default False: feature i and
            feature ``i + dims / 2``, as most trained models have it.
        base: pair i turns by ``base ** (-2 i / dims)`` from one position to the next.
        scale: positions are multiplied by it.
        offset: position of the first row, for sequences that go on from a cache.

    Returns:
        As ``input``, in its dtype.

    Raises:
        ShapeError: ``dims`` is odd or more than E, or ``input`` has fewer than two dimensions.

    Source: Su et al., "RoFormer: Enhanced transformer with rotary position embedding" (2021).

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.rope(ag.tensor([[1.0, 0.0], [1.0, 0.0]]))
        tensor([[1.0000, 0.0000],
                [0.5403, 0.8415]])
    """
    shape = shape_of(input)
    dims = shape[-1] if dims is None and shape else dims
    if len(shape) < 2 or dims is None or dims % 2 or not 0 < dims <= shape[-1]:
        raise ShapeError(
            f"rope: expected an input (..., T, E) and an even dims of at most E, got "
            f"{describe(input)} and dims={dims}"
        )
    array = input._array
    wide = np.dtype(np.float32) if is_half(array.dtype) else array.dtype
    positions = (np.arange(shape[-2]) + float(offset)) * scale
    angles = positions[:, None] * base ** (np.arange(0, dims, 2) / -dims)
    backend = backend_of(array)
    where = backend.device_of(array)
    cos, sin = [backend.from_numpy(f(angles).astype(wide), where) for f in (np.cos, np.sin)]
    return _rotate(input, cos, sin, traditional)
