"""The sampler of processes that train together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sized
from types import GenericAlias

from autograd_core.random import Generator
from autograd_core.utils.data.sampler import Sampler, require_positive, shuffled


class DistributedSampler(Sampler[int]):
    """The part of the indices that is one process's, of several that train together.

    Every process gets equally many; call ``set_epoch`` before each pass, so that every pass has
    another order, the same in all processes.

    Args:
        dataset: What to index, with a length.
        num_replicas: How many processes there are.
        rank: This process's number, from 0.
        shuffle: Whether the indices come in random order (default: True).
        seed: What the order is drawn from, the same in all processes (default: 0).
        drop_last: Leave out what cannot be divided evenly, instead of giving some indices twice
            (default: False).

    Raises:
        ValueError: ``num_replicas`` or ``rank`` is missing or out of range.

    Source: torch.utils.data.distributed.DistributedSampler.

    Example:
        >>> from autograd_core.utils.data import DistributedSampler
        >>> [list(DistributedSampler("abcde", 2, rank, shuffle=False)) for rank in range(2)]
        [[0, 2, 4], [1, 3, 0]]
    """

    # PyTorch's may be given the type of the data set.
    __class_getitem__ = classmethod(GenericAlias)  # type: ignore[var-annotated]

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None or rank is None:
            raise ValueError(
                "DistributedSampler: give num_replicas, how many processes there are, and rank, the"
                " number of this one"
            )
        require_positive("DistributedSampler", "num_replicas", num_replicas)
        if not 0 <= rank < num_replicas:
            raise ValueError(
                f"DistributedSampler: rank is {rank}; expected 0 to {num_replicas - 1}, as there"
                f" are {num_replicas} processes"
            )
        self.dataset, self.num_replicas, self.rank = dataset, num_replicas, rank
        self.shuffle, self.seed, self.drop_last = shuffle, seed, drop_last
        self.epoch = 0
        size = len(dataset)
        self.num_samples = size // num_replicas if drop_last else -(-size // num_replicas)
        self.total_size = self.num_samples * num_replicas

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next pass."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        size = len(self.dataset)
        order = list(range(size))
        if self.shuffle:
            order = shuffled(size, Generator().manual_seed(self.seed + self.epoch))
        whole = list(itertools.islice(itertools.cycle(order), self.total_size))
        return iter(whole[self.rank :: self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples
