"""Cross entropy and negative log likelihood of classes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.ops.cast import cast
from autograd_core.ops.explog import exp
from autograd_core.ops.loss_reduction import (
    alike,
    check_classes,
    check_floating,
    reduced,
    reduction_of,
    share,
)
from autograd_core.ops.precision import wide_dtype, widen
from autograd_core.ops.reduction import keep
from autograd_core.ops.rows import add_up, largest
from autograd_core.ops.selection import only
from autograd_core.ops.softmax import log_softmax
from autograd_core.registry import SMOOTH, Make, Sample, operator

_EMPTY = SMOOTH + "; the mean of no target (all are ignored) is NaN, with gradient 0"


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

# The losses of classes have two inputs besides the targets: what each target counts (no dimensions
# if all count 1), and what all count together, or 1 if they are not to be averaged.


def _counted(losses: Any, each: Any, total: Any, reduce: bool) -> Any:
    if each.ndim == losses.ndim:
        losses = only(each != 0, losses * each)
    return losses.sum() / total if reduce else losses


def _entry(g: Any, target: Any, each: Any, total: Any) -> Any:
    """The gradient of each target's loss."""
    g = g / total
    return only(each != 0, g * each) if each.ndim == target.ndim else g


def _forward(
    xp: Any, input: Any, target: Any, each: Any, total: Any, dim: int, reduce: bool
) -> Any:
    x = widen(input)
    shift = largest(xp, x, dim)
    x = x - shift
    log_sum = xp.log(add_up(xp, xp.exp(x), (dim,), False))
    out = _counted(log_sum - x[_grid(xp, target, dim)], each, total, reduce)
    return out.astype(input.dtype), log_sum, shift


def _rule(
    g: Any, needs: Any, input: Any, target: Any, each: Any, total: Any, log_sum: Any, shift: Any,
    dim: int,
) -> Any:  # fmt: skip
    entry = _entry(g[0], target, each, total)
    return _gradient(input, log_sum, shift, entry + g[1], entry, target, dim), None, None, None


# One node from logits to loss. The logarithm of the sum is an output, differentiable too, so that
# the gradient, which needs it, can be differentiated again. To the rules the shift is a constant:
# it changes nothing but the rounding.
_cross_entropy = Op(
    "cross_entropy",
    _forward,
    joint=_rule,
    inputs=4,
    outputs=("out", "log_sum", "shift"),
    differentiable=("out", "log_sum"),
)


def _gradient_forward(
    xp: Any, input: Any, log_sum: Any, shift: Any, row: Any, entry: Any, target: Any, dim: int
) -> Any:
    out = widen(input) - shift
    out -= _across(log_sum, dim)
    xp.exp(out, out=out)
    out *= _across(row, dim)
    out[_grid(xp, target, dim)] -= entry
    return out


def _gradient_rule(
    g: Any, needs: Any, input: Any, log_sum: Any, shift: Any, row: Any, target: Any, dim: int
) -> Any:
    shape = tuple(input.shape)
    probable = g * exp(input - shift - keep(log_sum, shape, (dim,), False))
    inner = probable * keep(row, shape, (dim,), False)
    return inner, -inner.sum(dim), None, probable.sum(dim), -pick(g, target, shape, dim), None


# softmax(input) * row, less the entry at the target's place: the gradient of cross entropy.
_gradient = Op("cross_entropy_gradient", _gradient_forward, joint=_gradient_rule, inputs=6)

_nll_loss = Op(
    "nll_loss",
    lambda xp, input, target, each, total, shape, dim, reduce: _counted(
        -widen(input[_grid(xp, target, dim)]), each, total, reduce
    ).astype(input.dtype),
    {
        "input": lambda g, target, each, total, shape, dim, reduce: (
            -place(_entry(g, target, each, total), target, shape, dim)
        )
    },
    inputs=4,
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


class _Targets:
    """Class indices, checked: where they lie, what each counts and what all count together."""

    def __init__(
        self, name: str, input: Any, target: Any, weight: Any, ignore_index: int, reduction: str
    ) -> None:
        shape = input._array.shape
        self.dim = dim = 0 if len(shape) == 1 else 1
        array, dtype = target._array, wide_dtype(input._array.dtype)
        if not shape or shape[:dim] + shape[dim + 1 :] != array.shape:
            raise ShapeError(
                f"{name}: expected input (N, C, ...) and target (N, ...), or (C) and a number; got "
                f"input {describe(input)} and target {describe(target)}. Mend: logits need a "
                f"dimension of classes after the batch's; targets are class indices of the other "
                f"dimensions' shape."
            )
        classes, backend = shape[dim], backend_of(array)
        if not 0 <= ignore_index < classes and backend.sees_range(array, 0, classes):
            counted, places = None, array
        else:
            counted = array != ignore_index
            places = array * counted  # an ignored target points to class 0, and counts 0
            backend.check_index(places, 0, classes, name)
        if weight is not None:
            check_weight(name, weight, classes)
            each = weight._array.astype(dtype, copy=False)[places]
            each = each if counted is None else each * counted
        else:
            each = backend.full((), 1, dtype) if counted is None else counted.astype(dtype)
        if reduction != "mean":
            total = backend.full((), 1, dtype)
        elif each.ndim == array.ndim:
            total = each.sum()
        else:
            total = backend.full((), array.size, dtype)
        self.places, self.each, self.total = map(TensorBase._wrap, (places, each, total))


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
    check_floating("nll_loss", "input", input)
    check_classes("nll_loss", "target", target)
    to = _Targets("nll_loss", input, target, weight, ignore_index, reduction)
    shape = tuple(input._array.shape)
    return _nll_loss(input, to.places, to.each, to.total, shape, to.dim, reduction != "none")


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


@operator("nn.functional.cross_entropy", convention=_EMPTY, method=False, samples=_samples)
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

    Source: PyTorch, ``torch.nn.functional.cross_entropy``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.cross_entropy(ag.tensor([[0.0, 0.0]]), ag.tensor([1]))
        tensor(0.6931)
    """
    reduction = reduction_of("cross_entropy", reduction, size_average, reduce)
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(f"cross_entropy: label_smoothing must be in [0, 1], got {label_smoothing}")
    check_floating("cross_entropy", "input", input)
    if not isinstance(target, TensorBase):
        raise TypeError(f"cross_entropy: target must be a Tensor, got {type(target).__name__}")
    if target._array.dtype.kind not in "iu":
        if tuple(target.shape) != tuple(input.shape) or target._array.dtype.kind == "b":
            raise ShapeError(
                f"cross_entropy: expected class indices (integers) or probabilities in the input's "
                f"shape {tuple(input.shape)}, got target {describe(target)}. "
                f"Mend: target.long() for class indices."
            )
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing)
    to = _Targets("cross_entropy", input, target, weight, ignore_index, reduction)
    reduce = reduction != "none"
    loss, log_sum, shift = _cross_entropy(input, to.places, to.each, to.total, to.dim, reduce)
    if not label_smoothing:
        return loss
    centred, classes = input - shift, input.shape[to.dim]
    if weight is not None:
        log_sum = log_sum * weight.sum()
        centred = centred * weight.reshape(-1, *[1] * (input.ndim - to.dim - 1))
    else:
        log_sum = log_sum * classes
    spread = log_sum - centred.sum(to.dim)
    if to.each.ndim == spread.ndim:
        spread = only(to.each != 0, spread)
    spread = (spread.sum() / to.total if reduce else spread) * (label_smoothing / classes)
    return loss * (1 - label_smoothing) + cast(spread, loss._array.dtype)
