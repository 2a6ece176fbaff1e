"""Convolutions, their transposes, and windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, Given, floats, given, grid

BOTH = [True, False]
MODES = ["zeros", "reflect", "replicate", "circular"]
CHANNELS = 4


def images(*sizes: tuple[int, ...]) -> list[Given]:
    """With and without a batch."""
    return [given(floats(*lead, CHANNELS, *size)) for size in sizes for lead in ((2,), ())]


def odd(size: tuple[int, ...]) -> list[Given]:
    """Without elements, and with a wrong number of channels or dimensions."""
    shapes = [(0, CHANNELS, *size), (2, 3, *size), (CHANNELS,), (2, 2, CHANNELS, *size)]
    return [given(floats(*shape)) for shape in (*shapes, (2, CHANNELS, *(0 for _ in size)))]


def convolutions(dims: int) -> Iterator[Case]:
    size = {1: (9,), 2: (7, 6), 3: (5, 4, 6)}[dims]
    kernels: list[Any] = [3, (3, 2, 1)[:dims]]
    strides: list[Any] = [1, (2, 1, 3)[:dims]]
    paddings: list[Any] = [1, (2, 0, 1)[:dims], "same"]
    modes = MODES if dims < 3 else ["zeros", "replicate"]
    for lazy in ("", "Lazy"):
        shape = {"in_channels": [CHANNELS]} if not lazy else {}
        yield from grid(
            f"{lazy}Conv{dims}d",
            images(size) if not lazy else [given(floats(2, CHANNELS, *size))],
            **shape,
            out_channels=[4],
            kernel_size=kernels if not lazy else [3],
            stride=strides,
            padding=paddings,
            dilation=[1, (1, 2, 1)[:dims]] if dims > 1 else [1, 2],
            groups=[1, 2, 4] if not lazy and dims < 3 else [1, 2],
            bias=[True],
            padding_mode=modes if not lazy else ["zeros", "circular"],
        )
    image = [given(floats(2, CHANNELS, *size))]
    name = f"Conv{dims}d"
    narrow = images(*{1: ((3,), (16,)), 2: ((3, 5), (1, 9)), 3: ((3, 3, 3),)}[dims])
    yield from grid(
        name, narrow, 4, 6, kernel_size=[1, kernels[-1]], stride=[1, 2], padding=[0, "valid"],
        dilation=[1, 2], bias=BOTH,
    )  # fmt: skip
    yield from grid(name, odd(size), 4, 6, 3, padding=[0, 1, "same"], groups=[1, 2])
    yield from grid(name, image, 4, 6, 3, groups=[0, 2, 3, 5, -1])  # 3 and 5 do not divide
    yield from grid(name, image, 4, 6, (3,) * (dims + 1))
    yield from grid(name, image, 4, 6, 3, padding=["full", "same"], stride=[1, 2])
    yield from grid(name, image, 4, 6, 3, padding_mode=["mirror", "zeros"], padding=[1, -1])
    yield from grid(name, image, 4, 6, kernel_size=[0, 40], stride=[0, 1])
    yield from grid(name, image, in_channels=[4], out_channels=[4, 8], kernel_size=[3, 0, 40])
    yield from grid(name, image, 4, 6, 3, stride=[0, -1, 2], dilation=[0, -1, 1])


def transposed(dims: int) -> Iterator[Case]:
    size = {1: (5,), 2: (4, 3), 3: (3, 3, 3)}[dims]
    several = (2, 1, 3)[:dims]
    name = f"ConvTranspose{dims}d"
    for lazy in ("", "Lazy"):
        shape = {"in_channels": [CHANNELS]} if not lazy else {}
        yield from grid(
            lazy + name,
            images(size) if not lazy else [given(floats(2, CHANNELS, *size))],
            **shape,
            out_channels=[4],
            kernel_size=[3, several] if not lazy else [3],
            stride=[2, several],
            padding=[0, (1, 0, 1)[:dims]],
            output_padding=[0, 1, (1, 0, 2)[:dims]],
            groups=[1, 2],
            dilation=[1, 2],
        )
    image = floats(2, CHANNELS, *size)
    wanted = [tuple(2 * n + extra for n in size) for extra in (0, 1, 2, 3, 5)]
    calls = [given(image, one) for one in wanted]
    calls += [given(image, output_size=[2, 4, *wanted[1]]), given(image, (2,) * (dims + 1))]
    yield from grid(name, calls, 4, 6, 3, stride=[2, 3], padding=[0, 1])
    yield from grid(name, images(size), 4, 6, kernel_size=[1, 2], padding=[0, 1], bias=BOTH)
    yield from grid(name, odd(size)[:-1], 4, 6, 3, padding=[0, 1], groups=[1, 2])
    yield from grid(name, [given(image)], 4, 6, 3, padding_mode=["zeros", "circular"])
    yield from grid(name, [given(image)], 4, 6, 3, groups=[2, 3], output_padding=[0, 1, -1])
    yield from grid(name, [given(image)], 4, 6, 3, stride=[0, 2], dilation=[0, 1], padding=[-1, 9])


def windows() -> Iterator[Case]:
    shapes = ((2, 3, 7, 6), (3, 7, 6), (0, 3, 7, 6), (2, 3, 1, 2), (7, 6))
    yield from grid(
        "Unfold",
        [given(floats(*shape)) for shape in shapes],
        kernel_size=[1, (2, 3), 0],
        dilation=[1, (1, 2)],
        padding=[0, (0, 2)],
        stride=[1, (3, 1), 0],
    )

    def columns(
        output_size: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any
    ) -> Iterator[Given]:
        def two(value: Any) -> Any:
            return (value, value) if isinstance(value, int) else value

        size, kernel, gap, pad, step = map(
            two, (output_size, kernel_size, dilation, padding, stride)
        )
        blocks = 1
        for i in range(2):
            blocks *= (size[i] + 2 * pad[i] - gap[i] * (kernel[i] - 1) - 1) // max(step[i], 1) + 1
        rows = 3 * kernel[0] * kernel[1]
        yield given(floats(2, rows, blocks))
        yield given(floats(rows, blocks))
        yield given(floats(2, rows, blocks + 1))
        yield given(floats(2, rows + 1, blocks))

    yield from grid(
        "Fold",
        columns,
        output_size=[(7, 6), 5],
        kernel_size=[1, (2, 3)],
        dilation=[1, (1, 2)],
        padding=[0, (0, 2)],
        stride=[1, (3, 1), 0],
    )


def cases() -> Iterator[Case]:
    for dims in (1, 2, 3):
        yield from convolutions(dims)
        yield from transposed(dims)
    yield from windows()
