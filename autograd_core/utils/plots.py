"""Pictures of training, as PNG files: curves, predictions, a confusion matrix.

matplotlib draws them without a display; it is imported when the first picture is drawn. The
colours (Okabe and Ito, 2008) stay apart for colour-blind readers, and nothing is told by colour
alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_core.tensor import Tensor

BLUE, ORANGE, RED, GREY = "#0072B2", "#E69F00", "#C8102E", "#6B7280"
INK, PAPER, RULE = "#1F2937", "#FFFFFF", "#E5E7EB"
STYLE = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so pictures look alike everywhere
    "font.size": 10,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": RULE,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "savefig.dpi": 160,
}
File = str | os.PathLike[str]


def training_curves(history: Mapping[str, Sequence[float]], path: File) -> None:
    """Draw loss and accuracy over the epochs, on the training and on the test set.

    Args:
        history: Four lists with one number for each epoch: ``train_loss``, ``test_loss``,
            ``train_accuracy`` and ``test_accuracy``, accuracies from 0 to 1.
        path: The PNG file to write.

    Raises:
        ImportError: matplotlib is not installed.
    """
    epochs = np.arange(1, len(history["train_loss"]) + 1)
    with _picture(path, 10.5, 4.2) as figure:
        left, right = figure.subplots(1, 2)
        for axes, key, factor in ((left, "loss", 1), (right, "accuracy", 100)):
            for part, colour, style in (("train", BLUE, "-"), ("test", ORANGE, "--")):
                values = factor * np.asarray(history[f"{part}_{key}"])
                label = "training set" if part == "train" else "test set"
                axes.plot(
                    epochs,
                    values,
                    style,
                    color=colour,
                    label=label,
                    marker="o" if len(epochs) == 1 else None,
                )
            axes.grid(axis="y")
            axes.tick_params(length=0)
            axes.set_xlabel("epoch")
            axes.margins(x=0.02)
            axes.xaxis.get_major_locator().set_params(integer=True)
        left.set_title("Loss (cross-entropy, log scale)")
        left.set_yscale("log")
        _plain_log_ticks(left.yaxis)
        left.legend(loc="upper right")
        right.set_title(f"Accuracy (test: {100 * history['test_accuracy'][-1]:.1f} % at the end)")
        right.yaxis.set_major_formatter("{x:g} %")
        right.legend(loc="lower right")


def prediction_grid(
    images: Any, labels: Any, predictions: Any, path: File, rows: int = 6, columns: int = 12
) -> None:
    """Draw test images with what the network takes them for; mistakes come first, framed in red.

    Args:
        images: Grey images of shape (N, 1, height, width) or (N, height, width), 1 being ink.
        labels: What they show, N integers.
        predictions: What they were taken for, N integers.
        path: The PNG file to write.
        rows, columns: How many are drawn at most; mistakes take up to half of them.

    Raises:
        ImportError: matplotlib is not installed.
    """
    images, labels, predictions = _numpy(images), _numpy(labels), _numpy(predictions)
    images = images.reshape(len(images), *images.shape[-2:])
    wrong = np.flatnonzero(labels != predictions)
    right = np.flatnonzero(labels == predictions)
    shown = wrong[: rows * columns // 2]
    chosen = np.concatenate([shown, right])[: rows * columns]
    rows = max(1, -(-len(chosen) // columns))
    with _picture(path, 0.86 * columns, 1.06 * rows + 0.9) as figure:
        figure.suptitle(
            f"{len(right)} of {len(labels)} test images read right, {len(wrong)} wrong",
            x=0.012,
            ha="left",
            fontsize=13,
            fontweight="bold",
        )
        figure.supxlabel(
            "Above each image: what the network reads, and for mistakes what it is.",
            x=0.012,
            ha="left",
            fontsize=10,
            color=GREY,
        )
        for axes in (grid := figure.subplots(rows, columns, squeeze=False)).flat:
            axes.set_axis_off()
        for axes, i in zip(grid.flat, chosen, strict=False):
            axes.set_axis_on()
            axes.imshow(images[i], cmap="gray_r", interpolation="nearest")
            axes.set_xticks([])
            axes.set_yticks([])
            mistake = labels[i] != predictions[i]
            for spine in axes.spines.values():
                spine.set(visible=True, color=RED if mistake else RULE, lw=3 if mistake else 1)
            axes.set_title(
                f"{predictions[i]} (is {labels[i]})" if mistake else f"{predictions[i]}",
                loc="center",
                pad=5,
                fontsize=10,
                fontweight="bold" if mistake else "normal",
                color=RED if mistake else INK,
            )


def confusion_matrix(labels: Any, predictions: Any, path: File, classes: int = 10) -> None:
    """Draw how often each class was taken for each: right answers on the diagonal.

    Args:
        labels: What the samples are, N integers from 0 to ``classes`` - 1.
        predictions: What they were taken for, N integers.
        path: The PNG file to write.
        classes: The number of classes.

    Raises:
        ImportError: matplotlib is not installed.
    """
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (_numpy(labels), _numpy(predictions)), 1)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    with _picture(path, 7.6, 6.8) as figure:
        axes = figure.subplots()
        image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.set_title("Confusion matrix of the test set")
        axes.set_xlabel("what the network reads")
        axes.set_ylabel("what it is")
        axes.set_xticks(range(classes))
        axes.set_yticks(range(classes))
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xticks(np.arange(1, classes) - 0.5, minor=True)
        axes.set_yticks(np.arange(1, classes) - 0.5, minor=True)
        axes.grid(which="minor", color=PAPER, linewidth=2)
        axes.tick_params(which="minor", length=0)
        for (row, column), count in np.ndenumerate(counts):
            mistake = bool(count) and row != column
            axes.text(
                column,
                row,
                str(count) if count else "·",
                ha="center",
                va="center",
                fontweight="bold" if mistake else "normal",
                color=RED if mistake else PAPER if shares[row, column] > 0.5 else GREY,
            )
        bar = figure.colorbar(image, shrink=0.82, ticks=[0, 0.25, 0.5, 0.75, 1], pad=0.03)
        bar.ax.set_yticklabels(["0 %", "25 %", "50 %", "75 %", "100 %"])
        bar.ax.tick_params(length=0)
        bar.outline.set_visible(False)
        bar.set_label("share of the digit's images", labelpad=8)


def function_fit(
    x: Any, truth: Any, fitted: Any, samples: tuple[Any, Any], losses: Sequence[float], path: File
) -> None:
    """Draw a function, noisy samples of it and what a network made of them, beside the loss.

    Args:
        x: Where the two curves are drawn, N increasing numbers.
        truth: The function there, N numbers.
        fitted: The network there, N numbers.
        samples: The inputs and targets that the network learned from.
        losses: The loss after each step.
        path: The PNG file to write.

    Raises:
        ImportError: matplotlib is not installed.
    """
    with _picture(path, 10.5, 4.2) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
        left.plot(*map(_numpy, samples), "o", color=GREY, alpha=0.45, ms=4, mew=0, label="samples")
        left.plot(_numpy(x), _numpy(truth), "--", color=ORANGE, label="function")
        left.plot(_numpy(x), _numpy(fitted), "-", color=BLUE, label="network")
        left.set_title("A network fits a function")
        left.set_xlabel("x")
        left.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.16))
        right.plot(np.arange(1, len(losses) + 1), losses, color=BLUE, linewidth=1.5)
        right.set_title("Loss (mean squared error)")
        right.set_xlabel("step")
        right.set_yscale("log")
        _plain_log_ticks(right.yaxis)
        for axes in (left, right):
            axes.grid(axis="y")
            axes.tick_params(length=0)
            axes.margins(x=0.02)


@contextmanager
def _picture(path: File, width: float, height: float) -> Iterator[Any]:
    """A figure of so many inches, written to ``path`` when the block ends without an error."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("pictures need the package matplotlib: pip install matplotlib") from error
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **STYLE}):
        figure = Figure(figsize=(width, height))
        figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
        yield figure
        figure.savefig(path, format="png")


def _plain_log_ticks(axis: Any) -> None:
    """Ticks 0.1, 0.2, 0.5, 1 in place of powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def _numpy(values: Any) -> np.ndarray:
    return values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)
