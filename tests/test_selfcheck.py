"""`python -m autograd_core selfcheck` finds what is wrong, and says where."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.__main__ import main
from autograd_core.backends import registry as backends
from autograd_core.backends.base import Backend
from autograd_core.op import Op
from autograd_core.registry import At, Entry, Make, Sample, operators
from autograd_core.selfcheck import check_operator, find

Declare = Callable[..., Entry]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Declares an operator for one test: the cube, unless a part of it is given."""

    def cubes(make: Make) -> Iterable[Sample]:
        yield Sample(make(2, 3))
        yield Sample(make())

    def enter(
        forward: Any = lambda xp, input: input * input * input,
        rule: Any = lambda g, input: g * (3 * input * input),
        reference: Any = lambda x: x**3,
        kinks: tuple[At, ...] = (),
    ) -> Entry:
        op = Op("cubed", forward, {"input": rule})
        entry = Entry("cubed", lambda input: op(input), cubes, reference, "none", kinks)
        monkeypatch.setitem(operators(), "cubed", entry)
        return entry

    return enter


def test_a_right_operator_passes(declare: Declare, capsys: pytest.CaptureFixture[str]) -> None:
    declare()
    assert main(["selfcheck", "cubed", "--device", "cpu"]) == 0
    heading, row, _, summary = capsys.readouterr().out.splitlines()
    columns = ["value", "gradient", "second", "dtype", "kinks"]
    assert heading.split() == ["operator", "samples", *columns]
    assert row.split() == ["cubed", "2", "ok", "ok", "ok", "ok", "-"]
    assert summary.startswith("1 operator with 2 samples on cpu in ")
    assert summary.endswith(": all passed")


def test_a_wrong_rule_fails_by_name(declare: Declare, capsys: pytest.CaptureFixture[str]) -> None:
    declare(rule=lambda g, input: g * (2 * input * input))
    assert main(["selfcheck", "cubed", "exp", "--device", "cpu", "--fast"]) == 1
    text = capsys.readouterr().out
    assert text.splitlines()[1].split() == ["cubed", "2", "ok", "FAILED", "ok", "ok", "-"]
    assert "cubed: gradient\n    GradcheckError: " in text
    assert text.splitlines()[-1].endswith(": 1 failed: cubed")


@pytest.mark.parametrize("fast", [False, True])
def test_what_is_wrong_is_what_fails(declare: Declare, fast: bool) -> None:
    def failed(**parts: Any) -> set[str]:
        row = check_operator(declare(**parts), fast=fast)
        return {column for columns in row.failures.values() for column in columns}

    def forgets(g: Any, input: Any) -> Any:
        known = input.detach() if isinstance(input, ag.Tensor) else input
        return g * (3 * known * known)

    def widens(xp: Any, input: Any) -> Any:
        return xp.asarray(input, np.float64) ** 3

    assert failed() == set()
    assert failed(reference=lambda x: x**3 + 1e-9) == {"value"}
    assert failed(rule=forgets) == {"second"}
    assert failed(forward=widens) == {"dtype"}
    assert failed(kinks=(At((2.0,), (12.0,)), At((0.0,), (1.0,)))) == {"kinks"}


def test_an_operator_that_raises_is_told_once(declare: Declare) -> None:
    def refuses(xp: Any, input: Any) -> Any:
        raise KeyError("no such kernel")

    row = check_operator(declare(forward=refuses), fast=True)
    assert list(row.failures.values()) == [["value", "gradient", "second", "dtype"]]
    assert "no such kernel" in next(iter(row.failures))


def test_names_aliases_last_parts_and_globs() -> None:
    def names(*patterns: str) -> list[str]:
        return [entry.name for entry in find(patterns)]

    assert names("exp", "exp") == ["exp"]
    assert names("absolute") == ["abs"]
    assert names("norm") == ["norm"]  # and not linalg.norm: this is a name as a whole
    assert names("conv2d") == ["nn.functional.conv2d"]
    assert names("fft.?fft") == ["fft.hfft", "fft.ifft", "fft.rfft"]
    assert names() == sorted(operators())


def test_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selfcheck", "exp", "sofmax"]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert "no operator is called 'sofmax'. Near it: softmax, " in written.err
    assert main(["selfcheck", "xyzzy"]) == 2
    assert capsys.readouterr().err == "selfcheck: no operator is called 'xyzzy'.\n"


def test_a_gpu_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if backends.is_available("cuda"):
        pytest.skip("there is one")
    assert main(["selfcheck", "exp", "--device", "cuda"]) == 2
    assert "CuPy" in capsys.readouterr().err


def test_the_gpu_is_compared_with_the_cpu(gpu: Backend, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selfcheck", "exp", "flip", "sum"]) == 0
    heading, *rows, _, summary = capsys.readouterr().out.splitlines()
    assert heading.endswith("gpu = cpu")
    assert [row.split()[-1] for row in rows] == ["ok", "ok", "ok"]
    assert "on cpu and cuda in" in summary
    assert main(["selfcheck", "flip", "--device", "cuda", "--fast"]) == 0
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split() == ["flip", "4", "ok", "ok", "ok", "ok", "-", "ok"]


def test_a_wrong_kernel_of_the_gpu_is_found(
    gpu: Backend, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = declare()
    monkeypatch.setitem(gpu.kernels, "cubed", lambda xp, input: input * input * (input + 1e-6))
    row = check_operator(entry, gpu="cuda", fast=True)
    assert list(row.failures.values()) == [["gpu = cpu"]]
    monkeypatch.setitem(gpu.kernels, "cubed", lambda xp, input: (input**3).astype(np.float32))
    row = check_operator(entry, gpu="cuda", fast=True)
    assert "float32" in next(iter(row.failures))


def test_it_leaves_the_random_numbers_as_they_were() -> None:
    state = ag.get_rng_state()
    check_operator(operators()["softmax"], fast=True)
    assert ag.equal(state, ag.get_rng_state())


def test_the_command_line() -> None:
    """As a user calls it, in a process of its own: a table, a summary, an exit status."""
    command = [sys.executable, "-m", "autograd_core", "selfcheck", "log*", "--fast"]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    names = [line.split()[0] for line in answer.stdout.splitlines()[1:-2]]
    assert {"log", "log1p", "logsumexp", "logit"} <= set(names)
    assert answer.stdout.splitlines()[-1].endswith(": all passed")
    assert not answer.stderr
