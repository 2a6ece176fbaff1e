"""Workers of the loader: PyTorch's order and seeds, exact resumption, and their options."""

from __future__ import annotations

import gc
import glob
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.utils import RunCheckpoint
from autograd_core.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    TensorDataset,
    WeightedRandomSampler,
    get_worker_info,
)
from autograd_core.utils.data.transport import FOLDER

pytestmark = pytest.mark.cpu_only  # worker processes make their batches on the CPU


class Rows(Dataset):
    def __len__(self) -> int:
        return 23

    def __getitem__(self, index: int) -> Any:
        return ag.tensor([index, index**2]), np.float32(index), f"row {index}"


class Noisy(Dataset):
    """Samples with random numbers of all three kinds."""

    def __len__(self) -> int:
        return 23

    def __getitem__(self, index: int) -> Any:
        return index, random.random(), np.random.rand(), ag.rand(1).item()


class Stream(IterableDataset):
    def __iter__(self) -> Any:
        info = get_worker_info()
        start, step = (0, 1) if info is None else (info.id, info.num_workers)
        for index in range(start, 23, step):
            yield index, random.random()


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value.tolist() if isinstance(value, ag.Tensor) else value


def batches(dataset: Any, **options: Any) -> Any:
    return plain(list(DataLoader(dataset, **options)))


WORKERS = [{"num_workers": 1}, {"num_workers": 4}, {"num_workers": 3, "worker_threads": True}]


@pytest.mark.parametrize("workers", WORKERS)
def test_batches_come_in_the_order_of_no_workers(workers: dict[str, Any]) -> None:
    for options in (
        {"batch_size": 4, "shuffle": True},
        {"batch_size": 5, "drop_last": True},
        {"batch_size": None},
        {"batch_size": 4, "shuffle": True, "prefetch_factor": 1},
    ):
        alone = {k: v for k, v in options.items() if k != "prefetch_factor"}
        ag.manual_seed(4)
        expected = [batches(Rows(), **alone), batches(Rows(), **alone)]
        ag.manual_seed(4)
        assert [batches(Rows(), **workers, **options) for _ in range(2)] == expected


def test_order_and_random_numbers_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")

    class Theirs(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return 23

        def __getitem__(self, index: int) -> Any:
            return index, random.random(), np.random.rand(), torch.rand(1).item()

    torch.manual_seed(7)
    loader = torch.utils.data.DataLoader(Theirs(), batch_size=4, shuffle=True, num_workers=2)
    expected = [[[column.tolist() for column in batch] for batch in loader] for _ in range(2)]
    ag.manual_seed(7)
    mine = DataLoader(Noisy(), batch_size=4, shuffle=True, num_workers=2)
    assert [plain(list(mine)) for _ in range(2)] == expected


def test_no_two_workers_or_passes_draw_the_same() -> None:
    loader = DataLoader(Noisy(), num_workers=3, persistent_workers=True)
    drawn = np.array([[batch[1:] for batch in plain(list(loader))] for _ in range(2)])
    for kind in range(3):
        assert len(np.unique(drawn[:, :, kind])) == 46


def test_streams_are_divided_by_worker() -> None:
    seen = [index for batch in batches(Stream(), num_workers=3, batch_size=2) for index in batch[0]]
    assert sorted(seen) == list(range(23))
    assert batches(Stream(), batch_size=4, num_workers=2)[0][0] == [0, 2, 4, 6]


@pytest.mark.parametrize("workers", [{"num_workers": 0}, *WORKERS])
@pytest.mark.parametrize("dataset", [Noisy(), Stream()])
def test_a_pass_goes_on_after_any_batch(workers: dict[str, Any], dataset: Any) -> None:
    shuffle = {} if isinstance(dataset, Stream) else {"shuffle": True}
    if workers.get("worker_threads"):
        dataset = Rows() if shuffle else dataset  # threads share the program's random numbers

    def loader(seed: int) -> DataLoader:
        generator = ag.Generator().manual_seed(seed)
        return DataLoader(dataset, batch_size=4, generator=generator, **shuffle, **workers)

    random.seed(1), np.random.seed(1), ag.manual_seed(1)
    first = loader(5)
    list(first)  # the second pass is the one that is broken off
    for stop in (0, 1, 3):
        running = iter(first)
        for _ in range(stop):
            next(running)
        state = first.state_dict()
        kept = (random.getstate(), np.random.get_state(), ag.get_rng_state())
        rest = plain(list(running))
        following = plain(list(first))
        random.setstate(kept[0]), np.random.set_state(kept[1]), ag.set_rng_state(kept[2])
        second = loader(99)
        second.load_state_dict(state)
        resumed = plain(list(second))
        if workers.get("worker_threads") and isinstance(dataset, Stream):
            rest, resumed = ([batch[0] for batch in part] for part in (rest, resumed))
        assert resumed == rest, stop
        if not workers.get("worker_threads") and workers["num_workers"]:
            assert plain(list(second)) == following, stop


@pytest.mark.parametrize("dataset", [Noisy(), Stream()])
def test_a_pass_of_kept_workers_goes_on_after_any_batch(dataset: Any) -> None:
    shuffle = {} if isinstance(dataset, Stream) else {"shuffle": True}

    def loader(seed: int) -> DataLoader:
        order = ag.Generator().manual_seed(seed)
        options = {"num_workers": 2, "persistent_workers": True}
        return DataLoader(dataset, batch_size=4, generator=order, **options, **shuffle)

    for stop in (0, 1, 3):
        first = loader(5)
        list(first)
        next(iter(first))  # a pass that is broken off, and changes the workers' states
        running = iter(first)
        for _ in range(stop):
            next(running)
        state = first.state_dict()
        rest, following = plain(list(running)), plain(list(first))
        second = loader(99)
        second.load_state_dict(state)
        assert plain(list(second)) == rest, stop
        assert plain(list(second)) == following, stop


def test_kept_workers_go_on_between_passes_too() -> None:
    def loader(order: ag.Generator) -> DataLoader:
        options = {"num_workers": 2, "persistent_workers": True}
        return DataLoader(Noisy(), batch_size=4, generator=order, shuffle=True, **options)

    order = ag.Generator().manual_seed(5)
    first = loader(order)
    list(first), list(first)
    state, place = first.state_dict(), order.get_state()
    following = [plain(list(first)) for _ in range(2)]
    order = ag.Generator()
    order.set_state(place)
    second = loader(order)
    second.load_state_dict(state)
    assert second.state_dict() == state
    assert [plain(list(second)) for _ in range(2)] == following


def test_the_global_generator_is_left_alone_by_resuming() -> None:
    ag.manual_seed(3)
    first = DataLoader(Rows(), batch_size=4, shuffle=True)
    running = iter(first)
    next(running)
    ag.rand(5, device="cpu")  # dropout, say
    state, kept = first.state_dict(), ag.get_rng_state()
    rest, after = plain(list(running)), ag.rand(3, device="cpu").tolist()
    ag.manual_seed(77)
    second = DataLoader(Rows(), batch_size=4, shuffle=True)
    second.load_state_dict(state)
    ag.set_rng_state(kept)
    assert plain(list(second)) == rest and ag.rand(3, device="cpu").tolist() == after


def test_a_state_between_passes_and_saved_in_a_file(tmp_path: Path) -> None:
    loader = DataLoader(Noisy(), batch_size=4, shuffle=True, num_workers=1)
    running = iter(loader)
    next(running), next(running)
    run = RunCheckpoint(tmp_path, loader=loader)
    run.save()
    rest = plain(list(running))
    assert loader.state_dict()["pass"] is None
    again = DataLoader(Noisy(), batch_size=4, shuffle=True, num_workers=1)
    assert RunCheckpoint(tmp_path, loader=again).restore() == {}
    assert plain(list(again)) == rest
    with pytest.raises(ValueError, match="a loader with num_workers=1, this one has num_workers=0"):
        DataLoader(Noisy(), batch_size=4).load_state_dict(loader.state_dict())
    with pytest.raises(ValueError, match="no state of a loader"):
        loader.load_state_dict({"epoch": 3})


def training(folder: Path, epochs: int, workers: int) -> list[float]:
    """Losses of a small network with dropout on noisy samples, going on where the folder says."""
    ag.manual_seed(0)
    model = ag.nn.Sequential(ag.nn.Linear(4, 8), ag.nn.Dropout(0.5), ag.nn.Linear(8, 1))
    optimizer = ag.optim.Adam(model.parameters(), lr=0.01)
    order = ag.Generator().manual_seed(1)
    loader = DataLoader(Noisy(), 4, shuffle=True, num_workers=workers, generator=order)
    run = RunCheckpoint(folder, model=model, optimizer=optimizer, loader=loader, order=order)
    start = run.restore() or {"losses": []}
    losses = start["losses"]
    while len(losses) < 6 * epochs:
        for columns in loader:
            x = ag.stack([column.float() for column in columns], 1)
            optimizer.zero_grad()
            loss = model(x).pow(2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if len(losses) % 6 == 0 or len(losses) == 15:
                run.save(losses=losses)
    return losses


@pytest.mark.parametrize("workers", [0, 4])  # (test_run_checkpoint does it in new processes)
def test_ten_epochs_are_five_and_five(tmp_path: Path, workers: int) -> None:
    random.seed(0), np.random.seed(0)
    expected = training(tmp_path / "whole", 10, workers)
    random.seed(0), np.random.seed(0)
    training(tmp_path / "halves", 5, workers)
    random.seed(8), np.random.seed(8)
    assert training(tmp_path / "halves", 10, workers) == expected


def test_large_batches_come_through_shared_memory_and_leave_nothing() -> None:
    large = TensorDataset(ag.arange(40_000).reshape(8, 5000), ag.arange(8).float())
    loader = DataLoader(large, batch_size=4, num_workers=2)
    found = list(loader)
    assert plain(found) == batches(large, batch_size=4)
    found[0][0][0, 0] = -1  # it can be written to
    running = iter(DataLoader(large, batch_size=1, num_workers=2))
    next(running)
    del running, loader
    gc.collect()
    assert not glob.glob(os.path.join(FOLDER, f"autograd_core-{os.getpid()}-*"))
    assert found[0][0][0, 0].item() == -1


def test_workers_stay_where_they_are_asked_to() -> None:
    loader = DataLoader(Rows(), batch_size=4, num_workers=2, persistent_workers=True)
    list(loader)
    pids = [worker.pid for worker in loader._pool._workers]
    running = iter(loader)
    next(running)  # a pass that is broken off
    assert plain(list(loader)) == batches(Rows(), batch_size=4)
    assert [worker.pid for worker in loader._pool._workers] == pids


class Who(Dataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        info = get_worker_info()
        return [info.id, info.num_workers, int(os.environ["AUTOGRAD_CORE_TEST"]), len(info.dataset)]


def note(worker: int) -> None:
    os.environ["AUTOGRAD_CORE_TEST"] = str(10 + worker)


def test_worker_init_fn_and_worker_info() -> None:
    found = batches(Who(), batch_size=None, num_workers=2, worker_init_fn=note)
    assert found == [[0, 2, 10, 4], [1, 2, 11, 4]] * 2


def test_other_start_methods() -> None:
    options = {"batch_size": 4, "num_workers": 1, "multiprocessing_context": "spawn"}
    assert batches(range(10), **options) == batches(range(10), batch_size=4)


def test_ready_before_their_turn() -> None:
    found = batches(Rows(), batch_size=4, num_workers=2, in_order=False)
    assert sorted(found) == batches(Rows(), batch_size=4)


def test_samplers_with_workers() -> None:
    ag.manual_seed(2)
    sampler = WeightedRandomSampler([1.0] * 23, 10)
    assert len(batches(Rows(), sampler=sampler, num_workers=2)) == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_workers": -1}, "num_workers is -1; expected 0 or a positive number"),
        ({"num_workers": 1, "timeout": -1}, "timeout is -1"),
        ({"persistent_workers": True}, "are for workers; leave them out"),
        ({"worker_threads": True}, "are for workers; leave them out"),
        ({"num_workers": 1, "prefetch_factor": 0}, "prefetch_factor is 0"),
        ({"num_workers": 1, "multiprocessing_context": "tread"}, "is 'tread'; this system has"),
        (
            {"num_workers": 1, "worker_threads": True, "multiprocessing_context": "fork"},
            "threads have no multiprocessing_context",
        ),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DataLoader(Rows(), **options)
