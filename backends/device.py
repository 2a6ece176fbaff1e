"""The name of a place where arrays live, and the default place inside ``with device(...):``."""

from __future__ import annotations

import threading
from typing import Union

DEVICE_TYPES = ["cpu", "cuda"]  # the registry adds the type of every further backend

DeviceLike = Union["device", str, int]


class _EnteredDevices(threading.local):
    """The devices whose ``with`` block the current thread is inside, innermost last."""

    def __init__(self) -> None:
        self.stack: list[device] = []


entered = _EnteredDevices()


class device:
    """The place where a tensor lives: ``device(type='cpu')`` or ``device(type='cuda', index=0)``.

    ``device("cuda")`` has no index and means the current CUDA device; a tensor's own device always
    names its index. As a context manager it is where new tensors are made inside the block, in
    this thread; blocks nest.

    Args:
        type: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, another device, or the index of a CUDA device.
        index: Index of the device, where ``type`` does not give it already.

    Raises:
        RuntimeError: The type is unknown, or the index is malformed or given twice.
        TypeError: ``type`` is neither a string, an integer nor a device.

    Source: PyTorch, ``torch.device``.

    Example:
        >>> import autograd_core as ag
        >>> ag.device("cuda", 1)
        device(type='cuda', index=1)
        >>> with ag.device("cpu"):
        ...     ag.zeros(2).device
        device(type='cpu')
    """

    __slots__ = ("type", "index", "_hash")

    type: str
    index: int | None
    _hash: int

    def __init__(self, type: DeviceLike, index: int | None = None) -> None:
        if isinstance(type, device):
            name, parsed = type.type, type.index
        elif isinstance(type, str):
            name, parsed = _parse(type)
        elif isinstance(type, int) and not isinstance(type, bool):
            name, parsed = "cuda", _checked_index(type, type)
        else:
            raise TypeError(
                f"device(): got {type!r} ({type.__class__.__name__}), expected a string such as "
                "'cpu' or 'cuda:0', the index of a CUDA device, or a device"
            )
        if index is not None:
            if parsed is not None:
                raise RuntimeError(
                    f"device(): {type!r} names an index already, and index={index} names another; "
                    f"write device({name!r}, {index})"
                )
            parsed = _checked_index(index, index)
        object.__setattr__(self, "type", name)
        object.__setattr__(self, "index", parsed)
        object.__setattr__(self, "_hash", hash((name, parsed)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"device: {name!r} cannot be set; make a new device instead")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, device):
            return NotImplemented
        return self.type == other.type and self.index == other.index

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __reduce__(self) -> tuple[object, ...]:
        return (device, (self.type, self.index))

    def __enter__(self) -> device:
        entered.stack.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        entered.stack.pop()


def _parse(text: str) -> tuple[str, int | None]:
    name, colon, number = text.partition(":")
    if name not in DEVICE_TYPES:
        raise RuntimeError(
            f"device(): unknown device type in {text!r}; expected one of "
            f"{', '.join(DEVICE_TYPES)}, with an index if wanted, such as 'cuda:0'"
        )
    if not colon:
        return name, None
    if not (number.isascii() and number.isdigit()):
        raise RuntimeError(f"device(): malformed index in {text!r}; expected such as '{name}:0'")
    return name, int(number)


def _checked_index(index: int, shown: object) -> int:
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise RuntimeError(f"device(): index {shown!r} is not a non-negative integer")
    return index
