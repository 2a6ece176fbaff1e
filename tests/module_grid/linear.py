"""Linear layers, tables, and what changes only shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, Draw, Given, array, floats, given, grid, integers

BOTH = [True, False]


def bags(mode: str = "mean", include_last_offset: bool = False, **_: Any) -> Iterator[Given]:
    """Bags as rows of a matrix, and as parts of a list."""
    yield given(integers(9, 4, 3))
    yield given(integers(9, 1, 6))
    ends = [0, 2, 2, 5, 8] if include_last_offset else [0, 2, 2, 5]
    yield given(integers(9, 8), array(ends))
    yield given(integers(9, 8), None)
    if mode == "sum":
        yield given(integers(9, 4, 3), None, floats(4, 3))
        yield given(integers(9, 8), array(ends), per_sample_weights=floats(8))
    else:  # weights go with sums only
        yield given(integers(9, 4, 3), per_sample_weights=floats(4, 3))


def cases() -> Iterator[Case]:
    shapes = [given(floats(*s, 5)) for s in ((), (3,), (0,), (1,), (2, 3), (2, 1, 3))]
    yield from grid(
        "Linear",
        [*shapes, given(floats(3, 4))],
        in_features=[5],
        out_features=[1, 4, 0],
        bias=BOTH,
    )
    yield from grid("Linear", [given(floats(3, 0))], in_features=[0], out_features=[2], bias=BOTH)
    yield from grid("Linear", shapes, in_features=[-1, 5], out_features=[3, -2])
    yield from grid("LazyLinear", shapes, out_features=[1, 4], bias=BOTH)
    yield from grid("Identity", [given(floats(2, 3)), given(floats()), given(integers(3, 4))])
    yield from grid(
        "Identity", [given(floats(2, 3))], 54, "anything", argument=[0.1], other=[None, [1]]
    )
    yield from grid(
        "Bilinear",
        [
            *(given(floats(*s, 5), floats(*s, 4)) for s in ((), (3,), (0,), (2, 3))),
            given(floats(3, 5), floats(2, 4)),
            given(floats(3, 4), floats(3, 4)),
        ],
        in1_features=[5],
        in2_features=[4],
        out_features=[1, 3],
        bias=BOTH,
    )
    yield from grid(
        "Bilinear", [given(floats(3, 0), floats(3, 4))], in1_features=[0], in2_features=[4],
        out_features=[2],
    )  # fmt: skip
    yield from grid(
        "Flatten",
        [given(floats(*s)) for s in ((2, 3, 4, 5), (2, 3), (4,), (0, 3, 2), ())],
        start_dim=[0, 1, 2, -2, -1, 4],
        end_dim=[-1, 1, 2, 3, -5],
    )
    whole = [given(floats(2, 12)), given(floats(3, 12, 2)), given(floats(12)), given(floats(5))]
    sizes = [(3, 4), [2, 6], (2, 3, 2), (-1, 4), (12,), (5, 2), (-1, -1)]
    yield from grid("Unflatten", whole, dim=[0, 1, -1], unflattened_size=sizes)
    tokens = [given(integers(7, *s)) for s in ((), (4,), (3, 4), (0,), (2, 3, 2))]
    yield from grid(
        "Embedding",
        [*tokens, given(Draw("integers", (3,), (12,))), given(floats(3))],
        num_embeddings=[7],
        embedding_dim=[4],
        padding_idx=[None, 0, 3, -1, 7],
        max_norm=[None, 1.0],
        norm_type=[2.0, 1.0, float("inf")],
        scale_grad_by_freq=BOTH,
    )
    weight = floats(7, 4)
    yield from grid("Embedding", tokens, 7, 4, _weight=[weight], padding_idx=[None, 2])
    yield from grid("Embedding", tokens, 7, 5, _weight=[weight])
    yield from grid(
        "EmbeddingBag",
        bags,
        num_embeddings=[9],
        embedding_dim=[4],
        max_norm=[None, 1.0],
        norm_type=[2.0, 1.0],
        mode=["mean", "sum", "max", "median"],
        include_last_offset=BOTH,
        padding_idx=[None, 0, -2],
    )
    yield from grid("EmbeddingBag", bags, 9, 3, _weight=[floats(9, 3)], mode=["sum"])
