"""embedding_bag beside PyTorch over its options, its derivatives, EmbeddingBag, refusals."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn import functional as F

LONG = np.array([1, 0, 3, 3, 5, 1, 3])
STARTS = np.array([0, 2, 2, 5, 7])
PAIRS = np.array([[0, 2, 2], [5, 0, 3]])

# Arguments beside the table: numbers, starts, whether there are weights, options.
CASES: list[tuple[np.ndarray, np.ndarray | None, bool, dict[str, Any]]] = [
    (numbers, starts, weighted, {"mode": mode, **options})
    for numbers, starts in ((PAIRS, None), (LONG, STARTS))
    for mode, weighted in (("sum", False), ("sum", True), ("mean", False), ("max", False))
    for options in ({}, {"padding_idx": 3}, {"padding_idx": -1}, {"include_last_offset": True})
]


def table(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((6, 4))


def index(library: Any, values: Any, dtype: str = "int64") -> Any:
    return None if values is None else library.tensor(values, dtype=getattr(library, dtype))


@pytest.mark.parametrize(("numbers", "starts", "weighted", "options"), CASES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_beside_pytorch(
    numbers: Any, starts: Any, weighted: bool, options: dict[str, Any], dtype: str
) -> None:
    torch = pytest.importorskip("torch")
    kind = "int32" if dtype == "float32" else "int64"
    results = []
    for library, functional in ((ag, F), (torch, torch.nn.functional)):
        weight = library.tensor(table().astype(dtype), requires_grad=True)
        factors = None
        if weighted:
            values = np.random.default_rng(1).standard_normal(numbers.shape).astype(dtype)
            factors = library.tensor(values, requires_grad=True)
        out = functional.embedding_bag(
            index(library, numbers, kind), weight, index(library, starts, kind),
            per_sample_weights=factors, **options,
        )  # fmt: skip
        (out * library.arange(out.numel(), dtype=out.dtype).reshape(out.shape)).sum().backward()
        results.append([out.detach(), weight.grad] + ([factors.grad] if weighted else []))
    for got, want in zip(*results, strict=True):
        assert str(got.dtype).endswith(dtype)
        tolerance = 1e-13 if dtype == "float64" else 1e-5
        np.testing.assert_allclose(got.cpu().numpy(), want.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("mode", ["sum", "mean"])
@pytest.mark.parametrize("starts", [None, STARTS])
def test_gradients_over_how_often_a_number_occurs(mode: str, starts: Any) -> None:
    """PyTorch's embedding divides by that; its embedding_bag by how often others do."""
    torch = pytest.importorskip("torch")
    numbers = PAIRS if starts is None else LONG
    ours = ag.tensor(table(), requires_grad=True)
    out = F.embedding_bag(
        ag.tensor(numbers), ours, index(ag, starts), mode=mode, scale_grad_by_freq=True,
        include_last_offset=starts is not None,
    )  # fmt: skip
    theirs = torch.tensor(table(), requires_grad=True)
    rows = torch.nn.functional.embedding(torch.tensor(numbers), theirs, scale_grad_by_freq=True)
    bags = list(rows) if starts is None else [rows[a:b] for a, b in pairwise(starts)]
    want = torch.stack([b.sum(0) / (max(len(b), 1) if mode == "mean" else 1) for b in bags])
    np.testing.assert_allclose(out.detach().cpu().numpy(), want.detach().numpy(), rtol=1e-12)
    (out**2).sum().backward()
    (want**2).sum().backward()
    np.testing.assert_allclose(ours.grad.cpu().numpy(), theirs.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_what_lies_behind_the_last_offset(mode: str) -> None:
    """It counts for nothing."""
    some = {"mode": mode, "include_last_offset": True}
    results = []
    for numbers in (LONG, LONG[:5]):
        weight = ag.tensor(table(), requires_grad=True)
        out = F.embedding_bag(ag.tensor(numbers), weight, ag.tensor(STARTS[:4]), **some)
        (out * out).sum().backward()
        results.append((out.tolist(), weight.grad.tolist()))
    assert results[0] == results[1]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding", [None, 3])
def test_derivatives_of_both_orders(mode: str, padding: int | None) -> None:
    """PyTorch has the first one alone."""
    weight = ag.tensor(table()[:, :2], requires_grad=True)
    numbers, starts = ag.tensor(LONG), ag.tensor(STARTS)

    def bag(weight: Any) -> Any:
        return F.embedding_bag(numbers, weight, starts, mode=mode, padding_idx=padding) ** 3

    assert ag.autograd.gradcheck(bag, weight)
    assert ag.autograd.gradgradcheck(bag, weight)


@pytest.mark.parametrize("starts", [None, STARTS])
def test_derivatives_of_weights(starts: Any) -> None:
    numbers = PAIRS if starts is None else LONG
    weight = ag.tensor(table()[:, :2], requires_grad=True)
    factors = ag.tensor(np.random.default_rng(1).standard_normal(numbers.shape), requires_grad=True)

    def bag(weight: Any, factors: Any) -> Any:
        return F.embedding_bag(
            ag.tensor(numbers), weight, index(ag, starts), mode="sum", per_sample_weights=factors
        )

    assert ag.autograd.gradcheck(bag, (weight, factors))
    assert ag.autograd.gradgradcheck(bag, (weight, factors))


def test_equal_rows_and_empty_bags() -> None:
    """The first of equal rows gets all; empty bags are zeros, and so are those of padding alone."""
    weight = ag.ones(2, 1, requires_grad=True)
    F.embedding_bag(ag.tensor([[1, 0, 0]]), weight, mode="max").sum().backward()
    assert weight.grad.tolist() == [[0], [1]]
    for mode in ("sum", "mean", "max"):
        numbers, starts = ag.tensor([0, 0, 1]), ag.tensor([0, 0, 2, 3])
        out = F.embedding_bag(numbers, weight, starts, mode=mode, padding_idx=1)
        assert out.flatten().tolist() == [0, 2 if mode == "sum" else 1, 0, 0]
        assert F.embedding_bag(ag.zeros(2, 0).long(), weight, mode=mode).tolist() == [[0], [0]]


def test_maximum_of_nan() -> None:
    weight = ag.tensor([[1.0, float("nan")], [2.0, 0.0]])
    out = F.embedding_bag(ag.tensor([[0, 1]]), weight, mode="max")
    assert out[0, 0].item() == 2 and out[0, 1].isnan().item()


def test_rows_are_shortened_in_place() -> None:
    torch = pytest.importorskip("torch")
    results = []
    for library, functional in ((ag, F), (torch, torch.nn.functional)):
        weight = library.tensor(table() * 3)
        out = functional.embedding_bag(index(library, PAIRS), weight, max_norm=1.5, norm_type=1)
        results.append((out.cpu().numpy(), weight.cpu().numpy()))
    for got, want in zip(*results, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_halves_are_rounded_once(dtype: str, mode: str) -> None:
    weight = ag.full((2, 1), 3.0, dtype=getattr(ag, dtype), requires_grad=True)
    many = ag.zeros(1000, dtype=ag.int64)
    out = F.embedding_bag(many, weight, ag.tensor([0]), mode=mode)
    out.sum().backward()
    assert out.dtype is weight.dtype and weight.grad.dtype is weight.dtype
    assert out.item() == pytest.approx(3000 if mode == "sum" else 3, rel=4e-3)
    assert weight.grad[0].item() == pytest.approx(1000 if mode == "sum" else 1, rel=4e-3)


@pytest.mark.cpu_only  # elsewhere the numbers drawn are others
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("options", [{}, {"padding_idx": -2}, {"include_last_offset": True}])
def test_layer_like_pytorch(mode: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    theirs = torch.nn.EmbeddingBag(6, 4, mode=mode, max_norm=2.0, norm_type=3.0, **options)
    ag.manual_seed(0)
    ours = nn.EmbeddingBag(6, 4, mode=mode, max_norm=2.0, norm_type=3.0, **options)
    assert repr(ours) == repr(theirs)
    np.testing.assert_allclose(
        ours.weight.detach().cpu().numpy(), theirs.weight.detach().numpy(), rtol=1e-5, atol=1e-6
    )
    ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    got = ours(ag.tensor(LONG), ag.tensor(STARTS))
    want = theirs(torch.tensor(LONG), torch.tensor(STARTS))
    np.testing.assert_allclose(got.detach().cpu().numpy(), want.detach().numpy(), rtol=1e-5)


def test_layer_around_a_table() -> None:
    layer = nn.EmbeddingBag.from_pretrained(ag.tensor(table()), mode="sum", padding_idx=0)
    assert not layer.weight.requires_grad
    assert layer(ag.tensor([[0, 1]])).tolist() == [table()[1].tolist()]
    assert nn.EmbeddingBag.from_pretrained(ag.tensor(table()), False).weight.requires_grad


def bag(numbers: Any, *args: Any, weight: Any = None, **options: Any) -> Any:
    weight = ag.ones(6, 2) if weight is None else weight
    return F.embedding_bag(ag.tensor(numbers), weight, *args, **options)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bag([0, 1]), "offsets"),
        (lambda: bag([[0, 1]], ag.tensor([0])), "offsets"),
        (lambda: bag([[[0]]]), "input must have 1 or 2 dimensions"),
        (lambda: bag([0, 1], ag.tensor([[0]])), "offsets"),
        (lambda: bag([0, 1], ag.tensor([0.0])), "integers"),
        (lambda: bag([0, 1], ag.tensor([1])), "first of offsets"),
        (lambda: bag([0, 1], ag.tensor([0, 3])), "offsets: index 3"),
        (lambda: bag([0, 1], ag.tensor([0, 2, 1])), "steps between offsets"),
        (
            lambda: bag([0, 1], ag.tensor([], dtype=ag.int64), include_last_offset=True),
            "include_last_offset",
        ),
        (lambda: bag([[0.0]]), "integers"),
        (lambda: bag([[6]]), "index 6"),
        (lambda: bag([[0]], weight=ag.ones(3)), "weight must be"),
        (lambda: bag([[0]], mode="prod"), "mode must be"),
        (lambda: bag([[0]], padding_idx=6), "padding_idx=6"),
        (lambda: bag([[0]], mode="max", scale_grad_by_freq=True), "scale_grad_by_freq"),
        (lambda: bag([[0]], mode="max", sparse=True), "sparse"),
        (lambda: bag([[0]], per_sample_weights=ag.ones(1, 1)), "per_sample_weights need"),
        (lambda: bag([[0]], mode="sum", per_sample_weights=ag.ones(1)), "per_sample_weights must"),
        (
            lambda: bag([[0]], mode="sum", per_sample_weights=ag.ones(1, 1).double()),
            "per_sample_weights must",
        ),
        (lambda: nn.EmbeddingBag(3, 2, mode="prod"), "mode must be"),
        (lambda: nn.EmbeddingBag(3, 2, padding_idx=3), "padding_idx=3"),
        (lambda: nn.EmbeddingBag.from_pretrained(ag.ones(3)), "embeddings must be"),
    ],
)  # fmt: skip
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, ValueError, TypeError, IndexError), match=words):
        call()
        ag.zeros(1).item()  # where a device checks indices later, it is by the next read
