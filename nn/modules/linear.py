"""Names of ``torch.nn.modules.linear``."""

from __future__ import annotations

from autograd_core.nn.lazy import LazyLinear
from autograd_core.nn.linear import Bilinear, Identity, Linear

__all__ = ["Bilinear", "Identity", "LazyLinear", "Linear"]
