"""Elementwise methods and Python's arithmetic operators."""

from __future__ import annotations

from typing import Any

from autograd_core.inplace import inplace
from autograd_core.ops import arithmetic, clamping, comparison, explog, selection


class ElementwiseMethods:
    """Arithmetic, exponentials, comparisons: one line each."""

    __slots__ = ()

    # Python's operators
    __add__ = __radd__ = add = arithmetic.add
    __sub__ = sub = subtract = arithmetic.sub
    __mul__ = __rmul__ = mul = multiply = arithmetic.mul
    __truediv__ = div = divide = true_divide = arithmetic.true_divide
    __pow__ = pow = arithmetic.pow
    __neg__ = neg = negative = arithmetic.neg
    __abs__ = abs = absolute = arithmetic.abs

    def __rsub__(self, other: Any) -> Any:
        return arithmetic.sub(other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return arithmetic.true_divide(other, self)

    def __rpow__(self, other: Any) -> Any:
        return arithmetic.pow(other, self)

    __iadd__ = add_ = inplace(arithmetic.add)
    __isub__ = sub_ = subtract_ = inplace(arithmetic.sub)
    __imul__ = mul_ = multiply_ = inplace(arithmetic.mul)
    __itruediv__ = div_ = divide_ = inplace(arithmetic.true_divide)
    __ipow__ = pow_ = inplace(arithmetic.pow)

    # arithmetic
    neg_ = inplace(arithmetic.neg)
    abs_ = inplace(arithmetic.abs)
    square = arithmetic.square
    sqrt = arithmetic.sqrt
    sqrt_ = inplace(arithmetic.sqrt)
    rsqrt = arithmetic.rsqrt
    reciprocal = arithmetic.reciprocal
    sign = arithmetic.sign

    # exponentials and logarithms
    exp = explog.exp
    exp_ = inplace(explog.exp)
    exp2 = explog.exp2
    expm1 = explog.expm1
    log = explog.log
    log2 = explog.log2
    log10 = explog.log10
    log1p = explog.log1p

    # selection
    maximum = selection.maximum
    minimum = selection.minimum
    clamp = clip = clamping.clamp
    clamp_ = clip_ = inplace(clamping.clamp)
    clamp_min = clamping.clamp_min
    clamp_min_ = inplace(clamping.clamp_min)
    clamp_max = clamping.clamp_max
    clamp_max_ = inplace(clamping.clamp_max)

    # comparisons
    __eq__ = eq = comparison.eq  # type: ignore[assignment]
    __ne__ = ne = not_equal = comparison.ne
    __lt__ = lt = less = comparison.lt
    __le__ = le = less_equal = comparison.le
    __gt__ = gt = greater = comparison.gt
    __ge__ = ge = greater_equal = comparison.ge

    isnan = comparison.isnan
    isinf = comparison.isinf
    isfinite = comparison.isfinite
    isposinf = comparison.isposinf
    isneginf = comparison.isneginf
    isreal = comparison.isreal
    signbit = comparison.signbit
    isclose = comparison.isclose
    allclose = comparison.allclose
    equal = comparison.equal
