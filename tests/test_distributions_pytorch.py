"""Distributions equal PyTorch's: densities, moments, samples of the same seed, gradients."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from distribution_table import CASES, gradients, made, numbers
from pytorch_streams import own_stream

import autograd_core as ag
from autograd_core import generator as generators

torch = pytest.importorskip("torch")

by_case = pytest.mark.parametrize("key", CASES)

# What PyTorch computes to fewer digits: by its own polynomials, or in float32 halfway.
LESS_EXACT = {
    ("VonMises", "log_prob"): 1e-6, ("VonMises", "variance"): 1e-6, ("VonMises", "stddev"): 1e-6,
    ("Gamma", "cdf"): 1e-7, ("Chi2", "cdf"): 1e-7, ("InverseGamma", "cdf"): 1e-7,
    ("Multinomial", "entropy"): 1e-6,
}  # fmt: skip
# ... and gradients of these: by polynomials again; by trigamma, which it has to 9 digits.
LESS_EXACT_GRADIENTS = {
    **dict.fromkeys((("VonMises", "log_prob"), ("VonMises", "variance")), 1e-5),
    ("VonMises", "stddev"): 1e-5,
    **{
        (name, "entropy"): 1e-8
        for name in ("Beta", "Dirichlet", "Gamma", "Chi2", "InverseGamma", "StudentT", "Wishart")
    },
    ("InverseGamma", "log_prob"): 1e-9,
}
# Where PyTorch is wrong, or has none; see docs/deviations.md and test_distributions.py.
DIFFERENT = {
    ("Kumaraswamy", "mode"),
    ("GeneralizedPareto", "log_prob"),
    ("GeneralizedPareto", "cdf"),
}
# The gradient of what is above the diagonal of a triangular argument.
TRIANGULAR = {"Wishart by scale_tril"}
# Samples moved by parameters: PyTorch has 3 digits of these derivatives.
IMPLICIT = {
    "Gamma", "Chi2", "InverseGamma", "StudentT", "FisherSnedecor", "Beta", "Dirichlet", "Wishart",
}  # fmt: skip
# From numbers that PyTorch takes from MKL on some processors.
MKL = {"Exponential", "Weibull", "Pareto", "Categorical", "Multinomial"}


@pytest.fixture(autouse=True)
def same_state() -> Iterator[None]:
    with generators.fork_rng():
        yield


def pair(key: str) -> Any:
    """PyTorch's distribution and ours, each with its parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        return (*made(torch, key), *made(ag, key))


def close(ours: Any, theirs: Any, tolerance: float, what: str) -> None:
    assert ours.shape == theirs.shape, f"{what}: shape {ours.shape}, PyTorch {theirs.shape}"
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance, err_msg=what)


def draw(distribution: Any, key: str, module: Any, shape: tuple[int, ...]) -> Any:
    """Samples; of PyTorch's Wishart without its second round, which replaces the good ones."""
    if CASES[key][0] == "Wishart" and module is torch:
        with torch.no_grad():
            return distribution._bartlett_sampling(shape)
    return distribution.sample(shape)


@by_case
def test_shapes_and_text(key: str) -> None:
    theirs, _, ours, _ = pair(key)
    for d in (ours, ours.expand((7, *ours.batch_shape))):
        assert isinstance(d.batch_shape, ag.Size) and isinstance(d.event_shape, ag.Size)
    assert tuple(ours.batch_shape) == tuple(theirs.batch_shape)
    assert tuple(ours.event_shape) == tuple(theirs.event_shape)
    text = repr(theirs).replace("torch.", "autograd_core.")
    assert text == repr(ours) or text.endswith("()")  # ours says more
    assert ours.has_enumerate_support == theirs.has_enumerate_support
    if CASES[key][0] != "LogitRelaxedBernoulli":
        assert ours.has_rsample == theirs.has_rsample
    assert sorted(ours.arg_constraints) == sorted(theirs.arg_constraints)
    assert ours.support.event_dim == theirs.support.event_dim
    assert ours.support.is_discrete == theirs.support.is_discrete
    for e in (True, False) if ours.has_enumerate_support and "logits" not in key else ():
        values = numbers(ours.enumerate_support(e))
        close(values, numbers(theirs.enumerate_support(e)), 0, "enumerate_support")


@by_case
@pytest.mark.parametrize("what", ["mean", "variance", "stddev", "mode", "entropy"])
def test_moments(key: str, what: str) -> None:
    theirs, their_leaves, ours, our_leaves = pair(key)
    name = CASES[key][0]

    def ask(distribution: Any) -> Any:
        try:
            value = getattr(distribution, what)
            return value() if what == "entropy" else value
        except NotImplementedError:
            return None
        except RuntimeError as error:
            assert "not implemented" in str(error)
            return None

    want, got = ask(theirs), ask(ours)
    assert (want is None) == (got is None)
    if want is None or (name, what) in DIFFERENT:
        return
    close(numbers(got), numbers(want), LESS_EXACT.get((name, what), 1e-10), what)
    tolerance = LESS_EXACT_GRADIENTS.get((name, what), 1e-10)
    if name == "Uniform" and what == "mode":
        return  # NaN, with a gradient of NaN there
    for g, w in zip(
        gradients(ag, got, our_leaves), gradients(torch, want, their_leaves), strict=True
    ):
        close(g, w, tolerance, f"gradient of {what}")


@by_case
@pytest.mark.parametrize("what", ["log_prob", "cdf"])
def test_at_values(key: str, what: str) -> None:
    theirs, their_leaves, ours, our_leaves = pair(key)
    name = CASES[key][0]
    torch.manual_seed(4)
    there = draw(theirs, key, torch, (6,))
    here = ag.tensor(there.numpy())
    if not theirs.support.is_discrete and name not in ("LKJCholesky", "Wishart"):
        their_leaves.append(there.requires_grad_())
        our_leaves.append(here.requires_grad_())

    def ask(distribution: Any, value: Any) -> Any:
        try:
            return getattr(distribution, what)(value)
        except NotImplementedError:
            return None

    if (name, what) in DIFFERENT:
        return
    want, got = ask(theirs, there), ask(ours, here)
    assert (want is None) == (got is None)
    if want is None:
        return
    close(numbers(got), numbers(want), LESS_EXACT.get((name, what), 1e-10), what)
    if (name, what) in LESS_EXACT and what == "cdf":
        # PyTorch has the gradient by the value alone.
        their_leaves, our_leaves = their_leaves[-1:], our_leaves[-1:]
        theirs, _ = made(torch, key, grad=False)
        want = ask(theirs, there)
    found = gradients(ag, got, our_leaves)
    for g, w in zip(found, gradients(torch, want, their_leaves), strict=True):
        if key in TRIANGULAR and g.ndim > 1 and g.shape[-1] == g.shape[-2]:
            w = np.tril(w)
        close(g, w, LESS_EXACT_GRADIENTS.get((name, what), 1e-10), f"gradient of {what}")
    # A batch more, by expansion.
    wide = ours.expand((2, *ours.batch_shape)), theirs.expand((2, *theirs.batch_shape))
    close(
        numbers(ask(wide[0], here[:1])), numbers(ask(wide[1], there[:1])),
        LESS_EXACT.get((name, what), 1e-10), f"{what} of the expanded distribution",
    )  # fmt: skip


@by_case
def test_icdf(key: str) -> None:
    theirs, their_leaves, ours, our_leaves = pair(key)
    chances = np.random.default_rng(1).uniform(0.05, 0.95, (4, *theirs.batch_shape))
    try:
        want = theirs.icdf(torch.tensor(chances))
    except NotImplementedError:
        with pytest.raises(NotImplementedError):
            ours.icdf(ag.tensor(chances))
        return
    got = ours.icdf(ag.tensor(chances))
    close(numbers(got), numbers(want), 1e-10, "icdf")
    found = gradients(ag, got, our_leaves)
    for g, w in zip(found, gradients(torch, want, their_leaves), strict=True):
        close(g, w, 1e-9, "gradient of icdf")


@pytest.mark.cpu_only  # of which PyTorch's generator is that of the CPU
@by_case
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_samples_of_the_same_seed(key: str, dtype: str) -> None:
    name = CASES[key][0]
    if name in MKL and not own_stream():
        pytest.skip("PyTorch draws these numbers from MKL on this processor")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (theirs, their_leaves), (ours, our_leaves) = made(torch, key, dtype), made(ag, key, dtype)
    # float32: what differs is the last bits of log, exp and their like.
    tolerance = 1e-11 if dtype == "float64" else 2e-4 if name == "InverseGamma" else 2e-5
    for shape in ((5,), ()):
        torch.manual_seed(4)
        want = draw(theirs, key, torch, shape)
        ag.manual_seed(4)
        got = draw(ours, key, ag, shape)
        close(numbers(got), numbers(want), tolerance, "sample")
        assert str(got.dtype).rpartition(".")[2] == str(want.dtype).rpartition(".")[2]
        assert not got.requires_grad
        assert ag.rand(1).item() == torch.rand(1).item()  # the streams are in step
    if dtype == "float32" or not theirs.has_rsample:
        return
    torch.manual_seed(4)
    want = theirs._bartlett_sampling((5,)) if name == "Wishart" else theirs.rsample((5,))
    ag.manual_seed(4)
    got = ours.rsample((5,))
    close(numbers(got), numbers(want), 1e-11, "rsample")
    cotangent = np.random.default_rng(2).normal(size=got.shape)
    found = gradients(ag, got, our_leaves, cotangent)
    for g, w in zip(found, gradients(torch, want, their_leaves, cotangent), strict=True):
        scale = abs(w).max()
        close(g / scale, w / scale, 2e-3 if name in IMPLICIT else 1e-10, "gradient of rsample")
