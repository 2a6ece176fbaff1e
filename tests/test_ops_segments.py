"""segment_reduce beside PyTorch, its derivatives, empty segments and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag

LENGTHS = {
    (6,): (0, [2, 0, 3, 1]),
    (6, 2): (0, [6]),
    (2, 5): (1, [[1, 4], [5, 0]]),
    (2, 4, 3): (1, [[4, 0, 0], [1, 1, 2]]),
}


@pytest.mark.parametrize("shape", LENGTHS, ids=str)
@pytest.mark.parametrize("reduce", ["sum", "mean", "max", "min", "prod"])
@pytest.mark.parametrize("initial", [None, 0.5])
@pytest.mark.parametrize("by", ["lengths", "offsets"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_beside_pytorch(shape: Any, reduce: str, initial: Any, by: str, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    axis, lengths = LENGTHS[shape]
    data = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    data.reshape(-1)[0] = 0
    where = np.array(lengths)
    if by == "offsets":
        where = np.concatenate([np.zeros_like(where[..., :1]), where.cumsum(-1)], -1)
    results = []
    for library in (ag, torch):
        x = library.tensor(data, requires_grad=True)
        options = {by: library.tensor(where), "axis": axis, "initial": initial}
        out = library.segment_reduce(x, reduce, **options)
        (out.nan_to_num(0, 0, 0) ** 2).sum().backward()
        results.append((out.detach(), x.grad))
    for got, want in zip(*results, strict=True):
        np.testing.assert_allclose(
            got.cpu().numpy(), want.numpy(), rtol=1e-5 if dtype == "float32" else 1e-12, atol=1e-12
        )
        assert str(got.dtype).endswith(dtype)


@pytest.mark.parametrize("reduce", ["sum", "mean", "max", "min", "prod"])
def test_derivatives_of_both_orders(reduce: str) -> None:
    x = ag.tensor(np.random.default_rng(0).standard_normal((5, 2)), requires_grad=True)

    def function(x: Any) -> Any:
        return ag.segment_reduce(x, reduce, lengths=ag.tensor([2, 3]))

    assert ag.autograd.gradcheck(function, x)
    assert ag.autograd.gradgradcheck(function, x)


def test_what_lies_in_no_segment_counts_nowhere() -> None:
    x = ag.tensor([1.0, 2.0, 4.0, 8.0], requires_grad=True)
    out = ag.segment_reduce(x, "sum", offsets=ag.tensor([1, 1, 3]))
    out.sum().backward()
    assert out.tolist() == [0, 6] and x.grad.tolist() == [0, 1, 1, 0]
    short = ag.segment_reduce(x, "sum", lengths=ag.tensor([2, 1]), unsafe=True)
    assert short.tolist() == [3, 4]
    assert ag.segment_reduce(x, "max", lengths=ag.zeros(0).long(), unsafe=True).shape == (0,)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reduce": "median", "lengths": [2, 2]}, "reduce must be"),
        ({}, "lengths or offsets"),
        ({"lengths": [2, 1]}, "sum of lengths"),
        ({"lengths": [5, -1]}, "lengths"),
        ({"lengths": [2.0, 2.0]}, "integers"),
        ({"lengths": [[2, 2]]}, "lengths must have shape"),
        ({"offsets": [0, 5]}, "offsets"),
        ({"lengths": [2, 2], "axis": 1}, "axis"),
        ({"lengths": [2, 2], "data": [1, 2, 3, 4]}, "floating"),
        ({"lengths": [2, 2], "indices": [0]}, "indices"),
    ],
)
def test_refusals(options: dict[str, Any], words: str) -> None:
    options = {k: ag.tensor(v) if isinstance(v, list) else v for k, v in options.items()}
    data, reduce = options.pop("data", None), options.pop("reduce", "sum")
    with pytest.raises((RuntimeError, ValueError, TypeError, IndexError), match=words):
        ag.segment_reduce(ag.ones(4) if data is None else data, reduce, **options)
        ag.zeros(1).item()  # where a device checks indices later, it is by the next read
