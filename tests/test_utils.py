"""Progress bars and pictures."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_core as ag
from autograd_core.utils import plots
from autograd_core.utils.progress import PlainProgress, progress


def size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", content[16:24])


def colours(path: Path) -> set[int]:
    from matplotlib.image import imread

    pixels = (imread(path)[..., :3] * 255).round().astype(int)
    return set((pixels @ (1 << 16, 1 << 8, 1)).flat)


RED = int(plots.RED[1:], 16)


# ---- progress ------------------------------------------------------------------------------------


def test_plain_progress_speaks_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainProgress(4, "training", pause=0) as bar:
        for _ in range(4):
            bar.update()
        bar.write("a line")
    captured = capsys.readouterr()
    assert captured.out == "a line\n"
    lines = captured.err.splitlines()
    assert len(lines) == 3  # the last step needs no announcement
    assert lines[0].startswith("training: 1 of 4 (25%), about ")
    with PlainProgress(1000, "training") as bar:
        for _ in range(1000):
            bar.update()
    assert capsys.readouterr().err == ""


def test_without_a_terminal_progress_is_plain() -> None:
    assert isinstance(progress(3, "x"), PlainProgress)


@pytest.mark.parametrize("installed", [True, False])
def test_progress_on_a_terminal(installed: bool) -> None:
    code = (
        f"import sys\nif not {installed}: sys.modules['tqdm'] = None\n"
        "sys.stderr.isatty = lambda: True\n"
        "from autograd_core.utils.progress import progress\n"
        "with progress(3, 'training') as bar:\n"
        "    for step in range(3):\n"
        "        bar.update()\n"
        "        bar.write(f'step {step}')\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "step 0\nstep 1\nstep 2\n"
    assert ("training" in answer.stderr) == installed


# ---- pictures ------------------------------------------------------------------------------------


def history(epochs: int) -> dict[str, list[float]]:
    rising = [1 - 0.5 / (epoch + 1) for epoch in range(epochs)]
    falling = [1 - value for value in rising]
    return {
        "train_loss": falling,
        "test_loss": falling,
        "train_accuracy": rising,
        "test_accuracy": rising,
    }


@pytest.mark.parametrize("epochs", [1, 30])
def test_training_curves(tmp_path: Path, epochs: int) -> None:
    plots.training_curves(history(epochs), tmp_path / "curves.png")
    assert size(tmp_path / "curves.png") == (1680, 672)


def test_a_loss_of_zero_or_nan_can_be_drawn(tmp_path: Path) -> None:
    values = history(3)
    values["train_loss"] = [0.5, 0.0, float("nan")]
    plots.training_curves(values, tmp_path / "curves.png")


@pytest.mark.parametrize(("count", "wrong"), [(5, 3), (30, 0), (100, 90)])
def test_mistakes_are_red(tmp_path: Path, count: int, wrong: int) -> None:
    images = ag.rand(count, 1, 8, 8)
    labels = ag.arange(count) % 10
    predictions = labels.clone()
    predictions[:wrong] = 9
    plots.prediction_grid(images, labels, predictions, tmp_path / "grid.png")
    width, height = size(tmp_path / "grid.png")
    assert 1500 < width < 1800 and height > 200
    assert (RED in colours(tmp_path / "grid.png")) == bool(wrong)


def test_confusion_matrix(tmp_path: Path) -> None:
    labels = ag.arange(40) % 10
    plots.confusion_matrix(labels, labels, tmp_path / "right.png")
    plots.confusion_matrix(labels, (labels + 1) % 10, tmp_path / "wrong.png")
    plots.confusion_matrix([0, 1], [0, 0], tmp_path / "small.png", classes=2)
    assert size(tmp_path / "right.png") == size(tmp_path / "wrong.png")
    assert RED not in colours(tmp_path / "right.png")
    assert RED in colours(tmp_path / "wrong.png")


def test_pictures_leave_matplotlib_as_it_was(tmp_path: Path) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    plots.training_curves(history(2), tmp_path / "curves.png")
    assert dict(matplotlib.rcParams) == before
