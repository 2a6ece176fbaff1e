"""Resizing of images and signals: nearest, linear, cubic, Lanczos and area interpolation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.operands import check_floating, check_tensor
from autograd_core.ops.cubic import cubic_weights
from autograd_core.ops.dims import shape_of, whole
from autograd_core.ops.pool_adaptive import adaptive_avg_pool
from autograd_core.ops.pool_sums import Taps, weighted_sums
from autograd_core.registry import SMOOTH, Make, Sample, operator

# The number of spatial dimensions that each mode is for; None for any.
_MODES: dict[str, int | None] = {
    "nearest": None, "nearest-exact": None, "area": None,
    "linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3, "lanczos": 2,
}  # fmt: skip
# The modes that know anti-aliasing, and how many elements their weights reach on each side.
_REACH = {"bilinear": 1, "bicubic": 2, "lanczos": 3}


def _sources(size: int, output: int, scale: float | None, align_corners: bool) -> Any:
    """Where each output element lies on the input's grid."""
    number = np.arange(output)
    if align_corners:
        return number * ((size - 1) / (output - 1) if output > 1 else 0.0)
    return (number + 0.5) * (1 / scale if scale else size / output) - 0.5


def _nearest(size: int, output: int, scale: float | None, exact: bool) -> Taps:
    # PyTorch computes these places in float32, whatever the dtype.
    step = np.float32(1 / scale) if scale else np.float32(size) / np.float32(output)
    number = np.arange(output, dtype=np.float32) + np.float32(0.5 if exact else 0)
    places = np.minimum(np.floor(number * step).astype(np.int64), size - 1)
    return Taps(size, places[:, None], np.ones((output, 1)))


def _linear(size: int, output: int, scale: float | None, align_corners: bool) -> Taps:
    if size == output:  # it stays as it is, whatever the scale, as in PyTorch
        return Taps(size, np.arange(size)[:, None], np.ones((size, 1)))
    source = np.maximum(_sources(size, output, scale, align_corners), 0)
    low = np.minimum(source.astype(np.int64), size - 1)
    share = np.clip(source - low, 0, 1)
    places = np.stack([low, np.minimum(low + 1, size - 1)], 1)
    return Taps(size, places, np.stack([1 - share, share], 1))


def _cubic(size: int, output: int, scale: float | None, align_corners: bool) -> Taps:
    source = _sources(size, output, scale, align_corners)
    low = np.floor(source).astype(np.int64)
    weights = np.stack(cubic_weights(source - low, -0.75), 1)
    places = np.clip(low[:, None] + np.arange(-1, 3), 0, size - 1)
    return Taps(size, places, weights)


def _weight(mode: str, x: Any) -> Any:
    """The weight of an element at distance ``x``, which is less than the mode's reach."""
    if mode == "bilinear":
        return 1 - x
    if mode == "lanczos":
        return np.sinc(x) * np.sinc(x / 3)
    before = np.floor(x)
    far, near, _, _ = cubic_weights(x - before, -0.5)
    return np.where(before == 0, near, np.where(before == 1, far, 0))


def _wide(mode: str, size: int, output: int, scale: float | None, align_corners: bool) -> Taps:
    """Weights that reach as far as elements are merged, so that nothing is passed over.

    Source: the resampling of Pillow, as in PyTorch; with ``align_corners`` too, the places are
    those of edges.
    """
    if align_corners:
        step = (size - 1) / (output - 1) if output > 1 else 0.0
    else:
        step = 1 / scale if scale else size / output
    stretch = max(step, 1.0)
    reach = _REACH[mode] * stretch
    centre = step * (np.arange(output) + 0.5)
    first = np.maximum((centre - reach + 0.5).astype(np.int64), 0)
    last = np.minimum((centre + reach + 0.5).astype(np.int64), size)
    places = first[:, None] + np.arange(int((last - first).max()))
    distance = abs(places - centre[:, None] + 0.5) / stretch
    counts = (places < last[:, None]) & (distance < _REACH[mode])
    weights = np.where(counts, _weight(mode, np.where(counts, distance, 0)), 0)
    return Taps(size, np.minimum(places, size - 1), weights / weights.sum(1, keepdims=True))


@lru_cache(maxsize=256)
def _taps(
    mode: str, antialias: bool, size: int, output: int, scale: float | None, align_corners: bool
) -> Taps:
    if antialias:
        return _wide(mode, size, output, scale, align_corners)
    if mode in ("nearest", "nearest-exact"):
        return _nearest(size, output, scale, mode == "nearest-exact")
    make = _cubic if mode == "bicubic" else _linear
    return make(size, output, scale, align_corners)


def _numbers(argument: str, value: Any, n: int) -> tuple[Any, ...]:
    given = tuple(value) if isinstance(value, Sequence) else (value,) * n
    if len(given) != n:
        raise ValueError(
            f"interpolate: {argument} must be a number or {n} of them, one for each spatial "
            f"dimension, got {value!r}"
        )
    return given


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(1, 2, 3), 5)
    yield Sample(make(1, 1, 4), scale_factor=0.6, mode="linear")
    yield Sample(make(1, 2, 3, 4), (4, 2), mode="bilinear")
    yield Sample(make(1, 1, 3, 2), scale_factor=(2, 1.5), mode="bilinear", align_corners=True)
    yield Sample(make(1, 1, 3, 4), (5, 3), mode="bicubic")
    yield Sample(make(1, 1, 2, 2), scale_factor=2, mode="bicubic", align_corners=True)
    yield Sample(make(1, 1, 3, 4), (2, 6), mode="area")
    yield Sample(make(1, 1, 3, 4), (5, 2), mode="nearest-exact")
    yield Sample(make(1, 1, 2, 3, 2), (3, 2, 4), mode="trilinear")
    yield Sample(make(1, 1, 6, 3), (2, 5), mode="bilinear", antialias=True)
    yield Sample(make(1, 1, 3, 7), (2, 3), mode="bicubic", align_corners=True, antialias=True)
    yield Sample(make(1, 1, 7, 2), scale_factor=(0.4, 1), mode="lanczos", antialias=True)


@operator("nn.functional.interpolate", samples=_samples, convention=SMOOTH, method=False)
def interpolate(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:  # fmt: skip
    """Resize the dimensions after the second one.

    Args:
        input: (N, C, L), (N, C, H, W) or (N, C, D, H, W).
        size: the new sizes; a number, or one for each dimension.
        scale_factor: or by how much they grow. The factors also say where the elements lie, unless
            ``recompute_scale_factor``.
        mode: ``"nearest"``, ``"nearest-exact"`` (which rounds as other libraries do), ``"linear"``
            (3 dimensions), ``"bilinear"`` and ``"bicubic"`` (4), ``"trilinear"`` (5), ``"lanczos"``
            (4, with ``antialias``), or ``"area"`` (means).
        align_corners: the centres of the corner elements stay in place, instead of the corners.
            For linear and cubic modes only.
        recompute_scale_factor: compute the factors anew from the sizes.
        antialias: where images shrink, every element counts for the result, so that no false
            patterns appear; for ``"bilinear"``, ``"bicubic"`` and ``"lanczos"``.

    Raises:
        ValueError: a mode or a combination of arguments is unknown.
        TypeError: integers, in a mode that computes with weights.

    Source: PyTorch, ``torch.nn.functional.interpolate``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.interpolate(ag.tensor([[[1.0, 2.0]]]), scale_factor=2, mode="linear")
        tensor([[[1.0000, 1.2500, 1.7500, 2.0000]]])
    """
    check_tensor("interpolate", input, arrays=False)
    shape = shape_of(input)
    n = len(shape) - 2
    if n not in (1, 2, 3) or 0 in shape[1:]:
        raise ShapeError(
            f"interpolate: expected (N, C, L), (N, C, H, W) or (N, C, D, H, W), of which only N "
            f"may be 0, got {describe(input)}"
        )
    if mode not in _MODES or _MODES[mode] not in (None, n):
        fitting = ", ".join(repr(m) for m, dims in _MODES.items() if dims in (None, n))
        raise ValueError(
            f"interpolate: mode must be one of {fitting} for {n + 2} dimensions, got {mode!r}"
        )
    if antialias and mode not in _REACH:
        raise ValueError(
            f"interpolate: antialias=True needs mode to be one of {tuple(_REACH)}, got {mode!r}"
        )
    if mode == "lanczos" and not antialias:
        raise ValueError("interpolate: mode 'lanczos' needs antialias=True")
    if align_corners is not None and _MODES[mode] is None:
        raise ValueError(f"interpolate: align_corners has no meaning in mode {mode!r}")
    if not mode.startswith("nearest"):
        check_floating(f"interpolate in mode {mode!r}", input)
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: give either size or scale_factor")
    before = shape[2:]
    if size is not None:
        if recompute_scale_factor:
            raise ValueError("interpolate: recompute_scale_factor needs scale_factor")
        after = tuple(whole("interpolate", s, "size") for s in _numbers("size", size, n))
        scales: tuple[float | None, ...] = (None,) * n
    else:
        factors = _numbers("scale_factor", scale_factor, n)
        after = tuple(math.floor(m * float(f)) for m, f in zip(before, factors))
        scales = (None,) * n if recompute_scale_factor else tuple(float(f) for f in factors)
    if min(after) < 1:
        raise ShapeError(f"interpolate: the sizes {before} would become {after}")
    if mode == "area":
        return adaptive_avg_pool("interpolate", n, input, after)
    settings = list(zip(before, after, scales))
    return weighted_sums(
        input,
        [
            (2 + d, _taps(mode, antialias, *settings[d], bool(align_corners)))
            for d in reversed(range(n))
        ],
    )


@operator(
    "nn.functional.upsample", convention=SMOOTH, method=False,
    samples=lambda make: [
        Sample(make(1, 1, 3), 5), Sample(make(1, 1, 2, 3), (3, 4), None, "bilinear"),
    ],
)  # fmt: skip
def upsample(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: bool | None = None,
) -> Any:  # fmt: skip
    """:func:`interpolate` under its older name. Source: PyTorch,
    ``torch.nn.functional.upsample``."""
    return interpolate(input, size, scale_factor, mode, align_corners)


@operator(
    "nn.functional.upsample_nearest", convention=SMOOTH, method=False,
    samples=lambda make: [Sample(make(1, 1, 3), 5), Sample(make(1, 1, 2, 3), scale_factor=2)],
)  # fmt: skip
def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """:func:`interpolate` in mode ``"nearest"``. Source: PyTorch,
    ``torch.nn.functional.upsample_nearest``."""
    return interpolate(input, size, scale_factor, "nearest")


@operator(
    "nn.functional.upsample_bilinear", convention=SMOOTH, method=False,
    samples=lambda make: [Sample(make(1, 1, 3, 2), 5), Sample(make(1, 1, 2, 3), scale_factor=2)],
)  # fmt: skip
def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """:func:`interpolate` in mode ``"bilinear"``, with ``align_corners=True``. Source: PyTorch,
    ``torch.nn.functional.upsample_bilinear``."""
    return interpolate(input, size, scale_factor, "bilinear", True)
