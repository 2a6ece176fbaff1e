"""The CUDA kernels that the backend itself needs; compiled by CuPy when first called."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from autograd_core.backends.cupy.sources import NOTE_OUT_OF_RANGE, PHILOX

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
