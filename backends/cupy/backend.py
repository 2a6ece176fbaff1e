"""CuPy's arrays on CUDA GPUs, where CuPy differs from NumPy."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import cupy
import numpy as np

from autograd_core.backends.base import Backend, index_error
from autograd_core.backends.cupy.elementwise import KERNELS as elementwise
from autograd_core.backends.cupy.kernels import fill_words, note_out_of_range
from autograd_core.backends.cupy.losses import KERNELS as losses
from autograd_core.backends.cupy.optimizers import KERNELS as optimizers
from autograd_core.backends.cupy.reductions import KERNELS as reductions
from autograd_core.backends.determinism import in_no_fixed_order
from autograd_core.backends.device import device
from autograd_core.backends.philox import PhiloxStream
from autograd_core.backends.stream import Stream

# What CuPy adds atomically; everything else is added by way of one of these.
_ATOMIC_DTYPES = frozenset({"int32", "uint32", "uint64", "float32", "float64"})


class CupyBackend(Backend):
    """CuPy's arrays. Work is queued on CuPy's current stream; only host reads wait for it.

    CuPy wraps indices that are out of range silently. ``check_index`` therefore leaves a mark on
    the device, without waiting, and the next host read raises the ``IndexError``.
    """

    name = "cupy"
    device_type = "cuda"
    xp = cupy
    array_type = cupy.ndarray

    def __init__(self) -> None:
        self.kernels = {**elementwise, **losses, **optimizers, **reductions}
        self._devices = [device("cuda", index) for index in range(self.device_count())]
        self._checks: dict[tuple[str, int, int], int] = {}  # what was checked, and its mark
        self._marks: dict[int, Any] = {}  # per device: 0, or the mark of a check that failed

    # --- devices ---------------------------------------------------------------------------------

    def device_count(self) -> int:
        return int(cupy.cuda.runtime.getDeviceCount())

    def device_of(self, array: Any) -> device:
        return self._devices[array.device.id]

    def resolve(self, where: device | None = None) -> device:
        if where is None or where.index is None:
            return self._devices[cupy.cuda.runtime.getDevice()]
        if where.index >= len(self._devices):
            raise RuntimeError(
                f"{where} was asked for, but the last CUDA device is {self._devices[-1]}"
            )
        return self._devices[where.index]

    def set_current_device(self, where: device) -> None:
        cupy.cuda.runtime.setDevice(self.resolve(where).index)

    def device_name(self, where: device | None = None) -> str:
        index = self.resolve(where).index
        return str(cupy.cuda.runtime.getDeviceProperties(index)["name"].decode())

    def synchronize(self, where: device | None = None) -> None:
        self.on(self.resolve(where)).synchronize()
        self._raise_for_marks()

    def on(self, where: device | None = None) -> Any:
        if where is None:
            return nullcontext()
        return cupy.cuda.Device(self.resolve(where).index)

    # --- making arrays ---------------------------------------------------------------------------

    def asarray(self, data: Any, dtype: Any = None, where: device | None = None) -> Any:
        if where is None:
            if dtype is None and type(data) is cupy.ndarray:
                return data  # operators ask this of every result
            return cupy.asarray(data, dtype)
        with self.on(where) as chosen:
            if isinstance(data, cupy.ndarray) and data.device != chosen:
                data = data.copy()  # lands on the current device
            return cupy.asarray(data, dtype)

    def array(self, data: Any, dtype: Any = None, where: device | None = None) -> Any:
        with self.on(where):
            return cupy.array(data, dtype)

    def empty(self, shape: Any, dtype: Any, where: device | None = None) -> Any:
        with self.on(where):
            return cupy.empty(shape, dtype)

    def zeros(self, shape: Any, dtype: Any, where: device | None = None) -> Any:
        with self.on(where):
            return cupy.zeros(shape, dtype)

    def full(self, shape: Any, value: Any, dtype: Any, where: device | None = None) -> Any:
        with self.on(where):
            return cupy.full(shape, value, dtype)

    def to_numpy(self, array: Any) -> np.ndarray:
        values = cupy.asnumpy(array)
        self._raise_for_marks()
        return values

    # --- what CuPy does differently --------------------------------------------------------------

    def _scatter_add(self, array: Any, index: Any, values: Any) -> None:
        name = array.dtype.name
        if array.dtype.kind in "fc":
            in_no_fixed_order("adding up values for the same place")
        values = cupy.asarray(values, array.dtype)
        if name in _ATOMIC_DTYPES:
            cupy.add.at(array, index, values)
        elif name.startswith("complex"):
            cupy.add.at(array.real, index, values.real)
            cupy.add.at(array.imag, index, values.imag)
        elif name == "int64":  # the same bits are added
            cupy.add.at(array.view(np.uint64), index, values.view(np.uint64))
        else:  # small integers wrap around in the end as they would have on the way
            wide = array.astype(np.int32)
            cupy.add.at(wide, index, values.astype(np.int32))
            array[...] = wide.astype(array.dtype)

    def check_index(self, index: Any, low: int, high: int, operator: str) -> None:
        if not index.size:
            return
        check = (operator, low, high)
        mark = self._checks.setdefault(check, len(self._checks) + 1)
        on = index.device.id
        with index.device:
            if on not in self._marks:
                self._marks[on] = cupy.zeros(1, np.int32)
            note_out_of_range(index, low, high, mark, self._marks[on])

    def _raise_for_marks(self) -> None:
        for marks in self._marks.values():
            mark = int(cupy.asnumpy(marks)[0])
            if mark:
                marks[...] = 0
                failed = next(check for check, number in self._checks.items() if number == mark)
                raise index_error(*failed)

    def fingerprint(self, array: Any) -> int:
        # The sum of a hash of each element's bits and place, as splitmix64 (Steele et al. 2014)
        # hashes: every change shows, and so does an exchange.
        with array.device:
            words = cupy.ascontiguousarray(array).reshape(-1)
            if words.dtype.itemsize == 16:
                words = words.view(np.float64)
            words = words.view(f"u{words.dtype.itemsize}").astype(np.uint64)
            words += cupy.arange(words.size, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
                words = (words ^ (words >> np.uint64(shift))) * np.uint64(factor)
            return int(cupy.asnumpy((words ^ (words >> np.uint64(31))).sum()))

    def make_stream(self, where: device) -> Stream:
        return PhiloxStream(self, self.resolve(where), fill_words)

    # --- memory ----------------------------------------------------------------------------------

    def memory_allocated(self, where: device | None = None) -> int:
        with self.on(where):
            return int(cupy.get_default_memory_pool().used_bytes())

    def max_memory_allocated(self, where: device | None = None) -> int:
        # The pool counts no peak, but it keeps what it took until empty_cache().
        with self.on(where):
            return int(cupy.get_default_memory_pool().total_bytes())

    def empty_cache(self) -> None:
        cupy.get_default_memory_pool().free_all_blocks()
        cupy.get_default_pinned_memory_pool().free_all_blocks()
