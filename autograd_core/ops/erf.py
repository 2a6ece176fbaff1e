"""The error function in array arithmetic, accurate to the last digits of float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.families import unary
from autograd_core.ops.blocks import blockwise
from autograd_core.ops.explog import exp
from autograd_core.ops.precision import wide

# Chebyshev approximations, as polynomials from the constant term up.
# (1 + 2 z) exp(z^2) erfc(z) for z >= 0, in t = (z - 3) / (z + 3), after Shepherd and Laframboise,
# "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < infinity", Mathematics of
# Computation 36 (1981).
_TAIL = (
    1.2530080582697295, -0.13562110612458116, -0.047562294353420379, 0.12964515870275939,
    -0.11927366341676002, 0.068308027344009904, -0.023770514891530075, 0.0025293918156939695,
    0.0018886900977441495, -0.00077983226965433065, -0.00010515831297813128, 0.00012509934245837291,
    4.9441243422236599e-6, -2.0100542268525611e-5, -7.1878838344042667e-7, 3.4723709449771682e-6,
    3.3669790806407596e-7, -6.1660114603987259e-7, -1.2054142286489379e-7, 1.0183620603842737e-7,
    2.7843881265502221e-8, -1.3312919661038688e-8, -3.1813541434969273e-9, 9.8625335103455876e-10,
)  # fmt: skip
# The same to the precision of float32.
_TAIL_SINGLE = (
    1.253008056, -0.1356210694, -0.04756215693, 0.1296441143, -0.1192752753, 0.06831656777,
    -0.02376357644, 0.00249911687, 0.001875079124, -0.000726453679, -9.254516687e-5, 7.731024224e-5,
)  # fmt: skip
# erf(z) / z for 0 <= z <= 1, in t = 2 z^2 - 1.
_CORE = (
    0.96546873866986731, -0.14053608902271712, 0.019852496688983707, -0.0022854855611441132,
    0.00021751715604160107, -1.7537169441124825e-5, 1.223382738352401e-6, -7.5115692866008896e-8,
    4.1158005976649594e-9, -2.035228404899467e-10, 9.1676067460694449e-12, -3.8078827395263413e-13,
    1.454817075960679e-14,
)  # fmt: skip
_CORE_SINGLE = (
    0.9654687386, -0.1405360973, 0.01985249772, -0.002285419529, 0.0002175119898, -1.766908081e-5,
    1.231640173e-6,
)  # fmt: skip


def _polynomial(coefficients: tuple[float, ...], t: Any) -> Any:
    total = t * coefficients[-1]
    for coefficient in coefficients[-2:0:-1]:
        total += coefficient
        total *= t
    total += coefficients[0]
    return total


def _tail(z: Any) -> Any:
    """erfc(z) for z >= 0."""
    single = z.dtype == np.float32
    # exp(-z^2) = exp(-h^2) exp(-(z - h)(z + h)), where h is z cut to few digits, so that h^2 is
    # exact.
    steps = 256.0 if single else 1048576.0
    h = np.trunc(z * steps) / steps
    value = np.exp(-h * h) * np.exp((h - z) * (h + z))
    value *= _polynomial(_TAIL_SINGLE if single else _TAIL, (z - 3) / (z + 3))
    return value / (2 * z + 1)


# erfc(1) as computed, so that the difference below vanishes exactly.
_TAIL_AT_1 = {size: float(_tail(np.ones((), f"f{size}"))) for size in (4, 8)}

# Choices are made with min, max and signs: where() is slow, because the processor has to guess its
# branches.


def _erfc(x: Any) -> Any:
    tail = _tail(np.abs(x).clip(0, 30))  # beyond, erfc is 0 in every dtype
    return (1 - np.copysign(1, x)) + np.copysign(tail, x)


def _core(z: Any) -> Any:
    """erf(z) for 0 <= z <= 1."""
    coefficients = _CORE_SINGLE if z.dtype == np.float32 else _CORE
    return z * _polynomial(coefficients, 2 * np.square(z) - 1)


def _erf(x: Any) -> Any:
    z = np.abs(x)
    beyond = _TAIL_AT_1[x.dtype.itemsize] - _tail(z.clip(1, 30))  # erf(z) - erf(1), 0 below 1
    return np.copysign(beyond + _core(z.clip(0, 1)), x)


def _in_blocks(name: str, compute: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Run in blocks that fit the cache; a backend that has a kernel of this name uses that."""

    @wide
    def function(x: Any) -> Any:
        backend = backend_of(x)
        kernel = backend.kernels.get(name)
        return blockwise(compute, x) if kernel is None else kernel(backend.xp, x)

    return function


def _vectorized(function: Callable[[float], float]) -> Callable[[Any], Any]:
    return lambda x: np.vectorize(function, otypes=[float])(x)


_SLOPE = 2 / math.sqrt(math.pi)

erf = unary(
    "erf", _in_blocks("erf", _erf), lambda g, input: g * (exp(-input * input) * _SLOPE),
    doc="The error function: 2/sqrt(pi) times the integral of exp(-t^2) from 0 to each element.",
    reference=_vectorized(math.erf), holomorphic=False, real=True, aliases=("special.erf",),
)  # fmt: skip

erfc = unary(
    "erfc", _in_blocks("erfc", _erfc), lambda g, input: g * (exp(-input * input) * -_SLOPE),
    doc="``1 - erf(x)``, without loss of precision where erf is near 1.",
    reference=_vectorized(math.erfc), holomorphic=False, real=True, aliases=("special.erfc",),
)  # fmt: skip
