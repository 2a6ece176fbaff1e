"""Losses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, Draw, Given, Of, array, fixed, floats, given, grid, integers

BOTH = [True, False]
REDUCTIONS = ["mean", "sum", "none", "max"]
OLD: dict[str, list[Any]] = {"size_average": [None, True, False], "reduce": [None, True, False]}
SHAPES = ((), (4,), (3, 4), (2, 3, 2, 2), (0, 3))


def pairs(first: str, second: str, grad: bool = True) -> list[Given]:
    """An input and a target of the same shape; the target with a gradient, too."""
    calls = []
    for shape in SHAPES:
        calls.append(given(Draw(first, shape), fixed(second, *shape)))
        if grad:
            calls.append(given(Draw(first, shape), Draw(second, shape)))
    return calls


def regression() -> Iterator[Case]:
    for name in ("L1Loss", "MSELoss"):
        yield from grid(name, pairs("floats", "floats"), reduction=REDUCTIONS)
        yield from grid(name, pairs("floats", "floats")[:3], **OLD, reduction=["sum"])
    yield from grid(
        "SmoothL1Loss", pairs("floats", "kinks"), reduction=REDUCTIONS, beta=[1.0, 0.3, 0.0, -1.0]
    )
    yield from grid("SmoothL1Loss", pairs("ties", "ties"), beta=[1.0, 2, 0.0])
    yield from grid("HuberLoss", pairs("floats", "kinks"), REDUCTIONS[0], delta=[1.0, 0.3, 0.0])
    yield from grid("HuberLoss", pairs("ties", "ties"), reduction=REDUCTIONS, delta=[1.0, 2.5])


def classes() -> Iterator[Case]:
    weights = [None, fixed("positive", 5)]
    shapes = ((3, 5), (3, 5, 2), (2, 5, 2, 3), (0, 5))
    indices = [given(floats(*s), integers(5, s[0], *s[2:])) for s in shapes]
    indices += [given(floats(5), integers(5))]
    indices += [given(floats(*s), Draw("some", (s[0], *s[2:]), (5, 1))) for s in shapes]
    shares = [given(floats(*s), fixed("unit", *s)) for s in (*shapes, (5,))]
    shares += [given(floats(*s), Draw("unit", s)) for s in (*shapes, (5,))]
    wrong = [
        given(floats(3, 5), integers(5, 4)),
        given(floats(3, 5), array([1, 5, 2])),
        given(floats(3, 5), array([1, -1, 2])),
        given(floats(3, 5), fixed("unit", 3, 4)),
        given(floats(3, 5), fixed("unit", 3)),
        given(floats(3, 5), integers(5, 3, 1)),
        given(floats(3, 5, 2), integers(5, 3)),
        given(floats(), integers(5)),
    ]
    yield from grid(
        "CrossEntropyLoss",
        [*indices, *shares],
        weight=weights,
        ignore_index=[-100, 1],
        reduction=REDUCTIONS,
        label_smoothing=[0.0, 0.2],
    )
    yield from grid("CrossEntropyLoss", wrong, weight=[None, fixed("positive", 4)])
    yield from grid("CrossEntropyLoss", indices[:2], label_smoothing=[1.0, 1.5])
    yield from grid("CrossEntropyLoss", indices[:2], **OLD)
    for name in ("NLLLoss", "NLLLoss2d"):
        calls = indices if name == "NLLLoss" else [indices[2], indices[7]]
        yield from grid(name, calls, weight=weights, ignore_index=[-100, 1], reduction=REDUCTIONS)
    yield from grid("NLLLoss", wrong, weight=[None, fixed("positive", 4)])
    yield from grid("NLLLoss", indices[:2], **OLD)


def binary() -> Iterator[Case]:
    weights = [None, fixed("positive", 1), fixed("positive", 4)]
    yield from grid("BCELoss", pairs("unit", "unit"), reduction=REDUCTIONS)
    last = [given(Draw("unit", s), fixed("unit", *s)) for s in ((4,), (3, 4), (2, 3, 4))]
    yield from grid("BCELoss", last, weight=weights, reduction=REDUCTIONS)
    yield from grid("BCELoss", last[:1], **OLD)
    name = "BCEWithLogitsLoss"
    yield from grid(name, pairs("kinks", "unit"), reduction=REDUCTIONS)
    last = [given(floats(*s), fixed("unit", *s)) for s in ((4,), (3, 4), (2, 3, 4))]
    last += [given(floats(*s), Draw("unit", s)) for s in ((3, 4),)]
    yield from grid(name, last, weight=weights, reduction=REDUCTIONS, pos_weight=weights)
    yield from grid(name, last, pos_weight=[fixed("positive", 5)])
    yield from grid(name, last[:1], **OLD)
    yield from grid("SoftMarginLoss", pairs("floats", "signs", False), reduction=REDUCTIONS)
    rows = ((3, 4), (4,), (2, 3, 4), (0, 4))
    yield from grid(
        "MultiLabelSoftMarginLoss",
        [given(floats(*s), fixed("unit", *s)) for s in rows],
        weight=[None, fixed("positive", 4)],
        reduction=REDUCTIONS,
    )


def likelihoods() -> Iterator[Case]:
    logs = [(3, 4), (4,), (2, 3, 4)]
    yield from grid(
        "KLDivLoss",
        [given(Draw("logs", s), Draw("probabilities", s)) for s in logs],
        reduction=[*REDUCTIONS[:3], "batchmean"],
        log_target=[False],
    )
    yield from grid(
        "KLDivLoss",
        [given(Draw("logs", s), Draw("logs", s)) for s in logs],
        reduction=[*REDUCTIONS, "batchmean"],
        log_target=[True],
    )
    yield from grid(
        "PoissonNLLLoss",
        [given(Draw("positive", s), fixed("positive", *s)) for s in SHAPES]
        + [given(Draw("positive", (5,)), array([0.0, 1.0, 2.0, 3.0, 9.0]))],
        log_input=BOTH,
        full=BOTH,
        eps=[1e-8, 0.1],
        reduction=REDUCTIONS,
    )
    normal = [given(floats(*s), floats(*s), Draw("positive", s)) for s in SHAPES]
    normal += [given(floats(3, 4), floats(3, 4), Draw("positive", s)) for s in ((3, 1), (3,), (2,))]
    normal.append(given(floats(3), floats(3), floats(3)))
    normal.append(given(floats(3), floats(3), 0.5))
    yield from grid("GaussianNLLLoss", normal, full=BOTH, eps=[1e-6, 0.5], reduction=REDUCTIONS)
    yield from connectionist()


def connectionist() -> Iterator[Case]:
    """PyTorch's gradient of CTC is right only behind a log_softmax, and where the target fits."""

    def scores(*shape: int) -> Draw:
        return Draw("floats", shape, then=("log_softmax", -1))

    def labels(*rows: Any) -> Draw:
        return array(rows if len(rows) > 1 else rows[0])

    lengths = [
        given(scores(7, 3, 5), labels([1, 2], [3, 3], [2, 1]), array([7, 6, 7]), array([2, 2, 1])),
        given(scores(7, 3, 5), labels([1, 2, 3, 3, 2, 1]), array([7, 7, 7]), array([2, 2, 2])),
        given(scores(7, 5), labels([1, 1]), array(7), array(2)),
        given(scores(7, 2, 5), labels([1, 2], [3, 2]), (7, 5), (2, 1)),
        given(scores(7, 2, 5), labels([1, 2], [3, 2]), (7, 5), (0, 1)),
        given(scores(7, 2, 5), labels([1, 2], [3, 2]), (8, 5), (2, 1)),
        given(scores(7, 2, 5), labels([1, 2], [3, 2]), (7, 5), (2, 3)),
        given(scores(7, 2, 5), labels([1, 2], [3, 2]), (7,), (2, 1)),
    ]
    options: dict[str, list[Any]] = {"blank": [0, 4, 5, -1], "reduction": REDUCTIONS}
    yield from grid("CTCLoss", lengths, **options, zero_infinity=BOTH)
    short = [given(scores(2, 1, 5), array([[1, 1, 2]]), array([2]), array([3]))]
    yield from grid("CTCLoss", short, **options, zero_infinity=[True])


def margins() -> Iterator[Case]:
    two = [given(floats(*s), floats(*s), fixed("signs", *s)) for s in SHAPES]
    yield from grid("MarginRankingLoss", two, margin=[0.0, 1, -0.5], reduction=REDUCTIONS)
    yield from grid(
        "HingeEmbeddingLoss", pairs("kinks", "signs", False), margin=[1.0, 0, 2.5],
        reduction=REDUCTIONS,
    )  # fmt: skip
    rows = [given(floats(3, 5), integers(5, 3)), given(floats(5), integers(5)),
            given(floats(3, 5), integers(5, 4)),
            given(floats(3, 5), array([1, 7, 2])),
            given(floats(2, 3, 5), integers(5, 2))]  # fmt: skip
    yield from grid(
        "MultiMarginLoss", rows, p=[1, 2, 3], margin=[1.0, 0.3], reduction=REDUCTIONS,
        weight=[None, fixed("positive", 5)],
    )  # fmt: skip
    yield from grid("MultiMarginLoss", rows[:1], weight=[fixed("positive", 4)])
    labels = [[3, 0, -1, 1, 2], [1, -1, 0, 0, 0], [-1, 1, 1, 1, 1]]
    yield from grid(
        "MultiLabelMarginLoss",
        [given(floats(3, 5), array(labels)), given(floats(5), array(labels[0])),
         given(floats(3, 5), array(labels[:2])), given(floats(5), array([5, -1, 0, 0, 0]))],
        reduction=REDUCTIONS,
    )  # fmt: skip
    sides = [given(floats(3, 4), floats(3, 4), fixed("signs", 3)),
             given(floats(4), floats(4), fixed("signs")),
             given(floats(0, 4), floats(0, 4), fixed("signs", 0)),
             given(floats(3, 4), floats(3, 4), fixed("signs", 4)),
             given(floats(3, 4), floats(3, 5), fixed("signs", 3))]  # fmt: skip
    yield from grid("CosineEmbeddingLoss", sides, margin=[0.0, 0.5, -0.5], reduction=REDUCTIONS)
    three = [given(*(floats(*s) for _ in range(3))) for s in ((3, 4), (4,), (2, 3, 4), (0, 4))]
    three += [given(floats(3, 4), floats(3, 4), floats(3, 5))]
    yield from grid(
        "TripletMarginLoss", three, margin=[1.0, 0.2, 0.0], p=[2.0, 1, float("inf")],
        eps=[1e-6, 0.1], swap=BOTH, reduction=REDUCTIONS,
    )  # fmt: skip
    distances = [
        None,
        Of(lambda torch: torch.nn.PairwiseDistance(3.0), "PairwiseDistance(3.0)"),
        Of(lambda torch: torch.nn.functional.cosine_similarity, "cosine_similarity"),
    ]
    yield from grid(
        "TripletMarginWithDistanceLoss", three, distance_function=distances,
        margin=[1.0, 0.2, -1.0], swap=BOTH, reduction=REDUCTIONS,
    )  # fmt: skip


def of_layers() -> Iterator[Case]:
    """Losses with parameters."""
    calls = [given(floats(6, 8), integers(10, 6)), given(floats(8), integers(10))]
    calls += [given(floats(6, 8), array([0, 9, 3, 4, 7, 2])), given(floats(0, 8), integers(10, 0))]
    calls += [given(floats(6, 7), integers(10, 6)), given(floats(6, 8), integers(10, 5))]
    calls += [given(floats(2, 8), array([0, 10])), given(floats(2, 3, 8), integers(10, 2, 3))]
    yield from grid(
        "AdaptiveLogSoftmaxWithLoss",
        calls,
        in_features=[8],
        n_classes=[10],
        cutoffs=[[2], [2, 5], [1, 4, 8], [10], [5, 2], [0, 3], []],
        div_value=[4.0, 2.0],
        head_bias=BOTH,
    )
    options = Of(lambda torch: torch.nn.LinearCrossEntropyOptions(False, 2), "chunks of 2")
    yield from grid(
        "LinearCrossEntropyLoss",
        [given(floats(4, 6), integers(5, 4)), given(floats(6), integers(5)),
         given(floats(2, 3, 6), integers(5, 2, 3)), given(floats(4, 6), integers(5, 3)),
         given(floats(4, 7), integers(5, 4)), given(floats(4, 6), array([1, -100, 2, 0])),
         given(floats(4, 6), fixed("unit", 4, 5))],
        in_features=[6],
        num_classes=[5],
        bias=BOTH,
        reduction=REDUCTIONS,
        ignore_index=[-100, 1],
        label_smoothing=[0.0, 0.2],
        weight=[None, fixed("positive", 5)],
        options=[options],
    )  # fmt: skip


def cases() -> Iterator[Case]:
    yield from regression()
    yield from classes()
    yield from binary()
    yield from likelihoods()
    yield from margins()
    yield from of_layers()
