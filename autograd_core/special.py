"""Special functions: ``autograd_core.special``, as ``torch.special``."""

from __future__ import annotations

from autograd_core.ops.airy import airy_ai
from autograd_core.ops.bessel import (
    bessel_j0,
    bessel_j1,
    bessel_y0,
    bessel_y1,
    modified_bessel_k0,
    modified_bessel_k1,
    scaled_modified_bessel_k0,
    scaled_modified_bessel_k1,
    spherical_bessel_j0,
)
from autograd_core.ops.bessel_i import i0, i0e, i1, i1e
from autograd_core.ops.erf import erf, erfc
from autograd_core.ops.explog import exp2, expm1, log1p
from autograd_core.ops.gamma import digamma, polygamma
from autograd_core.ops.gamma import lgamma as gammaln
from autograd_core.ops.gamma import mvlgamma as multigammaln
from autograd_core.ops.incomplete_gamma import igamma as gammainc
from autograd_core.ops.incomplete_gamma import igammac as gammaincc
from autograd_core.ops.normal import erfcx, erfinv, log_ndtr, ndtri
from autograd_core.ops.norms import logsumexp
from autograd_core.ops.polynomials import (
    chebyshev_polynomial_t,
    chebyshev_polynomial_u,
    chebyshev_polynomial_v,
    chebyshev_polynomial_w,
    hermite_polynomial_h,
    hermite_polynomial_he,
    laguerre_polynomial_l,
    legendre_polynomial_p,
    shifted_chebyshev_polynomial_t,
    shifted_chebyshev_polynomial_u,
    shifted_chebyshev_polynomial_v,
    shifted_chebyshev_polynomial_w,
)
from autograd_core.ops.rounding import round
from autograd_core.ops.softmax import log_softmax, softmax
from autograd_core.ops.special import entr, logit, ndtr, sigmoid, xlog1py, xlogy
from autograd_core.ops.trig import sinc
from autograd_core.ops.zeta import zeta

expit, psi = sigmoid, digamma
modified_bessel_i0, modified_bessel_i1 = i0, i1

__all__ = [
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
    "spherical_bessel_j0",
    "zeta",
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
