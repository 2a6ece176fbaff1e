"""Functions with a finite value and gradient everywhere, also where the usual ones have none.

Each leaves its usual values and derivatives alone inside its domain. Outside it, and on its border
where the derivative is infinite, the value is the one that is stated and the gradient is 0, of
every order. So ``safe_log(x)`` needs no ``+ eps``, which would change it everywhere.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.limits import finfo
from autograd_core.op import promote
from autograd_core.operands import check_real, check_tensor
from autograd_core.ops.arithmetic import sign, sqrt
from autograd_core.ops.cast import as_float
from autograd_core.ops.explog import log
from autograd_core.ops.norms import vector_norm
from autograd_core.ops.selection import where
from autograd_core.ops.trig import acos, asin
from autograd_core.registry import At, Make, Sample, operator


def _real(name: str, input: Any) -> Any:
    """The input, in a floating-point dtype."""
    check_tensor(name, input, arrays=False)
    check_real(name, input)
    return as_float(input)


def _inside(function: Any, inside: Any, x: Any, harmless: float, outside: Any) -> Any:
    """``function(x)`` where ``inside`` holds, else ``outside``; NaN stays NaN.

    Where it does not hold, the function is asked for its value at ``harmless``: so no infinite
    derivative meets the gradient 0 of what is not taken.
    """
    out = where(inside, function(where(inside, x, harmless)), outside)
    return where(x == x, out, x.detach())


def _samples(make: Make) -> list[Sample]:
    return [Sample(make(2, 3)), Sample(make(low=0.5)), Sample(make(0, 2))]


@operator(
    "safe_sqrt", method=False, samples=_samples,
    reference=lambda x: np.sqrt(np.maximum(x, 0)),
    convention="0 where the input is not positive",
    kinks=[At((np.array([0.0, -1.0, 4.0]),), (np.array([0.0, 0.0, 0.25]),))],
)  # fmt: skip
def safe_sqrt(input: Any) -> Any:
    """Square root; 0 with gradient 0 where the input is not positive.

    Args:
        input: tensor of real numbers.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([0.0, -1.0, 4.0], requires_grad=True)
        >>> ag.safe_sqrt(x).sum().backward()
        >>> x.grad
        tensor([0.0000, 0.0000, 0.2500])
    """
    input = _real("safe_sqrt", input)
    return _inside(sqrt, input > 0, input, 1.0, 0.0)


@operator(
    "safe_log", method=False,
    samples=lambda make: [Sample(make(2, 3, low=0.1)), Sample(make(2, 3), 0.5), Sample(make(0, 2))],
    reference=lambda x, smallest=0.0: np.log(np.maximum(x, smallest)),
    convention="0 where the input is at most the smallest number",
    kinks=[At((np.array([0.0, -1.0, 4.0]),), (np.array([0.0, 0.0, 0.25]),))],
)  # fmt: skip
def safe_log(input: Any, smallest: float | None = None) -> Any:
    """Natural logarithm; that of ``smallest``, with gradient 0, where the input is at most that.

    Args:
        input: tensor of real numbers.
        smallest: a positive number; default the smallest normal number of the dtype, so that the
            logarithm is about -87 in float32, and -708 in float64.

    Raises:
        ValueError: ``smallest`` is not positive.

    Example:
        >>> import autograd_core as ag
        >>> ag.safe_log(ag.tensor([1.0, 0.0]), 1e-10)
        tensor([  0.0000, -23.0259])
    """
    input = _real("safe_log", input)
    if smallest is None:
        smallest = finfo(input.dtype).tiny
    elif not isinstance(smallest, (int, float)) or not smallest > 0:
        raise ValueError(f"safe_log: smallest must be a positive number, got {smallest!r}")
    return _inside(log, input > smallest, input, 1.0, math.log(smallest))


@operator(
    "safe_div", method=False,
    samples=lambda make: [
        Sample(make(2, 3), make(3, low=0.5)),
        Sample(make(2, 1), make(3, low=-2, high=-0.5), fill=3.0),
        Sample(make(), 2.0),
    ],
    reference=lambda x, y, fill=0.0: np.where(y == 0, fill, x / np.where(y == 0, 1, y)),
    convention="0 for both where the divisor is 0",
    kinks=[At((np.array([1.0]), np.array([0.0])), (np.array([0.0]), np.array([0.0])))],
)  # fmt: skip
def safe_div(input: Any, other: Any, *, fill: float = 0.0) -> Any:
    """Quotient; ``fill`` with gradient 0 where the divisor is 0.

    Args:
        input, other: tensors or numbers that broadcast, of real or complex numbers.
        fill: the value where ``other`` is 0.

    Example:
        >>> import autograd_core as ag
        >>> ag.safe_div(ag.tensor([1.0, 0.0]), ag.tensor([2.0, 0.0]))
        tensor([0.5000, 0.0000])
    """
    input, other = promote("safe_div", input, other)
    zero = other == 0
    return where(zero, fill, input / where(zero, 1, other))


def _norm_reference(x: Any, smallest: float = 0.0, dim: Any = None, keepdim: bool = False) -> Any:
    return np.maximum(np.sqrt((abs(x) ** 2).sum(axis=dim, keepdims=keepdim)), smallest)


@operator(
    "safe_norm", method=False,
    samples=lambda make: [Sample(make(2, 3)), Sample(make(2, 3), 2.0, -1, True)],
    reference=_norm_reference,
    convention="0 where the norm is at most the smallest number",
    kinks=[
        At((np.array([0.0, 0.0]),), (np.array([0.0, 0.0]),)),
        At((np.array([0.3, 0.4]), 1.0), (np.array([0.0, 0.0]),)),
    ],
)  # fmt: skip
def safe_norm(input: Any, smallest: float = 0.0, dim: Any = None, keepdim: bool = False) -> Any:
    """Euclidean norm; ``smallest`` with gradient 0 where the norm is at most that.

    So ``x / safe_norm(x, 1e-6)`` is finite at 0, and so are its derivatives.

    Args:
        input: tensor of real or complex numbers.
        smallest: a number from 0 on.
        dim: dimension or dimensions; default all.
        keepdim: keep them with size 1.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.zeros(2, requires_grad=True)
        >>> ag.safe_norm(x, 0.1).backward()
        >>> x.grad
        tensor([0., 0.])
    """
    check_tensor("safe_norm", input, arrays=False)
    if not isinstance(smallest, (int, float)) or not smallest >= 0:
        raise ValueError(f"safe_norm: smallest must be a number from 0 on, got {smallest!r}")
    norm = vector_norm(as_float(input), 2, dim, keepdim)
    return where(norm <= smallest, float(smallest), norm)


@operator(
    "safe_asin", method=False, samples=_samples,
    reference=lambda x: np.arcsin(np.clip(x, -1, 1)),
    convention="0 from -1 down and from 1 up",
    kinks=[At((np.array([0.0, 1.0, -2.0]),), (np.array([1.0, 0.0, 0.0]),))],
)  # fmt: skip
def safe_asin(input: Any) -> Any:
    """Angle whose sine is each element; that of -1 or 1, with gradient 0, from there on.

    Args:
        input: tensor of real numbers.

    Example:
        >>> import autograd_core as ag
        >>> ag.safe_asin(ag.tensor([0.0, 1.0000001]))
        tensor([0.0000, 1.5708])
    """
    input = _real("safe_asin", input)
    return _inside(asin, abs(input) < 1, input, 0.0, sign(input) * (math.pi / 2))


@operator(
    "safe_acos", method=False, samples=_samples,
    reference=lambda x: np.arccos(np.clip(x, -1, 1)),
    convention="0 from -1 down and from 1 up",
    kinks=[At((np.array([0.0, 1.0, -2.0]),), (np.array([-1.0, 0.0, 0.0]),))],
)  # fmt: skip
def safe_acos(input: Any) -> Any:
    """Angle whose cosine is each element; that of -1 or 1, with gradient 0, from there on.

    Args:
        input: tensor of real numbers.

    Example:
        >>> import autograd_core as ag
        >>> ag.safe_acos(ag.tensor([0.0, 1.0000001]))
        tensor([1.5708, 0.0000])
    """
    input = _real("safe_acos", input)
    ends = math.pi / 2 - sign(input) * (math.pi / 2)
    return _inside(acos, abs(input) < 1, input, 0.0, ends)
