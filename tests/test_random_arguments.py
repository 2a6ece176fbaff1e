"""What samplers refuse, and how they say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import generator as generators
from autograd_core.draws_gamma import sample_dirichlet, standard_gamma


@pytest.fixture(autouse=True)
def same_state() -> Iterator[None]:
    with generators.fork_rng():
        yield


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.rand(-1), "rand: sizes must not be negative"),
        (
            lambda: ag.rand(2, dtype=ag.int64),
            "rand: dtype must be floating-point",
        ),
        (lambda: ag.rand(6, out=ag.zeros(1).expand(6)), "rand: .* share one memory"),
        (
            lambda: ag.bernoulli(ag.full((6,), 0.5), out=ag.zeros(1).expand(6)),
            "share one memory",
        ),
        (lambda: ag.rand(2, out=ag.empty(3)), r"rand: out has shape \(3,\), expected \(2,\)"),
        (lambda: ag.randint(5, 5, (2,)), "randint: expected low < high, got low=5 and high=5"),
        (lambda: ag.randint(0, 300, (2,), dtype=ag.uint8), "do not fit into uint8"),
        (lambda: ag.randint(-5, 5, (2,), dtype=ag.uint8), "uint8, which holds 0 to 255"),
        (lambda: ag.randint(0, 5, (2,), dtype=ag.complex64), "expected a real dtype"),
        (lambda: ag.randperm(-1), "randperm: sizes must not be negative"),
        (lambda: ag.randperm(300, dtype=ag.uint8), "299 does not fit into uint8"),
        (lambda: ag.empty(2).uniform_(2, 1), "uniform_: expected from_ <= to"),
        (lambda: ag.empty(2).uniform_(float("nan"), 1), "uniform_: expected from_ <= to"),
        (
            lambda: ag.empty(2, dtype=ag.int64).uniform_(),
            "uniform_: input must be of a floating-point or",
        ),
        (lambda: ag.empty(2).normal_(0, -1), "normal_: expected std >= 0, got -1"),
        (
            lambda: ag.empty(2, dtype=ag.int64).normal_(),
            "normal_: input must be of a floating-point or",
        ),
        (lambda: ag.empty(2).exponential_(-1), "exponential_: expected lambd > 0"),
        (
            lambda: ag.empty(2, dtype=ag.int32).exponential_(),
            "exponential_: input must be of a real",
        ),
        (lambda: ag.empty(2).bernoulli_(1.5), "bernoulli_: expected a probability .* p=1.5"),
        (lambda: ag.bernoulli(ag.ones(2, dtype=ag.int64)), "bernoulli: input must be of a real"),
        (lambda: ag.bernoulli(ag.tensor([1.5], device="cpu")), "not between 0 and 1"),
        (lambda: ag.empty(2).random_(5, 2), "random_: expected low < high"),
        (lambda: ag.normal(ag.zeros(2), -1.0), "normal: expected std >= 0"),
        (lambda: ag.normal(0.0, ag.tensor([1.0, -1.0])), "normal: expected std >= 0"),
        (lambda: ag.poisson(ag.tensor([1.0, -1.0])), "poisson: every mean"),
        (lambda: ag.poisson(ag.tensor([float("inf")])), "poisson: every mean"),
        (lambda: ag.poisson(ag.tensor([1])), "poisson: input must be of a real"),
        (lambda: ag.binomial(ag.tensor([1.0]), ag.tensor([1])), "binomial: prob must be of a real"),
        (lambda: ag.binomial(ag.tensor([1]), ag.tensor([0.5])), "binomial: count and prob must"),
        (lambda: standard_gamma(ag.tensor([-1.0])), "standard_gamma: .* negative"),
        (lambda: sample_dirichlet(ag.tensor([1.0, float("nan")])), "sample_dirichlet: .* NaN"),
        (
            lambda: ag.multinomial(ag.ones(2), 1, out=ag.zeros(1)),
            "multinomial: out must be of dtype int64",
        ),
        (lambda: ag.multinomial(ag.tensor([0.0, 0.0]), 1), "no distribution"),
        (lambda: ag.multinomial(ag.tensor([1.0, -1.0]), 1), "no distribution"),
        (lambda: ag.multinomial(ag.tensor([1.0, float("nan")]), 1), "no distribution"),
        (lambda: ag.multinomial(ag.ones(2), 3), "cannot draw 3 of 2 .* replacement=True"),
        (lambda: ag.multinomial(ag.ones(2), 0), "cannot draw 0"),
        (lambda: ag.multinomial(ag.ones(2, 2, 2), 1), r"expected weights \(n,\) or \(m, n\)"),
    ],
)
def test_bad_arguments(call: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: ag.randint(3),
        lambda: ag.randint(1, 2, 3, (2,)),
        lambda: ag.randint_like(ag.ones(2)),
        lambda: ag.normal(0.0, 1.0),
        lambda: ag.normal(ag.ones(2), 1.0, (2,)),
        lambda: ag.empty(2).random_(1, 2, 3),
        lambda: ag.rand("a"),
    ],
)
def test_wrong_forms(call: Any) -> None:
    with pytest.raises(TypeError):
        call()
