"""Bessel functions of whole orders: J and Y of the first and second kind, K the modified ones of
the second kind, and spherical ones. For I see bessel_i.

Three ways, by the size of x: the power series; Miller's recurrence (J), which runs from high orders
down and is scaled by what the sum of all is known to be, with Neumann's series of those (Y); and
Hankel's asymptotic series. The modified ones are integrals that the trapezoidal rule has to the
last digits. All is computed in float64, whatever comes in.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.families import unary
from autograd_core.op import Op
from autograd_core.ops.erf import _polynomial
from autograd_core.registry import At

_SMALL, _LARGE = 4.0, 25.0
_START = 72  # the order at which Miller's recurrence starts; even
_GAMMA = float(np.euler_gamma)
_TERMS = range(28)


def _harmonic(k: int) -> float:
    return math.fsum(1 / j for j in range(1, k + 1))


# In powers of (x / 2) ** 2: J, I of orders 0 and 1, and what Y, K have besides logarithms.
_I = tuple(tuple(1 / (math.factorial(k) * math.factorial(k + n)) for k in _TERMS) for n in (0, 1))
_K = (
    tuple(c * _harmonic(k) for k, c in enumerate(_I[0])),
    tuple(c * (_harmonic(k) + _harmonic(k + 1) - 2 * _GAMMA) / 2 for k, c in enumerate(_I[1])),
)
_J, _Y = (
    tuple(tuple((-1) ** k * c for k, c in enumerate(terms)) for terms in pair) for pair in (_I, _K)
)


def _series(x: Any) -> tuple[Any, Any, Any, Any]:
    """J0, J1, Y0, Y1 for 0 < x < 4."""
    square, log = x * x / 4, np.log(x / 2)
    j0, j1 = _polynomial(_J[0], square), x / 2 * _polynomial(_J[1], square)
    y0 = 2 / math.pi * ((log + _GAMMA) * j0 - _polynomial(_Y[0], square))
    y1 = 2 / math.pi * (log * j1 - 1 / x - x / 2 * _polynomial(_Y[1], square))
    return j0, j1, y0, y1


def _recurrence(xp: Any, x: Any) -> tuple[Any, Any, Any, Any]:
    """The same for 4 <= x < 25."""
    above, now = xp.zeros_like(x), xp.full_like(x, 1e-250)
    whole, even, odd = (xp.zeros_like(x) for _ in range(3))
    for n in range(_START, 0, -1):
        above, now = now, 2 * n / x * now - above  # of orders n and n - 1
        k, sign = (n - 1) // 2, 1 if (n - 1) // 2 % 2 == 0 else -1
        if n % 2 == 1 and k:
            whole, even = whole + 2 * now, even + sign / k * now
        elif n % 2 == 0 and k:
            odd = odd + sign * (2 * k + 1) / (k * (k + 1)) * now
    whole = whole + now  # J0 + 2 J2 + 2 J4 + ... = 1
    j0, j1, even, odd = (v / whole for v in (now, above, even, odd))
    log = np.log(x / 2) + _GAMMA
    y0 = 2 / math.pi * (log * j0 - 2 * even)
    y1 = 2 / math.pi * ((log - 1) * j1 - j0 / x - odd)
    return j0, j1, y0, y1


def _asymptotic(x: Any) -> tuple[Any, Any, Any, Any]:
    """The same for x >= 25."""
    found = []
    for order in (0, 1):
        term, terms = x * 0 + 1.0, [x * 0, x * 0]
        for k in range(24):
            terms[k % 2] = terms[k % 2] + (term if k // 2 % 2 == 0 else -term)
            term = term * (4 * order * order - (2 * k + 1) ** 2) / (8 * (k + 1) * x)
        found.append(terms)
    root = np.sqrt(1 / (math.pi * x))
    # (cos and sin of x - pi / 4, times the root of 2.)
    cos, sin = np.cos(x) + np.sin(x), np.sin(x) - np.cos(x)
    (p0, q0), (p1, q1) = found
    return (
        root * (p0 * cos - q0 * sin),
        root * (p1 * sin + q1 * cos),
        root * (p0 * sin + q0 * cos),
        root * (q1 * sin - p1 * cos),
    )


def _first_two(xp: Any, x: Any) -> Any:
    """The same for all x > 0."""
    near, far = x < _SMALL, x >= _LARGE
    parts = zip(
        _series(xp.where(near, x, 1.0)),
        _recurrence(xp, xp.where(near | far, 5.0, x)),
        _asymptotic(xp.where(far, x, _LARGE)),
    )
    return [xp.where(near, a, xp.where(far, c, b)) for a, b, c in parts]


def _upward(x: Any, zero: Any, one: Any, order: int, sign: int) -> Any:
    """From orders 0 and 1 to others, by their recurrence."""
    if order == 0:
        return zero
    for n in range(1, order):
        zero, one = one, 2 * n / x * one - sign * zero
    return one


def _first_kind(xp: Any, input: Any, order: int) -> Any:
    x = input.astype(np.float64)
    size = xp.abs(x)
    positive = xp.where((size > 0) & (size < np.inf), size, 1.0)
    j0, j1, _, _ = _first_two(xp, positive)
    value = _upward(positive, j0, j1, order, 1)
    if order > 1:  # upwards, small ones would lose digits
        terms = tuple((-1) ** k / (math.factorial(k) * math.factorial(k + order)) for k in _TERMS)
        small = xp.where(size < _SMALL, size, 0.0)
        series = (small / 2) ** order * _polynomial(terms, small * small / 4)
        value = xp.where(size < _SMALL, series, value)
    value = xp.where(size == 0, float(order == 0), xp.where(size == np.inf, 0.0, value))
    value = xp.where(x < 0, -value, value) if order % 2 else value
    return xp.where(x == x, value, x).astype(input.dtype)


def _second_kind(xp: Any, input: Any, order: int) -> Any:
    x = input.astype(np.float64)
    positive = xp.where((x > 0) & (x < np.inf), x, 1.0)
    _, _, y0, y1 = _first_two(xp, positive)
    value = _upward(positive, y0, y1, order, 1)
    return _at_the_ends(xp, x, value, -np.inf).astype(input.dtype)


def _at_the_ends(xp: Any, x: Any, value: Any, at_zero: float) -> Any:
    """0 at infinity, infinite at 0, and NaN below."""
    value = xp.where(x == np.inf, 0.0, xp.where(x == 0, at_zero, value))
    return xp.where(x >= 0, value, np.nan)


def _modified_second_kind(xp: Any, input: Any, order: int, scaled: bool) -> Any:
    x = input.astype(np.float64)
    near = x < 2
    small = xp.where((x > 0) & near, x, 1.0)
    square, log = small * small / 4, np.log(small / 2)
    k0 = _polynomial(_K[0], square) - (log + _GAMMA) * _polynomial(_I[0], square)
    k1 = 1 / small + small / 2 * (log * _polynomial(_I[1], square) - _polynomial(_K[1], square))
    inner = _upward(small, k0, k1, order, -1)
    # The integral of exp(-x cosh t) cosh(n t) over t from 0 on.
    large = xp.where(~near & (x < np.inf), x, 2.0)
    step = 0.35 / np.sqrt(large)
    total = xp.full_like(large, 0.5)
    for k in range(1, 28):
        t = k * step
        bend = np.sinh(t / 2)
        total = total + np.exp(-2 * large * bend * bend) * np.cosh(order * t)
    outer = step * total
    if scaled:
        inner = inner * np.exp(small)
    else:
        outer = outer * np.exp(-large)
    return _at_the_ends(xp, x, xp.where(near, inner, outer), np.inf).astype(input.dtype)


def _mean_rule(operator: Any, g: Any, input: Any, order: int) -> Any:
    """The derivative of J and of Y: half the difference of the orders beside it."""
    before = operator(input, order - 1) if order else -operator(input, 1)
    return g * ((before - operator(input, order + 1)) / 2)


_J_of = Op(
    "bessel_j",
    _first_kind,
    {"input": lambda g, input, order: _mean_rule(_J_of, g, input, order)},
    keeps_order=True,
)
_Y_of = Op(
    "bessel_y",
    _second_kind,
    {"input": lambda g, input, order: _mean_rule(_Y_of, g, input, order)},
    keeps_order=True,
)


def _modified_rule(g: Any, input: Any, out: Any, order: int, scaled: bool) -> Any:
    sides = _K_of(input, abs(order - 1), scaled) + _K_of(input, order + 1, scaled)
    return g * (out - sides / 2 if scaled else -sides / 2)


_K_of = Op("bessel_k", _modified_second_kind, {"input": _modified_rule})


def _declare(name: str, forward: Any, rule: Any, doc: str, **more: Any) -> Any:
    function = unary(
        name, forward, rule, doc=doc, holomorphic=False, real=True, inplace=False, **more
    )
    function.__module__ = __name__
    return function


def _ordinary(kind: str, of: Op, order: int, title: str, **more: Any) -> Any:
    return _declare(
        f"special.bessel_{kind}{order}",
        lambda x: of(x, order),
        lambda g, input: _mean_rule(of, g, input, order),
        f"Bessel function of the {title} kind of order {order}.",
        **more,
    )


def _modified(order: int, scaled: bool) -> Any:
    return _declare(
        f"special.{'scaled_' * scaled}modified_bessel_k{order}",
        lambda x: _K_of(x, order, scaled),
        lambda g, input, out: _modified_rule(g, input, out, order, scaled),
        f"Modified Bessel function of the second kind of order {order}"
        f"{', times ``exp(input)``' * scaled}.",
        domain=(0.1, 5.0),
        convention=_BELOW,
    )


_BELOW = "infinite at 0, NaN below, as the value"
bessel_j0 = _ordinary("j", _J_of, 0, "first", kinks=[At((0.0,), (0.0,))])
bessel_j1 = _ordinary("j", _J_of, 1, "first", kinks=[At((0.0,), (0.5,))])
bessel_y0 = _ordinary("y", _Y_of, 0, "second", domain=(0.1, 9.0), convention=_BELOW)
bessel_y1 = _ordinary("y", _Y_of, 1, "second", domain=(0.1, 9.0), convention=_BELOW)
modified_bessel_k0, modified_bessel_k1 = _modified(0, False), _modified(1, False)
scaled_modified_bessel_k0, scaled_modified_bessel_k1 = _modified(0, True), _modified(1, True)

# --- spherical Bessel functions -------------------------------------------------------------------


def _spherical_forward(xp: Any, input: Any, order: int) -> Any:
    x = input.astype(np.float64)
    size = xp.abs(x)
    near, large = size < _SMALL, xp.where((size < _SMALL) | xp.isinf(size), _SMALL, size)
    terms, double = [], math.prod(range(1, 2 * order + 2, 2))
    for k in range(28):
        terms.append((-0.5) ** k / (math.factorial(k) * double))
        double *= 2 * (order + k) + 3
    small = xp.where(near, size, 0.0)
    inner = small**order * _polynomial(tuple(terms), small * small)
    before, value = np.cos(large) / large, np.sin(large) / large
    for n in range(order):
        before, value = value, (2 * n + 1) / large * value - before
    value = xp.where(near, inner, xp.where(xp.isinf(size), 0.0, value))
    value = xp.where(x < 0, -value, value) if order % 2 else value
    return xp.where(x == x, value, x).astype(input.dtype)


def _spherical_rule(g: Any, input: Any, order: int) -> Any:
    after = (order + 1) * _spherical(input, order + 1)
    if not order:
        return -g * after
    return g * ((order * _spherical(input, order - 1) - after) / (2 * order + 1))


_spherical = Op("spherical_bessel_j", _spherical_forward, {"input": _spherical_rule})

spherical_bessel_j0 = unary(
    "special.spherical_bessel_j0",
    lambda x: _spherical(x, 0),
    lambda g, input: _spherical_rule(g, input, 0),
    doc="Spherical Bessel function of the first kind of order 0, ``sin(x) / x``.",
    holomorphic=False,
    real=True,
    inplace=False,
    kinks=[At((0.0,), (0.0,))],
)
