"""What a loader gives, in a form in which this package and PyTorch can be compared.

A case is a function of a library (this package or ``torch``); it is called with each, under the
same seeds, and must come to the same: batches, lengths, classes of errors, and what the loader has
drawn from the global generator.
"""

from __future__ import annotations

import itertools
import random
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.utils import data as own_data

Point = namedtuple("Point", ["x", "y"])
SIZE = 11


def library_of(name: str) -> tuple[Any, Any]:
    """The library and its module of data."""
    if name == "torch":
        import torch
        import torch.utils.data

        return torch, torch.utils.data
    return ag, own_data


def shown(value: Any) -> Any:
    """A batch as plain values with the types that matter."""
    if hasattr(value, "requires_grad"):
        return "tensor", str(value.dtype).rpartition(".")[2], value.tolist()
    if isinstance(value, dict):
        return type(value).__name__, [(key, shown(entry)) for key, entry in value.items()]
    if isinstance(value, list | tuple):
        return type(value).__name__, [shown(entry) for entry in value]
    if isinstance(value, np.ndarray):
        return "array", value.dtype.name, value.tolist()
    return type(value).__name__, value


def outcome(case: Callable[[Any, Any], Any], name: str, seed: int = 0) -> Any:
    """What the case comes to: its value, or the class of its error."""
    library, data = library_of(name)
    random.seed(seed), np.random.seed(seed % 2**32), library.manual_seed(seed)
    try:
        value = case(library, data)
    except Exception as error:
        value = "error", kind(error)
    return value, library.rand(2, device="cpu").tolist()


def kind(error: Exception) -> str:
    """The class of an error, without the differences that docs/deviations.md lists."""
    classes = (IndexError, KeyError, NotImplementedError, TypeError, ValueError, AssertionError)
    for one in classes:
        if isinstance(error, one):
            return one.__name__.replace("AssertionError", "ValueError")
    return "RuntimeError"


def passes(loader: Any, number: int = 2) -> list[Any]:
    """The batches of some passes, and the length, or the errors that come instead."""
    found: list[Any] = []
    try:
        found.append(len(loader))
    except Exception as error:
        found.append(kind(error))
    for _ in range(number):
        batches: list[Any] = []
        try:
            for batch in loader:
                batches.append(shown(batch))
        except Exception as error:
            batches.append(("error", kind(error)))
        found.append(batches)
    return found


# ---- data sets -----------------------------------------------------------------------------------


def datasets(library: Any, data: Any) -> dict[str, Any]:
    """One of every kind, of `SIZE` samples."""

    class Nested(data.Dataset):
        def __len__(self) -> int:
            return SIZE

        def __getitem__(self, index: int) -> Any:
            return {
                "id": index, "point": Point(index, [0.5 * index, "text"]), "bytes": b"x",
                "array": np.full((2,), index, np.int16), "number": np.float32(index),
                "tensor": library.tensor([index, -index]), "ordered": OrderedDict(b=True, a=index),
            }  # fmt: skip

    class Batched(data.Dataset):
        def __len__(self) -> int:
            return SIZE

        def __getitem__(self, index: int) -> Any:
            return "single", index

        def __getitems__(self, indices: list[int]) -> list[Any]:
            return [("batched", index) for index in indices]

    class Stream(data.IterableDataset):
        def __iter__(self) -> Iterator[Any]:
            info = data.get_worker_info()
            step = 1 if info is None else info.num_workers
            for index in range(0 if info is None else info.id, SIZE, step):
                yield index, 1.5 * index

    class Sized(Stream):
        def __len__(self) -> int:
            return SIZE

    class Noisy(data.Dataset):
        def __len__(self) -> int:
            return SIZE

        def __getitem__(self, index: int) -> Any:
            return index, random.random(), np.random.rand(), library.rand(1, device="cpu").item()

    rows = data.TensorDataset(
        library.arange(2 * SIZE).reshape(SIZE, 2), library.arange(SIZE).to(library.float32)
    )
    return {
        "list": list(range(SIZE)), "nested": Nested(), "batched": Batched(), "stream": Stream(),
        "sized stream": Sized(), "noisy": Noisy(), "tensors": rows, "empty": [],
        "subset": data.Subset(rows, list(range(SIZE))[::-1]),
        "subset of batched": data.Subset(Batched(), [5, 0, 7, 1, 2, 3, 4, 6, 8, 9, 10]),
        "both": data.ConcatDataset([rows, rows]), "stacked": data.StackDataset(rows, Batched()),
        "named": data.StackDataset(a=list(range(SIZE)), b=rows),
        "chained": data.ChainDataset([Stream(), Sized()]),
    }  # fmt: skip


SAMPLERS: dict[str, Callable[[Any, Any], Any]] = {
    "none": lambda library, data: None,
    "list": lambda library, data: [3, 1, 4, 1, 5],
    "random": lambda library, data: data.RandomSampler(range(SIZE)),
    "many": lambda library, data: data.RandomSampler(range(SIZE), num_samples=27),
    "replaced": lambda library, data: data.RandomSampler(range(SIZE), True, 40),
    "generator": lambda library, data: data.RandomSampler(
        range(SIZE), generator=library.Generator().manual_seed(5)
    ),
    "weighted": lambda library, data: data.WeightedRandomSampler([0.1 * i for i in range(SIZE)], 9),
    "subset": lambda library, data: data.SubsetRandomSampler([2, 4, 8]),
    "out of range": lambda library, data: [1, SIZE + 3],
    "iterator": lambda library, data: iter([2, 1, 0]),
}
BATCH_SAMPLERS: dict[str, Callable[[Any, Any], Any]] = {
    "none": lambda library, data: None,
    "lists": lambda library, data: [[1, 2], [0], [5, 5, 5]],
    "empty batch": lambda library, data: [[1], []],
    "batches": lambda library, data: data.BatchSampler(data.RandomSampler(range(SIZE)), 4, True),
}


def grid() -> dict[str, Callable[[Any, Any], Any]]:
    """Cases by name: every data set with every choice of options."""
    cases: dict[str, Callable[[Any, Any], Any]] = {}

    def add(dataset: str, options: dict[str, Any], sampler: str, batches: str) -> None:
        def case(library: Any, data: Any) -> Any:
            given = dict(options)
            if sampler != "none":
                given["sampler"] = SAMPLERS[sampler](library, data)
            if batches != "none":
                given["batch_sampler"] = BATCH_SAMPLERS[batches](library, data)
            if given.get("generator"):
                given["generator"] = library.Generator().manual_seed(given["generator"])
            return passes(data.DataLoader(datasets(library, data)[dataset], **given))

        cases[f"{dataset}, {options}, sampler {sampler}, batches {batches}"] = case

    for dataset in (
        "list", "nested", "batched", "stream", "sized stream", "noisy", "tensors", "empty",
        "subset", "subset of batched", "both", "stacked", "named", "chained",
    ):  # fmt: skip
        for size, shuffle, last in itertools.product(
            (1, 3, SIZE, 20, None), (None, False, True), (False, True)
        ):
            add(
                dataset, {"batch_size": size, "shuffle": shuffle, "drop_last": last}, "none", "none"
            )
        for sampler in SAMPLERS:
            add(dataset, {"batch_size": 4, "generator": 7}, sampler, "none")
            add(dataset, {"batch_size": None, "collate_fn": shown}, sampler, "none")
        for batches in BATCH_SAMPLERS:
            add(dataset, {"collate_fn": len}, "none", batches)
            add(dataset, {}, "none", batches)
    wrong: list[dict[str, Any]] = [
        {"batch_size": 0}, {"batch_size": -1}, {"batch_size": 2.5}, {"batch_size": True},
        {"batch_size": "3"}, {"batch_size": None, "drop_last": True}, {"num_workers": -1},
        {"num_workers": 0, "prefetch_factor": 2}, {"num_workers": 0, "persistent_workers": True},
        {"num_workers": 0, "timeout": 3}, {"num_workers": 1, "timeout": -3}, {"drop_last": 1},
        {"num_workers": 1, "prefetch_factor": -1}, {"num_workers": 1, "prefetch_factor": 0},
        {"num_workers": 0, "multiprocessing_context": "fork"}, {"shuffle": 1}, {"shuffle": 0},
        {"num_workers": 1, "multiprocessing_context": "none such"}, {"shuffle": "yes"},
        {"num_workers": 1, "multiprocessing_context": 3}, {"generator": 0}, {"sampler": 3},
        {"batch_sampler": 3}, {"batch_sampler": [1, 2]}, {"sampler": []}, {"batch_sampler": []},
        {"collate_fn": 3}, {"num_workers": 2.0}, {"num_workers": "2"}, {"num_workers": None},
        {"batch_size": 2, "batch_sampler": [[0]]}, {"drop_last": True, "batch_sampler": [[0]]},
        {"shuffle": True, "sampler": [0]}, {"shuffle": False, "sampler": [0]},
        {"sampler": [0], "batch_sampler": [[0]]}, {"shuffle": False, "batch_sampler": [[0]]},
        {"batch_size": None, "batch_sampler": [[0]]}, {"sampler": [], "batch_sampler": [[0]]},
        {"batch_size": np.int64(3)}, {"shuffle": np.bool_(True)},
        {"batch_size": 1, "batch_sampler": [[0]]},
    ]  # fmt: skip
    for dataset, options in itertools.product(("list", "stream", "empty"), wrong):
        add(dataset, options, "none", "none")
    return cases
