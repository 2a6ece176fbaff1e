"""Tensors of other libraries' memory, by DLPack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.backends.registry import get_backend
from autograd_core.base import TensorBase

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor

# DLPack's numbers of the devices whose memory NumPy reads, and of those that CuPy reads.
_HOST = (1, 3)
_CUDA = (2, 13)


class _Capsule:
    """Gives a bare capsule the methods that NumPy asks for."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor on the memory of another library's array or tensor.

    Writes by the other library are noticed where a node saved the value, and raise in backward.

    Args:
        ext_tensor: an object with ``__dlpack__`` (NumPy, CuPy, PyTorch, JAX ...), or a capsule of
            the CPU's memory.
        device: where the result shall be; default where the memory is. Elsewhere it is a copy.
        copy: True: the result has memory of its own; False: it must not.

    Raises:
        ValueError: ``copy`` is False and the memory is on another device.
        TypeError: no DLPack object, or an element type that the array library does not know.

    Source: PyTorch, ``torch.from_dlpack``.

    Example:
        >>> import autograd_core as ag, numpy as np
        >>> array = np.zeros(2, np.float32)
        >>> ag.from_dlpack(array)[0] = 5
        >>> array
        array([5., 0.], dtype=float32)
    """
    shared = _read(ext_tensor)
    moved = shared if device is None else shared.to(device)
    if moved is not shared and copy is False:
        raise ValueError(f"from_dlpack: copy=False, but the memory is on {shared.device}")
    return moved.clone() if copy and moved is shared else moved


def _read(ext_tensor: Any) -> Any:
    """The tensor on the memory."""
    if isinstance(ext_tensor, TensorBase):
        return ext_tensor.detach()  # type: ignore[attr-defined]
    if type(ext_tensor).__name__ == "PyCapsule":
        ext_tensor = _Capsule(ext_tensor)
    if not hasattr(ext_tensor, "__dlpack__"):
        raise TypeError(
            f"from_dlpack: {type(ext_tensor).__name__} has no __dlpack__. Mend: ag.as_tensor(...)."
        )
    kind = int(ext_tensor.__dlpack_device__()[0])
    if kind not in (*_HOST, *_CUDA):
        raise TypeError(f"from_dlpack: neither NumPy nor CuPy reads DLPack device type {kind}")
    try:
        if kind in _HOST:
            array = np.from_dlpack(ext_tensor)
        else:
            array = get_backend("cuda").xp.from_dlpack(ext_tensor)
    except (BufferError, RuntimeError) as error:
        raise TypeError(
            f"from_dlpack: {error}. Mend: convert it to a usual dtype first."
        ) from error
    return TensorBase._shared(array)


def to_dlpack(tensor: Any) -> Any:
    """A DLPack capsule on the tensor's memory. Source: PyTorch, ``torch.utils.dlpack``."""
    return tensor.__dlpack__()
