"""Choosing between values: where, maximum, minimum, clamp."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.families import binary
from autograd_core.op import Op, promote
from autograd_core.registry import SMOOTH, At, Make, Sample, operator



def _masked(xp: Any, input: Any, mask: Any) -> Any:
    size = input.dtype.itemsize
    if size > 8:
        return xp.where(mask, input, input.dtype.type(0))
    # Bits and'ed with all ones or all zeros: unlike a product, exact for infinities and NaN; and unlike where(),
    # whose branches the processor has to guess, quick on the CPU.
    bits = f"i{size}"
    return (input.view(bits) & -mask.astype(bits)).view(input.dtype)


_only = Op("only", _masked, {"input": lambda g, mask: _only(g, mask)}, inputs=2)


def only(mask: Any, input: Any) -> Any:
    """``input`` where ``mask`` holds and 0 elsewhere, whatever stands there: the gradient of a choice."""
    return _only(input, mask)


_where = Op(
    "where",
    forward=lambda xp, condition, input, other: xp.where(condition, input, other),
    rules={
        "input": lambda g, condition: only(condition, g),
        "other": lambda g, condition: only(~condition, g),
    },
    inputs=3,
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
        input, other: tensors or numbers; the three broadcast, the two promote. Without them, the indices where
            ``condition`` holds, one int64 tensor per dimension (``nonzero(as_tuple=True)``).

    Source: PyTorch, ``torch.where``.

    Example:
        >>> import autograd_core as ag
        >>> ag.where(ag.tensor([True, False]), ag.tensor([1.0, 2.0]), 0.0)
        tensor([1., 0.])
    """
    if input is None and other is None:
        return tuple(condition.nonzero(as_tuple=True))
    array = condition._array if isinstance(condition, TensorBase) else condition
    if getattr(array, "dtype", None) != bool:
        raise TypeError(
            f"where: condition must be a boolean tensor, got {getattr(array, 'dtype', type(array).__name__)}. "
            f"Mend: compare, as in where(x > 0, x, y)."
        )
    return _where(condition, *promote("where", input, other, like=array))


def _share(g: Any, chosen: Any, tied: Any) -> Any:
    """The gradient of the chosen input; a tie is shared equally."""
    return where(chosen, g, where(tied, g / 2, 0))


maximum = binary(
    "maximum", np.maximum,
    {
        "input": lambda g, input, other: _share(g, input > other, input == other),
        "other": lambda g, input, other: _share(g, other > input, input == other),
    },
    doc="The larger of each two elements; NaN if either is.",
    convention="at a tie half to each", kinks=[At((1.0, 1.0), (0.5, 0.5))],
    holomorphic=False, inplace=False,
)  # fmt: skip

minimum = binary(
    "minimum", np.minimum,
    {
        "input": lambda g, input, other: _share(g, input < other, input == other),
        "other": lambda g, input, other: _share(g, other < input, input == other),
    },
    doc="The smaller of each two elements; NaN if either is.",
    convention="at a tie half to each", kinks=[At((1.0, 1.0), (0.5, 0.5))],
    holomorphic=False, inplace=False,
)  # fmt: skip
