"""cummax and cummin beside PyTorch: values with their signs, places of ties and NaN, gradients."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag

torch = pytest.importorskip("torch")

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("name", ["cummax", "cummin"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "int64", "bool"])
def test_values_and_places(name: str, dtype: str) -> None:
    values = np.random.default_rng(0).integers(-3, 4, (3, 40, 5)).astype(np.float64)
    if dtype not in ("int64", "bool"):
        values[1] *= -0.0  # zeros of both signs
        values[:, 27:29, ::2] = INF
        values[0, 15] = values[1, 30::3] = NAN
    for dim in (0, 1, -1):
        x, y = ag.tensor(values).to(getattr(ag, dtype)), torch.tensor(values)
        got, want = (getattr(t, name)(dim) for t in (x, y.to(getattr(torch, dtype))))
        assert got.indices.tolist() == want.indices.tolist()
        ours, theirs = np.array(got.values.tolist()), np.array(want.values.tolist())
        np.testing.assert_array_equal(ours, theirs)
        if ours.dtype.kind == "f":
            known = ~np.isnan(ours)
            np.testing.assert_array_equal(np.signbit(ours[known]), np.signbit(theirs[known]))


@pytest.mark.parametrize("name", ["cummax", "cummin"])
def test_the_last_of_equal_values_gets_the_gradient(name: str) -> None:
    values = np.random.default_rng(1).integers(-3, 4, (4, 30)).astype(np.float64)
    weights = np.arange(120.0).reshape(4, 30)
    grads = []
    for lib in (ag, torch):
        x = lib.tensor(values, requires_grad=True)
        (getattr(x, name)(1).values * lib.tensor(weights)).sum().backward()
        grads.append(x.grad.tolist())
    assert grads[0] == grads[1]
