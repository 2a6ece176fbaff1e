"""The loader beside PyTorch's, over a generated grid of data sets, samplers and options."""

from __future__ import annotations

import random
import traceback
from typing import Any

import numpy as np
import pytest
from loader_beside_pytorch import (
    BATCH_SAMPLERS,
    SAMPLERS,
    SIZE,
    datasets,
    grid,
    outcome,
    passes,
    shown,
)

pytest.importorskip("torch")
pytestmark = [
    pytest.mark.cpu_only,  # the order of samples is drawn, and compared, on the CPU
    pytest.mark.filterwarnings("ignore:.*(worker processes in total|Length of IterableDataset)"),
    pytest.mark.filterwarnings("ignore:DataLoader. the IterableDataset said"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

GRID = grid()


def expected_difference(mine: Any, theirs: Any) -> bool:
    """What docs/deviations.md lists: an error raised at once in place of one while iterating, and
    the class of the error of an empty batch."""
    if isinstance(mine[0], tuple) and isinstance(theirs[0], list):
        return all(batches == [mine[0]] for batches in theirs[0][1:])
    return str(mine).replace("('error', 'ValueError')", "('error', 'IndexError')") == str(theirs)


def compare(names: list[str], cases: dict[str, Any], seed: int = 0) -> None:
    for name in names:
        mine, theirs = outcome(cases[name], "ag", seed), outcome(cases[name], "torch", seed)
        assert str(mine) == str(theirs) or expected_difference(mine, theirs), name


def test_a_part_of_the_grid() -> None:
    names = sorted(GRID)
    random.Random(0).shuffle(names)
    compare(names[:100], GRID)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2**33 + 5])
def test_the_whole_grid(seed: int) -> None:
    compare(list(GRID), GRID, seed)
    assert len(GRID) > 900


# ---- with workers --------------------------------------------------------------------------------

WORKERS: list[dict[str, Any]] = [
    {"num_workers": 1}, {"num_workers": 2}, {"num_workers": 3, "prefetch_factor": 1},
    {"num_workers": 2, "persistent_workers": True},
    {"num_workers": 3, "persistent_workers": True, "prefetch_factor": 5},
    {"num_workers": 2, "timeout": 20},
]  # fmt: skip
OPTIONS: list[dict[str, Any]] = [
    {"batch_size": 3, "shuffle": True}, {"batch_size": 4, "drop_last": True},
    {"batch_size": None}, {"batch_size": 3, "generator": 5}, {"batch_size": 2, "sampler": "eager"},
    {"batch_size": None, "sampler": "eager"}, {"batch_size": None, "sampler": "weighted"},
    {"batch_sampler": "batches"}, {"batch_sampler": "eager"}, {"sampler": "out of range"},
]  # fmt: skip


def with_workers() -> dict[str, Any]:
    cases = {}

    def add(dataset: str, options: dict[str, Any], workers: dict[str, Any]) -> None:
        def case(library: Any, data: Any) -> Any:
            class Eager(data.Sampler):
                """Draws its order when it is asked for it, as many people's do."""

                def __init__(self, batches: bool) -> None:
                    self.batches = batches

                def __iter__(self) -> Any:
                    order = library.randperm(SIZE, device="cpu").tolist()
                    return iter([order[:4], order[4:9]] if self.batches else order)

                def __len__(self) -> int:
                    return 2 if self.batches else SIZE

            given = {**options, **workers}
            if "sampler" in given:
                name = given["sampler"]
                given["sampler"] = (
                    Eager(False) if name == "eager" else SAMPLERS[name](library, data)
                )
            if "batch_sampler" in given:
                name = given["batch_sampler"]
                given["batch_sampler"] = (
                    Eager(True) if name == "eager" else BATCH_SAMPLERS[name](library, data)
                )
            if "generator" in given:
                given["generator"] = library.Generator().manual_seed(given["generator"])
            return passes(data.DataLoader(datasets(library, data)[dataset], **given), 3)

        cases[f"{dataset}, {options}, {workers}"] = case

    for workers in WORKERS:
        for options in OPTIONS:
            add("noisy", options, workers)
        for dataset in ("nested", "subset of batched", "tensors", "empty"):
            add(dataset, {"batch_size": 3}, workers)
        for dataset in ("stream", "sized stream", "chained"):
            for options in ({"batch_size": 3}, {"batch_size": None}, {"drop_last": True}):
                add(dataset, options, workers)
    return cases


def test_a_part_of_the_grid_with_workers() -> None:
    cases = with_workers()
    names = [name for name in cases if "'persistent_workers': True}" in name and "noisy" in name]
    compare(names[:2] + names[4:5] + names[7:9], cases)


@pytest.mark.slow
def test_the_grid_with_workers() -> None:
    cases = with_workers()
    compare(list(cases), cases)
    assert len(cases) > 130


class Failing:
    """Fails at sample 4, with an error of the kind that is asked for."""

    def __init__(self, error: Any) -> None:
        self.error = error

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> int:
        if index == 4:
            raise self.error
        return index


class Odd(Exception):
    """An exception that cannot be made of a text alone."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(one, two)


@pytest.mark.parametrize("error", [KeyError("k"), ValueError("v"), Odd(1, 2), OSError(2, "no")])
def test_exceptions_of_workers_are_pytorchs(error: Exception) -> None:
    import torch.utils.data

    from autograd_core.utils.data import DataLoader

    found = []
    for loader_class in (DataLoader, torch.utils.data.DataLoader):
        running = iter(loader_class(Failing(error), batch_size=2, num_workers=2))
        batches = [shown(next(running)), shown(next(running))]
        with pytest.raises(Exception) as caught:
            next(running)
        text = str(caught.value)
        assert "raise self.error" in text and "in __getitem__" in text
        found.append((batches, type(caught.value), text.split(".\n")[0].partition(" in ")[0]))
        traceback.clear_frames(caught.value.__traceback__)
    assert found[0] == found[1]


def test_collation_of_odd_samples_is_pytorchs() -> None:
    import torch
    from torch.utils.data import default_collate as theirs
    from torch.utils.data import default_convert as their_convert

    import autograd_core as ag
    from autograd_core.utils.data import default_collate, default_convert

    def samples(library: Any) -> list[Any]:
        t = library.tensor
        return [
            [1, 2], [1.5, 2], [True, False], ["a", "b"], [b"a"], [(), ()], [[], []], [{}, {}],
            [(1, "a"), (2, "b")], [[1, (2, [3])], [4, (5, [6])]], [{"a": (1,)}, {"a": (2,)}],
            [t([1]), t([2])], [t(1.5), t(2.5)], [np.zeros(2), np.ones(2)], [np.float16(1)] * 2,
            [np.bool_(True)] * 2, [np.array(["x"])] * 2, [np.array(1), np.array(2)],
            [np.zeros((0, 2))] * 2, [t([[1.0]]), t([[2.0]])], [None], [{1}], [range(3)] * 2,
            [[1], [1, 2]], [t([1]), t([1, 2])], [1, "a"], [{"a": 1}, {"b": 1}], [1j], [2**40, 1],
            [np.uint8(3), np.uint8(4)], ["a", 1], [(1, 2), (3,)],
            [np.array([1, 2], np.uint16)] * 2, [np.array([1 + 2j])] * 2,
        ]  # fmt: skip

    def result(function: Any, value: Any) -> Any:
        try:
            return shown(function(value))
        except Exception:
            return "error"

    differences = []
    for mine, other in zip(samples(ag), samples(torch), strict=True):
        if str(result(default_collate, mine)) != str(result(theirs, other)):
            differences.append((result(default_collate, mine), result(theirs, other)))
        if str(result(default_convert, mine)) != str(result(their_convert, other)):
            differences.append((result(default_convert, mine), result(their_convert, other)))
    assert not differences
