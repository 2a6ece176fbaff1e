"""The loader; its order of samples is compared with PyTorch's where that is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)


class Squares(Dataset):
    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> tuple[int, int]:
        return index, index**2


class Stream(IterableDataset):
    def __init__(self, size: int) -> None:
        self.size = size

    def __iter__(self) -> Any:
        return iter(range(self.size))


class Sized(Stream):
    def __len__(self) -> int:
        return self.size


def rows(size: int) -> TensorDataset:
    return TensorDataset(ag.arange(2 * size).reshape(size, 2), ag.arange(size))


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value.tolist() if isinstance(value, ag.Tensor) else value


def batches(*args: Any, **kwargs: Any) -> Any:
    return plain(list(DataLoader(*args, **kwargs)))


def test_batches_in_order() -> None:
    assert batches(Squares(5), batch_size=2) == [[[0, 1], [0, 1]], [[2, 3], [4, 9]], [[4], [16]]]
    assert batches(Squares(5), batch_size=2, drop_last=True) == [[[0, 1], [0, 1]], [[2, 3], [4, 9]]]
    assert batches([10, 20]) == [[10], [20]]
    assert batches([]) == []


def test_single_samples() -> None:
    assert batches(Squares(2), batch_size=None) == [[0, 0], [1, 1]]
    samples = list(DataLoader([np.array([1, 2])], batch_size=None))
    assert isinstance(samples[0], ag.Tensor) and samples[0].tolist() == [1, 2]


def test_lengths() -> None:
    assert len(DataLoader(Squares(5), 2)) == 3
    assert len(DataLoader(Squares(5), 2, drop_last=True)) == 2
    assert len(DataLoader(Squares(5), None)) == 5
    assert len(DataLoader(Sized(5), 2)) == 3
    assert len(DataLoader(Sized(5), 2, drop_last=True)) == 2
    assert len(DataLoader(Sized(5), None)) == 5
    assert len(DataLoader(Squares(5), batch_sampler=[[0], [1, 2]])) == 2
    with pytest.raises(TypeError):
        len(DataLoader(Stream(5), 2))


def test_shuffling_visits_every_sample_once() -> None:
    loader = DataLoader(Squares(50), 8, shuffle=True, generator=ag.Generator().manual_seed(1))
    passes = [[i for batch, _ in loader for i in batch.tolist()] for _ in range(2)]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(50))
    assert passes[0] != passes[1]


def test_the_state_of_the_generator_is_the_place_in_the_order() -> None:
    generator = ag.Generator().manual_seed(1)
    loader = DataLoader(rows(30), 8, shuffle=True, generator=generator)
    list(loader)
    state = generator.get_state()
    expected = plain(list(loader))
    generator.manual_seed(99)
    generator.set_state(state)
    assert plain(list(loader)) == expected


def test_samplers() -> None:
    assert batches([0, 10, 20], batch_size=2, sampler=[2, 0, 2]) == [[20, 0], [20]]
    assert batches([0, 10, 20], batch_sampler=[[1], [2, 0]]) == [[10], [20, 0]]
    assert batches([0, 10, 20], batch_size=None, sampler=[1, 1]) == [10, 10]


def test_streams() -> None:
    assert batches(Stream(5), batch_size=2) == [[0, 1], [2, 3], [4]]
    assert batches(Stream(5), batch_size=2, drop_last=True) == [[0, 1], [2, 3]]
    assert batches(Stream(2), batch_size=None) == [0, 1]
    assert batches(Stream(0), batch_size=2) == []
    loader = DataLoader(Stream(3), 2)
    assert plain(list(loader)) == plain(list(loader))


def test_collate_fn() -> None:
    assert batches(Squares(3), batch_size=2, collate_fn=sum_up) == [2, 2]
    assert batches(rows(3), batch_size=2, collate_fn=len) == [2, 1]
    assert batches(Stream(3), batch_size=None, collate_fn=str) == ["0", "1", "2"]


def sum_up(samples: list[tuple[int, int]]) -> int:
    return sum(index for index, _ in samples) + len(samples) - 1 if len(samples) > 1 else 2


def test_getitems_loads_a_batch_at_once() -> None:
    asked = []

    class Batched(Squares):
        def __getitems__(self, indices: list[int]) -> list[tuple[int, int]]:
            asked.append(indices)
            return [self[index] for index in indices]

    assert batches(Batched(3), batch_size=2) == [[[0, 1], [0, 1]], [[2], [4]]]
    assert asked == [[0, 1], [2]]


@pytest.mark.parametrize("wrap", [lambda d: d, lambda d: Subset(Subset(d, range(1, 9)), [3, 0, 5])])
@pytest.mark.parametrize("shuffle", [False, True])
def test_cutting_tensors_equals_collating_rows(wrap: Any, shuffle: bool) -> None:
    class Slow(TensorDataset):  # a subclass is read sample by sample
        pass

    results = []
    for kind in (TensorDataset, Slow):
        tensors = rows(10).tensors
        loader = DataLoader(
            wrap(kind(*tensors)), 4, shuffle=shuffle, generator=ag.Generator().manual_seed(2)
        )
        found = list(loader)
        assert all(type(batch) is list for batch in found)
        results.append(plain(found))
    assert results[0] == results[1]


def test_a_subclass_of_a_tensor_dataset_keeps_its_meaning() -> None:
    class Doubled(TensorDataset):
        def __getitem__(self, index: int) -> Any:
            return tuple(2 * entry for entry in super().__getitem__(index))

    assert batches(Doubled(ag.tensor([1, 2, 3])), batch_size=2) == [[[2, 4]], [[6]]]
    assert batches(Subset(Doubled(ag.tensor([1, 2, 3])), [2]), batch_size=2) == [[[6]]]


def test_batches_are_copies() -> None:
    dataset = TensorDataset(ag.zeros(4, 2))
    for (batch,) in DataLoader(dataset, 2):
        batch += 1
    assert dataset.tensors[0].sum().item() == 0


def test_gradients_reach_the_tensors_of_the_dataset() -> None:
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(x), 2):
        (batch**2).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]


def test_two_passes_at_once() -> None:
    loader = DataLoader(Squares(4), 2)
    pairs = list(zip(loader, loader, strict=True))
    assert len(pairs) == 2 and plain(pairs[1][0]) == plain(pairs[1][1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prefetch_factor": 2}, "for workers"),
        ({"persistent_workers": True}, "for workers"),
        ({"timeout": 3}, "for workers"),
        ({"shuffle": True, "sampler": [0]}, "either a sampler or shuffle"),
        ({"batch_size": 2, "batch_sampler": [[0]]}, "batch_sampler makes the batches"),
        ({"shuffle": True, "batch_sampler": [[0]]}, "batch_sampler makes the batches"),
        ({"sampler": [0], "batch_sampler": [[0]]}, "batch_sampler makes the batches"),
        ({"drop_last": True, "batch_sampler": [[0]]}, "batch_sampler makes the batches"),
        ({"batch_size": None, "drop_last": True}, "leave out drop_last"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DataLoader(Squares(4), **options)


@pytest.mark.parametrize("options", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}])
def test_a_stream_has_its_own_order(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="IterableDataset decides"):
        DataLoader(Stream(3), **options)


@pytest.mark.parametrize("name", ["batch_size", "sampler", "dataset", "drop_last", "batch_sampler"])
def test_a_loader_does_not_change(name: str) -> None:
    loader = DataLoader(Squares(4), 2)
    with pytest.raises(ValueError, match=f"{name} cannot change"):
        setattr(loader, name, 3)
    loader.collate_fn = len  # what can change, may


# ---- beside PyTorch ------------------------------------------------------------------------------

LOADERS = [
    {"batch_size": 4, "shuffle": True},
    {"batch_size": 4, "shuffle": True, "drop_last": True},
    {"batch_size": None, "shuffle": True},
    {"batch_size": 4},
]


@pytest.mark.parametrize("options", LOADERS)
@pytest.mark.parametrize("seed", [0, 1, 2**40 + 3])
@pytest.mark.parametrize("own_generator", [False, True])
def test_order_equals_torch(options: dict[str, Any], seed: int, own_generator: bool) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for library, loader in ((ag, DataLoader), (torch, torch.utils.data.DataLoader)):
        library.manual_seed(seed)
        generator = library.Generator().manual_seed(seed + 1) if own_generator else None
        batches = loader(list(range(21)), generator=generator, **options)
        orders = [[as_list(batch) for batch in batches] for _ in range(2)]
        # What the loader took of the global stream is the same too.
        found.append((orders, library.rand(3, device="cpu").tolist()))
    assert found[0] == found[1]


def as_list(batch: Any) -> Any:
    return batch.tolist() if hasattr(batch, "tolist") else batch


@pytest.mark.parametrize("seed", [0, 7])
def test_samplers_equal_torch(seed: int) -> None:
    torch = pytest.importorskip("torch")
    data = torch.utils.data
    found = []
    for library, random, subset, weighted, split in (
        (ag, RandomSampler, SubsetRandomSampler, WeightedRandomSampler, random_split),
        (
            torch,
            data.RandomSampler,
            data.SubsetRandomSampler,
            data.WeightedRandomSampler,
            data.random_split,
        ),
    ):
        library.manual_seed(seed)
        found.append(
            [
                list(random(range(10))),
                list(random(range(10), num_samples=25)),
                list(random(range(10), replacement=True)),
                list(random(range(10), replacement=True, num_samples=70)),
                list(subset([3, 1, 4, 1, 5])),
                [list(part.indices) for part in split(range(10), [0.45, 0.55])],
                list(weighted([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 20)),
                list(weighted([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 4, replacement=False)),
            ]
        )
    assert found[0] == found[1]


def test_distributed_sampler_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.data.distributed import DistributedSampler as Theirs

    from autograd_core.utils.data import DistributedSampler

    for size, replicas, shuffle, drop in [
        (10, 3, True, False), (10, 3, True, True), (2, 5, True, False), (9, 3, False, False),
        (7, 2, False, True),
    ]:  # fmt: skip
        for rank in range(replicas):
            options = {"shuffle": shuffle, "seed": 3, "drop_last": drop}
            theirs = Theirs(range(size), replicas, rank, **options)
            mine = DistributedSampler(range(size), replicas, rank, **options)
            for epoch in range(2):
                theirs.set_epoch(epoch)
                mine.set_epoch(epoch)
                assert list(mine) == list(theirs) and len(mine) == len(theirs)
    assert torch is not None
    for arguments in ((None, 0), (2, None), (0, 0), (2, 2), (2, -1)):
        with pytest.raises(ValueError, match="DistributedSampler: "):
            DistributedSampler(range(3), *arguments)
