"""The command line: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import chart, machine
from benchmarks.case import Case, select
from benchmarks.contender import contenders
from benchmarks.crossover import crossovers
from benchmarks.noise import processors
from benchmarks.report import case_table, machine_text, results_text
from benchmarks.runner import Settings, run

RESULTS = Path(__file__).resolve().parent / "results"


def parser() -> argparse.ArgumentParser:
    """The options."""
    p = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Times operators and training steps over a range of sizes; writes a table, "
        "JSON and charts to benchmarks/results/NAME.",
    )
    p.add_argument("--list", action="store_true", help="print the names of the cases and end")
    p.add_argument(
        "--filter", nargs="+", default=[], metavar="PATTERN",
        help="only cases whose name contains PATTERN, or matches it as a glob",
    )  # fmt: skip
    p.add_argument(
        "--devices", nargs="+", choices=["cpu", "cuda"],
        help="where to run (default: cpu, and cuda if there is a GPU)",
    )  # fmt: skip
    p.add_argument(
        "--against", nargs="*", choices=["torch", "bare"],
        help="what to compare with: PyTorch, bare NumPy (CuPy on a GPU), both, or nothing "
        "(default: bare, and torch if it is installed)",
    )  # fmt: skip
    p.add_argument("--quick", action="store_true", help="two sizes, two short turns")
    p.add_argument("--repeat", type=int, metavar="N", help="turns per contender (default: 5)")
    p.add_argument("--seconds", type=float, help="length of a turn (default: 0.15)")
    p.add_argument(
        "--retries", type=int, default=10,
        help="noisy turns taken again, per case and size (default: 10)",
    )  # fmt: skip
    p.add_argument(
        "--threads", type=int, default=len(processors()),
        help="processor threads for every library (default: all processors)",
    )  # fmt: skip
    p.add_argument(
        "--out", default="latest", metavar="NAME",
        help="a folder in benchmarks/results, or a path with a slash (default: latest)",
    )  # fmt: skip
    return p


def settings_from(options: argparse.Namespace) -> Settings:
    """How long and how often to measure; raises ValueError for an impossible wish."""
    rounds = options.repeat if options.repeat is not None else 2 if options.quick else 5
    seconds = options.seconds if options.seconds is not None else 0.05 if options.quick else 0.15
    limits = [
        ("repeat", rounds, 1),
        ("threads", options.threads, 1),
        ("retries", options.retries, 0),
    ]
    for name, value, least in limits:
        if value < least:
            raise ValueError(f"--{name} must be at least {least}, got {value}")
    if not 0 < seconds <= 60:
        raise ValueError(f"--seconds must be above 0 and at most 60, got {seconds}")
    return Settings(rounds, seconds, options.retries, options.threads)


def field(options: argparse.Namespace, about: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The libraries and the devices; raises ValueError for one that is not there."""
    devices = options.devices or (["cpu", "cuda"] if about["gpus"] else ["cpu"])
    against = options.against
    if against is None:
        against = ["bare", "torch"] if about["torch"] else ["bare"]
    if "cuda" in devices and not about["gpus"]:
        raise ValueError(
            "--devices cuda: CuPy finds no GPU; `python -m autograd_core info` says why"
        )
    if "torch" in against and about["torch"] is None:
        raise ValueError("--against torch: PyTorch is not installed; `pip install torch` mends it")
    return ["autograd_core", *against], devices


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    options = parser().parse_args(arguments)
    cases = select(options.filter)
    if options.list:
        for case in cases:
            print(f"{case.name:32} {case.unit}: {', '.join(map(str, case.sizes))}")
        return 0
    try:
        settings = settings_from(options)
        if not cases:
            raise ValueError(f"--filter {' '.join(options.filter)}: no case; --list shows them all")
        about = machine.ask(settings.threads)
        libraries, devices = field(options, about)
    except ValueError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    folder = Path(options.out) if "/" in options.out else RESULTS / options.out
    try:
        rows = measure(cases, libraries, devices, settings, options.quick, about, folder)
    except KeyboardInterrupt:
        print(f"\nbenchmarks: interrupted; {folder} has the cases that were done", file=sys.stderr)
        return 130
    failed = [row for row in rows if "error" in row]
    if failed:
        print(f"benchmarks: {len(failed)} of {len(rows)} measurements failed", file=sys.stderr)
    return 1 if failed else 0


def measure(
    cases: list[Case],
    libraries: list[str],
    devices: list[str],
    settings: Settings,
    quick: bool,
    about: dict[str, Any],
    folder: Path,
) -> list[dict]:
    """Runs the cases, printing each table as it is done, writes the results, returns the rows."""
    entrants = contenders(libraries, devices)
    if about["torch"] is not None and not about["torch"]["cuda"]:
        entrants = [c for c in entrants if (c.library, c.device) != ("torch", "cuda")]
    results: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "machine": about,
        "settings": asdict(settings),
        "rows": [],
        "crossovers": {},
    }
    folder.mkdir(parents=True, exist_ok=True)
    print(machine_text(about), flush=True)
    for case, rows in run(cases, entrants, settings, quick):
        results["rows"] += rows
        results["crossovers"] |= crossovers(rows)
        print("\n" + case_table(rows, results["crossovers"].get(case.name)), flush=True)
        write(results, folder)
    try:
        charts = chart.draw(results, folder)
    except ImportError:
        charts = []
        print("\nNo charts: they need Matplotlib (`pip install matplotlib`).", file=sys.stderr)
    print("\nWritten:", *(str(p) for p in [folder / "results.json", folder / "table.txt", *charts]))
    return results["rows"]


def write(results: dict[str, Any], folder: Path) -> None:
    """Writes what there is so far; after every case, so that an interrupted run leaves its part."""
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "table.txt").write_text(results_text(results))


if __name__ == "__main__":
    raise SystemExit(main())
