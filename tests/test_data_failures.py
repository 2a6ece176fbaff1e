"""Workers of the loader that fail, die, hang or are let go."""

from __future__ import annotations

import gc
import os
import signal
import time
from typing import Any

import pytest

from autograd_core.utils.data import DataLoader, Dataset

pytestmark = pytest.mark.cpu_only  # worker processes make their batches on the CPU


class Broken(Dataset):
    def __init__(self, what: str) -> None:
        self.what = what

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Any:
        if index == 5:
            if self.what == "error":
                raise KeyError("row five")
            if self.what == "death":
                os._exit(3)
            time.sleep(60)
        return index


def test_an_exception_shows_the_workers_traceback() -> None:
    for options in ({"num_workers": 2}, {"num_workers": 2, "worker_threads": True}):
        loader = DataLoader(Broken("error"), batch_size=2, **options)
        running = iter(loader)
        assert [next(running).tolist() for _ in range(2)] == [[0, 1], [2, 3]]
        with pytest.raises(
            KeyError, match=r"(?s)Caught KeyError in DataLoader worker .* 0.*row five"
        ):
            next(running)
        assert next(running).tolist() == [6, 7]


def test_a_dead_worker_is_noticed() -> None:
    with pytest.raises(RuntimeError, match=r"worker process 1 \(pid \d+\) ended with code 3"):
        list(DataLoader(Broken("death"), batch_size=5, num_workers=2))


class Large(Dataset):
    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Any:
        return b"x" * 10_000_000  # more than a pipe holds


def test_a_worker_that_is_killed_while_it_speaks_is_noticed() -> None:
    running: Any = iter(DataLoader(Large(), None, num_workers=2, collate_fn=bytes))
    time.sleep(0.3)  # both have begun to send, and wait
    os.kill(running.pool._workers[0].pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="worker process 0 .* was killed by signal 9"):
        list(running)


def test_a_pass_that_is_let_go_ends_at_once() -> None:
    start = time.monotonic()
    for _ in range(2):
        running = iter(DataLoader(Large(), None, num_workers=2, collate_fn=bytes))
        next(running)
        workers = running.pool._workers
        del running
        gc.collect()
        assert not any(worker.is_alive() for worker in workers)
    assert time.monotonic() - start < 30


def test_an_error_whose_class_cannot_be_pickled() -> None:
    class Odd(Exception):
        pass

    class Local(Broken):
        def __getitem__(self, index: int) -> Any:
            raise Odd("told all the same")

    with pytest.raises(RuntimeError, match=r"(?s)Caught Odd in DataLoader.*told all the same"):
        list(DataLoader(Local("error"), num_workers=1, multiprocessing_context="fork"))


def test_the_timeout() -> None:
    loader = DataLoader(Broken("sleep"), batch_size=5, num_workers=2, timeout=0.5)
    with pytest.raises(RuntimeError, match=r"timed out after 0\.5 seconds"):
        list(loader)
