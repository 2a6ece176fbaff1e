"""Distributions by themselves: samples and densities agree, gradients of any order, arguments."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from distribution_table import CASES, made, numbers

import autograd_core as ag
from autograd_core import distributions as D
from autograd_core import generator as generators

N = 4000

by_case = pytest.mark.parametrize("key", CASES)
SLOW = ("MultivariateNormal", "LowRank", "Wishart", "LKJ")  # to differentiate twice
HEAVY = {"LogNormal", "GeneralizedPareto", "Pareto", "InverseGamma", "FisherSnedecor", "StudentT"}
CONTINUOUS = [
    key for key in CASES if not made(ag, key, grad=False)[0].support.is_discrete
]  # fmt: skip


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with generators.fork_rng():
        ag.manual_seed(8)
        yield


# --- samples and densities -----------------------------------------------------------------------


@by_case
def test_samples_follow_the_distribution_function(key: str) -> None:
    d, _ = made(ag, key, grad=False)
    if d.event_shape:
        pytest.skip("a distribution of vectors")
    drawn = d.sample((N,))
    support = d.support
    assert bool(support.check(drawn).all())
    if support.is_discrete:
        _check_counts(d, numbers(drawn))
        return
    try:
        want = numbers(d.cdf(drawn))
    except NotImplementedError:
        want = _integrated(d, drawn)
    steps = np.arange(N + 1) / N
    for column in want.reshape(N, -1).T:
        column = np.sort(column)
        distance = max((column - steps[:-1]).max(), (steps[1:] - column).max())
        assert distance * math.sqrt(N) < 2.1


def _check_counts(d: Any, drawn: np.ndarray) -> None:
    """The shares of the smallest values are as likely as the probabilities say."""
    d._validate_args = False
    for value in range(6):
        at = ag.full(d.batch_shape, value, dtype=ag.float64)
        if not bool(d.support.check(at).all()):
            continue
        want = numbers(d.log_prob(at).exp())
        error = np.sqrt(want * (1 - want) / N) + 1e-12
        assert (abs((drawn == value).mean(0) - want) < 5 * error).all(), value


def _integrated(d: Any, drawn: Any) -> np.ndarray:
    """The distribution function from the density, by a sum over a fine grid."""
    low, high = drawn.amin(0), drawn.amax(0)
    parts = (ag.arange(20_000, dtype=ag.float64) + 0.5) / 20_000
    grid = low + parts.reshape(-1, *[1] * low.ndim) * (high - low)
    density = numbers(d.log_prob(grid).exp())
    total = np.cumsum(density, 0) * numbers(high - low) / 20_000
    # (What is beyond the samples is little.)
    assert (abs(total[-1] - 1) < 0.02).all()
    columns = zip(
        numbers(drawn).reshape(N, -1).T, numbers(grid).reshape(20_000, -1).T,
        total.reshape(20_000, -1).T, strict=True,
    )  # fmt: skip
    return np.stack([np.interp(x, g, t) for x, g, t in columns], -1)


@by_case
def test_moments_of_samples(key: str) -> None:
    d, _ = made(ag, key, grad=False)
    if CASES[key][0] == "VonMises":
        return  # its mean and variance are those of directions
    drawn = numbers(d.sample((N,)))
    for what, got in (("mean", drawn.mean(0)), ("variance", drawn.var(0))):
        if what == "variance" and CASES[key][0] in HEAVY:
            continue  # it does not settle within so few samples
        try:
            want = numbers(getattr(d, what)).astype(float)
        except NotImplementedError:
            continue
        want = np.broadcast_to(want, got.shape)
        spread = drawn if what == "mean" else (drawn - drawn.mean(0)) ** 2
        error = spread.std(0) / math.sqrt(N)
        known = np.isfinite(want)
        heavy = 9 if what == "variance" else 5
        assert (abs(got - want)[known] < heavy * error[known] + 1e-9).all(), what


@pytest.mark.parametrize("key", CONTINUOUS)
def test_density_is_the_derivative_of_the_distribution_function(key: str) -> None:
    d, _ = made(ag, key, grad=False)
    x = d.sample((20,)).requires_grad_()
    try:
        chances = d.cdf(x)
    except NotImplementedError:
        pytest.skip("it has no cdf")
    (slope,) = ag.autograd.grad(chances.sum(), x)
    # (Near p = 1/2 the continuous Bernoulli distribution has PyTorch's series, and its cdf is x.)
    digits = 2e-3 if CASES[key][0] == "ContinuousBernoulli" else 1e-7
    density = numbers(d.log_prob(x).exp())
    np.testing.assert_allclose(density, numbers(slope), rtol=digits, atol=1e-12)
    try:
        back = d.icdf(chances.detach())
    except NotImplementedError:
        return
    middle = (numbers(chances) > 1e-3) & (numbers(chances) < 0.999)
    np.testing.assert_allclose(numbers(back)[middle], numbers(x)[middle], rtol=1e-7, atol=1e-7)


@by_case
def test_entropy_is_the_mean_of_log_prob(key: str) -> None:
    d, _ = made(ag, key, grad=False)
    try:
        want = numbers(d.entropy())
    except NotImplementedError:
        return
    terms = -numbers(d.log_prob(d.sample((N,))))
    error = terms.std(0) / math.sqrt(N)
    assert (abs(terms.mean(0) - want) < 5 * error + 1e-9).all()
    assert np.allclose(numbers(d.perplexity()), np.exp(want))


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(key, marks=pytest.mark.slow if key.startswith(SLOW) else ())
        for key in CONTINUOUS
    ],
)
def test_second_derivatives_of_densities(key: str) -> None:
    d, leaves = made(ag, key)
    value = d.sample((2,)).detach()
    of_matrices = CASES[key][0] in ("LKJCholesky", "Wishart")
    simplex = CASES[key][0] in ("Dirichlet", "LogisticNormal", "RelaxedOneHotCategorical")
    names = [name for name, v in CASES[key][1].items() if isinstance(v, np.ndarray)]
    rest = {n: v for n, v in CASES[key][1].items() if n not in names}
    kind = type(d)

    def log_prob(*arguments: Any) -> Any:
        *parameters, x = arguments
        again = kind(**dict(zip(names, parameters, strict=True)), **rest, validate_args=False)
        return again.log_prob(x)

    if not of_matrices and not simplex:
        value = value.requires_grad_()
    assert ag.autograd.gradcheck(log_prob, (*leaves, value))
    assert ag.autograd.gradgradcheck(log_prob, (*leaves, value))


@by_case
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_dtypes_are_kept(key: str, dtype: str) -> None:
    name = CASES[key][0]
    if dtype != "float32" and name in (
        "MultivariateNormal", "LowRankMultivariateNormal", "Wishart", "LKJCholesky",
    ):  # fmt: skip
        return  # matrices have no factors in half precision
    d, leaves = made(ag, key, dtype)
    d._validate_args = False
    kind = getattr(ag, dtype)
    drawn = d.sample((3,))
    whole = name == "Categorical"
    assert drawn.dtype is (ag.int64 if whole else kind)
    value = d.log_prob(drawn)
    assert value.dtype is kind
    for gradient in ag.autograd.grad(value.sum(), leaves, allow_unused=True):
        assert gradient is None or gradient.dtype is kind
    try:
        assert d.entropy().dtype is kind
    except NotImplementedError:
        pass


# --- arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: D.Normal(ag.zeros(2), ag.tensor([1.0, -2.0])),
            r"Normal: parameter scale .* satisfy GreaterThan.*1 of 2 values do not: -2.0. Mend",
        ),
        (lambda: D.Normal("a", 1.0), "must be numbers or tensors, got str"),
        (lambda: D.Uniform(1.0, 0.0), "Uniform: parameter low"),
        (lambda: D.Bernoulli(), "Bernoulli: expected either probs or logits, got none"),
        (lambda: D.Bernoulli(0.5, 0.5), "Bernoulli: expected either probs or logits, got both"),
        (lambda: D.Bernoulli(1.5), "Bernoulli: parameter probs"),
        (lambda: D.Categorical(ag.tensor([2.0, -1.0])), "Categorical: parameter probs"),
        (lambda: D.Categorical(1.0), "probs must have at least one dimension"),
        (lambda: D.Categorical([0.5, 0.5]), "must be numbers or tensors, got list"),
        (lambda: D.Geometric(0.0), "Geometric: parameter probs"),
        (lambda: D.Dirichlet(ag.tensor(1.0)), "concentration must have at least one dimension"),
        (lambda: D.Chi2(-1.0), "Chi2: parameter df"),
        (lambda: D.LKJCholesky(1), "expected dim >= 2, got 1"),
        (lambda: D.Wishart(1.0, ag.eye(3)), "df must be above n - 1 = 2, got 1.0"),
        (lambda: D.MultivariateNormal(ag.zeros(2)), "expected exactly one of covariance_matrix"),
        (
            lambda: D.MultivariateNormal(ag.zeros(2), ag.eye(2), scale_tril=ag.eye(2)),
            "got covariance_matrix, scale_tril",
        ),
        (lambda: D.MultivariateNormal(ag.zeros(2), ag.ones(2)), "must be square"),
        (lambda: D.MultivariateNormal(ag.zeros(3), ag.eye(2)), r"loc \(3,\) does not fit"),
        (
            lambda: D.MultivariateNormal(ag.zeros(2), ag.tensor([[1.0, 2.0], [2.0, 1.0]])),
            "parameter covariance_matrix",
        ),
        (
            lambda: D.LowRankMultivariateNormal(ag.zeros(2), ag.ones(3, 1), ag.ones(2)),
            "LowRankMultivariateNormal: expected loc",
        ),
        (lambda: D.Independent(D.Normal(0.0, 1.0), 1), "reinterpreted_batch_ndims=1, but"),
        (lambda: D.MixtureSameFamily(1, D.Normal(0.0, 1.0)), "must be a Categorical, got int"),
        (
            lambda: D.MixtureSameFamily(D.Categorical(ag.ones(2)), 1),
            "must be a distribution, got int",
        ),
        (
            lambda: D.MixtureSameFamily(D.Categorical(ag.ones(2)), D.Normal(ag.zeros(3), 1.0)),
            "2 categories choose from .* should end in 2",
        ),
        (lambda: D.Normal(0.0, 1.0).log_prob(1.0), "expected a tensor as value, got float"),
        (lambda: D.Normal(ag.zeros(3), 1.0).log_prob(ag.zeros(2)), r"value of shape \(2,\)"),
        (lambda: D.Exponential(1.0).log_prob(ag.tensor([-1.0])), "Exponential: value"),
        (lambda: D.Bernoulli(0.5).log_prob(ag.tensor(0.5)), r"Boolean\(\), but 1 of 1"),
        (lambda: D.Dirichlet(ag.ones(2)).log_prob(ag.ones(2)), r"value .* Simplex\(\)"),
        (lambda: D.Normal(0.0, ag.tensor(math.nan)), "parameter scale .* nan"),
        (lambda: D.Distribution.set_default_validate_args(2), "expected True or False"),
    ],
)
def test_bad_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_missing_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Poisson: samples do not depend differentiably"):
        D.Poisson(1.0).rsample()
    for call in (
        lambda: D.Poisson(1.0).entropy(),
        lambda: D.StudentT(1.0).cdf(ag.tensor(0.0)),
        lambda: D.Wishart(3.0, ag.eye(2)).icdf(ag.tensor(0.5)),
        lambda: D.Distribution().mean,
        lambda: D.Distribution().log_prob(ag.tensor(0.0)),
        lambda: D.Normal(0.0, 1.0).enumerate_support(),
        lambda: D.Independent(D.Bernoulli(ag.ones(2)), 1).enumerate_support(),
        lambda: D.Binomial(ag.tensor([1.0, 2.0]), 0.5).entropy(),
        lambda: D.Multinomial(ag.tensor([2.0]), ag.ones(2)),
    ):
        with pytest.raises(NotImplementedError):
            call()


def test_checks_can_be_left_out() -> None:
    assert D.Normal(0.0, -1.0, validate_args=False).scale.item() == -1.0
    quiet = D.Exponential(1.0, validate_args=False)
    assert quiet.log_prob(ag.tensor(-1.0)).item() == 1.0
    assert quiet.expand((2,))._validate_args is False
    D.Distribution.set_default_validate_args(False)
    try:
        D.Normal(0.0, -1.0)
    finally:
        D.Distribution.set_default_validate_args(True)


def test_numbers_and_tensors_mix() -> None:
    wide = D.Normal(0, ag.ones(3, dtype=ag.float64))
    assert wide.loc.dtype is ag.float64 and wide.batch_shape == (3,)
    assert D.Bernoulli(0.5).batch_shape == () and D.Beta(1, 2).sample().shape == ()
    assert D.StudentT(3).loc.dtype is ag.float32
    relaxed = D.RelaxedBernoulli(0.5, ag.tensor(0.5, dtype=ag.float64))
    assert relaxed.temperature.dtype is ag.float64


# --- the graph -----------------------------------------------------------------------------------


def test_what_sampling_computes_first_keeps_its_graph() -> None:
    """probs follow from logits when sample() asks for them, without recording; log_prob and
    entropy use them with."""
    logits = ag.tensor([0.1, 0.2, 0.3], requires_grad=True)
    for kind in (D.Categorical, D.Bernoulli, D.ContinuousBernoulli, D.OneHotCategorical):
        d = kind(logits=logits)
        d.sample()
        (gradient,) = ag.autograd.grad(d.entropy().sum(), logits)
        assert bool((gradient != 0).all())
    with ag.no_grad():
        normal = D.MultivariateNormal(ag.zeros(3), ag.eye(3) * (1 + logits))
    assert not normal.sample().requires_grad


def test_reinforce_gradient() -> None:
    logits = ag.zeros(3, requires_grad=True)
    policy = D.Categorical(logits=logits)
    policy.log_prob(ag.tensor(1)).backward()
    assert np.allclose(logits.grad.tolist(), [-1 / 3, 2 / 3, -1 / 3])


def test_straight_through_gradient() -> None:
    probs = ag.tensor([0.2, 0.8], requires_grad=True)
    drawn = D.OneHotCategoricalStraightThrough(probs).rsample()
    assert sorted(drawn.tolist()) == [0.0, 1.0]
    (gradient,) = ag.autograd.grad((drawn * ag.tensor([1.0, 3.0])).sum(), probs)
    assert np.allclose(gradient.tolist(), [-1.6, 0.4])  # of the normalised probabilities


def test_small_gamma_numbers_are_not_zero() -> None:
    shape = ag.full((200,), 1e-3, requires_grad=True)
    drawn = D.Gamma(shape, 1e30).rsample()
    assert drawn.min().item() > 0 and drawn.requires_grad
    shares = D.Beta(1e-2, 1e-2).sample((1000,))
    assert shares.min().item() > 0 and shares.max().item() < 1
