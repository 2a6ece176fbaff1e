"""Division with rounding, and its remainders."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.comparison_family import comparison
from autograd_core.errors import ArgumentError, DivisionError
from autograd_core.families import binary
from autograd_core.op import Op, promote
from autograd_core.operands import check_numbers, check_tensor
from autograd_core.ops import quotients
from autograd_core.ops.arithmetic import pow, true_divide
from autograd_core.ops.cast import cast
from autograd_core.ops.constants import zeros
from autograd_core.ops.precision import is_complex
from autograd_core.registry import REGISTRY, At, Make, Sample, operator


def _checked(ufunc: Any) -> Any:
    """The ufunc, which refuses to divide integers by 0, of which NumPy makes 0. (A GPU makes
    anything of it, here as in PyTorch: to look would make the host wait.)"""

    def divide(x: Any, y: Any) -> Any:
        if x.dtype.kind not in "iu" or getattr(y, "dtype", x.dtype).kind not in "iu":
            return ufunc(x, y)
        try:
            with np.errstate(divide="raise"):
                return ufunc(x, y)
        except FloatingPointError:
            raise DivisionError(
                f"{ufunc.__name__}: an integer is divided by 0. Mend: .float() first, for which "
                "the result is infinite or NaN"
            ) from None

    return divide


_floor_divide = _checked(quotients.floor_divide)

floor_divide = comparison(
    "floor_divide", _floor_divide, doc="The quotient, rounded towards minus infinity.",
    reference=np.floor_divide,
    samples=lambda make: [
        Sample(make(2, 3), make(3, low=0.5)),
        Sample(make.integers(4, low=-9, high=9), 2),
        Sample(make(), make(0, 2)),
    ],
)  # fmt: skip


def _rounded(xp: Any, input: Any, other: Any, mode: str) -> Any:
    if mode == "floor":
        return _floor_divide(input, other)
    if input.dtype.kind in "iu":
        quotient = _floor_divide(input, other)
        return quotient + ((quotient < 0) & (quotient * other != input)).astype(input.dtype)
    return xp.trunc(input / other)


_rounded_div = Op(
    "div",
    _rounded,
    {"input": lambda g: zeros(g), "other": lambda g: zeros(g)},
    inputs=2,
    keeps_order=True,
)


def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Any:
    """Quotient of two tensors.

    Args:
        input, other: tensors or numbers; they broadcast and promote.
        rounding_mode: None for the true quotient (of integers in the default float dtype),
            ``"trunc"`` to round it towards 0, ``"floor"`` towards minus infinity; then the
            gradient is 0 and integers stay integers.
        out: where to write the true quotient; not differentiable.

    Source: PyTorch, ``torch.div``.

    Example:
        >>> import autograd_core as ag
        >>> ag.div(ag.tensor([-7, 7]), 2, rounding_mode="trunc")
        tensor([-3,  3])
    """
    if rounding_mode is None:
        return true_divide(input, other, out=out)
    if rounding_mode not in ("trunc", "floor"):
        raise ArgumentError(
            f"div: rounding_mode must be None, 'trunc' or 'floor', got {rounding_mode!r}"
        )
    input, other = promote("div", input, other)
    check_numbers("div", input)
    return _rounded_div(input, other, rounding_mode)


REGISTRY["div"].function = div


def _whole(g: Any, input: Any, other: Any, mode: str) -> Any:
    return -g * _rounded_div(input, other, mode)


def _operands(make: Make) -> list[Sample]:
    """Quotients away from whole numbers, where the remainders jump."""
    divisor = np.array([0.7, 1.3, -0.9])
    whole = make.integers(2, 3, low=-3, high=4)
    inside = make(2, 3, low=0.2, high=0.8)
    return [
        Sample((whole + inside) * divisor, divisor),
        Sample(np.array(2.3), divisor),
        Sample(np.array([2.3, -0.4]), 0.7),
        Sample(make(0, 3), divisor),
    ]


remainder = binary(
    "remainder", _checked(quotients.remainder),
    {"input": lambda g: g, "other": lambda g, input, other: _whole(g, input, other, "floor")},
    doc="``input - other * floor(input / other)``, Python's ``%``: it has the divisor's sign.",
    reference=np.remainder, samples=_operands, holomorphic=False,
    convention="1 for the dividend and -floor(input / other) for the divisor, also at the jumps",
    kinks=[At((4.0, 2.0), (1.0, -2.0))],
)  # fmt: skip

fmod = binary(
    "fmod", _checked(np.fmod),
    {"input": lambda g: g, "other": lambda g, input, other: _whole(g, input, other, "trunc")},
    doc="``input - other * trunc(input / other)``, C's ``%``: it has the dividend's sign.",
    reference=np.fmod, samples=_operands, holomorphic=False, number_first=False,
    convention="1 for the dividend and -trunc(input / other) for the divisor, also at the jumps",
    kinks=[At((-4.0, 2.0), (1.0, 2.0))],
)  # fmt: skip


def _in_double(value: Any) -> Any:
    if not isinstance(value, TensorBase):
        return value
    return cast(value, np.dtype(np.complex128 if is_complex(value) else np.float64))


@operator(
    "float_power", reference=np.float_power, convention="as for pow", inplace=True,
    samples=lambda make: [
        Sample(make(2, 3, low=0.3), make(3)), Sample(make(2, low=0.3), 2), Sample(2.0, make(3)),
    ],
)  # fmt: skip
def float_power(input: Any, exponent: Any) -> Any:
    """``input`` to the power of ``exponent``, computed in float64 (or complex128).

    Args:
        input, exponent: tensors or numbers, at least one of them a tensor.

    Source: PyTorch, ``torch.float_power``.

    Example:
        >>> import autograd_core as ag
        >>> ag.float_power(ag.tensor([2, 3]), 2)
        tensor([4., 9.], dtype=autograd_core.float64)
    """
    if not isinstance(input, TensorBase):
        check_tensor("float_power", exponent, "exponent")
    return pow(_in_double(input), _in_double(exponent))
