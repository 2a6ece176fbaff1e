"""Elementwise operators of three tensors: lerp, addcmul, addcdiv."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd_core.keywords import in_older_order, numbers_first
from autograd_core.op import Op, promote
from autograd_core.operands import check_same_dtype
from autograd_core.ops.precision import widen
from autograd_core.ranges import wrapped
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _mix(xp: Any, input: Any, end: Any, weight: Any) -> Any:
    # From the nearer end, so that weight 1 gives the end exactly.
    far = abs(weight) >= 0.5
    return xp.where(far, end - (end - input) * (1 - weight), input + weight * (end - input)).astype(
        input.dtype
    )


_lerp = Op(
    "lerp",
    _mix,
    {
        "input": lambda g, weight: g * (1 - weight),
        "end": lambda g, weight: g * weight,
        "weight": lambda g, input, end: g * (end - input),
    },
    inputs=3,
    holomorphic=True,
    keeps_order=True,
)


def _lerp_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), make(3), 0.3)
    yield Sample(make(2, 3), make(2, 3), make(2, 1))
    yield Sample(make(), make(0, 2), 0.7)


@operator(
    "lerp",
    samples=_lerp_samples,
    reference=lambda x, y, w: x + w * (y - x),
    convention=SMOOTH,
    inplace=True,
)
def lerp(input: Any, end: Any, weight: Any) -> Any:
    """Linear interpolation: ``input + weight * (end - input)``.

    Args:
        input, end: tensors that broadcast, of one dtype.
        weight: a number or a tensor of that dtype; 0 gives ``input``, 1 gives ``end``.

    Raises:
        DtypeError: the dtypes differ.

    Source: PyTorch, ``torch.lerp``.

    Example:
        >>> import autograd_core as ag
        >>> ag.lerp(ag.tensor([0.0, 10.0]), ag.tensor([10.0, 20.0]), 0.5)
        tensor([ 5., 15.])
    """
    tensors = {"weight": weight} if hasattr(weight, "shape") and weight.ndim else {}
    check_same_dtype("lerp", input=input, end=end, **tensors)
    return _lerp(*promote("lerp", input, end, weight))


_addcmul = Op(
    "addcmul",
    lambda xp, input, tensor1, tensor2, value: (
        # Halves are rounded once.
        (widen(input) + (widen(tensor1) * widen(tensor2) * value)).astype(input.dtype, copy=False)
    ),
    {
        "input": lambda g: g,
        "tensor1": lambda g, tensor2, value: g * (tensor2 * value),
        "tensor2": lambda g, tensor1, value: g * (tensor1 * value),
    },
    inputs=3,
    holomorphic=True,
    keeps_order=True,
)

_addcdiv = Op(
    "addcdiv",
    lambda xp, input, tensor1, tensor2, value: (
        widen(input) + (widen(tensor1) / widen(tensor2) * value)
    ).astype(input.dtype, copy=False),
    {
        "input": lambda g: g,
        "tensor1": lambda g, tensor2, value: g * (value / tensor2),
        "tensor2": lambda g, tensor1, tensor2, value: -g * (tensor1 / (tensor2 * tensor2) * value),
    },
    inputs=3,
    holomorphic=True,
    keeps_order=True,
)


def _whole(value: Any) -> bool:
    return getattr(value, "_array", value).dtype.kind in "biu"


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), make(3), make(2, 1, low=0.5))
    yield Sample(make(2, 3), make(2, 3), make(3, low=0.5), value=0.5)
    yield Sample(make(), make(), make(low=0.5))


@operator(
    "addcmul",
    samples=_samples,
    reference=lambda x, a, b, value=1: x + value * a * b,
    convention=SMOOTH,
    inplace=True,
)
@numbers_first("value")
def addcmul(input: Any, tensor1: Any, tensor2: Any, *older: Any, value: Any = 1) -> Any:
    """``input + value * tensor1 * tensor2``.

    Args:
        input, tensor1, tensor2: tensors that broadcast.
        value: a number; may stand before ``tensor1`` instead, as in PyTorch's older calls.

    Source: PyTorch, ``torch.addcmul``.

    Example:
        >>> import autograd_core as ag
        >>> ag.addcmul(ag.tensor([1.0]), ag.tensor([2.0]), ag.tensor([3.0]), value=0.5)
        tensor([4.])
    """
    if older:
        return in_older_order(addcmul, input, tensor1, tensor2, *older, value=value)
    operands = promote("addcmul", input, tensor1, tensor2)
    if _whole(operands[0]) and value != 1:
        if value % 1:
            raise RuntimeError(
                f"addcmul: value={value} is no integer, but the tensors are. Mend: .float() first."
            )
        value = wrapped("addcmul", int(value), getattr(operands[0], "_array", operands[0]).dtype)
    return _addcmul(*operands, value)


@operator(
    "addcdiv",
    samples=_samples,
    reference=lambda x, a, b, value=1: x + value * a / b,
    inplace=True,
    convention="infinite or NaN where the divisor is 0, as the value is",
)
@numbers_first("value")
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *older: Any, value: Any = 1) -> Any:
    """``input + value * tensor1 / tensor2``, of floating-point tensors; arguments as for
    :func:`addcmul`.

    Source: PyTorch, ``torch.addcdiv``.
    """
    if older:
        return in_older_order(addcdiv, input, tensor1, tensor2, *older, value=value)
    operands = promote("addcdiv", input, tensor1, tensor2)
    if _whole(operands[0]):
        raise RuntimeError(
            "addcdiv: expected floating-point tensors, got integers. Mend: .float() first."
        )
    return _addcdiv(*operands, value)
