"""Errors of operators: which one, with which operands, made where."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import DeviceError, DtypeError, IndexingError, ShapeError
from autograd_core.source import place_and_text, user_frame


def describe(value: Any) -> str:
    """A short description of an operand for messages: shape, dtype and where it was made."""
    if isinstance(value, TensorBase):
        array, node = value._array, value._node
        made = (
            ""
            if node is None
            else f" from {node.operator} at {place_and_text(node.code, node.lasti)}"
        )
        return f"{tuple(array.shape)} {array.dtype}{made}"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{tuple(value.shape)} {value.dtype} array"
    return f"{type(value).__name__} {value!r}"[:80]


def operands(inputs: Sequence[Any]) -> Iterator[str]:
    """One description per operand, numbered."""
    for i, value in enumerate(inputs):
        yield f"operand {i + 1}: {describe(value)}"


def explain(name: str, inputs: Sequence[Any], error: Exception, mend: str = "") -> Exception:
    """The error to raise when an operator's arithmetic refused its operands."""
    if isinstance(error, TypeError) and all(
        str(getattr(value, "dtype", "")).endswith("bool") for value in inputs
    ):
        mend = "~ and ^ for truth values, or .int() first"
    frame = user_frame(sys._getframe(1))
    where = place_and_text(frame.f_code, frame.f_lasti)
    text = (
        f"{name} at {where}: {error}; "
        + "; ".join(operands(inputs))
        + (f". Mend: {mend}" if mend else "")
    )
    if isinstance(error, IndexError):
        return IndexingError(text)
    return DtypeError(text) if isinstance(error, TypeError) else ShapeError(text)


def device_mismatch(name: str, arrays: Sequence[Any]) -> DeviceError:
    """The error for operands on different devices."""
    places = ", ".join(
        f"{tuple(a.shape)} {a.dtype} on {backend_of(a).device_of(a)}" for a in arrays
    )
    return DeviceError(
        f"{name}: expected all operands on one device, got {places}. Mend: move them with "
        f".to(device)."
    )
