"""Names of ``torch.nn.modules.flatten``."""

from __future__ import annotations

from autograd_core.nn.flatten import Flatten, Unflatten

__all__ = ["Flatten", "Unflatten"]
