"""Making tensors from data: numbers, nested sequences, arrays, buffers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.backends.base import Backend
from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import (
    BACKENDS_BY_TYPE,
    backend_of,
    default_device,
    get_backend,
)
from autograd_core.base import TensorBase
from autograd_core.dtypes import as_dtype, get_default_dtype
from autograd_core.ranges import check_range, check_real

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor


def place(device: Any) -> tuple[Backend, Device]:
    """The backend and the full device that ``device`` (None: the default) means."""
    wanted = default_device() if device is None else Device(device)
    backend = get_backend(wanted.type)
    return backend, backend.resolve(wanted)


def finish(array: Any, requires_grad: bool) -> Tensor:
    result = TensorBase._wrap(array)
    return result.requires_grad_() if requires_grad else result


def _is_array(data: Any) -> bool:
    return isinstance(data, (np.ndarray, np.generic)) or type(data) in BACKENDS_BY_TYPE


def _to_numpy(data: Any, name: str, kind: Any) -> np.ndarray:
    """Lists of numbers (or of tensors) as an array; unless a dtype ``kind`` is asked for, in
    PyTorch's: default float for floats."""
    plain = _plain(data)
    try:
        array = np.array(plain)
    except ValueError as error:
        raise ValueError(f"{name}: the nested sequences are not rectangular: {error}") from None
    if array.dtype.kind not in "biufcV":
        raise TypeError(
            f"{name}: cannot make a tensor of {array.dtype} data ({type(data).__name__})"
        )
    if array.size == 0 and not isinstance(data, TensorBase):
        return array.astype(get_default_dtype().numpy)
    if kind is None and array.dtype.kind in "fc" and not _has_numpy_values(data):
        complex_values = array.dtype.kind == "c"
        wanted = get_default_dtype().to_complex() if complex_values else get_default_dtype()
        return array.astype(wanted.numpy)
    return array


def _plain(data: Any) -> Any:
    if isinstance(data, TensorBase):
        return backend_of(data._array).to_numpy(data._array)
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    if isinstance(data, (bool, int, float, complex)):
        return data
    if hasattr(data, "__array__"):
        return np.asarray(data)
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return [_plain(item) for item in data]
    return data


def _has_numpy_values(data: Any) -> bool:
    """Whether a nested sequence holds arrays or NumPy numbers, whose dtype then counts."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic, TensorBase))


def tensor(
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A new leaf tensor that holds a copy of ``data``.

    Args:
        data: number, nested sequence, array or tensor.
        dtype: default from the data; Python floats become the default dtype (float32).
        device: default that of an array or tensor, else the default device.
        requires_grad: whether gradients are needed.
        pin_memory: accepted as in PyTorch.

    Raises:
        TypeError: the data are no numbers, or complex ones and ``dtype`` is real.
        ValueError: the nested sequences are not rectangular.

    Source: PyTorch, ``torch.tensor``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor([[1.0, 2.0], [3.0, 4.0]])
        tensor([[1., 2.],
                [3., 4.]])
    """
    if isinstance(data, TensorBase):
        data = data._array
    kind = None if dtype is None else as_dtype(dtype).numpy
    if _is_array(data) and not isinstance(data, (np.ndarray, np.generic)) and device is None:
        return finish(backend_of(data).array(data, kind), requires_grad)
    if _is_array(data):
        source = backend_of(data).to_numpy(data)
    else:
        source = _to_numpy(data, "tensor", kind)
        if kind is not None and kind.kind in "iu" and source.dtype.kind in "iuf":
            check_range("tensor", source, kind)
        check_real("tensor", source.dtype.kind == "c", kind)
    _check_numpy(source, "tensor")
    backend, where = place(device)
    if kind is not None and source.dtype.kind in "biufc" and source.dtype != kind:
        source = source.astype(kind)
    array = backend.array(_native(source), kind, where)
    return finish(array, requires_grad)


def _check_numpy(array: Any, name: str) -> None:
    if array.dtype.kind not in "biufcV":
        raise TypeError(
            f"{name}: cannot make a tensor of a NumPy array of dtype {array.dtype}. "
            f"Mend: convert it to numbers first, array.astype(...)."
        )


def _native(array: Any) -> Any:
    """The array in the machine's byte order."""
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """``data`` as a tensor, sharing memory and graph where it can.

    Args:
        data: number, nested sequence, array or tensor.
        dtype, device: as for :func:`tensor`; where they differ from the data's, it is copied.

    Source: PyTorch, ``torch.as_tensor``.

    Example:
        >>> import autograd_core as ag, numpy as np
        >>> array = np.zeros(2, np.float32)
        >>> t = ag.as_tensor(array)
        >>> array[0] = 5
        >>> t
        tensor([5., 0.])
    """
    if isinstance(data, TensorBase):
        return data.to(dtype=dtype, device=device)  # type: ignore[attr-defined, no-any-return]
    if not _is_array(data):
        return tensor(data, dtype=dtype, device=device)
    source = np.asarray(data) if isinstance(data, np.generic) else data
    _check_numpy(source, "as_tensor")
    shared = TensorBase._shared(_native(source))
    where = None
    if device is not None or isinstance(source, np.ndarray):
        where = place(device)[1]
    return shared.to(dtype=dtype, device=where)


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool | None = None,
) -> Tensor:
    """``obj`` as a tensor, sharing memory and graph where it can.

    Args:
        obj: number, nested sequence, array or tensor.
        dtype, device: as for :func:`tensor`; where they differ from the data's, it is copied.
        copy: True always copies, False never.
        requires_grad: whether gradients are recorded; None (as in PyTorch, where it is left out):
            as for ``obj``. False gives a tensor without the graph of ``obj``.

    Raises:
        ValueError: ``copy=False``, and a copy is needed.

    Source: PyTorch, ``torch.asarray``.

    Example:
        >>> import autograd_core as ag
        >>> ag.asarray([1, 2])
        tensor([1, 2])
    """
    result = as_tensor(obj, dtype, device)
    if copy is False and not _shares(result, obj):
        raise ValueError("asarray: copy=False, but a copy is needed for this data, dtype or device")
    if requires_grad is False or (requires_grad and result._node is None):
        result = result.detach()
    if copy:
        result = result.clone()
    return result.requires_grad_() if requires_grad else result


def _shares(result: Tensor, obj: Any) -> bool:
    array = obj._array if isinstance(obj, TensorBase) else obj
    backend = backend_of(result._array)
    return isinstance(array, backend.array_type) and backend.shares_memory(result._array, array)


def from_numpy(array: Any) -> Tensor:
    """A tensor that shares the memory of a NumPy array (on the CPU).

    A write to the array after the engine saved it for backward is detected, and raises there.

    Args:
        array: a NumPy array of numbers; read-only ones are accepted, and stay so.

    Source: PyTorch, ``torch.from_numpy``.

    Example:
        >>> import autograd_core as ag, numpy as np
        >>> ag.from_numpy(np.arange(3))
        tensor([0, 1, 2])
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(
            f"from_numpy: expected a NumPy array, got {type(array).__name__}. Mend: ag.tensor(...)."
        )
    return as_tensor(array, device="cpu")


def frombuffer(
    buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """A 1-d tensor that shares the memory of an object with the buffer protocol.

    Args:
        buffer: the object, such as a ``bytearray``.
        dtype: how its bytes are to be read.
        count: the number of elements; default all that there are.
        offset: the first byte.
        requires_grad: whether gradients are recorded.

    Raises:
        TypeError: the object has no buffer.
        ValueError: there are no elements, or not as many, or half of one.

    Source: PyTorch, ``torch.frombuffer``.

    Example:
        >>> import autograd_core as ag
        >>> ag.frombuffer(bytearray(b"ab"), dtype=ag.uint8)
        tensor([97, 98], dtype=autograd_core.uint8)
    """
    kind = as_dtype(dtype).numpy
    try:
        size = memoryview(buffer).nbytes
    except TypeError:
        raise TypeError(
            f"frombuffer: buffer must have the buffer protocol, got {type(buffer).__name__}"
        ) from None
    if not 0 <= offset < size:
        raise ValueError(f"frombuffer: offset must be from 0 to {size - 1}, got {offset}")
    if count < 0 and (size - offset) % kind.itemsize:
        raise ValueError(
            f"frombuffer: the {size - offset} bytes from offset {offset} on are no multiple of "
            f"{kind.itemsize}, the size of an element of {kind}"
        )
    if not count or offset + count * kind.itemsize > size:
        raise ValueError(
            f"frombuffer: count must be from 1 to {(size - offset) // kind.itemsize}, got {count}"
        )
    result = from_numpy(np.frombuffer(buffer, kind, count, offset))
    return result.requires_grad_() if requires_grad else result
