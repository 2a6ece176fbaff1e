"""Checks that convolutions and transposed convolutions share."""

from __future__ import annotations

from typing import Any

from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.operands import check_same_dtype
from autograd_core.ops.dims import is_whole, shape_of

_SIZES = {1: "L", 2: "H, W", 3: "D, H, W"}


def check_operands(
    name: str, n: int, input: Any, weight: Any, bias: Any, groups: int, transposes: bool
) -> bool:
    """Refuse operands that do not fit; returns whether the input has a batch."""
    check_same_dtype(name, input=input, weight=weight, bias=bias)
    sizes = _SIZES[n]
    if input.ndim not in (n + 1, n + 2) or weight.ndim != n + 2:
        raise ShapeError(
            f"{name}: expected input (N, C, {sizes}) or (C, {sizes}) and weight of {n + 2} "
            f"dimensions, got input {describe(input)} and weight {describe(weight)}"
        )
    if not is_whole(groups) or groups < 1:
        raise ShapeError(f"{name}: groups must be a positive integer, got {groups!r}")
    shape = shape_of(weight)
    if 0 in shape[2:]:
        raise ShapeError(f"{name}: the kernel has no elements, weight has shape {shape}")
    if shape[0] % groups:
        raise ShapeError(
            f"{name}: weight of shape {shape} cannot be split into groups={groups}: dimension 0 "
            f"must be a multiple of it"
        )
    channels = input.shape[-n - 1]
    expected = shape[0] if transposes else shape[1] * groups
    if channels != expected:
        raise ShapeError(
            f"{name}: expected input with {expected} channels for weight of shape {shape} and "
            f"groups={groups}, got {channels} in {describe(input)}"
        )
    features = shape[1] * groups if transposes else shape[0]
    if bias is not None and shape_of(bias) != (features,):
        raise ShapeError(f"{name}: bias must have shape ({features},), got {shape_of(bias)}")
    return bool(input.ndim == n + 2)
