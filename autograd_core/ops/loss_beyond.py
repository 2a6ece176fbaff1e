"""Losses that PyTorch leaves to other packages: focal, Dice and contrastive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.operands import check_floating
from autograd_core.ops.arithmetic import pow
from autograd_core.ops.cross_entropy import cross_entropy
from autograd_core.ops.dims import some_dims
from autograd_core.ops.join import cat
from autograd_core.ops.loss_binary import binary_cross_entropy_with_logits
from autograd_core.ops.loss_reduction import (
    alike,
    matched,
    reduce_tensor,
    reduction_of,
)
from autograd_core.ops.masked_fill import masked_fill
from autograd_core.ops.normalization_shape import normalize
from autograd_core.ops.special import sigmoid
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _focal_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), make.booleans(2, 3).astype(float))
    yield Sample(make(4), make(4, low=0.1, high=0.9), -1.0, 1.5, reduction="mean")
    yield Sample(make(2, 3), make.booleans(3).astype(float), allow_broadcast=True)


@operator("nn.functional.sigmoid_focal_loss", convention=SMOOTH, method=False,
          samples=_focal_samples)  # fmt: skip
def sigmoid_focal_loss(
    input: Any, target: Any, alpha: float = 0.25, gamma: float = 2.0, reduction: str = "none", *,
    allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """:func:`binary_cross_entropy_with_logits`, each loss times the ``gamma``-th power of how wrong
    the prediction is: what is right already hardly counts.

    Args:
        input: logits, any shape.
        target: 0 or 1, the same shape.
        alpha: weighs 1 by this and 0 by the rest; negative: weighs both alike; default 0.25.
        gamma: the exponent, 0 or more; default 2.
        reduction: ``"none"`` (default), ``"mean"`` or ``"sum"``.
        allow_broadcast: let the shape of ``target`` differ; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``alpha`` is above 1, ``gamma`` negative or ``reduction`` unknown.

    Source: torchvision, ``torchvision.ops.sigmoid_focal_loss``; Lin and others, "Focal loss for
    dense object detection" (2017).

    Example:
        >>> import autograd_core as ag
        >>> logits = ag.tensor([0.0, 2.0])
        >>> ag.nn.functional.sigmoid_focal_loss(logits, ag.ones(2), alpha=-1.0)
        tensor([0.1733, 0.0018])
    """
    name = "sigmoid_focal_loss"
    reduction = reduction_of(name, reduction)
    if not alpha <= 1 or not gamma >= 0:
        raise ValueError(
            f"{name}: alpha must be at most 1 and gamma 0 or more, got {alpha} and {gamma}"
        )
    input, target = matched(name, input, target, allow_broadcast)
    check_floating(name, input)
    input, target = alike(name, input, target)
    losses = binary_cross_entropy_with_logits(input, target, reduction="none")
    wrong = sigmoid(input) * (1 - target) + sigmoid(-input) * target
    losses = losses * pow(wrong, gamma)
    if alpha >= 0:
        losses = losses * (target * (2 * alpha - 1) + (1 - alpha))
    return reduce_tensor(losses, reduction)


@operator(
    "nn.functional.dice_loss", convention=SMOOTH, method=False,
    samples=lambda make: [
        Sample(make(2, 3, low=0.1, high=0.9), make.booleans(2, 3).astype(float)),
        Sample(
            make(2, 3, 4, low=0.1, high=0.9), make.booleans(2, 3, 4).astype(float), 0.1,
            dim=(0, 2), reduction="none",
        ),
    ],
    reference=lambda x, t, smooth=1.0, dim=None, reduction="mean": _dice(
        x, t, smooth, tuple(range(1, x.ndim)) if dim is None else dim, reduction
    ),
)  # fmt: skip
def dice_loss(
    input: Any, target: Any, smooth: float = 1.0, dim: Any = None, reduction: str = "mean"
) -> Any:
    """One minus how much of two sets is common to both, ``2 |A & B| / (|A| + |B|)``, where the sets
    may be probabilities: for segmentation, where most of an image is background.

    Args:
        input: probabilities, (N, ...).
        target: probabilities or 0 and 1, the same shape.
        smooth: added above and below, so that two empty sets agree; default 1.
        dim: the dimensions of a set; by default all but the first.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``, of the sets' losses.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown.

    Source: Milletari and others, "V-Net" (2016); Dice (1945).

    Example:
        >>> import autograd_core as ag
        >>> masks = ag.tensor([[1.0, 1.0, 0.0]]), ag.tensor([[0.0, 1.0, 0.0]])
        >>> ag.nn.functional.dice_loss(*masks, smooth=0.0)
        tensor(0.3333)
    """
    reduction = reduction_of("dice_loss", reduction)
    input, target = matched("dice_loss", input, target)
    check_floating("dice_loss", input)
    input, target = alike("dice_loss", input, target)
    chosen = range(1, input.ndim) if dim is None else dim
    dims = some_dims("dice_loss", tuple(chosen) if dim is None else chosen, input.ndim)
    if not dims:
        raise ShapeError(f"dice_loss: expected (N, ...), got {describe(input)}")
    common = (input * target).sum(dims) * 2 + smooth
    return reduce_tensor(1 - common / (input.sum(dims) + target.sum(dims) + smooth), reduction)


def _dice(x: Any, t: Any, smooth: float, dims: Any, reduction: str) -> Any:
    losses = 1 - (2 * (x * t).sum(dims) + smooth) / (x.sum(dims) + t.sum(dims) + smooth)
    return losses if reduction == "none" else losses.mean()


@operator(
    "nn.functional.nt_xent_loss", convention=SMOOTH, method=False,
    samples=lambda make: [
        Sample(make(3, 4), make(3, 4)),
        Sample(make(2, 3), make(2, 3), 1.5, reduction="none"),
    ],
)  # fmt: skip
def nt_xent_loss(
    input1: Any, input2: Any, temperature: float = 0.5, reduction: str = "mean"
) -> Any:
    """The contrastive loss of two views of the same samples: cross entropy of picking the other
    view of a sample among all others, by cosine.

    Args:
        input1, input2: embeddings (N, D); row n of both is of sample n.
        temperature: what cosines are divided by; default 0.5.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.

    Returns:
        One number, or for ``"none"`` (2 N), those of ``input1`` first.

    Raises:
        ShapeError: the shapes differ, or are not (N, D).
        ValueError: ``temperature`` is not positive, or ``reduction`` is unknown.

    Source: Chen and others, "A simple framework for contrastive learning of visual
    representations" (2020).

    Example:
        >>> import autograd_core as ag
        >>> views = ag.eye(2)
        >>> ag.nn.functional.nt_xent_loss(views, views)
        tensor(0.2395)
    """
    name = "nt_xent_loss"
    reduction = reduction_of(name, reduction)
    input1, input2 = matched(name, input1, input2, other="input2")
    check_floating(name, input1, "input1")
    if input1.ndim != 2:
        raise ShapeError(f"{name}: input1 and input2 must be (N, D), got {describe(input1)}")
    if not temperature > 0:
        raise ValueError(f"{name}: temperature must be greater than 0, got {temperature}")
    views = normalize(cat([*alike(name, input1, input2)], 0), 2.0, 1)
    count, backend = views.shape[0], backend_of(views._array)
    itself = TensorBase._wrap(backend.from_numpy(np.eye(count, dtype=bool)))
    logits = masked_fill(views @ views.mT / temperature, itself, -np.inf)
    partner = (np.arange(count) + count // 2) % max(count, 1)
    target = TensorBase._wrap(backend.from_numpy(partner))
    return cross_entropy(logits, target, reduction=reduction)
