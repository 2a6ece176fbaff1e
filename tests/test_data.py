"""Data sets, samplers and collation."""

from __future__ import annotations

from collections import Counter, OrderedDict, namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.utils.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    StackDataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    default_convert,
    random_split,
)

Point = namedtuple("Point", ["x", "y"])


class Stream(IterableDataset):
    def __init__(self, *values: int) -> None:
        self.values = values

    def __iter__(self) -> Any:
        return iter(self.values)


def generator(seed: int = 0) -> Any:
    return ag.Generator().manual_seed(seed)


def plain(value: Any) -> Any:
    """Tensors as lists, inside containers too."""
    if isinstance(value, ag.Tensor):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, list | tuple) else value


# ---- data sets -----------------------------------------------------------------------------------


def test_a_tensor_dataset_gives_rows() -> None:
    dataset = TensorDataset(ag.arange(6).reshape(3, 2), ag.tensor([7, 8, 9]))
    assert len(dataset) == 3
    assert plain(dataset[1]) == [[2, 3], 8]
    assert plain(dataset[-1]) == [[4, 5], 9]
    assert plain(dataset[[2, 0]]) == [[[4, 5], [0, 1]], [9, 7]]
    with pytest.raises(IndexError):
        dataset[3]


@pytest.mark.parametrize("shapes", [[], [()], [(3,), (2,)], [(3, 1), (3,), (4,)]])
def test_a_tensor_dataset_needs_equal_first_sizes(shapes: list[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match=r"TensorDataset: got tensors of shapes .*first dimension"):
        TensorDataset(*[ag.zeros(shape) for shape in shapes])


def test_base_classes_say_what_to_define() -> None:
    class Mine(Dataset):
        pass

    with pytest.raises(NotImplementedError, match="Mine is a Dataset without __getitem__"):
        Mine()[0]
    with pytest.raises(NotImplementedError, match="without __iter__"):
        iter(IterableDataset())
    with pytest.raises(NotImplementedError, match="without __iter__"):
        iter(Sampler())
    assert not hasattr(Mine(), "__len__")


def test_concatenation() -> None:
    both = TensorDataset(ag.arange(2)) + TensorDataset(ag.arange(10, 13))
    assert isinstance(both, ConcatDataset)
    assert [both[i][0].item() for i in range(len(both))] == [0, 1, 10, 11, 12]
    assert both[-1][0].item() == 12 and both[-5][0].item() == 0
    assert len(both + both) == 10
    for index in (5, -6):
        with pytest.raises(IndexError, match=f"index {index} is out of range of 5 samples"):
            both[index]
    with pytest.raises(ValueError, match="no data set"):
        ConcatDataset([])
    with pytest.raises(ValueError, match="use ChainDataset"):
        ConcatDataset([Stream(1)])


def test_empty_parts_of_a_concatenation_are_skipped() -> None:
    assert list(ConcatDataset([[], [1], [], [2, 3], []])) == [1, 2, 3]


def test_chains_of_streams() -> None:
    chain = Stream(1, 2) + Stream(3)
    assert isinstance(chain, ChainDataset)
    assert list(chain) == [1, 2, 3] == list(chain)
    with pytest.raises(TypeError, match="expected an IterableDataset"):
        list(ChainDataset([[1]]))
    with pytest.raises(TypeError):
        len(chain)


def test_stacked_datasets() -> None:
    assert StackDataset([1, 2], "ab")[1] == (2, "b")
    assert StackDataset(n=[1, 2], c="ab")[0] == {"n": 1, "c": "a"}
    assert len(StackDataset([1, 2])) == 2
    for args, kwargs in (((), {}), (([1],), {"a": [1]}), (([1], [1, 2]), {})):
        with pytest.raises(ValueError, match="StackDataset"):
            StackDataset(*args, **kwargs)


def test_subsets() -> None:
    subset = Subset(TensorDataset(ag.arange(10, 20)), [7, 0, 7])
    assert len(subset) == 3
    assert [sample[0].item() for sample in subset] == [17, 10, 17]
    assert plain(subset[[0, 1]]) == [[17, 10]]
    assert Subset(subset, [1])[0][0].item() == 10


def test_random_split() -> None:
    parts = random_split(range(10), [7, 3], generator=generator())
    assert [len(part) for part in parts] == [7, 3]
    assert sorted(parts[0].indices + parts[1].indices) == list(range(10))
    again = random_split(range(10), [7, 3], generator=generator())
    assert [part.indices for part in parts] == [part.indices for part in again]


@pytest.mark.parametrize(
    ("size", "shares", "expected"),
    [
        (10, [0.3, 0.7], [3, 7]),
        (11, [0.5, 0.5], [6, 5]),
        (10, [0.25, 0.25, 0.5], [3, 2, 5]),
        (5, [1.0, 0.0], [5, 0]),
        (10, [0.1] * 10, [1] * 10),
        (0, [0.5, 0.5], [0, 0]),
    ],
)
def test_random_split_by_shares(size: int, shares: list[float], expected: list[int]) -> None:
    assert [len(part) for part in random_split(range(size), shares)] == expected


@pytest.mark.parametrize("lengths", [[3, 3], [-1, 11], [9.5, 0.5], [0.4, 0.4], [1.5, -0.5], []])
def test_random_split_refuses_other_lengths(lengths: list[float]) -> None:
    with pytest.raises(ValueError, match="random_split"):
        random_split(range(10), lengths)


# ---- samplers ------------------------------------------------------------------------------------


def test_sequential_and_batch_samplers() -> None:
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    batches = BatchSampler(SequentialSampler(range(5)), 2, drop_last=False)
    assert list(batches) == [[0, 1], [2, 3], [4]] and len(batches) == 3
    batches = BatchSampler(range(5), 2, drop_last=True)
    assert list(batches) == [[0, 1], [2, 3]] and len(batches) == 2
    assert list(BatchSampler([], 2, drop_last=False)) == []
    with pytest.raises(TypeError):
        len(BatchSampler(iter(range(5)), 2, drop_last=False))


@pytest.mark.parametrize("size", [0, -1, 2.0, True, None, "2"])
def test_sizes_must_be_positive_whole_numbers(size: Any) -> None:
    with pytest.raises(ValueError, match=f"BatchSampler: batch_size is {size!r}"):
        BatchSampler(range(5), size, drop_last=False)
    if size is not None:
        with pytest.raises(ValueError, match=f"RandomSampler: num_samples is {size!r}"):
            RandomSampler(range(5), num_samples=size)
    with pytest.raises(ValueError, match=f"WeightedRandomSampler: num_samples is {size!r}"):
        WeightedRandomSampler([1.0], size)


def test_flags_must_be_bools() -> None:
    with pytest.raises(ValueError, match="drop_last is 1"):
        BatchSampler(range(5), 2, drop_last=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="replacement is 1"):
        RandomSampler(range(5), replacement=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="replacement is 1"):
        WeightedRandomSampler([1.0], 1, replacement=1)  # type: ignore[arg-type]


def test_random_sampler_shuffles_anew_on_each_pass() -> None:
    sampler = RandomSampler(range(100), generator=generator())
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
    assert first == list(RandomSampler(range(100), generator=generator()))


def test_random_sampler_follows_the_global_seed() -> None:
    orders = []
    for _ in range(2):
        ag.manual_seed(4)
        orders.append(list(RandomSampler(range(50))))
    assert orders[0] == orders[1]


def test_random_sampler_lengths() -> None:
    more = list(RandomSampler(range(4), num_samples=10, generator=generator()))
    assert len(more) == 10 and set(Counter(more).values()) <= {2, 3}
    assert len(set(RandomSampler(range(9), num_samples=4, generator=generator()))) == 4
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=70, generator=generator()))
    assert len(drawn) == 70 and set(drawn) == {0, 1, 2}
    with pytest.raises(ValueError, match="the data set is empty"):
        RandomSampler([])


def test_subset_random_sampler() -> None:
    sampler = SubsetRandomSampler([5, 7, 9, 11], generator=generator())
    assert sorted(sampler) == [5, 7, 9, 11] and len(sampler) == 4


def test_weighted_random_sampler() -> None:
    sampler = WeightedRandomSampler([0.0, 3.0, 1.0], 4000, generator=generator())
    counts = Counter(sampler)
    assert counts[0] == 0 and len(sampler) == 4000
    assert abs(counts[1] / 4000 - 0.75) < 0.03
    once = WeightedRandomSampler([1.0, 2.0, 3.0], 3, replacement=False, generator=generator())
    assert sorted(once) == [0, 1, 2]
    with pytest.raises(ValueError, match="without replacement"):
        WeightedRandomSampler([1.0, 2.0], 3, replacement=False)
    with pytest.raises(ValueError, match=r"shape \(1, 2\)"):
        WeightedRandomSampler([[1.0, 2.0]], 1)


# ---- collation -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        ([1, 2], [1, 2]),
        ([1.5, 2.0], [1.5, 2.0]),
        ([True, False], [True, False]),
        (["a", "b"], ["a", "b"]),
        ([b"a", b"b"], [b"a", b"b"]),
        ([(1, "a"), (2, "b")], [[1, 2], ["a", "b"]]),
        ([[1, 2.5], [3, 4.5]], [[1, 3], [2.5, 4.5]]),
        ([{"x": 1, "y": [1, 2]}, {"y": [3, 4], "x": 2}], {"x": [1, 2], "y": [[1, 3], [2, 4]]}),
        ([np.array([1, 2]), np.array([3, 4])], [[1, 2], [3, 4]]),
        ([np.float32(1), np.float32(2)], [1.0, 2.0]),
    ],
)
def test_default_collate(batch: list[Any], expected: Any) -> None:
    assert plain(default_collate(batch)) == expected


def test_collated_types() -> None:
    assert default_collate([1, 2]).dtype == ag.int64
    assert default_collate([1.0, 2.0]).dtype == ag.float64
    assert default_collate([True]).dtype == ag.bool
    assert default_collate([np.float32(1)]).dtype == ag.float32
    assert default_collate([np.float64(1)]).dtype == ag.float64
    assert default_collate([np.int8(1)]).dtype == ag.int8
    assert default_collate([np.zeros(2, np.uint8)]).dtype == ag.uint8
    assert default_collate([ag.zeros(2, 3), ag.ones(2, 3)]).shape == (2, 2, 3)
    assert default_collate([ag.tensor(1.0), ag.tensor(2.0)]).tolist() == [1.0, 2.0]


def test_collated_containers() -> None:
    point = default_collate([Point(1, "a"), Point(2, "b")])
    assert isinstance(point, Point) and point.x.tolist() == [1, 2]
    ordered = default_collate([OrderedDict(a=1), OrderedDict(a=2)])
    assert isinstance(ordered, OrderedDict) and ordered["a"].tolist() == [1, 2]
    assert isinstance(default_collate([(1,), (2,)]), list)


def test_gradients_flow_through_collation() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    (default_collate([x, x * 3]).sum()).backward()
    assert x.grad.tolist() == [4.0, 4.0]


def test_collation_errors() -> None:
    with pytest.raises(TypeError, match=r"samples of type object.*collate_fn"):
        default_collate([object()])
    with pytest.raises(TypeError, match="samples of type NoneType"):
        default_collate([None, None])
    with pytest.raises(TypeError, match="samples of type ndarray"):
        default_collate([np.array(["a"])])
    with pytest.raises(ValueError, match=r"different shapes \[\(2,\), \(3,\)\].*padding"):
        default_collate([ag.zeros(2), ag.zeros(3)])
    with pytest.raises(ValueError, match=r"different lengths \[1, 2\]"):
        default_collate([[1], [1, 2]])
    with pytest.raises(ValueError, match="the batch is empty"):
        default_collate([])


def test_default_convert() -> None:
    converted = default_convert({"a": np.arange(2), "b": [np.float32(1), "text"], "c": None})
    assert plain(converted) == {"a": [0, 1], "b": [1.0, "text"], "c": None}
    assert isinstance(default_convert(Point(np.arange(2), 1)), Point)
    words = np.array(["a"])
    assert default_convert(words) is words
    assert default_convert(Path("x")) == Path("x")
