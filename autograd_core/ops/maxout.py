"""Activations that look at several channels: maxout, crelu."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.operands import check_floating
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.extremes import max
from autograd_core.ops.selection import only
from autograd_core.ops.shape import reshape
from autograd_core.ops.slicing import part
from autograd_core.registry import At, Sample, operator


def _maxout_reference(x: Any, pool_size: int, dim: int = 1) -> Any:
    dim %= x.ndim
    groups = (x.shape[dim] // pool_size, pool_size)
    return x.reshape(*x.shape[:dim], *groups, *x.shape[dim + 1 :]).max(dim + 1)


@operator(
    "nn.functional.maxout",
    method=False,
    samples=lambda make: [
        Sample(make(2, 6), 3),
        Sample(make(4, 3), 2, 0),
        Sample(make(2, 4, 3), 1),
        Sample(make(0, 4), 2, dim=-1),
    ],
    reference=_maxout_reference,
    convention="at a tie the first of the largest takes all",
    kinks=[At((np.ones((1, 2)), 2), (np.array([[1.0, 0.0]]),))],
)
def maxout(input: Any, pool_size: int, dim: int = 1) -> Any:
    """The largest of each ``pool_size`` consecutive elements along a dimension.

    Args:
        input: floating-point tensor whose size along ``dim`` is a multiple of ``pool_size``.
        pool_size: how many elements are compared.
        dim: default 1, the channels.

    Raises:
        ShapeError: the size is no multiple.

    Source: Goodfellow et al., "Maxout networks" (2013); Chainer, ``chainer.functions.maxout``.

    Example:
        >>> import autograd_core as ag
        >>> maxout(ag.tensor([[1.0, 4.0, 3.0, 2.0]]), 2)
        tensor([[4., 3.]])
    """
    shape = check_floating("maxout", input).shape
    dim = one_dim("maxout", dim, len(shape))
    if not shape or pool_size < 1 or shape[dim] % pool_size:
        raise ShapeError(
            f"maxout: pool_size={pool_size} does not divide dimension {dim} of shape {shape}"
        )
    groups = (shape[dim] // pool_size, pool_size)
    values, _ = max(reshape(input, (*shape[:dim], *groups, *shape[dim + 1 :])), dim + 1)
    return values


def _crelu_forward(xp: Any, input: Any, dim: int) -> Any:
    zero = input.dtype.type(0)
    return xp.concatenate((xp.maximum(input, zero), xp.maximum(-input, zero)), dim)


def _crelu_rule(g: Any, input: Any, dim: int) -> Any:
    size = shape_of(input)[dim]
    positive, negative = part(g, dim, slice(size)), part(g, dim, slice(size, None))
    return only(input > 0, positive) - only(input < 0, negative)


_crelu = Op("crelu", _crelu_forward, {"input": _crelu_rule})


@operator(
    "nn.functional.crelu",
    method=False,
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(make(3), 0),
        Sample(make(3, 4).T, dim=-1),
        Sample(make(0, 2)),
    ],
    reference=lambda x, dim=1: np.concatenate((np.maximum(x, 0), np.maximum(-x, 0)), dim),
    convention="0 at 0",
    kinks=[At((np.zeros((1, 1)),), (np.zeros((1, 1)),))],
)
def crelu(input: Any, dim: int = 1) -> Any:
    """The positive parts of the input and of its negative, one after the other along a dimension.

    Args:
        input: floating-point tensor.
        dim: default 1, the channels.

    Returns:
        A tensor of twice the size along ``dim``.

    Source: Shang et al., "Understanding and improving convolutional neural networks via
    concatenated rectified linear units" (2016); Chainer, ``chainer.functions.crelu``.

    Example:
        >>> import autograd_core as ag
        >>> crelu(ag.tensor([[-1.0, 2.0]]))
        tensor([[0., 2., 1., 0.]])
    """
    shape = check_floating("crelu", input).shape
    if not shape:
        raise ShapeError("crelu: an input of no dimensions has no channels")
    return _crelu(input, one_dim("crelu", dim, len(shape)))
