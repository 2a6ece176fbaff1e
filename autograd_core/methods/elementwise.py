"""Elementwise methods and Python's arithmetic operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_core.inplace import inplace
from autograd_core.later import attribute, later
from autograd_core.operands import is_operand
from autograd_core.ops import (
    arithmetic,
    comparison,
    division,
    explog,
    selection,
    trig,
)

if TYPE_CHECKING:
    from autograd_core.ops import (
        clamping,
        divisors,
        float_parts,
        logical,
        rounding,
        special,
        ternary,
    )
    from autograd_core.ops import complex as parts
    from autograd_core.ops import erf as errors
else:
    clamping = later("clamping")
    divisors = later("divisors")
    errors = later("erf")
    float_parts = later("float_parts")
    logical = later("logical")
    parts = later("complex")
    rounding = later("rounding")
    special = later("special")
    ternary = later("ternary")


class ElementwiseMethods:
    """Arithmetic, exponentials, comparisons: one line each."""

    __slots__ = ()

    # Python's operators
    __add__ = __radd__ = arithmetic.plus
    __sub__ = arithmetic.minus
    __mul__ = __rmul__ = arithmetic.mul
    __truediv__ = arithmetic.true_divide
    __floordiv__ = division.floor_divide
    __mod__ = division.remainder
    __pow__ = arithmetic.power
    __neg__ = arithmetic.neg
    __pos__ = arithmetic.positive
    __abs__ = arithmetic.abs
    __invert__ = logical.bitwise_not
    __and__ = __rand__ = logical.bitwise_and
    __or__ = __ror__ = logical.bitwise_or
    __xor__ = __rxor__ = logical.bitwise_xor
    __lshift__ = logical.bitwise_left_shift
    __rshift__ = logical.bitwise_right_shift
    __lt__ = comparison.lt
    __le__ = comparison.le
    __gt__ = comparison.gt
    __ge__ = comparison.ge

    def __eq__(self, other: Any) -> Any:
        return comparison.eq(self, other) if is_operand(other) else NotImplemented

    def __ne__(self, other: Any) -> Any:
        return comparison.ne(self, other) if is_operand(other) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return arithmetic.minus(other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return arithmetic.true_divide(other, self)

    __rdiv__ = __rtruediv__

    def __rfloordiv__(self, other: Any) -> Any:
        return division.floor_divide(other, self)

    def __rmod__(self, other: Any) -> Any:
        return division.remainder(other, self)

    def __rpow__(self, other: Any) -> Any:
        return arithmetic.power(other, self)

    def __rlshift__(self, other: Any) -> Any:
        return logical.bitwise_left_shift(other, self)

    def __rrshift__(self, other: Any) -> Any:
        return logical.bitwise_right_shift(other, self)

    __iadd__ = inplace(arithmetic.plus)
    __isub__ = inplace(arithmetic.minus)
    __imul__ = inplace(arithmetic.mul)
    __itruediv__ = inplace(arithmetic.true_divide)
    __ifloordiv__ = inplace(division.floor_divide)
    __imod__ = inplace(division.remainder)
    __ipow__ = inplace(arithmetic.power)
    __iand__ = inplace(logical.bitwise_and)
    __ior__ = inplace(logical.bitwise_or)
    __ixor__ = inplace(logical.bitwise_xor)
    __ilshift__ = inplace(logical.bitwise_left_shift)
    __irshift__ = inplace(logical.bitwise_right_shift)

    # arithmetic
    add = arithmetic.add
    add_ = inplace(arithmetic.add)
    sub = subtract = arithmetic.sub
    sub_ = subtract_ = inplace(arithmetic.sub)
    mul = multiply = arithmetic.mul
    mul_ = multiply_ = inplace(arithmetic.mul)
    pow = arithmetic.pow
    pow_ = inplace(arithmetic.pow)
    neg = negative = arithmetic.neg
    neg_ = negative_ = inplace(arithmetic.neg)
    abs = absolute = arithmetic.abs
    abs_ = absolute_ = inplace(arithmetic.abs)
    square = arithmetic.square
    square_ = inplace(arithmetic.square)
    sqrt = arithmetic.sqrt
    sqrt_ = inplace(arithmetic.sqrt)
    rsqrt = arithmetic.rsqrt
    rsqrt_ = inplace(arithmetic.rsqrt)
    reciprocal = arithmetic.reciprocal
    reciprocal_ = inplace(arithmetic.reciprocal)
    sign = arithmetic.sign
    sign_ = inplace(arithmetic.sign)
    sgn = arithmetic.sgn
    sgn_ = inplace(arithmetic.sgn)
    positive = arithmetic.positive
    rsub = arithmetic.rsub

    # division
    div = divide = division.div
    div_ = divide_ = inplace(division.div)
    floor_divide = division.floor_divide
    floor_divide_ = inplace(division.floor_divide)
    remainder = division.remainder
    remainder_ = inplace(division.remainder)
    fmod = division.fmod
    fmod_ = inplace(division.fmod)
    float_power = division.float_power
    float_power_ = inplace(division.float_power)
    true_divide = arithmetic.true_divide
    true_divide_ = inplace(arithmetic.true_divide)

    # exponentials and logarithms
    exp = explog.exp
    exp_ = inplace(explog.exp)
    exp2 = explog.exp2
    exp2_ = inplace(explog.exp2)
    expm1 = explog.expm1
    expm1_ = inplace(explog.expm1)
    log = explog.log
    log_ = inplace(explog.log)
    log2 = explog.log2
    log2_ = inplace(explog.log2)
    log10 = explog.log10
    log10_ = inplace(explog.log10)
    log1p = explog.log1p
    log1p_ = inplace(explog.log1p)

    # trigonometry
    sin = trig.sin
    sin_ = inplace(trig.sin)
    cos = trig.cos
    cos_ = inplace(trig.cos)
    tan = trig.tan
    tan_ = inplace(trig.tan)
    asin = arcsin = trig.asin
    asin_ = arcsin_ = inplace(trig.asin)
    acos = arccos = trig.acos
    acos_ = arccos_ = inplace(trig.acos)
    atan = arctan = trig.atan
    atan_ = arctan_ = inplace(trig.atan)
    sinh = trig.sinh
    sinh_ = inplace(trig.sinh)
    cosh = trig.cosh
    cosh_ = inplace(trig.cosh)
    tanh = trig.tanh
    tanh_ = inplace(trig.tanh)
    asinh = arcsinh = trig.asinh
    asinh_ = arcsinh_ = inplace(trig.asinh)
    acosh = arccosh = trig.acosh
    acosh_ = arccosh_ = inplace(trig.acosh)
    atanh = arctanh = trig.atanh
    atanh_ = arctanh_ = inplace(trig.atanh)
    atan2 = arctan2 = trig.atan2
    atan2_ = arctan2_ = inplace(trig.atan2)
    hypot = trig.hypot
    hypot_ = inplace(trig.hypot)
    sinc = trig.sinc
    sinc_ = inplace(trig.sinc)
    deg2rad = trig.deg2rad
    deg2rad_ = inplace(trig.deg2rad)
    rad2deg = trig.rad2deg
    rad2deg_ = inplace(trig.rad2deg)

    # rounding
    floor = rounding.floor
    floor_ = inplace(rounding.floor)
    ceil = rounding.ceil
    ceil_ = inplace(rounding.ceil)
    trunc = fix = rounding.trunc
    trunc_ = fix_ = inplace(rounding.trunc)
    frac = rounding.frac
    frac_ = inplace(rounding.frac)
    round = rounding.round
    round_ = inplace(rounding.round)

    # special functions
    sigmoid = special.sigmoid
    sigmoid_ = inplace(special.sigmoid)
    logit = special.logit
    logit_ = inplace(special.logit, composed=True)
    xlogy = special.xlogy
    xlogy_ = inplace(special.xlogy)
    logaddexp = special.logaddexp
    logaddexp2 = special.logaddexp2

    # error function
    erf = errors.erf
    erf_ = inplace(errors.erf)
    erfc = errors.erfc
    erfc_ = inplace(errors.erfc)

    # selection
    maximum = selection.maximum
    minimum = selection.minimum
    fmax = selection.fmax
    fmin = selection.fmin
    nan_to_num = selection.nan_to_num
    nan_to_num_ = inplace(selection.nan_to_num)

    def where(self, condition: Any, other: Any) -> Any:
        """``ag.where(condition, self, other)``. Source: PyTorch, ``torch.Tensor.where``."""
        return selection.where(condition, self, other)

    # clamping
    clamp = clip = clamping.clamp
    clamp_ = clip_ = inplace(clamping.clamp)
    clamp_min = clamping.clamp_min
    clamp_min_ = inplace(clamping.clamp_min)
    clamp_max = clamping.clamp_max
    clamp_max_ = inplace(clamping.clamp_max)

    # of three tensors
    lerp = ternary.lerp
    lerp_ = inplace(ternary.lerp)
    addcmul = ternary.addcmul
    addcmul_ = inplace(ternary.addcmul)
    addcdiv = ternary.addcdiv
    addcdiv_ = inplace(ternary.addcdiv)

    # comparisons
    eq = comparison.eq
    eq_ = inplace(comparison.eq)
    ne = not_equal = comparison.ne
    ne_ = not_equal_ = inplace(comparison.ne)
    lt = less = comparison.lt
    lt_ = less_ = inplace(comparison.lt)
    le = less_equal = comparison.le
    le_ = less_equal_ = inplace(comparison.le)
    gt = greater = comparison.gt
    gt_ = greater_ = inplace(comparison.gt)
    ge = greater_equal = comparison.ge
    ge_ = greater_equal_ = inplace(comparison.ge)

    # predicates
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

    # the parts of numbers
    copysign = float_parts.copysign
    copysign_ = inplace(float_parts.copysign)
    nextafter = float_parts.nextafter
    nextafter_ = inplace(float_parts.nextafter)
    frexp = float_parts.frexp
    ldexp = float_parts.ldexp
    ldexp_ = inplace(float_parts.ldexp, composed=True)
    heaviside = float_parts.heaviside
    heaviside_ = inplace(float_parts.heaviside)
    gcd = divisors.gcd
    gcd_ = inplace(divisors.gcd)
    lcm = divisors.lcm
    lcm_ = inplace(divisors.lcm)

    # logic and bits
    logical_and = logical.logical_and
    logical_and_ = inplace(logical.logical_and)
    logical_or = logical.logical_or
    logical_or_ = inplace(logical.logical_or)
    logical_xor = logical.logical_xor
    logical_xor_ = inplace(logical.logical_xor)
    logical_not = logical.logical_not
    logical_not_ = inplace(logical.logical_not)
    bitwise_and = logical.bitwise_and
    bitwise_and_ = inplace(logical.bitwise_and)
    bitwise_or = logical.bitwise_or
    bitwise_or_ = inplace(logical.bitwise_or)
    bitwise_xor = logical.bitwise_xor
    bitwise_xor_ = inplace(logical.bitwise_xor)
    bitwise_not = logical.bitwise_not
    bitwise_not_ = inplace(logical.bitwise_not)
    bitwise_left_shift = logical.bitwise_left_shift
    bitwise_left_shift_ = inplace(logical.bitwise_left_shift)
    bitwise_right_shift = logical.bitwise_right_shift
    bitwise_right_shift_ = inplace(logical.bitwise_right_shift)

    # complex numbers
    conj = conj_physical = parts.conj
    conj_physical_ = inplace(parts.conj, "conj_physical_")
    resolve_conj = parts.resolve_conj
    angle = parts.angle
    real = attribute(parts.real)
    imag = attribute(parts.imag)
