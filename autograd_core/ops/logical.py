"""Logical and bitwise operators, and shifts. None of them has a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.comparison_family import comparison
from autograd_core.families import unary
from autograd_core.registry import Make, Sample


def _logical_samples(make: Make) -> list[Sample]:
    return [
        Sample(make.booleans(2, 3), make.booleans(3)),
        Sample(make.integers(4, high=2), make(4)),
        Sample(make.booleans(), make.booleans(0, 2)),
    ]


def _bitwise_samples(make: Make) -> list[Sample]:
    return [
        Sample(make.integers(2, 3, high=16), make.integers(3, high=16)),
        Sample(make.booleans(4), make.booleans(4)),
        Sample(make.integers(3, high=16), 5),
    ]


def _shift_samples(make: Make) -> list[Sample]:
    return [
        Sample(make.integers(2, 3, low=-9, high=16), make.integers(3)),
        Sample(make.integers(3, high=16), 2),
    ]


def _truth(name: str, ufunc: Any, doc: str) -> Any:
    return comparison(
        name, ufunc, doc=doc + " Numbers are true where they are not 0.", samples=_logical_samples
    )


logical_and = _truth("logical_and", np.logical_and, "Where both tensors are true.")
logical_or = _truth("logical_or", np.logical_or, "Where at least one of two tensors is true.")
logical_xor = _truth("logical_xor", np.logical_xor, "Where exactly one of two tensors is true.")
logical_not = unary(
    "logical_not",
    np.logical_not,
    None,
    doc="Where the tensor is false, which for numbers means 0.",
    to_float=False,
    convention="no gradient",
    samples=lambda make: [
        Sample(make.booleans(2, 3)),
        Sample(make.integers(4)),
        Sample(make(0, 2)),
    ],
)

bitwise_and = comparison(
    "bitwise_and",
    np.bitwise_and,
    doc="Bits that are set in both integers.",
    samples=_bitwise_samples,
)
bitwise_or = comparison(
    "bitwise_or",
    np.bitwise_or,
    doc="Bits that are set in at least one of two integers.",
    samples=_bitwise_samples,
)
bitwise_xor = comparison(
    "bitwise_xor",
    np.bitwise_xor,
    doc="Bits that are set in exactly one of two integers.",
    samples=_bitwise_samples,
)
bitwise_not = unary(
    "bitwise_not",
    np.invert,
    None,
    doc="The other bits of each integer; the contrary of each boolean.",
    to_float=False,
    convention="no gradient",
    samples=lambda make: [Sample(make.booleans(2, 3)), Sample(make.integers(4))],
)
bitwise_left_shift = comparison(
    "bitwise_left_shift",
    np.left_shift,
    doc="Bits moved up: ``input * 2**other``.",
    samples=_shift_samples,
)
bitwise_right_shift = comparison(
    "bitwise_right_shift",
    np.right_shift,
    doc="Bits moved down: ``floor(input / 2**other)``.",
    samples=_shift_samples,
)
