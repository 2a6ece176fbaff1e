"""Images seen through a grid of places: grid_sample, and affine_grid, which makes such grids.

Every sampled value is a weighted sum of a few pixels. The weights are polynomials of where the
place lies between pixels, written with operators; the sum is an operator that is linear in pixels
and in weights, so that its gradients are sums of the same kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.creation import spaced
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_same_dtype, check_tensor
from autograd_core.ops.cast import cast
from autograd_core.ops.constants import zeros
from autograd_core.ops.cubic import cubic_weights
from autograd_core.ops.dims import shape_of, sizes
from autograd_core.ops.join import stack
from autograd_core.ops.precision import is_half
from autograd_core.ops.products import matmul
from autograd_core.ops.rounding import floor, round
from autograd_core.ops.rows import add_up
from autograd_core.ops.shape import reshape
from autograd_core.ops.transpose import movedim
from autograd_core.registry import SMOOTH, At, Make, Sample, operator

_PADDINGS = ("zeros", "border", "reflection")
_MODES = ("bilinear", "nearest", "bicubic")

# --- weighted sums of rows ------------------------------------------------------------------------


def _sum(xp: Any, table: Any, weights: Any, places: Any) -> Any:
    """Row m is the sum over t of ``weights[t, m] * table[places[t, m]]``."""
    out = xp.zeros((places.shape[1], table.shape[1]), table.dtype)
    for weight, place in zip(weights, places):
        out += xp.take(table, place, 0) * weight[:, None]
    return out


def _spread(xp: Any, input: Any, weights: Any, places: Any, rows: int) -> Any:
    out = xp.zeros((rows, input.shape[1]), input.dtype)
    for weight, place in zip(weights, places):
        backend_of(out).scatter_add(out, place, input * weight[:, None])
    return out


def _products(xp: Any, input: Any, table: Any, places: Any) -> Any:
    return xp.stack([add_up(xp, xp.take(table, p, 0) * input, (1,), False) for p in places])


_row_sums = Op(
    "row_sums", _sum,
    {
        "table": lambda g, table, weights, places: _row_spread(g, weights, places, len(table)),
        "weights": lambda g, table, places: _row_products(g, table, places),
    },
    inputs=3,
)  # fmt: skip
_row_spread = Op(
    "row_spread", _spread,
    {
        "input": lambda g, weights, places: _row_sums(g, weights, places),
        "weights": lambda g, input, places: _row_products(input, g, places),
    },
    inputs=3,
)  # fmt: skip
_row_products = Op(
    "row_products", _products,
    {
        "input": lambda g, table, places: _row_sums(table, g, places),
        "table": lambda g, input, table, places: _row_spread(input, g, places, len(table)),
    },
    inputs=3,
)  # fmt: skip

# --- places ---------------------------------------------------------------------------------------


def _folded(xp: Any, at: Any, size: int, padding: str, align: bool) -> tuple[Any, Any]:
    """Places brought into ``[0, size - 1]`` by the padding, and the slope of doing so."""
    slope = xp.ones_like(at)
    if padding == "reflection":
        low, span = (0.0, size - 1.0) if align else (-0.5, float(size))
        far = xp.abs(at - low)
        turns = xp.floor(far / span) if span else xp.zeros_like(at)
        back = turns % 2 == 1
        rest = xp.fmod(far, span) if span else xp.zeros_like(at)
        slope = xp.where(at < low, -1.0, 1.0) * xp.where(back, -1.0, 1.0)
        at = xp.where(back, span - rest, rest) + low
    if padding != "zeros":
        slope = xp.where((at > 0) & (at < size - 1), slope, 0.0)
        at = xp.clip(at, 0, size - 1)
    return at, slope


def _placed(
    xp: Any, input: Any, size: int, mode: str, padding: str, align: bool, fused: bool
) -> tuple[Any, Any]:
    """From coordinates, -1 to 1, to places among pixels, and the slope of that."""
    scale = (size - 1) / 2 if align else size / 2
    if fused and not align and input.dtype == np.float32:
        # Rounded once, as PyTorch's kernel for images does it: the pixels of an identity map lie on
        # whole places, where one rounding more would look to the other side.
        at = ((input + 1).astype(np.float64) * scale - 0.5).astype(np.float32)
    else:
        at = (input + 1) * scale - (0.0 if align else 0.5)
    # (Of cubic weights the padding moves the pixels, not the place.)
    at, slope = _folded(xp, at, size, "zeros" if mode == "bicubic" else padding, align)
    if padding != "reflection":  # far outside all is alike, and differences must stay finite
        at = xp.clip(at, -4, size + 3)
    return at.astype(input.dtype), (slope * scale).astype(input.dtype)


# The place, whose slope is constant between the points where it jumps.
_position = Op(
    "grid_position", _placed, {"input": lambda g, slope: g * slope},
    outputs=("place", "slope"), differentiable=("place",),
)  # fmt: skip


def _found(xp: Any, at: Any, size: int, padding: str, align: bool) -> tuple[Any, Any]:
    at = _folded(xp, at, size, padding, align)[0]
    inside = (at >= 0) & (at <= size - 1)
    place = xp.where(inside, at, 0).astype(np.int64)
    return place, inside + (at - at)  # NaN stays NaN


# The number of the pixel at a whole place, and 1 if there is one, else 0, whose gradient is 0.
_pixel = Op(
    "grid_pixel", _found, {"at": lambda g, at: zeros(at)},
    outputs=("place", "inside"), differentiable=("inside",),
)  # fmt: skip


def _taps(at: Any, size: int, mode: str, padding: str, align: bool) -> list[tuple[Any, Any]]:
    """Along one dimension, the pixels that count for each place, and their weights."""
    if mode == "nearest":
        return [_pixel(round(at), size, "zeros", align)]
    low = floor(at.detach())
    share = at - low
    if mode == "bilinear":
        weights: Sequence[Any] = (1 - share, share)
        lows: Sequence[Any]
        lows, padding = (low, low + 1), "zeros"  # those were brought inside already
    else:
        weights = cubic_weights(share, -0.75)
        lows = (low - 1, low, low + 1, low + 2)
    pixels = [_pixel(place, size, padding, align) for place in lows]
    return [(place, weight * inside) for weight, (place, inside) in zip(weights, pixels)]


def _check(input: Any, grid: Any, mode: str, padding_mode: str) -> int:
    """The number of spatial dimensions, after checks of all arguments."""
    check_tensor("grid_sample", input, arrays=False)
    check_tensor("grid_sample", grid, "grid", arrays=False)
    shape, places = shape_of(input), shape_of(grid)
    n = len(shape) - 2
    if n not in (2, 3) or 0 in shape[2:]:
        raise ShapeError(
            f"grid_sample: input must be (N, C, H, W) or (N, C, D, H, W) with pixels, got "
            f"{describe(input)}"
        )
    if len(places) != n + 2 or places[-1] != n or places[0] != shape[0]:
        raise ShapeError(
            f"grid_sample: grid must be ({shape[0]}, {'...' if n == 3 else 'H, W'}, {n}) with "
            f"{n + 2} dimensions for input of shape {shape}, got {describe(grid)}"
        )
    check_floating("grid_sample", input)
    check_same_dtype("grid_sample", input=input, grid=grid)
    if mode not in _MODES or (mode == "bicubic" and n == 3):
        fitting = _MODES if n == 2 else _MODES[:2]
        raise ValueError(
            f"grid_sample: mode must be one of {fitting} for {n + 2} dimensions, got {mode!r}"
        )
    if padding_mode not in _PADDINGS:
        raise ValueError(
            f"grid_sample: padding_mode must be one of {_PADDINGS}, got {padding_mode!r}"
        )
    return n


def _samples(make: Make) -> Iterable[Sample]:
    image, volume = (2, 2, 3, 4), (1, 2, 2, 3, 2)
    for padding in _PADDINGS:
        yield Sample(make(*image), make(2, 2, 3, 2) * 0.7, padding_mode=padding)
        yield Sample(make(*image), make(2, 2, 1, 2) * 0.7, "bicubic", padding, True)
        yield Sample(make(*volume), make(1, 2, 1, 2, 3) * 0.7, "bilinear", padding, True)
        yield Sample(make(*image), make(2, 2, 2, 2) * 0.7, "nearest", padding)
    yield Sample(make(1, 2, 3, 4), make(1, 0, 2, 2))
    yield Sample(make(0, 2, 3, 4), make(0, 2, 2, 2))


@operator(
    "nn.functional.grid_sample", samples=_samples, method=False,
    convention="at a pixel, the slope towards the next one; 0 outside, and at the border where "
    "padding holds places back; 0 for the grid if mode is 'nearest'",
    kinks=[
        At(
            (np.array([[[[0.0, 1.0, 3.0]]]]), np.array([[[[0.0, 0.0]]]])),
            (np.array([[[[0.0, 1.0, 0.0]]]]), np.array([[[[2.0, 0.0]]]])),
            {"align_corners": True, "padding_mode": "border"},
        )
    ],
)  # fmt: skip
def grid_sample(
    input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:  # fmt: skip
    """The values of images at the places in ``grid``.

    Args:
        input: (N, C, H, W), or (N, C, D, H, W) for volumes.
        grid: (N, H', W', 2) of places (x, y), or (N, D', H', W', 3) of places (x, y, z), in the
            dtype of ``input``; -1 is the left, top or front end of an image and 1 the other.
        mode: ``"bilinear"`` (trilinear for volumes), ``"nearest"``, or ``"bicubic"`` (images only).
        padding_mode: what is seen outside: ``"zeros"``; ``"border"``, the nearest pixel; or
            ``"reflection"``, the image mirrored at its ends.
        align_corners: the ends are the centres of the outermost pixels, instead of their outer
            edges. Default False.

    Returns:
        (N, C, H', W') or (N, C, D', H', W'). Infinite places are outside, or NaN with
        ``"reflection"``; NaN gives NaN.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: ``mode`` or ``padding_mode`` is unknown.

    Source: PyTorch, ``torch.nn.functional.grid_sample``; Jaderberg et al., "Spatial transformer
    networks" (2015).

    Example:
        >>> import autograd_core as ag
        >>> image = ag.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        >>> places = ag.tensor([[[[0.0, 0.0], [1.0, -1.0]]]])
        >>> ag.nn.functional.grid_sample(image, places, align_corners=True)
        tensor([[[[2.5000, 2.0000]]]])
    """
    n = _check(input, grid, mode, padding_mode)
    align, dtype, shape = bool(align_corners), input._array.dtype, shape_of(input)
    if is_half(dtype):
        input, grid = cast(input, np.dtype(np.float32)), cast(grid, np.dtype(np.float32))
    images, sizes = shape[0], shape[2:]
    count = math.prod(shape_of(grid)[1:-1])
    along = []
    for d, size in enumerate(sizes):  # (the last coordinate is for the first dimension)
        coordinate = reshape(grid[..., n - 1 - d], (images, count))
        at, _ = _position(coordinate, size, mode, padding_mode, align, n == 2)
        along.append(_taps(at, size, mode, padding_mode, align))
    first = TensorBase._wrap(backend_of(input._array).xp.arange(images)[:, None])
    places, weights = [], []
    for taps in product(*along):
        place, weight = first, None
        for size, (pixel, share) in zip(sizes, taps):
            place, weight = place * size + pixel, share if weight is None else weight * share
        places.append(reshape(place, (-1,)))
        weights.append(reshape(weight, (-1,)))
    table = reshape(movedim(input, 1, -1), (images * math.prod(sizes), shape[1]))
    out = _row_sums(table, stack(weights), stack(places))
    out = reshape(out, (images, *shape_of(grid)[1:-1], shape[1]))
    return cast(movedim(out, -1, 1).contiguous(), dtype)


# --- affine_grid ----------------------------------------------------------------------------------


def _centres(size: int, align: bool, dtype: Any) -> Any:
    """The coordinates of the centres of ``size`` pixels, rounded as PyTorch rounds them: a map that
    moves nothing sees the pixels, where the gradient depends on the side."""
    if size == 1:
        return np.zeros(1, dtype)
    ends = spaced(-1, 1, size, dtype).astype(dtype)
    return ends if align else ends * np.array(size - 1, dtype) / np.array(size, dtype)


@operator(
    "nn.functional.affine_grid", convention=SMOOTH, method=False,
    samples=lambda make: [
        Sample(make(2, 2, 3), (2, 1, 3, 4)),
        Sample(make(1, 2, 3), (1, 3, 2, 1), True),
        Sample(make(1, 3, 4), (1, 1, 2, 3, 2)),
    ],
)  # fmt: skip
def affine_grid(theta: Any, size: Sequence[int], align_corners: bool | None = None) -> Any:
    """The places that affine maps send the pixels of an image to, for :func:`grid_sample`.

    Args:
        theta: (N, 2, 3) for images, (N, 3, 4) for volumes: matrices, and shifts as their last
            columns.
        size: of the images that are to be sampled: (N, C, H, W) or (N, C, D, H, W).
        align_corners: as for :func:`grid_sample`. Default False.

    Returns:
        (N, H, W, 2) or (N, D, H, W, 3).

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.affine_grid``.

    Example:
        >>> import autograd_core as ag
        >>> mirror = ag.tensor([[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
        >>> ag.nn.functional.affine_grid(mirror, (1, 1, 1, 2), align_corners=True)
        tensor([[[[ 1.,  0.],
                  [-1.,  0.]]]])
    """
    check_tensor("affine_grid", theta, "theta", arrays=False)
    check_floating("affine_grid", theta, "theta")
    size = sizes("affine_grid", (size,))
    n = len(size) - 2
    if n not in (2, 3) or min(size) < 1:
        raise ShapeError(
            f"affine_grid: size must be (N, C, H, W) or (N, C, D, H, W), of positive numbers, got "
            f"{size}"
        )
    if shape_of(theta) != (size[0], n, n + 1):
        raise ShapeError(
            f"affine_grid: theta must be {(size[0], n, n + 1)} for size {size}, got "
            f"{describe(theta)}"
        )
    array = theta._array
    axes = [_centres(m, bool(align_corners), array.dtype) for m in size[2:]]
    ones = np.ones(size[2:], array.dtype)
    places = np.stack([*np.meshgrid(*axes, indexing="ij")[::-1], ones], -1)
    base = backend_of(array).asarray(places.reshape(1, -1, n + 1))
    grid = matmul(TensorBase._wrap(base), movedim(theta, 1, 2))
    return reshape(grid, (size[0], *size[2:], n))
