"""Losses that ask for a margin: hinge, ranking, and one or several classes ahead of the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import DtypeError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_integers
from autograd_core.ops.cross_entropy import check_weight, pick, place
from autograd_core.ops.loss_reduction import (
    CLASSES,
    as_floating,
    each,
    matched,
    reduced,
    reduction_of,
    share,
)
from autograd_core.ops.precision import wide_dtype, widen
from autograd_core.ops.reduction import keep
from autograd_core.ops.selection import only
from autograd_core.registry import At, Make, Sample, operator

_CLOSED = "where the margin is just kept the gradient is that of a margin not kept"
_OPEN = "0 where the margin is just kept"


def _hinges(xp: Any, input: Any, target: Any, margin: float, reduction: str) -> Any:
    x = widen(input)
    losses = only(target != -1, x) + only(target != 1, xp.clip(margin - x, 0, np.inf))
    return reduced(losses, reduction, input.dtype)


def _hinge_slope(g: Any, input: Any, target: Any, margin: float, reduction: str) -> Any:
    g = each(g, reduction, input)
    return only(target != -1, g) - only((target != 1) & (input <= margin), g)


_hinge_embedding_loss = Op("hinge_embedding_loss", _hinges, {"input": _hinge_slope}, inputs=2)


def _ranks(xp: Any, input1: Any, input2: Any, target: Any, margin: float, reduction: str) -> Any:
    short = margin - widen(target) * (widen(input1) - widen(input2))
    return reduced(xp.clip(short, 0, np.inf), reduction, input1.dtype)


def _rank_slopes(
    g: Any, needs: Any, input1: Any, input2: Any, target: Any, margin: float, reduction: str
) -> Any:
    ahead = input1 - input2
    g = only(target * ahead <= margin, each(g, reduction, target))
    slope = target * g
    return -slope, slope, -ahead * g if needs[2] else None


_margin_ranking_loss = Op("margin_ranking_loss", _ranks, joint=_rank_slopes, inputs=3)


def _class_margins(
    xp: Any, input: Any, target: Any, weight: Any, p: int, margin: float, reduction: str
) -> Any:
    rows = xp.arange(input.shape[0])
    x = widen(input)
    short = xp.clip(x - x[rows, target][:, None] + margin, 0, np.inf)
    short[rows, target] = 0
    losses = (short * short if p == 2 else short).sum(axis=1) / input.shape[1]
    return reduced(losses if weight is None else losses * weight, reduction, input.dtype)


def _class_margin_slope(
    g: Any, input: Any, target: Any, weight: Any, p: int, margin: float, reduction: str
) -> Any:
    shape = tuple(input.shape)
    g = share(g, reduction, shape[0]) / shape[1]
    g = g if weight is None else g * weight
    g = keep(g, shape, (1,), False) if g.ndim else g
    right = keep(pick(input, target, shape, 1), shape, (1,), False)
    short = input - right + margin
    slope = only(short > 0, g * short * 2 if p == 2 else g)
    # The right class is compared with itself too, for which its own share makes up.
    return slope - place(slope.sum(1), target, shape, 1)


_multi_margin_loss = Op(
    "multi_margin_loss", _class_margins, {"input": _class_margin_slope}, inputs=3
)


def _label_margins(xp: Any, input: Any, target: Any, most: int, reduction: str) -> Any:
    """The loss, and its derivative, which is constant between the kinks."""
    x, rows = widen(input), xp.arange(input.shape[0])
    listed = (target < 0).cumsum(axis=1) == 0
    labels = target * listed
    counts = xp.zeros(x.shape, np.int32)
    backend_of(x).scatter_add(counts, (rows[:, None], labels), listed.astype(np.int32))
    other = counts == 0
    losses, slope = xp.zeros(x.shape[:1], x.dtype), xp.zeros(x.shape, x.dtype)
    for k in range(most):
        label = labels[:, k]
        short = x - x[rows, label][:, None] + 1
        behind = (short > 0) & other & listed[:, k, None]
        losses += only(behind, short).sum(axis=1)
        slope += behind
        slope[rows, label] -= behind.sum(axis=1).astype(x.dtype)
    classes = x.shape[1]
    return reduced(losses / classes, reduction, input.dtype), slope / classes


_multilabel_margin_loss = Op(
    "multilabel_margin_loss",
    _label_margins,
    {
        "input": lambda g, slope, target, most, reduction: (
            slope * keep(share(g, reduction, slope.shape[0]), slope.shape, (1,), g.ndim == 0)
        )
    },
    inputs=2,
    outputs=("out", "slope"),
    differentiable=("out",),
)


def _reduced(losses: Any, reduction: str) -> Any:
    return losses if reduction == "none" else getattr(np, reduction)(losses)


def _signs(make: Make, *shape: int) -> Any:
    return np.where(make.booleans(*shape), 1.0, -1.0)


@operator(
    "nn.functional.hinge_embedding_loss", method=False, convention=_CLOSED,
    samples=lambda make: [
        Sample(make(2, 3), _signs(make, 2, 3).astype(int)),
        Sample(make(4), np.array([1, -1, 1, -1]), margin=0.3, reduction="none"),
        Sample(make(), np.array(-1), reduction="sum"),
        Sample(make(2, 3), np.array([1, -1, -1]), allow_broadcast=True),
    ],
    kinks=[At((np.array([1.0, 1.0]), np.array([1.0, -1.0])), (np.array([0.5, -0.5]),))],
    reference=lambda x, t, margin=1.0, reduction="mean", allow_broadcast=True: (
        _reduced(np.where(t == 1, x, np.maximum(margin - x, 0)), reduction)
    ),
)  # fmt: skip
def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """``input`` where ``target`` is 1, and how far it is below ``margin`` where ``target`` is -1.

    Args:
        input: distances, any shape.
        target: 1 (alike) or -1 (different), the same shape.
        margin: how far apart those are that differ; default 1.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.
        allow_broadcast: let the shape of ``target`` differ; default False.

    Returns:
        The loss, in the dtype of ``input``.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.hinge_embedding_loss``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.hinge_embedding_loss(ag.tensor([0.5, 0.5]), ag.tensor([1, -1]))
        tensor(0.5000)
    """
    reduction = reduction_of("hinge_embedding_loss", reduction, size_average, reduce)
    input, target = matched("hinge_embedding_loss", input, target, allow_broadcast)
    check_floating("hinge_embedding_loss", input)
    return _hinge_embedding_loss(input, target, margin, reduction)


@operator(
    "nn.functional.margin_ranking_loss", method=False, convention=_CLOSED,
    samples=lambda make: [
        Sample(make(2, 3), make(2, 3), _signs(make, 2, 3)),
        Sample(make(4), make(4), make(4), margin=0.3, reduction="none"),
        Sample(make(), make(), make(), reduction="sum"),
        Sample(make(2, 1), make(2, 1), make(3), allow_broadcast=True),
    ],
    kinks=[At((np.ones(1), np.ones(1), np.ones(1)), (-np.ones(1), np.ones(1), np.zeros(1)))],
    reference=lambda x, y, t, margin=0.0, reduction="mean", allow_broadcast=True: (
        _reduced(np.maximum(margin - t * (x - y), 0), reduction)
    ),
)  # fmt: skip
def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean", *, allow_broadcast: bool = False,
) -> Any:  # fmt: skip
    """``max(0, margin - target * (input1 - input2))``: by how much the order is wrong.

    Args:
        input1, input2: scores, any shape.
        target: 1 if ``input1`` should be the larger, -1 if ``input2``; the same shape.
        margin: how much larger; default 0.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.
        allow_broadcast: let the shapes differ; default False.

    Raises:
        ShapeError: the shapes differ.
        ValueError: ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.margin_ranking_loss``.

    Example:
        >>> import autograd_core as ag
        >>> first, second = ag.tensor([3.0, 1.0]), ag.tensor([1.0, 2.0])
        >>> ag.nn.functional.margin_ranking_loss(first, second, ag.tensor([1, 1]))
        tensor(0.5000)
    """
    name = "margin_ranking_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    input1, input2 = matched(name, input1, input2, allow_broadcast, "input2")
    input1, target = matched(name, input1, target, allow_broadcast)
    input1, input2 = matched(name, input1, input2, allow_broadcast, "input2")
    input1, input2, target = as_floating(name, input1, input2, target)
    return _margin_ranking_loss(input1, input2, target, margin, reduction)


def _classes(name: str, input: Any) -> int:
    """The number of classes of (N, C) or (C), of which there is at least one; a number is one."""
    check_floating(name, input, arrays=False)
    shape = tuple(input.shape) or (1,)
    if len(shape) > 2 or not shape[-1]:
        raise ShapeError(
            f"{name}: input must be (N, C) or (C) with at least one class, got {describe(input)}"
        )
    return int(shape[-1])


@operator(
    "nn.functional.multi_margin_loss", method=False, convention=_OPEN,
    samples=lambda make: [
        Sample(make(4, 3), make.integers(4, high=3)),
        Sample(make(4, 3), make.integers(4, high=3), 2, 0.7, reduction="none"),
        Sample(make(4, 3), make.integers(4, high=3), weight=np.array([1, 2, 3]), reduction="sum"),
        Sample(make(3), np.array(1), reduction="none"),
        Sample(make(0, 3), make.integers(0, high=3), reduction="sum"),
    ],
    kinks=[At((np.array([[1.0, 0.0]]), np.array([0])), (np.zeros((1, 2)),))],
)  # fmt: skip
def multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None,
    size_average: Any = None, reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean over the classes of ``max(0, margin - (right - other))**p``: by how much the score
    of the right class fails to be ahead of each of the others.

    Args:
        input: scores (N, C) or (C).
        target: the right classes (N), or one.
        p: 1 (default) or 2.
        margin: how far ahead it should be; default 1.
        weight: (C), what each right class counts; default 1. Constant: it gets no gradient.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: a target is not a class.
        ValueError: ``p`` is neither 1 nor 2, or ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.multi_margin_loss``; Crammer and Singer (2001).

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.multi_margin_loss(ag.tensor([[0.5, 1.0]]), ag.tensor([1]))
        tensor(0.2500)
    """
    name = "multi_margin_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    classes = _classes(name, input)
    if p not in (1, 2):
        raise ValueError(f"{name}: p must be 1 or 2, got {p!r}")
    check_integers(name, target, "target", CLASSES, arrays=False)
    single = input.ndim < 2
    if tuple(target.shape) not in ([(), (1,)] if single else [(input.shape[0],)]):
        raise ShapeError(
            f"{name}: target must hold one class for each row of input; got input "
            f"{describe(input)} and target {describe(target)}"
        )
    array, backend = target._array.reshape(-1), backend_of(target._array)
    backend.check_index(array, 0, classes, name)
    check_long(name, target)
    each_counts = _weights(name, weight, classes, input, array)
    rows = input.reshape(1, classes) if single else input
    loss = _multi_margin_loss(rows, TensorBase._wrap(array), each_counts, p, margin, reduction)
    return loss.reshape(target.shape) if single and reduction == "none" else loss


def check_long(name: str, target: Any) -> None:
    """Refuse class indices of another dtype than int64."""
    if target._array.dtype != np.int64:
        raise DtypeError(
            f"{name}: target must be of int64, got {describe(target)}. Mend: target.long()"
        )


def _weights(name: str, weight: Any, classes: int, input: Any, target: Any) -> Any:
    """What each row counts; None if all count 1."""
    if weight is None:
        return None
    check_weight(name, weight, classes)
    return TensorBase._wrap(weight._array[target].astype(wide_dtype(input._array.dtype)))


@operator(
    "nn.functional.multilabel_margin_loss", method=False, convention=_OPEN,
    samples=lambda make: [
        Sample(make(2, 4), np.array([[3, 0, -1, 1], [-1, 0, 0, 0]])),
        Sample(make(2, 4), np.array([[0, 1, 2, 3], [1, 1, 2, -1]]), reduction="none"),
        Sample(make(3), np.array([2, -1, 0]), reduction="sum"),
    ],
    kinks=[At((np.array([[1.0, 0.0]]), np.array([[0, -1]])), (np.zeros((1, 2)),))],
)  # fmt: skip
def multilabel_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """``max(0, 1 - (right - other))`` over all pairs of a right class and one that is not, summed
    and divided by C.

    Args:
        input: scores (N, C) or (C).
        target: the right classes of each row, and -1 after the last; the same shape. Counting them
            makes the host wait for a device.
        size_average, reduce: deprecated; see ``reduction``.
        reduction: ``"mean"`` (default), ``"sum"`` or ``"none"``.

    Raises:
        ShapeError: the shapes differ.
        IndexError: a target is not a class.
        ValueError: ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.multilabel_margin_loss``.

    Example:
        >>> import autograd_core as ag
        >>> scores, labels = ag.tensor([[0.1, 0.2, 0.4, 0.8]]), ag.tensor([[3, 0, -1, 1]])
        >>> ag.nn.functional.multilabel_margin_loss(scores, labels)
        tensor(0.8500)
    """
    name = "multilabel_margin_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    classes = _classes(name, input)
    input, target = matched(name, input, target, False)
    check_integers(name, target, "target", CLASSES, arrays=False)
    check_long(name, target)
    rows, labels = input.reshape(-1, classes), target._array.reshape(-1, classes)
    backend = backend_of(labels)
    listed = (labels < 0).cumsum(axis=1) == 0
    backend.check_index(labels * listed, 0, classes, name)
    # The only host read: without it, as many rounds as there are classes.
    most = int(backend.item(listed.sum(axis=1).max())) if labels.size else 0
    loss = _multilabel_margin_loss(rows, TensorBase._wrap(labels), most, reduction)[0]
    return loss.reshape(()) if input.ndim < 2 else loss
