"""The handles of hooks, at PyTorch's place. Source: torch.utils.hooks."""

from __future__ import annotations

from autograd_core.hooks import RemovableHandle

__all__ = ["RemovableHandle"]
