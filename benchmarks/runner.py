"""Runs cases: a process per contender, turn and turn about, noisy turns again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from benchmarks.case import Case
from benchmarks.contender import Contender
from benchmarks.noise import is_noisy
from benchmarks.worker import Worker, WorkerError


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how often to measure.

    Args:
        rounds: turns per contender.
        seconds: length of a turn.
        retries: turns that may be taken again, per case and size, because others were busy.
        threads: processor threads every library may use.
    """

    rounds: int = 5
    seconds: float = 0.15
    retries: int = 10
    threads: int = 1


def turn_and_turn_about(
    askers: dict[str, Callable[[], dict]],
    rounds: int,
    retries: int,
    pause: Callable[[float], object] = time.sleep,
) -> dict[str, dict]:
    """Asks every contender for a turn in each round, and again when others were busy meanwhile.

    Args:
        askers: by label, a function that measures one turn.
        rounds: turns to keep per contender.
        retries: turns that may be taken again, all contenders together; when they are used up
            the quietest turn is kept and the contender's result is marked noisy.
        pause: waits before a turn is taken again, a little longer each time.

    Returns:
        By label: ``turns`` (the kept ones), ``retaken`` (how many were thrown away) and, when
        the contender failed, ``error`` instead.
    """
    kept: dict[str, dict] = {label: {"turns": [], "retaken": 0} for label in askers}
    left = retries
    for _ in range(rounds):
        for label, ask in askers.items():
            record = kept[label]
            if "error" in record:
                continue
            try:
                best = ask()
                while is_noisy(best["others"]) and left > 0:
                    left -= 1
                    record["retaken"] += 1
                    pause(min(2.0, 0.1 * 2 ** record["retaken"]))
                    best = min(best, ask(), key=lambda turn: turn["others"])
                record["turns"].append(best)
            except WorkerError as error:
                kept[label] = {"error": str(error)}
    return kept


def summarise(record: dict) -> dict:
    """Median, quartiles and the rest from the kept turns of one contender at one size."""
    if "error" in record:
        return {"error": record["error"]}
    turns = record["turns"]
    times = sorted(t for turn in turns for t in turn["times"])
    q1, median, q3 = quartiles(times)
    shares = [turn["others"] for turn in turns if turn["others"] is not None]
    return {
        "median": median,
        "q1": q1,
        "q3": q3,
        "fastest": times[0],
        "blocks": len(times),
        "turn_medians": [statistics.median(turn["times"]) for turn in turns],
        "others": max(shares) if shares else None,
        "noisy": any(is_noisy(turn["others"]) for turn in turns),
        "retaken": record["retaken"],
        "memory": turns[-1]["memory"],
    }


def quartiles(times: Sequence[float]) -> tuple[float, float, float]:
    """First quartile, median and third quartile."""
    if len(times) == 1:
        return times[0], times[0], times[0]
    q1, median, q3 = statistics.quantiles(times, n=4, method="inclusive")
    return q1, median, q3


def run_size(case: Case, size: int, entrants: list[Contender], settings: Settings) -> list[dict]:
    """Measures one case at one size with every contender; returns a row for each."""
    workers: dict[str, Worker] = {}
    askers: dict[str, Callable[[], dict]] = {}
    records: dict[str, dict] = {}
    taking_part = [c for c in entrants if c.takes_part(case)]
    try:
        for contender in taking_part:
            job = asdict(contender) | {
                "case": case.name, "size": size,
                "seconds": settings.seconds, "threads": settings.threads,
            }  # fmt: skip
            workers[contender.label] = Worker(job)
        for label, worker in workers.items():
            try:
                records[label] = worker.wait()
                askers[label] = worker.turn
            except WorkerError as error:
                records[label] = {"error": str(error)}
        for label, record in turn_and_turn_about(askers, settings.rounds, settings.retries).items():
            records[label] |= record
    finally:
        for worker in workers.values():
            worker.close()
    heading = {"case": case.name, "unit": case.unit, "size": size}
    return [
        heading | asdict(c) | {"contender": c.label, "calls": records[c.label].get("calls")}
        | summarise(records[c.label])
        for c in taking_part
    ]  # fmt: skip


def run(
    cases: list[Case], entrants: list[Contender], settings: Settings, quick: bool
) -> Iterator[tuple[Case, list[dict]]]:
    """Runs the cases one after the other and yields each with its rows.

    ``quick`` keeps the smallest and the middle size only.
    """
    for case in cases:
        sizes = sorted({case.sizes[0], case.sizes[len(case.sizes) // 2]}) if quick else case.sizes
        yield case, [row for size in sizes for row in run_size(case, size, entrants, settings)]
