"""A progress bar for long loops: tqdm's on a terminal, where it is installed, else plain lines."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Protocol, Self

PAUSE = 5.0  # seconds between two plain lines


class Progress(Protocol):
    """What `progress` returns; a context manager."""

    def update(self, n: int = 1) -> Any:
        """Count ``n`` more steps as done."""

    def write(self, line: str) -> Any:
        """Print a line without disturbing the bar."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any: ...


class PlainProgress:
    """Progress for logs and bare terminals: a line on standard error every few seconds.

    Args:
        total: The number of steps.
        label: What is going on.
        pause: Seconds between two lines.

    Example:
        >>> from autograd_core.utils.progress import PlainProgress
        >>> with PlainProgress(2, "training") as bar:
        ...     bar.update()
        ...     bar.write("half way")
        ...     bar.update()
        half way
    """

    def __init__(self, total: int, label: str, pause: float = PAUSE) -> None:
        self.total = total
        self.label = label
        self.pause = pause
        self.done = 0
        self._started = self._spoke = time.monotonic()

    def update(self, n: int = 1) -> None:
        """Count ``n`` more steps as done."""
        self.done += n
        now = time.monotonic()
        if now - self._spoke < self.pause or self.done >= self.total:
            return
        self._spoke = now
        left = (now - self._started) / self.done * (self.total - self.done)
        print(
            f"{self.label}: {self.done} of {self.total} ({self.done / self.total:.0%}),"
            f" about {left:.0f} s left",
            file=sys.stderr,
            flush=True,
        )

    def write(self, line: str) -> None:
        """Print a line on standard output."""
        print(line, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass


def progress(total: int, label: str = "") -> Progress:
    """A progress bar over ``total`` steps.

    Args:
        total: The number of steps.
        label: What is going on, in a word or two.

    Returns:
        An object with ``update(n=1)`` and ``write(line)``, for a ``with`` statement: tqdm's bar
        where tqdm is installed and standard error is a terminal, else a `PlainProgress`.

    Example:
        >>> from autograd_core.utils.progress import progress
        >>> with progress(3, "counting") as bar:
        ...     for step in range(3):
        ...         bar.update()
    """
    if sys.stderr.isatty():
        try:
            from tqdm import tqdm
        except ImportError:
            pass
        else:
            # Lines go to standard output, the bar to standard error: a pipe gets the lines alone.
            class Bar(tqdm):
                def write(self, line: str) -> None:  # tqdm's own is a class method
                    tqdm.write(line, file=sys.stdout)

            return Bar(total=total, desc=label, leave=False, dynamic_ncols=True)
    return PlainProgress(total, label)
