"""DataLoader: a data set in minibatches."""

from __future__ import annotations

import itertools
import multiprocessing
import multiprocessing.context
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic

from autograd_core.random import Generator
from autograd_core.utils.data.collate import default_collate, default_convert
from autograd_core.utils.data.dataset import IterableDataset, T
from autograd_core.utils.data.fetch import Fetcher
from autograd_core.utils.data.passes import OwnPass, Pass, WorkerPass
from autograd_core.utils.data.pool import WorkerPool
from autograd_core.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler

# What the iterator is built on; changing one afterwards would quietly do nothing.
FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset")


class DataLoader(Generic[T]):
    """Iterate over a data set in minibatches.

    Every ``iter(loader)`` is one pass (an epoch), in PyTorch's order for the same seed. Batches of
    a `TensorDataset`, or of a `Subset` of one, are cut out of its tensors in one piece.

    Args:
        dataset: A map-style data set (anything with ``[index]`` and a length) or an
            `IterableDataset`.
        batch_size: Samples in a batch (default: 1); None yields single samples.
        shuffle: Visit the samples in a new random order on every pass (default: False).
        sampler: An iterable over indices instead of ``shuffle``.
        batch_sampler: An iterable over lists of indices instead of ``batch_size``, ``shuffle``,
            ``sampler`` and ``drop_last``.
        num_workers: How many workers make batches ahead of time (default: 0, the caller makes
            them). Batches come in the same order for any number.
        collate_fn: Makes a batch of a list of samples (default: `default_collate`).
        pin_memory: Accepted for PyTorch's sake and without effect.
        drop_last: Leave out a last batch that is not full (default: False).
        timeout: Seconds to wait for a worker's batch (default: 0, for ever).
        worker_init_fn: Called in each worker with its number before it begins.
        multiprocessing_context: The start method of the processes, ``"fork"``, ``"spawn"`` or
            ``"forkserver"``, or a context of multiprocessing (default: the system's).
        generator: Where the order is drawn from (default: the global generator).
        prefetch_factor: Batches that each worker is ahead (default: 2).
        persistent_workers: Keep the workers from pass to pass (default: False).
        pin_memory_device: Accepted for PyTorch's sake and without effect.
        in_order: Whether batches wait for their turn, or come as they are ready (default: True).
        worker_threads: Make the workers threads instead of processes: nothing is copied, and
            NumPy computes in several at once; they share the program's random numbers (default:
            False).

    A worker process has random numbers of its own, in the engine, NumPy and Python's ``random``,
    seeded as PyTorch does: different ones for every worker and every pass (where workers are kept
    from pass to pass, their random numbers go on). Its large arrays come
    through shared memory. `get_worker_info` says in a data set which worker it is in. A data set
    that holds a large list of Python objects should keep it as a `SharedList`, or each worker will
    in time have a copy.

    `state_dict` in the middle of a pass, and `load_state_dict` in another process, give the same
    remaining batches, whatever the number of workers, as long as it is the same on both sides.

    Raises:
        ValueError: Options that exclude each other, or that need workers.
        RuntimeError: While iterating: a worker died, or the timeout passed. An exception in a
            worker is raised again with the worker's traceback.

    Source: torch.utils.data.DataLoader.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils.data import DataLoader, TensorDataset
        >>> dataset = TensorDataset(ag.arange(5), ag.arange(5) * 10)
        >>> for x, y in DataLoader(dataset, batch_size=2):
        ...     print(x.tolist(), y.tolist())
        [0, 1] [0, 10]
        [2, 3] [20, 30]
        [4] [40]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
        worker_threads: bool = False,
    ) -> None:
        _check_workers(
            num_workers, timeout, multiprocessing_context, prefetch_factor, persistent_workers,
            worker_threads,
        )  # fmt: skip
        stream = isinstance(dataset, IterableDataset)
        if stream and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError(
                "DataLoader: an IterableDataset decides on its order itself; leave out shuffle,"
                " sampler and batch_sampler"
            )
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: give either a sampler or shuffle=True, not both")
        if batch_sampler is not None and (
            batch_size != 1 or shuffle or sampler is not None or drop_last
        ):
            raise ValueError(
                "DataLoader: a batch_sampler makes the batches; leave out batch_size, shuffle,"
                " sampler and drop_last"
            )
        if not isinstance(generator, (Generator, type(None))):
            raise TypeError(
                f"DataLoader: generator is a {type(generator).__name__}; expected a Generator"
            )
        if batch_size is None and drop_last:
            raise ValueError("DataLoader: batch_size=None makes no batches; leave out drop_last")

        if sampler is None:
            if stream:
                sampler = itertools.repeat(None)  # the stream has no index, only an end
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_sampler is not None:
            batch_size = None
        elif batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)

        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.drop_last = drop_last
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.prefetch_factor = prefetch_factor
        self.persistent_workers = persistent_workers
        self.in_order = in_order
        self.worker_threads = worker_threads
        self.collate_fn = collate_fn or (
            default_convert if batch_sampler is None else default_collate
        )
        self._pass: Pass | None = None
        self._pool: WorkerPool | None = None
        self._passes = 0
        self._resume: dict[str, Any] | None = None
        self.promised: int | None = None  # batches, as ``len`` said of a stream
        self._initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and getattr(self, "_initialized", False):
            raise ValueError(
                f"DataLoader: {name} cannot change once the loader is made; make a new DataLoader"
            )
        super().__setattr__(name, value)

    @property
    def ahead(self) -> int:
        """How many batches each worker is ahead."""
        return 2 if self.prefetch_factor is None else self.prefetch_factor

    def __iter__(self) -> Iterator[Any]:
        resume, self._resume = self._resume, None
        batched = self.batch_sampler is not None
        fetcher = Fetcher(self.dataset, self.collate_fn, self.batch_size, batched, self.drop_last)
        made: Pass
        if self.num_workers == 0:
            made = OwnPass(self, fetcher, resume)
        else:
            pool = self._pool
            if pool is None or pool.closed:
                pool = WorkerPool(
                    fetcher, self.num_workers, self.worker_init_fn, self.multiprocessing_context,
                    self.worker_threads, self.timeout,
                )  # fmt: skip
            self._pool = pool if self.persistent_workers else None
            self._passes += 1
            made = WorkerPass(self, pool, self._passes, resume)
        self._pass = made
        return made

    def state_dict(self) -> dict[str, Any]:
        """Where the loader stands: between two passes, or after some batch of one.

        Returns:
            A dict that ``ag.save`` takes. The order of a pass that was broken off goes on after
            the last batch that was delivered.

        Example:
            >>> import autograd_core as ag
            >>> from autograd_core.utils.data import DataLoader
            >>> loader = DataLoader(range(6), batch_size=2, shuffle=True)
            >>> batches = iter(loader)
            >>> _ = next(batches)
            >>> state = loader.state_dict()
            >>> rest = [batch.tolist() for batch in batches]
            >>> again = DataLoader(range(6), batch_size=2, shuffle=True)
            >>> again.load_state_dict(state)
            >>> [batch.tolist() for batch in again] == rest
            True
        """
        now = self._resume
        if now is None and self._pass is not None:
            now = self._pass.following() if self._pass.finished else self._pass.state()
        return {"num_workers": self.num_workers, "batch_size": self.batch_size, "pass": now}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next ``iter(loader)`` go on where ``state_dict`` was taken.

        Raises:
            ValueError: It is from a loader with another ``num_workers`` or ``batch_size``, or of
                another kind.
        """
        if set(state_dict) != {"num_workers", "batch_size", "pass"}:
            raise ValueError(f"DataLoader: this is no state of a loader: {sorted(state_dict)}")
        for name in ("num_workers", "batch_size"):
            if state_dict[name] != getattr(self, name):
                raise ValueError(
                    f"DataLoader: the state is of a loader with {name}={state_dict[name]}, this"
                    f" one has {name}={getattr(self, name)}"
                )
        self._pass, self._resume = None, state_dict["pass"]

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            size = len(self.dataset)  # type: ignore[arg-type]  # one without a length says so
            if self.batch_size is not None:
                size = size // self.batch_size if self.drop_last else -(-size // self.batch_size)
            self.promised = size
            return size
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]


def _check_workers(
    number: Any, timeout: float, context: Any, prefetch_factor: Any, persistent: bool, threads: bool
) -> None:
    """Refuse options of workers that contradict each other."""
    if not isinstance(number, int) or isinstance(number, bool):
        raise TypeError(f"DataLoader: num_workers is {number!r}; expected 0 or a positive number")
    if number < 0:
        raise ValueError(f"DataLoader: num_workers is {number}; expected 0 or a positive number")
    if timeout < 0:
        raise ValueError(f"DataLoader: timeout is {timeout}; expected 0 or more seconds")
    if number == 0 and (
        timeout or context is not None or prefetch_factor is not None or persistent or threads
    ):
        raise ValueError(
            "DataLoader: timeout, multiprocessing_context, prefetch_factor, persistent_workers and"
            " worker_threads are for workers; leave them out, as num_workers is 0"
        )
    if prefetch_factor is not None and (
        not isinstance(prefetch_factor, int) or prefetch_factor < 1
    ):
        raise ValueError(
            f"DataLoader: prefetch_factor is {prefetch_factor!r}; expected a positive whole number"
        )
    if threads and context is not None:
        raise ValueError("DataLoader: threads have no multiprocessing_context; leave it out")
    if not isinstance(context, (str, multiprocessing.context.BaseContext, type(None))):
        raise TypeError(
            f"DataLoader: multiprocessing_context is a {type(context).__name__}; expected the name"
            f" of a start method or a context of multiprocessing"
        )
    if isinstance(context, str) and context not in multiprocessing.get_all_start_methods():
        raise ValueError(
            f"DataLoader: multiprocessing_context is {context!r}; this system has"
            f" {multiprocessing.get_all_start_methods()}"
        )
