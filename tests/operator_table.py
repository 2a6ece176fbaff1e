"""The table of operators, for the tests that are generated from it."""

from __future__ import annotations

from autograd_core.registry import operators

ENTRIES = sorted(operators().values(), key=lambda entry: entry.name)
