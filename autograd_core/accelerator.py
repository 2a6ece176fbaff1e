"""The GPU of this machine, whatever its kind: CUDA's, if there is one.

Source: PyTorch, ``torch.accelerator``.

Example:
    >>> import autograd_core as ag
    >>> found = ag.accelerator.current_accelerator(check_available=True)
    >>> device = found.type if found is not None else "cpu"
"""

from __future__ import annotations

from typing import Any

from autograd_core import cuda
from autograd_core.backends.device import device as Device


def is_available() -> bool:
    """Whether there is a GPU that operators can run on."""
    return cuda.is_available()


def device_count() -> int:
    """How many there are."""
    return cuda.device_count()


def current_accelerator(check_available: bool = False) -> Device | None:
    """The kind of GPU, as a device without a number; None if there is none.

    Args:
        check_available: accepted as in PyTorch; one that is not available is never named here.
    """
    return Device("cuda") if is_available() else None


def current_device_index() -> int:
    """The number of the current GPU."""
    return cuda.current_device()


def set_device_index(device: Any) -> None:
    """Make a GPU, given by its number or as a device, the current one."""
    cuda.set_device(device)


def synchronize(device: Any = None) -> None:
    """Wait until the GPU has done everything that it was given."""
    cuda.synchronize(device)


def empty_cache() -> None:
    """Return memory that is kept for reuse but not used now."""
    cuda.empty_cache()


def memory_allocated(device: Any = None) -> int:
    """Bytes held by arrays on the GPU."""
    return cuda.memory_allocated(device)


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes held so far."""
    return cuda.max_memory_allocated(device)
