"""Settings of PyTorch's that hold for the whole program, under its names."""

from __future__ import annotations

from autograd_core.backends.determinism import (
    are_deterministic_algorithms_enabled,
    is_deterministic_algorithms_warn_only_enabled,
    use_deterministic_algorithms,
)

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
