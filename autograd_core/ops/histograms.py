"""Histograms: histc, histogram, histogramdd. On a GPU the host waits for the range of the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.operands import check_floating, check_same_dtype
from autograd_core.ops.dims import is_whole, shape_of
from autograd_core.registry import Make, Sample, operator


class HistogramResult(NamedTuple):
    """What ``histogram`` and ``histogramdd`` return."""

    hist: Any
    bin_edges: Any


def _floating(name: str, input: Any) -> Any:
    """The input's array in float64, after a look at its dtype."""
    return check_floating(name, input).astype(np.float64)


def _span(name: str, values: Any, low: float, high: float, around: float) -> tuple[float, float]:
    """The range of the bins: as given or, if empty, that of the data, made wider if empty too."""
    if low > high:
        raise RuntimeError(f"{name}: the range must not be from {low} down to {high}")
    if low == high and values.size:
        item = backend_of(values).item
        low, high = float(item(values.min())), float(item(values.max()))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"{name}: the range from {low} to {high} is not finite")
    return (low, high) if low < high else (low - around, high + around)


def _number_of_bins(name: str, bins: Any) -> int:
    if not is_whole(bins) or bins < 1:
        raise RuntimeError(f"{name}: bins must be a positive integer, got {bins!r}")
    return int(bins)


def _histc_reference(x: Any, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    return np.histogram(x, bins, (min, max) if min < max else None)[0]


@operator(
    "histc",
    samples=lambda make: [
        Sample(make(2, 5)),
        Sample(make(20), 4, -1.5, 1.0),
        Sample(make(20), bins=3, min=0, max=0),
    ],
    reference=_histc_reference,
    convention="no gradient",
    differentiable=False,
)
def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    """How many elements lie in each of ``bins`` intervals of equal width.

    Args:
        input: floating-point tensor; NaN and what lies outside the range are not counted.
        bins: how many intervals; each includes its lower end, the last also its upper.
        min, max: their range; where both are the same, that of the data.

    Returns:
        Counts, of the dtype of ``input``.

    Raises:
        RuntimeError: the range is not finite or goes down, or ``bins`` is not positive.

    Source: PyTorch, ``torch.histc``.

    Example:
        >>> import autograd_core as ag
        >>> ag.histc(ag.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
        tensor([0., 2., 1., 0.])
    """
    values = _floating("histc", input).reshape(-1)
    count = _number_of_bins("histc", bins)
    low, high = _span("histc", values, float(min), float(max), 1.0)
    backend = backend_of(values)
    xp = backend.xp
    inside = (values >= low) & (values <= high)
    place = xp.floor(xp.where(inside, values - low, 0.0) / (high - low) * count).astype(np.int64)
    place = xp.where(inside, xp.minimum(place, count - 1), count)
    counts = xp.zeros(count + 1, np.float64)
    backend.scatter_add(counts, (place,), xp.ones(place.shape, np.float64))
    return TensorBase._wrap(counts[:count].astype(input._array.dtype))


def _edges(name: str, values: Any, bins: Any, bounds: Any, like: Any) -> Any:
    """The ends of the bins of one dimension, an array of the dtype of ``like``."""
    backend = backend_of(like)
    if hasattr(bins, "_array"):
        if bins.ndim != 1 or bins.shape[0] < 1:
            raise ShapeError(
                f"{name}: bins must be a number or edges of one dimension, got shape "
                f"{tuple(bins.shape)}"
            )
        check_same_dtype(name, input=like, bins=bins)
        return bins._array.copy()  # (what is returned is the caller's to change)
    low, high = (0.0, 0.0) if bounds is None else map(float, bounds)
    if bounds is None and not values.size:
        low, high = 0.0, 1.0
    low, high = _span(name, values, low, high, 0.5)
    count = _number_of_bins(name, bins) + 1
    steps, width = np.arange(count), (high - low) / (count - 1)
    edges = np.where(steps < count // 2, low + width * steps, high - width * (count - 1 - steps))
    return backend.from_numpy(edges.astype(like.dtype))


def _binned(
    name: str, points: Any, bins: Sequence[Any], bounds: Any, weight: Any, density: bool, like: Any
) -> tuple[Any, list[Any]]:
    """The histogram of points, which are rows of float64, and the edges along each dimension."""
    backend = backend_of(points)
    xp = backend.xp
    count = len(bins)
    if bounds is not None and len(bounds) != 2 * count:
        raise ShapeError(
            f"{name}: range must have two numbers for each of {count} dimensions, got {len(bounds)}"
        )
    inside, place, sizes, edges = xp.ones(points.shape[0], bool), 0, [], []
    for d in range(count):
        values = points[:, d]
        part = None if bounds is None else bounds[2 * d : 2 * d + 2]
        ends = _edges(name, values, bins[d], part, like)
        wide = ends.astype(np.float64)
        edges.append(ends)
        sizes.append(ends.shape[0] - 1)
        inside = inside & (values >= wide[0]) & (values <= wide[-1])
        found = xp.searchsorted(wide, values, "right") - 1
        place = place * sizes[-1] + xp.minimum(xp.maximum(found, 0), sizes[-1] - 1)
    total = math.prod(sizes)
    counts = xp.zeros(total + 1, np.float64)
    mass = xp.ones(points.shape[0], np.float64) if weight is None else weight
    backend.scatter_add(counts, (xp.where(inside, place, total),), mass)
    hist = counts[:total].reshape(sizes)
    if density:
        hist = hist / hist.sum()
        for d, ends in enumerate(edges):
            widths = (ends[1:] - ends[:-1]).reshape([-1 if i == d else 1 for i in range(count)])
            hist = hist / widths
    return TensorBase._wrap(hist.astype(like.dtype)), [TensorBase._wrap(e) for e in edges]


def _mass(name: str, weight: Any, shape: tuple[int, ...], like: Any) -> Any:
    if weight is None:
        return None
    if shape_of(weight) != shape:
        raise ShapeError(f"{name}: weight must have shape {shape}, got {shape_of(weight)}")
    check_same_dtype(name, input=like, weight=weight)
    return weight._array.reshape(-1).astype(np.float64)


def _histogram_samples(make: Make) -> list[Sample]:
    return [
        Sample(make(2, 5), 4),
        Sample(make(20), np.array([-1.5, -0.5, 0.25, 1.0])),
        Sample(make(20), 3, range=(-1.0, 1.5), weight=make(20, low=0.1), density=True),
    ]


def _histogram_reference(
    x: Any, bins: Any, range: Any = None, weight: Any = None, density: bool = False
) -> Any:
    return list(np.histogram(x, bins, range, density, weight))


@operator(
    "histogram",
    samples=_histogram_samples,
    reference=_histogram_reference,
    convention="no gradient",
    differentiable=False,
)
def histogram(
    input: Any, bins: Any = 100, *, range: Any = None, weight: Any = None, density: bool = False
) -> HistogramResult:
    """How many elements lie in each bin.

    Args:
        input: floating-point tensor.
        bins: how many bins of equal width, or a tensor of their ends, in order. Each includes its
            lower end, the last also its upper.
        range: the two ends of all bins; default those of the data.
        weight: tensor of the shape of ``input``; its elements are added up instead of ones.
        density: divide by the sum and by the widths, so that the integral is 1.

    Returns:
        ``(hist, bin_edges)``.

    Raises:
        RuntimeError: a shape does not fit, or the range is not finite.

    Source: PyTorch, ``torch.histogram``.

    Example:
        >>> import autograd_core as ag
        >>> ag.histogram(ag.tensor([1.0, 2.0, 1.0]), 2, range=(0.0, 3.0)).hist
        tensor([2., 1.])
    """
    points = _floating("histogram", input).reshape(-1, 1)
    mass = _mass("histogram", weight, shape_of(input), input._array)
    hist, edges = _binned("histogram", points, [bins], range, mass, density, input._array)
    return HistogramResult(hist, edges[0])


def _histogramdd_reference(
    x: Any, bins: Any, range: Any = None, weight: Any = None, density: bool = False
) -> Any:
    pairs: Any = None if range is None else np.reshape(range, (-1, 2))
    hist, edges = np.histogramdd(x, bins, pairs, density, weight)
    return [hist, list(edges)]


@operator(
    "histogramdd",
    samples=lambda make: [
        Sample(make(10, 2), (3, 2)),
        Sample(make(10, 2), [np.array([-2.0, 0.0, 1.0]), np.array([-1.5, 0.5, 2.0])]),
        Sample(
            make(10, 2),
            (2, 3),
            range=(-1.0, 1.0, -2.0, 2.0),
            weight=make(10, low=0.1),
            density=True,
        ),
    ],
    reference=_histogramdd_reference,
    convention="no gradient",
    differentiable=False,
    method=False,
)
def histogramdd(
    input: Any, bins: Any, range: Any = None, weight: Any = None, density: bool = False
) -> HistogramResult:
    """How many points lie in each cell of a grid.

    Args:
        input: floating-point tensor; the last dimension holds the coordinates of a point.
        bins: how many bins along each dimension, one number for all or one for each; or a tensor of
            edges for each.
        range: the two ends along the first dimension, then along the second, and so on; default
            those of the data.
        weight, density: as for :func:`histogram`; one weight for each point.

    Returns:
        ``(hist, bin_edges)``, the edges a tuple of tensors.

    Raises:
        RuntimeError: a shape does not fit, or the range is not finite.

    Source: PyTorch, ``torch.histogramdd``.

    Example:
        >>> import autograd_core as ag
        >>> points = ag.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [2.0, 2.0]])
        >>> ag.histogramdd(points, (2, 2)).hist
        tensor([[0., 1.],
                [1., 2.]])
    """
    if input.ndim < 2:
        raise ShapeError(
            f"histogramdd: expected at least 2 dimensions, got shape {tuple(input.shape)}"
        )
    count = input.shape[-1]
    given = [bins] * count if isinstance(bins, int) else list(bins)
    if len(given) != count:
        raise ShapeError(
            f"histogramdd: bins must have one entry for each of {count} coordinates, got "
            f"{len(given)}"
        )
    points = _floating("histogramdd", input).reshape(math.prod(input.shape[:-1]), count)
    mass = _mass("histogramdd", weight, shape_of(input)[:-1], input._array)
    hist, edges = _binned("histogramdd", points, given, range, mass, density, input._array)
    return HistogramResult(hist, tuple(edges))
