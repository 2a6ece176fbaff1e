"""The memory under tensors: looked at, to find what shares it and how much there is; put under
other tensors, and filled by Python functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase, node_of
from autograd_core.dtypes import dtype as DType
from autograd_core.dtypes import from_numpy_dtype
from autograd_core.errors import GraphError
from autograd_core.inplace import check_writable
from autograd_core.layouts import contiguous_format, preserve_format
from autograd_core.messages import describe
from autograd_core.ops.dims import sizes
from autograd_core.ops.strided import layout_of, owner_of


class UntypedStorage:
    """The whole memory that a tensor shows a part of, as bytes. Tensors that share their memory,
    as tied weights do, have equal storages.

    Made by ``x.untyped_storage()``. Source: PyTorch, ``torch.UntypedStorage``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.zeros(3, 4)
        >>> x[1].untyped_storage() == x.untyped_storage(), x[1].untyped_storage().nbytes()
        (True, 48)
    """

    def __init__(self, tensor: Any) -> None:
        self._tensor = tensor.detach()
        owner = owner_of(tensor._array)
        strided = backend_of(owner).xp.lib.stride_tricks.as_strided
        flat = strided(owner, (owner.size,), (owner.itemsize,))
        self._elements = flat.view(np.uint8) if flat.size else flat[:0].astype(np.uint8)

    @property
    def device(self) -> Device:
        """Where the memory is."""
        return backend_of(self._elements).device_of(self._elements)

    @property
    def is_cuda(self) -> bool:
        """Whether the memory is on a CUDA GPU."""
        return self.device.type == "cuda"

    def data_ptr(self) -> int:
        """Address of the first byte; 0 where there is none."""
        if not self._elements.size:
            return 0
        return backend_of(self._elements).data_ptr(self._elements)

    def nbytes(self) -> int:
        """Number of bytes."""
        return int(self._elements.nbytes)

    def size(self) -> int:
        """Number of elements: of bytes, where there is no dtype."""
        return int(self._elements.size)

    def element_size(self) -> int:
        """Bytes per element."""
        return int(self._elements.itemsize)

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage(self._tensor)

    def tolist(self) -> list[Any]:
        """The elements as Python numbers."""
        return list(backend_of(self._elements).to_numpy(self._elements).tolist())

    def resize_(self, size: int) -> None:
        """Refused: an array keeps its memory.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError(
            "storage.resize_: the memory of an array cannot grow or shrink. Mend: x.resize_(...) "
            "of the tensor, or x.data = a new tensor."
        )

    def __len__(self) -> int:
        return self.size()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __getitem__(self, index: int) -> Any:
        return backend_of(self._elements).item(self._elements[self._place(index)])

    def __setitem__(self, index: int, value: Any) -> None:
        at = self._place(index)
        self._elements[at : at + 1] = value
        self._tensor._mutated("storage")

    def _place(self, index: int) -> int:
        if not isinstance(index, int):
            raise TypeError(
                f"storage: index must be an int, got {type(index).__name__}. "
                f"Mend: index the tensor."
            )
        if not -self.size() <= index < self.size():
            raise IndexError(f"storage: index {index} is out of range, size is {self.size()}")
        return index % self.size()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, UntypedStorage)
            and type(self) is type(other)
            and (self.data_ptr(), self.nbytes()) == (other.data_ptr(), other.nbytes())
            and self.device == other.device
        )

    def __hash__(self) -> int:
        return hash((self.data_ptr(), self.nbytes()))

    def __repr__(self) -> str:
        return f"[autograd_core.UntypedStorage(device={self.device}) of size {self.size()}]"


class TypedStorage(UntypedStorage):
    """The same as elements of the tensor's dtype. What is written here is not recorded.

    Made by ``x.storage()``. Source: PyTorch, ``torch.TypedStorage``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> len(x[1].storage()), x[1].storage()[0]
        (4, 1.0)
    """

    def __init__(self, tensor: Any) -> None:
        super().__init__(tensor)
        dtype = tensor._array.dtype
        whole = self._elements[: self._elements.size // dtype.itemsize * dtype.itemsize]
        self._elements = whole.view(dtype) if whole.size else whole.astype(dtype)

    @property
    def dtype(self) -> DType:
        """Element type."""
        return from_numpy_dtype(self._elements.dtype)

    def __repr__(self) -> str:
        return (
            f"[autograd_core.TypedStorage(dtype={self.dtype}, device={self.device}) of size "
            f"{self.size()}]"
        )


def untyped_storage(input: Any) -> UntypedStorage:
    """The memory under the tensor, as bytes. Source: PyTorch, ``torch.Tensor.untyped_storage``."""
    return UntypedStorage(input)


def storage(input: Any) -> TypedStorage:
    """The memory under the tensor, as elements of its dtype. Source: PyTorch,
    ``torch.Tensor.storage``."""
    return TypedStorage(input)


def _outside_of_graphs(name: str, *tensors: Any) -> None:
    for tensor in tensors:
        if node_of(tensor) is not None:
            raise GraphError(
                f"{name}: a tensor that requires grad ({describe(tensor)}). "
                f"Mend: .detach() first, or x.data = a new tensor."
            )


def resize_(input: Any, *size: Any, memory_format: Any = contiguous_format) -> Any:
    """Give the tensor another shape: its elements are those that follow its first one in memory.

    Where that memory is too small, the tensor gets its own, with zeros behind what there was;
    tensors that shared the old one do not follow.

    Args:
        input: tensor without graph.
        size: the shape.
        memory_format: ``contiguous_format``, or ``preserve_format``, which is the same here.

    Raises:
        GraphError: the tensor requires grad.

    Source: PyTorch, ``torch.Tensor.resize_``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor([[1.0, 2.0], [3.0, 4.0]]).resize_(3)
        tensor([1., 2., 3.])
    """
    _outside_of_graphs("resize_", input)
    if memory_format not in (contiguous_format, preserve_format):
        raise ValueError(
            f"resize_: memory_format must be contiguous_format or preserve_format, got "
            f"{memory_format!r}"
        )
    shape = sizes("resize_", size)
    array = input._array
    if shape == tuple(array.shape):
        return input
    if any(n < 0 for n in shape):
        raise RuntimeError(f"resize_: sizes must be 0 or more, got {shape}")
    xp, number = backend_of(array).xp, math.prod(shape)
    start = layout_of(array).offset
    rest = TypedStorage(input)._elements[start:]
    if rest.size >= number:  # the same memory, seen in another way
        value = input.detach()
        value._array = rest[:number].reshape(shape)
    else:
        grown = xp.zeros(number, array.dtype)
        grown[: rest.size] = rest
        value = TensorBase._wrap(grown.reshape(shape))
    input.data = value
    return input


def resize_as_(input: Any, the_template: Any, *, memory_format: Any = contiguous_format) -> Any:
    """:func:`resize_` to the shape of another tensor. Source: PyTorch,
    ``torch.Tensor.resize_as_``."""
    return resize_(input, *the_template.shape, memory_format=memory_format)


def set_(
    input: Any,
    source: Any = None,
    storage_offset: int = 0,
    size: Any = None,
    stride: Any = None,
) -> Any:
    """Let the tensor show the memory of another one, in the same way.

    Args:
        input: tensor without graph.
        source: tensor of its dtype, on its device, or the storage of one; without it the tensor
            becomes empty.
        storage_offset, size, stride: which part of that memory, and how, if not as ``source`` does;
            by default of a storage all elements.

    Raises:
        GraphError: one of them requires grad.
        TypeError: ``source`` is something else, or of another dtype.

    Source: PyTorch, ``torch.Tensor.set_``.

    Example:
        >>> import autograd_core as ag
        >>> x, y = ag.zeros(3), ag.ones(2)
        >>> x.set_(y).data_ptr() == y.data_ptr()
        True
    """
    if source is None:
        source = input.new_empty(0)
    elif isinstance(source, UntypedStorage):
        elements = TypedStorage(source._tensor)._elements
        source, size = TensorBase._wrap(elements), (elements.size,) if size is None else size
    elif not isinstance(source, TensorBase):
        raise TypeError(
            f"set_: source must be a tensor or a storage, got {type(source).__name__}. "
            f"Mend: as_tensor(source)."
        )
    _outside_of_graphs("set_", input, source)
    if source._array.dtype != input._array.dtype or source.device != input.device:
        raise TypeError(
            f"set_: source must have the dtype and device of the tensor, {describe(input)}, got "
            f"{describe(source)}"
        )
    if size is not None:
        if stride is None:
            stride = [math.prod(size[dim + 1 :]) for dim in range(len(size))]
        source = source.as_strided(size, stride, storage_offset)
    input.data = source
    return input


def is_set_to(input: Any, tensor: Any) -> bool:
    """Whether both show the same memory in the same way. Source: PyTorch,
    ``torch.Tensor.is_set_to``."""
    same = bool(input.data_ptr() == tensor.data_ptr() and input.shape == tensor.shape)
    return same and bool(input.stride() == tensor.stride() and input.dtype == tensor.dtype)


def _written(name: str, input: Any, values: list[Any]) -> Any:
    array = input._array
    array[...] = np.asarray(values).astype(array.dtype).reshape(array.shape)
    input._mutated(name)
    return input


def _check_elementwise(name: str, input: Any) -> None:
    _outside_of_graphs(name, input)
    if not input.is_cpu:
        raise TypeError(
            f"{name}: works on the CPU alone, got {describe(input)}. Mend: .cpu() first."
        )
    check_writable(input, name)


def apply_(input: Any, callable: Callable[[Any], Any]) -> Any:
    """Put ``callable(value)`` in place of each value, one call of Python for each: slow.

    Raises:
        GraphError: the tensor requires grad.
        TypeError: it is not on the CPU.

    Source: PyTorch, ``torch.Tensor.apply_``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensor([1.0, 2.0]).apply_(lambda x: x + 1)
        tensor([2., 3.])
    """
    _check_elementwise("apply_", input)
    return _written("apply_", input, [callable(x) for x in input.flatten().tolist()])


def map_(input: Any, tensor: Any, callable: Callable[[Any, Any], Any]) -> Any:
    """Put ``callable(value, other)`` in place of each value, with the other from ``tensor``, which
    broadcasts; slow, see :func:`apply_`.

    Raises:
        GraphError: the tensor requires grad.
        TypeError: it is not on the CPU, or ``tensor`` has another dtype.

    Source: PyTorch, ``torch.Tensor.map_``.
    """
    _check_elementwise("map_", input)
    _outside_of_graphs("map_", tensor)
    if tensor.dtype != input.dtype or not tensor.is_cpu:
        raise TypeError(
            f"map_: tensor must have the dtype of input, {describe(input)}, got {describe(tensor)}"
        )
    others = tensor.expand(input.shape).flatten().tolist()
    return _written("map_", input, list(map(callable, input.flatten().tolist(), others)))


def as_subclass(input: Any, cls: type) -> Any:
    """The same memory, in the same graph, as a tensor of class ``cls``. Source: PyTorch,
    ``torch.Tensor.as_subclass``."""
    if not (isinstance(cls, type) and issubclass(cls, TensorBase.result_type)):
        raise TypeError(f"as_subclass: cls must be a subclass of Tensor, got {cls!r}")
    result = input[...]
    result.__class__ = cls
    return result
