"""The CUDA kernels that the backend itself needs; compiled by CuPy when first called."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

# Thread i makes the four words of counter `start + i` (Salmon et al. 2011, Philox4x32-10);
# the same integers as philox.words computes with array operations.
PHILOX = """
unsigned long long counter = start + i;
unsigned int c0 = (unsigned int)counter, c1 = (unsigned int)(counter >> 32), c2 = 0u, c3 = 0u;
unsigned int k0 = (unsigned int)key, k1 = (unsigned int)(key >> 32);
for (int step = 0; step < 10; ++step) {
    unsigned long long p0 = 0xD2511F53ull * c0, p1 = 0xCD9E8D57ull * c2;
    c0 = (unsigned int)(p1 >> 32) ^ c1 ^ k0;
    c1 = (unsigned int)p1;
    c2 = (unsigned int)(p0 >> 32) ^ c3 ^ k1;
    c3 = (unsigned int)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
}
words[4 * i] = c0; words[4 * i + 1] = c1; words[4 * i + 2] = c2; words[4 * i + 3] = c3;
"""

NOTE_OUT_OF_RANGE = """
long long value = (long long)index;
if (value < low || value >= high) atomicCAS(&marks[0], 0, mark);
"""

_philox = cupy.ElementwiseKernel(
    "uint64 key, uint64 start", "raw uint32 words", PHILOX, "autograd_core_philox"
)
_note_out_of_range = cupy.ElementwiseKernel(
    "T index, int64 low, int64 high, int32 mark",
    "raw int32 marks",
    NOTE_OUT_OF_RANGE,
    "autograd_core_note_out_of_range",
)


def fill_words(key: int, start: int, counters: int) -> Any:
    """The words of ``counters`` counters from ``start`` on, as ``philox.words`` makes them."""
    words = cupy.empty(4 * counters, np.uint32)
    if counters:
        _philox(np.uint64(key), np.uint64(start), words, size=counters)
    return words


def note_out_of_range(index: Any, low: int, high: int, mark: int, marks: Any) -> None:
    """Write ``mark`` into ``marks`` if it is 0 and a value of ``index`` is not in [low, high)."""
    _note_out_of_range(index, low, high, mark, marks)
