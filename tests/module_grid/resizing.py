"""Padding, resizing and shuffling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, floats, given, grid

SIZES: dict[int, tuple[int, ...]] = {1: (5,), 2: (4, 5), 3: (3, 4, 5)}


def padding(dims: int) -> Iterator[Case]:
    size = SIZES[dims]
    several = (1, 2, 0, 1, 2, 1)[: 2 * dims]
    cut = (1, -1, -2, 1, 0, 1)[: 2 * dims]
    calls = [given(floats(*shape)) for shape in ((2, 3, *size), (3, *size), (0, 3, *size), ())]
    one = [given(floats(2, *(1 for _ in size)))]
    paddings: list[Any] = [0, 1, 2, several, cut, 7, -1, (1,) * (2 * dims + 1)]
    for kind in ("Circular", "Reflection", "Replication", "Zero"):
        yield from grid(f"{kind}Pad{dims}d", one, padding=[0, 1, several])
    for kind in ("Circular", "Reflection", "Replication", "Zero"):
        yield from grid(f"{kind}Pad{dims}d", calls, padding=paddings)
    yield from grid(f"ConstantPad{dims}d", calls, padding=paddings, value=[0.0, 3, -1.5])


def upsampling() -> Iterator[Case]:
    shapes = ((2, 3, 5), (2, 3, 4, 5), (2, 2, 3, 4, 2), (0, 3, 5), (3, 5), (1, 1, 1, 1))
    calls = [given(floats(*shape)) for shape in shapes]
    modes = ["nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact", "x"]
    yield from grid(
        "Upsample",
        calls,
        size=[7, 1, (6, 3), (2, 5, 3), (3,)],
        mode=modes,
        align_corners=[None, True, False],
    )
    yield from grid(
        "Upsample",
        calls,
        scale_factor=[1.7, (1.5, 2.0), (2, 1, 0.6), -1.0],
        mode=modes,
        align_corners=[None, True, False],
        recompute_scale_factor=[None, True],
    )
    yield from grid("Upsample", calls, size=[None, 4], scale_factor=[None, 2.0])
    for name in ("UpsamplingNearest2d", "UpsamplingBilinear2d"):
        yield from grid(name, calls, size=[7, (6, 3), (2, 5, 3)])
        yield from grid(name, calls, scale_factor=[2, 1.7, (1.5, 2.0)])


def cases() -> Iterator[Case]:
    for dims in (1, 2, 3):
        yield from padding(dims)
    yield from upsampling()
    shapes = (
        (2, 12, 2, 3),
        (18, 2, 3),
        (2, 3, 8, 3, 2),
        (0, 4, 2, 3),
        (2, 12),
        (2, 5, 3, 3),
        (12,),
    )
    calls = [given(floats(*shape)) for shape in shapes]
    yield from grid("PixelShuffle", calls, upscale_factor=[1, 2, 3, 0, -1])
    small = [given(floats(*s)) for s in ((2, 3, 4, 6), (2, 6, 6), (4, 4), (1, 3, 5, 4))]
    yield from grid("PixelUnshuffle", small, downscale_factor=[1, 2, 3, 0, -1])
    yield from grid("ChannelShuffle", calls, groups=[1, 2, 3, 6, 5, 0, -1])
