"""Where the time goes: per operator, module and line of the program, forward and backward."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.files.replacing import replacing
from autograd_core.observer import current, observe
from autograd_core.source import place
from autograd_core.utils.tables import table
from autograd_core.utils.watching import check_model, watching


class Event(NamedTuple):
    """One operator, or one gradient rule.

    Attributes:
        operator: its name.
        module: the path of the module that called it; ``""`` outside of modules.
        backward: whether it is the operator's gradient rule.
        start, seconds: when it began, from the start of the profile, and how long it took.
        code, lasti: where in the user's program it was called.
    """

    operator: str
    module: str
    backward: bool
    start: float
    seconds: float
    code: CodeType | None
    lasti: int

    @property
    def place(self) -> str:
        """``file.py:12`` in the user's program."""
        return place(self.code, self.lasti)


@dataclass
class Profile:
    """What `profile` saw; printed as a table by operator.

    Attributes:
        events: in their order.
        seconds: how long the profile lasted.
    """

    events: list[Event] = field(default_factory=list)
    seconds: float = 0.0

    def by(self, *keys: str) -> list[tuple[Any, ...]]:
        """Sums by ``"operator"``, ``"module"``, ``"place"``, ``"backward"`` or several of these.

        Returns:
            Rows of the keys' values, the number of calls and the seconds, the slowest first.

        Raises:
            ValueError: there is no such key, or none is given.
        """
        unknown = [key for key in keys if key not in ("operator", "module", "place", "backward")]
        if unknown or not keys:
            raise ValueError(
                f"Profile.by: expected some of operator, module, place and backward, got {keys}"
            )
        sums: dict[tuple[Any, ...], list[float]] = {}
        for event in self.events:
            entry = sums.setdefault(tuple(getattr(event, key) for key in keys), [0, 0.0])
            entry[0] += 1
            entry[1] += event.seconds
        rows = [(*key, int(calls), seconds) for key, (calls, seconds) in sums.items()]
        return sorted(rows, key=lambda row: -row[-1])

    def table(self, *keys: str, most: int = 20) -> str:
        """The rows of ``by`` as text, at most ``most`` of them."""
        rows = self.by(*keys)
        head = [*keys, "calls", "time", "share"]
        lines = [
            [*("backward" if k is True else "forward" if k is False else k for k in row[:-2]),
             row[-2], _time(row[-1]), f"{100 * row[-1] / max(self.seconds, 1e-12):.1f} %"]
            for row in rows[:most]
        ]  # fmt: skip
        known = sum(row[-1] for row in rows)
        rest = max(self.seconds - known, 0.0)
        share = f"{100 * rest / max(self.seconds, 1e-12):.1f} %"
        blank = [""] * (len(keys) - 1)
        return table(head, lines, ["elsewhere", *blank, "", _time(rest), share])

    def __str__(self) -> str:
        return self.table("operator", "backward")

    def chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Write the events for ``chrome://tracing`` or https://ui.perfetto.dev.

        Raises:
            FileNotFoundError: the folder does not exist.
        """
        events = [
            {
                "name": f"{e.operator} (backward)" if e.backward else e.operator,
                "cat": "backward" if e.backward else "forward", "ph": "X",
                "ts": 1e6 * e.start, "dur": 1e6 * e.seconds, "pid": 0, "tid": 0,
                "args": {"module": e.module, "place": e.place},
            }
            for e in self.events
        ]  # fmt: skip
        text = json.dumps({"traceEvents": events, "displayTimeUnit": "ms"})
        with replacing(Path(path), "Profile.chrome_trace") as temporary:
            temporary.write_text(text, encoding="utf-8")


@contextmanager
def profile(model: Any = None) -> Iterator[Profile]:
    """Inside, time every operator that is recorded, and every gradient rule.

    An operator's time runs from the end of the one before it, or from the beginning of its module,
    so it holds the Python code that leads to it; what is left of the whole (loading data, the
    optimizer) stands at the table's end as "elsewhere". On a GPU each operator is waited for.

    Args:
        model: a module, whose parts the events then name; default none.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.utils import profile
        >>> model = ag.nn.Sequential(ag.nn.Linear(4, 4), ag.nn.ReLU())
        >>> with profile(model) as seen:
        ...     model(ag.ones(2, 4)).sum().backward()
        >>> [(e.operator, e.module, e.backward) for e in seen.events]
        ... # doctest: +NORMALIZE_WHITESPACE
        [('linear', '0', False), ('relu', '1', False), ('sum', '', False),
         ('sum', '', True), ('relu', '1', True), ('linear', '0', True)]
    """
    result = Profile()
    clock = time.perf_counter
    modules: dict[int, str] = {}  # of nodes, for their rules; nodes live until backward is done
    begun = last = clock()

    def seen(path: str, node: Any, inputs: Any, outputs: Any) -> None:
        nonlocal last
        _wait(outputs)
        now = clock()
        backward = inputs is None
        if backward:
            path = modules.get(id(node), "")
        else:
            modules[id(node)] = path
        result.events.append(
            Event(node.operator, path, backward, last - begun, now - last, node.code, node.lasti)
        )
        last = clock()

    def between(*_: Any) -> None:
        nonlocal last
        last = clock()

    with ExitStack() as stack:
        if model is None:
            stack.enter_context(_observed(seen))
        else:
            check_model("profile", model)
            stack.enter_context(watching(model, seen, before=between))
        try:
            yield result
        finally:
            result.seconds = clock() - begun


@contextmanager
def _observed(seen: Callable[..., None]) -> Iterator[None]:
    check, pack = current()

    def observer(node: Any, inputs: Any, outputs: Any) -> None:
        if check is not None:
            check(node, inputs, outputs)
        seen("", node, inputs, outputs)

    observe(observer, pack)
    try:
        yield
    finally:
        observe(check, pack)


def _wait(arrays: Any) -> None:
    for array in arrays:
        if type(array) is np.ndarray:  # (the usual case, and there is nothing to wait for)
            return
        if hasattr(array, "dtype"):
            backend_of(array).synchronize()
            return


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e6:.1f} us"
