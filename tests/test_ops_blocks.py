"""Work on large arrays: block by block, and choices without branches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.backends.numpy import NumpyBackend, blocks
from autograd_core.backends.numpy.choosing import where
from autograd_core.nn import functional as F
from autograd_core.ops.blocks import blockwise

pytestmark = pytest.mark.cpu_only

FUNCTIONS = [
    (F.gelu, {}),
    (F.gelu, {"approximate": "tanh"}),
    (F.silu, {}),
    (F.mish, {}),
    (F.softplus, {"beta": 2.0, "threshold": 1.0}),
    (F.logsigmoid, {}),
    (F.elu, {"alpha": 0.7}),
    (F.celu, {"alpha": 0.7}),
    (F.selu, {}),
    (ag.erf, {}),
    (ag.erfc, {}),
]
LAYOUTS = {
    "contiguous": lambda t: t,
    "transposed": lambda t: t.T,
    "every other": lambda t: t[:, ::2],
    "3D": lambda t: t.reshape(20, 5, 60).transpose(0, 2),
}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NumpyBackend, "blocks_from", 64)
    monkeypatch.setattr(blocks, "BLOCK", 256)


def value_and_gradient(function: Any, options: Any, layout: Any) -> tuple[Any, Any]:
    value = np.random.RandomState(0).standard_normal((100, 60)) * 3
    x = ag.tensor(value, requires_grad=True)
    y = function(layout(x), **options)
    y.backward(ag.tensor(np.random.RandomState(1).standard_normal(y.shape)))
    return y.detach().numpy(), x.grad.numpy()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(("function", "options"), FUNCTIONS)
def test_blocks_change_nothing(
    function: Any, options: Any, layout: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NumpyBackend, "blocks_from", float("inf"))
    whole = value_and_gradient(function, options, layout)
    monkeypatch.setattr(NumpyBackend, "blocks_from", 64)
    monkeypatch.setattr(blocks, "BLOCK", 256)
    for ours, want in zip(value_and_gradient(function, options, layout), whole, strict=True):
        # (Vectorised functions and the rest at the end of a block may round otherwise.)
        np.testing.assert_allclose(ours, want, rtol=1e-14, atol=1e-15)


def test_every_block_is_computed_once(small_blocks: None) -> None:
    sizes: list[int] = []

    def double(x: Any) -> Any:
        sizes.append(x.size)
        return x * 2

    values = np.arange(1000.0)
    np.testing.assert_array_equal(blockwise(double, values), values * 2)
    assert sum(sizes) == 1000 and max(sizes) <= 32


def test_tensors_pass_through(small_blocks: None) -> None:
    x = ag.arange(100.0, dtype=ag.float64, requires_grad=True)
    y = blockwise(lambda t: t * 2, x)
    assert y.requires_grad and y.tolist() == [2.0 * i for i in range(100)]


SHAPES = [
    ((50, 60), (50, 60), (50, 60)),
    ((100, 80), (100, 1), (80,)),
    ((100, 80), (), (100, 80)),
    ((1, 80), (100, 80), (100, 80)),
    ((8000,), (8000,), ()),
    ((3,), (2, 1), ()),
    ((0, 5), (5,), ()),
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float16", "int32", "int8", "float64", "bool"])
def test_where_is_numpys(shapes: Any, dtype: str) -> None:
    rng = np.random.RandomState(0)
    condition = rng.random_sample(shapes[0]) < 0.5
    a, b = (np.asarray(rng.standard_normal(s) * 50).astype(dtype) for s in shapes[1:])
    got, want = where(np, condition, a, b), np.where(condition, a, b)
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)
    got = where(np, condition.T, a.T, b.T) if shapes[0] == shapes[1] == shapes[2] else got.T
    np.testing.assert_array_equal(got, want.T)


def test_where_keeps_what_is_no_number() -> None:
    special = np.array([np.nan, np.inf, -np.inf, -0.0] * 1000, np.float32)
    condition = np.arange(4000) % 3 == 0
    x = ag.tensor(special, requires_grad=True)
    y = ag.where(ag.tensor(condition), x, 1.0)
    np.testing.assert_array_equal(y.detach().numpy(), np.where(condition, special, np.float32(1)))
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), condition)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gelu_to_the_last_digits(dtype: str) -> None:
    from math import erfc, exp, pi, sqrt

    values = np.linspace(-8, 8, 4001).astype(dtype)
    x = ag.tensor(values, requires_grad=True)
    y = F.gelu(x)
    y.sum().backward()
    below = np.array([erfc(-v / sqrt(2)) / 2 for v in values.astype(float)])
    density = np.array([exp(-v * v / 2) / sqrt(2 * pi) for v in values.astype(float)])
    exact = 2e-7 if dtype == "float32" else 1e-15
    near = np.abs(values) < 3  # farther out float32 is absolutely exact only
    rtol = np.where(near, 4 * exact, 0)
    error = np.abs(y.detach().numpy() - values * below)
    assert (error <= rtol * np.abs(values * below) + exact * (~near) * 4).all()
    error = np.abs(x.grad.numpy() - (below + values * density))
    assert (error <= 4 * exact).all()
    far = F.gelu(ag.tensor([-np.inf, -1e30, -50.0, 1e30, np.inf], dtype=getattr(ag, dtype)))
    assert far.tolist() == [0, 0, 0, far[3].item(), np.inf] and far[3] == ag.tensor(
        1e30, dtype=far.dtype
    )
