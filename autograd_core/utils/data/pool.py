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
from multiprocessing import connection
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
        self._readers: list[Any] = []  # of a process: where its results come in
        if threads:
            self._tasks: list[Any] = [queue.SimpleQueue() for _ in range(number)]
            self._results: Any = queue.SimpleQueue()
            ends: list[Any] = [self._results] * number
            make: Any = threading.Thread
        else:
            if context is None or isinstance(context, str):
                context = multiprocessing.get_context(context)
            self._tasks = [context.Queue() for _ in range(number)]
            # A pipe for each: it ends when its process does, so that nobody waits for the rest of
            # what a killed one was saying.
            pipes = [context.Pipe(duplex=False) for _ in range(number)]
            self._readers, ends = [a for a, _ in pipes], [b for _, b in pipes]
            make = context.Process
        self._workers = [
            make(
                target=work.run,
                args=(
                    copy.copy(fetcher),
                    (i, number),
                    self._tasks[i],
                    ends[i],
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
            for worker, end in zip(self._workers, ends):
                worker.start()
                if not threads:
                    end.close()  # type: ignore[attr-defined]  # it is the worker's alone, and not its siblings'
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
            message = self._message(max(wait, 0))
            if message is None:
                self._check_alive()
                if deadline is not None and time.monotonic() >= deadline:
                    raise RuntimeError(f"DataLoader timed out after {self.timeout} seconds")
                continue
            passed, worker, number, outcome, states = message
            packed = isinstance(outcome, tuple) and not self.threads
            if passed != of_pass:
                if packed:
                    discard(outcome[1])
                continue
            if packed:
                outcome = unpack(*outcome)
            return worker, number, outcome, states

    def _message(self, seconds: float) -> Any:
        """What a worker says next; None if none does within some seconds."""
        if self.threads:
            try:
                return self._results.get(timeout=seconds)
            except queue.Empty:
                return None
        ready: list[Any] = connection.wait(self._readers, seconds)
        for reader in ready:
            try:
                return reader.recv()
            except (EOFError, OSError):  # it ended, between two messages or within one
                self._workers[self._readers.index(reader)].join(PATIENCE)
                self._check_alive()
        return None

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
        for reader in self._readers:
            reader.close()  # whoever is about to say something ends now
        end = time.monotonic() + patience
        for worker in self._workers:
            worker.join(max(end - time.monotonic(), 0))
        for worker in self._workers:
            if worker.is_alive():
                worker.terminate()
            worker.join(PATIENCE)
        for channel in self._tasks:
            channel.close()
            channel.cancel_join_thread()
        for pid in self._pids:
            for path in glob.glob(os.path.join(FOLDER, f"autograd_core-{pid}-*")):
                discard(path)

    def __del__(self) -> None:
        if hasattr(self, "_workers"):
            self.close(patience=0)  # the queues may be closed by now, if all goes together
