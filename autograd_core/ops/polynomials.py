"""Orthogonal polynomials: Chebyshev's four kinds, Hermite's, Laguerre's and Legendre's.

Each family is a recurrence ``p[k + 1] = (a * x + b) * p[k] - c * p[k - 1]``, which derivatives of
any order follow too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.dtypes import get_default_dtype
from autograd_core.op import Op, promote
from autograd_core.ops.cast import cast
from autograd_core.ops.precision import widen
from autograd_core.registry import SMOOTH, Make, Sample, operator

_MOST = 100_000  # degrees; each is a step of the recurrence


class Family(NamedTuple):
    """``p[0] = 1``, ``p[1] = first[0] * x + first[1]``, and ``step(k)`` gives (a, b, c)."""

    first: tuple[float, float]
    step: Callable[[int], tuple[float, float, float]]


def _chebyshev(k: int) -> tuple[float, float, float]:
    return 2.0, 0.0, 1.0


_FAMILIES = {
    "chebyshev_polynomial_t": Family((1, 0), _chebyshev),
    "chebyshev_polynomial_u": Family((2, 0), _chebyshev),
    "chebyshev_polynomial_v": Family((2, -1), _chebyshev),
    "chebyshev_polynomial_w": Family((2, 1), _chebyshev),
    "hermite_polynomial_h": Family((2, 0), lambda k: (2.0, 0.0, 2.0 * k)),
    "hermite_polynomial_he": Family((1, 0), lambda k: (1.0, 0.0, float(k))),
    "laguerre_polynomial_l": Family(
        (-1, 1), lambda k: (-1 / (k + 1), (2 * k + 1) / (k + 1), k / (k + 1))
    ),
    "legendre_polynomial_p": Family((1, 0), lambda k: ((2 * k + 1) / (k + 1), 0.0, k / (k + 1))),
}
for _kind in "tuvw":  # at 2 x - 1
    _slope, _start = _FAMILIES[f"chebyshev_polynomial_{_kind}"].first
    _FAMILIES[f"shifted_chebyshev_polynomial_{_kind}"] = Family(
        (2 * _slope, _start - _slope), lambda k: (4.0, -2.0, 1.0)
    )
_TITLES = {
    "chebyshev_polynomial_t": "Chebyshev polynomial of the first kind",
    "chebyshev_polynomial_u": "Chebyshev polynomial of the second kind",
    "chebyshev_polynomial_v": "Chebyshev polynomial of the third kind",
    "chebyshev_polynomial_w": "Chebyshev polynomial of the fourth kind",
    "hermite_polynomial_h": "Hermite polynomial of the physicists",
    "hermite_polynomial_he": "Hermite polynomial of the statisticians",
    "laguerre_polynomial_l": "Laguerre polynomial",
    "legendre_polynomial_p": "Legendre polynomial",
}


def _values(xp: Any, input: Any, n: Any, name: str, order: int) -> Any:
    """The derivatives of this order of the polynomials of degree n (cut to whole), 0 for n < 0."""
    family = _FAMILIES[name]
    x, degrees = widen(input), xp.trunc(widen(n))
    backend = backend_of(x)
    top = float(backend.item(xp.where(degrees == degrees, degrees, 0).max())) if n.size else 0
    if top > _MOST:
        raise ValueError(f"special.{name}: degrees n up to {_MOST}, got {top:g}")
    slope, start = family.first
    # Derivatives of orders 0 to order, of the polynomials before and now.
    before = [xp.ones_like(x)] + [xp.zeros_like(x)] * order
    now = [slope * x + start, xp.full_like(x, slope), *[xp.zeros_like(x)] * order][: order + 1]
    out = xp.where(degrees == 0, before[order], xp.where(degrees == 1, now[order], 0))
    for k in range(1, int(top)):
        a, b, c = family.step(k)
        factor = a * x + b
        after = [factor * now[0] - c * before[0]]
        for j in range(1, order + 1):
            after.append(factor * now[j] + j * a * now[j - 1] - c * before[j])
        before, now = now, after
        out = xp.where(degrees == k + 1, now[order], out)
    return out.astype(input.dtype)


_polynomial = Op(
    "orthogonal_polynomial", _values,
    {"input": lambda g, input, n, name, order: g * _polynomial(input, n, name, order + 1)},
    inputs=2,
keeps_order=True)  # fmt: skip


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3, low=-1.0, high=1.0), 4)
    yield Sample(make(3, low=-1.0, high=1.0), np.array([[0], [1], [3], [5]]))
    yield Sample(make(), 2)
    yield Sample(make(0, 2), 3)


def _called(family: str, input: Any, n: Any) -> Any:
    operands = promote(f"special.{family}", input, n)
    if getattr(operands[0], "_array", operands[0]).dtype.kind in "biu":
        default = get_default_dtype().numpy
        operands = [
            cast(v, default) if hasattr(v, "_array") else v.astype(default) for v in operands
        ]
    return _polynomial(*operands, family, 0)


def _declare(family: str) -> Callable[..., Any]:
    def function(input: Any, n: Any) -> Any:
        return _called(family, input, n)

    function.__name__ = function.__qualname__ = family
    at = " at ``2 * input - 1``" if family.startswith("shifted") else ""
    function.__doc__ = f"""{_TITLES[family.removeprefix("shifted_")]} of degree ``n``{at}.

    Args:
        input: tensor or number; integers are computed in the default float dtype.
        n: the degrees, a tensor or a number; fractions are cut off, and of negative ones the value
            is 0. They get no gradient.

    Raises:
        ValueError: a degree is above {_MOST}.

    Source: PyTorch, ``torch.special.{family}``.
    """
    return operator(f"special.{family}", samples=_samples, convention=SMOOTH, method=False)(
        function
    )


(
    chebyshev_polynomial_t, chebyshev_polynomial_u, chebyshev_polynomial_v, chebyshev_polynomial_w,
    hermite_polynomial_h, hermite_polynomial_he, laguerre_polynomial_l, legendre_polynomial_p,
    shifted_chebyshev_polynomial_t, shifted_chebyshev_polynomial_u,
    shifted_chebyshev_polynomial_v, shifted_chebyshev_polynomial_w,
) = (_declare(_family) for _family in _FAMILIES)  # fmt: skip
