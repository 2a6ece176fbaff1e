"""What one operator costs beyond its arithmetic: ``python -m benchmarks.overhead``.

Everything runs on 4x4 float32 arrays, where the arithmetic itself takes a few nanoseconds, on one
thread. NumPy, autograd_core and PyTorch take turns within every round and the ratio is taken within
the round, so that a slow moment of the machine falls on all of them. The rounds are spread over
several processes, since where the memory of a process happens to lie makes some percent of
difference to all of its rounds; the result is the median over all rounds. The garbage collector
stays on, as it is for a user.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import machine
from benchmarks.noise import LIMIT, Watch, is_noisy
from benchmarks.report import machine_text, seconds_text
from benchmarks.worker import ROOT, environment

BLOCK = 0.008
"""Seconds that one contender's block of calls lasts within a round."""

IMPORT_LIMIT = 0.060
"""Seconds that ``import autograd_core`` may add to NumPy's own import."""

SETUP = """
import gc
gc.enable()  # timeit turns it off
"""

CHAIN = """
def chain(x, a, b):
    for _ in range(20):  # 5 operators each
        x = x * b
        x = x + a
        x = x.tanh()
        x = x - b
        x = x.exp()
    return x
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """One statement, timed under every contender.

    Args:
        name: what it is called in the table.
        statement: run with ``lib``, ``a`` and ``b`` (4x4, requiring grad), ``c`` (not) and
            ``chain`` in scope.
        bare: the same on NumPy arrays ``a`` and ``b``, or None.
        no_grad: whether recording is switched off around it.
        targets: the highest ratio allowed to ``numpy`` and to ``torch``.
        per: operations in the statement; times are shown for one.
    """

    name: str
    statement: str
    bare: str | None = None
    no_grad: bool = False
    targets: dict[str, float] = field(default_factory=dict)
    per: int = 1


PROBES = (
    Probe("a + b, recorded", "a + b", "np.add(a, b)", targets={"numpy": 4.0, "torch": 0.6}),
    Probe("a + b, no input requires grad", "c + c", "np.add(a, b)"),
    Probe("a + b under no_grad", "a + b", "np.add(a, b)", no_grad=True),
    Probe("a * 2, recorded", "a * 2.0", "a * 2.0"),
    Probe("tanh, recorded", "a.tanh()", "np.tanh(a)"),
    Probe("a @ b, recorded", "a @ b", "a @ b"),
    Probe("sum, recorded", "a.sum()", "a.sum()"),
    Probe("reshape, recorded", "a.reshape(16)", "a.reshape(16)"),
    Probe("a[0], recorded", "a[0]", "a[0]"),
    Probe("sum and backward", "a.grad = None; a.sum().backward()"),
    Probe("chain of 100, forward", "chain(a, a, b)", per=100),
    Probe(
        "chain of 100, forward and backward",
        "a.grad = b.grad = None; chain(a, a, b).backward(c)",
        targets={"torch": 0.5}, per=100,
    ),
)  # fmt: skip


def scope(library: str) -> dict[str, Any]:
    """The names that a statement sees."""
    import numpy as np

    first = np.linspace(-1, 1, 16, dtype=np.float32).reshape(4, 4)
    second = np.full((4, 4), 0.5, dtype=np.float32)
    if library == "numpy":
        return {"np": np, "a": first, "b": second}
    lib = importlib.import_module(library)
    if library == "torch":
        lib.set_num_threads(1)
    names = {
        "lib": lib,
        "a": lib.tensor(first, requires_grad=True),
        "b": lib.tensor(second, requires_grad=True),
        "c": lib.ones(4, 4),
    }
    exec(CHAIN, names)
    return names


class Stopwatch:
    """Times one probe under one contender in blocks of calls."""

    def __init__(self, probe: Probe, names: dict[str, Any], library: str) -> None:
        statement = probe.bare if library == "numpy" else probe.statement
        assert statement is not None
        self._timer = timeit.Timer(statement, SETUP, globals=names)
        self._context = names["lib"].no_grad if probe.no_grad and "lib" in names else nullcontext
        self._per = probe.per
        self._calls = 1
        self._block()  # the first call loads and allocates
        while self._block() < BLOCK / 2:
            self._calls *= 2

    def _block(self) -> float:
        with self._context():
            return self._timer.timeit(self._calls)

    def seconds(self) -> float:
        """Seconds per operation in one block."""
        return self._block() / self._calls / self._per


def measure(libraries: list[str], rounds: int, retries: int) -> dict[str, Any]:
    """Times all probes; rounds in which other processes were busy are taken again.

    Returns:
        ``times[probe][library]`` (a time for each round), ``others`` (the share of the processors
        others used, for each round) and ``retaken``.
    """
    scopes = {library: scope(library) for library in libraries}
    stopwatches = {
        (probe.name, library): Stopwatch(probe, scopes[library], library)
        for probe in PROBES
        for library in libraries
        if library != "numpy" or probe.bare is not None
    }

    def once() -> tuple[float, dict[tuple[str, str], float]]:
        watch = Watch()
        times = {key: stopwatch.seconds() for key, stopwatch in stopwatches.items()}
        return watch.others() or 0.0, times

    kept, retaken = quiet_rounds(once, rounds, retries)
    by_probe: dict[str, dict[str, list[float]]] = {}
    for name, library in stopwatches:
        by_probe.setdefault(name, {})[library] = [times[name, library] for _, times in kept]
    return {"times": by_probe, "others": [others for others, _ in kept], "retaken": retaken}


def together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """What ``measure`` found in several processes, as if in one."""
    return {
        "times": {
            probe: {
                library: [x for part in parts for x in part["times"][probe][library]]
                for library in times
            }
            for probe, times in parts[0]["times"].items()
        },
        "others": [share for part in parts for share in part["others"]],
        "retaken": sum(part["retaken"] for part in parts),
    }


def ratio(times: dict[str, list[float]], library: str) -> float | None:
    """The median over the rounds of our time over the library's in the same round."""
    if library not in times or "autograd_core" not in times:
        return None
    pairs = zip(times["autograd_core"], times[library], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


def import_seconds(trace: str) -> float:
    """What ``import autograd_core`` took, from what ``python -X importtime`` wrote."""
    for line in trace.splitlines():
        if line.startswith("import time:") and line.endswith("| autograd_core"):
            return int(line.split("|")[1]) / 1e6
    raise ValueError("autograd_core is not among what was imported")


def measure_import(runs: int, retries: int) -> dict[str, Any]:
    """``import_seconds`` of fresh processes after a first one, which compiles the modules.

    NumPy is imported before, so that what it needs itself does not count as ours.

    The compiled modules go to a folder of their own, so that they are there also where
    ``PYTHONDONTWRITEBYTECODE`` keeps them from being written beside the sources.

    Returns:
        ``times`` (seconds of each run), ``others`` and ``retaken``, as ``measure`` has them.
    """
    command = [sys.executable, "-X", "importtime", "-c", "import numpy; import autograd_core"]

    variables = environment(1)
    variables.pop("PYTHONDONTWRITEBYTECODE", None)

    def once() -> tuple[float, float]:
        watch = Watch()
        done = subprocess.run(
            command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True
        )
        return watch.others() or 0.0, import_seconds(done.stderr)

    with tempfile.TemporaryDirectory() as folder:
        variables["PYTHONPYCACHEPREFIX"] = folder
        once()
        kept, retaken = quiet_rounds(once, runs, retries)
    times, others = [time for _, time in kept], [share for share, _ in kept]
    return {"times": times, "others": others, "retaken": retaken}


T = TypeVar("T")


def quiet_rounds(
    once: Callable[[], tuple[float, T]], rounds: int, retries: int
) -> tuple[list[tuple[float, T]], int]:
    """Results of ``once``, (share of others, value), and how many noisy ones were thrown away.

    When ``retries`` are used up, noisy ones are kept too.
    """
    kept: list[tuple[float, T]] = []
    retaken = 0
    while len(kept) < rounds:
        result = once()
        if is_noisy(result[0]) and retaken < retries:
            retaken += 1
        else:
            kept.append(result)
    return kept, retaken


def pad(text: str, width: int) -> str:
    """``text`` to the right of ``width`` places, to the left for a negative width."""
    return text.rjust(width) if width >= 0 else text.ljust(-width)


def verdict(value: float, target: float) -> str:
    return f"{'OK' if value <= target else 'OVER'} (at most {target:g})"


def table(found: dict[str, Any]) -> str:
    """The figures, the ratios, and how they stand to the targets."""
    times = found["times"]
    libraries = list(times[PROBES[0].name])
    others = [x for x in libraries if x != "autograd_core"]
    lines = [["per operation", *libraries, *(f"ours / {x}" for x in others), "target"]]
    for probe in PROBES:
        of_probe = times[probe.name]
        line = [probe.name]
        for library in libraries:
            known = library in of_probe
            line.append(seconds_text(statistics.median(of_probe[library])) if known else "")
        verdicts = []
        for other in others:
            value = ratio(of_probe, other)
            line.append("" if value is None else f"{value:.2f}")
            if value is not None and other in probe.targets:
                verdicts.append(f"{other} {verdict(value, probe.targets[other])}")
        lines.append([*line, ", ".join(verdicts)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    widths[0] *= -1  # names to the left, figures to the right
    text = ["  ".join(map(pad, line, widths)).rstrip() for line in lines]
    added = statistics.median(found["import"]["times"])
    text.append(
        f"\nimport autograd_core adds {1e3 * added:.1f} ms to NumPy's import: "
        f"{verdict(1e3 * added, 1e3 * IMPORT_LIMIT)}"
    )
    for what, result in (("rounds", found), ("imports", found["import"])):
        noisy = sum(is_noisy(share) for share in result["others"])
        text.append(
            f"{len(result['others'])} {what}, {result['retaken']} more were noisy and taken again; "
            f"in {noisy} of the kept ones others used more than {LIMIT:.0%} of the processors"
        )
    return "\n".join(text)


def main(arguments: list[str] | None = None) -> None:
    """Measures in a process without ``OPENBLAS_*`` variables, prints and writes the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="rounds in a process (default: 5)")
    parser.add_argument("--processes", type=int, default=7, help="one after another (default: 7)")
    parser.add_argument("--retries", type=int, default=10, help="noisy rounds taken again in each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        libraries = ["numpy", "autograd_core"]
        libraries += ["torch"] if machine.installed("torch") else []
        print(json.dumps(measure(libraries, options.repeat, options.retries)))
        return
    about = machine.ask(threads=1)
    command = [
        sys.executable, "-m", "benchmarks.overhead", "--child",
        "--repeat", str(options.repeat), "--retries", str(options.retries),
    ]  # fmt: skip
    parts = []
    for _ in range(options.processes):
        done = subprocess.run(command, env=environment(1), stdout=subprocess.PIPE, check=True)
        parts.append(json.loads(done.stdout))
    found = together(parts) | {"import": measure_import(options.processes, options.retries)}
    found["machine"] = about
    print(machine_text(about), "one thread for every library", table(found), sep="\n\n")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
