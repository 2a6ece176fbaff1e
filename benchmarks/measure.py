"""Times one call: calibrated blocks of calls within a turn of a given length."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat

from benchmarks.case import Call
from benchmarks.noise import Watch

BLOCK = 0.002
"""Seconds a block of calls should last: the clock and a GPU's synchronisation vanish in it."""

WARM = 0.02
"""Seconds to run untimed before each turn: another process has just had the caches."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn measured: seconds per call of each block, and the share others used."""

    times: list[float]
    others: float | None


def time_block(call: Call, synchronise: Callable[[], object], calls: int) -> float:
    """Seconds that ``calls`` calls take together, the device's outstanding work included."""
    synchronise()
    start = time.perf_counter()
    for _ in repeat(None, calls):
        call()
    synchronise()
    return time.perf_counter() - start


def calibrate(call: Call, synchronise: Callable[[], object]) -> int:
    """How many calls make a block. Also warms up: the first calls compile and allocate."""
    time_block(call, synchronise, 2)
    calls = 1
    while (seconds := time_block(call, synchronise, calls)) < BLOCK / 2:
        calls *= 2
    return max(1, round(calls * BLOCK / seconds))


def measure(call: Call, synchronise: Callable[[], object], calls: int, seconds: float) -> Turn:
    """Blocks of calls for ``seconds`` seconds, at least one block."""
    start = time.perf_counter()
    while time.perf_counter() - start < WARM:
        time_block(call, synchronise, calls)
    times: list[float] = []
    watch = Watch()
    start = time.perf_counter()
    while not times or time.perf_counter() - start < seconds:
        times.append(time_block(call, synchronise, calls) / calls)
    return Turn(times, watch.others())
