"""Choosing between values: where, maximum, minimum, fmax, fmin, nan_to_num."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.dtypes import from_numpy_dtype
from autograd_core.errors import DtypeError
from autograd_core.families import binary
from autograd_core.limits import finfo
from autograd_core.op import Op, promote
from autograd_core.ops.precision import is_half, widen
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _masked(xp: Any, input: Any, mask: Any) -> Any:
    size = input.dtype.itemsize
    if size > 8:
        return xp.where(mask, input, input.dtype.type(0))
    # Bits and'ed with all ones or all zeros: unlike a product, exact for infinities and NaN; and
    # unlike where(), whose branches the processor has to guess, quick on the CPU.
    bits = f"i{size}"
    return (input.view(bits) & -mask.astype(bits)).view(input.dtype)


_only = Op("only", _masked, {"input": lambda g, mask: _only(g, mask)}, inputs=2)


def only(mask: Any, input: Any) -> Any:
    """``input`` where ``mask`` holds and 0 elsewhere, whatever stands there: the gradient of a
    choice.
    """
    return _only(input, mask)


_where = Op(
    "where",
    # (CuPy's where() turns bfloat16 into float32.)
    forward=lambda xp, condition, input, other: xp.where(condition, input, other).astype(
        input.dtype, copy=False
    ),
    rules={
        "input": lambda g, condition: only(condition, g),
        "other": lambda g, condition: only(~condition, g),
    },
    inputs=3,
    keeps_order=True,
)


def _where_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make.booleans(2, 3), make(2, 3), make(2, 3))
    yield Sample(make.booleans(3), make(2, 1), make(3))
    yield Sample(make.booleans(2, 3), make(2, 3), 0.5)
    yield Sample(make.booleans(0, 3), make(3), make())


@operator(
    "where",
    samples=_where_samples,
    reference=np.where,
    convention=SMOOTH + "; the branch not taken gets gradient 0",
)
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """Elements of ``input`` where ``condition`` holds, of ``other`` elsewhere.

    Args:
        condition: boolean tensor.
        input, other: tensors or numbers; the three broadcast, the two promote. Without them, the
            indices where ``condition`` holds, one int64 tensor per dimension
            (``nonzero(as_tuple=True)``).

    Source: PyTorch, ``torch.where``.

    Example:
        >>> import autograd_core as ag
        >>> ag.where(ag.tensor([True, False]), ag.tensor([1.0, 2.0]), 0.0)
        tensor([1., 0.])
    """
    if input is None and other is None:
        return tuple(condition.nonzero(as_tuple=True))
    array = condition._array if isinstance(condition, TensorBase) else condition
    dtype = getattr(array, "dtype", None)
    if dtype is None or dtype.kind != "b":
        raise DtypeError(
            f"where: condition must be a boolean tensor, got {dtype or type(array).__name__}. "
            f"Mend: compare, as in where(x > 0, x, y)."
        )
    if not isinstance(
        condition, TensorBase
    ):  # in a rule, a NumPy scalar is an array without dimensions
        input, other = [np.asarray(v) if isinstance(v, np.generic) else v for v in (input, other)]
    return _where(condition, *promote("where", input, other, like=array))


def _share(g: Any, chosen: Any, tied: Any) -> Any:
    """The gradient of the chosen input; a tie is shared equally."""
    return only(chosen, g) + only(tied, g / 2)


def _extreme(name: str, ufunc: Any, doc: str, chosen: Any) -> Any:
    return binary(
        name,
        ufunc,
        {
            "input": lambda g, input, other: _share(g, chosen(input, other), input == other),
            "other": lambda g, input, other: _share(g, chosen(other, input), input == other),
        },
        doc=doc,
        convention="at a tie half to each",
        kinks=[At((1.0, 1.0), (0.5, 0.5))],
        holomorphic=False,
        real=True,
        inplace=False,
    )


maximum = _extreme(
    "maximum", np.maximum, "The larger of each two elements; NaN if either is.", lambda x, y: x > y
)
minimum = _extreme(
    "minimum", np.minimum, "The smaller of each two elements; NaN if either is.", lambda x, y: x < y
)


def _extreme_number(name: str, ufunc: Any, doc: str, first: Any) -> Any:
    def chosen(input: Any, other: Any) -> Any:
        return first(input, other) | (other != other)  # what is not equal to itself is NaN

    return binary(
        name,
        ufunc,
        {
            "input": lambda g, input, other: only(chosen(input, other), g),
            "other": lambda g, input, other: only(~chosen(input, other), g),
        },
        doc=doc,
        convention="at a tie all to the first",
        kinks=[At((1.0, 1.0), (1.0, 0.0))],
        holomorphic=False,
        real=True,
        inplace=False,
    )


fmax = _extreme_number(
    "fmax",
    np.fmax,
    "The larger of each two elements; a number rather than NaN.",
    lambda x, y: x >= y,
)
fmin = _extreme_number(
    "fmin",
    np.fmin,
    "The smaller of each two elements; a number rather than NaN.",
    lambda x, y: x <= y,
)


def _finite(xp: Any, input: Any, nan: Any, posinf: Any, neginf: Any) -> Any:
    if input.dtype.kind in "biu":
        return input.copy()
    out = xp.nan_to_num(widen(input), nan=nan or 0.0, posinf=posinf, neginf=neginf)
    if not is_half(input.dtype):
        return out
    limit = finfo(from_numpy_dtype(input.dtype)).max
    return xp.clip(
        out, -limit if neginf is None else -xp.inf, limit if posinf is None else xp.inf
    ).astype(input.dtype)


_nan_to_num = Op(
    "nan_to_num",
    _finite,
    {
        "input": lambda g, input: only((input - input) == 0, g)
    },  # which is NaN for NaN and infinities
    keeps_order=True,
)


@operator(
    "nan_to_num",
    inplace=True,
    convention="0 where a value was replaced",
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(np.array([1.0, np.nan, np.inf, -np.inf]), nan=0.5, posinf=2.0, neginf=-2.0),
    ],
    kinks=[At((np.array([np.nan, np.inf, 1.0]),), (np.array([0.0, 0.0, 1.0]),))],
    reference=np.nan_to_num,
)
def nan_to_num(
    input: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """NaN and infinities replaced by numbers.

    Args:
        input: tensor.
        nan: for NaN; default 0.
        posinf, neginf: for the infinities; default the largest and smallest number of the dtype.

    Source: PyTorch, ``torch.nan_to_num``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nan_to_num(ag.tensor([float("nan"), 1.0]))
        tensor([0., 1.])
    """
    return _nan_to_num(input, nan, posinf, neginf)
