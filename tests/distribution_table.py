"""Distributions with parameters, here and in PyTorch, for the tests that compare them."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_core as ag

_rng = np.random.default_rng(0)


def positive(*shape: int) -> Any:
    return _rng.uniform(0.3, 3, shape)


def real(*shape: int) -> Any:
    return _rng.normal(size=shape)


def chance(*shape: int) -> Any:
    return _rng.uniform(0.1, 0.9, shape)


def definite(*batch: int) -> Any:
    root = _rng.normal(size=(*batch, 3, 3))
    return root @ np.swapaxes(root, -1, -2) + 3 * np.eye(3)


def triangular(*batch: int) -> Any:
    return np.linalg.cholesky(definite(*batch))


NEAR_HALF = np.array([0.2, 0.5, 0.7, 0.4995])

# Class, its parameters (arrays become tensors that require grad).
CASES: dict[str, tuple[str, dict[str, Any]]] = {}


def _enter(name: str, **parameters: Any) -> None:
    key = name if name not in CASES else f"{name} by {next(reversed(parameters))}"
    CASES[key] = (name, parameters)


_enter("Normal", loc=real(2, 3), scale=positive(3))
_enter("LogNormal", loc=real(3), scale=positive(2, 3))
_enter("HalfNormal", scale=positive(3))
_enter("LogisticNormal", loc=real(2, 3), scale=positive(2, 3))
_enter("Cauchy", loc=real(3), scale=positive(3))
_enter("HalfCauchy", scale=positive(3))
_enter("Laplace", loc=real(3), scale=positive(3))
_enter("Gumbel", loc=real(3), scale=positive(3))
_enter("StudentT", df=positive(4) * 3, loc=real(4), scale=positive(4))
_enter("Uniform", low=real(3), high=real(3) + 4)
_enter("Kumaraswamy", concentration1=positive(3), concentration0=positive(3))
_enter("ContinuousBernoulli", probs=NEAR_HALF)
_enter("ContinuousBernoulli", logits=real(3))
_enter("Exponential", rate=positive(3))
_enter("Weibull", scale=positive(3), concentration=positive(3) + 1)
_enter("Pareto", scale=positive(3), alpha=positive(3) + 2.1)
_enter(
    "GeneralizedPareto",
    loc=real(4), scale=positive(4), concentration=np.array([-0.4, 0.1, 0.2, 0.4]),
)  # fmt: skip
_enter("Gamma", concentration=positive(2, 3), rate=positive(3))
_enter("Chi2", df=positive(3) * 3)
_enter("InverseGamma", concentration=positive(3) + 2, rate=positive(3))
_enter("FisherSnedecor", df1=positive(3) * 3, df2=positive(3) * 3 + 4)
_enter("Beta", concentration1=positive(3) + 1, concentration0=positive(2, 3) + 1)
_enter("Dirichlet", concentration=positive(2, 4) + 1)
_enter("VonMises", loc=real(3), concentration=positive(3) * 3)
_enter("Bernoulli", probs=chance(2, 3))
_enter("Bernoulli", logits=real(3))
_enter("Geometric", probs=chance(3))
_enter("Geometric", logits=real(3))
_enter("Poisson", rate=positive(3) * 4)
_enter("Binomial", total_count=7, probs=chance(3))
_enter("Binomial", total_count=np.array([3.0, 40.0, 100.0]), logits=real(3))
_enter("NegativeBinomial", total_count=positive(3) * 3, probs=chance(3))
_enter("NegativeBinomial", total_count=3.0, logits=real(3))
_enter("Categorical", probs=positive(2, 4))
_enter("Categorical", logits=real(5))
_enter("OneHotCategorical", probs=positive(2, 4))
_enter("OneHotCategoricalStraightThrough", logits=real(2, 4))
_enter("Multinomial", total_count=6, probs=positive(2, 4))
_enter("Multinomial", total_count=6, logits=real(4))
_enter("RelaxedBernoulli", temperature=np.array(0.7), probs=chance(3))
_enter("LogitRelaxedBernoulli", temperature=np.array(0.7), logits=real(3))
_enter("RelaxedOneHotCategorical", temperature=np.array(0.7), logits=real(2, 4))
_enter("MultivariateNormal", loc=real(2, 3), covariance_matrix=definite())
_enter("MultivariateNormal", loc=real(3), precision_matrix=definite(2))
_enter("MultivariateNormal", loc=real(4, 2, 3), scale_tril=triangular(2))
_enter("LowRankMultivariateNormal", loc=real(2, 4), cov_factor=real(4, 2), cov_diag=positive(4))
_enter("LKJCholesky", dim=3, concentration=positive(2))
_enter("Wishart", df=np.array([5.0, 6.5]), covariance_matrix=definite(2))
_enter("Wishart", df=np.array(5.0), scale_tril=triangular())

# PyTorch has these classes, but not among its public names.
PRIVATE = {"LogitRelaxedBernoulli": "relaxed_bernoulli"}


def made(module: Any, key: str, dtype: str = "float64", grad: bool = True) -> tuple[Any, list[Any]]:
    """The distribution of a case, ours or PyTorch's, and its parameters."""
    name, parameters = CASES[key]
    home = module.distributions
    if name in PRIVATE and module is not ag:
        home = getattr(home, PRIVATE[name])
    leaves = []
    arguments = {}
    for parameter, value in parameters.items():
        if isinstance(value, np.ndarray):
            value = module.tensor(value.tolist(), dtype=getattr(module, dtype))
            if grad:
                leaves.append(value.requires_grad_())
        arguments[parameter] = value
    return getattr(home, name)(**arguments), leaves


def numbers(value: Any) -> Any:
    """A tensor's numbers, of either library."""
    return np.array(value.detach().tolist(), np.float64).reshape(tuple(value.shape))


def gradients(module: Any, output: Any, leaves: list[Any], cotangent: Any = None) -> list[Any]:
    """Gradients of a sum, with weights; zeros where there are none."""
    if not output.requires_grad:
        return [np.zeros(tuple(leaf.shape)) for leaf in leaves]
    if cotangent is not None:
        output = output * module.tensor(cotangent.tolist(), dtype=output.dtype)
    found = module.autograd.grad(output.sum(), leaves, allow_unused=True, retain_graph=True)
    return [
        np.zeros(tuple(leaf.shape)) if gradient is None else numbers(gradient)
        for gradient, leaf in zip(found, leaves, strict=True)
    ]
