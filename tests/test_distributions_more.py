"""Mixtures, exact derivatives of samples, and where PyTorch is wrong."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from distribution_table import gradients, numbers, positive, real

import autograd_core as ag
from autograd_core import distributions as D
from autograd_core import generator as generators
from autograd_core.draws_gamma import sample_dirichlet, standard_gamma
from autograd_core.ops.tails import beta_slope, gamma_ratio


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with generators.fork_rng():
        ag.manual_seed(8)
        yield


# --- mixtures ------------------------------------------------------------------------------------

WEIGHTS, MORE_WEIGHTS = positive(3), positive(2, 3)
PLACES, WIDTHS, VECTORS = real(2, 3), positive(2, 3), real(3, 2)


def mixtures(module: Any) -> list[tuple[Any, list[Any]]]:
    d = module.distributions

    def leaf(value: Any) -> Any:
        return module.tensor(value.tolist(), dtype=module.float64).requires_grad_()

    made = []
    for weights in (WEIGHTS, MORE_WEIGHTS):
        leaves = [leaf(weights), leaf(PLACES), leaf(WIDTHS)]
        made.append((d.MixtureSameFamily(d.Categorical(leaves[0]), d.Normal(*leaves[1:])), leaves))
    leaves = [leaf(WEIGHTS), leaf(VECTORS)]
    vectors = d.Independent(d.Normal(leaves[1], 1.0), 1)
    made.append((d.MixtureSameFamily(d.Categorical(leaves[0]), vectors), leaves))
    leaves = [leaf(MORE_WEIGHTS), leaf(WIDTHS)]
    made.append((d.MixtureSameFamily(d.Categorical(leaves[0]), d.Poisson(leaves[1])), leaves))
    return made


@pytest.mark.parametrize("index", range(4))
def test_mixtures_equal_pytorch(index: int) -> None:
    torch = pytest.importorskip("torch")
    (ours, here), (theirs, there) = mixtures(ag)[index], mixtures(torch)[index]
    assert tuple(ours.batch_shape) == tuple(theirs.batch_shape)
    assert tuple(ours.event_shape) == tuple(theirs.event_shape)
    x = torch.tensor(ours.sample((5,)).tolist(), dtype=torch.float64)
    pairs = [
        (ours.log_prob(ag.tensor(x.tolist(), dtype=ag.float64)), theirs.log_prob(x)),
        (ours.mean, theirs.mean),
        (ours.variance, theirs.variance),
    ]
    if index < 2:
        at = ag.tensor(x.tolist(), dtype=ag.float64)
        pairs.append((ours.cdf(at), theirs.cdf(x)))
    for got, want in pairs:
        np.testing.assert_allclose(numbers(got), numbers(want), rtol=1e-11)
        for g, w in zip(gradients(ag, got, here), gradients(torch, want, there), strict=True):
            np.testing.assert_allclose(g, w, rtol=1e-9, atol=1e-12)
    wide = ours.expand((4, *ours.batch_shape))
    assert wide.sample((3,)).shape == (3, 4, *ours.batch_shape, *ours.event_shape)
    assert repr(ours).startswith("MixtureSameFamily(\n  Categorical(probs: ")
    assert ours.support.event_dim == theirs.support.event_dim


@pytest.mark.cpu_only
@pytest.mark.parametrize("index", range(4))
def test_samples_of_mixtures_equal_pytorch(index: int) -> None:
    torch = pytest.importorskip("torch")
    (ours, _), (theirs, _) = mixtures(ag)[index], mixtures(torch)[index]
    for shape in ((6,), ()):
        torch.manual_seed(2)
        try:
            want = theirs.sample(shape)
        except RuntimeError:  # it takes a batch of weights as large as that of the components
            assert index in (0,)
            return
        ag.manual_seed(2)
        np.testing.assert_allclose(numbers(ours.sample(shape)), numbers(want), rtol=1e-12)


# --- derivatives of samples ----------------------------------------------------------------------


def test_gamma_samples_keep_their_quantile() -> None:
    """The derivative by the shape, against the distribution function to 30 digits."""
    mp = pytest.importorskip("mpmath")
    rng = np.random.default_rng(0)
    shapes = 10 ** rng.uniform(-2, 3, 40)
    places = np.maximum(rng.gamma(shapes), 1e-200)
    with mp.workdps(40):
        for a, x in zip(shapes, places, strict=True):
            function = lambda shape, x=x: mp.gammainc(shape, 0, x, regularized=True)
            slope = mp.diff(function, mp.mpf(a), h=mp.mpf(10) ** -13)
            density = mp.mpf(x) ** (a - 1) * mp.exp(-x) / mp.gamma(a)
            got = float(gamma_ratio(1, np.array([a]), np.array([x]))[0])
            assert abs(got / float(slope / density) - 1) < 1e-11, (a, x)


def test_beta_samples_keep_their_quantile() -> None:
    mp = pytest.importorskip("mpmath")
    rng = np.random.default_rng(0)
    weights = 10 ** rng.uniform(-1.5, 2.5, (40, 2))
    with mp.workdps(40):
        for a, b in weights:
            x = rng.beta(a, b)
            if not 1e-200 < x < 1 - 1e-9:
                continue
            # (The smaller of the two parts, which mpmath has to more digits.)
            upper = x > a / (a + b)
            ends = (x, 1) if upper else (0, x)
            function = lambda w, b=b, ends=ends: mp.betainc(w, b, *ends, regularized=True)
            slope = mp.diff(function, mp.mpf(a), h=mp.mpf(10) ** -13) * (1 if upper else -1)
            density = mp.mpf(x) ** (a - 1) * mp.mpf(1 - x) ** (b - 1) / mp.beta(a, b)
            got = float(beta_slope(*(np.array([v]) for v in (x, a, b)))[0])
            assert abs(got / float(slope / density) - 1) < 1e-8, (a, b, x)


def drawn(shape: Any) -> Any:
    ag.manual_seed(0)
    return standard_gamma(shape)


def test_second_derivatives_of_gamma_samples() -> None:
    shape = ag.tensor(positive(30).tolist(), dtype=ag.float64, requires_grad=True)
    values = drawn(shape)
    (first,) = ag.autograd.grad(values.sum(), shape, create_graph=True)
    (second,) = ag.autograd.grad(first.sum(), shape, create_graph=True)
    # Along the quantile: the values at nearby shapes, to the second order.
    a, x, g, h = (numbers(one) for one in (shape, values, first, second))
    step = 1e-5
    slopes = [-gamma_ratio(1, a + s, x + s * g + 0.5 * s * s * h) for s in (step, -step)]
    np.testing.assert_allclose(h, (slopes[0] - slopes[1]) / (2 * step), rtol=1e-6, atol=1e-8)
    with pytest.raises(NotImplementedError, match="third derivatives"):
        ag.autograd.grad(second.sum(), shape)


def test_second_derivatives_of_shares_are_refused() -> None:
    weights = ag.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    shares = sample_dirichlet(weights)
    (first,) = ag.autograd.grad(shares.square().sum(), weights, create_graph=True)
    with pytest.raises(NotImplementedError, match="second derivatives of Dirichlet and beta"):
        ag.autograd.grad(first.sum(), weights)


def test_dirichlet_samples_stay_on_the_simplex() -> None:
    """Moving the weights moves shares, whose sum stays 1."""
    weights = ag.tensor(positive(5, 4).tolist(), dtype=ag.float64, requires_grad=True)
    shares = sample_dirichlet(weights)
    (gradient,) = ag.autograd.grad(shares.sum(), weights, retain_graph=True)
    np.testing.assert_allclose(numbers(gradient), 0, atol=1e-12)
    # The mean of a share grows with its weight as the formula says.
    wide = weights[:1].detach().expand(20_000, 4).clone().requires_grad_()
    (moved,) = ag.autograd.grad(sample_dirichlet(wide)[:, 0].sum(), wide)
    mean = weights[:1].detach().clone().requires_grad_()
    (want,) = ag.autograd.grad((mean / mean.sum(-1, True))[:, 0].sum(), mean)
    spread = numbers(moved).std(0) / math.sqrt(20_000)
    assert (abs(numbers(moved).mean(0) - numbers(want)[0]) < 5 * spread).all()


# --- where PyTorch is wrong ----------------------------------------------------------------------


def test_modes_are_where_the_density_is_greatest() -> None:
    grid = (ag.arange(20_000, dtype=ag.float64) + 0.5) / 20_000
    cases = [
        (D.Kumaraswamy(2.0, 3.0), grid),
        (D.Weibull(2.0, 1.5), 5 * grid),
        (D.Weibull(2.0, 0.5), 5 * grid),
        (D.Beta(3.0, 2.0), grid),
        (D.Beta(0.3, 0.6), grid),
        (D.Beta(0.6, 0.3), grid),
        (D.FisherSnedecor(5.0, 7.0), 5 * grid),
        (D.InverseGamma(3.0, 2.0), 5 * grid),
        (D.LogNormal(0.3, 0.7), 5 * grid),
        (D.Gamma(0.7, 2.0), 5 * grid),
    ]
    for distribution, places in cases:
        best = places[distribution.log_prob(places).argmax()].item()
        assert abs(distribution.mode.item() - best) < 1e-3, repr(distribution)
    assert math.isnan(D.Kumaraswamy(0.5, 0.5).mode.item())


def test_generalized_pareto_equals_its_relatives() -> None:
    x = ag.tensor([0.1, 0.5, 2.0], dtype=ag.float64)
    for shape in (0.0, 1e-12):
        limit = D.GeneralizedPareto(0.0, 2.0, ag.tensor(shape, dtype=ag.float64))
        exponential = D.Exponential(ag.tensor(0.5, dtype=ag.float64))
        for what in ("log_prob", "cdf"):
            got, want = getattr(limit, what)(x), getattr(exponential, what)(x)
            np.testing.assert_allclose(numbers(got), numbers(want), rtol=1e-10)
    general = D.GeneralizedPareto(3.0, 1.5, ag.tensor(0.5, dtype=ag.float64))
    pareto = D.Pareto(3.0, ag.tensor(2.0, dtype=ag.float64))
    for what in ("log_prob", "cdf"):
        got, want = getattr(general, what)(x + 3), getattr(pareto, what)(x + 3)
        np.testing.assert_allclose(numbers(got), numbers(want), rtol=1e-10)
    np.testing.assert_allclose(numbers(general.log_cdf(x + 3)), numbers(pareto.cdf(x + 3).log()))
    # The derivative by the shape goes through 0.
    shape = ag.tensor([0.0, 1e-9, -1e-9, 0.02], dtype=ag.float64, requires_grad=True)
    value = D.GeneralizedPareto(0.0, 1.0, shape).log_prob(ag.full((4,), 0.7, dtype=ag.float64))
    (slope,) = ag.autograd.grad(value.sum(), shape)
    np.testing.assert_allclose(numbers(slope)[:3], 0.7 * 0.7 / 2 - 0.7, rtol=1e-7)


def test_wishart_samples_are_drawn_once() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        d = D.Wishart(ag.tensor([5.0, 7.0]), ag.eye(2) + 0.5)
        before = generators.default_generator_of(ag.zeros(1).device).get_state().tolist()
        d.sample((4,))
        after = generators.default_generator_of(ag.zeros(1).device).get_state().tolist()
        assert before != after
        assert D.Wishart(3.0, ag.eye(1)).sample().shape == (1, 1)
    with pytest.warns(UserWarning, match="df below n = 3"):
        D.Wishart(2.5, ag.eye(3))


def test_entropy_of_exponential_families_has_a_gradient() -> None:
    """By the log normalizer, as by the formula."""
    for kind in (D.Gamma, D.Normal):
        leaves = [ag.tensor(v, dtype=ag.float64, requires_grad=True) for v in (2.0, 3.0)]
        d = kind(*leaves)
        general = D.ExponentialFamily.entropy(d)
        assert np.isclose(general.item(), d.entropy().item())
        for g, w in zip(
            gradients(ag, general, leaves), gradients(ag, d.entropy(), leaves), strict=True
        ):
            np.testing.assert_allclose(g, w, atol=1e-9)


def test_half_types_have_distributions() -> None:
    for dtype in (ag.float16, ag.bfloat16):
        d = D.Categorical(ag.tensor([0.1, 0.2, 0.7], dtype=dtype))
        assert d.log_prob(d.sample()).dtype is dtype
        assert D.Normal(ag.zeros(3, dtype=dtype), 1.0).sample().dtype is dtype
