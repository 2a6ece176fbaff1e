"""How floating-point numbers are made up: copysign, frexp, ldexp, nextafter; heaviside."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.comparison_family import comparison
from autograd_core.families import binary
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_tensor
from autograd_core.ops.arithmetic import mul, pow, sign
from autograd_core.ops.constants import zeros
from autograd_core.ops.precision import widen
from autograd_core.registry import SMOOTH, At, Make, Sample, accept, operator

copysign = binary(
    "copysign",
    np.copysign,
    {
        "input": lambda g, input, out: g * (sign(input) * sign(out)),
        "other": lambda g: zeros(g),
    },
    doc="The size of ``input`` with the sign of ``other``.",
    to_float=True,
    number_first=False,
    convention="0 where input is 0",
    kinks=[At((0.0, -1.0), (0.0, 0.0))],
    holomorphic=False,
)

nextafter = binary(
    "nextafter",
    np.nextafter,
    {"input": lambda g: g, "other": lambda g: zeros(g)},
    doc="The next number after ``input`` that its dtype knows, in the direction of ``other``.",
    to_float=True,
    number_first=False,
    convention="1 to input, 0 to other (PyTorch has no gradient here)",
    holomorphic=False,
    samples=lambda make: [
        Sample(make(2, 3), make(3)),
        Sample(np.array([1.0, 0.0]), np.array([2.0, -1.0])),
    ],
)


class FrexpResult(NamedTuple):
    """What ``frexp`` returns."""

    mantissa: Any
    exponent: Any


def _taken_apart(xp: Any, input: Any) -> tuple[Any, Any]:
    mantissa, exponent = xp.frexp(widen(input))
    return mantissa.astype(input.dtype, copy=False), exponent.astype(np.int32, copy=False)


# Multiply by a power of two, exactly.
_scale = Op(
    "scale_by_power",
    lambda xp, input, exponent, sign: xp.ldexp(widen(input), sign * exponent).astype(
        input.dtype, copy=False
    ),
    {"input": lambda g, exponent, sign: _scale(g, exponent, sign)},
    inputs=2,
    keeps_order=True,
)

_frexp = Op(
    "frexp",
    _taken_apart,
    {"input": lambda g, exponent: _scale(g, exponent, -1)},
    outputs=("mantissa", "exponent"),
    differentiable=("mantissa",),
    keeps_order=True,
)


@operator(
    "frexp",
    samples=lambda make: [Sample(make(2, 3)), Sample(make()), Sample(make(0, 2))],
    reference=lambda x: list(np.frexp(x)),
    convention=SMOOTH + "; the mantissa jumps at powers of two, where the exponent counts as fixed",
)
def frexp(input: Any) -> FrexpResult:
    """Mantissa and exponent: ``input = mantissa * 2**exponent``, with ``0.5 <= |mantissa| < 1``.

    Args:
        input: floating-point tensor.

    Returns:
        ``(mantissa, exponent)``, the exponent int32.

    Raises:
        RuntimeError: the dtype is no real floating-point type.

    Source: PyTorch, ``torch.frexp``.

    Example:
        >>> import autograd_core as ag
        >>> mantissa, exponent = ag.frexp(ag.tensor([8.0, 0.75]))
        >>> mantissa, exponent
        (tensor([0.5000, 0.7500]), tensor([4, 0], dtype=autograd_core.int32))
    """
    check_floating("frexp", input)
    return FrexpResult(*_frexp(input))


@operator(
    "ldexp",
    samples=lambda make: [
        Sample(make(2, 3), make(3)),
        Sample(make(2, 3), make.integers(2, 3)),
        Sample(make(), make(2)),
    ],
    reference=lambda x, other: x * 2.0**other,
    convention=SMOOTH,
    inplace=True,
)
def ldexp(input: Any, other: Any) -> Any:
    """``input * 2**other``.

    Args:
        input, other: tensors, which broadcast; both get gradients.

    Source: PyTorch, ``torch.ldexp``.

    Example:
        >>> import autograd_core as ag
        >>> ag.ldexp(ag.tensor([1.0, 3.0]), ag.tensor([1, 2]))
        tensor([ 2., 12.])
    """
    check_tensor("ldexp", input, arrays=False)
    check_tensor("ldexp", other, "other", arrays=False)
    if input.dtype.is_floating_point and not other.dtype.is_floating_point:
        other = other.to(input.dtype)
    return mul(input, pow(2.0, other))


def _step(x: Any, values: Any) -> Any:
    xp = backend_of(x).xp
    return xp.where(x == 0, values, (x > 0).astype(x.dtype)).astype(x.dtype, copy=False)


def _step_samples(make: Make) -> list[Sample]:
    zeros_too = np.array([[-1.0, 0.0, 2.0], [0.0, 3.0, -0.5]])
    return [Sample(zeros_too, make(3)), Sample(zeros_too, make()), Sample(make(2, 0), make(1))]


heaviside = comparison(
    "heaviside",
    _step,
    doc="0 where ``input`` is negative, 1 where it is positive, ``other`` where it is 0.",
    samples=_step_samples,
    number_first=False,
    real=True,
)
heaviside = accept("heaviside", values="other")
