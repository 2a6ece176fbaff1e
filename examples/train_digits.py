"""Learn to read handwritten digits: a whole training program, start to pictures.

    python examples/train_digits.py                    train, then draw what was learned
    python examples/train_digits.py --epochs 60 --resume     go on from the checkpoint
    python examples/train_digits.py --data mnist/      learn MNIST from its IDX files instead

A network of three layers sees minibatches of 8 x 8 images, keeps a checkpoint after every epoch,
and ends with its accuracy on digits that it has never seen.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

# The matrices are small: threads would spend their time waiting for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.datasets import load_digits, load_mnist, train_test_split
from autograd_core.generator import default_generator_of
from autograd_core.serialization import CheckpointError
from autograd_core.utils import plots
from autograd_core.utils.data import DataLoader, TensorDataset
from autograd_core.utils.progress import progress

PROGRAM = "train_digits.py"
# What a checkpoint fixes, and its defaults: another value would not continue the same run.
SETTINGS = {"seed": 0, "batch_size": 32, "lr": 0.003}


class Problem(Exception):
    """Something that the user can mend; told in one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 if it succeeded."""
    options = parse(arguments)
    try:
        run(options)
    except (Problem, CheckpointError, OSError, ImportError) as problem:
        print(f"{PROGRAM}: error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{PROGRAM}: stopped; --resume goes on from the last whole epoch", file=sys.stderr)
        return 130
    return 0


def run(options: argparse.Namespace) -> None:
    """Train, keep a checkpoint after every epoch, tell and draw the outcome."""
    device = choose_device(options.device)
    checkpoint = options.out / "checkpoint.safetensors"
    saved = None
    if options.resume is not None:
        saved = read_checkpoint(Path(options.resume) if options.resume else checkpoint)
    settings = choose_settings(options, saved)
    folder = str(options.data.resolve()) if options.data else saved and saved["data"]

    train, test = load(folder, device)
    shape = [len(train), train.tensors[0][0].numel(), int(train.tensors[1].max().item()) + 1]
    if saved is not None and saved["shape"] != shape:
        raise Problem(
            f"the checkpoint learned from {describe(saved['shape'])}, this data has"
            f" {describe(shape)}; give the same --data"
        )

    ag.manual_seed(settings["seed"])
    model = network(*shape[1:]).to(device)
    optimizer = optim.AdamW(model.parameters(), lr=settings["lr"], weight_decay=0.05)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.95)
    order = ag.Generator().manual_seed(settings["seed"])
    dropout = default_generator_of(train.tensors[0].device)  # what nn.Dropout draws from
    loader = DataLoader(train, settings["batch_size"], shuffle=True, generator=order)
    history: dict[str, list[float]] = {
        f"{part}_{key}": [] for part in ("train", "test") for key in ("loss", "accuracy")
    }
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler}
    if saved is not None:
        history = saved["history"]
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        order.set_state(saved["order"])
        if device.type in saved["random"]:  # the numbers of another device would not fit
            dropout.set_state(saved["random"][device.type])
    options.out.mkdir(parents=True, exist_ok=True)

    done = len(history["test_loss"])
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"Data     {describe(shape)}, and {len(test)} to test on")
    print(f"Network  {shape[1]}-256-128-{shape[2]}, {parameters:,} parameters, on {device}")
    if saved is not None:
        print(f"Resumed  after epoch {done}")

    started = time.perf_counter()
    with progress(max(0, options.epochs - done) * len(loader), "training") as bar:
        for epoch in range(done + 1, options.epochs + 1):
            model.train()
            for images, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(images), labels).backward()
                optimizer.step()
                bar.update()
            scheduler.step()
            for name, dataset in (("train", train), ("test", test)):
                loss, accuracy, _ = evaluate(model, dataset)
                history[f"{name}_loss"].append(loss)
                history[f"{name}_accuracy"].append(accuracy)
            state = {
                "program": PROGRAM,
                "settings": settings,
                "data": folder,
                "shape": shape,
                "history": history,
                "order": order.get_state(),
                "random": {device.type: dropout.get_state()},
            }
            state.update({name: part.state_dict() for name, part in parts.items()})
            ag.save(state, checkpoint)
            bar.write(describe_epoch(epoch, options.epochs, history))
    seconds = time.perf_counter() - started

    _, accuracy, predictions = evaluate(model, test)
    correct = round(accuracy * len(test))
    outcome = f"{percent(accuracy).strip()} ({correct} of {len(test)})"
    print(f"\nTest accuracy {outcome} after {seconds:.1f} s of training")
    print(f"Checkpoint    {checkpoint} (--resume goes on from here)")
    draw(options.out, history, test, predictions)


def network(features: int, classes: int) -> nn.Module:
    """The classifier: two hidden layers, with dropout against learning the digits by heart."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(features, 256),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(256, 128),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(128, classes),
    )


def load(folder: str | Path | None, device: Any) -> tuple[TensorDataset, TensorDataset]:
    """The training and the test set, scaled to mean 0 and deviation 1 of the training set."""
    if folder is None:
        x_train, x_test, y_train, y_test = train_test_split(*load_digits(), test_size=0.2)
    else:
        try:
            x_train, y_train = load_mnist(folder, train=True)
            x_test, y_test = load_mnist(folder, train=False)
        except ValueError as error:
            raise Problem(str(error)) from error
    mean, deviation = x_train.mean(), x_train.std()
    train = TensorDataset(((x_train - mean) / deviation).to(device), y_train.to(device))
    test = TensorDataset(((x_test - mean) / deviation).to(device), y_test.to(device))
    return train, test


@ag.no_grad()
def evaluate(model: nn.Module, dataset: TensorDataset) -> tuple[float, float, ag.Tensor]:
    """Mean loss, accuracy and the predicted classes over a data set."""
    model.eval()
    loss, predictions = 0.0, []
    for images, labels in DataLoader(dataset, batch_size=4096):
        scores = model(images)
        loss += nn.functional.cross_entropy(scores, labels, reduction="sum").item()
        predictions.append(scores.argmax(1))
    predicted = ag.cat(predictions)
    correct = (predicted == dataset.tensors[1]).sum().item()
    return loss / len(dataset), correct / len(dataset), predicted


def draw(out: Path, history: dict[str, list[float]], test: TensorDataset, predictions: Any) -> None:
    """Write the three pictures, or say what is missing for them."""
    images, labels = test.tensors
    try:
        plots.training_curves(history, out / "curves.png")
        plots.prediction_grid(images, labels, predictions, out / "digits.png")
        plots.confusion_matrix(labels, predictions, out / "confusion.png")
    except ImportError as error:
        print(f"Pictures      none: {error}")
    else:
        print(f"Pictures      {out / 'curves.png'}, digits.png and confusion.png beside it")


def choose_device(name: str) -> Any:
    available = ag.cuda.is_available()
    if name == "cuda" and not available:
        raise Problem(
            "--device cuda: no CUDA GPU can be used here (`python -m autograd_core info` says why);"
            " use --device cpu"
        )
    if name == "auto":
        return ag.device("cuda") if available else ag.get_default_device()
    return ag.device(name)


def read_checkpoint(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise Problem(f"--resume: there is no checkpoint {path}; train once without --resume")
    saved = ag.load(path, map_location="cpu")
    if not isinstance(saved, dict) or saved.get("program") != PROGRAM:
        raise Problem(f"--resume: {path} is not a checkpoint of this program")
    return saved


def choose_settings(options: argparse.Namespace, saved: dict[str, Any] | None) -> dict[str, Any]:
    given = {name: getattr(options, name) for name in SETTINGS}
    settings = SETTINGS if saved is None else saved["settings"]
    for name, value in given.items():
        if saved is not None and value not in (None, settings[name]):
            raise Problem(
                f"--{name.replace('_', '-')} {value}: the checkpoint was made with"
                f" {settings[name]}; leave the option out, or train anew without --resume"
            )
    return {name: settings[name] if value is None else value for name, value in given.items()}


def describe(shape: Sequence[int]) -> str:
    samples, features, classes = shape
    return f"{samples} images of {features} pixels in {classes} classes"


def describe_epoch(epoch: int, epochs: int, history: dict[str, list[float]]) -> str:
    parts = [
        f"{name} loss {history[f'{name}_loss'][-1]:.4f}, accuracy"
        f" {percent(history[f'{name}_accuracy'][-1])}"
        for name in ("train", "test")
    ]
    return f"epoch {epoch:{len(str(epochs))}d}/{epochs}   {parts[0]}   {parts[1]}"


def percent(share: float) -> str:
    return f"{100 * share:6.2f} %"


class Parser(argparse.ArgumentParser):
    """Tells a bad option in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{PROGRAM}: error: {message} (--help lists the options)\n")


def positive(kind: type[int] | type[float]) -> Any:
    def convert(text: str) -> int | float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value

    convert.__name__ = f"positive {'whole number' if kind is int else 'number'}"
    return convert


def seed(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**32:
        raise ValueError
    return value


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(
        prog=PROGRAM, description="Learn to read handwritten digits.", allow_abbrev=False
    )
    add = parser.add_argument
    add("--epochs", type=positive(int), default=40, help="passes over the data (default: 40)")
    add("--batch-size", type=positive(int), help="images in a minibatch (default: 32)")
    add("--lr", type=positive(float), help="learning rate (default: 0.003)")
    add("--seed", type=seed, help="the same seed gives the same result (default: 0)")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: auto")
    add("--data", type=Path, metavar="FOLDER", help="MNIST's IDX files, in place of the digits")
    add("--out", type=Path, metavar="FOLDER", default=Path("runs/digits"),
        help="where checkpoint and pictures go (default: runs/digits)")  # fmt: skip
    add("--resume", metavar="FILE", nargs="?", const="",
        help="go on from a checkpoint (default: the one in --out)")  # fmt: skip
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
