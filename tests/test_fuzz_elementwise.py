"""Generated calls of elementwise operators: dtypes mixed, numbers, broadcasting, every layout."""

from __future__ import annotations

from typing import Any

from fuzzing import COMPLEX, CONTENTS, FLOATS, NARROW, WHOLE, Call, compare, run, sizes
from fuzzing_strategies import broadcast, recipes, shapes
from hypothesis import strategies as st

EVERY = (*FLOATS, *FLOATS, *NARROW, *WHOLE, "bool", *COMPLEX)

# --- one tensor ----------------------------------------------------------------------------------

UNARY = [
    "abs", "neg", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square",
    "reciprocal", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh",
    "acosh", "atanh", "sigmoid", "sign", "sgn", "floor", "ceil", "trunc", "round", "frac", "erf",
    "erfc", "erfinv", "lgamma", "digamma", "logit", "isnan", "isinf", "isfinite", "isreal",
    "logical_not", "bitwise_not", "exp2", "relu", "sinc", "i0", "signbit", "deg2rad", "positive",
    "nan_to_num", "angle", "conj", "real", "rad2deg", "isposinf", "isneginf", "special.entr",
    "special.ndtr", "special.log_ndtr", "special.i1", "special.i0e", "special.i1e",
    "special.erfcx", "nn.functional.silu", "nn.functional.softplus", "nn.functional.gelu",
    "nn.functional.elu", "nn.functional.leaky_relu", "nn.functional.hardtanh",
    "nn.functional.mish", "nn.functional.logsigmoid", "nn.functional.softsign",
]  # fmt: skip


# Where PyTorch has fewer digits in float64, as more of them show: how much more may be off.
LESS_EXACT = {
    "digamma": 1e6,
    "lgamma": 1e6,
    "special.i1": 20,
    "special.i1e": 20,
    "special.ndtr": 10,
    "special.erfcx": 20,
    "nn.functional.gelu": 10,
}


def check(call: Call) -> None:
    compare(call, twice=True, loose=2 * LESS_EXACT.get(call.name, 1))


@st.composite
def calls_of_one(draw: Any) -> Call:
    return Call(draw(st.sampled_from(UNARY)), draw(recipes(dtypes=EVERY, contents=CONTENTS)))


@sizes(60, 2500)
def test_one_tensor(examples: int) -> None:
    run(check, calls_of_one(), examples)


# --- two tensors, or a tensor and a number -------------------------------------------------------

BINARY = [
    "add", "sub", "mul", "div", "pow", "maximum", "minimum", "fmax", "fmin", "atan2", "hypot",
    "remainder", "fmod", "floor_divide", "copysign", "logaddexp", "logaddexp2", "xlogy", "eq",
    "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor", "bitwise_and",
    "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift", "heaviside", "ldexp",
    "gcd", "lcm", "nextafter", "float_power", "isclose", "special.xlog1py", "rsub",
]  # fmt: skip
# PyTorch takes a number in place of the second tensor for these only.
WITH_NUMBERS = [
    "add", "sub", "mul", "div", "pow", "remainder", "fmod", "floor_divide", "copysign", "xlogy",
    "eq", "ne", "lt", "le", "gt", "ge", "bitwise_and", "bitwise_or", "bitwise_xor",
    "bitwise_left_shift", "bitwise_right_shift", "float_power", "special.xlog1py", "rsub",
]  # fmt: skip
NUMBERS = [0, 1, 2, -1, 3, 0.5, -2.5, 0.0, True, 2j, 7]


@st.composite
def pairs(draw: Any, dtypes: Any = EVERY) -> Call:
    shape = draw(shapes(3))
    kind = draw(st.sampled_from(dtypes))
    first = draw(recipes(draw(broadcast(shape)), (kind,), CONTENTS))
    if draw(st.integers(0, 3)) == 0:
        return Call(draw(st.sampled_from(WITH_NUMBERS)), first, draw(st.sampled_from(NUMBERS)))
    second = draw(recipes(draw(broadcast(shape)), (kind, kind, *dtypes), CONTENTS))
    return Call(draw(st.sampled_from(BINARY)), first, second)


@sizes(80, 3000)
def test_two_tensors(examples: int) -> None:
    run(check, pairs(), examples)


# --- three tensors, some of them numbers ---------------------------------------------------------

TERNARY = ["where", "lerp", "addcmul", "addcdiv", "clamp", "clip", "clamp_min", "clamp_max"]
BOUNDS = [None, 0, 1, -1, 0.5, -2.5, float("inf"), float("nan")]


@st.composite
def calls_of_three(draw: Any) -> Call:
    shape, kind = draw(shapes(3)), draw(st.sampled_from(EVERY))

    def one(kinds: Any = (kind,)) -> Any:
        return draw(recipes(draw(broadcast(shape)), kinds, CONTENTS))

    def value(*numbers: Any) -> Any:
        return one() if draw(st.booleans()) else draw(st.sampled_from(numbers))

    name = draw(st.sampled_from(TERNARY))
    if name == "where":
        # PyTorch's and this engine's complex numbers beside real ones have test_joins.
        return Call(name, one(("bool",)), one(), value(0, 1, -2.5))
    if name == "lerp":
        return Call(name, one(), one(), value(0, 1, 0.25, 0.75))
    if name in ("addcmul", "addcdiv"):
        others = st.sampled_from((kind, kind, "float32"))
        second = one((draw(others),))
        return Call(name, one(), second, one(), value=draw(st.sampled_from([1, 2, -1])))
    if name in ("clamp_min", "clamp_max"):
        return Call(name, one(), value(*BOUNDS[1:]))
    if draw(st.booleans()):
        return Call(name, one(), *(draw(st.sampled_from(BOUNDS)) for _ in range(2)))
    return Call(name, one(), *(one() if draw(st.integers(0, 3)) else None for _ in range(2)))


@sizes(40, 1500)
def test_three_tensors(examples: int) -> None:
    run(check, calls_of_three(), examples)
