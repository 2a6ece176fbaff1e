"""Where arrays live: one ``Backend`` for NumPy, one for CuPy, and the switch between them.

This package knows arrays and devices, never tensors: it imports nothing else of the project.
Everything that NumPy and CuPy do differently is behind a method of ``base.Backend``; ``registry``
finds the backend of a device or an array.
"""

from __future__ import annotations

import importlib
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    if name in ("cuda", "cudnn", "mps"):  # what programs for PyTorch set and ask
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
