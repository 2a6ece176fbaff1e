"""Pooling layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, Draw, Given, Of, fixed, floats, given, grid

BOTH = [True, False]
SIZES = {1: (8,), 2: (7, 6), 3: (5, 4, 6)}


def several(dims: int, *numbers: int) -> tuple[int, ...]:
    return numbers[:dims]


def images(dims: int, kind: str = "floats") -> list[Given]:
    size = SIZES[dims]
    return [given(Draw(kind, shape)) for shape in ((2, 3, *size), (3, *size))]


def odd(dims: int) -> list[Given]:
    """Without elements, and with a wrong number of dimensions."""
    size = SIZES[dims]
    return [given(floats(*shape)) for shape in ((0, 3, *size), (2, *(0 for _ in size)), (2,))]


def windows(dims: int) -> Iterator[Case]:
    """Maxima, means and norms over windows."""
    kernels: list[Any] = [2, several(dims, 3, 2, 1)]
    strides: list[Any] = [None, 1, several(dims, 2, 1, 3)]
    paddings: list[Any] = [0, several(dims, 1, 0, 1)]
    bad: dict[str, list[Any]] = {
        "kernel_size": [2, 0, 9],
        "stride": [None, 0],
        "padding": [0, 2, -1],
    }
    for kind in ("MaxPool", "AvgPool"):
        yield from grid(f"{kind}{dims}d", images(dims), **bad)
    yield from grid(f"MaxPool{dims}d", images(dims), 2, dilation=[0, -1, 9])
    yield from grid(
        f"MaxPool{dims}d",
        [*images(dims), given(Draw("ties", (2, 3, *SIZES[dims])))],
        kernel_size=kernels,
        stride=strides,
        padding=paddings,
        dilation=[1, several(dims, 2, 1, 1)],
        return_indices=BOTH,
        ceil_mode=BOTH,
    )
    yield from grid(f"MaxPool{dims}d", [*images(dims), *odd(dims)], 2)
    yield from grid(f"AvgPool{dims}d", [*images(dims), *odd(dims)], 2)
    yield from grid(f"LPPool{dims}d", [*images(dims), *odd(dims)], 2, 2)
    divisor = {"divisor_override": [None, 5, 0]} if dims > 1 else {}
    yield from grid(
        f"AvgPool{dims}d",
        images(dims),
        kernel_size=kernels,
        stride=strides,
        padding=paddings,
        ceil_mode=BOTH,
        count_include_pad=BOTH,
        **divisor,
    )
    yield from grid(
        f"LPPool{dims}d",
        images(dims, "positive") if dims == 3 else images(dims),
        norm_type=[1, 2, 3.0, 0.5] if dims == 3 else [1.0, 2],
        kernel_size=kernels if dims > 1 else [1, 2, 3],  # PyTorch's takes no tuple in 1-D
        stride=strides if dims > 1 else [None, 1, 2, 0],
        ceil_mode=BOTH,
    )


def adaptive(dims: int) -> Iterator[Case]:
    sizes: list[Any] = [1, 3, several(dims, 2, 5, 1), 9, 0, (2,) * (dims + 1), -1]
    if dims > 1:
        sizes += [(None,) * dims, several(dims, 2, None, 3)]  # type: ignore[arg-type]
    yield from grid(f"AdaptiveAvgPool{dims}d", images(dims), output_size=sizes)
    yield from grid(f"AdaptiveAvgPool{dims}d", odd(dims), output_size=[2, 3])
    yield from grid(f"AdaptiveMaxPool{dims}d", odd(dims), output_size=[2, 3])
    yield from grid(
        f"AdaptiveMaxPool{dims}d",
        [*images(dims), given(Draw("ties", (2, 3, *SIZES[dims])))],
        output_size=sizes,
        return_indices=BOTH,
    )


def unpooled(dims: int) -> Iterator[Case]:
    """What MaxPool has found, put back into its places."""
    pooled = {1: (4,), 2: (3, 3), 3: (2, 2, 3)}[dims]
    full = tuple(2 * n for n in pooled)
    first = {1: [0, 3, 5, 6], 2: [0, 3, 4, 13, 14, 16, 25, 26, 29]}
    first[3] = [0, 3, 5, 12, 14, 16, 37, 38, 41, 49, 50, 52]
    calls = []
    for lead in ((2, 3), (3,), (0, 3)):
        count = 1
        for n in lead:
            count *= n
        places = Draw("given", (*lead, *pooled), (first[dims] * count,), grad=False)
        values = floats(*lead, *pooled)
        calls.append(given(values, places))
        calls.append(given(values, places, output_size=full))
        calls.append(given(values, places, output_size=(*lead, *full)))
        calls.append(given(values, places, output_size=tuple(n + 1 for n in full)))
        calls.append(given(values, places, output_size=tuple(n + 9 for n in full)))
        calls.append(given(values, Draw("given", (*lead, *pooled), ([10**6] * len(
            first[dims] * count),), grad=False)))  # fmt: skip
        calls.append(given(values, floats(*lead, *pooled)))
        calls.append(given(values, Draw("integers", (*lead, *(n + 1 for n in pooled)), (9,))))
    yield from grid(
        f"MaxUnpool{dims}d", calls, kernel_size=[2, several(dims, 2, 2, 2)], stride=[None, 2],
        padding=[0, 1],
    )  # fmt: skip


def fractional(dims: int) -> Iterator[Case]:
    size = {2: (9, 8), 3: (6, 7, 5)}[dims]
    calls = [given(floats(*lead, *size)) for lead in ((2, 3), (3,), ())]
    samples = [None, fixed("unit", 2, 3, dims), fixed("unit", 1, 3, dims), fixed("unit", 2, dims)]
    samples.append(Of(lambda t: t.ones(2, 3, dims, dtype=t.int64), "integers"))
    kernel: list[Any] = [2, several(dims, 3, 2, 1), 9]
    empty = [given(floats(0, 3, *size)), given(floats(2, 0, *size))]
    yield from grid(f"FractionalMaxPool{dims}d", empty, 2, output_size=[3, several(dims, 3, 4, 2)])
    yield from grid(
        f"FractionalMaxPool{dims}d",
        calls,
        kernel_size=kernel,
        output_size=[3, several(dims, 3, 4, 2), 20, (4,) * (dims + 1)],
        return_indices=BOTH,
        _random_samples=samples,
    )
    yield from grid(
        f"FractionalMaxPool{dims}d",
        calls,
        kernel_size=kernel,
        output_ratio=[0.5, several(dims, 0.4, 0.6, 0.5), 1.5, 0],  # type: ignore[arg-type]
        return_indices=BOTH,
    )
    yield from grid(f"FractionalMaxPool{dims}d", calls, 2, output_size=[None, 3],
                    output_ratio=[None, 0.5])  # fmt: skip


def cases() -> Iterator[Case]:
    for dims in (1, 2, 3):
        yield from windows(dims)
        yield from adaptive(dims)
        yield from unpooled(dims)
        if dims > 1:
            yield from fractional(dims)
