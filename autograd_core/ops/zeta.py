"""Hurwitz's zeta function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.families import binary
from autograd_core.ops.gamma import _zeta
from autograd_core.ops.precision import wide
from autograd_core.registry import Sample

_MOST_STEPS = 1000


@wide
def _hurwitz(x: Any, q: Any) -> Any:
    """The sum of (q + k) ** -x over k from 0 on."""
    xp = backend_of(x).xp
    pole = (x == 1) | ((q <= 0) & (q == xp.floor(q)))
    outside = (x < 1) | ((q < 0) & (x != xp.floor(x)) & ~pole)
    s, a = xp.where((x > 1) & ~outside, x, 2.0), xp.where(outside | pole, 1.0, q)
    total = xp.zeros_like(a * s)
    steps = float(backend_of(a).item(xp.maximum(-a, 0).max())) if a.size else 0.0
    if steps > _MOST_STEPS:
        raise ValueError(f"special.zeta: other must be above -{_MOST_STEPS}, got {-steps:g}")
    for _ in range(math.ceil(steps)):  # up to positive ones, term by term
        below = a < 0
        total = total + xp.where(below, xp.where(below, a, 1.0) ** -s, 0.0)
        a = xp.where(below, a + 1, a)
    total = total + xp.where(xp.isinf(a), 0.0, _zeta(xp.where(xp.isinf(a), 1.0, a), s))
    value = xp.where(outside, np.nan, xp.where(pole, np.inf, total))
    return xp.where((x == x) & (q == q), value, np.nan).astype(x.dtype)


def _unknown(g: Any) -> Any:
    raise NotImplementedError(
        "special.zeta: the derivative by its first argument is not implemented, as in PyTorch. "
        "Mend: detach it"
    )


zeta = binary(
    "special.zeta",
    _hurwitz,
    {
        "input": lambda g: _unknown(g),
        "other": lambda g, input, other: -g * input * zeta(input + 1, other),
    },
    doc="Hurwitz's zeta function: the sum of ``(other + k) ** -input`` over k from 0 on.",
    to_float=True,
    samples=lambda make: [
        Sample(np.array([[2], [5]]), make(3, low=0.3, high=4.0)),
        Sample(np.array(3), make(low=0.5, high=1.0)),
        Sample(np.array([2, 3]), np.array([-0.6, -2.3])),
    ],
    holomorphic=False,
    inplace=False,
    convention="infinite where the value is",
)
