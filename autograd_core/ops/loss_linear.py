"""A dense layer and the cross entropy of its output in one, which never holds all the logits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_tensor
from autograd_core.ops.cast import cast
from autograd_core.ops.cross_entropy import (
    averaged,
    check_smoothing,
    counted,
    cross_entropy,
    entry_of,
    pick,
    place,
    smoothed,
)
from autograd_core.ops.explog import exp
from autograd_core.ops.linear import linear
from autograd_core.ops.loss_reduction import alike, reduction_of
from autograd_core.ops.precision import widen
from autograd_core.ops.products import product
from autograd_core.ops.reduction import keep
from autograd_core.ops.rows import add_up
from autograd_core.ops.shape import expand
from autograd_core.registry import SMOOTH, Make, Sample, operator

# From this many logits on they are computed in blocks, and again in backward.
_MANY = 2**20
# A block has at least so many: fewer would not keep a processor busy.
_BLOCK = 2**18


@dataclass(frozen=True)
class LinearCrossEntropyOptions:
    """How :func:`linear_cross_entropy` divides its work.

    Args:
        allow_retain_graph: accepted as in PyTorch; backward can always run again here.
        batch_chunk_size: of how many samples the logits may be held at a time. Here a block holds
            that many logits in other places: all samples', of some of the classes.
        chunking_method: how to choose it: ``"auto"``, or ``"aspect_ratio"`` (as many logits as
            ``input`` has elements), or ``"aspect_ratio:N"`` (one N-th of that); or None.
        acc_policy, acc_dtype: accepted as in PyTorch; halves always accumulate in float32 here.

    Raises:
        ValueError: a value is unknown.

    Source: PyTorch, ``torch.nn.LinearCrossEntropyOptions``.

    Example:
        >>> from autograd_core import nn
        >>> nn.LinearCrossEntropyOptions(batch_chunk_size=16).batch_chunk_size
        16
    """

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: Any = None

    def __post_init__(self) -> None:
        size, policy = self.batch_chunk_size, self.acc_policy
        if policy not in ("auto", "accurate", "balanced", "compact"):
            raise ValueError(f"LinearCrossEntropyOptions: invalid acc_policy: {policy!r}")
        if self.chunking_method not in (None, "auto"):
            self._divisor()
        if size is not None and not (isinstance(size, int) and size > 0):
            raise ValueError(
                f"LinearCrossEntropyOptions: batch_chunk_size must be a positive integer or None, "
                f"got {size!r}"
            )

    def _divisor(self) -> int:
        """The N of "aspect_ratio:N"."""
        name, colon, factor = str(self.chunking_method).partition(":")
        if name != "aspect_ratio" or (colon and not (factor.isdigit() and int(factor))):
            raise ValueError(
                f"LinearCrossEntropyOptions: invalid chunking_method: {self.chunking_method!r}"
            )
        return int(factor) if colon else 1

    def rows(self, samples: int, features: int, classes: int) -> int | None:
        """Of how many samples the logits may be held at a time; None to choose freely."""
        if self.chunking_method in (None, "auto"):
            return self.batch_chunk_size
        target = math.ceil(samples / math.ceil(classes / features))
        rows = min((1 << (target - 1).bit_length()) // self._divisor(), samples)
        if self.batch_chunk_size not in (None, rows):
            raise ValueError(
                f"LinearCrossEntropyOptions: batch_chunk_size={self.batch_chunk_size} and "
                f"chunking_method={self.chunking_method!r}, which gives {rows}, contradict each "
                f"other; pass only one"
            )
        return rows


def _blocks(x: Any, weight: Any, bias: Any, size: int) -> Iterator[tuple[slice, Any, Any]]:
    """The classes block by block: which, their rows of the weight, and the logits of all
    samples."""
    for start in range(0, weight.shape[0], size):
        part = slice(start, min(start + size, weight.shape[0]))
        rows = widen(weight[part])
        logits = x.dot(rows.T)
        if bias is not None:
            logits += widen(bias[part])
        yield part, rows, logits


def _columns(xp: Any, target: Any, part: slice) -> tuple[Any, Any]:
    """Which targets lie in a block, and in which column of it (the others: 0)."""
    inside = (target >= part.start) & (target < part.stop)
    return inside, (target - part.start) * inside


def _forward(
    xp: Any, input: Any, weight: Any, target: Any, each: Any, bias: Any, size: int, reduction: str
) -> Any:
    x, rows = widen(input), xp.arange(len(input))
    most = xp.full(len(x), np.finfo(x.dtype).min, x.dtype)
    total, right = xp.zeros(len(x), x.dtype), xp.zeros(len(x), x.dtype)
    for part, _, logits in _blocks(x, weight, bias, size):
        inside, columns = _columns(xp, target, part)
        right = xp.where(inside, logits[rows, columns], right)
        before, most = most, xp.maximum(most, logits.max(axis=1))
        logits -= most[:, None]
        xp.exp(logits, out=logits)
        total = total * xp.exp(before - most) + add_up(xp, logits, (1,), False)
    logarithm = xp.log(total)
    return averaged(logarithm - (right - most), each, reduction, input.dtype), logarithm + most


def _rule(
    g: Any, needs: Any, input: Any, weight: Any, target: Any, each: Any, bias: Any, log_sum: Any,
    size: int, reduction: str,
) -> Any:  # fmt: skip
    entry = entry_of(g[0], target, each, reduction)
    wanted = (needs[0], needs[1], needs[4])
    slopes = _gradient(input, weight, target, log_sum, entry + g[1], entry, bias, size, wanted)
    for_input, for_weight, for_bias = [s if want else None for s, want in zip(slopes, wanted)]
    return for_input, for_weight, None, None, for_bias


# Outputs are the loss and the logarithm of each sample's sum of exponentials.
_linear_cross_entropy = Op(
    "linear_cross_entropy",
    _forward,
    joint=_rule,
    inputs=5,
    outputs=("out", "log_sum"),
)


def _gradient_forward(
    xp: Any, input: Any, weight: Any, target: Any, log_sum: Any, row: Any, entry: Any, bias: Any,
    size: int, wanted: tuple[bool, bool, bool],
) -> Any:  # fmt: skip
    x, rows = widen(input), xp.arange(len(input))
    shapes = [one.shape if want else () for one, want in zip((x, weight, weight[:, 0]), wanted)]
    for_input, for_weight, for_bias = [xp.zeros(shape, x.dtype) for shape in shapes]
    for part, weights, slope in _blocks(x, weight, bias, size):
        slope -= log_sum[:, None]
        xp.exp(slope, out=slope)
        slope *= row[:, None]
        inside, columns = _columns(xp, target, part)
        slope[rows, columns] -= inside * entry
        if wanted[0]:
            for_input += slope.dot(weights)
        if wanted[1]:
            for_weight[part] = slope.T.dot(x)
        if wanted[2]:
            for_bias[part] = add_up(xp, slope, (0,), False)
    return for_input, for_weight, for_bias


def _gradient_rule(
    g: Any, needs: Any, input: Any, weight: Any, target: Any, log_sum: Any, row: Any, entry: Any,
    bias: Any, wanted: tuple[bool, bool, bool],
) -> Any:  # fmt: skip
    """The second derivative, of which a product with vectors is asked; it holds all the logits."""
    shape = (input.shape[0], weight.shape[0])
    probable = exp(linear(input, weight, bias) - keep(log_sum, shape, (1,), False))
    share = probable * keep(row, shape, (1,), False)
    slope = share - place(entry, target, shape, 1)
    for_input, for_weight, for_bias = g
    change = 0.0
    if wanted[0]:
        change = change + product(for_input, weight.swapaxes(0, 1))
    if wanted[1]:
        change = change + product(input, for_weight.swapaxes(0, 1))
    if wanted[2]:
        change = expand(change + for_bias, shape)
    pushed = change * share
    to_input, to_weight = product(pushed, weight), product(pushed.swapaxes(0, 1), input)
    if wanted[0]:
        to_weight = to_weight + product(slope.swapaxes(0, 1), for_input)
    if wanted[1]:
        to_input = to_input + product(slope, for_weight)
    to_row = (change * probable).sum(1)
    to_bias = None if bias is None else pushed.sum(0)
    return (
        to_input, to_weight, None, -pushed.sum(1), to_row, -pick(change, target, shape, 1), to_bias
    )  # fmt: skip


_gradient = Op(
    "linear_cross_entropy_gradient",
    _gradient_forward,
    joint=_gradient_rule,
    inputs=7,
    outputs=("for_input", "for_weight", "for_bias"),
)


def _samples(make: Make) -> Iterable[Sample]:
    blocks = LinearCrossEntropyOptions(batch_chunk_size=1)
    target = make.integers(4, high=5)
    yield Sample(make(4, 3), make(5, 3), target)
    yield Sample(make(4, 3), make(5, 3), target, linear_bias=make(5), options=blocks)
    yield Sample(make(3), make(5, 3), np.array(2), options=blocks, reduction="sum")
    yield Sample(
        make(4, 3), make(5, 3), np.array([0, 4, 2, 2]), weight=np.array([1.0, 2, 3, 4, 5]),
        ignore_index=4, label_smoothing=0.2, options=blocks, linear_bias=make(5),
    )  # fmt: skip
    yield Sample(make(4, 3), make(5, 3), target, reduction="none", options=blocks)
    yield Sample(make(4, 3), make(5, 2, 3), make.integers(4, 2, high=5))
    yield Sample(make(2, 3), make(4, 3), np.array([[0.2, 0.3, 0.5, 0.0], [0.0, 1.0, 0.0, 0.0]]))


@operator("nn.functional.linear_cross_entropy", convention=SMOOTH, method=False, samples=_samples)
def linear_cross_entropy(
    input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None,
    reduction: str = "mean", ignore_index: int | None = None, label_smoothing: float = 0.0,
    options: LinearCrossEntropyOptions | None = None,
) -> Any:  # fmt: skip
    """``cross_entropy(linear(input, linear_weight, linear_bias), target)``, in blocks of classes if
    there are many, so that all the logits are never in memory, neither forward nor backward.

    The second derivative holds them all.

    Args:
        input: (N, features) or (features).
        linear_weight: (C, features), or (C, d1, ..., features) for losses of several dimensions.
        target: class indices (N), (N, d1, ...) or a number; or probabilities, (N, C, d1, ...).
        linear_bias: (C, d1, ...), or None.
        weight, reduction, label_smoothing: as for :func:`cross_entropy`.
        ignore_index: class targets of this value count nothing; default -100.
        options: how to divide the work; by default it is divided from a million logits on.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: a target is not a class.
        ValueError: ``ignore_index`` is given together with probabilities.

    Source: PyTorch, ``torch.nn.functional.linear_cross_entropy``.

    Example:
        >>> import autograd_core as ag
        >>> features, weights = ag.tensor([[1.0, 2.0]]), ag.zeros(3, 2)
        >>> ag.nn.functional.linear_cross_entropy(features, weights, ag.tensor([1]))
        tensor(1.0986)
    """
    name = "linear_cross_entropy"
    reduction = reduction_of(name, reduction)
    check_smoothing(name, label_smoothing)
    given = {"input": input, "linear_weight": linear_weight, "target": target}
    for argument, value in given.items():
        check_tensor(name, value, argument, arrays=False)
    input, linear_weight = alike(name, input, linear_weight)
    logits_shape = _logits_shape(name, input, linear_weight, linear_bias)
    if tuple(target.shape) == logits_shape and ignore_index is not None:
        raise ShapeError(
            f"{name}: ignore_index cannot be given when target holds probabilities, which have the "
            f"shape of the logits, {logits_shape}"
        )
    if ignore_index is None:
        ignore_index = -100
    classes, features = linear_weight.shape[0], input.shape[-1]
    single = input.ndim == 1
    in_blocks = options is not None or math.prod(logits_shape) >= _MANY
    if not in_blocks or linear_weight.ndim > 2 or target._array.dtype.kind not in "iu":
        if linear_weight.ndim > 2:
            linear_weight = linear_weight.reshape(-1, features)
            linear_bias = None if linear_bias is None else linear_bias.reshape(-1)
        logits = linear(input, linear_weight, linear_bias).reshape(logits_shape)
        return cross_entropy(
            logits, target, weight, ignore_index=ignore_index, reduction=reduction,
            label_smoothing=label_smoothing,
        )  # fmt: skip
    if single and target.ndim == 0:
        input, target = input.unsqueeze(0), target.unsqueeze(0)
    samples = input.shape[0]
    target, each = counted(
        name, (samples, classes), input._array.dtype, target, weight, ignore_index
    )
    rows = None if options is None else options.rows(samples, features, classes)
    held = max(samples * features, _BLOCK) if rows is None else rows * classes
    size = max(1, min(held // max(samples, 1), math.ceil(classes / 4)))
    loss, log_sum = _linear_cross_entropy(
        input, linear_weight, target, each, linear_bias, size, reduction
    )
    if label_smoothing:
        spread = _mean_losses(input, linear_weight, linear_bias, weight, log_sum)
        loss = smoothed(loss, spread, each, label_smoothing, reduction)
    return loss.reshape(()) if single else loss


def _mean_losses(input: Any, rows: Any, bias: Any, weight: Any, log_sum: Any) -> Any:
    """The mean of the losses that each sample would have with each class for its target.

    The logits' sum over the classes is the product with the sum of the weights.
    """
    dtype, classes = log_sum._array.dtype, rows.shape[0]
    input, rows = cast(input, dtype), cast(rows, dtype)
    bias = None if bias is None else cast(bias, dtype)
    if weight is None:
        whole, total = rows.sum(0), log_sum * classes
    else:
        weight = cast(weight, dtype)
        whole, total = weight @ rows, log_sum * weight.sum()
        bias = None if bias is None else bias * weight
    logits = input @ whole
    return (total - (logits if bias is None else logits + bias.sum())) / classes


def _logits_shape(name: str, input: Any, linear_weight: Any, linear_bias: Any) -> tuple[int, ...]:
    """The shape of the logits, of operands that are checked."""
    check_floating(name, input)
    check_floating(name, linear_weight, "linear_weight")
    if input.ndim not in (1, 2) or linear_weight.ndim < 2:
        raise ShapeError(
            f"{name}: input must be (N, features) or (features), and linear_weight (C, ..., "
            f"features); got {describe(input)} and {describe(linear_weight)}"
        )
    classes, *inner, features = linear_weight.shape
    if input.shape[-1] != features:
        raise ShapeError(
            f"{name}: input has {input.shape[-1]} features, but linear_weight "
            f"{tuple(linear_weight.shape)} expects {features}"
        )
    if inner and input.ndim == 1:
        raise ShapeError(
            f"{name}: with linear_weight {tuple(linear_weight.shape)} input must be (N, "
            f"{features}), got {tuple(input.shape)}"
        )
    if linear_bias is not None and tuple(linear_bias.shape) != (classes, *inner):
        raise ShapeError(
            f"{name}: linear_bias must be {(classes, *inner)}, got {tuple(linear_bias.shape)}"
        )
    return (*input.shape[:-1], classes, *inner)
