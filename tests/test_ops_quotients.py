"""Remainders and floor divisions of many numbers: NumPy's digits and PyTorch's values."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.ops import quotients

torch = pytest.importorskip("torch")


def dividends() -> np.ndarray:
    rng = np.random.default_rng(0)
    whole = rng.integers(-1000, 1000, 2000).astype(np.float32)
    near = np.nextafter(whole, rng.choice([-np.inf, np.inf], 2000).astype(np.float32))
    reals = (rng.standard_normal(2000) * 10.0 ** rng.integers(-6, 5, 2000)).astype(np.float32)
    few = np.array([0.0, -0.0, 1e-45, -1e-45, 1e-38, -1e-38, 1e-30, -1e-30], np.float32)
    return np.concatenate([whole, near, reals, few])


DIVISORS = [3.0, -3.0, 0.1, -0.7, 1.0, 2.5, 1e-3, 1e30, -1e30, 7e-4, 1e-42]


@pytest.mark.cpu_only
@pytest.mark.parametrize("divisor", DIVISORS)
@pytest.mark.parametrize("name", ["remainder", "floor_divide"])
def test_digits_are_those_of_the_slow_way(name: str, divisor: float) -> None:
    x, y = dividends(), np.array(divisor, np.float32)
    with np.errstate(all="ignore"):
        got, want = getattr(quotients, name)(x, y), getattr(np, name)(x, y)
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(np.signbit(got), np.signbit(want))


@pytest.mark.cpu_only
@pytest.mark.parametrize("name", ["remainder", "floor_divide"])
def test_digits_of_many_divisors(name: str) -> None:
    x = dividends()
    y = np.random.default_rng(1).permutation(x)
    y[y == 0] = 0.3
    y[np.abs(x) > np.abs(y) * 1e6] = 2  # so that no quotient is large
    got, want = getattr(quotients, name)(x, y), getattr(np, name)(x, y)
    np.testing.assert_array_equal(got, want)
    assert quotients.floored(x, y) is not None


@pytest.mark.parametrize("values", [[np.inf, 1.0], [np.nan, 2.0], [1e38, -1e38], [5.0, -5.0]])
@pytest.mark.parametrize("divisor", [3.0, -0.5, 0.0, np.inf, -np.inf, np.nan])
def test_special_values_are_those_of_pytorch(values: list[float], divisor: float) -> None:
    numbers = (values + dividends().tolist())[:700]
    with np.errstate(all="ignore"):
        got, want = (
            [t % divisor, t // divisor] for t in (ag.tensor(numbers), torch.tensor(numbers))
        )
        for ours, theirs in zip(got, want):
            np.testing.assert_array_equal(ours.tolist(), theirs.tolist())
