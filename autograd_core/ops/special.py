"""Special functions: sigmoid and its inverse, logarithms of sums, entropy and their like."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.families import binary, unary
from autograd_core.ops.clamping import clamp
from autograd_core.ops.erf import erfc
from autograd_core.ops.explog import exp, log
from autograd_core.ops.precision import wide
from autograd_core.ops.selection import only, where
from autograd_core.registry import REGISTRY, At


@wide
def _sigmoid(x: Any) -> Any:
    out = np.exp(-x)
    out += 1
    return 1 / out


sigmoid = unary(
    "sigmoid",
    _sigmoid,
    lambda g, out: g * (out * (1 - out)),
    doc="``1 / (1 + exp(-x))``: maps all numbers to (0, 1).",
    reference=lambda x: 1 / (1 + np.exp(-x)),
    aliases=("special.expit", "nn.functional.sigmoid"),
)

_logit = unary(
    "logit",
    wide(lambda x: np.log(x) - np.log1p(-x)),
    lambda g, input, out: g * where(out == out, 1 / (input * (1 - input)), math.nan),
    doc="Inverse of the sigmoid",
    domain=(0.1, 0.9),
    real=True,
    reference=lambda x: np.log(x / (1 - x)),
    aliases=("special.logit",),
    convention="infinite at 0 and 1; NaN beyond, as the value is",
)


def logit(input: Any, eps: float | None = None) -> Any:
    """Inverse of the sigmoid: ``log(input / (1 - input))``.

    Args:
        input: probabilities.
        eps: clamp them to [eps, 1 - eps] first.

    Source: PyTorch, ``torch.logit``.

    Example:
        >>> import autograd_core as ag
        >>> ag.logit(ag.tensor([0.5]))
        tensor([0.])
    """
    if eps is None:
        return _logit(input)
    return _logit(clamp(input if input.is_floating_point() else input.float(), eps, 1 - eps))


REGISTRY["logit"].function = logit


@wide
def log_add(x: Any, y: Any) -> Any:
    """``log(exp(x) + exp(y))`` of arrays, also complex ones."""
    if x.dtype.kind != "c":
        return np.logaddexp(x, y)
    xp = backend_of(x).xp
    turned = x.real < y.real
    high, low = xp.where(turned, y, x), xp.where(turned, x, y)
    out = high + xp.log1p(xp.exp(low - high))
    return xp.where((low.real == high.real) & xp.isinf(low.real), low, out)


def _share(g: Any, input: Any, other: Any, scale: float) -> Any:
    """The part of ``input`` in a sum of exponentials; half where both are the same infinity."""
    same = (input == other) & ((input - input) != 0)
    return g * sigmoid(where(same, 0, input - other) * scale)


logaddexp = binary(
    "logaddexp",
    log_add,
    {
        "input": lambda g, input, other: _share(g, input, other, 1.0),
        "other": lambda g, input, other: _share(g, other, input, 1.0),
    },
    doc="``log(exp(input) + exp(other))``, without overflow.",
    to_float=True,
    reference=np.logaddexp,
    inplace=False,
    convention="half to each where both are -inf, where PyTorch has NaN",
    kinks=[At((-math.inf, -math.inf), (0.5, 0.5))],
)

logaddexp2 = binary(
    "logaddexp2",
    wide(np.logaddexp2),
    {
        "input": lambda g, input, other: _share(g, input, other, math.log(2)),
        "other": lambda g, input, other: _share(g, other, input, math.log(2)),
    },
    doc="``log2(2**input + 2**other)``, without overflow.",
    to_float=True,
    holomorphic=False,
    inplace=False,
    convention="half to each where both are -inf, where PyTorch has NaN",
    kinks=[At((-math.inf, -math.inf), (0.5, 0.5))],
)


def _times_log(logarithm: Any) -> Any:
    @wide
    def function(x: Any, y: Any) -> Any:
        xp = backend_of(x).xp
        return xp.where((x == 0) & (y == y), 0, x * logarithm(y)).astype(x.dtype)

    return function


def _ratio(g: Any, input: Any, other: Any) -> Any:
    """``g * input / other``, 0 for 0 / 0."""
    zero = (input == 0) & (other == 0)
    return only(~zero, g * (input / (other + zero)))


xlogy = binary(
    "xlogy",
    _times_log(np.log),
    {
        "input": lambda g, input, other: only((input != 0) | (other > 0), xlogy(g, other)),
        "other": lambda g, input, other: _ratio(g, input, other),
    },
    doc="``input * log(other)``, 0 where ``input`` is 0.",
    to_float=True,
    other_domain=(0.3, 2.0),
    holomorphic=False,
    real=True,
    convention="0 at (0, 0), where PyTorch has NaN for the second",
    kinks=[At((0.0, 0.0), (0.0, 0.0))],
    aliases=("special.xlogy",),
)

xlog1py = binary(
    "special.xlog1py",
    _times_log(np.log1p),
    {
        "input": lambda g, input, other: only((input != 0) | (other > -1), xlog1py(g, other)),
        "other": lambda g, input, other: _ratio(g, input, other + 1),
    },
    doc="``input * log(1 + other)``, 0 where ``input`` is 0.",
    to_float=True,
    other_domain=(-0.7, 2.0),
    holomorphic=False,
    real=True,
    convention="0 at (0, -1), where PyTorch has NaN for the second",
    kinks=[At((0.0, -1.0), (0.0, 0.0))],
    inplace=False,
)


@wide
def _entr(x: Any) -> Any:
    where = backend_of(x).xp.where
    inside = where(x > 0, -x * np.log(where(x > 0, x, 1)), 0 * x)
    return where(x < 0, -np.inf, inside).astype(x.dtype)


entr = unary(
    "special.entr",
    _entr,
    lambda g, input: g * (-log(input) - 1),
    doc="Entropy ``-x log(x)``; 0 at 0, -inf below.",
    domain=(0.2, 3.0),
    holomorphic=False,
    real=True,
    convention="infinite at 0; NaN below",
)
REGISTRY["special.entr"].inplace = False

_ROOT_HALF, _DENSITY = math.sqrt(0.5), 1 / math.sqrt(2 * math.pi)

ndtr = unary(
    "special.ndtr",
    wide(lambda x: erfc(x * -_ROOT_HALF) * 0.5),
    lambda g, input: g * (exp(input * input * -0.5) * _DENSITY),
    doc="The standard normal distribution function.",
    holomorphic=False,
    real=True,
)
REGISTRY["special.ndtr"].inplace = False
