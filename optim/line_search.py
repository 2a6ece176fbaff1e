"""A line search for a step that satisfies the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple


class Point(NamedTuple):
    """A point on the line.

    Attributes:
        t: its place, the length of the step.
        loss: the loss there.
        grad: its gradient, a flat Tensor.
        slope: the gradient along the line.
    """

    t: float
    loss: float
    grad: Any
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], Point],
    start: Point,
    t: float,
    reach: float,
    c1: float = 1e-4,
    c2: float = 0.9,
    tolerance_change: float = 1e-9,
    max_evaluations: int = 25,
) -> tuple[Point, int]:
    """Look for a point with `loss <= start.loss + c1 * t * start.slope` (it is lower by enough) and
    `abs(slope) <= c2 * abs(start.slope)` (the curve has flattened by enough).

    First steps are lengthened until such points are bracketed; then the bracket is narrowed.
    Lengths are chosen by cubic interpolation.

    Args:
        evaluate: gives the point at a place.
        start: the point at 0; its slope is negative.
        t: the first place to try.
        reach: the greatest change of an element per unit of `t`.
        c1: the share of the expected decrease that is asked for; default 1e-4.
        c2: the share of the slope that is allowed to be left; default 0.9.
        tolerance_change: a bracket in which no element changes by more is not narrowed further;
            default 1e-9.
        max_evaluations: points to try, after which the best is taken; default 25.

    Returns:
        The point, and how many were evaluated.

    Source: PyTorch's `strong_wolfe` in ``torch.optim.LBFGS``; Nocedal and Wright, "Numerical
    optimization" (2006), algorithms 3.5 and 3.6.

    Example:
        >>> def curve(t):  # (t - 3)**2
        ...     return Point(t, (t - 3) ** 2, None, 2 * (t - 3))
        >>> point, count = strong_wolfe(curve, curve(0.0), 1.0, reach=1.0)
        >>> point.t, count
        (1.0, 1)
    """

    def too_high(point: Point) -> bool:
        return point.loss > start.loss + c1 * point.t * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -c2 * start.slope

    previous, point, tried, rounds = start, evaluate(t), 1, 0
    bracket = None
    while rounds < max_evaluations:
        if too_high(point) or (rounds > 1 and point.loss >= previous.loss):
            bracket = [previous, point]
            break
        if flat(point):
            return point, tried
        if point.slope >= 0:
            bracket = [previous, point]
            break
        t = interpolate(previous, point, point.t + 0.01 * (point.t - previous.t), point.t * 10)
        previous, point = point, evaluate(t)
        tried += 1
        rounds += 1
    if bracket is None:
        bracket = [start, point]

    # bracket[low] is the better of the two ends.
    low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
    stuck = False
    while rounds < max_evaluations:
        left, right = sorted((bracket[0].t, bracket[1].t))
        if (right - left) * reach < tolerance_change:
            break
        t = interpolate(bracket[0], bracket[1], left, right)
        # Twice close to an end means that the bracket hardly shrinks: step away from it.
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        point = evaluate(t)
        tried += 1
        rounds += 1
        if too_high(point) or point.loss >= bracket[low].loss:
            bracket[high] = point
            low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
        elif flat(point):
            return point, tried
        else:
            if point.slope * (bracket[high].t - bracket[low].t) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = point
    return bracket[low], tried


def interpolate(a: Point, b: Point, least: float, most: float) -> float:
    """Return the minimum of the cubic through two points with their slopes, kept within bounds.

    Args:
        a: one point.
        b: another.
        least: the lower bound.
        most: the upper bound; the middle is taken where the cubic has no minimum.

    Example:
        >>> interpolate(Point(0.0, 9.0, None, -6.0), Point(1.0, 4.0, None, -4.0), 0.0, 10.0)
        3.0
    """
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (least + most) / 2
    d2 = math.sqrt(square)
    divisor = b.slope - a.slope + 2 * d2
    if divisor == 0:
        return (least + most) / 2
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / divisor)
    return min(max(t, least), most)
