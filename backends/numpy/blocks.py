"""Elementwise functions over many arrays, in blocks that fit the caches, on a thread per core.

A dozen elementwise passes over a large array, one after the other, stream it a dozen times through
memory. Done block by block, a block is fetched and written back once and stays in the caches in
between, and the temporaries are small and soon used again. For small arrays it is the calls that
cost: they are joined, so that one call serves many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from autograd_core.backends.numpy import threads

BLOCK = 512 << 10  # bytes of one array in a block
SMALL = 16 << 10  # bytes up to which copying to and fro is cheaper than calls of their own
THREADED = 4 * BLOCK  # bytes of work from which on a second thread is worth waking

Arrays = Sequence["np.ndarray | None"]


def run(
    function: Callable[..., object], items: Iterable[Arrays], writes: Callable[[int], bool]
) -> None:
    """Call ``function(*arrays)`` for every item, cut up or joined.

    Args:
        function: works element by element, and writes into arrays it is given.
        items: the arrays of each call: of one shape, the first never None.
        writes: whether the function writes into the array of an index.
    """
    tasks: list[Callable[[], object]] = []
    small: list[Arrays] = []
    bytes_small = total = 0
    for arrays in items:
        first = arrays[0]
        assert first is not None
        size = first.nbytes
        total += size
        if size > BLOCK:
            tasks += [partial(function, *piece) for piece in pieces(arrays)]
        elif size > SMALL:
            tasks.append(partial(function, *arrays))
        elif size:
            small.append(arrays)
            bytes_small += size
            if bytes_small >= BLOCK:
                tasks.append(partial(_joined, function, small, writes))
                small, bytes_small = [], 0
    if small:
        tasks.append(partial(_joined, function, small, writes))
    if total >= THREADED and len(tasks) > 1:
        threads.run(tasks)
    else:
        for task in tasks:
            task()


def pieces(arrays: Arrays) -> Iterator[Arrays]:
    """Matching views of about ``BLOCK`` bytes that make up the arrays."""
    present = [a for a in arrays if a is not None]
    if all(a.flags.c_contiguous for a in present):
        arrays = [None if a is None else a.reshape(-1) for a in arrays]
    elif all(a.flags.f_contiguous for a in present):
        arrays = [None if a is None else a.T.reshape(-1) for a in arrays]
    else:  # by rows, of the longest dimension of the first
        axis = max(range(present[0].ndim), key=lambda d: present[0].shape[d])
        arrays = [None if a is None else a.swapaxes(0, axis) for a in arrays]
    first = arrays[0]
    assert first is not None
    rows = max(1, BLOCK * len(first) // first.nbytes)
    for start in range(0, len(first), rows):
        yield [None if a is None else a[start : start + rows] for a in arrays]


def _joined(
    function: Callable[..., object], items: Sequence[Arrays], writes: Callable[[int], bool]
) -> None:
    """One call for many small arrays: on a copy of them end to end, which is then handed out."""
    if len(items) == 1:
        # Arithmetic on 0-d arrays gives numbers, which cannot be written to.
        function(*[None if a is None else np.atleast_1d(a) for a in items[0]])
        return
    streams = list(zip(*items, strict=True))
    joined = [None if s[0] is None else np.concatenate(s, axis=None) for s in streams]
    function(*joined)
    for index, (stream, whole) in enumerate(zip(streams, joined, strict=True)):
        if whole is None or not writes(index):
            continue
        start = 0
        for array in stream:
            stop = start + array.size
            array[...] = whole[start:stop].reshape(array.shape)
            start = stop
