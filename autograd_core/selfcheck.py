"""Check the operators on this machine: ``python -m autograd_core selfcheck [NAME ...]``.

A processor, a BLAS library or a GPU that computes something wrong shows here, and not as a model
that does not train. Every operator brings its samples, its reference and its conventions, and is
checked by what the package's own tests check it by (``operator_checks``).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from autograd_core import operator_checks as checks
from autograd_core.backends.device import device
from autograd_core.backends.registry import get_backend, is_available
from autograd_core.dtypes import bfloat16, float16, float32, float64
from autograd_core.random import fork_rng
from autograd_core.registry import Entry, operators
from autograd_core.utils.progress import progress

# What the columns of the table say: the value is the reference's; gradient and second gradient are
# those of finite differences; narrow dtypes are kept; the gradients at kinks are the stated ones;
# the GPU gives what the CPU gives.
COLUMNS = ("value", "gradient", "second", "dtype", "kinks", "gpu = cpu")
PASSED, FAILED, NOTHING = "ok", "FAILED", "-"
MOST_LINES = 8  # of one failure's message


@dataclass
class Row:
    """What was found about one operator: a word for each column, and messages by what failed."""

    name: str
    samples: int
    found: dict[str, str] = field(default_factory=dict)
    failures: dict[str, list[str]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def fail(self, column: str, message: str) -> None:
        """Note a failure; checks that fail alike are told once."""
        self.found[column] = FAILED
        self.failures.setdefault(message, []).append(column)


class Table:
    """Sets rows out as lines, as wide as these operators' names ask for."""

    def __init__(self, entries: Sequence[Entry], gpu: bool) -> None:
        self.width = max(len("operator"), *(len(entry.name) for entry in entries)) + 2
        self.columns = COLUMNS if gpu else COLUMNS[:-1]
        self.heading = self._line("operator", "samples", {c: c for c in self.columns})

    def _line(self, name: str, samples: object, words: dict[str, str]) -> str:
        cells = [f"{words.get(c, NOTHING):>{max(len(c), len(FAILED)) + 2}}" for c in self.columns]
        return f"{name:<{self.width}}{samples:>7}" + "".join(cells)

    def line(self, row: Row) -> str:
        """One row's line."""
        return self._line(row.name, row.samples, row.found)


def check_operator(entry: Entry, where: str = "cpu", gpu: str = "", fast: bool = False) -> Row:
    """Make all the checks of one operator.

    Args:
        entry: the operator.
        where: the device that its value and its gradients are checked on.
        gpu: the device that is compared with the CPU; none if empty.
        fast: compare gradients along random directions instead of element by element, and of the
            narrow dtypes look at float32 alone.

    Returns:
        A row of the table.

    Example:
        >>> from autograd_core.registry import operators
        >>> from autograd_core.selfcheck import check_operator
        >>> check_operator(operators()["softmax"]).passed
        True
    """
    samples = checks.samples(entry)
    row = Row(entry.name, len(samples))
    narrow = (float32,) if fast else (float32, float16, bfloat16)
    wide = (float64,) if fast else (float64, *narrow)

    def run(column: str, check: Callable[..., None], cases: Iterable[tuple[Any, ...]]) -> None:
        for case in cases:
            try:
                check(entry, *case)
            except Exception as error:  # whatever an operator raises here is its failure
                row.fail(column, _message(error))
                return
            row.found[column] = PASSED

    with fork_rng(), device(where):
        if entry.reference is not None:
            run("value", checks.check_value, [(s,) for s in samples])
        if entry.differentiable:
            run("gradient", checks.check_gradient, [(s, fast) for s in samples])
            run("second", checks.check_second_gradient, [(s, fast) for s in samples])
            run("dtype", checks.check_dtype, [(s, d) for d in narrow for s in samples])
        run("kinks", checks.check_convention, [(at,) for at in entry.kinks])
        if gpu:
            kinds = wide if entry.differentiable else wide[:1]
            run("gpu = cpu", checks.check_device, [(s, gpu, d) for d in kinds for s in samples])
    return row


def _message(error: Exception) -> str:
    """What went wrong, in few lines."""
    lines = [line.rstrip() for line in str(error).splitlines() if line.strip()]
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return kind + "\n    ".join(lines[:MOST_LINES])


def find(patterns: Sequence[str]) -> list[Entry]:
    """The operators that the patterns name, in alphabetical order; all of them without a pattern.

    Args:
        patterns: names or aliases, in which ``*`` and ``?`` stand for any characters; the last part
            of a name is enough where nothing has that name as a whole (``conv2d``).

    Raises:
        ValueError: a pattern names nothing; the message has the names that are near it.

    Example:
        >>> from autograd_core.selfcheck import find
        >>> [entry.name for entry in find(["conv2d", "log?p"])]
        ['log1p', 'nn.functional.conv2d']
    """
    names = {name: entry for entry in operators().values() for name in (entry.name, *entry.aliases)}
    found = {}
    for pattern in patterns or ("*",):
        chosen = [name for name in names if fnmatchcase(name, pattern)] or [
            name for name in names if fnmatchcase(name.rpartition(".")[2], pattern)
        ]
        if not chosen:
            raise ValueError(f"no operator is called {pattern!r}.{_near(pattern, names)}")
        found.update({names[name].name: names[name] for name in chosen})
    return [found[name] for name in sorted(found)]


def _near(pattern: str, names: Iterable[str]) -> str:
    """A hint at the names that are spelt nearly so, as a whole or in their last part."""
    words: dict[str, list[str]] = {}
    for name in names:
        for word in dict.fromkeys((name, name.rpartition(".")[2])):
            words.setdefault(word, []).append(name)
    found = [name for word in get_close_matches(pattern, words, 3, 0.7) for name in words[word]]
    return f" Near it: {', '.join([*dict.fromkeys(found)][:6])}." if found else ""


def add_command(commands: Any) -> None:
    """Declare ``selfcheck`` on the command line.

    Args:
        commands: the object that ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "selfcheck",
        help="check the operators on this machine",
        description="Check operators on this machine: values against NumPy, gradients and second "
        "gradients against finite differences, dtypes, conventions, the GPU against the CPU.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="operators, such as softmax or 'fft.*'; default all",
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda", "all"),
        help="cpu: the CPU alone; cuda: everything on the GPU; all: the CPU, and the GPU against "
        "it; default all where there is a GPU, else cpu",
    )
    parser.add_argument(
        "--fast", action="store_true", help="gradients along random directions, fewer dtypes"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    chosen = options.device or ("all" if is_available("cuda") else "cpu")
    gpu = "" if chosen == "cpu" else "cuda"
    try:
        entries = find(options.names)
        if gpu:
            get_backend(gpu)
    except (ValueError, RuntimeError) as error:
        print(f"selfcheck: {error}", file=sys.stderr)
        return 2
    started, rows = time.monotonic(), []
    table = Table(entries, bool(gpu))
    print(table.heading)
    with progress(len(entries), "selfcheck") as bar:
        for entry in entries:
            row = check_operator(entry, gpu if chosen == "cuda" else "cpu", gpu, options.fast)
            rows.append(row)
            bar.write(table.line(row))
            bar.update()
    failed = [row for row in rows if not row.passed]
    for row in failed:
        for message, columns in row.failures.items():
            print(f"\n{row.name}: {', '.join(columns)}\n    {message}")
    samples = sum(row.samples for row in rows)
    devices = "cpu and cuda" if chosen == "all" else chosen
    names = ", ".join(row.name for row in failed)
    print(
        f"\n{len(rows)} operator{'s'[: len(rows) != 1]} with {samples} samples on {devices} in "
        f"{time.monotonic() - started:.1f} s: "
        + (f"{len(failed)} failed: {names}" if failed else "all passed")
    )
    return 1 if failed else 0
