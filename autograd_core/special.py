"""Special functions: ``autograd_core.special``, as ``torch.special``."""

from __future__ import annotations

from autograd_core.ops.erf import erf, erfc
from autograd_core.ops.explog import exp2, expm1, log1p
from autograd_core.ops.norms import logsumexp
from autograd_core.ops.rounding import round
from autograd_core.ops.softmax import log_softmax, softmax
from autograd_core.ops.special import entr, logit, ndtr, sigmoid, xlog1py, xlogy
from autograd_core.ops.trig import sinc

expit = sigmoid

__all__ = [
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
