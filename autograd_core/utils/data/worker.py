"""What runs in a loader's worker: a process or a thread that makes batches as it is told."""

from __future__ import annotations

import os
import queue
import random
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.backends.registry import set_default_device
from autograd_core.random import manual_seed
from autograd_core.utils.data.fetch import End, Fetcher
from autograd_core.utils.data.transport import pack
from autograd_core.utils.random_states import random_states, restore_random_states, same_states

ALIVE = 5.0  # seconds after which an idle process looks whether its parent is still there


@dataclass(frozen=True)
class WorkerInfo:
    """What a data set can ask about the worker that it runs in.

    Attributes:
        id: the worker's number, from 0.
        num_workers: how many there are.
        seed: what its random numbers were seeded with when it was started.
        dataset: its copy of the data set (in a thread, the data set itself).
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


_here = threading.local()


def get_worker_info() -> WorkerInfo | None:
    """Who is asking: the worker's `WorkerInfo`, or None in the main process.

    A stream uses it to give each worker another part of its samples.

    Source: torch.utils.data.get_worker_info.

    Example:
        >>> from autograd_core.utils.data import get_worker_info
        >>> get_worker_info() is None
        True
    """
    return getattr(_here, "info", None)


class Failure:
    """An exception on its way to the process that waits for the batch."""

    def __init__(self, error: BaseException, where: str) -> None:
        self.kind = type(error)
        self.text = (
            f"Caught {type(error).__name__} in {where}.\nOriginal "
            f"{''.join(traceback.format_exception(error))}"
        )

    def reraise(self) -> None:
        """Raise it again, with the worker's traceback in its text."""
        text = _Lines(self.text) if issubclass(self.kind, KeyError) else self.text
        try:
            error = self.kind(text)
        except TypeError:  # a class that wants other arguments
            error = RuntimeError(self.text)
        raise error


class _Lines(str):
    """A text that a KeyError shows as it is, with its ends of lines."""

    def __repr__(self) -> str:
        return str(self)


@dataclass
class Begin:
    """Tells a worker that a pass begins.

    Attributes:
        number: the pass, so that what is left of an earlier one is recognised.
        seed: what all workers' seeds are made of.
        reseed: whether random numbers begin anew, or go on from the pass before.
        begun: random states at the beginning of the pass, or None for those of the seed.
        states: random states to go on from after ``skip``, or None.
        skip: batches of a stream to pass over.
    """

    number: int
    seed: int
    reseed: bool = True
    begun: Any = None
    states: Any = None
    skip: int = 0


def run(
    fetcher: Fetcher,
    info: tuple[int, int],
    tasks: Any,
    results: Any,
    init: Callable[[int], None] | None,
    is_process: bool,
) -> None:
    """Make batches until told to stop (None).

    Args:
        fetcher: makes the batches.
        info: the worker's number, and how many there are.
        tasks: a queue of `Begin` and of pairs (number of the batch, index).
        results: a pipe, or for a thread a queue, for (pass, worker, number of the batch, packed
            batch or `Failure`, random states if they changed); without a number, the random states
            that a pass begins with.
        init: called once with the worker's number.
        is_process: whether this is a process of its own.
    """
    worker, workers = info
    where = f"DataLoader worker {'process' if is_process else 'thread'} {worker}"
    parent = os.getppid()
    say = results.send if is_process else results.put
    failure: Failure | None = None
    passed = 0
    states: dict[str, Any] = {}
    if is_process:
        set_default_device("cpu")  # the parent's GPU cannot be used from here
    started = False
    while True:
        try:
            task = tasks.get(timeout=ALIVE)
        except queue.Empty:
            if is_process and os.getppid() != parent:
                return
            continue
        if task is None:
            return
        if isinstance(task, Begin):
            passed, failure = task.number, None
            try:
                seed = task.seed + worker
                _here.info = WorkerInfo(worker, workers, seed, fetcher.dataset)
                if is_process and task.reseed:
                    seed_all(seed, task.seed, worker)
                if init is not None and not started:
                    init(worker)
                started = True
                if task.begun is not None:
                    restore_random_states(task.begun)
                if not task.reseed:
                    say((passed, worker, None, None, random_states()))
                fetcher.begin()
                for _ in range(task.skip):
                    fetcher.fetch(None)
                if task.states is not None:
                    restore_random_states(task.states)
                if is_process:
                    states = random_states()
            except Exception as error:
                failure = Failure(error, where)
            continue
        number, index = task
        outcome: Any = failure
        changed = None
        if outcome is None:
            try:
                batch = fetcher.fetch(index)
                outcome = batch if batch is End or not is_process else pack(batch)
                if is_process:
                    now = random_states()
                    if not same_states(now, states):
                        changed = states = now
            except Exception as error:
                outcome = Failure(error, where)
        try:
            say((passed, worker, number, outcome, changed))
        except OSError:
            return  # nobody listens any more
        except Exception:  # an error whose class cannot be pickled
            outcome.kind = RuntimeError
            say((passed, worker, number, outcome, changed))


def seed_all(seed: int, base: int, worker: int) -> None:
    """Seed Python, the engine and NumPy so that no two workers, and no two passes, draw the same.

    All get PyTorch's seeds. NumPy's is made of both numbers by a SeedSequence, since neighbouring
    seeds of its old generator are not independent.
    """
    random.seed(seed)
    manual_seed(seed)
    entropy = [worker, base & 0xFFFFFFFF, base >> 32, 0]
    np.random.seed(np.random.SeedSequence(entropy).generate_state(4))
