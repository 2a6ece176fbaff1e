"""Names of ``torch.nn.modules.lazy``."""

from __future__ import annotations

from autograd_core.nn.lazy import LazyModuleMixin

__all__ = ["LazyModuleMixin"]
