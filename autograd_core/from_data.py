"""Making tensors from data: numbers, nested sequences, arrays, buffers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
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
from autograd_core.dtypes import (
    as_dtype,
    from_numpy_dtype,
    get_default_dtype,
    of_number,
    promote_types,
    uint64,
)
from autograd_core.dtypes import dtype as DType
from autograd_core.errors import DtypeError
from autograd_core.ranges import check_range, check_real

if TYPE_CHECKING:
    from autograd_core.tensor import Tensor


_PYTHON = frozenset((bool, int, float, complex))


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
    """Numbers, and nested sequences of numbers, arrays and tensors, as an array: of the type that
    all of them promote to, unless a dtype ``kind`` is asked for."""
    found: set[Any] = set()
    plain = _plain(name, data, _depth(data), found)
    try:
        array = np.array(plain)
    except ValueError as error:
        raise ValueError(f"{name}: the nested sequences are not rectangular: {error}") from None
    if array.dtype.kind == "O":  # integers beyond 64 bits
        array = array.astype(complex if complex in found else float)
    if kind is not None and array.size:
        return array
    wanted = reduce(promote_types, map(_type_of, found)) if found else get_default_dtype()
    beyond = array.dtype.kind in "cf" or (array.dtype == np.uint64 and wanted != uint64)
    if beyond and array.size and wanted.numpy.kind in "iu":
        raise ValueError(
            f"{name}: integers beyond int64, which holds {-(2**63)} to {2**63 - 1}. "
            f"Mend: a dtype that holds them, such as float64"
        )
    return array.astype(wanted.numpy)


def _depth(data: Any) -> int:
    """How many dimensions a nested sequence has, by the first of its items; tensors in it stand for
    numbers."""
    depth = 0
    while not isinstance(data, TensorBase):
        if hasattr(data, "ndim"):
            return depth + data.ndim
        if not isinstance(data, Sequence) or isinstance(data, (str, bytes)):
            break
        depth += 1
        if not len(data):
            break
        data = data[0]
    return depth


def _plain(name: str, data: Any, depth: int, found: set[Any]) -> Any:
    """``data`` as nested lists of numbers and arrays, for NumPy; and, in ``found``, their types:
    Python's, and NumPy's dtypes."""
    own = type(data)
    if own in _PYTHON:
        found.add(own)
        return data
    if own is list or own is tuple:
        types = set(map(type, data))
        if types <= _PYTHON:
            found |= types
            return data
        return [_plain(name, item, depth - 1, found) for item in data]
    if isinstance(data, TensorBase) or hasattr(data, "__array__") or own in BACKENDS_BY_TYPE:
        array = data._array if isinstance(data, TensorBase) else data
        if type(array) in BACKENDS_BY_TYPE:
            array = backend_of(array).to_numpy(array)
        array = np.asarray(array)
        _check_numpy(array, name)
        found.add(array.dtype)
        array = array.astype(np.float32) if array.dtype.kind == "V" else array  # (bfloat16)
        if isinstance(data, TensorBase) and depth <= 0 and array.size != 1:
            raise ValueError(
                f"{name}: only tensors of one element can stand among numbers, got shape "
                f"{array.shape}. Mend: autograd_core.stack(...) puts tensors together."
            )
        return array.item() if array.size == 1 and depth <= 0 else array
    for kind in (bool, int, float, complex):
        if isinstance(data, kind):
            found.add(kind)
            return data
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return [_plain(name, item, depth - 1, found) for item in data]
    raise DtypeError(
        f"{name}: cannot make a tensor of {own.__name__} {data!r:.40}; expected numbers, sequences "
        f"or arrays of numbers"
    )


def _type_of(kind: Any) -> DType:
    if isinstance(kind, type):
        return of_number(kind)
    return from_numpy_dtype(kind.newbyteorder("="))


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
        data: number, nested sequence, array or tensor. Among the numbers of a sequence there may be
            tensors of one element.
        dtype: default what the data promote to; Python's floats are of the default dtype (float32).
        device: default that of an array or tensor, else the default device.
        requires_grad: whether gradients are needed.
        pin_memory: accepted as in PyTorch.

    Raises:
        DtypeError: the data are no numbers.
        TypeError: they are complex ones, and ``dtype`` is real.
        ValueError: the nested sequences are not rectangular, a tensor among numbers has not one
            element, or an integer does not fit into int64.

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
