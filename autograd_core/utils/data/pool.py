"""The workers of a loader: started, told what to make, listened to, and stopped."""

from __future__ import annotations

import copy
import glob
import multiprocessing
import os
import queue
import threading
import time
import warnings
from typing import Any

from autograd_core.utils.data import worker as work
from autograd_core.utils.data.fetch import Fetcher
from autograd_core.utils.data.transport import FOLDER, discard, unpack

POLL = 1.0  # seconds after which one who waits looks whether the workers are alive
PATIENCE = 5.0  # seconds that a worker gets to stop by itself


class WorkerPool:
    """Processes or threads that make batches.

    Args:
        fetcher: how a batch is made; each process gets a copy.
        number: how many workers.
        init: called in each worker with its number; None for nothing.
        context: multiprocessing's start method or context; None for the system's.
        threads: threads of this process in place of processes.
        timeout: seconds to wait for a batch; 0 for ever.
    """

    def __init__(
        self, fetcher: Fetcher, number: int, init: Any, context: Any, threads: bool, timeout: float
    ) -> None:
        self.number, self.threads, self.timeout = number, threads, timeout
        self.closed = False
        self.seed: int | None = None  # what the workers' seeds are made of, once they have begun
        if threads:
            self._tasks: list[Any] = [queue.SimpleQueue() for _ in range(number)]
            self._results: Any = queue.SimpleQueue()
            make: Any = threading.Thread
        else:
            if context is None or isinstance(context, str):
                context = multiprocessing.get_context(context)
            self._tasks = [context.Queue() for _ in range(number)]
            self._results = context.Queue()
            make = context.Process
        self._workers = [
            make(
                target=work.run,
                args=(
                    copy.copy(fetcher),
                    (i, number),
                    self._tasks[i],
                    self._results,
                    init,
                    not threads,
                ),
                daemon=True,
                name=f"autograd_core DataLoader worker {i}",
            )
            for i in range(number)
        ]
        with warnings.catch_warnings():
            # (Of forking while BLAS has threads: the children compute nothing that needs them.)
            warnings.simplefilter("ignore", DeprecationWarning)
            for worker in self._workers:
                worker.start()
        self._pids = [] if threads else [worker.pid for worker in self._workers]

    def begin(self, worker: int, begin: work.Begin) -> None:
        """Start a pass in a worker."""
        self._tasks[worker].put(begin)

    def send(self, worker: int, number: int, index: Any) -> None:
        """Ask a worker for batch ``number``."""
        self._tasks[worker].put((number, index))

    def receive(self, of_pass: int) -> tuple[int, int | None, Any, Any]:
        """The next result of this pass: worker, number of the batch, batch, changed random states.

        Without a number it is a worker's random states at the beginning of the pass.

        Raises:
            RuntimeError: a worker process ended, or the timeout passed.
        """
        deadline = time.monotonic() + self.timeout if self.timeout else None
        while True:
            wait = POLL if deadline is None else min(POLL, deadline - time.monotonic())
            try:
                passed, worker, number, outcome, states = self._results.get(timeout=max(wait, 0))
            except queue.Empty:
                self._check_alive()
                if deadline is not None and time.monotonic() >= deadline:
                    raise RuntimeError(
                        f"DataLoader timed out after {self.timeout} seconds"
                    ) from None
                continue
            packed = isinstance(outcome, tuple) and not self.threads
            if passed != of_pass:
                if packed:
                    discard(outcome[1])
                continue
            if packed:
                outcome = unpack(*outcome)
            return worker, number, outcome, states

    def _check_alive(self) -> None:
        for i, worker in enumerate(self._workers):
            if not worker.is_alive() and not self.threads:
                code = worker.exitcode
                ended = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                raise RuntimeError(
                    f"DataLoader worker process {i} (pid {worker.pid}) {ended} while batches were"
                    f" waited for; its own output may say why"
                )

    def close(self, patience: float = PATIENCE) -> None:
        """Stop the workers, and remove what they left on the way."""
        if self.closed:
            return
        self.closed = True
        for tasks in self._tasks:
            tasks.put(None)
        if self.threads:
            return  # they are daemons, and stop at their next task
        end = time.monotonic() + patience
        while any(worker.is_alive() for worker in self._workers) and time.monotonic() < end:
            self._drain()  # a worker cannot end before what it put is taken
            self._workers[0].join(0.01)
        for worker in self._workers:
            if worker.is_alive():
                worker.terminate()
            worker.join(PATIENCE)
        self._drain()
        for channel in (*self._tasks, self._results):
            channel.close()
            channel.cancel_join_thread()
        for pid in self._pids:
            for path in glob.glob(os.path.join(FOLDER, f"autograd_core-{pid}-*")):
                discard(path)

    def _drain(self) -> None:
        try:
            while True:
                outcome = self._results.get_nowait()[3]
                if isinstance(outcome, tuple):
                    discard(outcome[1])
        except (queue.Empty, EOFError, OSError):
            pass

    def __del__(self) -> None:
        if hasattr(self, "_workers"):
            self.close(patience=0)  # the queues may be closed by now, if all goes together
