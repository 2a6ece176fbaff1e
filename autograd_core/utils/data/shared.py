"""Lists of Python objects whose memory the workers of a loader share."""

from __future__ import annotations

import mmap
import os
import pickle
import tempfile
from collections.abc import Iterable, Sequence
from multiprocessing.context import get_spawning_popen
from typing import Any, Generic, TypeVar, overload

import numpy as np

from autograd_core.utils.data.transport import FOLDER

T = TypeVar("T")


class SharedList(Sequence[T], Generic[T]):
    """A list that cannot change, which any number of processes read from the same memory.

    A worker process that the system forks shares its parent's memory until someone writes to it;
    but looking at a Python object writes to it, since its references are counted. So a data set
    with a large list (of file names, of annotations) takes its memory once more in every worker,
    little by little. Here each item is stored as the bytes of its pickle, one after the other in
    memory that all processes map, and made anew whenever it is asked for.

    Items are unpickled as Python does it: make them of values of your own program, not of a
    stranger's bytes.

    Args:
        items: what the list holds; anything that can be pickled. An iterator is stored as it goes,
            so the items need never be in memory all at once.

    Example:
        >>> from autograd_core.utils.data import Dataset, SharedList
        >>> class Words(Dataset):
        ...     def __init__(self, words):
        ...         self.words = SharedList(words)
        ...     def __len__(self):
        ...         return len(self.words)
        ...     def __getitem__(self, index):
        ...         return self.words[index]
        >>> Words(["one", "two"])[1]
        'two'
        >>> SharedList({"id": i} for i in range(5))[-2:]
        [{'id': 3}, {'id': 4}]
    """

    def __init__(self, items: Iterable[T]) -> None:
        ends: list[int] = []
        end = 0
        with tempfile.TemporaryFile(dir=FOLDER, buffering=1 << 20) as file:  # without a name
            for item in items:
                end += file.write(pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
                ends.append(end)
            file.write(np.array(ends, np.int64).tobytes())
            file.flush()
            self._map(os.dup(file.fileno()), len(ends), end)

    def _map(self, descriptor: int, length: int, size: int) -> None:
        """Look at a file that holds ``size`` bytes of pickles, and where each of them ends."""
        self._descriptor, self._length, self._size = descriptor, length, size
        self._memory = memoryview(b"")
        if length:
            whole = mmap.mmap(descriptor, size + 8 * length, access=mmap.ACCESS_READ)
            self._memory = memoryview(whole)
        self._ends = np.frombuffer(self._memory[size:], np.int64)

    @property
    def nbytes(self) -> int:
        """How much memory the list takes, in all processes together."""
        return self._size + 8 * self._length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._length))]
        position = index + self._length if index < 0 else index
        if not 0 <= position < self._length:
            raise IndexError(f"SharedList: index {index} is out of range of {self._length} items")
        start = self._ends[position - 1] if position else 0
        return pickle.loads(self._memory[start : self._ends[position]])

    def __reduce__(self) -> Any:
        if get_spawning_popen() is None or os.name == "nt":  # (where files are not handed on so)
            return SharedList, (list(self),)
        from multiprocessing.reduction import DupFd

        return _received, (DupFd(self._descriptor), self._length, self._size)

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def __repr__(self) -> str:
        return f"SharedList({self._length} items, {self.nbytes} bytes)"


def _received(descriptor: Any, length: int, size: int) -> SharedList[Any]:
    made: SharedList[Any] = SharedList.__new__(SharedList)
    made._map(descriptor.detach(), length, size)
    return made
