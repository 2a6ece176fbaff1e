"""Elementwise arithmetic in ONNX's operators."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core.onnx.step import Step

Translation = Callable[[Step], Any]


def direct(kind: str, **attributes: Any) -> Translation:
    """An operator of one input that ONNX has too; integers are cast to the result's dtype."""
    return lambda step: step.node(kind, step.input(0, step.call.dtypes[0]), **attributes)


def with_param(kind: str, attribute: str, param: str) -> Translation:
    """One whose single argument has another name there."""
    return lambda step: step.node(kind, step.input(0), **{attribute: step.param(param)})


def _binary(kind: str) -> Translation:
    """An operator of two inputs that ONNX has too, where both have the result's dtype."""

    def translate(step: Step) -> str:
        dtype = step.call.dtypes[0]
        value = step.node(kind, step.input(0, dtype), step.input(1, dtype))
        return _rounded(step, value, step.call.params.get("mode"))

    return translate


def _rounded(step: Step, value: str, mode: str | None) -> str:
    if mode == "floor":
        return step.node("Floor", value)
    return value if mode is None else _truncated(step, value)


def _truncated(step: Step, value: str) -> str:
    return step.node("Mul", step.node("Sign", value), step.node("Floor", step.node("Abs", value)))


def _chain(*kinds: str) -> Translation:
    """Operators of one input, one after the other."""

    def translate(step: Step) -> str:
        value = step.input(0, step.call.dtypes[0])
        for kind in kinds:
            value = step.node(kind, value)
        return value

    return translate


def _scaled_log(base: float) -> Translation:
    def translate(step: Step) -> str:
        logarithm = step.node("Log", step.input(0, step.call.dtypes[0]))
        return step.node("Mul", logarithm, step.number(1 / math.log(base)))

    return translate


def _with_one(first: str, then: str) -> Translation:
    """log1p and expm1: for small arguments only as exact as 1 plus them."""

    def translate(step: Step) -> str:
        one, value = step.number(1), step.input(0, step.call.dtypes[0])
        if first == "Add":
            return step.node(then, step.node("Add", value, one))
        return step.node(then, step.node(first, value), one)

    return translate


def _where(step: Step) -> str:
    dtype = step.call.dtypes[0]
    return step.node("Where", step.input(0), step.input(1, dtype), step.input(2, dtype))


def _round(step: Step) -> str:
    factor = step.number(10.0 ** step.param("decimals"))
    if not step.param("decimals"):
        return step.node("Round", step.input(0))
    return step.node("Div", step.node("Round", step.node("Mul", step.input(0), factor)), factor)


def _lerp(step: Step) -> str:
    names = [step.input(i, step.call.dtypes[0]) for i in range(3)]
    moved = step.node("Mul", names[2], step.node("Sub", names[1], names[0]))
    return step.node("Add", names[0], moved)


def _added(kind: str) -> Translation:
    """addcmul and addcdiv."""

    def translate(step: Step) -> str:
        other = step.node(kind, step.input(1), step.input(2))
        scaled = step.node("Mul", other, step.number(step.param("value")))
        return step.node("Add", step.input(0), scaled)

    return translate


def _square(step: Step) -> str:
    return step.node("Mul", step.input(0), step.input(0))


def _erfc(step: Step) -> str:
    return step.node("Sub", step.number(1), step.node("Erf", step.input(0)))


def _frac(step: Step) -> str:
    return step.node("Sub", step.input(0), _truncated(step, step.input(0)))


def _exp2(step: Step) -> str:
    return step.node("Pow", step.number(2), step.input(0))


def _deg2rad(step: Step) -> str:
    factor = math.pi / 180 if step.call.operator == "deg2rad" else 180 / math.pi
    return step.node("Mul", step.input(0), step.number(factor))


def _nan_to_num(step: Step) -> str:
    x = step.input(0)
    nan = step.node("Where", step.node("IsNaN", x), step.number(step.param("nan")), x)
    value = nan
    for name, sign in (("posinf", 1), ("neginf", 0)):
        found = step.node("IsInf", x, detect_positive=sign, detect_negative=1 - sign)
        value = step.node("Where", found, step.number(step.param(name)), value)
    return value


def _cast(step: Step) -> str:
    return step.cast(step.input(0), step.param("dtype"))


ELEMENTWISE: dict[str, Translation] = {
    **{
        name: direct(name.capitalize())
        for name in (
            "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "erf",
            "exp", "floor", "log", "neg", "reciprocal", "sign", "sin", "sinh", "sqrt", "tan",
            "tanh",
        )
    },
    **{name: _binary(name.capitalize()) for name in ("add", "sub", "mul", "div", "pow")},
    "addcdiv": _added("Div"),
    "addcmul": _added("Mul"),
    "clone": lambda step: step.node("Identity", step.input(0)),
    "deg2rad": _deg2rad,
    "erfc": _erfc,
    "exp2": _exp2,
    "expm1": _with_one("Exp", "Sub"),
    "frac": _frac,
    "lerp": _lerp,
    "log10": _scaled_log(10),
    "log1p": _with_one("Add", "Log"),
    "log2": _scaled_log(2),
    "maximum": _binary("Max"),
    "minimum": _binary("Min"),
    "nan_to_num": _nan_to_num,
    "only": lambda step: step.node("Where", step.input(1), step.input(0), step.number(0)),
    "rad2deg": _deg2rad,
    "round": _round,
    "rsqrt": _chain("Sqrt", "Reciprocal"),
    "square": _square,
    "to": _cast,
    "trunc": lambda step: _truncated(step, step.input(0)),
    "where": _where,
}  # fmt: skip
