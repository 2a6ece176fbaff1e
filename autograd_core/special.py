"""Special functions: ``autograd_core.special``, as ``torch.special``."""

from __future__ import annotations

from autograd_core.ops.bessel import i0, i0e, i1, i1e
from autograd_core.ops.erf import erf, erfc
from autograd_core.ops.explog import exp2, expm1, log1p
from autograd_core.ops.gamma import digamma, polygamma
from autograd_core.ops.gamma import lgamma as gammaln
from autograd_core.ops.gamma import mvlgamma as multigammaln
from autograd_core.ops.incomplete_gamma import igamma as gammainc
from autograd_core.ops.incomplete_gamma import igammac as gammaincc
from autograd_core.ops.normal import erfcx, erfinv, log_ndtr, ndtri
from autograd_core.ops.norms import logsumexp
from autograd_core.ops.rounding import round
from autograd_core.ops.softmax import log_softmax, softmax
from autograd_core.ops.special import entr, logit, ndtr, sigmoid, xlog1py, xlogy
from autograd_core.ops.trig import sinc

expit, psi = sigmoid, digamma

__all__ = [
    "digamma",
    "erfcx",
    "erfinv",
    "gammainc",
    "gammaincc",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "log_ndtr",
    "multigammaln",
    "ndtri",
    "polygamma",
    "psi",
    "entr",
    "erf",
    "erfc",
    "exp2",
    "expit",
    "expm1",
    "log1p",
    "log_softmax",
    "logit",
    "logsumexp",
    "ndtr",
    "round",
    "sinc",
    "softmax",
    "xlog1py",
    "xlogy",
]
