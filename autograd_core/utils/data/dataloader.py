"""DataLoader: a data set in minibatches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from autograd_core.random import Generator
from autograd_core.utils.data.collate import default_collate, default_convert
from autograd_core.utils.data.dataset import IterableDataset, Subset, TensorDataset
from autograd_core.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler
from autograd_core.utils.data.seed import draw_seed

# What the iterator is built on; changing one afterwards would quietly do nothing.
FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset")


class DataLoader:
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
        num_workers: Loading runs in the calling process, so only 0 (default) is accepted.
        collate_fn: Makes a batch of a list of samples (default: `default_collate`).
        pin_memory: Accepted for PyTorch's sake and without effect.
        drop_last: Leave out a last batch that is not full (default: False).
        timeout, worker_init_fn, multiprocessing_context: For workers; their defaults only.
        prefetch_factor, persistent_workers, pin_memory_device, in_order: The same.
        generator: Where the order is drawn from (default: the global generator).

    Raises:
        ValueError: Options that exclude each other, or that need workers.

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
    ) -> None:
        if num_workers != 0:
            raise ValueError(
                f"DataLoader: num_workers={num_workers} is not supported; use num_workers=0, which"
                " loads in the calling process (a TensorDataset needs no workers)"
            )
        if timeout or multiprocessing_context or prefetch_factor is not None or persistent_workers:
            raise ValueError(
                "DataLoader: timeout, multiprocessing_context, prefetch_factor and"
                " persistent_workers are for workers; leave them out, as num_workers is 0"
            )
        stream = isinstance(dataset, IterableDataset)
        if stream and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError(
                "DataLoader: an IterableDataset decides on its order itself; leave out shuffle,"
                " sampler and batch_sampler"
            )
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: give either a sampler or shuffle=True, not both")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler or drop_last):
            raise ValueError(
                "DataLoader: a batch_sampler makes the batches; leave out batch_size, shuffle,"
                " sampler and drop_last"
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
        self.collate_fn = collate_fn or (
            default_convert if batch_sampler is None else default_collate
        )
        self._initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and getattr(self, "_initialized", False):
            raise ValueError(
                f"DataLoader: {name} cannot change once the loader is made; make a new DataLoader"
            )
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        # PyTorch draws a seed for its workers here even when it has none. Drawing one too keeps
        # the order of the samples, and every later random number, the same as PyTorch's.
        draw_seed(self.generator)
        if isinstance(self.dataset, IterableDataset):
            return self._stream()
        return self._map()

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            size = len(self.dataset)  # type: ignore[arg-type]  # one without a length says so
            if self.batch_size is None:
                return size
            return size // self.batch_size if self.drop_last else -(-size // self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]

    def _map(self) -> Iterator[Any]:
        if self.batch_sampler is None:
            for index in self.sampler:
                yield self.collate_fn(self.dataset[index])
            return
        for indices in self.batch_sampler:
            batch = _cut(self.dataset, indices) if self.collate_fn is default_collate else None
            yield self.collate_fn(_samples(self.dataset, indices)) if batch is None else batch

    def _stream(self) -> Iterator[Any]:
        samples = iter(self.dataset)
        if self.batch_size is None:
            yield from map(self.collate_fn, samples)
            return
        while batch := list(itertools.islice(samples, self.batch_size)):
            if self.drop_last and len(batch) < self.batch_size:
                return
            yield self.collate_fn(batch)


def _samples(dataset: Any, indices: list[Any]) -> list[Any]:
    if hasattr(dataset, "__getitems__"):
        return dataset.__getitems__(indices)
    return [dataset[index] for index in indices]


def _cut(dataset: Any, indices: list[Any]) -> list[Any] | None:
    """What `default_collate` makes of the samples, with one indexing per tensor of the data set.

    Only for the exact classes: a subclass may give its samples another meaning.
    """
    while type(dataset) is Subset:
        indices = [dataset.indices[index] for index in indices]
        dataset = dataset.dataset
    if type(dataset) is TensorDataset:
        return [tensor[indices] for tensor in dataset.tensors]
    return None
