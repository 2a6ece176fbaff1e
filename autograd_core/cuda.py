"""CUDA GPUs: what there is, their memory, their random numbers. PyTorch's names.

Questions never fail: without a GPU the answer is 0 or False. What needs a GPU raises the message
that says what is missing. Source: PyTorch, ``torch.cuda``.

Example:
    >>> import autograd_core as ag
    >>> where = "cuda" if ag.cuda.is_available() else "cpu"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from autograd_core.backends import registry
from autograd_core.backends.base import Backend
from autograd_core.backends.device import device as Device
from autograd_core.generator import (
    checked_seed,
    default_generator_of,
    unpredictable_seed,
)
from autograd_core.legacy import tensor_types

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor

OutOfMemoryError = MemoryError  # CuPy's error is one
globals().update(tensor_types("cuda.", "cuda"))


def _backend() -> Backend:
    return registry.get_backend("cuda")


def _named(device: Any) -> Device | None:
    """A device given as None (the current one), an index, a name or a device."""
    if device is None:
        return None
    wanted = Device(device)
    if wanted.type != "cuda":
        raise ValueError(f"expected a CUDA device, got {wanted}")
    return wanted


def is_available() -> bool:
    """Whether there is a GPU that can be used."""
    return registry.is_available("cuda")


def device_count() -> int:
    """The number of GPUs that can be used."""
    return _backend().device_count() if is_available() else 0


def current_device() -> int:
    """The index of the GPU that ``"cuda"`` means now.

    Raises:
        RuntimeError: There is no GPU to use.
    """
    return _backend().resolve().index or 0


def set_device(device: Any) -> None:
    """Let ``"cuda"`` mean this GPU from now on.

    Raises:
        RuntimeError: There is no such GPU.
    """
    wanted = _named(device)
    if wanted is not None:
        _backend().set_current_device(wanted)


def get_device_name(device: Any = None) -> str:
    """The name of a GPU.

    Raises:
        RuntimeError: There is no such GPU.
    """
    return _backend().device_name(_named(device))


def synchronize(device: Any = None) -> None:
    """Wait until a GPU has done all that it was given.

    Raises:
        RuntimeError: There is no such GPU.
        IndexError: Work done since the last look used an index that was out of range.
    """
    _backend().synchronize(_named(device))


def empty_cache() -> None:
    """Return to the GPU the memory that is kept for reuse but not used now."""
    if is_available():
        _backend().empty_cache()


def memory_allocated(device: Any = None) -> int:
    """Bytes held by tensors."""
    return _backend().memory_allocated(_named(device)) if is_available() else 0


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes taken since the start or the last ``empty_cache``, kept ones included."""
    return _backend().max_memory_allocated(_named(device)) if is_available() else 0


# --- random numbers ------------------------------------------------------------------------------


def manual_seed(seed: int) -> None:
    """Seed the current GPU's default generator; without a GPU, nothing happens."""
    number = checked_seed(seed)
    if is_available():
        default_generator_of(_backend().resolve()).manual_seed(number)


def manual_seed_all(seed: int) -> None:
    """Seed the default generators of all GPUs; without a GPU, nothing happens."""
    number = checked_seed(seed)
    for index in range(device_count()):
        default_generator_of(Device("cuda", index)).manual_seed(number)


def seed() -> None:
    """Start the current GPU's default generator at an unpredictable place."""
    manual_seed(unpredictable_seed())


def initial_seed() -> int:
    """The seed of the current GPU's default generator.

    Raises:
        RuntimeError: There is no GPU to use.
    """
    return default_generator_of(_backend().resolve()).initial_seed()


def get_rng_state(device: Any = "cuda") -> Tensor:
    """The state of a GPU's default generator, a tensor of bytes on the CPU.

    Raises:
        RuntimeError: There is no such GPU.
    """
    return default_generator_of(_backend().resolve(_named(device))).get_state()


def set_rng_state(new_state: Tensor, device: Any = "cuda") -> None:
    """Let a GPU's default generator go on from a state that ``get_rng_state`` returned.

    Raises:
        RuntimeError: There is no such GPU, or it is no such state.
    """
    default_generator_of(_backend().resolve(_named(device))).set_state(new_state)


def get_rng_state_all() -> list[Tensor]:
    """The states of all GPUs' default generators."""
    return [get_rng_state(index) for index in range(device_count())]


def set_rng_state_all(new_states: Iterable[Tensor]) -> None:
    """Give each GPU's default generator its state back."""
    for index, state in enumerate(new_states):
        set_rng_state(state, index)
