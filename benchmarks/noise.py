"""How much of the processors other processes used while a measurement ran.

What the whole machine spent comes from ``/proc/stat``, what this process and the children it has
waited for spent from their own clocks; the difference is the others'. PyTorch steps were seen to
take twenty times as long when another process used its cores, so a run with busy neighbours says
nothing about the libraries.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Set
from pathlib import Path

LIMIT = 0.05
"""The share of the processors that others may use before a measurement is taken again."""

STAT = Path("/proc/stat")
TICK = 1 / os.sysconf("SC_CLK_TCK")


def processors() -> set[int]:
    """The numbers of the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def machine_seconds(stat: str, numbers: Set[int]) -> tuple[float, float]:
    """Seconds that passed and seconds that were busy, summed over the processors ``numbers``.

    Args:
        stat: the text of ``/proc/stat``.
        numbers: processors to count.

    Returns:
        (passed, busy). Waiting for a disk is not busy; time a hypervisor gave to others is.
    """
    passed = busy = 0
    for line in stat.splitlines():
        name, *fields = line.split()
        if name[:3] == "cpu" and name[3:].isdigit() and int(name[3:]) in numbers:
            # user, nice, system, idle, iowait, irq, softirq, steal; guests are part of user.
            ticks = [int(field) for field in fields[:8]]
            passed += sum(ticks)
            busy += sum(ticks) - ticks[3] - ticks[4]
    return passed * TICK, busy * TICK


def own_seconds() -> float:
    """Processor seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Watch:
    """Watches the processors from its making until ``others()`` is asked."""

    def __init__(self) -> None:
        self._numbers = processors()
        self._start = self._read()

    def _read(self) -> tuple[float, float, float] | None:
        if not STAT.exists():
            return None
        passed, busy = machine_seconds(STAT.read_text(), self._numbers)
        return passed, busy, own_seconds()

    def others(self) -> float | None:
        """The share (0 to 1) of the processors that other processes used, None if unknown."""
        now = self._read()
        if now is None or self._start is None:
            return None
        passed, busy, own = (b - a for a, b in zip(self._start, now, strict=True))
        # The kernel counts in ticks, so a short measurement can be off by one of them.
        return max(0.0, busy - own - TICK) / passed if passed > 0 else 0.0


def is_noisy(others: float | None) -> bool:
    """Whether a measurement with this share of the processors in other hands is to be redone."""
    return others is not None and others > LIMIT
