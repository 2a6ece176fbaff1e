"""Normalisation and dropout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, Given, changeable, floats, given, grid

BOTH = [True, False]
SIZES: dict[int, tuple[int, ...]] = {1: (5,), 2: (3, 4), 3: (2, 3, 2)}


def batches(dims: int, features: int = 3) -> list[Given]:
    size = SIZES[dims]
    shapes = [(4, features, *size), (features, *size), (1, features, *size), (0, features, *size)]
    shapes += [(4, features + 1, *size), (4, features, *(1 for _ in size)), (2, 2, 2, 2, 2, 2)]
    shapes += [(1, features, *(1 for _ in size)), (4, features), (1, features), (features,)]
    return [given(floats(*shape)) for shape in shapes]


def cases() -> Iterator[Case]:
    for dims in (1, 2, 3):
        for kind in (f"BatchNorm{dims}d", f"InstanceNorm{dims}d"):
            options: dict[str, Any] = {
                "eps": [1e-5, 0.1],
                "momentum": [0.1, 0.7, None] if kind.startswith("Batch") else [0.1, 0.7],
                "affine": BOTH,
                "track_running_stats": BOTH,
            }
            calls = batches(dims)
            if kind.startswith("Instance"):  # PyTorch's takes no empty batch, ours gives it back
                del calls[3]
            yield from grid(kind, calls, num_features=[3], **options)
            yield from grid(kind, calls, 3, bias=BOTH)
            # Lazy instance norms take channels from the wrong dimension where there is no batch.
            lead = batches(dims)[: 3 if kind.startswith("Batch") else 1]
            yield from grid(f"Lazy{kind}", lead, **options)
    yield from grid(
        "SyncBatchNorm", [given(floats(4, 3, 5)), given(floats(4, 3))], 3,
        eps=[1e-5, 0.1], momentum=[0.1, None], affine=BOTH, track_running_stats=BOTH,
    )  # fmt: skip
    yield from grid(
        "LayerNorm",
        [given(floats(*s)) for s in ((2, 3, 4), (3, 4), (4,), (0, 4), (2, 3, 5), (3, 2, 3, 4), ())],
        normalized_shape=[4, (4,), [3, 4], (2, 3, 4), (5, 4), ()],
        eps=[1e-5, 0.3],
        elementwise_affine=BOTH,
        bias=BOTH,
    )
    yield from grid(
        "RMSNorm",
        [given(floats(*s)) for s in ((2, 3, 4), (3, 4), (4,), (0, 4), (2, 3, 5), (3, 2, 3, 4), ())],
        normalized_shape=[4, (4,), [3, 4], (2, 3, 4), (5, 4), ()],
        eps=[None, 1e-5, 0.3],
        elementwise_affine=BOTH,
    )
    yield from grid(
        "GroupNorm",
        [
            given(floats(*s))
            for s in (
                (2, 6, 3),
                (2, 6, 3, 2),
                (0, 6, 3),
                (2, 4, 3),
                (6,),
            )
        ],
        num_groups=[1, 2, 3, 6, 4, 0],
        num_channels=[6],
        eps=[1e-5, 0.1],
        affine=BOTH,
    )
    yield from grid(
        "GroupNorm", [given(floats(n, 6)) for n in (2, 1)], num_groups=[1, 2], num_channels=[6]
    )
    yield from grid("GroupNorm", [given(floats(2, 6, 3))], 2, 6, affine=[True], bias=BOTH)
    yield from grid(
        "LocalResponseNorm",
        [given(floats(*s)) for s in ((2, 7, 4), (2, 7, 3, 4), (2, 7, 2, 2, 3), (0, 7, 4), (7, 4))],
        size=[1, 2, 5],
        alpha=[1e-4, 0.5],
        beta=[0.75, 2.0],
        k=[1.0, 2.0],
    )
    shapes = (
        (4,),
        (3, 4),
        (2, 3, 4),
        (2, 3, 4, 5),
        (2, 3, 2, 2, 4),
        (0, 3),
        (),
        (1, 1, 1, 1, 1, 1),
    )
    yield from grid("LocalResponseNorm", [given(floats(2, 7, 4))], size=[0, -1])
    changed = [given(changeable(*shape)) for shape in ((3, 4), (2, 3, 4), (2, 3, 4, 5))]
    for name in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d"):
        yield from grid(
            name,
            [given(floats(*shape)) for shape in shapes],
            p=[0.5, 0.0, 0.2, 1.0, 1, 1.5, -0.1],
            inplace=[False],
        )
        yield from grid(name, changed, p=[0.5, 0.0, 1.0], inplace=[True])
    for name in ("AlphaDropout", "FeatureAlphaDropout"):
        yield from grid(
            name,
            [given(floats(*shape)) for shape in shapes],
            p=[0.5, 0.0, 0.2, 0.9, 1.0, 1.5, -0.1],
            inplace=[False],
        )
        yield from grid(name, changed, p=[0.5, 0.0, 1.0], inplace=[True])
