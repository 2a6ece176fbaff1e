"""The backend of the CPU: NumPy."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from autograd_core.backends.base import Backend
from autograd_core.backends.device import device
from autograd_core.backends.numpy import adding, blocks, choosing, memory, optimizers, threads
from autograd_core.backends.stream import Stream

CPU = device("cpu")


class NumpyBackend(Backend):
    """NumPy's arrays on the CPU, which is one device."""

    name = "numpy"
    device_type = "cpu"
    xp = np
    array_type = np.ndarray
    raises_index_errors = True

    def __init__(self) -> None:
        self.kernels = {**optimizers.KERNELS, "where": choosing.where}
        memory.keep_freed_memory()

    def device_of(self, array: Any) -> device:
        return CPU

    def resolve(self, where: device | None = None) -> device:
        if where is not None and where.index:
            raise RuntimeError(f"{where} was asked for, but the last CPU device is cpu:0")
        return CPU

    def check_share(self, array: Any, operator: str, argument: str) -> None:
        if array.size and not (array.min() >= 0 and array.max() <= 1):
            raise RuntimeError(
                f"{operator}: all elements of {argument} should be between 0 and 1, got some from "
                f"{array.min()} to {array.max()}"
            )

    def to_numpy(self, array: Any) -> np.ndarray:
        return array if isinstance(array, np.ndarray) else np.asarray(array)

    def data_ptr(self, array: np.ndarray) -> int:
        return array.ctypes.data  # unlike array.data, it also knows bfloat16

    def _scatter_add(self, array: np.ndarray, index: Any, values: np.ndarray) -> None:
        adding.add_at(array, index, values)

    def sees_range(self, index: np.ndarray, low: int, high: int) -> bool:
        if not index.size:
            return True
        if low == 0:  # then one pass is enough: as unsigned numbers, negative ones are the largest
            return int(index.view(f"u{index.itemsize}").max()) < high
        return int(index.min()) >= low and int(index.max()) < high

    def fingerprint(self, array: np.ndarray) -> int:
        # Through bytes, as NumPy's buffers know no bfloat16.
        return zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)

    def errstate(self) -> AbstractContextManager[Any]:
        return np.errstate(all="ignore")

    @property
    def blocks_from(self) -> float:  # type: ignore[override]
        return blocks.THREADED if threads.count() > 1 else 8 * blocks.THREADED

    def in_blocks(
        self,
        function: Callable[..., object],
        items: Iterable[Sequence[Any]],
        writes: Callable[[int], bool] = lambda index: True,
    ) -> None:
        blocks.run(function, items, writes)

    def make_stream(self, where: device) -> Stream:
        # numpy.random costs 10 ms to import, so it waits until something is drawn.
        from autograd_core.backends.numpy.mt19937 import MersenneStream

        return MersenneStream()

    def empty_cache(self) -> None:
        memory.return_freed_memory()
