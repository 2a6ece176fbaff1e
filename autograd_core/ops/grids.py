"""All pairs and combinations of elements, and indices as coordinates."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.ops.broadcast import meshgrid
from autograd_core.ops.dims import sizes
from autograd_core.ops.gather import check_integer_index, index_select
from autograd_core.ops.join import stack
from autograd_core.ops.shape import reshape
from autograd_core.registry import SMOOTH, Sample, operator


def _chosen(x: Any, r: int = 2, with_replacement: bool = False) -> Any:
    make = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    return np.array(list(make(range(len(x)), r)), np.int64).reshape(-1, r)


@operator(
    "combinations",
    samples=lambda make: [
        Sample(make(4)),
        Sample(make(3), 3),
        Sample(make(3), 2, True),
        Sample(make(1)),
        Sample(make(3), 1),
    ],
    reference=lambda x, r=2, with_replacement=False: x[_chosen(x, r, with_replacement)],
    convention=SMOOTH,
    method=False,
)
def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All choices of ``r`` elements, one in each row, in the order of ``itertools``.

    Args:
        input: tensor of one dimension.
        r: how many to choose.
        with_replacement: an element may be chosen several times.

    Raises:
        RuntimeError: ``input`` has not one dimension, or ``r`` is negative.

    Source: PyTorch, ``torch.combinations``.

    Example:
        >>> import autograd_core as ag
        >>> ag.combinations(ag.tensor([1, 2, 3]))
        tensor([[1, 2],
                [1, 3],
                [2, 3]])
    """
    if input.ndim != 1:
        raise ShapeError(
            f"combinations: input must have one dimension, got shape {tuple(input.shape)}"
        )
    if r < 0:
        raise RuntimeError(f"combinations: r must not be negative, got {r}")
    if r == 0:
        return input[:0]
    chosen = _chosen(range(input.shape[0]), r, with_replacement)
    places = TensorBase._wrap(backend_of(input._array).from_numpy(chosen.reshape(-1)))
    return reshape(index_select(input, 0, places), chosen.shape)


def _product_reference(*xs: Any) -> Any:
    if len(xs) == 1:
        return xs[0]
    return np.stack(np.meshgrid(*xs, indexing="ij"), -1).reshape(-1, len(xs))


@operator(
    "cartesian_prod",
    samples=lambda make: [
        Sample(make(3), make(2)),
        Sample(make(2), make(1), make(3)),
        Sample(make(3)),
    ],
    reference=_product_reference,
    convention=SMOOTH,
    method=False,
)
def cartesian_prod(*tensors: Any) -> Any:
    """All ways to take one element of each tensor, one in each row; of one tensor, itself.

    Args:
        tensors: tensors of one dimension and one dtype.

    Raises:
        RuntimeError: one has another number of dimensions.

    Source: PyTorch, ``torch.cartesian_prod``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cartesian_prod(ag.tensor([1, 2]), ag.tensor([3, 4]))
        tensor([[1, 3],
                [1, 4],
                [2, 3],
                [2, 4]])
    """
    if not tensors or any(t.ndim != 1 for t in tensors):
        raise ShapeError(
            f"cartesian_prod: expected tensors of one dimension, got shapes "
            f"{[tuple(t.shape) for t in tensors]}"
        )
    if len(tensors) == 1:
        return tensors[0]
    return reshape(stack(meshgrid(*tensors, indexing="ij"), -1), (-1, len(tensors)))


@operator(
    "unravel_index",
    samples=lambda make: [
        Sample(np.array([[1, 5], [0, 3]]), (2, 3)),
        Sample(np.array(7), (3, 2, 2)),
        Sample(np.array([2, 0]), 4),
    ],
    reference=lambda x, shape: list(np.unravel_index(x, shape)),
    convention="no gradient",
    differentiable=False,
    method=False,
)
def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """Indices into a flattened tensor as coordinates, one tensor for each dimension.

    Args:
        indices: tensor of integers from 0 on.
        shape: the tensor's sizes.

    Raises:
        IndexError: an index is out of range or no integer.

    Source: PyTorch, ``torch.unravel_index``.

    Example:
        >>> import autograd_core as ag
        >>> ag.unravel_index(ag.tensor([1, 5]), (2, 3))
        (tensor([0, 1]), tensor([1, 2]))
    """
    check_integer_index("unravel_index", indices, "indices")
    size = sizes("unravel_index", (shape,) if hasattr(shape, "__index__") else (tuple(shape),))
    if min(size, default=0) < 0:
        raise ShapeError(f"unravel_index: sizes must not be negative, got {size}")
    backend = backend_of(indices._array)
    backend.check_index(indices._array, 0, math.prod(size), "unravel_index")
    array = indices._array.astype(np.int64)
    coordinates = []
    for n in reversed(size):
        coordinates.append(TensorBase._wrap(backend.asarray(array % max(n, 1))))
        array = array // max(n, 1)
    return tuple(reversed(coordinates))
