"""Numbers of a run, step by step: in a table on disk, and in TensorBoard where it is installed."""

from __future__ import annotations

import csv
import itertools
import operator
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograd_core.base import TensorBase
from autograd_core.files.replacing import replacing

_numbers = itertools.count()


class MetricLogger:
    """Writes metrics to ``metrics.csv`` in a folder, one line for each step.

    Every line is on the disk when ``log`` returns, so nothing is lost with a run that ends early; a
    run that goes on appends. A metric that is new gets a column of its own, and one that is missing
    in a step an empty field.

    Args:
        folder: where the file is; made if it is missing.
        tensorboard: also write TensorBoard's event files, for which the package ``tensorboardX`` is
            needed; default if it is installed.

    Raises:
        ImportError: ``tensorboard=True`` without the package.

    Example:
        >>> import tempfile, pathlib
        >>> from autograd_core.utils import MetricLogger
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with MetricLogger(folder, tensorboard=False) as log:
        ...         log.log(0, loss=2.5)
        ...         log.log(1, loss=1.5, accuracy=0.75)
        ...     print(pathlib.Path(folder, "metrics.csv").read_text().replace("\\r", ""))
        ...     log.history()["loss"]
        step,loss,accuracy
        0,2.5,
        1,1.5,0.75
        <BLANKLINE>
        [2.5, 1.5]
    """

    def __init__(self, folder: str | os.PathLike[str], *, tensorboard: bool | None = None) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / "metrics.csv"
        self._lines = self._read()
        self._columns = list(dict.fromkeys(name for line in self._lines for name in line))
        self._file: Any = None
        self._board = _board(self.folder) if tensorboard is not False else None
        self._boards = self._board is not None
        if tensorboard and self._board is None:
            raise ImportError(
                "MetricLogger: tensorboard=True needs the package tensorboardX:"
                " pip install tensorboardX"
            )

    def log(self, step: int, metrics: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Note the metrics of a step.

        Args:
            step: its number.
            metrics, more: numbers by name; tensors of one element count as numbers.

        Raises:
            TypeError: a metric is no number, its name no text, or the step no whole number.
            ValueError: a metric is called ``step``.
        """
        line: dict[str, Any] = {"step": _whole(step)}
        for name, value in {**(metrics or {}), **more}.items():
            if not isinstance(name, str):
                raise TypeError(f"MetricLogger: expected the name of a metric, got {name!r}")
            if name == "step":
                raise ValueError("MetricLogger: a metric cannot be called 'step'")
            line[name] = _number(name, value)
        self._lines.append(line)
        new = [name for name in line if name not in self._columns]
        if new or self._file is None:
            self._columns += new
            self._rewrite()
        else:
            csv.writer(self._file).writerow(self._row(line))
            self._file.flush()
        if self._boards:
            if self._board is None:
                self._board = _board(self.folder)
            for name, value in line.items():
                if name != "step":
                    self._board.add_scalar(name, value, line["step"])

    def history(self) -> dict[str, list[Any]]:
        """All that was logged, as one list for each column, None where a step has no value."""
        return {name: [line.get(name) for line in self._lines] for name in self._columns}

    def close(self) -> None:
        """Close the files; ``log`` opens them again."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._board is not None:
            self._board.close()  # (flush() would not wait for its thread)
            self._board = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        try:
            return [
                {k: int(v) if k == "step" else float(v) for k, v in line.items() if v}
                for line in lines
            ]
        except (TypeError, ValueError):
            raise ValueError(
                f"MetricLogger: {self.path} is no table of metrics. Mend: another folder"
            ) from None

    def _rewrite(self) -> None:
        """The whole table, beside its place and moved there; then go on appending."""
        if self._file is not None:
            self._file.close()
            self._file = None
        with (
            replacing(self.path, "MetricLogger") as temporary,
            temporary.open("w", newline="", encoding="utf-8") as file,
        ):
            csv.writer(file).writerow(self._columns)
            csv.writer(file).writerows(map(self._row, self._lines))
        self._file = self.path.open("a", newline="", encoding="utf-8")

    def _row(self, line: dict[str, Any]) -> list[Any]:
        return [line.get(name, "") for name in self._columns]


def _whole(step: Any) -> int:
    try:
        return operator.index(step)
    except TypeError:
        raise TypeError(f"MetricLogger: step must be a whole number, got {step!r}") from None


def _number(name: str, value: Any) -> float:
    if isinstance(value, TensorBase):
        if value._array.size != 1:
            raise TypeError(
                f"MetricLogger: the metric {name!r} has shape {tuple(value._array.shape)}; expected"
                f" one number"
            )
        value = value.item()  # type: ignore[attr-defined]
    if isinstance(value, complex) or not hasattr(value, "__float__"):
        raise TypeError(
            f"MetricLogger: the metric {name!r} is a {type(value).__name__}; expected a number"
        )
    return float(value)


def _board(folder: Path) -> Any:
    """A writer with a file of its own: its usual name holds the second only."""
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), filename_suffix=f".{os.getpid()}.{next(_numbers)}")
