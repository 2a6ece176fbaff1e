"""Probability distributions: ``autograd_core.distributions``, as ``torch.distributions``.

Example:
    >>> import autograd_core as ag
    >>> from autograd_core.distributions import Normal, kl_divergence
    >>> loc = ag.tensor(1.0, requires_grad=True)
    >>> kl_divergence(Normal(loc, 1.0), Normal(0.0, 1.0)).backward()
    >>> loc.grad
    tensor(1.)
"""

from __future__ import annotations

from autograd_core.distributions import constraints, kl_pairs, transforms
from autograd_core.distributions.categorical import (
    Categorical,
    Multinomial,
    OneHotCategorical,
    OneHotCategoricalStraightThrough,
)
from autograd_core.distributions.constraint_registry import biject_to, transform_to
from autograd_core.distributions.counts import (
    Bernoulli,
    Binomial,
    Geometric,
    NegativeBinomial,
    Poisson,
)
from autograd_core.distributions.dirichlet import Beta, Dirichlet
from autograd_core.distributions.distribution import Distribution
from autograd_core.distributions.exp_family import ExponentialFamily
from autograd_core.distributions.folded import HalfCauchy, HalfNormal
from autograd_core.distributions.gamma import Chi2, FisherSnedecor, Gamma, InverseGamma
from autograd_core.distributions.independent import Independent
from autograd_core.distributions.interval import ContinuousBernoulli, Kumaraswamy, Uniform
from autograd_core.distributions.kl import kl_divergence, register_kl
from autograd_core.distributions.location_scale import (
    Cauchy,
    Gumbel,
    Laplace,
    StudentT,
)
from autograd_core.distributions.matrices import LKJCholesky, Wishart
from autograd_core.distributions.mixture_same_family import MixtureSameFamily
from autograd_core.distributions.multivariate_normal import (
    LowRankMultivariateNormal,
    MultivariateNormal,
)
from autograd_core.distributions.normal import LogisticNormal, LogNormal, Normal
from autograd_core.distributions.positive import Exponential, GeneralizedPareto, Pareto, Weibull
from autograd_core.distributions.relaxed import (
    LogitRelaxedBernoulli,
    RelaxedBernoulli,
    RelaxedOneHotCategorical,
)
from autograd_core.distributions.transformed_distribution import TransformedDistribution
from autograd_core.distributions.transforms import (
    AbsTransform,
    AffineTransform,
    CatTransform,
    ComposeTransform,
    CorrCholeskyTransform,
    CumulativeDistributionTransform,
    ExpTransform,
    IndependentTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    PowerTransform,
    ReshapeTransform,
    SigmoidTransform,
    SoftmaxTransform,
    SoftplusTransform,
    StackTransform,
    StickBreakingTransform,
    TanhTransform,
    Transform,
    identity_transform,
)
from autograd_core.distributions.von_mises import VonMises

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Chi2",
    "ContinuousBernoulli",
    "Dirichlet",
    "Distribution",
    "Exponential",
    "ExponentialFamily",
    "FisherSnedecor",
    "Gamma",
    "GeneralizedPareto",
    "Geometric",
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "Independent",
    "InverseGamma",
    "Kumaraswamy",
    "LKJCholesky",
    "Laplace",
    "LogNormal",
    "LogisticNormal",
    "LogitRelaxedBernoulli",
    "LowRankMultivariateNormal",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "NegativeBinomial",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Pareto",
    "Poisson",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "StudentT",
    "TransformedDistribution",
    "Uniform",
    "VonMises",
    "Weibull",
    "Wishart",
    "biject_to",
    "constraints",
    "kl_divergence",
    "register_kl",
    "transform_to",
    "transforms",
    "AbsTransform",
    "AffineTransform",
    "CatTransform",
    "ComposeTransform",
    "CorrCholeskyTransform",
    "CumulativeDistributionTransform",
    "ExpTransform",
    "IndependentTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StackTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
]
