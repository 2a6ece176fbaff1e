"""What an array library must provide to carry tensors: the :class:`Backend` interface."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from autograd_core.backends.device import device
from autograd_core.backends.stream import Stream

# The narrow floats are summed in float32: each addition in them would round to 8 or 11 bits.
HALF_DTYPES = frozenset({"float16", "bfloat16"})


class Backend:
    """An array library with its devices, as the engine sees it.

    The definitions here are written in ``xp`` and serve every backend; a subclass overrides those
    for which its library has another way. ``array`` below stands for an array of the backend.

    Attributes:
        name: Name of the library, for messages: ``"numpy"``, ``"cupy"``.
        device_type: Type of the devices that it serves: ``"cpu"``, ``"cuda"``.
        xp: The library's namespace, which has NumPy's names.
        array_type: The class of its arrays.
        kernels: Operators that this backend computes in its own way, by operator name. An operator
            that is not here runs by its definition in ``xp``.
        raises_index_errors: Whether indexing itself refuses indices out of range, so that only
            negative ones may have to be checked.
        blocks_from: Bytes of an array from which elementwise work of many steps is quicker in
            blocks, see ``in_blocks``.
    """

    name: str
    device_type: str
    xp: Any
    array_type: type
    kernels: dict[str, Callable[..., Any]]
    raises_index_errors: bool = False
    blocks_from: float = math.inf

    # --- devices ---------------------------------------------------------------------------------

    def is_available(self) -> bool:
        """Whether arrays can be made here."""
        return True

    def device_count(self) -> int:
        """The number of devices."""
        return 1

    def device_of(self, array: Any) -> device:
        """The device that holds ``array``."""
        raise NotImplementedError

    def resolve(self, where: device | None = None) -> device:
        """The device as tensors name it, with its index; None is the current one.

        Raises:
            RuntimeError: There is no device of this index.
        """
        raise NotImplementedError

    def set_current_device(self, where: device) -> None:
        """Use ``where`` from now on when a device of this type is asked for without an index."""
        self.resolve(where)

    def device_name(self, where: device | None = None) -> str:
        """The name that the maker gave the hardware."""
        return str(self.resolve(where))

    def synchronize(self, where: device | None = None) -> None:
        """Wait until the device (default: the current one) has done all that it was given."""

    def on(self, where: device | None = None) -> AbstractContextManager[Any]:
        """Inside, ``where`` is the current device of its type."""
        return nullcontext()

    # --- making arrays ---------------------------------------------------------------------------

    def asarray(self, data: Any, dtype: Any = None, where: device | None = None) -> Any:
        """``data`` as an array on this backend, copied only where it has to be."""
        return self.xp.asarray(data, dtype)

    def array(self, data: Any, dtype: Any = None, where: device | None = None) -> Any:
        """``data`` as a new array on this backend that shares memory with nothing."""
        return self.xp.array(data, dtype)

    def empty(self, shape: Any, dtype: Any, where: device | None = None) -> Any:
        """A new array whose values are not set."""
        return self.xp.empty(shape, dtype)

    def zeros(self, shape: Any, dtype: Any, where: device | None = None) -> Any:
        """A new array of zeros."""
        return self.xp.zeros(shape, dtype)

    def full(self, shape: Any, value: Any, dtype: Any, where: device | None = None) -> Any:
        """A new array of ``value``."""
        return self.xp.full(shape, value, dtype)

    # --- to and from the host --------------------------------------------------------------------

    def to_numpy(self, array: Any) -> np.ndarray:
        """The values as a NumPy array: ``array`` itself on the CPU, a copy from elsewhere."""
        raise NotImplementedError

    def from_numpy(self, array: np.ndarray, where: device | None = None) -> Any:
        """A NumPy array as an array of this backend: itself on the CPU, a copy elsewhere."""
        return self.asarray(array, None, where)

    def item(self, array: Any) -> Any:
        """The only value of a one-element array as a Python number; waits for the device."""
        return self.to_numpy(array).item()

    def data_ptr(self, array: Any) -> int:
        """The address of the first element, in the memory of the array's device."""
        return array.data.ptr

    # --- what the libraries do differently -------------------------------------------------------

    def scatter_add(self, array: Any, index: Any, values: Any) -> None:
        """``array[index] += values`` in place, where repeated indices add up.

        float16 and bfloat16 are summed in float32 and rounded once.
        """
        place = index[0] if type(index) is tuple and len(index) == 1 else index
        if array.ndim == 1 and getattr(place, "ndim", 1) > 1 and getattr(values, "ndim", 2) == 1:
            values = self.xp.broadcast_to(values, place.shape)  # which NumPy 2.4 forgets here
        if array.dtype.name in HALF_DTYPES:
            wide = array.astype(np.float32)
            self._scatter_add(wide, index, self.xp.asarray(values, np.float32))
            array[...] = wide.astype(array.dtype)
        else:
            self._scatter_add(array, index, values)

    def _scatter_add(self, array: Any, index: Any, values: Any) -> None:
        self.xp.add.at(array, index, values)

    def check_index(self, index: Any, low: int, high: int, operator: str) -> None:
        """Refuse an array of integers of which one is not in ``[low, high)``.

        Raises:
            IndexError: One is not. Where looking would make the host wait for the device, this is
                raised by the next host read instead.
        """
        if index.size and not self.sees_range(index, low, high):
            least, most = int(index.min()), int(index.max())
            if least < low or most >= high:
                raise index_error(operator, low, high, least if least < low else most)

    def check_share(self, array: Any, operator: str, argument: str) -> None:
        """Refuse numbers that are not between 0 and 1, NaN too, where looking means no wait.

        Raises:
            RuntimeError: One is not.
        """

    def sees_range(self, index: Any, low: int, high: int) -> bool:
        """Whether all of an array of integers lie in ``[low, high)``, as far as can be seen without
        waiting for a device."""
        return False

    def shares_memory(self, a: Any, b: Any) -> bool:
        """Whether writing into ``a`` can change a value of ``b``."""
        return bool(self.xp.shares_memory(a, b))

    def fingerprint(self, array: Any) -> int:
        """A number that tells, but for rare accidents, whether the values have changed."""
        raise NotImplementedError

    def errstate(self) -> AbstractContextManager[Any]:
        """Inside, no arithmetic warns; nothing to do where the library never warns."""
        return nullcontext()

    def make_stream(self, where: device) -> Stream:
        """A stream of random numbers, whose samplers return arrays on the device ``where``."""
        raise NotImplementedError

    def in_blocks(
        self,
        function: Callable[..., object],
        items: Iterable[Sequence[Any]],
        writes: Callable[[int], bool] = lambda index: True,
    ) -> None:
        """Call an elementwise ``function(*arrays)`` for every item of arrays of one shape.

        The function writes into arrays it is given. A backend may call it with parts of them, or
        with several joined, in any order and at the same time.

        Args:
            function: what to call.
            items: the arrays of each call; all but the first may be None.
            writes: whether the function writes into the array of an index.
        """
        for arrays in items:
            function(*arrays)

    # --- memory, in bytes ------------------------------------------------------------------------

    def memory_allocated(self, where: device | None = None) -> int:
        """Bytes held by arrays; 0 where the backend keeps no count."""
        return 0

    def max_memory_allocated(self, where: device | None = None) -> int:
        """The most bytes held so far; 0 where the backend keeps no count."""
        return 0

    def empty_cache(self) -> None:
        """Return memory that is kept for reuse but not used now."""


class IndexingError(RuntimeError, IndexError):
    """An index out of range, or something else that cannot be an index."""


def index_error(operator: str, low: int, high: int, found: int | None = None) -> IndexingError:
    """The error for an index outside ``[low, high)``."""
    shown = "an index" if found is None else f"index {found}"
    return IndexingError(f"{operator}: {shown} is out of range; expected {low} to {high - 1}")
