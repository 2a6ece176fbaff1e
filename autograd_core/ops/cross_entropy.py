"""Cross entropy and negative log likelihood of classes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import DtypeError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_integers, check_tensor
from autograd_core.ops.cast import cast
from autograd_core.ops.loss_reduction import (
    CLASSES,
    alike,
    reduce_tensor,
    reduced,
    reduction_of,
    share,
)
from autograd_core.ops.precision import wide_dtype, widen
from autograd_core.ops.reduction import keep
from autograd_core.ops.rows import add_up, largest
from autograd_core.ops.selection import only
from autograd_core.ops.softmax import log_softmax, softmax
from autograd_core.registry import SMOOTH, Make, Sample, operator

_EMPTY = SMOOTH + "; the mean of no target (all are ignored) is NaN, with gradient 0"

_OF_CLASSES = (np.dtype(np.int64), np.dtype(np.uint8))


def _grid(xp: Any, target: Any, dim: int) -> tuple[Any, ...]:
    """The index that picks each target's class: at ``[n, target[n, ...], ...]``."""
    if target.ndim == 1:
        return xp.arange(len(target)), target
    index = []
    for i, n in enumerate(target.shape):
        shape = [1] * target.ndim
        shape[i] = n
        index.append(xp.arange(n).reshape(shape))
    return (*index[:dim], target, *index[dim:])


def _across(rows: Any, dim: int) -> Any:
    """Values of the rows of an array, ready to broadcast along ``dim`` (0 or 1)."""
    return rows[:, None] if dim and rows.ndim else rows[None]


def _place(xp: Any, input: Any, target: Any, shape: Any, dim: int) -> Any:
    out = xp.zeros(shape, input.dtype)
    out[_grid(xp, target, dim)] = input
    return out


# Each target's entry along dim, and its adjoint: entries placed among zeros. No two share a place.
pick = Op(
    "pick",
    lambda xp, input, target, shape, dim: input[_grid(xp, target, dim)],
    {"input": lambda g, target, shape, dim: place(g, target, shape, dim)},
    inputs=2,
)
place = Op(
    "place", _place, {"input": lambda g, target, shape, dim: pick(g, target, shape, dim)}, inputs=2
)

# What each target counts is an input of the losses: zero if it is to be ignored. None stands for
# ones, and spares the multiplications.


def averaged(losses: Any, each: Any, reduction: str, dtype: Any) -> Any:
    """Losses of targets that count ``each``; their mean is by what they count."""
    if each is None:
        return reduced(losses, reduction, dtype)
    losses = only(each != 0, losses * each)
    if reduction != "none":
        losses = losses.sum() / (each.sum() if reduction == "mean" else 1)
    return losses.astype(dtype, copy=False)


def entry_of(g: Any, target: Any, each: Any, reduction: str) -> Any:
    """The gradient of each target's loss: the adjoint of ``averaged``."""
    if each is None:
        return share(g, reduction, math.prod(target.shape))
    return only(each != 0, g * each / (each.sum() if reduction == "mean" else 1))


def _forward(xp: Any, input: Any, target: Any, each: Any, dim: int, reduction: str) -> Any:
    x = widen(input)
    shift = largest(xp, x, dim)
    x = x - shift
    log_sum = xp.log(add_up(xp, xp.exp(x), (dim,), False))
    losses = log_sum - x[_grid(xp, target, dim)]
    return averaged(losses, each, reduction, input.dtype), log_sum, shift


# One node from logits to loss. The logarithm of the sum and the shift are kept for the gradient.
_cross_entropy = Op(
    "cross_entropy",
    _forward,
    joint=lambda g, needs, input, target, each, log_sum, shift, dim, reduction: (
        _gradient(input, log_sum, shift, entry_of(g, target, each, reduction), target, dim),
        None,
        None,
    ),
    inputs=3,
    outputs=("out", "log_sum", "shift"),
    differentiable=("out",),
)


def _gradient_forward(
    xp: Any, input: Any, log_sum: Any, shift: Any, entry: Any, target: Any, dim: int
) -> Any:
    out = widen(input) - shift
    out -= _across(log_sum, dim)
    xp.exp(out, out=out)
    out[_grid(xp, target, dim)] -= 1
    out *= _across(entry, dim)
    return out


def _gradient_rule(g: Any, needs: Any, input: Any, entry: Any, target: Any, dim: int) -> Any:
    shape = tuple(input.shape)
    probable = softmax(input, dim)
    change = probable * g
    share = change.sum(dim) - pick(g, target, shape, dim)
    if not needs[0]:
        return None, None, None, share, None
    change = change * (keep(entry, shape, (dim,), False) if entry.ndim else entry)
    return change - probable * change.sum(dim, keepdims=True), None, None, share, None


# (softmax(input) - 1 at the target's place) * entry. What the forward found out about the softmax
# is given along, but to the rules it is a function of the input alone.
_gradient = Op("cross_entropy_gradient", _gradient_forward, joint=_gradient_rule, inputs=5)

_nll_loss = Op(
    "nll_loss",
    lambda xp, input, target, each, shape, dim, reduction: averaged(
        -widen(input[_grid(xp, target, dim)]), each, reduction, input.dtype
    ),
    {
        "input": lambda g, target, each, shape, dim, reduction: (
            -place(entry_of(g, target, each, reduction), target, shape, dim)
        )
    },
    inputs=3,
)


def _expected_share(g: Any, shape: Any, dim: int, reduction: str) -> Any:
    g = share(-g, reduction, math.prod(shape) // max(shape[dim], 1))
    return keep(g, shape, (dim,), False) if reduction == "none" else g


# Minus the logarithms, averaged over a distribution of classes.
_expected = Op(
    "expected_nll_loss",
    lambda xp, input, target, shape, dim, reduction: reduced(
        -add_up(xp, widen(input) * widen(target), (dim,), False), reduction, input.dtype
    ),
    {
        "input": lambda g, target, shape, dim, reduction: (
            target * _expected_share(g, shape, dim, reduction)
        ),
        "target": lambda g, input, shape, dim, reduction: (
            input * _expected_share(g, shape, dim, reduction)
        ),
    },
    inputs=2,
)


def counted(
    name: str, shape: Any, dtype: Any, target: Any, weight: Any, ignore_index: int
) -> tuple[Any, Any]:
    """Class indices, checked, for logits of ``shape``: where they point, and what each counts (None
    if all count 1)."""
    dim = 0 if len(shape) == 1 else 1
    array = target._array
    if array.dtype not in _OF_CLASSES:
        raise DtypeError(
            f"{name}: target must hold class indices of int64 (or uint8), got "
            f"{describe(target)}. Mend: target.long()"
        )
    if not shape or shape[:dim] + shape[dim + 1 :] != array.shape:
        raise ShapeError(
            f"{name}: expected input (N, C, ...) and target (N, ...), or (C) and a number; got "
            f"input {tuple(shape)} and target {describe(target)}. Mend: logits need a dimension of "
            f"classes after the batch's; targets are class indices of the other dimensions' shape."
        )
    classes, backend = shape[dim], backend_of(array)
    each = None
    if 0 <= ignore_index < classes or not backend.sees_range(array, 0, classes):
        counts = array != ignore_index
        array = array * counts  # an ignored target points to class 0, and counts 0
        backend.check_index(array, 0, classes, name)
        each = counts.astype(wide_dtype(dtype))
        target = TensorBase._wrap(array)
    if weight is not None:
        check_weight(name, weight, classes)
        weights = weight._array.astype(wide_dtype(dtype), copy=False)[array]
        each = weights if each is None else weights * each
    return target, None if each is None else TensorBase._wrap(each)


def check_weight(name: str, weight: Any, classes: int) -> None:
    """Refuse weights of classes that are not one for each, or that would need a gradient."""
    if tuple(weight.shape) != (classes,):
        raise ShapeError(f"{name}: weight must have shape ({classes},), got {tuple(weight.shape)}")
    if weight.requires_grad:
        raise RuntimeError(f"{name}: weight is a constant here. Mend: weight.detach()")


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(4, 3), make.integers(4, high=3))
    yield Sample(make(3), make.integers(high=3))
    yield Sample(make(2, 3, 4), make.integers(2, 4, high=3), reduction="sum")
    yield Sample(make(4, 3), np.array([0, 2, -100, 1]), reduction="none")
    yield Sample(
        make(4, 3), np.array([0, 2, 2, 1]), weight=np.array([0.5, 1.0, 2.0]), ignore_index=1
    )
    yield Sample(make(4, 3), make.integers(4, high=3), label_smoothing=0.1)
    yield Sample(make(2, 3), np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]))


@operator(
    "nn.functional.nll_loss",
    convention=_EMPTY,
    method=False,
    samples=lambda make: list(_samples(make))[:5],
)
def nll_loss(
    input: Any, target: Any, weight: Any = None, size_average: Any = None,
    ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """Negative log likelihood: minus the entry of ``input`` that each target names.

    Args:
        input: log-probabilities (N, C, ...) or (C).
        target: class indices, (N, ...) or a number.
        weight: (C), what each class counts; default 1.
        size_average, reduce: deprecated; see ``reduction``.
        ignore_index: targets of this value count nothing.
        reduction: ``"mean"`` (by what the targets count), ``"sum"`` or ``"none"``.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: a target is not a class, or no integer.

    Source: PyTorch, ``torch.nn.functional.nll_loss``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.nll_loss(ag.tensor([[-0.5, -2.0]]), ag.tensor([1]))
        tensor(2.)
    """
    reduction = reduction_of("nll_loss", reduction, size_average, reduce)
    check_floating("nll_loss", input, arrays=False)
    check_integers("nll_loss", target, "target", CLASSES, arrays=False)
    shape, dtype = input._array.shape, input._array.dtype
    target, each = counted("nll_loss", shape, dtype, target, weight, ignore_index)
    return _nll_loss(input, target, each, shape, 0 if len(shape) == 1 else 1, reduction)


def _soft_cross_entropy(
    input: Any, target: Any, weight: Any, reduction: str, label_smoothing: float
) -> Any:
    """Cross entropy where the target is a distribution over the classes."""
    dim = 0 if input.ndim == 1 else 1
    shape = tuple(input.shape)
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / shape[dim]
    if weight is not None:
        check_weight("cross_entropy", weight.detach(), shape[dim])
        target = target * weight.reshape(-1, *[1] * (len(shape) - dim - 1))
    logs, target = alike("cross_entropy", log_softmax(input, dim), target)
    return _expected(logs, target, shape, dim, reduction)


@operator(
    "nn.functional.cross_entropy",
    convention=_EMPTY,
    method=False,
    samples=_samples,
    formula="dx = g (softmax(x) − onehot(target)) / n",
)
def cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None,
    ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """Cross entropy between logits and targets: ``-log(softmax(input))`` at the target, one node in
    the graph.

    Args:
        input: logits (N, C, ...) or (C), with the C classes in dimension 1 (or 0).
        target: class indices, (N, ...) or a number; or probabilities in the shape of ``input``.
        weight: (C), what each class counts; default 1.
        size_average, reduce: deprecated; see ``reduction``.
        ignore_index: class targets of this value count nothing.
        reduction: ``"mean"`` (for classes by what the targets count, for probabilities by N),
            ``"sum"`` or ``"none"``.
        label_smoothing: this share of each target is spread over all classes.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: a target is not a class.
        ValueError: ``ignore_index`` is given for probabilities, or ``reduction`` is unknown.

    Source: PyTorch, ``torch.nn.functional.cross_entropy``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.cross_entropy(ag.tensor([[0.0, 0.0]]), ag.tensor([1]))
        tensor(0.6931)
    """
    reduction = reduction_of("cross_entropy", reduction, size_average, reduce)
    check_smoothing("cross_entropy", label_smoothing)
    check_floating("cross_entropy", input, arrays=False)
    check_tensor("cross_entropy", target, "target", arrays=False)
    if target._array.dtype.kind not in "iu":
        if tuple(target.shape) != tuple(input.shape) or target._array.dtype.kind == "b":
            raise ShapeError(
                f"cross_entropy: expected class indices (integers) or probabilities in the input's "
                f"shape {tuple(input.shape)}, got target {describe(target)}. "
                f"Mend: target.long() for class indices."
            )
        if ignore_index >= 0:
            raise ValueError(
                f"cross_entropy: ignore_index={ignore_index} means nothing for a target of "
                f"probabilities. Mend: leave it out."
            )
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing)
    shape, dtype = input._array.shape, input._array.dtype
    dim = 0 if len(shape) == 1 else 1
    target, each = counted("cross_entropy", shape, dtype, target, weight, ignore_index)
    if not label_smoothing:
        return _cross_entropy(input, target, each, dim, reduction)[0]
    logs = log_softmax(input, dim)
    spread = logs
    if weight is not None:
        spread = logs * weight.reshape(-1, *[1] * (len(shape) - dim - 1))
    return smoothed(
        _nll_loss(logs, target, each, shape, dim, reduction), -spread.sum(dim) / shape[dim], each,
        label_smoothing, reduction,
    )  # fmt: skip


def check_smoothing(name: str, share: float) -> None:
    """Refuse what is no share."""
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"{name}: label_smoothing must be in [0, 1], got {share}")


def smoothed(loss: Any, spread: Any, each: Any, share: float, reduction: str) -> Any:
    """``loss`` with a ``share`` of each target spread over all classes, whose mean losses are
    ``spread``."""
    if each is not None:
        spread = only(each != 0, spread)
    if reduction == "mean" and each is not None:
        spread = spread.sum() / each.sum()
    else:
        spread = reduce_tensor(spread, reduction)
    return loss * (1 - share) + cast(spread * share, loss._array.dtype)
