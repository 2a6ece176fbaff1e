"""Exponentials and logarithms."""

from __future__ import annotations

import math

import numpy as np

from autograd_core.families import unary

_LN2, _LN10 = math.log(2.0), math.log(10.0)

exp = unary("exp", np.exp, lambda g, out: g * out, doc="e to the power of each element.")
exp2 = unary(
    "exp2", np.exp2, lambda g, out: g * (out * _LN2),
    doc="2 to the power of each element.", aliases=("special.exp2",),
)  # fmt: skip
expm1 = unary("expm1", np.expm1, lambda g, out: g * (out + 1), doc="``exp(x) - 1``, exact near 0.",
              aliases=("special.expm1",))  # fmt: skip
log = unary(
    "log", np.log, lambda g, input: g / input,
    doc="Natural logarithm of each element.", domain=(0.2, 3.0),
    convention="infinite at 0; NaN below, as the value is",
)  # fmt: skip
log2 = unary(
    "log2", np.log2, lambda g, input: g / (input * _LN2),
    doc="Base-2 logarithm of each element.", domain=(0.2, 3.0),
    convention="infinite at 0; NaN below, as the value is",
)  # fmt: skip
log10 = unary(
    "log10", np.log10, lambda g, input: g / (input * _LN10),
    doc="Base-10 logarithm of each element.", domain=(0.2, 3.0),
    convention="infinite at 0; NaN below, as the value is",
)  # fmt: skip
log1p = unary(
    "log1p", np.log1p, lambda g, input: g / (input + 1),
    doc="``log(1 + x)``, exact near 0.", domain=(-0.8, 3.0), aliases=("special.log1p",),
    convention="infinite at -1; NaN below, as the value is",
)  # fmt: skip
