"""The benchmark runner: what it declares, measures, retakes, computes, prints and writes.

Nothing here asserts how long anything takes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import noise, worker
from benchmarks.__main__ import main
from benchmarks.case import Case
from benchmarks.chart import draw
from benchmarks.contender import Contender, contenders
from benchmarks.crossover import crossover, crossovers
from benchmarks.report import case_table, results_text, seconds_text
from benchmarks.runner import quartiles, summarise, turn_and_turn_about
from benchmarks.worker import Worker, WorkerError, environment

pytestmark = pytest.mark.cpu_only

ROW = {
    "case": "family/thing", "unit": "elements", "calls": 10, "blocks": 4, "retaken": 0,
    "noisy": False, "others": 0.0, "fastest": 1e-6, "memory": {"host": 1.5, "device": None},
}  # fmt: skip


def row(library: str, device: str, size: int, median: float, **changes: object) -> dict:
    """A row as the runner makes it."""
    fields = {
        "size": size, "library": library, "device": device,
        "contender": Contender(library, device).label,
        "median": median, "q1": median * 0.9, "q3": median * 1.2,
    }  # fmt: skip
    return ROW | fields | changes


def gpu_results() -> dict:
    """Results with two devices, as a machine with a GPU would write them."""
    rows = [
        row("autograd_core", "cpu", 16, 1e-6, noisy=True),
        row("bare", "cpu", 16, 5e-7),
        row("torch", "cpu", 16, 2e-6),
        row("autograd_core", "cuda", 16, 1e-5, memory={"host": 9.0, "device": 2.0}),
        row("torch", "cuda", 16, 2e-5),
        row("autograd_core", "cpu", 1600, 1e-4),
        row("bare", "cpu", 1600, 9e-5),
        {k: v for k, v in row("torch", "cpu", 1600, 1.0).items() if k != "median"}
        | {"error": "RuntimeError: no"},
        row("autograd_core", "cuda", 1600, 1e-5),
        row("torch", "cuda", 1600, 2e-5),
    ]
    machine = {
        "cpu": "A CPU", "processors": 2, "memory_gib": 8.0, "system": "Linux",
        "gpus": [{"name": "A GPU", "memory_gib": 80.0, "cuda": "13.0"}],
        "python": "3.11.0", "numpy": "2.4.0", "cupy": "14.0.0", "autograd_core": "0.1.0",
        "commit": "abc", "torch": {"version": "2.13.0", "cuda": True, "mkl": True},
        "blas": {"name": "openblas", "version": "0.3", "kernels": "Zen"},
    }  # fmt: skip
    return {
        "date": "2026-01-01 00:00", "machine": machine, "rows": rows,
        "settings": {"rounds": 5, "seconds": 0.1, "retries": 3, "threads": 2},
        "crossovers": crossovers(rows),
    }  # fmt: skip


# Noise

STAT = """cpu  100 0 50 1000 10 0 0 0 0 0
cpu0 50 5 20 400 10 1 2 3 7 0
cpu1 50 0 30 600 0 0 0 0 0 0
intr 12345
"""


def test_machine_seconds_counts_the_processors_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "TICK", 1.0)
    # Idle and waiting for a disk are not busy; steal is; guest time is not counted twice.
    assert noise.machine_seconds(STAT, {0}) == (491, 81)
    assert noise.machine_seconds(STAT, {0, 1}) == (491 + 680, 81 + 80)


def test_watch_takes_its_own_time_off(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    stat, clock = tmp_path / "stat", iter([1.0, 2.0])
    monkeypatch.setattr(noise, "TICK", 0.01)
    monkeypatch.setattr(noise, "STAT", stat)
    monkeypatch.setattr(noise, "processors", lambda: {0, 1})
    monkeypatch.setattr(noise, "own_seconds", lambda: next(clock))
    stat.write_text("cpu0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0\n")
    watch = noise.Watch()
    # 2 s passed on 2 processors; 1.31 s were busy, 1 s of it ours, one tick in doubt.
    stat.write_text("cpu0 101 0 0 0 0 0 0 0\ncpu1 30 0 0 70 0 0 0 0\n")
    assert watch.others() == pytest.approx(0.30 / 2.01)


def test_without_proc_stat_the_others_are_unknown_and_not_noise(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(noise, "STAT", tmp_path / "missing")
    assert noise.Watch().others() is None
    assert not noise.is_noisy(None)


def test_more_than_five_percent_is_noisy() -> None:
    assert not noise.is_noisy(0.05)
    assert noise.is_noisy(0.051)


# Turns


def asker(shares: list[float], log: list[str], label: str):
    """A contender whose turns see others use these shares, one after the other."""
    remaining = iter(shares)

    def ask() -> dict:
        log.append(label)
        return {"times": [1.0, 2.0], "others": next(remaining), "memory": {}}

    return ask


def test_contenders_alternate_and_noisy_turns_are_taken_again() -> None:
    log: list[str] = []
    pauses: list[float] = []
    kept = turn_and_turn_about(
        {"a": asker([0.0, 0.0], log, "a"), "b": asker([0.5, 0.01, 0.0], log, "b")},
        rounds=2, retries=5, pause=pauses.append,
    )  # fmt: skip
    assert log == ["a", "b", "b", "a", "b"]
    assert [turn["others"] for turn in kept["b"]["turns"]] == [0.01, 0.0]
    assert (kept["a"]["retaken"], kept["b"]["retaken"]) == (0, 1)
    assert len(pauses) == 1


def test_retakes_are_bounded_and_the_quietest_turn_is_kept_as_noisy() -> None:
    log: list[str] = []
    kept = turn_and_turn_about(
        {"a": asker([0.5, 0.2, 0.9, 0.3], log, "a")}, rounds=2, retries=2, pause=lambda s: None
    )
    assert [turn["others"] for turn in kept["a"]["turns"]] == [0.2, 0.3]
    summary = summarise(kept["a"])
    assert summary["noisy"] and summary["retaken"] == 2 and summary["others"] == 0.3


def test_a_contender_that_fails_does_not_stop_the_others() -> None:
    def broken() -> dict:
        raise WorkerError("out of memory")

    log: list[str] = []
    kept = turn_and_turn_about(
        {"a": broken, "b": asker([0.0, 0.0], log, "b")}, 2, 0, lambda s: None
    )
    assert summarise(kept["a"]) == {"error": "out of memory"}
    assert len(kept["b"]["turns"]) == 2


def test_summary_pools_the_blocks_of_all_turns() -> None:
    turns = [
        {"times": [5.0, 1.0], "others": None, "memory": {"host": 1.0}},
        {"times": [3.0, 2.0, 4.0], "others": None, "memory": {"host": 2.0}},
    ]
    summary = summarise({"turns": turns, "retaken": 0})
    assert [summary[k] for k in ("q1", "median", "q3", "fastest")] == [2.0, 3.0, 4.0, 1.0]
    assert summary["turn_medians"] == [3.0, 3.0] and summary["blocks"] == 5
    assert summary["memory"] == {"host": 2.0}
    assert summary["others"] is None and summary["noisy"] is False
    assert quartiles([7.0]) == (7.0, 7.0, 7.0)


# Crossover


@pytest.mark.parametrize(
    ("cpu", "gpu", "expected"),
    [
        ({1: 1.0, 100: 100.0}, {1: 10.0, 100: 10.0}, 10.0),
        ({1: 2.0, 10: 2.0}, {1: 1.0, 10: 1.0}, 1.0),  # always faster
        ({1: 1.0, 10: 1.0}, {1: 2.0, 10: 2.0}, None),  # never
        ({1: 1.0, 10: 1.0}, {1: 1.0, 10: 1.0}, None),  # a tie is not faster
        ({1: 9.0, 10: 1.0, 100: 100.0}, {1: 1.0, 10: 10.0, 100: 10.0}, 10 * 10 ** (1 / 2)),
        ({1: 1.0}, {}, None),
        ({1: 1.0, 10: 10.0}, {10: 1.0}, 10.0),  # only sizes that both have
    ],
)
def test_crossover(cpu: dict, gpu: dict, expected: float | None) -> None:
    found = crossover(cpu, gpu)
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-6))


def test_crossovers_by_case_and_library() -> None:
    found = gpu_results()["crossovers"]
    # PyTorch failed on the CPU at the largest size, and was the faster one there at the smallest.
    assert found == {"family/thing": {"autograd_core": pytest.approx(160.0)}}


# Reports


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3.2e-8, "32.0 ns"), (1.234e-6, "1.23 us"), (9.996e-6, "10.0 us"), (9.996e-4, "1.00 ms"),
        (0.0999, "99.9 ms"), (0.5, "500 ms"), (1.5, "1.50 s"),
    ],
)  # fmt: skip
def test_seconds_text(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_table_shows_ratios_noise_failures_memory_and_crossover() -> None:
    results = gpu_results()
    lines = case_table(results["rows"], results["crossovers"]["family/thing"]).splitlines()
    assert lines[0] == "family/thing (size: elements)"
    heading, small, large = lines[1:4]
    assert [h for h in heading.split("  ") if "ours" in h] == [
        "ours / numpy", "ours / torch cpu", "ours / torch cuda",
    ]  # fmt: skip
    assert "1.00 us~ -10/+20 %" in small
    assert small.split()[-12:-9] == ["2.00", "0.50", "0.50"]
    assert small.endswith("1.5 / 1.5 / 1.5 / 2.0 / 1.5")
    assert "failed" in large and large.endswith("1.5 / 1.5 / - / 1.5 / 1.5")
    assert "  torch cpu at 1,600: RuntimeError: no" in lines
    assert lines[-1] == "  autograd_core: the GPU is faster from about 160 on"


def test_report_names_hardware_and_versions() -> None:
    text = results_text(gpu_results())
    hardware = ["A CPU, 2 processors", "A GPU, 80.0 GiB, CUDA 13.0", "(Zen kernels)"]
    versions = ["NumPy 2.4.0 with openblas 0.3", "CuPy 14.0.0", "PyTorch 2.13.0", "Python 3.11.0"]
    for part in [*hardware, *versions, "2 threads"]:
        assert part in text


def test_charts_are_drawn(tmp_path) -> None:
    pytest.importorskip("matplotlib")
    written = draw(gpu_results(), tmp_path)
    assert [path.name for path in written] == ["family.png", "ratios.png"]
    for path in written:
        assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 10_000


def test_no_overview_without_pytorch(tmp_path) -> None:
    pytest.importorskip("matplotlib")
    results = gpu_results()
    results["rows"] = [r for r in results["rows"] if r["library"] != "torch"]
    assert [path.name for path in draw(results, tmp_path)] == ["family.png"]


# Processes


def test_children_start_without_openblas_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    child = environment(threads=3)
    assert not [name for name in child if name.startswith("OPENBLAS_")]
    assert child["OMP_NUM_THREADS"] == child["MKL_NUM_THREADS"] == "3"
    assert child["PATH"] == os.environ["PATH"]


JOB = {
    "case": "elementwise/add", "size": 16, "library": "bare", "device": "cpu",
    "seconds": 0.001, "threads": 1,
}  # fmt: skip


def test_a_worker_measures_a_turn_whenever_it_is_asked() -> None:
    asked = Worker(JOB)
    try:
        assert asked.wait()["calls"] >= 1
        for _ in range(2):
            turn = asked.turn()
            assert turn["times"] and min(turn["times"]) > 0
            assert turn["memory"]["host"] >= 0 and turn["memory"]["device"] is None
    finally:
        asked.close()


def test_a_worker_that_cannot_run_its_case_says_why() -> None:
    asked = Worker(JOB | {"library": "no_such_library"})
    try:
        with pytest.raises(WorkerError, match=r"ModuleNotFoundError: .*no_such_library"):
            asked.wait()
    finally:
        asked.close()


def test_a_worker_that_dies_or_hangs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = Worker(JOB, timeout=0.0)
    try:
        with pytest.raises(WorkerError, match="no answer within 0 s"):
            hanging.wait()
    finally:
        hanging.close()
    monkeypatch.setattr(worker.json, "dumps", lambda job: "not JSON")
    dying = Worker(JOB)
    try:
        with pytest.raises(WorkerError, match=r"ended with code 1: .*JSONDecodeError"):
            dying.wait()
    finally:
        dying.close()


def test_a_quick_run_writes_table_json_and_chart(tmp_path, capsys) -> None:
    out = tmp_path / "tiny"
    arguments = ["--quick", "--filter", "elementwise/ad[d]", "--seconds", "0.001", "--repeat", "1"]
    arguments += ["--retries", "0", "--devices", "cpu", "--against", "bare", "--threads", "1"]
    assert main([*arguments, "--out", str(out)]) == 0
    results = json.loads((out / "results.json").read_text())
    assert {"date", "machine", "settings", "rows", "crossovers"} == results.keys()
    assert {"cpu", "processors", "python", "numpy", "blas", "gpus"} <= results["machine"].keys()
    assert results["settings"]["threads"] == 1
    rows = results["rows"]
    assert [(r["contender"], r["size"]) for r in rows] == [
        ("autograd_core cpu", 16), ("numpy", 16),
        ("autograd_core cpu", 16_384), ("numpy", 16_384),
    ]  # fmt: skip
    for r in rows:
        assert r["q1"] <= r["median"] <= r["q3"] and r["fastest"] > 0
        assert {"noisy", "others", "retaken", "memory", "blocks", "calls"} <= r.keys()
    printed = capsys.readouterr().out
    assert "elementwise/add (size: elements)" in printed and "ours / numpy" in printed
    assert "elementwise/add" in (out / "table.txt").read_text()
    if "elementwise.png" in printed:
        assert (out / "elementwise.png").exists()


def test_an_interrupted_run_leaves_the_cases_that_were_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def one_case_and_then_control_c(cases: list[Case], *rest: object) -> Iterator[object]:
        yield cases[0], [row("autograd_core", "cpu", 16, 1e-6)]
        raise KeyboardInterrupt

    about = gpu_results()["machine"]
    monkeypatch.setattr("benchmarks.machine.ask", lambda threads: about)
    monkeypatch.setattr("benchmarks.__main__.run", one_case_and_then_control_c)
    assert main(["--devices", "cpu", "--out", str(tmp_path / "stopped")]) == 130
    assert "interrupted" in capsys.readouterr().err
    results = json.loads((tmp_path / "stopped" / "results.json").read_text())
    assert len(results["rows"]) == 1
    assert "family/thing" in (tmp_path / "stopped" / "table.txt").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--filter", "nothing like it"], "no case; --list shows them all"),
        (["--repeat", "0"], "--repeat must be at least 1, got 0"),
        (["--seconds", "-1"], "--seconds must be above 0"),
        (["--threads", "0"], "--threads must be at least 1, got 0"),
    ],
)
def test_bad_options_give_one_line(arguments: list[str], message: str, capsys) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_missing_gpu_and_missing_pytorch_give_one_line(monkeypatch, capsys) -> None:
    monkeypatch.setattr("benchmarks.machine.ask", lambda threads: {"gpus": [], "torch": None})
    for arguments in (["--devices", "cuda"], ["--against", "torch"]):
        assert main(arguments) == 2
        error = capsys.readouterr().err
        assert " ".join(arguments) in error and error.count("\n") == 1


def test_contenders_of_one_device_stand_together() -> None:
    labels = [c.label for c in contenders(["autograd_core", "bare", "torch"], ["cpu", "cuda"])]
    assert labels == [
        "autograd_core cpu", "numpy", "torch cpu", "autograd_core cuda", "cupy", "torch cuda",
    ]  # fmt: skip
