"""Loads the backend for einops once einops is loaded: neither package waits for the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

AWAITED = "einops._backends"
BACKEND = "autograd_core.einops_backend"


class _Loader:
    """einops' own loader, after which the backend is loaded too."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        import_module(BACKEND)


class _Finder:
    """Stands on ``sys.meta_path`` until einops is imported, and steps down."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != AWAITED:
            return None
        sys.meta_path.remove(cls)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
        return spec


def register() -> None:
    """Load the backend now if einops is loaded, else when it will be."""
    if AWAITED in sys.modules:
        import_module(BACKEND)
    elif _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
