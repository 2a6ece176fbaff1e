"""One pass over a data set: which batch comes next, who makes it, and how to stop and go on."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograd_core.random import default_generator
from autograd_core.utils.data.dataset import IterableDataset
from autograd_core.utils.data.fetch import End, Fetcher
from autograd_core.utils.data.pool import WorkerPool
from autograd_core.utils.data.seed import draw_seed
from autograd_core.utils.data.worker import Begin, Failure
from autograd_core.utils.random_states import random_states, restore_random_states

if TYPE_CHECKING:
    from autograd_core.utils.data.dataloader import DataLoader


class Pass:
    """The order of one pass, and how far it has come.

    To go on in the middle, the generator that the order is drawn from is put where it was at the
    beginning, and the batches that were delivered are skipped in the order, without being made.

    Args:
        loader: whose pass it is.
        resume: what ``state`` of an earlier pass returned, or None to begin.
        seed: that of the workers, where they go on from an earlier pass.
    """

    def __init__(
        self, loader: DataLoader, resume: dict[str, Any] | None, seed: int | None = None
    ) -> None:
        # (Not the loader itself, which holds the pass: workers must stop when both are let go.)
        self.in_order = loader.in_order
        self.delivered = 0
        self.finished = False
        self.promised = loader.promised
        stream = isinstance(loader.dataset, IterableDataset)
        generator = default_generator if loader.generator is None else loader.generator
        now = generator.get_state()
        if resume is not None:
            seed = resume["seed"]
            if resume["generator"] is not None:
                generator.set_state(resume["generator"])
        self.generator_state = generator.get_state()
        self.indices: Iterator[Any] = itertools.repeat(None)
        source = loader.sampler if loader.batch_sampler is None else loader.batch_sampler
        # PyTorch asks for the order, then draws a seed for new workers (also where it has none),
        # and where it has workers asks again. Samplers that draw when they are asked, and every
        # later random number, are the same as PyTorch's if all this is done here, too.
        self.kept_seed = seed
        self.source = source
        if not stream and (seed is None or not loader.num_workers):
            self.indices = iter(source)
        self.seed = draw_seed(loader.generator) if seed is None else seed
        if not stream and loader.num_workers:
            self.indices = iter(source)
        if resume is not None:
            self.delivered = resume["delivered"]
            if not stream:
                skipped = list(itertools.islice(self.indices, self.delivered + 1))
                self.indices = itertools.chain(skipped[self.delivered :], self.indices)
            if loader.generator is None and resume["generator"] is not None:
                generator.set_state(now)  # it belongs to the whole program

    def __iter__(self) -> Pass:
        return self

    def __len__(self) -> int:
        """How many batches the whole pass has; a TypeError for a stream, as in PyTorch."""
        return len(self.source)  # type: ignore[arg-type]  # one without a length says so

    def __next__(self) -> Any:
        if self.finished:
            raise StopIteration
        batch = self._next()
        if batch is End:
            self.finished = True
            self._end()
            raise StopIteration
        self.delivered += 1
        if self.promised is not None and self.delivered > self.promised:
            warnings.warn(
                f"DataLoader: the IterableDataset said that there are {self.promised} batches, and"
                f" gives batch {self.delivered}. Mend its __len__; with workers, each must yield a"
                f" part of the samples only (see get_worker_info)",
                stacklevel=2,
            )
        return batch

    def _next(self) -> Any:
        raise NotImplementedError

    def _end(self) -> None:
        """After the last batch."""

    def following(self) -> dict[str, Any] | None:
        """What the pass after this one needs, once this one is finished; None for nothing."""
        return None

    def state(self) -> dict[str, Any]:
        """What a later pass needs to go on after the last delivered batch."""
        return {
            "generator": self.generator_state,
            "seed": self.kept_seed,
            "delivered": self.delivered,
            "workers": None,
        }


class OwnPass(Pass):
    """A pass whose batches are made by the one who asks for them."""

    def __init__(self, loader: DataLoader, fetcher: Fetcher, resume: dict[str, Any] | None) -> None:
        super().__init__(loader, resume)
        self.fetcher = fetcher
        self.begun = random_states() if isinstance(loader.dataset, IterableDataset) else None
        if self.begun is None or resume is None:
            fetcher.begin()
            return
        now, self.begun = self.begun, resume["begun"]
        restore_random_states(self.begun)  # a stream is read again up to the place
        fetcher.begin()
        for _ in range(self.delivered):
            fetcher.fetch(None)
        restore_random_states(now)

    def _next(self) -> Any:
        index = next(self.indices, End)
        return End if index is End else self.fetcher.fetch(index)

    def state(self) -> dict[str, Any]:
        return {**super().state(), "begun": self.begun}


class WorkerPass(Pass):
    """A pass whose batches are made by workers, a few ahead of the one who asks."""

    def __init__(
        self, loader: DataLoader, pool: WorkerPool, number: int, resume: dict[str, Any] | None
    ) -> None:
        super().__init__(loader, resume, pool.seed)
        pool.seed = self.seed
        self.pool, self.number = pool, number
        self.persistent = loader.persistent_workers
        workers = pool.number
        self.stream = isinstance(loader.dataset, IterableDataset)
        self.active = [True] * workers
        # Of each worker: the random states after its last delivered batch, None if never changed.
        self.states: list[Any] = [None] * workers
        self.taken = [0] * workers  # batches of each worker that were delivered
        self.sent = 0
        self.waiting: dict[int, int] = {}  # number of a batch -> who makes it
        self.arrived: dict[int, tuple[Any, Any]] = {}
        self.turn = 0  # the worker that is asked next
        self.order: list[int] = []  # numbers of batches in the order of delivery, in_order only
        # Where workers go on with their random numbers, those at the beginning of the pass.
        self.begun: list[Any] = [None] * workers
        self.continues = resume is None and self.kept_seed is not None and not pool.threads
        skips = [0] * workers
        if resume is not None:
            self.begun = list(resume["begun"])
            self.states, self.taken = list(resume["workers"]), list(resume["taken"])
            self.active, self.turn = list(resume["active"]), resume["turn"]
            skips = self.taken if self.stream else skips
        for worker in range(workers):
            states = self.begun[worker], self.states[worker]
            pool.begin(worker, Begin(number, self.seed, not self.continues, *states, skips[worker]))
        self.next_turn = self.turn
        for _ in range(loader.ahead * workers):
            self._send()

    def _end(self) -> None:
        if not self.persistent:
            self.pool.close()

    def _send(self) -> None:
        """Ask the worker whose turn it is for one more batch."""
        if not any(self.active):
            return
        while not self.active[self.turn]:
            self.turn = (self.turn + 1) % self.pool.number
        index = next(self.indices, End)
        if index is End:
            return
        self.pool.send(self.turn, self.sent, index)
        self.waiting[self.sent] = self.turn
        self.order.append(self.sent)
        self.sent += 1
        self.turn = (self.turn + 1) % self.pool.number

    def _next(self) -> Any:
        while self.order:
            number = self._ready()
            worker = self.waiting.pop(number)
            self.order.remove(number)
            outcome, states = self.arrived.pop(number)
            if states is not None:
                self.states[worker] = states
            if outcome is End:
                self.active[worker] = False
                self._send()
                continue
            self._send()
            self.taken[worker] += 1
            self.next_turn = (worker + 1) % self.pool.number
            if isinstance(outcome, Failure):
                outcome.reraise()
            return outcome
        return End

    def _ready(self) -> int:
        """The number of the batch to deliver, once it is there."""
        while True:
            if self.in_order:
                if self.order[0] in self.arrived:
                    return self.order[0]
            elif self.arrived:
                return next(iter(self.arrived))
            self._receive()

    def _receive(self) -> None:
        worker, number, outcome, states = self.pool.receive(self.number)
        if number is None:
            self.begun[worker] = states
        else:
            self.arrived[number] = outcome, states

    def following(self) -> dict[str, Any] | None:
        if not self.persistent or self.pool.threads:
            return None
        now = self.state()
        workers = self.pool.number
        return {
            "generator": None,  # where it is then
            "seed": self.seed,
            "delivered": 0,
            "begun": [a if a is not None else b for a, b in zip(self.states, now["begun"])],
            "workers": [None] * workers,
            "taken": [0] * workers,
            "active": [True] * workers,
            "turn": 0,
        }

    def state(self) -> dict[str, Any]:
        while self.continues and None in self.begun:
            self._receive()
        return {
            **super().state(),
            "begun": list(self.begun),
            "workers": list(self.states),
            "taken": list(self.taken),
            "active": list(self.active),
            "turn": self.next_turn,
        }
