"""Cross entropy and negative log likelihood of classes."""

from __future__ import annotations

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
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.reduction import keep
from autograd_core.ops.rows import add_up, largest
from autograd_core.ops.selection import only
from autograd_core.ops.softmax import log_softmax
from autograd_core.registry import SMOOTH, Make, Sample, operator

REDUCTIONS = ("none", "mean", "sum")
_EMPTY = SMOOTH + "; the mean of no target (all are ignored) is NaN, with gradient 0"


def _grid(xp: Any, target: Any, dim: int) -> tuple[Any, ...]:
    """The index that picks each target's class: at ``[n, target[n, ...], ...]``."""
    index = []
    for i, n in enumerate(target.shape):
        shape = [1] * target.ndim
        shape[i] = n
        index.append(xp.arange(n).reshape(shape))
    return (*index[:dim], target, *index[dim:])


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


def _forward(
    xp: Any, input: Any, target: Any, each: Any, total: Any, dim: int, reduce: bool
) -> Any:
    x = widen(input)
    shift = largest(xp, x, dim)
    x = x - shift
    log_sum = xp.log(add_up(xp, xp.exp(x), (dim,), False))
    out = xp.where(each != 0, (log_sum - x[_grid(xp, target, dim)]) * each, 0)
    if reduce:
        out = out.sum() / total
    return out.astype(input.dtype), log_sum, shift


def _rule(
    g: Any,
    needs: Any,
    input: Any,
    target: Any,
    each: Any,
    total: Any,
    log_sum: Any,
    shift: Any,
    dim: int,
    reduce: bool,
) -> Any:
    entry = only(each != 0, g[0] * each / total)
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
    out -= xp.expand_dims(log_sum, dim)
    xp.exp(out, out=out)
    out *= xp.expand_dims(row, dim)
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


class _Targets:
    """Class indices, checked: where they lie, what each counts and what all count together."""

    def __init__(
        self, name: str, input: Any, target: Any, weight: Any, ignore_index: int, reduction: str
    ) -> None:
        if reduction not in REDUCTIONS:
            raise _bad_reduction(name, reduction)
        shape = tuple(input.shape)
        self.dim = dim = 0 if len(shape) == 1 else 1
        if not shape or shape[:dim] + shape[dim + 1 :] != tuple(target.shape):
            raise ShapeError(
                f"{name}: expected input (N, C, ...) and target (N, ...), or (C) and a number; got "
                f"input {describe(input)} and target {describe(target)}. Mend: logits need a "
                f"dimension of classes after the batch's; targets are class indices of the other "
                f"dimensions' shape."
            )
        if weight is not None and tuple(weight.shape) != (shape[dim],):
            raise ShapeError(
                f"{name}: weight must have shape ({shape[dim]},), got {tuple(weight.shape)}"
            )
        if weight is not None and weight.requires_grad:
            raise RuntimeError(f"{name}: weight is a constant here. Mend: weight.detach()")
        array, logits = target._array, input._array
        backend = backend_of(array)
        counted = array != ignore_index
        places = array * counted  # an ignored target points to class 0, and counts 0
        backend.check_index(places, 0, shape[dim], name)
        wide = np.float32 if is_half(logits.dtype) else logits.dtype
        each = counted.astype(wide)
        if weight is not None:
            each = each * weight._array.astype(wide)[places]
        total = each.sum() if reduction == "mean" else backend.full((), 1, wide)
        self.places, self.each, self.total = places, each, total


def _bad_reduction(name: str, reduction: Any) -> Exception:
    return ValueError(
        f"{name}: reduction must be one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}"
    )


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
    input: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    """Negative log likelihood: minus the entry of ``input`` that each target names.

    Args:
        input: log-probabilities (N, C, ...) or (C).
        target: class indices, (N, ...) or a number.
        weight: (C), what each class counts; default 1.
        ignore_index: targets of this value count nothing.
        reduction: ``"mean"`` (by what the targets count), ``"sum"`` or ``"none"``.

    Source: PyTorch, ``torch.nn.functional.nll_loss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.ops.cross_entropy import nll_loss
        >>> nll_loss(ag.tensor([[-0.5, -2.0]]), ag.tensor([1]))
        tensor(2.)
    """
    to = _Targets("nll_loss", input, target, weight, ignore_index, reduction)
    each = TensorBase._wrap(to.each)
    values = -pick(input, TensorBase._wrap(to.places), tuple(input.shape), to.dim)
    values = only(each != 0, values * each)
    if reduction == "none":
        return cast(values, input._array.dtype)
    return cast(values.sum() / TensorBase._wrap(to.total), input._array.dtype)


def _soft_cross_entropy(
    input: Any, target: Any, weight: Any, reduction: str, label_smoothing: float
) -> Any:
    """Cross entropy where the target is a distribution over the classes."""
    if reduction not in REDUCTIONS:
        raise _bad_reduction("cross_entropy", reduction)
    dim = 0 if input.ndim == 1 else 1
    classes = input.shape[dim]
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    logs = log_softmax(input, dim)
    if weight is not None:
        logs = logs * weight.reshape(classes, *[1] * (input.ndim - dim - 1))
    values = -(logs * target).sum(dim)
    if reduction == "none":
        return values
    return values.sum() if reduction == "sum" else values.sum() / max(values.numel(), 1)


@operator("nn.functional.cross_entropy", convention=_EMPTY, method=False, samples=_samples)
def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Cross entropy between logits and targets: ``-log(softmax(input))`` at the target, one node in
    the graph.

    Args:
        input: logits (N, C, ...) or (C), with the C classes in dimension 1 (or 0).
        target: class indices, (N, ...) or a number; or probabilities in the shape of ``input``.
        weight: (C), what each class counts; default 1.
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
        >>> from autograd_core.ops.cross_entropy import cross_entropy
        >>> cross_entropy(ag.tensor([[0.0, 0.0]]), ag.tensor([1]))
        tensor(0.6931)
    """
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(f"cross_entropy: label_smoothing must be in [0, 1], got {label_smoothing}")
    if target._array.dtype.kind not in "iu":
        if tuple(target.shape) != tuple(input.shape) or target._array.dtype.kind == "b":
            raise ShapeError(
                f"cross_entropy: expected class indices (integers) or probabilities in the input's "
                f"shape {tuple(input.shape)}, got target {describe(target)}. "
                f"Mend: target.long() for class indices."
            )
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing)
    to = _Targets("cross_entropy", input, target, weight, ignore_index, reduction)
    each, total = TensorBase._wrap(to.each), TensorBase._wrap(to.total)
    places = TensorBase._wrap(to.places)
    loss = _cross_entropy(input, places, each, total, to.dim, reduction != "none")[0]
    if not label_smoothing:
        return loss
    logs = log_softmax(input, to.dim)
    if weight is not None:
        logs = logs * weight.reshape(-1, *[1] * (input.ndim - to.dim - 1))
    spread = only(TensorBase._wrap(to.each != 0), -logs.sum(to.dim))
    if reduction != "none":
        spread = spread.sum() / total
    spread = cast(spread * (label_smoothing / input.shape[to.dim]), loss._array.dtype)
    return loss * (1 - label_smoothing) + spread
