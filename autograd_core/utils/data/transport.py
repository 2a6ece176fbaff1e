"""Batches on their way from a worker process: large arrays through shared memory.

A pipe copies every byte twice and takes both processes' time; a file in memory is written once by
the worker and mapped by the receiver. It has no name any more once it is mapped, so nothing is left
behind however the processes end.
"""

from __future__ import annotations

import io
import math
import mmap
import os
import pickle
import secrets
import tempfile
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.tensor import Tensor

FOLDER = "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
_LEAST = 1 << 16  # bytes; below, a pipe is quicker
_ALIGNED = 64
_NAMED = os.name == "nt"  # there, a file that is in use cannot be removed


def pack(batch: Any) -> tuple[bytes, str | None]:
    """A batch as bytes for a pipe, and the file that holds its arrays (None if they are few)."""
    file = io.BytesIO()
    pickler = _Pickler(file)
    pickler.dump(batch)
    arrays = pickler.arrays
    total = sum(_padded(array.nbytes) for array in arrays)
    if total < _LEAST or _NAMED:
        return pickle.dumps(([np.asarray(a, order="C") for a in arrays], file.getvalue())), None
    path = os.path.join(FOLDER, f"autograd_core-{os.getpid()}-{secrets.token_hex(8)}")
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        os.ftruncate(descriptor, total)
        with mmap.mmap(descriptor, total) as memory:
            _write(memory, arrays)
    except BaseException:
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)
    forms = [(array.shape, array.dtype) for array in arrays]
    return pickle.dumps((forms, file.getvalue())), path


def unpack(data: bytes, path: str | None) -> Any:
    """The batch that ``pack`` took apart; its file is gone afterwards."""
    parts, structure = pickle.loads(data)
    if path is not None:
        parts = _mapped(path, parts)
    return _Unpickler(io.BytesIO(structure), parts).load()


def discard(path: str | None) -> None:
    """Remove the file of a batch that nobody wants any more."""
    if path is not None:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass


def _write(memory: mmap.mmap, arrays: list[Any]) -> None:
    start = 0
    for array in arrays:
        place = np.frombuffer(memory, array.dtype, math.prod(array.shape), start)
        place.reshape(array.shape)[...] = array
        start += _padded(array.nbytes)


def _mapped(path: str, forms: list[Any]) -> list[Any]:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.unlink(path)
        memory = mmap.mmap(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)
    arrays, start = [], 0
    for shape, dtype in forms:
        size = math.prod(shape)
        arrays.append(np.frombuffer(memory, dtype, size, start).reshape(shape))
        start += _padded(size * dtype.itemsize)
    return arrays


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


class _Pickler(pickle.Pickler):
    """Leaves the memory of tensors and arrays out, and puts numbers in their place."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.arrays: list[Any] = []

    def persistent_id(self, obj: Any) -> Any:
        if type(obj) is Tensor and not obj.requires_grad:
            self.arrays.append(backend_of(obj._array).to_numpy(obj._array))
            return "tensor", len(self.arrays) - 1
        if type(obj) is np.ndarray and obj.dtype.kind in "biufc":
            self.arrays.append(obj)
            return "array", len(self.arrays) - 1
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arrays: list[Any]) -> None:
        super().__init__(file)
        self._arrays = arrays

    def persistent_load(self, pid: Any) -> Any:
        kind, index = pid
        array = self._arrays[index]
        return TensorBase._wrap(array) if kind == "tensor" else array
