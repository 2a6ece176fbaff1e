"""Losses of regression: how far numbers are from what they should be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.operands import check_floating, check_inexact
from autograd_core.ops.arithmetic import sgn
from autograd_core.ops.cast import cast
from autograd_core.ops.loss_reduction import (
    alike,
    each,
    matched,
    reduce_tensor,
    reduced,
    reduction_of,
)
from autograd_core.ops.precision import widen
from autograd_core.ops.selection import only
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _squares(xp: Any, input: Any, target: Any, reduction: str) -> Any:
    error = widen(input) - widen(target)
    error *= error
    return reduced(error, reduction, input.dtype)


def _square_slope(g: Any, input: Any, target: Any, reduction: str) -> Any:
    return (input - target) * (each(g, reduction, input) * 2)


_mse_loss = Op(
    "mse_loss",
    _squares,
    {
        "input": _square_slope,
        "target": lambda g, input, target, reduction: -_square_slope(g, input, target, reduction),
    },
    inputs=2,
    keeps_order=True,
)


def _sizes(xp: Any, input: Any, target: Any, reduction: str) -> Any:
    sizes = abs(widen(input) - widen(target))
    return reduced(sizes, reduction, sizes.dtype if input.dtype.kind == "c" else input.dtype)


def _size_slope(g: Any, input: Any, target: Any, reduction: str) -> Any:
    return sgn(input - target) * each(g, reduction, input)


_l1_loss = Op(
    "l1_loss",
    _sizes,
    {
        "input": _size_slope,
        "target": lambda g, input, target, reduction: -_size_slope(g, input, target, reduction),
    },
    inputs=2,
    keeps_order=True,
)

# A straight line between -bound and bound, level beyond; at the bounds it counts as level.
_bent = Op(
    "bent",
    lambda xp, input, bound: xp.clip(input, -bound, bound),
    {"input": lambda g, input, bound: only(abs(input) < bound, g)},
    keeps_order=True,
)


def _rounded_sizes(
    xp: Any, input: Any, target: Any, bound: float, scale: float, reduction: str
) -> Any:
    # With c the error cut at the bound, both parts of the loss are c * (error - c / 2).
    error = widen(input) - widen(target)
    cut = xp.clip(error, -bound, bound)
    error -= cut * 0.5
    error *= cut
    return (reduced(error, reduction, error.dtype) * scale).astype(input.dtype, copy=False)


def _rounded_slope(
    g: Any, input: Any, target: Any, bound: float, scale: float, reduction: str
) -> Any:
    return _bent(input - target, bound) * (each(g, reduction, input) * scale)


# Both losses with a rounded corner: Huber's, and the same divided by its bound.
_rounded_l1_loss = Op(
    "huber_loss",
    _rounded_sizes,
    {
        "input": _rounded_slope,
        "target": lambda g, input, target, bound, scale, reduction: (
            -_rounded_slope(g, input, target, bound, scale, reduction)
        ),
    },
    inputs=2,
    keeps_order=True,
)


def _pairs(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), make(2, 3))
    yield Sample(make(4), make(4), reduction="sum")
    yield Sample(make(2, 3), make(2, 3), reduction="none")
    yield Sample(make(), make())
    yield Sample(make(0, 3), make(0, 3), reduction="sum")
    yield Sample(make(2, 3), make(3), allow_broadcast=True)


def _weighted_pairs(make: Make) -> Iterable[Sample]:
    yield from _pairs(make)
    yield Sample(make(2, 3), make(2, 3), weight=make(2, 3, low=0.5))
    yield Sample(make(2, 3), make(2, 3), weight=make(2, 3, low=0.5), reduction="none")


def _reference(losses: Any) -> Any:
    """The loss on arrays, from that of one error."""

    def reference(
        input: Any, target: Any, reduction: str = "mean", weight: Any = None, **options: Any
    ) -> Any:
        options.pop("allow_broadcast", None)
        values = losses(abs(input - target), **options)
        count = values.size
        if weight is not None:
            values, count = values * weight, weight.sum()
        if reduction == "none":
            return values
        return values.sum() / (count if reduction == "mean" else 1)

    return reference


def _times(name: str, losses: Any, weight: Any) -> Any:
    if tuple(weight.shape) != tuple(losses.shape):
        raise ValueError(
            f"{name}: weight must have the losses' shape {tuple(losses.shape)}, got "
            f"{tuple(weight.shape)}"
        )
    return losses * weight


def _weighted(name: str, loss: Any, input: Any, target: Any, weight: Any, reduction: str) -> Any:
    losses = _times(name, loss(input, target, "none"), weight)
    return losses.sum() / weight.sum() if reduction == "mean" else reduce_tensor(losses, reduction)


@operator(
    "nn.functional.mse_loss", samples=_weighted_pairs, convention=SMOOTH, method=False,
    reference=_reference(lambda size: size**2),
)  # fmt: skip
def mse_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", weight: Any = None, *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """The squared error, ``(input - target)**2``.

    Args:
        input: floating-point, of any shape.
        target: the same shape.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.
        weight: a factor for every element; the mean then divides by the sum of the factors.
        allow_broadcast: let shapes differ that broadcast; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown, or ``weight`` has another shape.

    Source: PyTorch, ``torch.nn.functional.mse_loss``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.mse_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 4.0]))
        tensor(2.)
    """
    reduction = reduction_of("mse_loss", reduction, size_average, reduce)
    input, target = matched("mse_loss", input, target, allow_broadcast)
    input, target = alike("mse_loss", input, target)
    check_floating("mse_loss", input)
    if weight is not None:
        return _weighted("mse_loss", _mse_loss, input, target, weight, reduction)
    return _mse_loss(input, target, reduction)


@operator(
    "nn.functional.l1_loss", samples=_weighted_pairs, method=False,
    convention="0 where input and target are equal",
    kinks=[At((np.ones(2), np.ones(2)), (np.zeros(2), np.zeros(2)))],
    reference=_reference(lambda size: size),
)  # fmt: skip
def l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", weight: Any = None, *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """The absolute error, ``abs(input - target)``.

    Args:
        input: floating-point or complex, of any shape.
        target, size_average, reduce, reduction, weight, allow_broadcast: as for
            :func:`mse_loss`.

    Raises:
        ShapeError, ValueError: as for :func:`mse_loss`.

    Source: PyTorch, ``torch.nn.functional.l1_loss``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.l1_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 4.0]))
        tensor(1.)
    """
    reduction = reduction_of("l1_loss", reduction, size_average, reduce)
    input, target = matched("l1_loss", input, target, allow_broadcast)
    input, target = alike("l1_loss", input, target)
    check_inexact("l1_loss", input)
    if weight is not None:
        return _weighted("l1_loss", _l1_loss, input, target, weight, reduction)
    return _l1_loss(input, target, reduction)


_JOINT = SMOOTH + "; the second derivative where the two parts meet is 0"


@operator(
    "nn.functional.smooth_l1_loss", method=False, convention=_JOINT,
    samples=lambda make: [
        *_pairs(make),
        Sample(make(2, 3), make(2, 3), beta=0.3, reduction="none"),
        Sample(make(2, 3), make(2, 3), beta=0.0),
    ],
    kinks=[At((np.array([1.0, -1.0]), np.zeros(2)), (np.array([0.5, -0.5]), None))],
    reference=_reference(
        lambda size, beta=1.0: np.where(size < beta, size**2 / 2 / (beta or 1), size - beta / 2)
    ),
)  # fmt: skip
def smooth_l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", beta: float = 1.0, *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """The absolute error less ``beta / 2``, or its square / (2 beta) where it is below ``beta``.

    Args:
        input: floating-point, of any shape.
        target, size_average, reduce, reduction, allow_broadcast: as for :func:`mse_loss`.
        beta: where the two parts meet; 0 is :func:`l1_loss`; default 1.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``beta`` is negative, or ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.smooth_l1_loss``; Girshick, "Fast R-CNN" (2015).

    Example:
        >>> import autograd_core as ag
        >>> F = ag.nn.functional
        >>> F.smooth_l1_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.5, 4.0]), reduction="none")
        tensor([0.1250, 1.5000])
    """
    reduction = reduction_of("smooth_l1_loss", reduction, size_average, reduce)
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    input, target = matched("smooth_l1_loss", input, target, allow_broadcast)
    input, target = alike("smooth_l1_loss", input, target)
    check_floating("smooth_l1_loss", input)
    if beta == 0:
        return _l1_loss(input, target, reduction)
    return _rounded_l1_loss(input, target, beta, 1 / beta, reduction)


@operator(
    "nn.functional.huber_loss", method=False, convention=_JOINT,
    samples=lambda make: [
        *_weighted_pairs(make),
        Sample(make(2, 3), make(2, 3), delta=0.3, reduction="none"),
    ],
    kinks=[At((np.array([1.0, -1.0]), np.zeros(2)), (np.array([0.5, -0.5]), None))],
)  # fmt: skip
def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None,
    *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """Half the squared error up to ``delta``, and beyond it a straight line of slope ``delta``.

    Args:
        input: floating-point, of any shape.
        target, reduction, allow_broadcast: as for :func:`mse_loss`.
        delta: where the two parts meet; default 1.
        weight: a factor for every element; the mean still divides by their number.

    Returns:
        The loss, in the dtype of ``input``.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``delta`` is not positive, ``reduction`` is unknown, or ``weight`` has another
            shape.

    Source: PyTorch, ``torch.nn.functional.huber_loss``; Huber (1964).

    Example:
        >>> import autograd_core as ag
        >>> F = ag.nn.functional
        >>> F.huber_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.5, 4.0]), reduction="none")
        tensor([0.1250, 1.5000])
    """
    reduction = reduction_of("huber_loss", reduction)
    if not delta > 0:
        raise ValueError(f"huber_loss does not support non-positive values for delta, got {delta}")
    input, target = matched("huber_loss", input, target, allow_broadcast)
    check_floating("huber_loss", input)
    target = cast(target, input._array.dtype)  # (as PyTorch does)
    if weight is None:
        return _rounded_l1_loss(input, target, delta, 1.0, reduction)
    losses = _rounded_l1_loss(input, target, delta, 1.0, "none")
    return reduce_tensor(_times("huber_loss", losses, weight), reduction)
