"""A thread per core, for work that NumPy does without holding the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Any

_count: int | None = None
_pool: Any = None


def count() -> int:
    """The number of threads to use: ``OMP_NUM_THREADS``, else the processors of this process."""
    global _count
    if _count is None:
        wanted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
        if wanted.isdecimal() and int(wanted) > 0:
            _count = int(wanted)
        elif hasattr(os, "sched_getaffinity"):
            _count = len(os.sched_getaffinity(0))
        else:
            _count = os.cpu_count() or 1
    return _count


def set_count(number: int) -> None:
    """Use so many threads from now on."""
    global _count, _pool
    _count, _pool = number, None


def run(tasks: Sequence[Callable[[], object]]) -> None:
    """Call every task, on as many threads as there are; the first error of a task is raised."""
    helpers = min(count(), len(tasks)) - 1
    waiting = iter(tasks)

    def work() -> None:
        for task in waiting:
            task()

    # Each helper sees the caller's context, which holds NumPy's error state.
    futures = [_executor().submit(copy_context().run, work) for _ in range(helpers)]
    try:
        work()
    finally:
        # One that has not begun has nothing left to do; waiting for it could be for ever.
        begun = [future for future in futures if not future.cancel()]
        errors = [future.exception() for future in begun]
    for error in errors:
        if error is not None:
            raise error


def _executor() -> Any:
    global _pool
    if _pool is None:
        from concurrent.futures import ThreadPoolExecutor  # costs a few ms to import

        _pool = ThreadPoolExecutor(max(1, count() - 1), "autograd_core")
    return _pool


def _forget() -> None:
    """A child process has none of its parent's threads."""
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
