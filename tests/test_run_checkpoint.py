"""RunCheckpoint: a run that is stopped, or killed, goes on where it was."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.errors import CheckpointError
from autograd_core.utils.run_checkpoint import RunCheckpoint


def parts() -> dict[str, Any]:
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    return {"model": model, "optimizer": optimizer, "scheduler": scheduler}


def steps(run: dict[str, Any], number: int) -> list[float]:
    losses = []
    for _ in range(number):
        run["optimizer"].zero_grad()
        x = ag.randn(6, 4) * random.random() + float(np.random.rand())
        loss = run["model"](x).pow(2).mean()
        loss.backward()
        run["optimizer"].step()
        run["scheduler"].step()
        losses.append(loss.item())
    return losses


def test_stopped_and_restored_is_the_same_bit_for_bit(tmp_path: Path) -> None:
    ag.manual_seed(1)
    first = parts()
    steps(first, 3)
    RunCheckpoint(tmp_path, **first).save(epoch=3)
    expected = steps(first, 5)
    ag.manual_seed(99)
    random.seed(5)
    np.random.seed(7)
    second = parts()
    assert RunCheckpoint(tmp_path, **second).restore() == {"epoch": 3}
    assert steps(second, 5) == expected


def test_a_generator_is_a_part(tmp_path: Path) -> None:
    order = ag.Generator().manual_seed(3)
    run = RunCheckpoint(tmp_path, order=order)
    run.save()
    expected = ag.randperm(9, generator=order, device="cpu").tolist()
    order.manual_seed(4)
    assert run.restore() == {}
    assert ag.randperm(9, generator=order, device="cpu").tolist() == expected


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    run = RunCheckpoint(tmp_path / "new", keep=2, **parts())
    assert run.paths() == [] and run.restore() is None
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / ".checkpoint-00000001.safetensors.ab.tmp").touch()
    (tmp_path / "new" / "notes.txt").touch()
    written = [run.save(epoch=epoch) for epoch in range(4)]
    assert run.paths() == [written[3], written[2]]
    assert len(list((tmp_path / "new").iterdir())) == 3
    assert run.restore(written[2]) == {"epoch": 2} and run.restore() == {"epoch": 3}


def test_a_damaged_one_is_passed_over(tmp_path: Path) -> None:
    run = RunCheckpoint(tmp_path, **parts())
    older, newer = run.save(epoch=0), run.save(epoch=1)
    newer.write_bytes(newer.read_bytes()[:-7])
    with pytest.warns(UserWarning, match="passed over a checkpoint: .*00000002"):
        assert run.restore() == {"epoch": 0}
    older.write_bytes(b"")
    with pytest.raises(CheckpointError, match="no checkpoint is sound: .*00000002.*00000001"):
        run.restore()
    with pytest.raises(CheckpointError, match="00000001"):
        run.restore(older)


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keep must be at least 1, got 0"):
        RunCheckpoint(tmp_path, keep=0)
    with pytest.raises(TypeError, match="the part 'epoch' is a int; expected an object with"):
        RunCheckpoint(tmp_path, epoch=3)
    run = parts()
    RunCheckpoint(tmp_path, **run).save()
    with pytest.raises(CheckpointError, match=r"holds the parts \['model', .*this run has \['m"):
        RunCheckpoint(tmp_path, model=run["model"]).restore()
    ag.save({"a": 1}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="is no checkpoint of a run"):
        RunCheckpoint(tmp_path, **run).restore(tmp_path / "other.safetensors")


WRITER = """
import sys
import autograd_core as ag
from autograd_core.utils.run_checkpoint import RunCheckpoint
run = RunCheckpoint(sys.argv[1], keep=2, model=ag.nn.Linear(300, 300))
start = run.restore() or {"step": 0}
step = start["step"]
while True:
    step += 1
    run.save(step=step, check=[step] * 50)
    print(step, flush=True)
"""


def killed_at_random(folder: Path, times: int) -> None:
    chance = random.Random(0)
    done = 0
    for _ in range(times):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        done = int(writer.stdout.readline())  # it runs
        time.sleep(chance.random() * 0.05)
        writer.send_signal(signal.SIGKILL)
        told = writer.communicate()[0].split()
        done = int(told[-1]) if told else done
        restored = RunCheckpoint(folder, model=nn.Linear(300, 300)).restore()
        assert restored is not None and restored["step"] in (done, done + 1)
        assert restored["check"] == [restored["step"]] * 50


def test_killed_at_any_moment_the_last_good_one_loads(tmp_path: Path) -> None:
    killed_at_random(tmp_path, 3)


@pytest.mark.slow
def test_killed_at_fifty_moments(tmp_path: Path) -> None:
    killed_at_random(tmp_path, 50)


TRAINING = """
import hashlib, random, sys
import numpy as np
import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.utils import RunCheckpoint
from autograd_core.utils.data import DataLoader, Dataset

folder, epochs, workers, seed = sys.argv[1], *map(int, sys.argv[2:])
random.seed(seed), np.random.seed(seed), ag.manual_seed(seed)

class Noisy(Dataset):
    def __len__(self):
        return 50

    def __getitem__(self, index):
        x = ag.rand(6, device="cpu") + np.float32(random.random() + np.random.rand())
        return x, index % 3

model = nn.Sequential(
    nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3)
)
optimizer = optim.AdamW(model.parameters(), lr=0.01)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
loader = DataLoader(
    Noisy(), 8, shuffle=True, num_workers=workers, persistent_workers=workers == 4
)
run = RunCheckpoint(folder, model=model, optimizer=optimizer, scheduler=scheduler, loader=loader)
state = run.restore() or {"epoch": 0, "losses": []}
losses = state["losses"]
for epoch in range(state["epoch"], epochs):
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    run.save(epoch=epoch + 1, losses=losses)
for name, value in model.state_dict().items():
    print(name, hashlib.sha256(np.ascontiguousarray(value.numpy()).tobytes()).hexdigest())
print(*[value.hex() for value in losses])
"""


def trained(folder: Path, epochs: int, workers: int, seed: int = 0) -> str:
    """The losses and the digests of parameters and buffers, after a process of its own."""
    answer = subprocess.run(
        [sys.executable, "-c", TRAINING, str(folder), str(epochs), str(workers), str(seed)],
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.slow
@pytest.mark.cpu_only  # workers make batches on the CPU
@pytest.mark.parametrize("workers", [0, 1, 4])
def test_ten_epochs_are_five_and_five_in_another_process(tmp_path: Path, workers: int) -> None:
    expected = trained(tmp_path / "whole", 10, workers)
    assert len(expected.splitlines()[-1].split()) == 70
    half = trained(tmp_path / "halves", 5, workers)
    assert expected.splitlines()[-1].startswith(half.splitlines()[-1])
    assert trained(tmp_path / "halves", 10, workers, seed=9) == expected
    assert trained(tmp_path / "other", 10, workers, seed=9) != expected
