"""What losses share: their reductions and the gradients of these, and the shapes they refuse."""

from __future__ import annotations

import math
import warnings
from typing import Any

from autograd_core.errors import ShapeError
from autograd_core.op import promote
from autograd_core.operands import check_floating, check_tensor
from autograd_core.ops.cast import as_float
from autograd_core.ops.shape import broadcast_shape, expand

CLASSES = "class indices (integers)"
REDUCTIONS = ("mean", "sum", "none")


def reduction_of(name: str, reduction: Any, size_average: Any = None, reduce: Any = None) -> str:
    """``reduction``, checked; the old arguments ``size_average`` and ``reduce`` win, and warn."""
    if size_average is not None or reduce is not None:
        if reduce is None or reduce:
            reduction = "mean" if size_average is None or size_average else "sum"
        else:
            reduction = "none"
        warnings.warn(
            f"{name}: size_average and reduce are deprecated, use reduction={reduction!r} instead",
            stacklevel=3,
        )
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"{name}: {reduction!r} is not a valid value for reduction; use 'mean', 'sum' or 'none'"
        )
    return str(reduction)


def reduced(losses: Any, reduction: str, dtype: Any) -> Any:
    """An array of losses as they are, or their sum or mean (of none NaN), in ``dtype``."""
    if reduction != "none":
        count = losses.size
        losses = losses.sum()
        if reduction == "mean":
            losses = losses / count if count else losses + math.nan
    return losses.astype(dtype, copy=False)


def share(g: Any, reduction: str, count: int) -> Any:
    """The gradient of each of ``count`` losses: the adjoint of ``reduced``."""
    return g / max(count, 1) if reduction == "mean" else g


def each(g: Any, reduction: str, like: Any) -> Any:
    """The same where there is one loss for every element of ``like``."""
    return g / max(math.prod(like.shape), 1) if reduction == "mean" else g


def reduce_tensor(losses: Any, reduction: str) -> Any:
    """Losses that several operators made: their mean, their sum, or as they are."""
    if reduction == "mean":
        return losses.mean()
    return losses.sum() if reduction == "sum" else losses


def alike(name: str, *values: Any) -> Any:
    """Tensors in the one dtype that they promote to."""
    dtype = values[0]._array.dtype
    for value in values:
        if value._array.dtype != dtype:
            return promote(name, *values)
    return values


def as_floating(name: str, *values: Any) -> Any:
    """The same, integers in the default floating-point type."""
    values = tuple([as_float(value) for value in alike(name, *values)])
    check_floating(name, values[0])
    return values


def check_factor(name: str, argument: str, factor: Any, like: Any) -> None:
    """Refuse a factor that would broadcast the losses to another shape than ``like`` has.

    Raises:
        TypeError: it is no tensor.
        ShapeError: its shape does not broadcast to that of ``like``.
    """
    check_tensor(name, factor, argument, arrays=False)
    have, want = tuple(like.shape), tuple(factor.shape)
    sizes = zip(reversed(have), reversed(want))
    if len(want) > len(have) or any(n not in (1, m) for m, n in sizes):
        raise ShapeError(
            f"{name}: {argument} must have a shape that broadcasts to that of input, {have}, got "
            f"{want}"
        )


def matched(
    name: str, input: Any, target: Any, allow_broadcast: bool = False, other: str = "target"
) -> tuple[Any, Any]:
    """``input`` and ``target``, which must have one shape.

    Broadcasting here is nearly always a mistake: (4, 1) against (4,) would compare every
    prediction with every target, and train on the mean of all. With ``allow_broadcast`` both come
    back in the shape that they broadcast to.

    Raises:
        TypeError: ``target`` is no tensor.
        ShapeError: the shapes differ, and ``allow_broadcast`` is not set or does not help.
    """
    check_tensor(name, target, other, arrays=False)
    check_tensor(name, input, arrays=False)
    have, want = input._array.shape, target._array.shape
    if have == want:
        return input, target
    if allow_broadcast:
        shape = broadcast_shape(name, have, want)
        return expand(input, shape), expand(target, shape)
    if [n for n in have if n != 1] == [n for n in want if n != 1]:
        mend = f"write {other}.reshape(input.shape)"
    else:
        mend = "give them one shape"
    raise ShapeError(
        f"{name}: input has shape {have} but {other} has shape {want}, which would be broadcast "
        f"against each other; {mend}, or pass allow_broadcast=True if that is meant"
    )
