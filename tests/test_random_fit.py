"""Every sampler draws from the distribution that it is named after, on every device.

Continuous ones by Kolmogorov and Smirnov's largest distance from the distribution function,
discrete ones by the chi-square of their counts. Seeds are fixed, so a pass stays a pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import strict_device

import autograd_core as ag
from autograd_core import generator as generators
from autograd_core.backends import registry
from autograd_core.draws_gamma import sample_dirichlet, standard_gamma

N = 20_000


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with generators.fork_rng():
        ag.manual_seed(12)
        yield


@pytest.fixture(params=["cpu", "strict", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest) -> str:
    if request.param == "strict":
        strict_device.install()
    elif not registry.is_available(request.param):
        pytest.skip("needs a CUDA GPU and CuPy")
    return str(request.param)


def erlang(shape: int, x: np.ndarray) -> np.ndarray:
    """The gamma distribution function, of a whole shape."""
    terms = sum(x**k / math.factorial(k) for k in range(shape))
    return 1 - np.exp(-x) * terms


def half_gamma(x: np.ndarray) -> np.ndarray:
    """The gamma distribution function of shape 1/2: half the square of a normal number."""
    return np.vectorize(math.erf)(np.sqrt(x))


def normal(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def empty(device: str) -> Any:
    return ag.empty(N, dtype=ag.float64, device=device)


def full(value: float, device: str) -> Any:
    return ag.full((N,), value, dtype=ag.float64, device=device)


CONTINUOUS: dict[str, tuple[Callable[[str], Any], Callable[[np.ndarray], np.ndarray]]] = {
    "uniform": (lambda d: empty(d).uniform_(-1, 3), lambda x: (x + 1) / 4),
    "normal": (lambda d: empty(d).normal_(1, 2), lambda x: normal((x - 1) / 2)),
    "exponential": (lambda d: empty(d).exponential_(2), lambda x: 1 - np.exp(-2 * x)),
    "cauchy": (lambda d: empty(d).cauchy_(1, 2), lambda x: 0.5 + np.arctan((x - 1) / 2) / math.pi),
    "log_normal": (lambda d: empty(d).log_normal_(1, 0.5), lambda x: normal((np.log(x) - 1) / 0.5)),
    "gamma of shape 1/2": (lambda d: standard_gamma(full(0.5, d)), half_gamma),
    "gamma of shape 1": (lambda d: standard_gamma(full(1.0, d)), lambda x: erlang(1, x)),
    "gamma of shape 30": (lambda d: standard_gamma(full(30.0, d)), lambda x: erlang(30, x)),
    "beta(2, 1)": (
        lambda d: sample_dirichlet(
            ag.tensor([2.0, 1.0], dtype=ag.float64, device=d).expand(N, 2).clone()
        )[:, 0],
        lambda x: x * x,
    ),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution_functions(name: str, device: str) -> None:
    draw, function = CONTINUOUS[name]
    drawn = np.sort(np.array(draw(device).tolist()))
    want, steps = function(drawn), np.arange(N + 1) / N
    distance = max((want - steps[:-1]).max(), (steps[1:] - want).max())
    assert distance * math.sqrt(N) < 1.95  # exceeded once in a thousand times


def poisson(rate: float) -> Callable[[int], float]:
    return lambda k: math.exp(k * math.log(rate) - rate - math.lgamma(k + 1))


def binomial(n: int, p: float) -> Callable[[int], float]:
    return lambda k: math.comb(n, k) * p**k * (1 - p) ** (n - k) if 0 <= k <= n else 0.0


DISCRETE: dict[str, tuple[Callable[[str], Any], Callable[[int], float]]] = {
    "bernoulli_": (lambda d: empty(d).bernoulli_(0.3), lambda k: (0.7, 0.3)[k] if k < 2 else 0),
    "bernoulli": (lambda d: ag.bernoulli(full(0.3, d)), lambda k: (0.7, 0.3)[k] if k < 2 else 0),
    "randint": (lambda d: ag.randint(7, (N,), device=d), lambda k: 1 / 7 if k < 7 else 0),
    "random_": (lambda d: empty(d).random_(7), lambda k: 1 / 7 if k < 7 else 0),
    "geometric": (lambda d: empty(d).geometric_(0.3), lambda k: 0.3 * 0.7 ** (k - 1) if k else 0),
    "poisson, few": (lambda d: ag.poisson(full(2.5, d)), poisson(2.5)),
    "poisson, many": (lambda d: ag.poisson(full(40.0, d)), poisson(40.0)),
    "binomial, few": (lambda d: ag.binomial(full(12.0, d), full(0.3, d)), binomial(12, 0.3)),
    "binomial, many": (lambda d: ag.binomial(full(80.0, d), full(0.7, d)), binomial(80, 0.7)),
    "multinomial": (
        lambda d: ag.multinomial(ag.tensor([1.0, 2.0, 5.0], device=d), N, replacement=True),
        lambda k: (0.125, 0.25, 0.625)[k] if k < 3 else 0,
    ),
    "multinomial, one each": (
        lambda d: ag.multinomial(ag.tensor([[1.0, 2.0, 5.0]], device=d).expand(N, 3), 1)[:, 0],
        lambda k: (0.125, 0.25, 0.625)[k] if k < 3 else 0,
    ),
}


@pytest.mark.parametrize("name", DISCRETE)
def test_counts(name: str, device: str) -> None:
    draw, mass = DISCRETE[name]
    drawn = np.array(draw(device).tolist()).astype(int)
    counts = np.bincount(drawn, minlength=2)
    expected = np.array([N * mass(k) for k in range(len(counts))])
    often = expected > 5
    assert not counts[expected == 0].any()
    rest = max(N - expected[often].sum(), 1e-9)
    square = ((counts - expected)[often] ** 2 / expected[often]).sum()
    square += (counts[~often].sum() - rest) ** 2 / max(rest, 5)
    freedom = often.sum()
    assert square < freedom + 3.5 * math.sqrt(2 * freedom) + 4


def test_second_draws_without_replacement(device: str) -> None:
    """Without replacement the second index has its weight among those that are left."""
    weights = ag.tensor([[1.0, 2.0, 5.0]], device=device).expand(N, 3)
    drawn = np.array(ag.multinomial(weights, 2).tolist())
    assert (drawn[:, 0] != drawn[:, 1]).all()
    after = drawn[drawn[:, 0] == 2, 1]
    assert abs((after == 1).mean() - 2 / 3) < 4 * math.sqrt(2 / 9 / len(after))
