"""Bessel functions I, the modified ones of the first kind, of whole orders."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.families import unary
from autograd_core.op import Op
from autograd_core.ops.arithmetic import sgn
from autograd_core.ops.erf import _polynomial
from autograd_core.ops.precision import widen
from autograd_core.registry import REGISTRY, At

# sqrt(x) exp(-x) I(x) for x >= 8, of orders 0 and 1: Chebyshev approximations, as polynomials in
# t = 16 / x - 1, from the constant term up.
_FAR = (
    (
        0.40217650944500808, 0.0033605519836678864, 0.00013621607439193051, 1.1143033788352454e-5,
        1.4838475658279248e-6, 2.9735993830791434e-7, 8.8722197379040538e-8, 3.9324708328742365e-8,
        2.1548377974791597e-8, 7.5637720155460313e-9, -6.7476579561075236e-9,
        -1.3453822931523279e-8, -5.4047715675799594e-9, 7.6976620190625104e-9,
        7.4304646503254291e-9, -3.8209951230900039e-9, -5.9535694382648954e-9,
        1.9833590368787047e-9, 3.6379546359011191e-9, -1.0267340552488975e-9,
        -1.6189806836246847e-9, 4.3888610449923766e-10, 4.5770876316436333e-10,
        -1.2429481430538509e-10, -6.0676315706030229e-11, 1.6645473602875411e-11,
    ),
    (
        0.38939845902587233, -0.0097495771932357595, -0.00021923576383388928,
        -1.503854719814553e-5, -1.8349101326980947e-6, -3.4838565069237384e-7,
        -1.0001288294864884e-7, -4.312811174972107e-8, -2.3373928208142639e-8,
        -8.4362904302345633e-9, 6.7344648153015916e-9, 1.4076395500755022e-8,
        5.9744376080402653e-9, -7.7785927639704247e-9, -7.8883515078620802e-9,
        3.7219797447255558e-9, 6.2427412197864496e-9, -1.8736450470066886e-9,
        -3.7946708962083437e-9, 9.5685236249059683e-10, 1.6848984479705173e-9,
        -4.0869842334737308e-10, -4.7588188387038632e-10, 1.1618136302873163e-10,
        6.3059651971500721e-11, -1.5626599071980563e-11,
    ),
)  # fmt: skip


def _series(order: int) -> tuple[float, ...]:
    """The power series of ``I(x) / (x/2)**order`` in ``(x/2)**2``; no term is negative."""
    return tuple(1 / (math.factorial(k) * math.factorial(k + order)) for k in range(30))


def _far(z: Any, order: int) -> Any:
    """exp(-z) I(z) for z >= 8: orders from 2 on by recurrence."""
    t = 16 / z - 1
    before, value = (_polynomial(c, t) / np.sqrt(z) for c in _FAR)
    if order == 0:
        return before
    for n in range(1, order):
        before, value = value, before - value * (2 * n / z)
    return value


def _forward(xp: Any, input: Any, order: int, scaled: bool) -> Any:
    x = widen(input)
    z = xp.abs(x)
    near = z < 8
    small, large = xp.where(near, z, 0), xp.where(near, 8, z)
    decay = np.exp(-small) if scaled else 1
    inner = decay * (small / 2) ** order * _polynomial(_series(order), small * small / 4)
    outer = _far(large, order) * (1 if scaled else np.exp(large))
    value = xp.where(near, inner, outer)
    infinite = xp.isinf(z)
    value = xp.where(infinite, 0.0 if scaled else np.inf, value)
    value = xp.where(x < 0, -value, value) if order % 2 else value
    return xp.where(x == x, value, x).astype(input.dtype)


def _rule(g: Any, input: Any, out: Any, order: int, scaled: bool) -> Any:
    """I' is the mean of the orders before and after; order -1 is order 1."""
    slope = (_modified(input, abs(order - 1), scaled) + _modified(input, order + 1, scaled)) / 2
    return g * (slope - sgn(input) * out if scaled else slope)


# I of a whole order; scaled by exp(-|x|) if asked for.
_modified = Op("modified_bessel", _forward, {"input": _rule})


def _declare(name: str, order: int, scaled: bool, **more: Any) -> Any:
    scale = ", times ``exp(-|x|)``" if scaled else ""
    function = unary(
        name,
        lambda x: _modified(x, order, scaled),
        lambda g, input: _rule(
            g, input, _modified(input, order, scaled) if scaled else None, order, scaled
        ),
        doc=f"Modified Bessel function of the first kind of order {order}{scale}.",
        holomorphic=False,
        real=True,
        **more,
    )
    function.__module__ = __name__
    REGISTRY[name].inplace = name == "i0"
    return function


_KINK = "0 at 0, where the factor ``exp(-|x|)`` has a corner"
i0 = _declare("i0", 0, False, reference=np.i0, aliases=("special.i0", "special.modified_bessel_i0"))
i0e = _declare(
    "special.i0e",
    0,
    True,
    reference=lambda x: np.i0(x) * np.exp(-abs(x)),
    convention=_KINK,
    kinks=[At((0.0,), (0.0,))],
)
i1 = _declare(
    "special.i1",
    1,
    False,
    kinks=[At((0.0,), (0.5,))],
    aliases=("special.modified_bessel_i1",),
)
i1e = _declare("special.i1e", 1, True, kinks=[At((0.0,), (0.5,))])
