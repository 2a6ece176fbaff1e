"""Operators that leave out elements: ``autograd_core.masked``, as ``torch.masked``.

Example:
    >>> import autograd_core as ag
    >>> ag.masked.sum(ag.tensor([1.0, 2.0, 4.0]), mask=ag.tensor([True, False, True]))
    tensor(5.)
"""

from __future__ import annotations

from autograd_core.ops.masked import (
    amax,
    amin,
    argmax,
    argmin,
    logsumexp,
    mean,
    median,
    norm,
    prod,
    std,
    sum,
    var,
)
from autograd_core.ops.masked_along import (
    cumprod,
    cumsum,
    log_softmax,
    logaddexp,
    normalize,
    softmax,
    softmin,
)

__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "cumprod",
    "cumsum",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "mean",
    "median",
    "norm",
    "normalize",
    "prod",
    "softmax",
    "softmin",
    "std",
    "sum",
    "var",
]
