"""Adding many rows at indices: expanded indices, other dimensions, wide rows; PyTorch's digits."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)


def case(rows: int, columns: int, places: int, dim: int) -> tuple[np.ndarray, ...]:
    index = RNG.integers(0, places, rows)
    base, source = (RNG.standard_normal((n, columns)) for n in (places, rows))
    if dim:
        base, source = base.T.copy(), source.T.copy()
    return base.astype(np.float32), index, source.astype(np.float32)


# Few and many repetitions, narrow and wide rows, one place that gets all.
CASES = [(200, 130, 50, 0), (60, 300, 1, 0), (300, 7, 20, 1), (500, 130, 400, 0), (40, 3, 9, 0)]


def expanded(index: object, source: object, dim: int) -> object:
    return index.unsqueeze(1 - dim).expand(*source.shape)


@pytest.mark.parametrize("shape", CASES, ids=str)
def test_sums_are_those_of_pytorch_bit_by_bit(shape: tuple[int, ...]) -> None:
    base, index, source = case(*shape)
    dim = shape[-1]
    results = []
    for lib in (ag, torch):
        x, i, s = lib.tensor(base), lib.tensor(index), lib.tensor(source)
        wide = expanded(i, s, dim)
        outs = [
            x.index_add(dim, i, s),
            x.scatter_add(dim, wide, s),
            x.scatter_add(dim, wide.contiguous(), s),
            x.gather(dim, wide),
            x.scatter_reduce(dim, wide, s, "mean"),
            x.scatter_reduce(dim, wide, s, "mean", include_self=False),
            x.scatter_reduce(dim, wide.contiguous(), s, "mean", include_self=False),
        ]
        results.append([np.array(out.tolist()) for out in outs])
    for got, want in zip(*results, strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("shape", CASES, ids=str)
def test_gradients(shape: tuple[int, ...]) -> None:
    base, index, source = case(*shape)
    dim, results = shape[-1], []
    for lib in (ag, torch):
        x, i, s = lib.tensor(base), lib.tensor(index), lib.tensor(source)
        x.requires_grad_(), s.requires_grad_()
        wide = expanded(i, s, dim)
        out = x.scatter_reduce(dim, wide, s, "mean") * x.gather(dim, wide * 0).sum(dim, True)
        out.sum().backward()
        results.append([np.array(t.grad.tolist()) for t in (x, s)])
    for got, want in zip(*results, strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-4)


def test_an_index_expanded_over_a_part_only() -> None:
    base, index, source = case(30, 8, 10, 0)
    for lib in (ag, torch):
        x, i, s = lib.tensor(base), lib.tensor(index), lib.tensor(source)
        wide = i.unsqueeze(1).expand(30, 5)
        out = x.scatter_add(0, wide, s)
        assert out[:, 5:].tolist() == x[:, 5:].tolist()
        assert out[:, :5].tolist() == x[:, :5].contiguous().index_add(0, i, s[:, :5]).tolist()
