"""The coverage table (docs/coverage.json and coverage.toml) has a row for every operator, and says
what is true of it."""

from __future__ import annotations

import tomllib
from typing import Any

import coverage_data
import pytest
from operator_table import ENTRIES

import autograd_core as ag
from autograd_core.operator_checks import (
    Call,
    check_gradient,
    check_second_gradient,
    check_value,
    floating_outputs,
    samples,
)
from autograd_core.registry import Entry, Sample, operators

NOTES = tomllib.loads(coverage_data.PATH.with_suffix(".toml").read_text())
ROWS = coverage_data.read()
FLOATS = ("float16", "bfloat16", "float32", "float64")
FIGURES = {"value", "gradient", "second", "complex", "float32"}


def test_every_operator_has_a_row() -> None:
    missing = sorted(set(operators()) - set(ROWS))
    assert not missing, f"no figures for {missing}. {coverage_data.HOW}"


def test_every_row_is_an_operator() -> None:
    opdb_samples: Any = pytest.importorskip("opdb_samples")
    gone = sorted(set(ROWS) - set(operators()) - set(opdb_samples.NAMES))
    assert not gone, f"rows of what is no operator any more: {gone}. {coverage_data.HOW}"
    absent = [name for name in opdb_samples.NAMES if opdb_samples.find(name) is None]
    measured = [name for name in absent if "value" in ROWS.get(name, {})]
    assert not measured, f"rows of operators that are gone: {measured}"
    back = [name for name in opdb_samples.LEFT_OUT if opdb_samples.find(name) is not None]
    assert not back, f"coverage.toml calls these left out: {back}. Mend: take them off its list"


def test_what_fails_has_a_reason() -> None:
    reasons = {
        (n, f) for note in NOTES["otherwise"] for n in note["names"] for f in note["figures"]
    }
    for name, row in ROWS.items():
        for figure in FIGURES & set(row):
            passed, total = row[figure]
            assert 0 <= passed <= total > 0
            assert (passed == total) == ((name, figure) not in reasons), f"{name}: {figure} {row}"


def test_notes_are_complete() -> None:
    names = [name for note in NOTES["left_out"] for name in note["names"]]
    assert len(names) == len(set(names)) and not set(names) & set(ROWS)
    for note in NOTES["otherwise"]:
        assert note["reason"] and set(note["names"]) <= set(ROWS)
        assert set(note["figures"]) <= FIGURES | {"dtypes"}, note


def test_fewer_than_two_percent_are_otherwise() -> None:
    for figure in FIGURES:
        figures = [row[figure] for row in ROWS.values() if figure in row]
        passed, total = (sum(numbers) for numbers in zip(*figures, strict=True))
        assert total - passed < 0.02 * total, f"{figure}: {passed} of {total}"


def takes(entry: Entry, case: Sample, kind: str) -> bool:
    """Whether it computes in a dtype, and keeps it."""
    try:
        results = floating_outputs(Call(case, getattr(ag, kind))(entry.function))
    except (RuntimeError, TypeError):
        return False
    return all(t.dtype.name == kind or t.is_complex() for t in results)


@pytest.mark.slow
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_operators_that_pytorch_has_no_samples_for(
    entry: Entry, coverage: coverage_data.Note
) -> None:
    """Their figures are those of their own samples: NumPy's values, finite differences."""
    opdb_samples: Any = pytest.importorskip("opdb_samples")
    if entry.name in opdb_samples.NAMES:
        pytest.skip("PyTorch has samples")
    cases = samples(entry)
    for case in cases:
        if entry.reference is not None:
            check_value(entry, case)
        if entry.differentiable:
            check_gradient(entry, case)
            check_second_gradient(entry, case)
    count = [len(cases)] * 2
    kept = [kind for kind in FLOATS if all(takes(entry, case, kind) for case in cases)]
    coverage(
        entry.name,
        of_its_own=True,
        dtypes=kept if entry.differentiable else None,
        value=count if entry.reference is not None else None,
        gradient=count if entry.differentiable else None,
        second=count if entry.differentiable else None,
    )
