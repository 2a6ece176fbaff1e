"""Tools around training: loading data, progress bars, pictures."""

from __future__ import annotations

from autograd_core.utils import data

__all__ = ["data"]
