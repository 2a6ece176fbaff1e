"""What a tensor is: shape, dtype, device, layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_core.backends.device import device as Device
from autograd_core.backends.registry import backend_of
from autograd_core.dtypes import dtype as DType
from autograd_core.dtypes import from_numpy_dtype
from autograd_core.later import later
from autograd_core.layouts import contiguous_format, lies_in_format, memory_order, strided
from autograd_core.layouts import layout as Layout
from autograd_core.size import Size

if TYPE_CHECKING:
    from autograd_core import sharing
    from autograd_core import storage as storages
    from autograd_core.ops import strided as memory
else:
    memory = later("strided")
    sharing = later("sharing", "autograd_core")
    storages = later("storage", "autograd_core")


class PropertyMethods:
    """Reading a tensor's description."""

    __slots__ = ()

    _array: Any

    @property
    def shape(self) -> Size:
        """Sizes of the dimensions."""
        return Size(self._array.shape)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return int(self._array.ndim)

    @property
    def dtype(self) -> DType:
        """Element type, such as ``autograd_core.float32``."""
        return from_numpy_dtype(self._array.dtype)

    @property
    def device(self) -> Device:
        """Where the memory is."""
        return backend_of(self._array).device_of(self._array)

    @property
    def is_cuda(self) -> bool:
        """Whether the memory is on a CUDA GPU."""
        return self.device.type == "cuda"

    @property
    def is_cpu(self) -> bool:
        """Whether the memory is the host's."""
        return self.device.type == "cpu"

    @property
    def layout(self) -> Layout:
        """How the elements are stored: always ``autograd_core.strided``."""
        return strided

    # Kinds of tensors of PyTorch's that there are none of, and devices.
    is_sparse = is_sparse_csr = is_quantized = is_meta = is_nested = is_mkldnn = False
    is_ipu = is_maia = is_mps = is_mtia = is_vulkan = is_xla = is_xpu = False
    name = None  # (a tensor in PyTorch has none either, unless a compiler gave it one)

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return int(self._array.itemsize)

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return int(self._array.nbytes)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension."""
        return self.shape if dim is None else self._array.shape[dim]

    def dim(self) -> int:
        """Number of dimensions."""
        return self.ndim

    def numel(self) -> int:
        """Number of elements."""
        return int(self._array.size)

    nelement = numel
    ndimension = dim

    def element_size(self) -> int:
        """Bytes per element."""
        return self.itemsize

    def stride(self, dim: int | None = None) -> Any:
        """Elements to step over for the next index, for each dimension or one."""
        strides = tuple(s // self.itemsize for s in self._array.strides)
        return strides if dim is None else strides[dim]

    def storage_offset(self) -> int:
        """The first element's place, in elements from the start of the memory it lies in."""
        return int(memory.layout_of(self._array).offset)

    def is_contiguous(self, *, memory_format: Any = contiguous_format) -> bool:
        """Whether the elements lie in memory in order, without gaps: in the usual one, or that of
        ``memory_format``."""
        if memory_format is contiguous_format:
            return bool(self._array.flags.c_contiguous)
        return lies_in_format(self._array, memory_format)

    def dim_order(self) -> tuple[int, ...]:
        """The dimensions as they lie in memory, the slowest first; of a contiguous tensor as they
        are. Source: PyTorch, ``torch.Tensor.dim_order``."""
        return memory_order(self._array) or tuple(range(self.ndim))

    def data_ptr(self) -> int:
        """Address of the first element."""
        return backend_of(self._array).data_ptr(self._array)

    storage = storages.storage
    untyped_storage = storages.untyped_storage
    resize_ = storages.resize_
    resize_as_ = storages.resize_as_
    set_ = storages.set_
    is_set_to = storages.is_set_to
    apply_ = storages.apply_
    map_ = storages.map_
    as_subclass = storages.as_subclass

    is_shared = sharing.is_shared
    share_memory_ = sharing.share_memory_

    def is_pinned(self) -> bool:
        """Whether the memory is locked, so that a GPU may read it by itself: never."""
        return False

    def pin_memory(self, device: Any = None) -> Any:
        """The tensor itself: copies to a GPU lock the memory that they need. Source: PyTorch,
        ``torch.Tensor.pin_memory``."""
        return self

    def is_floating_point(self) -> bool:
        """Whether the dtype is a real floating-point type."""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """Whether the dtype is complex."""
        return self.dtype.is_complex

    def is_signed(self) -> bool:
        """Whether the dtype has negative numbers."""
        return self.dtype.is_signed

    def is_same_size(self, other: Any) -> bool:
        """Whether the shapes are equal."""
        return self.shape == other.shape

    def get_device(self) -> int:
        """The number of the CUDA device, -1 on the CPU."""
        return (self.device.index or 0) if self.is_cuda else -1

    def is_conj(self) -> bool:
        """Whether values are conjugated when they are read: never, here it is done at once."""
        return False

    def is_neg(self) -> bool:
        """Whether values are negated when they are read: never, here it is done at once."""
        return False

    def is_nonzero(self) -> bool:
        """Whether the only element is not 0.

        Raises:
            RuntimeError: there is another number of elements.
        """
        if self._array.size != 1:
            raise RuntimeError(
                f"is_nonzero: expected one element, got shape {tuple(self._array.shape)}"
            )
        return bool(backend_of(self._array).item(self._array) != 0)
