"""Interpolation between points of a curve, with NumPy's name and signature."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import promote
from autograd_core.operands import check_tensor
from autograd_core.ops.cast import cast
from autograd_core.ops.clamping import clamp
from autograd_core.ops.division import remainder
from autograd_core.ops.gather import take
from autograd_core.ops.join import cat
from autograd_core.ops.searching import searchsorted
from autograd_core.ops.selection import where
from autograd_core.ops.sorting import sort
from autograd_core.registry import Make, Sample, operator


def _one_period(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """Everything brought into one period, with a point of the neighbouring ones on each side."""
    x = remainder(x, period)
    xp, order = sort(remainder(xp, period), 0)
    fp = take(fp, order)
    return x, cat([xp[-1:] - period, xp, xp[:1] + period]), cat([fp[-1:], fp, fp[:1]])


def _samples(make: Make) -> Iterable[Sample]:
    points, values = np.array([-1.0, 0.3, 0.9, 2.0]), make(4)
    yield Sample(make(2, 3), points, values)
    yield Sample(make(5), points, values, left=-1.0, right=3.0)
    yield Sample(make(5, low=-9, high=9), points, values, period=4.5)
    yield Sample(make(), points, values)


@operator(
    "interp", samples=_samples, reference=np.interp, method=False,
    convention="at a point, the slope behind it; at the last one, and beyond the ends, 0",
)  # fmt: skip
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None
) -> Any:
    """The values at ``x`` of the curve of straight lines through the points (``xp``, ``fp``).

    Args:
        x: tensor of any shape: where the curve is asked for.
        xp: tensor of one dimension, rising, unless there is a ``period``.
        fp: tensor of the shape of ``xp``, the values there; may be complex.
        left, right: the values before the first point and behind the last one; default theirs.
        period: the curve repeats after this; ``left`` and ``right`` mean nothing then.

    Returns:
        A tensor of the shape of ``x``. It is differentiable with respect to ``x``, ``xp``, ``fp``,
        ``left`` and ``right``.

    Raises:
        ShapeError: ``xp`` and ``fp`` are not of one dimension and one length, or empty.
        ValueError: ``period`` is 0.

    Source: NumPy, ``numpy.interp``.

    Example:
        >>> import autograd_core as ag
        >>> points, values = ag.tensor([0.0, 1.0, 2.0]), ag.tensor([0.0, 10.0, 0.0])
        >>> ag.interp(ag.tensor([0.5, 1.5, 7.0]), points, values)
        tensor([5., 5., 0.])
    """
    for argument, value in (("xp", xp), ("fp", fp)):
        check_tensor("interp", value, argument, arrays=False)
    if xp.ndim != 1 or not xp.shape[0] or xp.shape != fp.shape:
        raise ShapeError(
            f"interp: xp and fp must have one dimension and one length that is not 0, got "
            f"{describe(xp)} and {describe(fp)}"
        )
    if not isinstance(x, TensorBase):
        x = xp.new_tensor(x)
    x, xp = promote("interp", x * 1.0, xp)
    (fp,) = promote("interp", fp * 1.0)
    if period is not None:
        if not period:
            raise ValueError("interp: period must not be 0")
        x, xp, fp = _one_period(x, xp, fp, abs(period))
        left = right = None
    left, right = fp[0] if left is None else left, fp[-1] if right is None else right
    count = xp.shape[0]
    if count == 1:
        inner = fp[0]
    else:
        behind = clamp(searchsorted(xp.detach(), x.detach(), right=True), 1, count - 1)
        start, end = take(xp, behind - 1), take(xp, behind)
        first, second = take(fp, behind - 1), take(fp, behind)
        equal = start == end  # a jump: the slope is not used, and must not spoil the gradient
        slope = (second - first) / where(equal, 1.0, end - start)
        inner = where(equal, second, first + slope * (x - start))
        inner = where(x == xp[-1], fp[-1], inner)
    out = where(x < xp[0], left, where(x > xp[-1], right, inner))
    return where(x == x, out, cast(x, out._array.dtype))  # NaN stays NaN
