"""Channels to pixels and back: pixel_shuffle, pixel_unshuffle, channel_shuffle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.ops.cast import clone
from autograd_core.ops.dims import is_whole, shape_of
from autograd_core.ops.shape import reshape
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _checked(name: str, input: Any, factor: Any, least: int) -> tuple[int, ...]:
    if not is_whole(factor) or factor < 1:
        raise ShapeError(f"{name}: expected a positive integer as factor, got {factor!r}")
    if input.ndim < least:
        raise ShapeError(f"{name}: expected at least {least} dimensions, got {describe(input)}")
    return shape_of(input)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(1, 4, 2, 3), 2)
    yield Sample(make(2, 2, 9, 1, 2), 3)
    yield Sample(make(4, 1, 1), 1)


@operator(
    "nn.functional.pixel_shuffle", samples=_samples, convention=SMOOTH, method=False,
    aliases=("pixel_shuffle",),
)  # fmt: skip
def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Channels spread out as pixels: (*, C * r * r, H, W) to (*, C, H * r, W * r).

    Args:
        input: at least three dimensions.
        upscale_factor: r.

    Raises:
        ShapeError: the channels are no multiple of r * r.

    Source: PyTorch, ``torch.nn.functional.pixel_shuffle``; Shi et al., "Real-time single image and
    video super-resolution" (2016).

    Example:
        >>> import autograd_core as ag
        >>> ag.pixel_shuffle(ag.arange(4).reshape(4, 1, 1), 2)
        tensor([[[0, 1],
                 [2, 3]]])
    """
    r = upscale_factor
    *lead, channels, height, width = _checked("pixel_shuffle", input, r, 3)
    if channels % (r * r):
        raise ShapeError(
            f"pixel_shuffle: {channels} channels are no multiple of upscale_factor ** 2 = {r * r}"
        )
    n = len(lead)
    parts = reshape(input, (*lead, channels // (r * r), r, r, height, width))
    moved = parts.permute(*range(n + 1), n + 3, n + 1, n + 4, n + 2)
    return reshape(clone(moved), (*lead, channels // (r * r), height * r, width * r))


def _back_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(1, 1, 4, 6), 2)
    yield Sample(make(2, 2, 3, 6), 3)
    yield Sample(make(4, 1, 1), 1)


@operator(
    "nn.functional.pixel_unshuffle", samples=_back_samples, convention=SMOOTH, method=False,
    aliases=("pixel_unshuffle",),
)  # fmt: skip
def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Pixels gathered as channels: (*, C, H * r, W * r) to (*, C * r * r, H, W).

    Args:
        input: at least three dimensions.
        downscale_factor: r.

    Raises:
        ShapeError: height or width is no multiple of r.

    Source: PyTorch, ``torch.nn.functional.pixel_unshuffle``.

    Example:
        >>> import autograd_core as ag
        >>> ag.pixel_unshuffle(ag.arange(4).reshape(1, 2, 2), 2).shape
        autograd_core.Size([4, 1, 1])
    """
    r = downscale_factor
    *lead, channels, height, width = _checked("pixel_unshuffle", input, r, 3)
    if height % r or width % r:
        raise ShapeError(
            f"pixel_unshuffle: height {height} and width {width} must be multiples of "
            f"downscale_factor={r}"
        )
    n = len(lead)
    parts = reshape(input, (*lead, channels, height // r, r, width // r, r))
    moved = parts.permute(*range(n + 1), n + 2, n + 4, n + 1, n + 3)
    return reshape(clone(moved), (*lead, channels * r * r, height // r, width // r))


def _channel_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(1, 4, 2, 2), 2)
    yield Sample(make(2, 6, 3), 3)


@operator(
    "nn.functional.channel_shuffle", samples=_channel_samples, convention=SMOOTH, method=False,
    aliases=("channel_shuffle",),
)  # fmt: skip
def channel_shuffle(input: Any, groups: int) -> Any:
    """Channels in groups, dealt out: the first of each group, then the second of each, and so on.

    Args:
        input: (N, C, ...), at least three dimensions.
        groups: how many groups.

    Raises:
        ShapeError: the channels are no multiple of ``groups``.

    Source: PyTorch, ``torch.nn.functional.channel_shuffle``; Zhang et al., "ShuffleNet" (2018).

    Example:
        >>> import autograd_core as ag
        >>> ag.channel_shuffle(ag.arange(4).reshape(1, 4, 1), 2).flatten()
        tensor([0, 2, 1, 3])
    """
    images, channels, *rest = _checked("channel_shuffle", input, groups, 3)
    if channels % groups:
        raise ShapeError(f"channel_shuffle: {channels} channels are no multiple of {groups} groups")
    parts = reshape(input, (images, groups, channels // groups, *rest))
    return reshape(parts.swapaxes(1, 2), (images, channels, *rest))
