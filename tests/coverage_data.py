"""The figures of the coverage table, docs/coverage.json: measured by sweeps, compared by tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent.parent / "docs" / "coverage.json"
HOW = "Mend: pytest -m slow -k NAME --write-coverage tests/test_opdb*.py tests/test_coverage.py"

Note = Callable[..., None]


def read() -> dict[str, dict[str, Any]]:
    """The rows, by the operator's name."""
    rows: dict[str, dict[str, Any]] = json.loads(PATH.read_text()) if PATH.exists() else {}
    return rows


def compare(name: str, figures: dict[str, Any]) -> None:
    """Raise if a row says otherwise than what a sweep has found."""
    row = read().get(name, {})
    wrong = {key: value for key, value in figures.items() if row.get(key) != value}
    assert not wrong, f"{name}: {PATH.name} has {row}, and not {wrong}. {HOW}"


def write(found: dict[str, dict[str, Any]], names: set[str]) -> None:
    """Enter what sweeps have found; rows of other than these names go.

    Each row is a line, in alphabetical order, so that differences are easy to read.
    """
    rows = read()
    for name, figures in found.items():
        row = {**rows.get(name, {}), **figures}
        rows[name] = {key: value for key, value in row.items() if value is not None}
    lines = [
        f"{json.dumps(name)}: {json.dumps(dict(sorted(rows.get(name, {}).items())))}"
        for name in sorted(names)
    ]
    PATH.write_text("{\n" + ",\n".join(lines) + "\n}\n")
