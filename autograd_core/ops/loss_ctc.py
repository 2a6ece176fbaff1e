"""Connectionist temporal classification: a sequence of labels against longer, unaligned scores."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ArgumentError, ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_integers
from autograd_core.ops.cast import cast
from autograd_core.ops.loss_reduction import (
    CLASSES,
    reduce_tensor,
    reduction_of,
)
from autograd_core.ops.precision import wide_dtype
from autograd_core.ops.selection import where
from autograd_core.ops.special import logaddexp
from autograd_core.registry import SMOOTH, Make, Sample, operator

# A path walks through the states blank, label, blank, label, ..., blank of a target. At each step
# it stays, goes on by one state, or by two, from a label to the next one that differs. alpha[t, n,
# s] is the logarithm of the summed probability of all paths of sample n that are in state s at
# time t, less the greatest of them, which is kept apart: float32 then has digits for the others.
#
# What follows is the recursion for alpha, and what its derivatives are made of: the three ways into
# each state have shares, which sum to 1, and gradients flow back along them. Both flows are linear,
# and each is the other's adjoint, so that derivatives of every order exist. To the rules, what was
# taken off is a constant.


def _of_states(xp: Any, input: Any, labels: Any, blank: int, classes: int) -> Any:
    samples, longest = labels.shape
    out = xp.empty((len(input), samples, 2 * longest + 1), input.dtype)
    out[:, :, ::2] = input[:, :, blank, None]
    out[:, :, 1::2] = input[:, xp.arange(samples)[:, None], labels]
    return out


def _of_classes(xp: Any, input: Any, labels: Any, blank: int, classes: int) -> Any:
    samples = xp.arange(len(labels))[:, None]
    out = xp.zeros((*input.shape[:2], classes), input.dtype)
    backend_of(input).scatter_add(out, (slice(None), samples, labels), input[:, :, 1::2])
    out[:, :, blank] += input[:, :, ::2].sum(axis=2)
    return out


# The scores of each state's class; and the adjoint, the sum of the states of each class.
_emissions = Op(
    "ctc_emissions",
    _of_states,
    {"input": lambda g, labels, blank, classes: _collected(g, labels, blank, classes)},
    inputs=2,
)
_collected = Op(
    "ctc_collected",
    _of_classes,
    {"input": lambda g, labels, blank, classes: _emissions(g, labels, blank, classes)},
    inputs=2,
)


def _paths(xp: Any, emission: Any, skip: Any) -> Any:
    steps, samples, states = emission.shape
    # Two states more before the first one, which no path is in, spare the borders.
    padded = xp.full((steps, samples, states + 2), -np.inf, emission.dtype)
    alpha, shift = padded[:, :, 2:], xp.empty((steps, samples), emission.dtype)
    ways = xp.empty((3, samples, states), emission.dtype)
    least = np.finfo(emission.dtype).min
    for t in range(steps):
        before, total = padded[t - 1], alpha[t]
        if t:
            ways[0] = before[:, 2:]
            ways[1] = before[:, 1:-1]
            xp.add(before[:, :-2], skip, out=ways[2])
            most = xp.maximum(ways.max(axis=0), least)
            xp.subtract(ways, most, out=ways)
            xp.exp(ways, out=ways)
            most += xp.log(ways.sum(axis=0))
            xp.add(most, emission[t], out=total)
        else:
            total[:, :2] = emission[0, :, :2]
        peak = shift[t] = xp.maximum(total.max(axis=1), least)
        total -= peak[:, None]
    return alpha, shift


_alpha = Op(
    "ctc_paths",
    _paths,
    joint=lambda g, needs, emission, skip, alpha, shift: (
        _flow_back(_shares(alpha, emission, skip, shift), g),
        None,
    ),
    inputs=2,
    outputs=("alpha", "shift"),
    differentiable=("alpha",),
    keeps_order=True,
)


def _shares_forward(xp: Any, alpha: Any, emission: Any, skip: Any, shift: Any) -> Any:
    total = xp.where(alpha > -np.inf, alpha + (shift[:, :, None] - emission), np.inf)
    out = xp.full((3, *alpha.shape), -np.inf, alpha.dtype)
    out[0, 1:] = alpha[:-1]
    out[1, 1:, :, 1:] = alpha[:-1, :, :-1]
    out[2, 1:, :, 2:] = alpha[:-1, :, :-2] + skip[:, 2:]
    out -= total
    return xp.exp(out, out=out)


def _shares_rule(g: Any, needs: Any, out: Any) -> Any:
    change = g * out
    total = change.sum(0)
    return _sources(change) - total, total, None, None


# out[k, t, n, s]: of the paths that enter state s at time t, the share that was k states before.
_shares = Op("ctc_shares", _shares_forward, joint=_shares_rule, inputs=4)


def _sources_forward(xp: Any, input: Any) -> Any:
    out = xp.zeros(input.shape[1:], input.dtype)
    out[:-1] = input[0, 1:]
    out[:-1, :, :-1] += input[1, 1:, :, 1:]
    out[:-1, :, :-2] += input[2, 1:, :, 2:]
    return out


def _ways_forward(xp: Any, input: Any) -> Any:
    out = xp.zeros((3, *input.shape), input.dtype)
    out[0, 1:] = input[:-1]
    out[1, 1:, :, 1:] = input[:-1, :, :-1]
    out[2, 1:, :, 2:] = input[:-1, :, :-2]
    return out


# Values of the three ways into each state, summed where they came from; and its adjoint, the value
# of where each way came from.
_sources = Op("ctc_sources", _sources_forward, {"input": lambda g: _ways(g)})
_ways = Op("ctc_ways", _ways_forward, {"input": lambda g: _sources(g)})


def _flow_back_forward(xp: Any, shares: Any, input: Any) -> Any:
    out = input.copy()
    flow = xp.empty(shares[:, 0].shape, input.dtype)
    for t in range(len(out) - 2, -1, -1):
        xp.multiply(shares[:, t + 1], out[t + 1], out=flow)
        here = out[t]
        here += flow[0]
        here[:, :-1] += flow[1, :, 1:]
        here[:, :-2] += flow[2, :, 2:]
    return out


def _flow_on_forward(xp: Any, shares: Any, input: Any) -> Any:
    out = input.copy()
    flow = xp.empty(shares[0, 0].shape, input.dtype)
    for t in range(1, len(out)):
        here, before = out[t], out[t - 1]
        here += xp.multiply(shares[0, t], before, out=flow)
        here[:, 1:] += shares[1, t, :, 1:] * before[:, :-1]
        here[:, 2:] += shares[2, t, :, 2:] * before[:, :-2]
    return out


_flow_back = Op(
    "ctc_flow_back",
    _flow_back_forward,
    {
        "shares": lambda g, shares, out: _ways(_flow_on(shares, g)) * out,
        "input": lambda g, shares: _flow_on(shares, g),
    },
    inputs=2,
)
_flow_on = Op(
    "ctc_flow_on",
    _flow_on_forward,
    {
        "shares": lambda g, shares, out: _ways(out) * _flow_back(shares, g),
        "input": lambda g, shares: _flow_back(shares, g),
    },
    inputs=2,
)


def _lengths(name: str, what: str, lengths: Any, samples: int, most: int) -> np.ndarray:
    """Lengths on the host, checked."""
    if isinstance(lengths, TensorBase):
        lengths = backend_of(lengths._array).to_numpy(lengths._array)
    array = np.asarray(lengths).reshape(-1)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{name}: {what} must be integers, got {array.dtype}")
    if array.shape != (samples,):
        raise ShapeError(
            f"{name}: {what} must hold one length for each of {samples} samples, got {array.size}"
        )
    if array.size and not (array.min() >= 0 and array.max() <= most):
        raise ArgumentError(f"{name}: {what} must lie between 0 and {most}, got {array.tolist()}")
    return array.astype(np.int64)


def _labels(name: str, targets: Any, lengths: np.ndarray, blank: int) -> Any:
    """The targets as an array (N, longest), whether they came so or one after the other; blank
    after the end."""
    array, backend = targets._array, backend_of(targets._array)
    longest = int(lengths.max(initial=0))
    columns = np.arange(longest)
    inside = backend.from_numpy(columns < lengths[:, None])
    if array.ndim == 2:
        array = array[:, :longest]
    elif array.size:
        starts = np.cumsum(lengths) - lengths
        places = np.minimum(starts[:, None] + columns, array.size - 1)
        array = array[backend.from_numpy(places)]
    else:
        array = backend.zeros((len(lengths), longest), array.dtype)
    return backend.xp.where(inside, array, array.dtype.type(blank))


def _skips(labels: Any, dtype: Any) -> Any:
    """0 for each state that paths may enter from two states before, else -inf."""
    backend = backend_of(labels)
    samples, longest = labels.shape
    skip = backend.full((samples, 2 * longest + 1), -np.inf, dtype)
    differ = labels[:, 1:] != labels[:, :-1]
    skip[:, 3::2] = backend.xp.where(differ, 0, -np.inf)
    return skip


def _samples(make: Make) -> Iterable[Sample]:
    lengths = [5, 4], [2, 3]
    yield Sample(make(5, 2, 4), np.array([[1, 2, 0], [3, 3, 1]]), [5, 5], [2, 3])
    yield Sample(make(5, 2, 4), np.array([1, 2, 3, 1, 3]), *lengths, reduction="none")
    yield Sample(make(4, 3), np.array([0, 1]), [4], [2], blank=2, reduction="sum")
    yield Sample(make(3, 2, 4), np.array([[1, 1], [1, 2]]), [2, 3], [2, 2], zero_infinity=True)
    yield Sample(make(3, 2, 4), np.array([[1], [1]]), [0, 3], [0, 0], reduction="none")


@operator(
    "nn.functional.ctc_loss", method=False, samples=_samples,
    convention=SMOOTH + "; 0 where the loss is infinite, as the scores are too few for the target",
)  # fmt: skip
def ctc_loss(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0,
    reduction: str = "mean", zero_infinity: bool = False,
) -> Any:  # fmt: skip
    """Minus the logarithm of the probability of a target, summed over all its alignments: each
    label may last for several steps, with any number of blanks between.

    Args:
        log_probs: (T, N, C) or (T, C), the logarithms of the classes' probabilities at each step.
        targets: (N, S), padded; or the targets of all samples one after the other, (sum of
            ``target_lengths``).
        input_lengths: how many of the T steps count, for each sample: integers, as a tensor or a
            list. A tensor on a device makes the host wait for it.
        target_lengths: how many labels each target has; likewise.
        blank: the class that stands for no label; default 0.
        reduction: ``"mean"`` (default: losses are divided by the targets' lengths, then averaged),
            ``"sum"`` or ``"none"``.
        zero_infinity: count the losses of targets that do not fit as 0; default False.

    Returns:
        One number, or (N) for ``"none"``. The gradient is the derivative for ``log_probs`` as they
        are. (PyTorch's adds ``exp(log_probs)``, which a log_softmax before it takes away again.)

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: a length is out of range.
        IndexError: a label is not a class.

    Source: PyTorch, ``torch.nn.functional.ctc_loss``; Graves and others, "Connectionist temporal
    classification" (2006).

    Example:
        >>> import autograd_core as ag
        >>> even = ag.full((2, 1, 3), 1 / 3).log()
        >>> ag.nn.functional.ctc_loss(even, ag.tensor([[1]]), [2], [1]).exp()  # 9 paths, 3 fit
        tensor(3.)
    """
    name = "ctc_loss"
    reduction = reduction_of(name, reduction)
    check_floating(name, log_probs, "log_probs", arrays=False)
    check_integers(name, targets, "targets", CLASSES, arrays=False)
    single = log_probs.ndim == 2
    if (
        log_probs.ndim not in (2, 3)
        or 0 in tuple(log_probs.shape)[:1] + tuple(log_probs.shape)[-1:]
    ):
        raise ShapeError(
            f"{name}: log_probs must be (T, N, C) or (T, C), got {describe(log_probs)}"
        )
    scores = log_probs.unsqueeze(1) if single else log_probs
    steps, samples, classes = scores.shape
    if not 0 <= blank < classes:
        raise ArgumentError(f"{name}: blank must be a class from 0 to {classes - 1}, got {blank}")
    if targets.ndim not in (1, 2) or (targets.ndim == 2 and targets.shape[0] != samples):
        raise ShapeError(
            f"{name}: targets must be ({samples}, S), or those of all samples one after the other; "
            f"got {describe(targets)}"
        )
    ends = _lengths(name, "input_lengths", input_lengths, samples, steps)
    counts = _lengths(name, "target_lengths", target_lengths, samples, targets.shape[-1])
    if targets.ndim == 1 and counts.sum() != targets.shape[0]:
        raise ShapeError(
            f"{name}: target_lengths sum to {counts.sum()}, but targets has {targets.shape[0]} "
            f"labels"
        )
    labels, backend = _labels(name, targets, counts, blank), backend_of(scores._array)
    backend.check_index(labels, 0, classes, name)
    dtype = wide_dtype(scores._array.dtype)
    skip, labels = TensorBase._wrap(_skips(labels, dtype)), TensorBase._wrap(labels)
    alpha, shift = _alpha(_emissions(cast(scores, dtype), labels, blank, classes), skip)
    losses = -_total(alpha, shift, ends, counts)
    if zero_infinity:
        losses = where(losses.isinf(), 0, losses)
    if reduction == "mean":
        losses = losses / TensorBase._wrap(
            backend.from_numpy(np.maximum(counts, 1).astype(losses._array.dtype))
        )
    loss = cast(reduce_tensor(losses, reduction), log_probs._array.dtype)
    return loss.reshape(()) if single else loss


def _total(alpha: Any, shift: Any, ends: np.ndarray, counts: np.ndarray) -> Any:
    """The logarithm of the probability of all paths that end in the last label or the blank after
    it, in float64."""
    backend = backend_of(alpha._array)

    def known(values: np.ndarray) -> Any:
        return TensorBase._wrap(backend.from_numpy(values))

    time, rows, last = known(np.maximum(ends - 1, 0)), known(np.arange(len(ends))), 2 * counts
    there = alpha[time, rows, known(last)]
    label = alpha[time, rows, known(np.maximum(last - 1, 0))]
    if not counts.all():
        label = where(known(counts > 0), label, -np.inf)
    taken_off = shift._array.astype(np.float64).cumsum(axis=0)
    # Of no steps: certain for an empty target, else impossible.
    if not ends.all():
        started = known(ends > 0)
        there = where(started, there, where(known(counts == 0), 0.0, -np.inf))
        label = where(started, label, -np.inf)
        taken_off = taken_off * (started._array)
    total = logaddexp(there, label) + TensorBase._wrap(taken_off)[time, rows]
    return where(total > -np.inf, total, -np.inf)
