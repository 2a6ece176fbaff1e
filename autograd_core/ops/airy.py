"""Airy's function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.families import unary
from autograd_core.op import Op

_FAR = -9.0  # from here down the asymptotic series has all digits
_STEP, _STEPS = 0.1, 90


def _near(xp: Any, x: Any, slope: bool) -> Any:
    """For x > -9: the integral of exp(i (t**3 / 3 + x t)) along t = u + i c, through the saddle
    where there is one, by the trapezoidal rule."""
    c = np.sqrt(xp.maximum(x, 0.5))
    total = xp.zeros_like(x)
    for k in range(_STEPS):
        u = k * _STEP
        fall = np.exp(c**3 / 3 - x * c - c * u * u)
        angle = u * (u * u / 3 + x - c * c)
        if slope:  # times i t = i u - c
            part = -fall * (c * np.cos(angle) + u * np.sin(angle))
        else:
            part = fall * np.cos(angle)
        total = total + (part / 2 if k == 0 else part)
    return total * (_STEP / math.pi)


def _asymptotic_terms() -> tuple[list[float], list[float]]:
    u = [1.0]
    for k in range(20):
        u.append(u[-1] * (6 * k + 1) * (6 * k + 3) * (6 * k + 5) / (216 * (k + 1) * (2 * k + 1)))
    return u, [c * (6 * k + 1) / (1 - 6 * k) for k, c in enumerate(u)]


_TERMS = _asymptotic_terms()


def _far(xp: Any, x: Any, slope: bool) -> Any:
    """For x <= -9."""
    z = -x
    zeta = 2 / 3 * z * np.sqrt(z)
    sides = [xp.zeros_like(z), xp.zeros_like(z)]
    for k, c in enumerate(_TERMS[slope]):
        sides[k % 2] = sides[k % 2] + (-1) ** (k // 2) * c / zeta**k
    even, odd = sides
    cos, sin = np.cos(zeta - math.pi / 4), np.sin(zeta - math.pi / 4)
    if slope:
        return z**0.25 / math.sqrt(math.pi) * (sin * even - cos * odd)
    return (cos * even + sin * odd) / (math.sqrt(math.pi) * z**0.25)


def _airy_forward(xp: Any, input: Any, slope: bool) -> Any:
    x = input.astype(np.float64)
    left = x <= _FAR
    near = xp.where(left | (x > 110), 0.0, x)  # above, it is less than the smallest number
    far = xp.where(left & (x > -np.inf), x, _FAR)
    value = xp.where(left, _far(xp, far, slope), _near(xp, near, slope))
    value = xp.where((x > 110) | (x == -np.inf), 0.0, value)
    return xp.where(x == x, value, x).astype(input.dtype)


# Ai, and Ai', whose derivative is x Ai.
_airy = Op("airy", _airy_forward, {"input": lambda g, input, slope: _airy_rule(g, input, slope)})


def _airy_rule(g: Any, input: Any, slope: bool) -> Any:
    return g * input * _airy(input, False) if slope else g * _airy(input, True)


airy_ai = unary(
    "special.airy_ai",
    lambda x: _airy(x, False),
    lambda g, input: _airy_rule(g, input, False),
    doc="Airy's function Ai.",
    holomorphic=False,
    real=True,
    inplace=False,
)
