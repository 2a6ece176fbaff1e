"""Settings of PyTorch's that hold for the whole program, under its names."""

from __future__ import annotations

import warnings
from typing import Any

from autograd_core.backends.determinism import (
    are_deterministic_algorithms_enabled,
    is_deterministic_algorithms_warn_only_enabled,
    use_deterministic_algorithms,
)
from autograd_core.backends.registry import set_default_device
from autograd_core.dtypes import set_default_dtype
from autograd_core.legacy import TensorType, tensor_types

_PRECISIONS = ("highest", "high", "medium")
_DEBUG_MODES = ("default", "warn", "error")

_float32_matmul_precision = "highest"


def get_float32_matmul_precision() -> str:
    """What :func:`set_float32_matmul_precision` was told. Source: PyTorch,
    ``torch.get_float32_matmul_precision``."""
    return _float32_matmul_precision


def set_float32_matmul_precision(precision: str) -> None:
    """Say how exact products of float32 matrices must be at least.

    They are always computed in float32, whatever this says, so it changes no result.

    Args:
        precision: ``"highest"``, ``"high"`` or ``"medium"``.

    Raises:
        ValueError: ``precision`` is something else.

    Source: PyTorch, ``torch.set_float32_matmul_precision``.

    Example:
        >>> import autograd_core as ag
        >>> ag.set_float32_matmul_precision("high")
        >>> ag.get_float32_matmul_precision()
        'high'
        >>> ag.set_float32_matmul_precision("highest")
    """
    global _float32_matmul_precision
    if precision not in _PRECISIONS:
        raise ValueError(
            f"set_float32_matmul_precision: precision must be one of {_PRECISIONS}, "
            f"got {precision!r}"
        )
    _float32_matmul_precision = precision


def get_deterministic_debug_mode() -> int:
    """0, 1 or 2, as :func:`set_deterministic_debug_mode` takes it. Source: PyTorch,
    ``torch.get_deterministic_debug_mode``."""
    return int(are_deterministic_algorithms_enabled()) * (
        2 - is_deterministic_algorithms_warn_only_enabled()
    )


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """Allow operators that may give a slightly different result every time, warn of them, or
    refuse them; see :func:`use_deterministic_algorithms`.

    Args:
        debug_mode: ``"default"`` or 0, ``"warn"`` or 1, ``"error"`` or 2.

    Raises:
        ValueError: ``debug_mode`` is something else.

    Source: PyTorch, ``torch.set_deterministic_debug_mode``.

    Example:
        >>> import autograd_core as ag
        >>> ag.set_deterministic_debug_mode("warn")
        >>> ag.get_deterministic_debug_mode()
        1
        >>> ag.set_deterministic_debug_mode("default")
    """
    modes = (*_DEBUG_MODES, 0, 1, 2)
    if isinstance(debug_mode, bool) or debug_mode not in modes:
        raise ValueError(
            f"set_deterministic_debug_mode: debug_mode must be one of {modes}, got {debug_mode!r}"
        )
    mode = modes.index(debug_mode) % 3
    use_deterministic_algorithms(mode > 0, warn_only=mode == 1)


def set_default_tensor_type(t: Any) -> None:
    """Set the default dtype and device by an older name of both. Newer programs call
    :func:`set_default_dtype` and :func:`set_default_device`.

    Args:
        t: a type such as ``autograd_core.DoubleTensor``, or its name, ``"torch.DoubleTensor"``.

    Raises:
        TypeError: ``t`` is no type of floating-point tensors.

    Source: PyTorch, ``torch.set_default_tensor_type``.
    """
    warnings.warn(
        "set_default_tensor_type is deprecated; use set_default_dtype and set_default_device",
        stacklevel=2,
    )
    known = [*tensor_types("", "cpu").values(), *tensor_types("cuda.", "cuda").values()]
    names = {one.__name__: one for one in known}
    kind = names.get(t.partition(".")[2]) if isinstance(t, str) else t
    if not isinstance(kind, TensorType) or not kind.dtype.is_floating_point:
        raise TypeError(
            f"set_default_tensor_type: expected a type of floating-point tensors, such as "
            f"autograd_core.DoubleTensor or 'torch.DoubleTensor', got {t!r:.40}"
        )
    set_default_device(kind.device)
    set_default_dtype(kind.dtype)


def set_flush_denormal(mode: bool) -> bool:
    """False: numbers closer to 0 than normal ones are kept, whatever ``mode`` says. Source:
    PyTorch, ``torch.set_flush_denormal``, which says whether the processor can do without."""
    return False
