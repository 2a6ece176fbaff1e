"""The benchmark cases and the overhead probes: what they declare, and that they run and agree.

Nothing here asserts how long anything takes.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import overhead
from benchmarks.__main__ import main
from benchmarks.case import CASES, case, load_cases, select
from benchmarks.contender import Contender
from benchmarks.worker import ROOT

pytestmark = pytest.mark.cpu_only


def test_list_names_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out
    for name in load_cases():
        assert name in listed
    assert "elementwise/add+backward" in listed and "training/nielsen mlp" in listed


def test_listing_loads_no_array_library() -> None:
    code = (
        "import sys; from benchmarks.__main__ import main; main(['--list']);"
        "print([m for m in ('numpy', 'torch', 'autograd_core', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_select_by_substring_and_glob() -> None:
    assert {c.name for c in select(["nielsen"])} == {"training/nielsen mlp"}
    assert {c.family for c in select(["matmul/*", "training/*"])} == {"matmul", "training"}
    assert len(select([])) == len(load_cases())
    assert select(["no such case"]) == []


def test_a_case_is_declared_once_and_with_rising_sizes() -> None:
    load_cases()
    before = dict(CASES)
    with pytest.raises(ValueError, match=r"'elementwise/add' is declared twice"):
        case("elementwise/add", "elements", (1, 2), lambda lib, device, n: lambda: None)
    with pytest.raises(ValueError, match=r"sizes must rise, got \(2, 1\)"):
        case("elementwise/new", "elements", (2, 1), lambda lib, device, n: lambda: None)
    assert before == CASES


NAMES = list(load_cases())
OPERATORS = [name for name in NAMES if f"{name}+backward" in NAMES]
OTHERS = [n for n in NAMES if n not in OPERATORS and n.removesuffix("+backward") not in OPERATORS]


@pytest.mark.parametrize("name", OPERATORS)
def test_operator_case_computes_the_same_as_its_bare_one(name: str) -> None:
    declared = load_cases()[name]
    ours = Contender("autograd_core", "cpu").prepare(declared, declared.sizes[1])()
    assert ours.requires_grad
    if declared.bare is not None:
        bare = Contender("bare", "cpu").prepare(declared, declared.sizes[1])()
        np.testing.assert_allclose(ours.detach().numpy(), bare, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", OPERATORS)
def test_backward_case_computes_the_same_as_pytorch(name: str) -> None:
    pytest.importorskip("torch")
    declared = load_cases()[f"{name}+backward"]
    ours = Contender("autograd_core", "cpu").prepare(declared, declared.sizes[1])()
    theirs = Contender("torch", "cpu").prepare(declared, declared.sizes[1])()
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", OTHERS)
def test_other_cases_run_with_every_library(name: str) -> None:
    declared = load_cases()[name]
    libraries = (
        ["autograd_core", "bare", "torch"] if find_spec("torch") else ["autograd_core", "bare"]
    )
    for library in libraries:
        contender = Contender(library, "cpu")
        if contender.takes_part(declared):
            call = contender.prepare(declared, declared.sizes[0])
            call()
            call()


# Overhead

TRACE = """import time: self [us] | cumulative | imported package
import time:       100 |       60000 | numpy
import time:       300 |         900 |   autograd_core.op
import time:       400 |       35000 | autograd_core
"""


def test_import_time_is_what_comes_on_top_of_numpy() -> None:
    assert overhead.import_seconds(TRACE) == pytest.approx(0.035)
    with pytest.raises(ValueError, match="not among"):
        overhead.import_seconds(TRACE.replace("| autograd_core", "| numpy.linalg"))


def test_rounds_of_several_processes_count_as_one_measurement() -> None:
    one = {"times": {"a + b": {"numpy": [1.0, 2.0]}}, "others": [0.0, 0.1], "retaken": 1}
    two = {"times": {"a + b": {"numpy": [3.0]}}, "others": [0.2], "retaken": 2}
    assert overhead.together([one, two]) == {
        "times": {"a + b": {"numpy": [1.0, 2.0, 3.0]}}, "others": [0.0, 0.1, 0.2], "retaken": 3,
    }  # fmt: skip


def test_noisy_rounds_are_taken_again_within_bounds() -> None:
    results = iter([(0.0, "a"), (0.5, "b"), (0.9, "c"), (0.06, "d")])
    assert overhead.quiet_rounds(lambda: next(results), rounds=2, retries=2) == (
        [(0.0, "a"), (0.06, "d")], 2,
    )  # fmt: skip


def test_overhead_ratios_are_taken_within_the_round() -> None:
    times = {"autograd_core": [2.0, 40.0, 3.0], "numpy": [1.0, 10.0, 1.0]}
    assert overhead.ratio(times, "numpy") == 3.0
    assert overhead.ratio(times, "torch") is None


def test_overhead_table_shows_the_targets() -> None:
    times = {
        probe.name: {"numpy": [1e-6], "autograd_core": [3e-6], "torch": [4e-6]}
        for probe in overhead.PROBES
    }
    found = {"times": times, "others": [0.0, 0.5], "retaken": 3}
    found["import"] = {"times": [0.05, 0.07, 0.08], "others": [0.0, 0.0, 0.0], "retaken": 0}
    text = overhead.table(found)
    first = next(line for line in text.splitlines() if line.startswith("a + b, recorded"))
    assert first.endswith("numpy OK (at most 4), torch OVER (at most 0.6)")
    assert "adds 70.0 ms to NumPy's import: OVER (at most 60)" in text
    assert "3 more were noisy" in text and "in 1 of the kept ones" in text


def test_overhead_measures_every_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "BLOCK", 1e-6)
    found = overhead.measure(["numpy", "autograd_core"], rounds=1, retries=0)
    assert set(found["times"]) == {probe.name for probe in overhead.PROBES}
    for times in found["times"].values():
        assert min(times["autograd_core"]) > 0
