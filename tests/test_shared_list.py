"""SharedList: a list in memory that every process shares, and that workers do not copy."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core.utils.data import DataLoader, Dataset, SharedList
from autograd_core.utils.data.transport import FOLDER

pytestmark = pytest.mark.cpu_only  # lists live in the host's memory


def test_it_is_a_list() -> None:
    items = [1, "two", {"three": [3.0]}, None, (4,), np.arange(5)]
    shared = SharedList(items)
    assert len(shared) == 6 and shared[1] == "two" and shared[-2] == (4,)
    assert shared[:3] == items[:3] and shared[4:0:-2] == [(4,), {"three": [3.0]}]
    assert list(shared)[:5] == items[:5] and shared[5].tolist() == [0, 1, 2, 3, 4]
    assert "two" in SharedList(["two"]) and shared.nbytes > 48
    assert list(SharedList(iter(range(3)))) == [0, 1, 2]
    assert list(SharedList([])) == [] and repr(SharedList([])) == "SharedList(0 items, 0 bytes)"
    for index in (6, -7):
        with pytest.raises(IndexError, match=f"SharedList: index {index} is out of range of 6"):
            shared[index]
    with pytest.raises(TypeError):
        shared[0] = 1  # type: ignore[index]


def test_items_are_made_anew() -> None:
    shared = SharedList([[1]])
    shared[0].append(2)
    assert shared[0] == [1]


def test_copies_and_pickles() -> None:
    shared = SharedList(["a", "b"])
    for again in (pickle.loads(pickle.dumps(shared)), copy.deepcopy(shared), copy.copy(shared)):
        assert list(again) == ["a", "b"]


def test_what_cannot_be_pickled_is_refused_and_nothing_stays_behind() -> None:
    with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
        SharedList([1, lambda: None])
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(20):
        SharedList(range(100))
    gc.collect()
    if before:
        assert len(os.listdir("/proc/self/fd")) <= before
    assert not list(Path(FOLDER).glob("autograd_core-list-*"))


class Rows(Dataset):
    def __init__(self, items: Any) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        return self.items[index]["id"]


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_read_it(start: str) -> None:
    if start not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {start} here")
    dataset = Rows(SharedList({"id": i} for i in range(20)))
    loader = DataLoader(dataset, 7, num_workers=2, multiprocessing_context=start)
    assert [batch.tolist() for batch in loader] == [
        list(range(7)), list(range(7, 14)), list(range(14, 20))
    ]  # fmt: skip


# ---- memory --------------------------------------------------------------------------------------


class Readers(Dataset):
    """As many samples as workers; each reads the whole list."""

    def __init__(self, items: Any) -> None:
        self.items = items

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Any:
        return sum(item["id"] for item in self.items)


def annotation(index: int) -> dict[str, Any]:
    """About 1.5 KB of Python objects, as an entry of a data set of annotated images."""
    return {
        "id": index, "file": f"images/{index:012d}.jpg" * 8,
        "boxes": [float(index + i) for i in range(20)], "labels": list(range(index % 7)),
    }  # fmt: skip


def proportional(pids: list[int]) -> float:
    """MiB of memory that the processes take, what they share being counted once."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def growth(items: Any) -> tuple[float, float]:
    """MiB that 8 workers take together, and how many more once each has read the whole list."""
    expected = sum(item["id"] for item in items)  # (whose pages are this process's from now on)
    loader = DataLoader(Readers([]), None, num_workers=8, persistent_workers=True)
    list(loader)  # workers are there, and have imported and allocated what they will
    del loader
    gc.collect()
    dataset = Readers(items)
    loader = DataLoader(dataset, None, num_workers=8, persistent_workers=True)
    running = iter(loader)
    assert loader._pool is not None
    pids = [os.getpid(), *(worker.pid for worker in loader._pool._workers)]
    before = proportional(pids)
    assert list(running) == [expected] * 8
    after = proportional(pids)
    return before, after - before


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="Linux counts so")
def test_eight_workers_over_a_gigabyte_take_no_more_of_it() -> None:
    number = 900_000
    size = number * deep_size(annotation(10**6)) / 2**20
    assert size > 1000  # MiB, as a plain list
    before, more = growth(SharedList(map(annotation, range(number))))
    print(f"{size:.0f} MiB of objects; {before:.0f} MiB before, {more:.0f} more after")
    assert before < size and more < 0.1 * before
    plain_before, plain_more = growth([annotation(i) for i in range(number // 10)])
    print(f"a plain list of a tenth: {plain_before:.0f} MiB before, {plain_more:.0f} more after")
    assert plain_more > 2 * size / 10


def deep_size(value: Any) -> int:
    if isinstance(value, dict):
        parts = [*value.values()]
    else:
        parts = value if isinstance(value, list) else []
    return sys.getsizeof(value) + sum(map(deep_size, parts))
