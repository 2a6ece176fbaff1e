"""The profiler and the metric logger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.utils import MetricLogger, profile


def model() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2)))


def test_every_operator_and_rule_is_seen_with_module_and_line() -> None:
    net = model()
    with profile(net) as seen:
        loss = net(ag.ones(3, 4)).sum()
        loss.backward()
    forward = [(e.operator, e.module) for e in seen.events if not e.backward]
    assert forward == [("linear", "0"), ("tanh", "1.0"), ("linear", "1.1"), ("sum", "")]
    assert [(e.operator, e.module) for e in seen.events if e.backward] == forward[::-1]
    assert all(e.place.startswith("test_profile_logger.py:") for e in seen.events)
    assert all(e.seconds > 0 for e in seen.events)
    assert sum(e.seconds for e in seen.events) <= seen.seconds
    starts = [e.start for e in seen.events]
    assert starts == sorted(starts)
    assert net[0].weight.grad is not None and not net[0]._forward_hooks


def test_sums_and_tables() -> None:
    net = model()
    with profile(net) as seen:
        for _ in range(3):
            net(ag.ones(3, 4)).sum().backward()
    rows = {row[0]: row[1] for row in seen.by("operator")}
    assert rows == {"linear": 12, "tanh": 6, "sum": 6}
    assert {row[:2] for row in seen.by("module", "backward")} >= {("1.0", True), ("", False)}
    seconds = [row[-1] for row in seen.by("operator", "place")]
    assert seconds == sorted(seconds, reverse=True)
    text = str(seen)
    assert text.splitlines()[0].split() == ["operator", "backward", "calls", "time", "share"]
    assert "elsewhere" in text.splitlines()[-1]
    assert len(seen.table("operator", "module", "backward", most=2).splitlines()) == 6


def test_without_a_model_and_with_anomaly_mode() -> None:
    x = ag.ones(3, requires_grad=True)
    with ag.autograd.detect_anomaly(), profile() as seen:
        (x * 2).sum().backward()
        with pytest.raises(RuntimeError, match="log"):
            (x - 1).log()
    assert [e.operator for e in seen.events] == ["mul", "sum", "sum", "mul", "sub"]
    (x * 2).sum()
    assert len(seen.events) == 5


def test_chrome_trace(tmp_path: Path) -> None:
    net = model()
    with profile(net) as seen:
        net(ag.ones(3, 4)).sum().backward()
    seen.chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert len(events) == 8 and {e["cat"] for e in events} == {"forward", "backward"}
    assert events[1]["args"]["module"] == "1.0" and events[0]["dur"] > 0
    for event in events:  # complete events, one after the other, in microseconds
        assert event["ph"] == "X" and event["pid"] == event["tid"] == 0 and event["name"]
        assert event["ts"] >= 0 and event["dur"] >= 0
    ends = [event["ts"] + event["dur"] for event in events]
    assert all(end <= event["ts"] + 1e-3 for end, event in zip(ends, events[1:]))
    with pytest.raises(FileNotFoundError, match=r"Profile\.chrome_trace: there is no folder"):
        seen.chrome_trace(tmp_path / "missing" / "trace.json")
    with pytest.raises(ValueError, match=r"expected some of operator, module.* got \('speed',\)"):
        seen.table("speed")


def test_metrics_are_on_the_disk_at_once_and_a_run_goes_on(tmp_path: Path) -> None:
    log = MetricLogger(tmp_path / "run", tensorboard=False)
    log.log(0, loss=ag.tensor(2.5))
    log.log(1, {"loss": 2.0})
    assert (tmp_path / "run" / "metrics.csv").read_text().split() == ["step,loss", "0,2.5", "1,2.0"]
    again = MetricLogger(tmp_path / "run", tensorboard=False)
    again.log(2, loss=1.0, accuracy=0.5)
    again.close()
    again.log(3, accuracy=0.75)
    assert again.history() == {
        "step": [0, 1, 2, 3], "loss": [2.5, 2.0, 1.0, None], "accuracy": [None, None, 0.5, 0.75],
    }  # fmt: skip
    assert MetricLogger(tmp_path / "run", tensorboard=False).history() == again.history()
    again.close()
    log.close()


@pytest.mark.cpu_only
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_what_was_logged_survives_a_kill(tmp_path: Path) -> None:
    code = (
        "import sys; from autograd_core.utils import MetricLogger\n"
        "log = MetricLogger(sys.argv[1], tensorboard=False)\n"
        "for i in range(len(log.history().get('step', [])), 10**9):\n"
        "    log.log(i, loss=1 / (i + 1), **({f'm{i // 40}': 1.0} if i % 40 == 0 else {}))\n"
    )
    before = 0
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            path = tmp_path / "metrics.csv"
            if path.exists() and path.read_bytes().count(b"\n") > before + 100:
                break
            time.sleep(0.005)
        process.kill()
        process.wait()
        history = MetricLogger(tmp_path, tensorboard=False).history()
        assert history["step"] == list(range(len(history["step"]))) and len(history["step"]) > 100
        assert history["loss"] == [1 / (i + 1) for i in history["step"]]
        before = len(history["step"])


def test_wrong_metrics(tmp_path: Path) -> None:
    with MetricLogger(tmp_path, tensorboard=False) as log:
        for wrong in ("text", ag.ones(2), 1j, None):
            with pytest.raises(TypeError, match="the metric 'loss'"):
                log.log(0, loss=wrong)
        for step in (1.5, "1", None):
            with pytest.raises(TypeError, match="step must be a whole number, got"):
                log.log(step, loss=1.0)
        with pytest.raises(TypeError, match="expected the name of a metric, got 3"):
            log.log(0, {3: 1.0})
        with pytest.raises(ValueError, match="cannot be called 'step'"):
            log.log(0, {"step": 1})
        assert log.history() == {}
    (tmp_path / "metrics.csv").write_text("a,b\nx,y\n")
    with pytest.raises(ValueError, match="is no table of metrics"):
        MetricLogger(tmp_path, tensorboard=False)


def test_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match="pip install tensorboardX"):
        MetricLogger(tmp_path, tensorboard=True)
    written: list[Any] = []
    suffixes: list[str] = []

    class Writer:
        def __init__(self, folder: str, filename_suffix: str) -> None:
            assert folder == str(tmp_path) and filename_suffix not in suffixes
            suffixes.append(filename_suffix)

        def add_scalar(self, *scalar: Any) -> None:
            written.append(scalar)

        def close(self) -> None:
            written.append("closed")

    module = types.ModuleType("tensorboardX")
    module.SummaryWriter = Writer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tensorboardX", module)
    with MetricLogger(tmp_path) as log:
        log.log(4, loss=0.5)
    log.log(5, loss=0.25)  # opens a file of its own
    log.close()
    assert written == [("loss", 0.5, 4), "closed", ("loss", 0.25, 5), "closed"]
    assert len(suffixes) == 2
