"""Distances and angles between vectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.dtypes import float32, float64
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_real, check_same_dtype
from autograd_core.ops.clamping import clamp_min
from autograd_core.ops.dims import one_dim
from autograd_core.ops.gather import index_select
from autograd_core.ops.norms import vector_norm
from autograd_core.ops.products import matmul
from autograd_core.ops.selection import where
from autograd_core.ops.shape import broadcast_shape, expand
from autograd_core.registry import At, Make, Sample, operator

_AT_ZERO = "0 where two vectors are equal"


def _cosine_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), make(2, 3))
    yield Sample(make(2, 3, 2), make(3, 2), dim=-1)
    yield Sample(make(3), make(3), 0)


@operator(
    "nn.functional.cosine_similarity", samples=_cosine_samples, method=False,
    aliases=("cosine_similarity",),
    convention="below eps a norm counts as the constant eps, so the gradient at 0 is about 1 / eps",
    kinks=[At((np.zeros((1, 2)), np.array([[3.0, 4.0]])), (np.array([[0.6e8, 0.8e8]]), None))],
)  # fmt: skip
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors: their product over that of their lengths.

    Args:
        x1, x2: tensors that broadcast.
        dim: the dimension that a vector lies along; default 1.
        eps: the least length to divide by.

    Raises:
        ShapeError: the shapes do not broadcast.

    Source: PyTorch, ``torch.nn.functional.cosine_similarity``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cosine_similarity(ag.tensor([[1.0, 0.0]]), ag.tensor([[3.0, 4.0]]))
        tensor([0.6000])
    """
    check_real("cosine_similarity", x1, "x1")
    check_real("cosine_similarity", x2, "x2")
    if x1.shape != x2.shape:
        broadcast_shape("cosine_similarity", tuple(x1.shape), tuple(x2.shape))
    dims = max(x1.ndim, x2.ndim, 1)
    dim = one_dim("cosine_similarity", dim, dims) - dims
    x1 = x1.reshape(*[1] * (dims - x1.ndim), *x1.shape)
    x2 = x2.reshape(*[1] * (dims - x2.ndim), *x2.shape)
    length1, length2 = vector_norm(x1, 2, dim, True), vector_norm(x2, 2, dim, True)
    if x1.shape[dim] == 1:  # a vector of equal elements, as many as the other one has
        length1 = length1 * x2.shape[dim] ** 0.5
    elif x2.shape[dim] == 1:
        length2 = length2 * x1.shape[dim] ** 0.5
    return ((x1 / clamp_min(length1, eps)) * (x2 / clamp_min(length2, eps))).sum(dim)


@operator(
    "nn.functional.pairwise_distance", method=False, aliases=("pairwise_distance",),
    samples=lambda make: [
        Sample(make(2, 3), make(2, 3)),
        Sample(make(3), make(2, 3), 1.0, keepdim=True),
        Sample(make(2, 2, 3), make(2, 3), p=3.0),
    ],
    convention="equal vectors count as eps apart in every direction",
    kinks=[At((np.ones((1, 2)), np.ones((1, 2))), (np.full((1, 2), 0.5**0.5), None))],
)  # fmt: skip
def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """The p-norm of ``x1 - x2 + eps`` along the last dimension.

    Args:
        x1, x2: tensors that broadcast.
        p: the norm's exponent; default 2.
        eps: added to each difference, so that the root has a derivative.
        keepdim: keep the last dimension with size 1.

    Raises:
        ShapeError: the shapes do not broadcast.

    Source: PyTorch, ``torch.nn.functional.pairwise_distance``.

    Example:
        >>> import autograd_core as ag
        >>> ag.pairwise_distance(ag.tensor([[3.0, 4.0]]), ag.zeros(1, 2), eps=0.0)
        tensor([5.])
    """
    if x1.shape != x2.shape:
        broadcast_shape("pairwise_distance", tuple(x1.shape), tuple(x2.shape))
    return vector_norm(x1 - x2 + eps, p, -1, keepdim)


def _euclidean_forward(xp: Any, x1: Any, x2: Any) -> Any:
    """By one product of matrices: -2ab + aa + bb."""
    square1, square2 = ((x * x).sum(-1, keepdims=True) for x in (x1, x2))
    left = xp.concatenate([x1 * -2, square1, xp.ones_like(square1)], -1)
    right = xp.concatenate([x2, xp.ones_like(square2), square2], -1)
    out = xp.matmul(left, right.swapaxes(-1, -2))
    return xp.sqrt(xp.maximum(out, 0, out=out), out=out)


def _euclidean_rule(g: Any, needs: Any, x1: Any, x2: Any, out: Any) -> Any:
    equal = out == 0
    share = where(equal, 0, g / where(equal, 1, out))
    turned = share.swapaxes(-1, -2)
    return (
        x1 * share.sum(-1)[..., None] - matmul(share, x2) if needs[0] else None,
        x2 * share.sum(-2)[..., None] - matmul(turned, x1) if needs[1] else None,
    )


_euclidean = Op("cdist", _euclidean_forward, joint=_euclidean_rule, inputs=2)
_MODES = (
    "use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)  # fmt: skip
_LONG = (float32, float64)  # half types would lose all in the difference of the squares


@operator(
    "cdist", method=False, convention=_AT_ZERO,
    samples=lambda make: [
        Sample(make(2, 3), make(4, 3)),
        Sample(make(2, 2, 3), make(3, 3), 1.0),
        Sample(make(2, 3), make(2, 3), p=np.inf),
    ],
    kinks=[At((np.ones((1, 2)), np.ones((1, 2))), (np.zeros((1, 2)), None))],
)  # fmt: skip
def cdist(
    x1: Any, x2: Any, p: float = 2.0,
    compute_mode: str = "use_mm_for_euclid_dist_if_necessary",
) -> Any:  # fmt: skip
    """The p-norm distance between every row of ``x1`` and every row of ``x2``.

    Args:
        x1: (..., P, M).
        x2: (..., R, M), with batches that broadcast.
        p: the norm's exponent; default 2.
        compute_mode: how distances for ``p=2`` are computed:
            ``"use_mm_for_euclid_dist_if_necessary"``, the default, by a product of matrices where
            ``P`` or ``R`` is above 25, which is quick, but rounds small distances between long
            vectors off; ``"use_mm_for_euclid_dist"``, always so;
            ``"donot_use_mm_for_euclid_dist"``, always from the differences.

    Returns:
        (..., P, R).

    Raises:
        ShapeError: the rows have different lengths, or there are no rows.
        ValueError: ``compute_mode`` is another.

    Source: PyTorch, ``torch.cdist``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cdist(ag.tensor([[0.0], [1.0]]), ag.tensor([[3.0]]))
        tensor([[3.],
                [2.]])
    """
    check_floating("cdist", x1, "x1")
    check_floating("cdist", x2, "x2")
    check_same_dtype("cdist", x1=x1, x2=x2)
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(
            f"cdist: expected (*, P, M) and (*, R, M), got {describe(x1)} and {describe(x2)}"
        )
    if compute_mode not in _MODES:
        raise ValueError(
            f"cdist: compute_mode must be one of {', '.join(_MODES)}, got {compute_mode!r}"
        )
    many = compute_mode == _MODES[0] and max(x1.shape[-2], x2.shape[-2]) > 25
    if p == 2 and (many or compute_mode == _MODES[1]) and x1.dtype is x2.dtype in _LONG:
        batch = broadcast_shape("cdist", tuple(x1.shape[:-2]), tuple(x2.shape[:-2]))
        x1, x2 = (expand(x, (*batch, *x.shape[-2:])) for x in (x1, x2))
        return _euclidean(x1, x2)
    return vector_norm(x1[..., :, None, :] - x2[..., None, :, :], p, -1)


@operator(
    "nn.functional.pdist", method=False, convention=_AT_ZERO, aliases=("pdist",),
    samples=lambda make: [Sample(make(4, 3)), Sample(make(3, 2), 1.0), Sample(make(1, 2))],
    kinks=[At((np.ones((2, 2)),), (np.zeros((2, 2)),))],
)  # fmt: skip
def pdist(input: Any, p: float = 2.0) -> Any:
    """The p-norm distance between every two rows: (0, 1), (0, 2), ..., (1, 2), ...

    Args:
        input: (N, M).
        p: the norm's exponent; default 2.

    Returns:
        (N * (N - 1) / 2).

    Source: PyTorch, ``torch.nn.functional.pdist``.

    Example:
        >>> import autograd_core as ag
        >>> ag.pdist(ag.tensor([[0.0], [1.0], [3.0]]))
        tensor([1., 3., 2.])
    """
    check_floating("pdist", input)
    if input.ndim != 2:
        raise ShapeError(f"pdist: expected (N, M), got {describe(input)}")
    backend = backend_of(input._array)
    first, second = (backend.from_numpy(n) for n in np.triu_indices(input.shape[0], 1))
    return vector_norm(index_select(input, 0, first) - index_select(input, 0, second), p, -1)
