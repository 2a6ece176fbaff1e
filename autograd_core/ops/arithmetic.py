"""Elementwise arithmetic: add, sub, mul, div, pow and their like."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.families import binary, unary
from autograd_core.ops.explog import log
from autograd_core.ops.fill import zeros
from autograd_core.ops.selection import where
from autograd_core.registry import At

add = binary(
    "add", np.add,
    {"input": lambda g: g, "other": lambda g: g},
    doc="Sum of two tensors.",
)  # fmt: skip

sub = binary(
    "sub", np.subtract,
    {"input": lambda g: g, "other": lambda g: -g},
    doc="Difference of two tensors.", aliases=("subtract",),
)  # fmt: skip

mul = binary(
    "mul", np.multiply,
    {"input": lambda g, other: g * other, "other": lambda g, input: g * input},
    doc="Product of two tensors.", aliases=("multiply",),
)  # fmt: skip

true_divide = binary(
    "div", np.true_divide,
    {"input": lambda g, other: g / other, "other": lambda g, other, out: -g * (out / other)},
    doc="Quotient of two tensors; integers divide into the default float dtype.",
    to_float=True, other_domain=(0.5, 2.0), convention="infinite or NaN where the divisor is 0, as the value is",
    aliases=("divide", "true_divide"),
)  # fmt: skip


def _pow_base(g: Any, input: Any, other: Any) -> Any:
    if isinstance(other, (int, float)):
        return zeros(g) if other == 0 else g * (other * input ** (other - 1))
    flat = other == 0  # x**0 is constant, also at 0, where x**-1 is infinite
    return where(flat, 0, g * (other * input ** where(flat, 1, other - 1)))


def _pow_exponent(g: Any, input: Any, other: Any, out: Any) -> Any:
    flat = (input == 0) & (other >= 0)  # 0**y is constant for y > 0
    return where(flat, 0, g * (out * log(where(flat, 1, input))))


pow = binary(
    "pow", np.power,
    {"input": _pow_base, "other": _pow_exponent},
    doc="``input`` to the power of ``other``.",
    domain=(0.3, 2.0), other_domain=(-2.0, 2.5),
    convention="x**0 has gradient 0, also at 0; 0**y with respect to y is 0 for y >= 0, -inf for y < 0",
    kinks=[At((0.0, 0.0), (0.0, 0.0)), At((0.0, 2.0), (0.0, 0.0))],
)  # fmt: skip

neg = unary("neg", np.negative, lambda g: -g, doc="Minus each element.", to_float=False,
            aliases=("negative",))  # fmt: skip

reciprocal = unary(
    "reciprocal", lambda x: 1 / x, lambda g, out: -g * (out * out),
    doc="One over each element.", domain=(0.4, 3.0), convention="infinite at 0",
    reference=np.reciprocal,
)  # fmt: skip

square = unary(
    "square", np.square, lambda g, input: g * (input * 2), doc="Each element times itself.", to_float=False,
)  # fmt: skip

sqrt = unary(
    "sqrt", np.sqrt, lambda g, out: g / (out * 2), doc="Square root of each element.",
    domain=(0.2, 3.0), convention="infinite at 0; NaN below, as the value is",
    kinks=[At((0.0,), (float("inf"),))],
)  # fmt: skip

rsqrt = unary(
    "rsqrt", lambda x: 1 / x**0.5, lambda g, out: g * (out * out * out * -0.5),
    doc="One over the square root of each element.", domain=(0.3, 3.0), convention="infinite at 0",
    reference=lambda x: 1 / np.sqrt(x),
)  # fmt: skip


sign = unary("sign", np.sign, lambda g: zeros(g), doc="-1, 0 or 1: the sign of each element.", to_float=False,
             holomorphic=False, convention="0 everywhere, also at 0", kinks=[At((0.0,), (0.0,))])  # fmt: skip

abs = unary(
    "abs", np.abs, lambda g, input: g * sign(input), doc="Absolute value of each element.", to_float=False,
    holomorphic=False, convention="0 at 0", kinks=[At((0.0,), (0.0,))], aliases=("absolute",),
)  # fmt: skip
