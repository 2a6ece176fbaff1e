"""The table of operators refuses entries that would go untested."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
import test_operators

from autograd_core.registry import SMOOTH, Entry, Make, Sample, operator, operators, register


def one(make: Make) -> Iterable[Sample]:
    yield Sample(make(2))


def entry(**changes: Any) -> Entry:
    def twice(input: Any) -> Any:
        """Twice the input."""
        return input * 2

    parts: dict[str, Any] = {
        "name": "twice", "function": twice, "samples": one, "reference": None,
        "convention": SMOOTH, "method": False,
    }  # fmt: skip
    return Entry(**{**parts, **changes})


def test_a_complete_entry_passes() -> None:
    test_operators.test_entry_is_complete(entry())


def test_no_convention_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(operators(), "twice", raising=False)
    with pytest.raises(ValueError, match="'twice': state the convention"):
        register(entry(convention=""))
    with pytest.raises(ValueError, match="'twice': state the convention"):
        operator("twice", samples=one, convention="")(lambda input: input)
    assert "twice" not in operators()


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="'exp' is declared twice"):
        register(entry(name="exp"))


def test_what_the_generated_tests_refuse() -> None:
    with pytest.raises(AssertionError, match="without samples"):
        test_operators.test_entry_is_complete(entry(samples=lambda make: []))
    with pytest.raises(AssertionError, match="Tensor.twice is missing"):
        test_operators.test_entry_is_complete(entry(method=True))
    with pytest.raises(AssertionError, match="Tensor.exponent_ is missing"):
        test_operators.test_entry_is_complete(entry(name="exponent", inplace=True))

    def silent(input: Any) -> Any:
        return input

    with pytest.raises(AssertionError):
        test_operators.test_entry_is_complete(entry(function=silent))


def test_every_entry_is_tested_where_the_table_says() -> None:
    """The tests of values, of GPUs and of wrong calls are made of the whole table."""
    tables = [test_operators.ENTRIES]
    for module in ("test_gpu_operators", "test_gpu_errors"):
        tables.append(__import__(module).ENTRIES)
    assert all({one.name for one in table} == set(operators()) for table in tables)


def test_methods_that_load_later_take_their_own_places() -> None:
    code = (
        "import sys, autograd_core as ag; x = ag.eye(2) * 2.0;"
        "assert 'autograd_core.ops.decompositions_qr' not in sys.modules;"
        "assert x.qr()[1].shape == (2, 2) and 'autograd_core.ops.decompositions_qr' in sys.modules;"
        "assert ag.Tensor.qr.__module__ == 'autograd_core.ops.decompositions_qr';"
        "assert x.lgamma_() is x and x.polygamma(1).shape == (2, 2) and ag.Tensor.lgamma_.__name__;"
        "assert ag.Tensor.orgqr is ag.orgqr"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
