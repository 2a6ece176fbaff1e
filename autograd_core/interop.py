"""NumPy and DLPack: tensors where arrays are expected, and the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import node_of
from autograd_core.numpy_functions import call_function, call_ufunc


class Lent:
    """Stands between a tensor's memory and the array that ``numpy()`` hands out.

    That array and all views of it keep this alive, so once it is gone no one outside can write.
    """

    __slots__ = ("__array_interface__", "__weakref__", "array")

    def __init__(self, array: np.ndarray, writable: bool) -> None:
        self.array = array
        interface = dict(array.__array_interface__)
        address, read_only = interface["data"]
        interface["data"] = (address, read_only or not writable)
        self.__array_interface__ = interface


def lend(array: np.ndarray, writable: bool) -> tuple[np.ndarray, Lent]:
    """An array on the memory of ``array``, and what lives as long as it or a view of it does."""
    lent = Lent(array, writable)
    handed = np.asarray(lent)
    # NumPy's array interface has no name for bfloat16 and its like.
    return handed if handed.dtype == array.dtype else handed.view(array.dtype), lent


class ArrayProtocols:
    """How NumPy and other libraries see a tensor."""

    __slots__ = ()

    # Arithmetic with NumPy's arrays and scalars is the tensor's affair.
    __array_priority__ = 1000.0

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """The values as a NumPy array on the same memory.

        Of a tensor that requires grad the array is read-only, as a write would go past the graph.
        Other writes are noticed: if a node saved the value, its backward raises.

        Args:
            force: from any device, with a copy where one is needed.

        Returns:
            An array of the tensor's shape; bfloat16 as ``ml_dtypes.bfloat16``.

        Raises:
            TypeError: the memory is on a GPU.

        Source: PyTorch, ``torch.Tensor.numpy`` (which refuses tensors that require grad).

        Example:
            >>> import autograd_core as ag
            >>> ag.tensor([1.0, 2.0]).numpy()
            array([1., 2.], dtype=float32)
        """
        array = self._array  # type: ignore[attr-defined]
        if not isinstance(array, np.ndarray):
            backend = backend_of(array)
            if force:
                return backend.to_numpy(array)
            raise TypeError(
                f"numpy: the tensor is on {backend.device_of(array)}, and NumPy reads the memory "
                f"of the CPU. Mend: .cpu().numpy(), or .numpy(force=True)."
            )
        writable = node_of(self) is None
        handed, lent = lend(array, writable)
        if writable and handed.flags.writeable:
            self._version_counter().expose(array, lent)  # type: ignore[attr-defined]
        return handed

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if copy:
            return np.array(array, dtype)
        if dtype is None or np.dtype(dtype) == array.dtype:
            return array
        if copy is False:
            raise ValueError(f"__array__: {array.dtype} to {np.dtype(dtype)} needs a copy")
        return array.astype(dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return call_ufunc(ufunc, method, inputs, kwargs)

    def __cupy_override_elementwise_kernel__(self, kernel: Any, *inputs: Any, **kwargs: Any) -> Any:
        """What CuPy's ufuncs answer: ``cupy.exp(t)`` and ``array * t`` are operators too."""
        ufunc = getattr(np, kernel.name.removeprefix("cupy_"), None)
        if not isinstance(ufunc, np.ufunc):
            raise TypeError(f"{kernel.name} has no form for tensors. Mend: use an operator.")
        return call_ufunc(ufunc, "__call__", inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return call_function(func, args, kwargs)

    @property
    def __cuda_array_interface__(self) -> Any:
        """CUDA's array interface (version 3); AttributeError for memory that is not on a GPU."""
        array = self._array  # type: ignore[attr-defined]
        interface = array.__cuda_array_interface__
        self._refuse_graph("__cuda_array_interface__")
        self._version_counter().expose(array)  # type: ignore[attr-defined]
        return interface

    def __dlpack_device__(self) -> tuple[int, int]:
        """DLPack's (device type, index)."""
        kind, index = self._array.__dlpack_device__()  # type: ignore[attr-defined]
        return int(kind), int(index)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: Any = None,
        dl_device: Any = None,
        copy: bool | None = None,
    ) -> Any:
        """A DLPack capsule on the same memory, for ``from_dlpack`` of any library."""
        self._refuse_graph("__dlpack__")
        array = self._array  # type: ignore[attr-defined]
        if not isinstance(array, np.ndarray):
            self._version_counter().expose(array)  # type: ignore[attr-defined]
            return array.__dlpack__(stream=stream)
        if stream is not None:
            raise BufferError("__dlpack__: memory of the CPU has no streams. Mend: stream=None.")
        return self.numpy().__dlpack__(max_version=max_version, dl_device=dl_device, copy=copy)

    def _refuse_graph(self, what: str) -> None:
        if node_of(self) is not None:
            raise BufferError(
                f"{what}: the tensor requires grad, and a write would go past its graph. "
                f"Mend: detach() it first."
            )
