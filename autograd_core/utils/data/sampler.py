"""Samplers: the order in which a loader visits its samples, the same as PyTorch's for a seed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

from autograd_core import dtypes
from autograd_core.from_data import as_tensor
from autograd_core.random import Generator, multinomial, randint, randperm
from autograd_core.utils.data.seed import draw_device, draw_seed

T = TypeVar("T", covariant=True)


class Sampler(Generic[T]):
    """Yields indices, or lists of them; subclass it and define ``__iter__`` (and ``__len__``).

    Example:
        >>> from autograd_core.utils.data import Sampler
        >>> class Backwards(Sampler):
        ...     def __init__(self, data_source):
        ...         self.data_source = data_source
        ...     def __iter__(self):
        ...         return iter(range(len(self.data_source) - 1, -1, -1))
        >>> list(Backwards("abc"))
        [2, 1, 0]
    """

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError(
            f"{type(self).__name__} is a Sampler without __iter__: define `def __iter__(self)` to"
            " return an iterator over indices"
        )


class SequentialSampler(Sampler[int]):
    """The indices in their order.

    Args:
        data_source: What to index, with a length.
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """The indices in random order.

    Args:
        data_source: What to index, with a length.
        replacement: Draw every index anew, so that some come more than once (default: False).
        num_samples: How many indices (default: the length of ``data_source``). Without
            replacement, more of them than samples are so many shuffles one after another.
        generator: Where they are drawn from (default: a new generator for each pass, seeded from
            the global one).

    Raises:
        ValueError: ``num_samples`` is not a positive whole number.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils.data import RandomSampler
        >>> sorted(RandomSampler("abcde", generator=ag.Generator().manual_seed(0)))
        [0, 1, 2, 3, 4]
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: replacement is {replacement!r}; expected a bool")
        self.data_source = data_source
        self.replacement = replacement
        self.generator = generator
        self._num_samples = num_samples
        if num_samples is None and not len(data_source):
            raise ValueError(
                "RandomSampler: there is nothing to sample from: the data set is empty"
                " (shuffle=False accepts an empty one)"
            )
        require_positive("RandomSampler", "num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many indices one pass yields."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        size = len(self.data_source)
        generator = self.generator
        if generator is None:
            generator = Generator()
            generator.manual_seed(draw_seed())
        if self.replacement:
            whole, rest = divmod(self.num_samples, 32)  # drawn by 32, as PyTorch does
            for count in [32] * whole + [rest]:
                drawn = randint(size, (count,), generator=generator, device=draw_device(generator))
                yield from drawn.tolist()
        else:
            whole, rest = divmod(self.num_samples, size)
            for count in [size] * whole + [rest]:
                yield from shuffled(size, generator)[:count]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[Any]):
    """The given indices in random order.

    Args:
        indices: The indices to choose from; each comes once.
        generator: Where the order is drawn from (default: the global generator).
    """

    def __init__(self, indices: Sequence[Any], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[Any]:
        for position in shuffled(len(self.indices), self.generator):
            yield self.indices[position]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Indices drawn with a probability proportional to their weights.

    Args:
        weights: One non-negative weight for each sample; they need not add up to one.
        num_samples: How many indices to draw.
        replacement: Whether an index may come more than once (default: True).
        generator: Where they are drawn from (default: the global generator).

    Raises:
        ValueError: The weights are not one-dimensional, or ``num_samples`` is not a positive
            whole number, or more than there are weights without replacement.

    Example:
        >>> from autograd_core.utils.data import WeightedRandomSampler
        >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], num_samples=3))
        [1, 1, 1]
    """

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        require_positive("WeightedRandomSampler", "num_samples", num_samples)
        if not isinstance(replacement, bool):
            raise ValueError(
                f"WeightedRandomSampler: replacement is {replacement!r}; expected True or False"
            )
        where = draw_device(generator)
        self.weights = as_tensor(weights, dtype=dtypes.float64, device=where)
        if self.weights.ndim != 1:
            raise ValueError(
                f"WeightedRandomSampler: weights have shape {tuple(self.weights.shape)}; expected"
                " one number for each sample"
            )
        if not replacement and num_samples > len(self.weights):
            raise ValueError(
                f"WeightedRandomSampler: cannot draw {num_samples} of {len(self.weights)} samples"
                " without replacement; lower num_samples or use replacement=True"
            )
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        drawn = multinomial(
            self.weights, self.num_samples, self.replacement, generator=self.generator
        )
        yield from drawn.tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The indices of another sampler in lists of ``batch_size``.

    Args:
        sampler: Any iterable over indices.
        batch_size: How many indices make a batch.
        drop_last: Leave out a last batch that is not full.

    Raises:
        ValueError: ``batch_size`` is not a positive whole number, or ``drop_last`` no bool.

    Example:
        >>> from autograd_core.utils.data import BatchSampler
        >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        require_positive("BatchSampler", "batch_size", batch_size)
        if not isinstance(drop_last, bool):
            raise ValueError(f"BatchSampler: drop_last is {drop_last!r}; expected True or False")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if self.drop_last and len(batch) < self.batch_size:
                return
            yield batch

    def __len__(self) -> int:
        size = len(self.sampler)  # type: ignore[arg-type]  # a sampler without a length says so
        return size // self.batch_size if self.drop_last else -(-size // self.batch_size)


def shuffled(size: int, generator: Generator | None) -> list[int]:
    """The whole numbers below ``size`` in random order."""
    return randperm(size, generator=generator, device=draw_device(generator)).tolist()


def require_positive(owner: str, name: str, value: Any) -> None:
    """Refuse what is no positive whole number."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{owner}: {name} is {value!r}; expected a positive whole number")
