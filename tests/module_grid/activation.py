"""Activations, softmax and distances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, changeable, fixed, floats, given, grid, integers, kinks

BOTH = [True, False]
SHAPES = ((), (4,), (3, 40), (0, 3), (2, 3, 4), (2, 3, 2, 2))

# Each argument's values; all take any shape.
ELEMENTWISE: dict[str, dict[str, list[Any]]] = {
    "CELU": {"alpha": [1.0, 0.5, 2, -1.0, 0.0]},
    "ELU": {"alpha": [1.0, 0.5, 2, -1.0, 0.0]},
    "GELU": {"approximate": ["none", "tanh", "other"]},
    "Hardshrink": {"lambd": [0.5, 1, 0.0, -0.5]},
    "Hardsigmoid": {},
    "Hardswish": {},
    "Hardtanh": {"min_val": [-1.0, 0, 1.0], "max_val": [1.0, 3, 0.5]},
    "LeakyReLU": {"negative_slope": [1e-2, 1, 0.0, -0.5]},
    "LogSigmoid": {},
    "Mish": {},
    "ReLU": {},
    "ReLU6": {},
    "RReLU": {"lower": [1 / 8, 0.0, 0.5], "upper": [1 / 3, 0.5, 0.25]},
    "SELU": {},
    "SiLU": {},
    "Sigmoid": {},
    "Softplus": {"beta": [1.0, 2, 0.5, -1.0], "threshold": [20.0, 1, 0.0]},
    "Softshrink": {"lambd": [0.5, 1, 0.0, -0.5]},
    "Softsign": {},
    "Tanh": {},
    "Tanhshrink": {},
    "Threshold": {"threshold": [0.5, 1, -1.0], "value": [20.0, 0, -3.0]},
}
INPLACE = {
    *("CELU", "ELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "Mish", "ReLU", "ReLU6"),
    *("RReLU", "SELU", "SiLU", "Threshold"),
}


def cases() -> Iterator[Case]:
    for name, options in ELEMENTWISE.items():
        yield from grid(
            name, [*(given(kinks(*shape)) for shape in SHAPES), given(integers(5, 3))], **options
        )
        if name in INPLACE:
            calls = [given(changeable(*shape)) for shape in ((4,), (3, 40), (2, 3, 2, 2))]
            calls += [given(integers(5, 3)), given(kinks(3))]  # a leaf cannot be changed
            kept = {key: [v for v in values if v > 0] for key, values in options.items()}
            # PyTorch cannot differentiate negative slopes behind a change in place.
            yield from grid(name, calls, **kept, inplace=[True])
    yield from grid(
        "PReLU",
        [given(kinks(*shape)) for shape in SHAPES],
        num_parameters=[1, 3, 40, 0],
        init=[0.25, -1.0],
    )
    logits = [given(floats(*shape)) for shape in SHAPES]
    for name in ("Softmax", "LogSoftmax", "Softmin"):
        yield from grid(name, logits, dim=[None, 0, 1, -1, -2, 3])
    yield from grid("Softmax2d", [*logits, given(floats(3, 2, 2))])
    gated = ((4,), (3, 40), (2, 3, 4), (4, 0), (), (2, 4, 2, 2))
    yield from grid("GLU", [given(kinks(*shape)) for shape in gated], dim=[-1, 0, 1, -2, 3])
    pairs = (((4,), (4,)), ((3, 4), (3, 4)), ((2, 3, 4), (2, 3, 4)), ((3, 4), (4,)))
    pairs += (((3, 1, 4), (1, 2, 4)), ((3, 4), (2, 4)), ((0, 4), (0, 4)), ((3, 4), (3, 1)))
    two = [given(floats(*a), floats(*b)) for a, b in pairs]
    yield from grid("CosineSimilarity", two, dim=[1, 0, -1, 5], eps=[1e-8, 1e-3])
    short = [given(fixed("floats", 3, 4), fixed("floats", *s)) for s in ((3, 4), (4,), (3, 1))]
    yield from grid("CosineSimilarity", short, dim=[1, 0], eps=[2.0])
    yield from grid(
        "PairwiseDistance", two, p=[2.0, 1, 3.5, 0, float("inf"), -1.0], eps=[1e-6, 0.1],
        keepdim=BOTH,
    )  # fmt: skip
