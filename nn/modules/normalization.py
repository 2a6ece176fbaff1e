"""Names of ``torch.nn.modules.normalization``."""

from __future__ import annotations

from autograd_core.nn.normalization import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]
