"""PyTorch's place of the functions that make batches."""

from __future__ import annotations

from autograd_core.utils.data._utils import collate

__all__ = ["collate"]
