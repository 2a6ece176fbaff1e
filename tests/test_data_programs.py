"""What programs written for PyTorch's loader do beside iterating over it."""

from __future__ import annotations

import array
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, defaultdict, deque
from importlib import import_module
from types import MappingProxyType
from typing import Any

import pytest

import autograd_core as ag
from autograd_core.utils.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    Sampler,
    StackDataset,
    Subset,
    default_collate,
    default_convert,
)


class Noted(dict):  # type: ignore[type-arg]
    note = ""


class Stream(IterableDataset[int]):
    def __iter__(self) -> Any:
        return iter(range(7))

    def __len__(self) -> int:
        return 7


@pytest.mark.parametrize(
    "kind",
    [ConcatDataset, DataLoader, Dataset, DistributedSampler, IterableDataset, Sampler,
     StackDataset, Subset],
)  # fmt: skip
def test_types_in_brackets(kind: Any) -> None:
    assert kind[int].__origin__ is kind and kind[tuple[ag.Tensor, int]].__args__


def test_a_loader_made_with_its_type() -> None:
    loader = DataLoader[ag.Tensor](range(3), batch_size=2)  # type: ignore[arg-type]
    assert [batch.tolist() for batch in loader] == [[0, 1], [2]]
    assert list(DistributedSampler[int]("abc", 1, 0, shuffle=False)) == [0, 1, 2]


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 2}, {"batch_size": 2, "drop_last": True}, {"batch_size": None},
        {"batch_sampler": [[1], [2, 3]]}, {"batch_size": 2, "num_workers": 1},
    ],
)  # fmt: skip
def test_the_length_of_a_pass(options: dict[str, Any]) -> None:
    loader: Any = DataLoader(range(7), **options)  # type: ignore[arg-type]
    batches = iter(loader)
    next(batches)
    assert len(batches) == len(loader) == len(list(loader))


def test_a_pass_of_a_stream_has_no_length() -> None:
    for size in (2, None):
        loader: Any = DataLoader(Stream(), batch_size=size)
        with pytest.raises(TypeError, match="len"):
            len(iter(loader))
        assert len(list(iter(loader))) == len(loader)


def samples() -> dict[str, Any]:
    factory: defaultdict[str, Any] = defaultdict(list, a=1)
    noted = Noted(a=1)
    noted.note = "kept"
    return {
        "defaultdict": factory, "ordered": OrderedDict(b=1, a=2), "noted": noted,
        "user": UserDict(a=1), "chain": ChainMap({"a": 1}), "proxy": MappingProxyType({"a": 1}),
        "deque": deque([1, 2], maxlen=2), "list": UserList([1, 2]), "array": array.array("i", [1]),
        "range": range(2), "tuple": (1, 2),
    }  # fmt: skip


def shown(value: Any) -> Any:
    if isinstance(value, (int, str)):
        return value
    if hasattr(value, "tolist") and not isinstance(value, array.array):
        return value.tolist()
    pairs = value.items() if hasattr(value, "items") else enumerate(value)
    more = [getattr(value, name, None) for name in ("default_factory", "note", "maxlen")]
    return type(value), [(key, shown(entry)) for key, entry in pairs], more


@pytest.mark.parametrize("kind", list(samples()))
def test_containers_of_samples_keep_their_kind(kind: str) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.utils.data
    sample = samples()[kind]
    before = shown(sample)
    batch = [sample, samples()[kind]]
    assert shown(default_collate(batch)) == shown(theirs.default_collate(batch))
    assert shown(default_convert(sample)) == shown(theirs.default_convert(sample))
    assert shown(sample) == before


def test_counters_are_not_added_up() -> None:
    collated = default_collate([Counter("aab"), Counter("abb")])
    assert type(collated) is Counter
    assert {key: value.tolist() for key, value in collated.items()} == {"a": [2, 1], "b": [1, 2]}


def test_paths() -> None:
    assert ag.utils.data._utils.collate.default_collate is default_collate
    assert import_module("autograd_core.utils.data._utils.collate").default_convert is (
        default_convert
    )
    handle = ag.ones(1, requires_grad=True).register_hook(lambda g: g)
    assert type(handle) is ag.utils.hooks.RemovableHandle
