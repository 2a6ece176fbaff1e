"""Names of ``torch.nn.modules.fold``."""

from __future__ import annotations

from autograd_core.nn.fold import Fold, Unfold

__all__ = ["Fold", "Unfold"]
