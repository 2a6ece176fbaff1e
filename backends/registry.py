"""Which backend serves a device or an array, and where new tensors are made."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from autograd_core.backends.base import Backend
from autograd_core.backends.device import DEVICE_TYPES, DeviceLike, device, entered
from autograd_core.backends.numpy import NumpyBackend

ENVIRONMENT_VARIABLE = "AUTOGRAD_CORE_DEVICE"

# The engine's hot path indexes this dict and falls back to `backend_of`, which completes it.
BACKENDS_BY_TYPE: dict[type, Backend] = {}
_BACKENDS: dict[str, Backend] = {}  # by device type
_default: device | None = None


def register(backend: Backend) -> None:
    """Make a backend known, by its device type and by the class of its arrays.

    Args:
        backend: The backend; it replaces an earlier one of the same device type.
    """
    if backend.device_type not in DEVICE_TYPES:
        DEVICE_TYPES.append(backend.device_type)
    _BACKENDS[backend.device_type] = backend
    BACKENDS_BY_TYPE[backend.array_type] = backend


def get_backend(device_type: str) -> Backend:
    """The backend that serves a type of device; CuPy is imported when first asked for.

    Args:
        device_type: ``"cpu"``, ``"cuda"``.

    Raises:
        RuntimeError: There is no such type, or its library or hardware is missing; the message
            says which, and what mends it.
    """
    backend = _BACKENDS.get(device_type)
    if backend is not None:
        return backend
    if device_type != "cuda":
        raise RuntimeError(
            f"no backend serves the device type {device_type!r}; there are {', '.join(_BACKENDS)}"
        )
    try:
        from autograd_core.backends.cupy import load  # imports CuPy, hence only here

        register(load())
    except RuntimeError as error:
        if os.environ.get(ENVIRONMENT_VARIABLE, "").startswith("cuda"):
            error.add_note(f"(the environment variable {ENVIRONMENT_VARIABLE} asks for CUDA)")
        raise
    return _BACKENDS["cuda"]


def backend_of(array: Any) -> Backend:
    """The backend of an array.

    Args:
        array: A NumPy array or scalar, a CuPy array, or an array of a registered backend.

    Raises:
        TypeError: It is none of these.
    """
    kind = type(array)
    backend = BACKENDS_BY_TYPE.get(kind)
    if backend is None:
        if isinstance(array, (np.ndarray, np.generic)):
            backend = _BACKENDS["cpu"]
        elif kind.__module__.partition(".")[0] == "cupy":
            backend = get_backend("cuda")
        else:
            raise TypeError(
                f"expected an array of NumPy or CuPy, got {kind.__module__}.{kind.__qualname__}"
            )
        BACKENDS_BY_TYPE[kind] = backend
    return backend


def is_available(device_type: str) -> bool:
    """Whether tensors can be made on a type of device. Never raises.

    Args:
        device_type: ``"cpu"``, ``"cuda"``.
    """
    try:
        return get_backend(device_type).is_available()
    except RuntimeError:
        return False


def default_device() -> device:
    """Where tensors are made when no device is named.

    The innermost ``with device(...):`` block of this thread decides, else ``set_default_device``,
    else the environment variable ``AUTOGRAD_CORE_DEVICE`` (read once), else it is the CPU.

    Raises:
        RuntimeError: The environment variable names no device.
    """
    stack = entered.stack
    if stack:
        return stack[-1]
    return _default if _default is not None else _read_environment()


def _device(where: DeviceLike) -> device:
    return device(where)


def set_default_device(device: DeviceLike | None) -> None:
    """Make new tensors on another device from now on, in every thread.

    Args:
        device: The device; None returns to what the program started with.

    Raises:
        RuntimeError: The device is unknown or not available.

    Source: PyTorch, ``torch.set_default_device`` (there it holds for one thread).

    Example:
        >>> import autograd_core as ag
        >>> ag.set_default_device("cpu")
        >>> ag.zeros(2).device
        device(type='cpu')
    """
    global _default
    chosen = None if device is None else _device(device)
    if chosen is not None:
        get_backend(chosen.type)
    _default = chosen


def _read_environment() -> device:
    global _default
    name = os.environ.get(ENVIRONMENT_VARIABLE, "") or "cpu"
    try:
        _default = device(name)
    except RuntimeError as error:
        raise RuntimeError(f"environment variable {ENVIRONMENT_VARIABLE}: {error}") from None
    return _default


register(NumpyBackend())
