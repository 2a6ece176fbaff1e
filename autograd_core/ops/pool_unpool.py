"""The partial inverse of max pooling: values back to where they were found, zeros elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.ops.conv_windows import per_dim, volume
from autograd_core.ops.dims import shape_of
from autograd_core.ops.gather import along, check_integer_index, check_range, gather
from autograd_core.ops.pool_window import check_rank, pool_stride
from autograd_core.ops.shape import reshape
from autograd_core.registry import SMOOTH, Make, Sample, operator

_SHARED = SMOOTH + "; of several values for one place the last stays, but each gets its gradient"


def _forward(xp: Any, input: Any, indices: Any, size: int) -> Any:
    out = xp.zeros((*input.shape[:-1], size), input.dtype)
    out[along(xp, indices, input.ndim - 1)] = input
    return out


_unpool = Op("max_unpool", _forward, {"input": lambda g, indices: gather(g, -1, indices)}, inputs=2)


def max_unpool(
    name: str, n: int, input: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any,
    output_size: Any,
) -> Any:  # fmt: skip
    """Max unpooling of ``n`` dimensions; arguments as for :func:`max_unpool2d`."""
    sizes = check_rank(name, input, n)
    check_integer_index(name, indices, "indices")
    if shape_of(indices) != shape_of(input):
        raise ShapeError(
            f"{name}: indices must have the shape of input {shape_of(input)}, got "
            f"{shape_of(indices)}"
        )
    kernel = per_dim(name, "kernel_size", kernel_size, n, 1)
    stride = pool_stride(name, stride, kernel)
    padding = per_dim(name, "padding", padding, n, 0)
    default = tuple((m - 1) * s + k - 2 * p for m, s, k, p in zip(sizes, stride, kernel, padding))
    wanted = default if output_size is None else tuple(output_size)
    if len(wanted) == n + 2:
        wanted = wanted[2:]
    if len(wanted) != n or any(not d - s < w < d + s for w, d, s in zip(wanted, default, stride)):
        raise ShapeError(
            f"{name}: output_size {tuple(wanted)} is not within one stride {stride} of {default}"
        )
    lead = shape_of(input)[: input.ndim - n]
    check_range(name, indices, 0, volume(wanted))
    flat = (*lead, volume(sizes))
    out = _unpool(reshape(input, flat), reshape(indices, flat), volume(wanted))
    return reshape(out, (*lead, *wanted))


def _samples(n: int) -> Callable[[Make], Iterable[Sample]]:
    def samples(make: Make) -> Iterable[Sample]:
        places = np.arange(2**n).reshape(1, 1, *[2] * n)
        yield Sample(make(1, 1, *[2] * n), places * 2, 2)
        yield Sample(make(1, *[2] * n), places[0] * 3, 3, 2)
        yield Sample(make(1, 1, *[2] * n), places, 2, output_size=(5,) * n)

    return samples


@operator("nn.functional.max_unpool1d", samples=_samples(1), convention=_SHARED, method=False)
def max_unpool1d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
    output_size: Any = None,
) -> Any:  # fmt: skip
    """Put the values of (N, C, L) to where ``indices`` point; arguments as for
    :func:`max_unpool2d`.

    Source: PyTorch, ``torch.nn.functional.max_unpool1d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.max_unpool1d(ag.tensor([[[5.0, 6.0]]]), ag.tensor([[[1, 2]]]), 2)
        tensor([[[0., 5., 6., 0.]]])
    """
    return max_unpool("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


@operator("nn.functional.max_unpool2d", samples=_samples(2), convention=_SHARED, method=False)
def max_unpool2d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
    output_size: Any = None,
) -> Any:  # fmt: skip
    """Put values to where max pooling found them, and zeros everywhere else.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        indices: as max pooling returned them, in the shape of ``input``. Of several values for one
            place the last stays.
        kernel_size, stride, padding: those of the max pooling, from which the size follows.
        output_size: the size, where several would give the same; less than one stride from it.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: an index is out of range.

    Source: PyTorch, ``torch.nn.functional.max_unpool2d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.max_unpool2d(ag.tensor([[[5.0]]]), ag.tensor([[[1]]]), 2)
        tensor([[[0., 5.],
                 [0., 0.]]])
    """
    return max_unpool("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


@operator("nn.functional.max_unpool3d", samples=_samples(3), convention=_SHARED, method=False)
def max_unpool3d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
    output_size: Any = None,
) -> Any:  # fmt: skip
    """Put the values of (N, C, D, H, W) to where ``indices`` point; arguments as for
    :func:`max_unpool2d`.

    Source: PyTorch, ``torch.nn.functional.max_unpool3d``.

    Example:
        >>> import autograd_core as ag
        >>> one = ag.ones(1, 1, 1, 1)
        >>> ag.nn.functional.max_unpool3d(one, ag.zeros(1, 1, 1, 1).long(), (1, 1, 2))
        tensor([[[[1., 0.]]]])
    """
    return max_unpool("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)
