"""The table of operators, for the tests that are generated from it."""

from __future__ import annotations

import autograd_core.nn  # noqa: F401  (declares the operators of nn.functional)
from autograd_core.registry import REGISTRY

ENTRIES = sorted(REGISTRY.values(), key=lambda entry: entry.name)
