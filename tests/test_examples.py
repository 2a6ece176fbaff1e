"""The example programs, run as a user runs them."""

from __future__ import annotations

import gzip
import os
import signal
import struct
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from examples import function_fit, nielsen, train_digits

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PICTURES = ("curves.png", "digits.png", "confusion.png")


def run(*arguments: Any, cwd: Path, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run an example in a process of its own; ``code`` comes before it."""
    path, *rest = map(str, arguments)
    command = [sys.executable, str(EXAMPLES / path), *rest]
    if code:
        code = f"{code}\nimport runpy, sys\nsys.argv = {[path, *rest]}\n"
        command = [
            sys.executable,
            "-c",
            f"{code}runpy.run_path({str(EXAMPLES / path)!r}, run_name='__main__')",
        ]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300)


def train(*arguments: Any) -> int:
    """Run the training program in this process, on this run's device."""
    return train_digits.main([str(argument) for argument in arguments])


def checkpoint(folder: Path) -> dict[str, Any]:
    return ag.load(folder / "checkpoint.safetensors", map_location="cpu")


def bits(value: Any) -> Any:
    """A checkpoint as something that compares equal only bit for bit."""
    if isinstance(value, ag.Tensor):
        return str(value.dtype), tuple(value.shape), value.cpu().numpy().tobytes()
    if isinstance(value, dict):
        return {key: bits(entry) for key, entry in value.items()}
    return [bits(entry) for entry in value] if isinstance(value, list | tuple) else value


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file."""
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n" and content[12:16] == b"IHDR"
    return struct.unpack(">II", content[16:24])


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take longer than the training of a few epochs."""
    monkeypatch.setattr(train_digits, "draw", lambda *arguments: None)


# ---- the main job --------------------------------------------------------------------------------


@pytest.mark.cpu_only
def test_the_program_from_start_to_pictures(tmp_path: Path) -> None:
    answer = run("train_digits.py", "--epochs", 3, cwd=tmp_path)
    assert answer.returncode == 0 and answer.stderr == "", answer.stderr
    lines = answer.stdout.splitlines()
    assert lines[0] == "Data     1438 images of 64 pixels in 10 classes, and 359 to test on"
    epochs = [line for line in lines if line.startswith("epoch")]
    assert [line.split()[1] for line in epochs] == ["1/3", "2/3", "3/3"]
    assert all("train loss" in line and "test loss" in line for line in epochs)
    assert any(line.startswith("Test accuracy 9") for line in lines)
    out = tmp_path / "runs" / "digits"
    assert {path.name for path in out.iterdir()} == {"checkpoint.safetensors", *PICTURES}
    for name in PICTURES:
        width, height = size(out / name)
        assert 1000 <= width <= 2500 and 500 <= height <= 2500
        assert (out / name).stat().st_size > 20_000


@pytest.mark.cpu_only
def test_the_digits_are_learned(tmp_path: Path, no_pictures: None) -> None:
    """What `make train` promises, with its defaults."""
    assert train("--device", "cpu", "--out", tmp_path) == 0
    history = checkpoint(tmp_path)["history"]
    assert len(history["test_accuracy"]) == 40
    assert history["test_accuracy"][-1] >= 0.97
    assert history["train_accuracy"][-1] >= 0.99


@pytest.mark.cpu_only
def test_resuming_in_another_process_changes_no_bit(tmp_path: Path) -> None:
    code = "import sys; sys.modules['matplotlib'] = None"  # pictures would take the most time
    for epochs, out, *resume in ((4, "whole"), (2, "parts"), (4, "parts", "--resume")):
        arguments = ("train_digits.py", "--epochs", epochs, "--out", out, *resume)
        answer = run(*arguments, cwd=tmp_path, code=code)
        assert answer.returncode == 0, answer.stderr
    assert "Resumed  after epoch 2" in answer.stdout and "epoch 3/4" in answer.stdout
    whole, parts = checkpoint(tmp_path / "whole"), checkpoint(tmp_path / "parts")
    assert len(whole["history"]["test_loss"]) == 4
    assert bits(whole) == bits(parts)


def test_resuming_on_this_device_changes_no_bit(tmp_path: Path, no_pictures: None) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert train("--epochs", 2, "--batch-size", 64, "--out", whole) == 0
    assert train("--epochs", 1, "--batch-size", 64, "--out", parts) == 0
    source = parts / "checkpoint.safetensors"
    assert train("--epochs", 2, "--resume", source, "--out", parts) == 0
    assert bits(checkpoint(whole)) == bits(checkpoint(parts))


@pytest.mark.gpu
def test_training_on_a_gpu(
    tmp_path: Path, no_pictures: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for epochs, out, *resume in ((4, "whole"), (2, "parts"), (4, "parts", "--resume")):
        arguments = ("--device", "cuda", "--epochs", epochs, "--out", tmp_path / out, *resume)
        assert train(*arguments) == 0
    assert "on cuda" in capsys.readouterr().out
    whole, parts = checkpoint(tmp_path / "whole"), checkpoint(tmp_path / "parts")
    assert whole["history"]["test_accuracy"][-1] > 0.94
    assert bits(whole) == bits(parts)


@pytest.mark.slow
def test_ten_epochs_and_ten_more_are_twenty(tmp_path: Path, no_pictures: None) -> None:
    assert train("--epochs", 20, "--out", tmp_path / "whole") == 0
    assert train("--epochs", 10, "--out", tmp_path / "parts") == 0
    assert train("--epochs", 20, "--out", tmp_path / "parts", "--resume") == 0
    assert bits(checkpoint(tmp_path / "whole")) == bits(checkpoint(tmp_path / "parts"))


def test_the_seed_decides_the_result(tmp_path: Path, no_pictures: None) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        assert (
            train("--epochs", 1, "--batch-size", 128, "--seed", seed, "--out", tmp_path / name) == 0
        )
    a, b, c = (checkpoint(tmp_path / name) for name in "abc")
    assert bits(a) == bits(b)
    assert bits(a["model"]) != bits(c["model"])


def test_a_run_that_is_already_complete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--epochs", 1, "--batch-size", 128, "--out", tmp_path) == 0
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    (tmp_path / "curves.png").unlink()
    assert train("--epochs", 1, "--out", tmp_path, "--resume") == 0
    assert "Resumed  after epoch 1" in capsys.readouterr().out
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    assert (tmp_path / "curves.png").exists()


# ---- MNIST's files -------------------------------------------------------------------------------


def write_mnist(folder: Path, side: int = 28) -> None:
    random = np.random.RandomState(0)
    folder.mkdir()
    for part, count in (("train", 200), ("t10k", 50)):
        labels = np.arange(count, dtype=np.uint8) % 10
        images = random.randint(0, 100, (count, side, side)).astype(np.uint8)
        images[np.arange(count), :, labels * 2] = 255
        header = bytes([0, 0, 8, 3]) + struct.pack(">3I", *images.shape)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        content = bytes([0, 0, 8, 1]) + struct.pack(">I", count) + labels.tobytes()
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(content))


def test_training_on_mnist_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], no_pictures: None
) -> None:
    write_mnist(tmp_path / "mnist")
    out = tmp_path / "out"
    assert train("--epochs", 2, "--data", tmp_path / "mnist", "--out", out) == 0
    printed = capsys.readouterr().out
    assert "200 images of 784 pixels in 10 classes, and 50 to test on" in printed
    assert train("--epochs", 3, "--out", out, "--resume") == 0  # the folder is remembered
    assert len(checkpoint(out)["history"]["test_loss"]) == 3
    write_mnist(tmp_path / "other", side=20)
    assert train("--epochs", 4, "--data", tmp_path / "other", "--out", out, "--resume") == 1
    problem = capsys.readouterr().err
    assert "200 images of 784 pixels" in problem and "200 images of 400 pixels" in problem


# ---- what goes wrong -----------------------------------------------------------------------------


def damaged(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


PROBLEMS = [
    (["--epochs", "0"], "--epochs"),
    (["--epochs", "many"], "--epochs"),
    (["--batch-size", "-3"], "--batch-size"),
    (["--lr", "nan"], "--lr"),
    (["--lr", "inf"], "--lr"),
    (["--seed", "-1"], "--seed"),
    (["--seed", str(2**32)], "--seed"),
    (["--device", "tpu"], "--device"),
    (["--colour", "red"], "--colour"),
    (["leftover"], "leftover"),
    (["--data", "missing"], "there is no folder"),
    (["--data", "."], "none of the files train-images"),
    (["--resume", "missing"], "there is no checkpoint missing"),
    (["--resume", "damaged"], "damaged"),
    (["--resume", "short"], "cut short"),
    (["--resume", "other"], "not a checkpoint of this program"),
    (["--resume", "--lr", "0.5"], "was made with 0.003"),
    (["--resume", "--seed", "5"], "was made with 0"),
    (["--resume", "--batch-size", "5"], "was made with 128"),
    (["--out", "file"], "file"),
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("trained")
    assert train("--epochs", 1, "--batch-size", 128, "--device", "cpu", "--out", folder) == 0
    return (folder / "checkpoint.safetensors").read_bytes()


@pytest.mark.cpu_only
@pytest.mark.parametrize(("arguments", "message"), PROBLEMS, ids=lambda value: str(value))
def test_a_problem_is_one_line_and_the_old_checkpoint_survives(
    arguments: list[str],
    message: str,
    trained: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    old = tmp_path / "runs" / "digits" / "checkpoint.safetensors"
    old.parent.mkdir(parents=True)
    old.write_bytes(trained)
    (tmp_path / "damaged").write_bytes(damaged(trained))
    (tmp_path / "short").write_bytes(trained[:1000])
    (tmp_path / "file").touch()
    ag.save({"model": 3}, tmp_path / "other")
    try:
        status = train(*arguments)
    except SystemExit as leaving:  # how argparse ends a program
        status = leaving.code  # type: ignore[assignment]
    assert status not in (0, None)
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and captured.err.startswith("train_digits.py: error: ")
    assert message in captured.err
    assert captured.out == ""
    assert old.read_bytes() == trained
    assert [path.name for path in old.parent.iterdir()] == ["checkpoint.safetensors"]


@pytest.mark.cpu_only
def test_problems_reach_the_exit_status(tmp_path: Path) -> None:
    for arguments in (["--epochs", "0"], ["--data", "missing"]):
        answer = run("train_digits.py", *arguments, cwd=tmp_path)
        assert answer.returncode != 0 and answer.stderr.count("\n") == 1
        assert "Traceback" not in answer.stderr


@pytest.mark.cpu_only
def test_a_missing_gpu_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if ag.cuda.is_available():
        pytest.skip("there is a GPU")
    assert train("--device", "cuda", "--out", tmp_path) == 1
    assert "--device cuda: no CUDA GPU" in capsys.readouterr().err


@pytest.mark.cpu_only
def test_help(tmp_path: Path) -> None:
    answer = run("train_digits.py", "--help", cwd=tmp_path)
    assert answer.returncode == 0
    for name in ("epochs", "batch-size", "lr", "seed", "device", "data", "out", "resume"):
        assert f"--{name}" in answer.stdout


@pytest.mark.cpu_only
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupted_run_can_be_resumed(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLES / "train_digits.py"), "--epochs", "100000"]
    # (In the background of a shell interrupts are ignored, by the child too.)
    listen = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=listen
    ) as process:
        path = tmp_path / "runs" / "digits" / "checkpoint.safetensors"
        deadline = time.monotonic() + 60
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, problem = process.communicate(timeout=60)
    assert process.returncode == 130 and "--resume goes on" in problem
    assert "Traceback" not in problem
    done = len(checkpoint(path.parent)["history"]["test_loss"])
    answer = run("train_digits.py", "--epochs", done + 1, "--resume", cwd=tmp_path)
    assert answer.returncode == 0 and f"Resumed  after epoch {done}" in answer.stdout
    assert [entry.name for entry in path.parent.glob(".*")] == []


@pytest.mark.cpu_only
def test_pictures_and_bars_are_no_must(tmp_path: Path) -> None:
    code = "import sys; sys.modules['matplotlib'] = sys.modules['tqdm'] = None"
    answer = run("train_digits.py", "--epochs", 1, "--out", "out", cwd=tmp_path, code=code)
    assert answer.returncode == 0, answer.stderr
    expected = "Pictures      none: pictures need the package matplotlib: pip install matplotlib"
    assert answer.stdout.splitlines()[-1] == expected
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["checkpoint.safetensors"]


# ---- the other programs --------------------------------------------------------------------------


def test_nielsens_gradients_equal_backpropagation_by_hand() -> None:
    ag.manual_seed(3)
    model = nielsen.network(64)
    x, targets = ag.rand(10, 64, dtype=ag.float64), ag.eye(10, dtype=ag.float64)
    assert nielsen.largest_difference(model, x, targets) <= 1e-12
    by_hand = nielsen.backpropagate(
        [parameter.detach().cpu().numpy() for parameter in model.parameters()],
        x.cpu().numpy(),
        targets.cpu().numpy(),
    )
    assert [gradient.shape for gradient in by_hand] == [(30, 64), (30,), (10, 30), (10,)]
    assert all(np.abs(gradient).max() > 1e-6 for gradient in by_hand)


def test_backpropagation_by_hand_is_right() -> None:
    """Against differences of the cost, so that two equal mistakes would be seen."""
    random = np.random.RandomState(0)
    parameters = [random.randn(*shape) for shape in ((3, 4), (3,), (2, 3), (2,))]
    x, targets = random.rand(5, 4), random.rand(5, 2)

    def cost() -> float:
        a = x
        for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
            a = 1 / (1 + np.exp(-(a @ weight.T + bias)))
        return ((a - targets) ** 2).sum() / 2 / len(x)

    for parameter, gradient in zip(
        parameters, nielsen.backpropagate(parameters, x, targets), strict=True
    ):
        for index in np.ndindex(parameter.shape):
            before = parameter[index]
            parameter[index] = before + 1e-5
            above = cost()
            parameter[index] = before - 1e-5
            below = cost()
            parameter[index] = before
            assert abs((above - below) / 2e-5 - gradient[index]) < 1e-9


@pytest.mark.cpu_only
def test_nielsens_network_learns(tmp_path: Path) -> None:
    answer = run("nielsen.py", "--epochs", 5, cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert "of backpropagation by hand" in lines[0] and "of backpropagation by hand" in lines[-1]
    assert lines[1].startswith("epoch  5: ") and int(lines[1].split()[2]) > 300


@pytest.mark.cpu_only
def test_first_gradient(tmp_path: Path) -> None:
    answer = run("first_gradient.py", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "dy/dx = tensor([2., 4., 6.])" in answer.stdout
    assert "root of 2  = 1.414214" in answer.stdout


def test_function_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    function_fit.main(["--steps", "60", "--out", str(tmp_path / "new" / "fit.png")])
    assert size(tmp_path / "new" / "fit.png")[0] > 1000
    printed = capsys.readouterr().out
    assert printed.startswith("step   60: loss 0.")
