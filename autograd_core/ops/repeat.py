"""Copies of the elements side by side: repeat, tile, repeat_interleave."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_tensor
from autograd_core.ops.dims import one_dim, shape_of, sizes
from autograd_core.ops.gather import index_select
from autograd_core.ops.reduction import sum as sum_of
from autograd_core.ops.shape import reshape
from autograd_core.registry import SMOOTH, Sample, operator


def _repeated(xp: Any, input: Any, apart: Any, wide: Any, size: Any, shape: Any) -> Any:
    return xp.broadcast_to(input.reshape(apart), wide).copy().reshape(size)


def _added_up(g: Any, apart: Any, wide: Any, shape: Any) -> Any:
    dims = tuple(d for d, (m, n) in enumerate(zip(apart, wide)) if m != n)
    g = reshape(g, wide)
    return reshape(sum_of(g, dims) if dims else g, shape)


# The input in shape ``apart``, broadcast to ``wide``, copied into shape ``size``.
_repeat = Op(
    "repeat",
    forward=_repeated,
    rules={"input": lambda g, apart, wide, shape: _added_up(g, apart, wide, shape)},
)


@operator(
    "repeat",
    samples=lambda make: [
        Sample(make(2, 3), 2, 1, 2),
        Sample(make(3), (2,)),
        Sample(make(), 3),
        Sample(make(2), 0),
    ],
    reference=lambda x, *size: np.tile(x, size[0] if isinstance(size[0], tuple) else size),
    convention=SMOOTH,
)
def repeat(input: Any, *given: Any, repeats: Any = None) -> Any:
    """The whole tensor repeated so many times along each dimension, a copy.

    Args:
        input: tensor.
        given: how often, one number per dimension, as numbers or one sequence, also by name,
            ``repeats``; more of them add leading dimensions.

    Raises:
        RuntimeError: there are fewer numbers than dimensions, or a negative one.

    Source: PyTorch, ``torch.Tensor.repeat``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor([1, 2]).repeat(2)
        tensor([1, 2, 1, 2])
    """
    times = sizes("repeat", given, repeats)
    shape = shape_of(input)
    if len(times) < len(shape) or min(times, default=0) < 0:
        raise ShapeError(
            f"repeat: expected {len(shape)} or more numbers from 0 on for shape {shape}, got "
            f"{times}"
        )
    shape = (1,) * (len(times) - len(shape)) + shape
    # Each dimension n becomes (1, n), of which the first is broadcast.
    return _repeat(
        input,
        tuple(m for n in shape for m in (1, n)),
        tuple(m for k, n in zip(times, shape) for m in (k, n)),
        tuple(k * n for k, n in zip(times, shape)),
        shape_of(input),
    )


@operator(
    "tile",
    samples=lambda make: [
        Sample(make(2, 3), (2,)),
        Sample(make(3), (2, 2)),
        Sample(make(2, 1), 1, 2),
    ],
    reference=lambda x, *size: np.tile(x, size[0] if isinstance(size[0], tuple) else size),
    convention=SMOOTH,
)
def tile(input: Any, *given: Any, dims: Any = None) -> Any:
    """As ``repeat``, but fewer numbers than dimensions stand for the last ones.

    Args:
        input: tensor.
        given: how often, as numbers or one sequence; also by name, ``dims``.

    Source: PyTorch, ``torch.tile``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tile(ag.tensor([[1, 2]]), (2,))
        tensor([[1, 2, 1, 2]])
    """
    times = sizes("tile", given if dims is None else (dims,))
    return repeat(input, (1,) * (input.ndim - len(times)) + times)


@operator(
    "repeat_interleave",
    samples=lambda make: [
        Sample(make(2, 3), 2, 1),
        Sample(make(2, 3), 2),
        Sample(make(2, 3), np.array([1, 2]), dim=0),
        Sample(make(3), np.array([0, 2, 1])),
    ],
    reference=lambda x, repeats, dim=None: np.repeat(x, repeats, dim),
    convention=SMOOTH,
)
def repeat_interleave(
    input: Any = None,
    repeats: Any = None,
    dim: int | None = None,
    *,
    output_size: int | None = None,
) -> Any:
    """Each element repeated in its place along one dimension.

    Args:
        input: tensor; without it the elements are 0, 1, 2, ..., as many as ``repeats`` has.
        repeats: how often: a number, or an integer tensor with one for each element of the
            dimension.
        dim: the dimension; default: of the flattened tensor.
        output_size: accepted as in PyTorch, which allocates by it.

    Raises:
        RuntimeError: there are not as many repeats as elements, or ``repeats`` alone is given and
            not a vector of integers.

    Source: PyTorch, ``torch.repeat_interleave``.

    Example:
        >>> import autograd_core as ag
        >>> ag.repeat_interleave(ag.tensor([1, 2]), 2)
        tensor([1, 1, 2, 2])
    """
    if input is None or repeats is None:
        repeats = input if repeats is None else repeats
        check_tensor("repeat_interleave", repeats, "repeats")
        if repeats.ndim != 1:
            raise ShapeError(
                f"repeat_interleave: repeats alone must have one dimension, got {describe(repeats)}"
            )
        xp = backend_of(repeats._array).xp
        input, dim = TensorBase._wrap(xp.arange(repeats.numel(), dtype=repeats._array.dtype)), None
    if dim is None or input.ndim == 0:
        input, dim = reshape(input, (-1,)), 0
    dim = one_dim("repeat_interleave", dim, input.ndim)
    shape = shape_of(input)
    if not hasattr(repeats, "_array"):
        if int(repeats) < 0:
            raise ShapeError(f"repeat_interleave: repeats={repeats} must not be negative")
        before, n, behind = shape[:dim], shape[dim], shape[dim + 1 :]
        return _repeat(
            input,
            (*before, n, 1, *behind),
            (*before, n, int(repeats), *behind),
            (*before, n * int(repeats), *behind),
            shape,
        )
    if (
        repeats.ndim > 1
        or repeats.numel() not in (1, shape[dim])
        or repeats._array.dtype.kind not in "iu"
    ):
        raise ShapeError(
            f"repeat_interleave: expected {shape[dim]} integers for dimension {dim} of shape "
            f"{shape}, got "
            f"repeats of shape {tuple(repeats.shape)} and dtype {repeats.dtype}"
        )
    # The result's size depends on the numbers, so they are read on the host.
    counts = np.broadcast_to(backend_of(repeats._array).to_numpy(repeats._array), (shape[dim],))
    if counts.size and counts.min() < 0:
        raise ShapeError(
            f"repeat_interleave: repeats must not be negative, got {int(counts.min())}"
        )
    chosen = backend_of(input._array).from_numpy(np.repeat(np.arange(shape[dim]), counts))
    return index_select(input, dim, TensorBase._wrap(chosen))
