"""The functions that make batches, at PyTorch's place. Source: torch.utils.data._utils.collate."""

from __future__ import annotations

from autograd_core.utils.data.collate import default_collate, default_convert

__all__ = ["default_collate", "default_convert"]
