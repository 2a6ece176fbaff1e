"""Several tensors as views of one common shape: broadcast_tensors, meshgrid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.ops.shape import broadcast_shape, expand, reshape
from autograd_core.registry import SMOOTH, Sample, operator


@operator(
    "broadcast_tensors",
    samples=lambda make: [Sample(make(3, 1), make(2)), Sample(make(), make(1, 2), make(2, 1))],
    reference=lambda *xs: list(np.broadcast_arrays(*xs)),
    convention=SMOOTH,
    method=False,
)
def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """The tensors as views of one common shape. Source: PyTorch, ``torch.broadcast_tensors``."""
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    shape = broadcast_shape("broadcast_tensors", *(tuple(t.shape) for t in tensors))
    return tuple(expand(t, shape) for t in tensors)


@operator(
    "meshgrid",
    samples=lambda make: [
        Sample(make(2), make(3), indexing="ij"),
        Sample(make(2), make(3), make(), indexing="xy"),
    ],
    reference=lambda *xs, indexing="ij": np.meshgrid(*xs, indexing=indexing),
    convention=SMOOTH,
    method=False,
)
def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """Grids of coordinates: output ``i`` varies along dimension ``i`` as ``tensors[i]`` does;
    views.

    Args:
        tensors: tensors of one dimension or none, or one sequence of them.
        indexing: ``"ij"``, or ``"xy"`` for the first two dimensions exchanged.

    Source: PyTorch, ``torch.meshgrid``.

    Example:
        >>> import autograd_core as ag
        >>> rows, columns = ag.meshgrid(ag.arange(2), ag.arange(2))
        >>> rows
        tensor([[0, 0],
                [1, 1]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise ValueError(f"meshgrid: indexing must be 'ij' or 'xy', got {indexing!r}")
    if any(t.ndim > 1 for t in tensors):
        raise ShapeError(
            f"meshgrid: expected tensors of at most 1 dimension, got "
            f"{[tuple(t.shape) for t in tensors]}"
        )
    places = list(range(len(tensors)))
    if indexing == "xy" and len(tensors) > 1:
        places[:2] = [1, 0]
    shape = [0] * len(tensors)
    for place, tensor in zip(places, tensors):
        shape[place] = math.prod(tensor.shape)
    return tuple(
        expand(reshape(t, *[n if i == place else 1 for i, n in enumerate(shape)]), *shape)
        for place, t in zip(places, tensors)
    )
