"""Losses of embeddings: vectors that should lie together or apart, in pairs and in triplets."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_tensor
from autograd_core.ops.arithmetic import sqrt
from autograd_core.ops.clamping import clamp_min
from autograd_core.ops.distances import pairwise_distance
from autograd_core.ops.loss_reduction import (
    as_floating,
    matched,
    reduce_tensor,
    reduced,
    reduction_of,
    share,
)
from autograd_core.ops.precision import widen
from autograd_core.ops.reduction import keep
from autograd_core.ops.reduction import sum as sum_of
from autograd_core.ops.selection import minimum, only
from autograd_core.registry import At, Sample, operator

_LEAST = 1e-12  # added to squared lengths


def _cosines(xp: Any, input1: Any, input2: Any, target: Any, margin: float, reduction: str) -> Any:
    x, y = widen(input1), widen(input2)
    squares = ((x * x).sum(axis=-1) + _LEAST) * ((y * y).sum(axis=-1) + _LEAST)
    cosine = (x * y).sum(axis=-1) / xp.sqrt(squares)
    apart = xp.clip(cosine - margin, 0, np.inf)
    return reduced(
        only(target == 1, 1 - cosine) + only(target == -1, apart), reduction, input1.dtype
    )


def _cosine_slopes(
    g: Any, needs: Any, input1: Any, input2: Any, target: Any, margin: float, reduction: str
) -> Any:
    shape = tuple(input1.shape)

    def across(row: Any) -> Any:
        return keep(row, shape, (len(shape) - 1,), False)

    square1, square2 = sum_of(input1 * input1, -1) + _LEAST, sum_of(input2 * input2, -1) + _LEAST
    scale = 1 / sqrt(square1 * square2)
    cosine = sum_of(input1 * input2, -1) * scale
    g = share(g, reduction, math.prod(shape[:-1]))
    g = only((target == -1) & (cosine >= margin), g) - only(target == 1, g)
    turn, stretch = across(g * scale), g * cosine
    return (
        input2 * turn - input1 * across(stretch / square1) if needs[0] else None,
        input1 * turn - input2 * across(stretch / square2) if needs[1] else None,
        None,
    )


_cosine_embedding_loss = Op("cosine_embedding_loss", _cosines, joint=_cosine_slopes, inputs=3)


@operator(
    "nn.functional.cosine_embedding_loss", method=False,
    convention="where the margin is just kept the gradient is that of a margin not kept; a vector "
    "of zeros has a gradient of about 1e6 times the other's direction",
    samples=lambda make: [
        Sample(make(3, 4), make(3, 4), np.array([1, -1, -1])),
        Sample(make(3, 4), make(3, 4), np.array([1, -1, 1]), margin=-0.5, reduction="none"),
        Sample(make(4), make(4), np.array(-1), margin=-0.9, reduction="sum"),
    ],
    kinks=[
        At(
            (np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([-1])),
            (np.array([[0.0, 1 - 1e-12]]), np.array([[1 - 1e-12, 0.0]])),
        )
    ],
)  # fmt: skip
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """``1 - cosine`` of the angle between vectors where ``target`` is 1, and how far the cosine is
    above ``margin`` where ``target`` is -1.

    Args:
        input1, input2: vectors (N, D) or (D).
        target: 1 (alike) or -1 (different): (N), or a number.
        margin: from -1 to 1; default 0.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.cosine_embedding_loss``.

    Example:
        >>> import autograd_core as ag
        >>> one, other = ag.tensor([[1.0, 0.0]]), ag.tensor([[3.0, 4.0]])
        >>> ag.nn.functional.cosine_embedding_loss(one, other, ag.tensor([1]))
        tensor(0.4000)
    """
    name = "cosine_embedding_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    input1, input2 = matched(name, input1, input2, False, "input2")
    check_tensor(name, target, "target", arrays=False)
    shape = tuple(input1.shape)
    if len(shape) not in (1, 2) or tuple(target.shape) != shape[:-1]:
        raise ShapeError(
            f"{name}: expected vectors (N, D) with target (N), or (D) with a number; got "
            f"{describe(input1)} and target {describe(target)}"
        )
    input1, input2 = as_floating(name, input1, input2)
    return _cosine_embedding_loss(input1, input2, target, margin, reduction)


def _triplet(
    name: str, anchor: Any, positive: Any, negative: Any, distance: Callable[..., Any],
    margin: float, swap: bool, reduction: str,
) -> Any:  # fmt: skip
    """``max(0, margin + distance(anchor, positive) - distance(anchor, negative))``, reduced."""
    if not margin > 0:
        raise ValueError(f"{name}: margin must be greater than 0, got {margin}")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduce_tensor(clamp_min(near - far + margin, 0), reduction)


def _check_triplet(
    name: str, anchor: Any, positive: Any, negative: Any, allow_broadcast: bool
) -> None:
    for argument, value in (("positive", positive), ("negative", negative)):
        matched(name, anchor, value, allow_broadcast, argument)
        if value.ndim != anchor.ndim:
            raise ShapeError(
                f"{name}: anchor, positive and negative must have the same number of dimensions; "
                f"got anchor {describe(anchor)} and {argument} {describe(value)}"
            )


_KINK = "where the margin is just kept the gradient is that of a margin not kept"


@operator(
    "nn.functional.triplet_margin_loss", method=False,
    convention=_KINK + "; distances as for pairwise_distance",
    samples=lambda make: [
        Sample(make(3, 4), make(3, 4), make(3, 4)),
        Sample(make(4), make(4), make(4), 3.0, 1.0, reduction="sum"),
        Sample(make(2, 3, 4), make(2, 3, 4), make(2, 3, 4), swap=True, reduction="none"),
    ],
)  # fmt: skip
def triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2.0,
    eps: float = 1e-6, swap: bool = False, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """``max(0, margin + |anchor - positive| - |anchor - negative|)``: the anchor should be nearer
    to the positive than to the negative.

    Args:
        anchor, positive, negative: vectors (..., D), of one shape.
        margin: by how much nearer, greater than 0; default 1.
        p: the exponent of the norm; default 2.
        eps: added to each difference; default 1e-6.
        swap: compare with the negative's distance to the positive where that is less.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.
        allow_broadcast: let sizes differ that broadcast; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``margin`` is not positive, or ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.triplet_margin_loss``; Balntas and others (2016).

    Example:
        >>> import autograd_core as ag
        >>> anchor, near, far = ag.zeros(1, 2), ag.tensor([[3.0, 4.0]]), ag.tensor([[0.0, 5.5]])
        >>> ag.nn.functional.triplet_margin_loss(anchor, near, far)
        tensor(0.5000)
    """
    name = "triplet_margin_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    _check_triplet(name, anchor, positive, negative, allow_broadcast)

    def distance(one: Any, other: Any) -> Any:
        return pairwise_distance(one, other, p, eps)

    return _triplet(name, anchor, positive, negative, distance, margin, swap, reduction)


@operator(
    "nn.functional.triplet_margin_with_distance_loss", method=False,
    convention=_KINK + "; distances as for the function",
    samples=lambda make: [
        Sample(make(3, 4), make(3, 4), make(3, 4)),
        Sample(
            make(3, 4), make(3, 4), make(3, 4), reduction="none", swap=True, margin=5.0,
            distance_function=lambda x, y: ((x - y) ** 2).sum(-1),
        ),
    ],
)  # fmt: skip
def triplet_margin_with_distance_loss(
    anchor: Any, positive: Any, negative: Any, *,
    distance_function: Callable[[Any, Any], Any] | None = None, margin: float = 1.0,
    swap: bool = False, reduction: str = "mean", allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """:func:`triplet_margin_loss` with a distance of one's own.

    Args:
        anchor, positive, negative: of one shape.
        distance_function: from two of them to their distance, 0 or more; default
            :func:`pairwise_distance`.
        margin, swap, reduction, allow_broadcast: as for :func:`triplet_margin_loss`.

    Raises:
        ShapeError, ValueError: as for :func:`triplet_margin_loss`.

    Source: PyTorch, ``torch.nn.functional.triplet_margin_with_distance_loss``.

    Example:
        >>> import autograd_core as ag
        >>> anchor, near, far = ag.zeros(1, 2), ag.tensor([[3.0, 4.0]]), ag.tensor([[0.0, 5.5]])
        >>> ag.nn.functional.triplet_margin_with_distance_loss(
        ...     anchor, near, far, distance_function=lambda x, y: (x - y).abs().sum(-1))
        tensor(2.5000)
    """
    name = "triplet_margin_with_distance_loss"
    reduction = reduction_of(name, reduction)
    _check_triplet(name, anchor, positive, negative, allow_broadcast)
    distance = distance_function or pairwise_distance
    return _triplet(name, anchor, positive, negative, distance, margin, swap, reduction)
