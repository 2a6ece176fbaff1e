"""How one batch is made of a data set, in the calling process and in a worker alike."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from autograd_core.utils.data.collate import default_collate
from autograd_core.utils.data.dataset import IterableDataset, Subset, TensorDataset, samples_of


class End:
    """What a stream gives in place of a batch when it is over."""


class Fetcher:
    """Makes batches.

    Args:
        dataset: a map-style data set, or a stream.
        collate_fn: makes a batch of a list of samples, or of one sample where there are no batches.
        batch_size: samples in a batch of a stream; None for single samples.
        batched: whether ``fetch`` is asked for lists of indices.
        drop_last: leave out a stream's last batch if it is not full.
    """

    def __init__(
        self,
        dataset: Any,
        collate_fn: Callable[[Any], Any],
        batch_size: int | None,
        batched: bool,
        drop_last: bool,
    ) -> None:
        self.dataset, self.collate_fn = dataset, collate_fn
        self.batch_size, self.batched, self.drop_last = batch_size, batched, drop_last
        self._samples: Iterator[Any] | None = None

    def begin(self) -> None:
        """Start a pass: a stream begins anew."""
        if isinstance(self.dataset, IterableDataset):
            self._samples = iter(self.dataset)

    def fetch(self, index: Any) -> Any:
        """The batch at ``index`` (a list of indices, or one index); `End` when a stream is over."""
        if self._samples is not None:
            return self._next(self._samples)
        if not self.batched:
            return self.collate_fn(self.dataset[index])
        batch = _cut(self.dataset, index) if self.collate_fn is default_collate else None
        return self.collate_fn(samples_of(self.dataset, index)) if batch is None else batch

    def _next(self, samples: Iterator[Any]) -> Any:
        if not self.batched:
            for sample in samples:
                return self.collate_fn(sample)
            return End
        batch = list(itertools.islice(samples, self.batch_size))
        if not batch or (self.drop_last and len(batch) < (self.batch_size or 0)):
            return End
        return self.collate_fn(batch)


def _cut(dataset: Any, indices: list[Any]) -> list[Any] | None:
    """What `default_collate` makes of the samples, with one indexing per tensor of the data set.

    Only for the exact classes: a subclass may give its samples another meaning.
    """
    while type(dataset) is Subset:
        indices = [dataset.indices[index] for index in indices]
        dataset = dataset.dataset
    if type(dataset) is TensorDataset and indices:
        return [tensor[indices] for tensor in dataset.tensors]
    return None
