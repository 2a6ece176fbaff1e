"""Where random numbers come from: generators, the default ones, their seeds and states."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.backends.device import DeviceLike
from autograd_core.backends.device import device as Device
from autograd_core.backends.philox import PhiloxStream
from autograd_core.backends.registry import backend_of, get_backend
from autograd_core.backends.stream import DEFAULT_SEED, Stream
from autograd_core.base import TensorBase

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor


class Generator:
    """A source of random numbers for the tensors of one device.

    On the CPU it gives the numbers of PyTorch's CPU generator, and takes its states. On other
    devices it counts with Philox, whose numbers are the same whatever the device.

    Args:
        device: The device whose tensors it fills.
        algorithm: ``"mt19937"`` (PyTorch's numbers, on the CPU alone) or ``"philox"`` (the same
            numbers on every device but for the last bits of log, sin and cos); default the
            device's own.

    Raises:
        RuntimeError: The device is unknown or not available.
        ValueError: The device has no such algorithm.

    Source: PyTorch, ``torch.Generator``.

    Example:
        >>> import autograd_core as ag
        >>> g = ag.Generator().manual_seed(0)
        >>> ag.rand(2, generator=g)
        tensor([0.4963, 0.7682])
        >>> ag.rand(2, generator=ag.Generator(algorithm="philox").manual_seed(0))
        tensor([0.3990, 0.8805])
    """

    __slots__ = ("__weakref__", "_made", "_seed", "algorithm", "device")

    def __init__(self, device: DeviceLike = "cpu", *, algorithm: str | None = None) -> None:
        self.device = _resolved(device)
        self.algorithm = _checked_algorithm("Generator", self.device, algorithm)
        self._seed = DEFAULT_SEED
        self._made: Stream | None = None

    @property
    def stream(self) -> Stream:
        """The samplers; made on first use."""
        if self._made is None:
            backend = get_backend(self.device.type)
            own = self.algorithm == _own_algorithm(self.device)
            self._made = (
                backend.make_stream(self.device) if own else PhiloxStream(backend, self.device)
            )
            self._made.seed(self._seed)
        return self._made

    def manual_seed(self, seed: int) -> Generator:
        """Start again, at the beginning of the sequence that ``seed`` names.

        Args:
            seed: Integer from ``-2**63`` to ``2**64 - 1``; negative ones count from ``2**64`` down.

        Raises:
            ValueError: The seed is out of range.
        """
        self._seed = checked_seed(seed)
        if self._made is not None:
            self._made.seed(self._seed)
        return self

    def seed(self) -> int:
        """Start at an unpredictable place; returns the seed taken."""
        return self.manual_seed(unpredictable_seed()).initial_seed()

    def initial_seed(self) -> int:
        """The seed that the sequence began with."""
        return self._seed if self._made is None else self._made.initial_seed

    def get_state(self) -> Tensor:
        """The state as a tensor of bytes on the CPU."""
        return TensorBase._wrap(self.stream.state())

    def set_state(self, new_state: Any) -> Generator:
        """Go on from a state that ``get_state`` returned.

        Returns:
            The generator itself.

        Raises:
            TypeError: It is no tensor of bytes.
            RuntimeError: It is no state of this kind of generator.
        """
        if not isinstance(new_state, TensorBase):
            raise TypeError(
                f"Generator.set_state: expected a tensor of bytes, got {type(new_state).__name__}"
            )
        array = new_state._array
        if array.dtype != np.uint8:
            raise TypeError(
                f"Generator.set_state: expected a tensor of bytes (uint8), got {array.dtype.name}"
            )
        self.stream.set_state(backend_of(array).to_numpy(array))
        return self

    def clone_state(self) -> Generator:
        """A new generator that will give the same numbers."""
        return _restored(self.device, self.stream.state(), self.algorithm)

    def __reduce__(self) -> tuple[object, ...]:
        return (_restored, (self.device, self.stream.state(), self.algorithm))

    def __repr__(self) -> str:
        return f"<Generator device='{self.device}'>"


def _restored(device: Device, state: np.ndarray, algorithm: str) -> Generator:
    generator = Generator(device, algorithm=algorithm)
    generator.stream.set_state(state)
    return generator


def _resolved(where: DeviceLike) -> Device:
    """A device as tensors name it: with its index, which ``device("cuda")`` leaves open."""
    named = Device(where)
    return get_backend(named.type).resolve(named)


def _own_algorithm(where: Device) -> str:
    return "mt19937" if where.type == "cpu" else "philox"


def _checked_algorithm(name: str, where: Device, algorithm: str | None) -> str:
    """The algorithm asked for, if the device has it; its own for None."""
    if algorithm is None:
        return _own_algorithm(where)
    if algorithm not in ("philox", _own_algorithm(where)):
        raise ValueError(
            f"{name}: algorithm={algorithm!r} is none of the device {where}; expected 'philox', or "
            f"'mt19937' on the CPU"
        )
    return algorithm


def checked_seed(seed: Any) -> int:
    """A seed as a number below ``2**64``."""
    number = int(seed)
    if not -(1 << 63) <= number < 1 << 64:
        raise ValueError(f"manual_seed: {seed!r} is not between -2**63 and 2**64 - 1")
    return number % (1 << 64)


def unpredictable_seed() -> int:
    """A seed from the operating system."""
    return int.from_bytes(os.urandom(8), "little")


# --- the default generators ----------------------------------------------------------------------

default_generator = Generator("cpu")
default_generator.seed()
_defaults: dict[Device, Generator] = {default_generator.device: default_generator}
# The seed of the default generators that are made later.
_later_seed = default_generator.initial_seed()


def default_generator_of(where: DeviceLike) -> Generator:
    """The generator that fills tensors of the device ``where`` if none is named."""
    generator = _defaults.get(where)  # type: ignore[arg-type]
    if generator is None:
        device = _resolved(where)
        generator = _defaults.get(device)
        if generator is None:
            generator = _defaults[device] = Generator(device).manual_seed(_later_seed)
    return generator


def stream_for(where: Device, generator: Generator | None = None) -> Stream:
    """The samplers for arrays of a device: those of ``generator``, or of the default one.

    Raises:
        RuntimeError: The generator is made for another device.
    """
    if generator is None:
        return default_generator_of(where).stream
    if not isinstance(generator, Generator):
        raise TypeError(f"generator: expected a Generator, got {type(generator).__name__}")
    if generator.device != where:
        raise RuntimeError(
            f"a generator of the device {generator.device} cannot fill a tensor on {where}; make "
            f"one there, Generator(device='{where}'), or make the tensor on {generator.device}"
        )
    return generator.stream


def manual_seed(seed: int, *, algorithm: str | None = None) -> Generator:
    """Seed the default generators of all devices.

    Args:
        seed: Integer from ``-2**63`` to ``2**64 - 1``.
        algorithm: What the CPU's default generator counts with from now on: ``"mt19937"`` for
            PyTorch's numbers, as at first, or ``"philox"`` for those of the GPUs, so that a
            program meets the same numbers on either. Default: no change.

    Returns:
        The default generator of the CPU.

    Raises:
        ValueError: The seed is out of range, or there is no such algorithm.

    Source: PyTorch, ``torch.manual_seed``; the CPU's numbers that follow are the same as there.

    Example:
        >>> import autograd_core as ag
        >>> _ = ag.manual_seed(0)
        >>> ag.randn(2)
        tensor([ 1.5410, -0.2934])
    """
    global _later_seed
    number = checked_seed(seed)
    if algorithm is not None:
        chosen = _checked_algorithm("manual_seed", default_generator.device, algorithm)
        if chosen != default_generator.algorithm:
            default_generator.algorithm, default_generator._made = chosen, None
    _later_seed = number
    for generator in _defaults.values():
        generator.manual_seed(_later_seed)
    return default_generator


def seed() -> int:
    """Start all default generators at an unpredictable place; returns the seed taken."""
    return manual_seed(unpredictable_seed()).initial_seed()


def initial_seed() -> int:
    """The seed of the CPU's default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The state of the CPU's default generator, a tensor of bytes.

    The states of other devices: ``autograd_core.cuda.get_rng_state``.

    Example:
        >>> import autograd_core as ag
        >>> state = ag.get_rng_state()
        >>> before = ag.rand(3, device="cpu").tolist()
        >>> ag.set_rng_state(state)
        >>> ag.rand(3, device="cpu").tolist() == before
        True
    """
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Let the CPU's default generator go on from a state that ``get_rng_state`` returned."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Iterable[DeviceLike] | None = None, enabled: bool = True) -> Iterator[None]:
    """Leave the default generators after the block as they were before it.

    Args:
        devices: Devices whose generators are restored beside the CPU's; default all in use.
        enabled: False makes this do nothing.

    Source: PyTorch, ``torch.random.fork_rng``.

    Example:
        >>> import autograd_core as ag
        >>> with ag.random.fork_rng():
        ...     _ = ag.manual_seed(1)
    """
    global _later_seed
    if not enabled:
        yield
        return
    if devices is None:
        chosen = list(_defaults)
    else:
        chosen = list(dict.fromkeys(_resolved(one) for one in ("cpu", *devices)))
    saved = {one: default_generator_of(one).clone_state() for one in chosen}
    known, later = set(_defaults), _later_seed
    try:
        yield
    finally:
        _later_seed = later
        for one, kept in saved.items():
            generator = _defaults[one]
            generator.algorithm, generator._made = kept.algorithm, kept.stream
        if devices is None:  # those first used inside begin anew as well
            for one in set(_defaults) - known:
                del _defaults[one]


def get_rng_state_all() -> dict[str, Tensor]:
    """The states of all default generators in use, by the name of their device.

    Example:
        >>> import autograd_core as ag
        >>> list(ag.random.get_rng_state_all())[0]
        'cpu'
    """
    return {str(device): generator.get_state() for device, generator in _defaults.items()}


def set_rng_state_all(states: Mapping[str, Tensor]) -> None:
    """Let default generators go on from what ``get_rng_state_all`` returned; others stay."""
    for device, state in states.items():
        default_generator_of(device).set_state(state)
