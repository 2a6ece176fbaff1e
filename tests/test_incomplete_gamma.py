"""The incomplete gamma functions, to the last digits and at the ends of their ranges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

INF, NAN = math.inf, math.nan


def both(shapes: Any, places: Any) -> tuple[Any, Any]:
    a, x = (ag.tensor(np.asarray(v).tolist(), dtype=ag.float64) for v in (shapes, places))
    return ag.igamma(a, x), ag.igammac(a, x)


def test_equal_to_many_digits() -> None:
    mp = pytest.importorskip("mpmath")
    rng = np.random.default_rng(0)
    shapes = 10 ** rng.uniform(-3, 4, 80)
    places = np.maximum(rng.gamma(shapes), 1e-200)
    far = np.arange(80) % 2 == 0  # half of them away from the middle
    places[far] = np.maximum(shapes + rng.uniform(-8, 8, 80) * np.sqrt(shapes), 1e-6)[far]
    lower, upper = (np.array(part.tolist()) for part in both(shapes, places))
    with mp.workdps(40):
        for a, x, got_lower, got_upper in zip(shapes, places, lower, upper, strict=True):
            for got, ends in ((got_lower, (0, x)), (got_upper, (x, mp.inf))):
                want = mp.gammainc(mp.mpf(a), *ends, regularized=True)
                assert abs(got / want - 1) < 1e-12, (a, x, got, want)


@pytest.mark.parametrize(
    ("shape", "place", "lower"),
    [
        (0, 1, 1), (0, 0, NAN), (1, 0, 0), (2, INF, 1), (INF, 2, 0), (INF, INF, NAN),
        (-1, 2, NAN), (1, -1, NAN), (NAN, 1, NAN), (1, NAN, NAN), (0, INF, 1), (INF, 0, 0),
        (1e-300, 1e-5, 1), (1e8, 1.0, 0), (1.0, 800.0, 1),
    ],
)  # fmt: skip
def test_ends(shape: float, place: float, lower: float) -> None:
    got_lower, got_upper = (part.item() for part in both(shape, place))
    assert got_lower == pytest.approx(lower, abs=1e-12, nan_ok=True)
    assert got_upper == pytest.approx(1 - lower, abs=1e-12, nan_ok=True)


def test_what_is_left_of_small_shapes() -> None:
    """1 - igamma would have no digit here."""
    mp = pytest.importorskip("mpmath")
    with mp.workdps(40):
        for a, x in ((1e-10, 1e-5), (1e-12, 0.5), (1e-3, 1e-100)):
            want = mp.gammainc(mp.mpf(a), mp.mpf(x), mp.inf, regularized=True)
            assert abs(both(a, x)[1].item() / want - 1) < 1e-12


def test_gradients_to_the_second_order() -> None:
    rng = np.random.default_rng(0)
    shapes = np.concatenate([rng.uniform(0.1, 3, 6), rng.uniform(11, 30, 4)])
    places = rng.gamma(shapes) + 0.05
    a, x = (ag.tensor(v.tolist(), dtype=ag.float64, requires_grad=True) for v in (shapes, places))
    for function in (ag.igamma, ag.special.gammainc, ag.special.gammaincc):
        assert ag.autograd.gradcheck(function, (a, x))
        assert ag.autograd.gradgradcheck(function, (a, x))
    (first,) = ag.autograd.grad(ag.igamma(a, x).sum(), a, create_graph=True)
    (second,) = ag.autograd.grad(first.sum(), a, create_graph=True)
    with pytest.raises(NotImplementedError, match="third derivatives"):
        ag.autograd.grad(second.sum(), a)
    # By the place any order is known.
    value = ag.igamma(a.detach(), x)
    for _ in range(3):
        (value,) = ag.autograd.grad(value.sum(), x, create_graph=True)
    assert bool(value.isfinite().all())


def test_types_and_shapes() -> None:
    for dtype in (ag.float16, ag.bfloat16, ag.float32, ag.float64):
        value = ag.igamma(ag.ones(2, 1, dtype=dtype), ag.tensor([0.0, 1.0, 2.0], dtype=dtype))
        assert value.shape == (2, 3) and value.dtype is dtype
        assert value[0, 1].item() == pytest.approx(1 - math.exp(-1), rel=2 * ag.finfo(dtype).eps)
    assert ag.tensor([1.0]).igamma(ag.tensor([1.0])).item() == pytest.approx(1 - math.exp(-1))
    assert ag.igamma(ag.ones(0), ag.ones(0)).shape == (0,)
