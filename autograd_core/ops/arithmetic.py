"""Elementwise arithmetic: add, sub, mul, div, pow and their like."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.families import binary, unary
from autograd_core.keywords import in_older_order, numbers_first
from autograd_core.operands import check_tensor
from autograd_core.ops.constants import zeros
from autograd_core.ops.explog import log
from autograd_core.ops.power_core import power as power_of
from autograd_core.ops.precision import as_precise, is_complex, wide
from autograd_core.ops.selection import where
from autograd_core.registry import REGISTRY, SMOOTH, At, Sample, accept, operator


def _passed_on(g: Any) -> Any:
    """A sum hands its gradient to both."""
    return g


plus = binary("add", np.add, {"input": _passed_on, "other": _passed_on}, doc="Sum of two tensors.")
minus = binary(
    "sub",
    np.subtract,
    {"input": lambda g: g, "other": lambda g: -g},
    doc="Difference of two tensors.",
    aliases=("subtract",),
)


# The operators + and - are the two above. What goes by the public name takes PyTorch's alpha too.


@numbers_first("alpha")
def add(input: Any, other: Any, *older: Any, alpha: Any = 1, out: Any = None) -> Any:
    """Sum of two tensors: ``input + alpha * other``.

    Args:
        input, other: tensors or numbers; they broadcast and promote.
        alpha: a number; may stand before ``other`` instead, as in PyTorch's older calls.
        out: where to write the result; not differentiable.

    Source: PyTorch, ``torch.add``.

    Example:
        >>> import autograd_core as ag
        >>> ag.add(ag.tensor([1.0, 2.0]), ag.tensor([10.0, 20.0]), alpha=0.5)
        tensor([ 6., 12.])
    """
    if older:
        return in_older_order(add, input, other, *older, alpha=alpha, out=out)
    return plus(
        input, other if alpha == 1 else other * _factor("add", input, other, alpha), out=out
    )


@numbers_first("alpha")
def sub(input: Any, other: Any, *older: Any, alpha: Any = 1, out: Any = None) -> Any:
    """Difference of two tensors: ``input - alpha * other``; arguments as for :func:`add`.

    Source: PyTorch, ``torch.sub``.
    """
    if older:
        return in_older_order(sub, input, other, *older, alpha=alpha, out=out)
    return minus(
        input, other if alpha == 1 else other * _factor("sub", input, other, alpha), out=out
    )


@operator(
    "rsub",
    convention=SMOOTH,
    reference=lambda x, y, alpha=1: y - alpha * x,
    samples=lambda make: [Sample(make(2, 3), make(3)), Sample(make(2), 1.5, alpha=2)],
)
def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """``other - alpha * input``. Source: PyTorch, ``torch.rsub``."""
    check_tensor("rsub", input)
    return sub(other, input, alpha=alpha)


def _factor(name: str, input: Any, other: Any, alpha: Any) -> Any:
    """``alpha``, refused where it would turn integers into floats."""
    if isinstance(alpha, float) and not any(
        isinstance(x, float)
        or getattr(getattr(x, "_array", x), "dtype", np.dtype(bool)).kind in "fcV"
        for x in (input, other)
    ):
        raise RuntimeError(
            f"{name}: alpha={alpha} is no integer, but the operands are. Mend: .float() first."
        )
    return alpha


REGISTRY["add"].function, REGISTRY["sub"].function = add, sub

mul = binary(
    "mul",
    np.multiply,
    {"input": lambda g, other: g * other, "other": lambda g, input: g * input},
    doc="Product of two tensors.",
    aliases=("multiply",),
)

true_divide = binary(
    "div",
    np.true_divide,
    {"input": lambda g, other: g / other, "other": lambda g, other, out: -g * (out / other)},
    doc="Quotient of two tensors; integers divide into the default float dtype.",
    to_float=True,
    other_domain=(0.5, 2.0),
    convention="infinite or NaN where the divisor is 0, as the value is",
    aliases=("divide", "true_divide"),
)


def _pow_base(g: Any, input: Any, other: Any) -> Any:
    if isinstance(other, (int, float)):
        if other == 2:
            return g * (input * 2)
        return zeros(g) if other == 0 else g * (other * power(input, other - 1))
    flat = other == 0  # x**0 is constant, also at 0, where x**-1 is infinite
    return where(flat, 0, g * (other * power(input, where(flat, 1, other - 1))))


def _pow_exponent(g: Any, input: Any, other: Any, out: Any) -> Any:
    flat = (input == 0) & (other.real >= 0)  # 0**y is constant for y > 0
    # The base may be of a lesser dtype than the result, and negative where that is complex.
    return where(flat, 0, g * (out * log(where(flat, 1, as_precise(input, out)))))


power = binary(
    "pow",
    power_of,
    {"input": _pow_base, "other": _pow_exponent},
    doc="``input`` to the power of ``other``.",
    domain=(0.3, 2.0),
    other_domain=(-2.0, 2.5),
    convention="x**0 has gradient 0, also at 0; "
    "0**y with respect to y is 0 for y >= 0, -inf for y < 0",
    kinks=[At((0.0, 0.0), (0.0, 0.0)), At((0.0, 2.0), (0.0, 0.0))],
    reference=np.power,
    numbers=True,  # x**2 is quicker than a power, and so is its rule
)
pow = accept("pow", exponent="other")

neg = unary(
    "neg",
    np.negative,
    lambda g: -g,
    doc="Minus each element.",
    to_float=False,
    aliases=("negative",),
)

reciprocal = unary(
    "reciprocal",
    lambda x: 1 / x,
    lambda g, out: -g * (out * out),
    doc="One over each element.",
    domain=(0.4, 3.0),
    convention="infinite at 0",
    reference=np.reciprocal,
)

square = unary(
    "square",
    lambda x: np.square(x) if x.dtype.kind != "b" else x.astype(np.int64),
    lambda g, input: g * (input * 2),
    doc="Each element times itself.",
    to_float=False,
    reference=np.square,
)

sqrt = unary(
    "sqrt",
    np.sqrt,
    lambda g, out: g / (out * 2),
    doc="Square root of each element.",
    domain=(0.2, 3.0),
    convention="infinite at 0; NaN below, as the value is",
    kinks=[At((0.0,), (float("inf"),))],
)

rsqrt = unary(
    "rsqrt",
    wide(lambda x: 1 / np.sqrt(x)),
    lambda g, out: g * (out * out * out * -0.5),
    doc="One over the square root of each element.",
    domain=(0.3, 3.0),
    convention="infinite at 0",
    reference=lambda x: 1 / np.sqrt(x),
)


@operator(
    "positive",
    samples=lambda make: [Sample(make(2, 3)), Sample(make()), Sample(make(0, 2))],
    reference=np.positive,
    convention=SMOOTH,
)
def positive(input: Any) -> Any:
    """``input`` itself, which must be numbers.

    Args:
        input: tensor of any dtype but bool.

    Source: PyTorch, ``torch.positive``.

    Example:
        >>> import autograd_core as ag
        >>> ag.positive(ag.tensor([1.0, -2.0]))
        tensor([ 1., -2.])
    """
    check_tensor("positive", input)
    if input.dtype.name == "bool":
        raise RuntimeError("positive: expected numbers, got bool")
    return input


def _sign(x: Any) -> Any:
    return x.copy() if x.dtype.kind == "b" else np.sign(x)


sign = unary(
    "sign",
    _sign,
    lambda g: zeros(g),
    doc="-1, 0 or 1: the sign of each element (of complex numbers: sgn).",
    to_float=False,
    holomorphic=False,
    real=True,
    convention="0 everywhere, also at 0",
    reference=np.sign,
    kinks=[At((0.0,), (0.0,))],
)


def _sgn(x: Any) -> Any:
    if x.dtype.kind != "c":
        return _sign(x)
    size = np.abs(x)
    return x / (size + (size == 0))


def _sgn_rule(g: Any, input: Any, out: Any) -> Any:
    if not is_complex(input):
        return zeros(g)
    size = abs(input)
    across = g - out * (g * out.conj()).real  # along the radius nothing changes
    return where(size == 0, 0, across / (size + (size == 0)))


sgn = unary(
    "sgn",
    _sgn,
    _sgn_rule,
    doc="Each element divided by its absolute value; 0 stays 0.",
    to_float=False,
    holomorphic=False,
    reference=np.sign,
    convention="0 at 0; 0 for real numbers",
    kinks=[At((0.0,), (0.0,))],
)

abs = unary(
    "abs",
    np.abs,
    lambda g, input: g * sgn(input),
    doc="Absolute value of each element.",
    to_float=False,
    holomorphic=False,
    convention="0 at 0",
    kinks=[At((0.0,), (0.0,))],
    aliases=("absolute",),
)
