"""Data sets: what a loader takes its samples from.

A map-style data set answers ``dataset[index]`` and ``len(dataset)``; an iterable one is only
iterated over.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from autograd_core.random import Generator, randperm
from autograd_core.tensor import Tensor
from autograd_core.utils.data.seed import draw_device

T = TypeVar("T", covariant=True)


class Dataset(Generic[T]):
    """A map from an index to a sample; subclass it and define ``__getitem__`` and ``__len__``.

    A subclass may also define ``__getitems__(indices)``, which returns the list of samples of a
    whole batch at once.

    Example:
        >>> from autograd_core.utils.data import Dataset
        >>> class Squares(Dataset):
        ...     def __len__(self):
        ...         return 10
        ...     def __getitem__(self, index):
        ...         return index**2
        >>> Squares()[3]
        9
    """

    def __getitem__(self, index: Any) -> T:
        raise NotImplementedError(
            f"{type(self).__name__} is a Dataset without __getitem__: define"
            " `def __getitem__(self, index)` to return one sample"
        )

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ConcatDataset([self, other])

    # No __len__ here: list() and others ask for it, and must see that there is none.


class IterableDataset(Dataset[T]):
    """A stream of samples; subclass it and define ``__iter__``.

    Example:
        >>> from autograd_core.utils.data import DataLoader, IterableDataset
        >>> class Countdown(IterableDataset):
        ...     def __iter__(self):
        ...         return iter([3, 2, 1])
        >>> [batch.tolist() for batch in DataLoader(Countdown(), batch_size=2)]
        [[3, 2], [1]]
    """

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError(
            f"{type(self).__name__} is an IterableDataset without __iter__: define"
            " `def __iter__(self)` to return an iterator over the samples"
        )

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Samples that are rows of tensors: sample ``i`` is ``(tensors[0][i], tensors[1][i], ...)``.

    Args:
        *tensors: Tensors with the same size of the first dimension.

    Raises:
        ValueError: No tensor was given, one has no dimension, or their first sizes differ.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils.data import TensorDataset
        >>> dataset = TensorDataset(ag.tensor([1.0, 2.0]), ag.tensor([0, 1]))
        >>> dataset[1]
        (tensor(2.), tensor(1))
    """

    def __init__(self, *tensors: Tensor) -> None:
        shapes = [tuple(tensor.shape) for tensor in tensors]
        if not shapes or () in shapes or len({shape[0] for shape in shapes}) > 1:
            raise ValueError(
                f"TensorDataset: got tensors of shapes {shapes}; expected at least one, all with"
                " the same size of the first dimension, which counts the samples"
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return self.tensors[0].shape[0]


class StackDataset(Dataset[T]):
    """Data sets side by side: sample ``i`` is the tuple (or dict) of their samples ``i``.

    Args:
        *args: Data sets of the same length, for samples that are tuples.
        **kwargs: Data sets of the same length, for samples that are dicts. Not both.

    Raises:
        ValueError: Both kinds were given, or none, or the lengths differ.

    Example:
        >>> from autograd_core.utils.data import StackDataset
        >>> StackDataset(word=["one", "two"], number=[1, 2])[1]
        {'word': 'two', 'number': 2}
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) == bool(kwargs):
            raise ValueError(
                "StackDataset: give data sets either by position, for tuples, or by name, for dicts"
            )
        self.datasets: tuple[Any, ...] | dict[str, Any] = args or kwargs
        lengths = [len(dataset) for dataset in (args or kwargs.values())]
        if len(set(lengths)) > 1:
            raise ValueError(f"StackDataset: the data sets have different lengths {lengths}")
        self._length = lengths[0]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __getitems__(self, indices: list[Any]) -> list[Any]:
        """The samples of a whole batch; a data set that can give many at once is asked to."""
        if isinstance(self.datasets, dict):
            columns = [samples_of(dataset, indices) for dataset in self.datasets.values()]
            return [dict(zip(self.datasets, row)) for row in zip(*columns, strict=True)]
        return list(zip(*[samples_of(d, indices) for d in self.datasets], strict=True))

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset[T]):
    """Data sets one after another; ``a + b`` makes one too.

    Args:
        datasets: Map-style data sets, at least one.

    Raises:
        ValueError: There is none, or one is an `IterableDataset` (use `ChainDataset`).

    Example:
        >>> from autograd_core.utils.data import ConcatDataset
        >>> both = ConcatDataset([[10, 11], [20]])
        >>> len(both), both[2], both[-1]
        (3, 20, 20)
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: got no data set; give at least one")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise ValueError(
                "ConcatDataset: an IterableDataset has no index; use ChainDataset for streams"
            )
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __getitem__(self, index: int) -> T:
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(f"ConcatDataset: index {index} is out of range of {len(self)} samples")
        which = bisect.bisect_right(self.cumulative_sizes, position)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][position - before]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset[T]):
    """Streams one after another; ``a + b`` of two iterable data sets makes one.

    Args:
        datasets: Iterable data sets.

    Raises:
        TypeError: While iterating, when one is not an `IterableDataset`.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def __iter__(self) -> Iterator[T]:
        for dataset in self.datasets:
            yield from _stream(dataset)

    def __len__(self) -> int:
        return sum(len(_stream(dataset)) for dataset in self.datasets)


def _stream(dataset: Any) -> Any:
    if not isinstance(dataset, IterableDataset):
        raise TypeError(
            f"ChainDataset: got a {type(dataset).__name__}; expected an IterableDataset"
            " (use ConcatDataset for data sets with an index)"
        )
    return dataset


class Subset(Dataset[T]):
    """The samples of a data set at the given indices.

    Args:
        dataset: The whole data set.
        indices: Which of its samples, in the order wanted.

    Example:
        >>> from autograd_core.utils.data import Subset
        >>> list(Subset("abcdef", [5, 0]))
        ['f', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: list[int]) -> list[Any]:
        """The samples of a whole batch; a data set that can give many at once is asked to."""
        return samples_of(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def samples_of(dataset: Any, indices: list[Any]) -> list[Any]:
    """The samples at ``indices``, all at once where the data set can do that."""
    if callable(getattr(dataset, "__getitems__", None)):
        samples = list(dataset.__getitems__(indices))
        if len(samples) != len(indices):
            raise ValueError(
                f"{type(dataset).__name__}.__getitems__ gave {len(samples)} samples for"
                f" {len(indices)} indices; expected one for each"
            )
        return samples
    return [dataset[index] for index in indices]


def random_split(
    dataset: Any, lengths: Sequence[int | float], generator: Generator | None = None
) -> list[Subset[Any]]:
    """Split a data set at random into parts that do not overlap.

    Args:
        dataset: A data set with a length.
        lengths: The number of samples of each part; or shares that add up to 1, whose fractions
            of a sample are handed out one by one from the first part on.
        generator: Where the permutation is drawn from (default: the global generator).

    Returns:
        One `Subset` for each length, the same as PyTorch's for the same seed.

    Raises:
        ValueError: The lengths do not add up to that of the data set, or a share is not in [0, 1].

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils.data import random_split
        >>> parts = random_split(range(10), [0.8, 0.2], generator=ag.Generator().manual_seed(0))
        >>> [len(part) for part in parts]
        [8, 2]
    """
    size = len(dataset)
    total = sum(lengths)
    if math.isclose(total, 1) and total <= 1:
        if any(not 0 <= share <= 1 for share in lengths):
            raise ValueError(f"random_split: shares {list(lengths)} must lie between 0 and 1")
        counts = [math.floor(size * share) for share in lengths]
        for part in range(size - sum(counts)):
            counts[part % len(counts)] += 1
    else:
        counts = [int(length) for length in lengths]
        if total != size or counts != list(lengths) or min(counts) < 0:
            raise ValueError(
                f"random_split: lengths {list(lengths)} add up to {total}; expected whole numbers"
                f" that add up to the {size} samples of the data set, or shares that add up to 1"
            )
    order = randperm(size, generator=generator, device=draw_device(generator)).tolist()
    ends = itertools.accumulate(counts)
    return [
        Subset(dataset, order[end - count : end]) for end, count in zip(ends, counts, strict=True)
    ]
