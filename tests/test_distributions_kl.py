"""Divergences: equal PyTorch's for every pair of families, and what samples say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar

import distribution_table as table
import numpy as np
import pytest
from distribution_table import chance, definite, gradients, numbers, positive, real, triangular

import autograd_core as ag
from autograd_core import distributions
from autograd_core import generator as generators
from autograd_core.distributions import kl_divergence, register_kl


@pytest.fixture(autouse=True)
def same_state() -> Iterator[None]:
    with generators.fork_rng():
        yield


# Two of each family; the second of some has less, or more, than the first's support.
FAMILIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Bernoulli": ({"probs": chance(3)}, {"probs": np.array([0.3, 0.5, 0.9])}),
    "Beta": (
        {"concentration1": positive(3), "concentration0": positive(3)},
        {"concentration1": positive(3), "concentration0": positive(3)},
    ),
    "Binomial": (
        {"total_count": 5, "probs": chance(3)},
        {"total_count": np.array([5.0, 5.0, 4.0]), "probs": chance(3)},
    ),
    "Categorical": ({"probs": positive(3, 4)}, {"logits": real(3, 4)}),
    "Cauchy": ({"loc": real(3), "scale": positive(3)}, {"loc": real(3), "scale": positive(3)}),
    "Chi2": ({"df": positive(3)}, {"df": positive(3)}),
    "ContinuousBernoulli": ({"probs": chance(3)}, {"probs": np.array([0.2, 0.5, 0.7])}),
    "Dirichlet": ({"concentration": positive(3, 4)}, {"concentration": positive(3, 4)}),
    "Exponential": ({"rate": positive(3)}, {"rate": positive(3)}),
    "Gamma": (
        {"concentration": positive(3), "rate": positive(3)},
        {"concentration": positive(3), "rate": positive(3)},
    ),
    "Geometric": ({"probs": chance(3)}, {"probs": chance(3)}),
    "Gumbel": ({"loc": real(3), "scale": positive(3)}, {"loc": real(3), "scale": positive(3)}),
    "HalfNormal": ({"scale": positive(3)}, {"scale": positive(3)}),
    "Laplace": ({"loc": real(3), "scale": positive(3)}, {"loc": real(3), "scale": positive(3)}),
    "LogNormal": ({"loc": real(3), "scale": positive(3)}, {"loc": real(3), "scale": positive(3)}),
    "LowRankMultivariateNormal": (
        {"loc": real(3, 3), "cov_factor": real(3, 2), "cov_diag": positive(3)},
        {"loc": real(3, 3), "cov_factor": real(3, 3, 2), "cov_diag": positive(3, 3)},
    ),
    "MultivariateNormal": (
        {"loc": real(3, 3), "covariance_matrix": definite(3)},
        {"loc": real(3, 3), "scale_tril": triangular()},
    ),
    "Normal": ({"loc": real(3), "scale": positive(3)}, {"loc": real(3), "scale": positive(3)}),
    "OneHotCategorical": ({"probs": positive(3, 4)}, {"logits": real(3, 4)}),
    "Pareto": (
        {"scale": positive(3), "alpha": np.array([0.5, 1.5, 3.0])},
        {"scale": positive(3), "alpha": positive(3)},
    ),
    "Poisson": ({"rate": positive(3)}, {"rate": positive(3)}),
    "Uniform": (
        {"low": np.array([0.1, 0.3, 0.05]), "high": np.array([0.8, 0.9, 0.5])},
        {"low": np.array([-0.1, 0.0, 0.2]), "high": np.array([1.0, 1.5, 0.9])},
    ),
}
PAIRS = [(p, q) for p in FAMILIES for q in FAMILIES]

# PyTorch has infinity for every uniform distribution but some that are too narrow.
WRONG_IN_PYTORCH = {("ContinuousBernoulli", "Uniform")}


def made(module: Any, name: str, second: int, dtype: str = "float64") -> tuple[Any, list[Any]]:
    table.CASES["pair"] = (name, FAMILIES[name][second])
    try:
        return table.made(module, "pair", dtype)
    finally:
        del table.CASES["pair"]


def test_every_pair_equals_pytorch() -> None:
    torch = pytest.importorskip("torch")
    failures, compared = [], 0
    for p, q in PAIRS:
        if (p, q) in WRONG_IN_PYTORCH:
            continue
        (p1, leaves1), (q1, leaves2) = made(torch, p, 0), made(torch, q, 1)
        (p2, leaves3), (q2, leaves4) = made(ag, p, 0), made(ag, q, 1)
        try:
            want = torch.distributions.kl_divergence(p1, q1)
        except NotImplementedError:
            with pytest.raises(NotImplementedError):
                kl_divergence(p2, q2)
            continue
        got = kl_divergence(p2, q2)
        compared += 1
        values, wanted = numbers(got), numbers(want)
        if not np.allclose(values, wanted, rtol=1e-10, atol=1e-10):
            failures.append(f"{p}, {q}: {values} instead of {wanted}")
            continue
        finite = np.isfinite(wanted)
        # The gradients of those that are finite.
        weights = finite.astype(float)
        got = ag.where(ag.tensor(finite.tolist()), got, 0.0)
        want = torch.where(torch.tensor(finite), want, 0.0)
        for g, w in zip(
            gradients(ag, got, leaves3 + leaves4, weights),
            gradients(torch, want, leaves1 + leaves2, weights),
            strict=True,
        ):
            if not np.allclose(g, w, rtol=1e-8, atol=1e-9):
                failures.append(f"{p}, {q}: gradient {g} instead of {w}")
    assert not failures, "\n".join(failures)
    assert compared > 95


def test_all_that_pytorch_has() -> None:
    torch = pytest.importorskip("torch")
    from autograd_core.distributions import kl

    ours = {tuple(kind.__name__ for kind in pair) for pair in kl._FUNCTIONS}
    theirs = {tuple(kind.__name__ for kind in pair) for pair in torch.distributions.kl._KL_REGISTRY}
    assert theirs <= ours


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ("Beta", "Gamma"), ("Beta", "ContinuousBernoulli"), ("Gamma", "Gumbel"),
        ("Normal", "Laplace"), ("Uniform", "Beta"), ("Uniform", "Pareto"), ("Exponential", "Gamma"),
        ("ContinuousBernoulli", "Uniform"), ("Gumbel", "Normal"), ("Laplace", "Normal"),
        ("MultivariateNormal", "LowRankMultivariateNormal"),
    ],
)  # fmt: skip
def test_means_of_samples(p: str, q: str) -> None:
    ag.manual_seed(0)
    (first, _), (second, _) = made(ag, p, 0), made(ag, q, 1)
    if (p, q) == ("Uniform", "Pareto"):
        second = distributions.Pareto(ag.full((3,), 0.05, dtype=ag.float64), second.alpha)
    want = numbers(kl_divergence(first, second))
    x = first.sample((40_000,))
    second._validate_args = False
    off = numbers(first.log_prob(x) - second.log_prob(x))[:, np.isfinite(want)]
    want = want[np.isfinite(want)]
    assert want.size
    error = off.std(0) / math.sqrt(len(off))
    assert (abs(off.mean(0) - want) < 5 * error).all()


def test_batches_broadcast() -> None:
    p = distributions.Normal(ag.zeros(3), 1.0)
    assert (
        kl_divergence(p, distributions.Gamma(ag.ones(2, 1), 1.0)).tolist() == [[math.inf] * 3] * 2
    )
    q = distributions.Uniform(ag.tensor([[-1.0], [0.5]]), 4.0)
    assert kl_divergence(distributions.Beta(ag.ones(3), 1.0), q).shape == (2, 3)
    wide = distributions.MultivariateNormal(ag.zeros(2, 1, 3), ag.eye(3))
    narrow = distributions.MultivariateNormal(ag.zeros(4, 3), 2 * ag.eye(3))
    assert kl_divergence(wide, narrow).shape == (2, 4)


def test_never_and_always() -> None:
    """What never happens under p counts nothing, what never happens under q without end."""
    chances = [[0.0, 0.0], [0.0, 0.5], [0.0, 1.0], [0.5, 0.0], [0.5, 0.5], [1.0, 1.0], [1.0, 0.5]]
    p, q = (ag.tensor(column) for column in zip(*chances, strict=True))
    coins = kl_divergence(distributions.Bernoulli(p), distributions.Bernoulli(q)).tolist()
    dice = kl_divergence(
        distributions.Categorical(ag.stack([p, 1 - p], -1)),
        distributions.Categorical(ag.stack([q, 1 - q], -1)),
    ).tolist()
    want = [0.0, math.log(2), math.inf, math.inf, 0.0, 0.0, math.log(2)]
    assert np.allclose(coins, want, atol=1e-5) and np.allclose(dice, want, atol=1e-5)


def test_composed_distributions() -> None:
    normal = distributions.Normal
    p, q = (distributions.Independent(normal(ag.zeros(2, 3), s), 1) for s in (1.0, 2.0))
    inner = kl_divergence(normal(0.0, 1.0), normal(0.0, 2.0)).item()
    assert np.allclose(kl_divergence(p, q).tolist(), [3 * inner] * 2)
    with pytest.raises(NotImplementedError, match="different numbers of dimensions"):
        kl_divergence(p, distributions.Independent(normal(ag.zeros(2, 3), 1.0), 2))
    with pytest.raises(NotImplementedError, match="transformed in different ways"):
        kl_divergence(distributions.LogNormal(0.0, 1.0), distributions.HalfCauchy(1.0))
    a, b = (distributions.LogisticNormal(ag.zeros(3), ag.full((3,), s)) for s in (1.0, 2.0))
    assert np.allclose(kl_divergence(a, b).item(), 3 * inner)


def test_special_classes_go_first() -> None:
    class Special(distributions.Normal): ...

    class More(Special): ...

    @register_kl(Special, distributions.Normal)
    def special(p: Any, q: Any) -> Any:
        return "special"

    @register_kl(distributions.Normal, More)
    def more(p: Any, q: Any) -> Any:
        return "more"

    plain, one, two = (kind(0.0, 1.0) for kind in (distributions.Normal, Special, More))
    assert kl_divergence(one, plain) == kl_divergence(two, two) == "special"
    assert kl_divergence(plain, two) == "more"
    assert kl_divergence(plain, one).item() == 0.0


def test_what_cannot_be_compared() -> None:
    with pytest.raises(
        NotImplementedError, match="no formula for VonMises and Normal. Mend: enter"
    ):
        kl_divergence(distributions.VonMises(0.0, 1.0), distributions.Normal(0.0, 1.0))
    with pytest.raises(NotImplementedError, match="no formula for Bernoulli and Gamma"):
        kl_divergence(distributions.Bernoulli(0.5), distributions.Gamma(1.0, 1.0))
    with pytest.raises(TypeError, match="expected classes of distributions"):
        register_kl(distributions.Normal, int)
    with pytest.raises(ValueError, match="vectors of different sizes"):
        kl_divergence(
            distributions.MultivariateNormal(ag.zeros(2), ag.eye(2)),
            distributions.MultivariateNormal(ag.zeros(3), ag.eye(3)),
        )


def test_a_family_of_ones_own() -> None:
    """An exponential family needs its log normalizer, and nothing more."""

    class Rate(distributions.ExponentialFamily):
        arg_constraints: ClassVar[Any] = {"rate": distributions.constraints.positive}
        support = distributions.constraints.nonnegative
        _mean_carrier_measure = 0.0

        def __init__(self, rate: Any) -> None:
            self.rate = rate
            super().__init__(rate.shape)

        @property
        def _natural_params(self) -> tuple[Any, ...]:
            return (-self.rate,)

        def _log_normalizer(self, *natural_params: Any) -> Any:
            return -ag.log(-natural_params[0])

    p, q = (ag.tensor([1.0, 3.0], dtype=ag.float64, requires_grad=True) for _ in range(2))
    known = distributions.Exponential(p), distributions.Exponential(q * 2)
    own = Rate(p), Rate(q * 2)
    for a, b in (
        (own[0].entropy(), known[0].entropy()),
        (kl_divergence(*own), kl_divergence(*known)),
    ):
        assert np.allclose(a.tolist(), b.tolist())
        for x, y in zip(gradients(ag, a, [p, q]), gradients(ag, b, [p, q]), strict=True):
            assert np.allclose(x, y)
