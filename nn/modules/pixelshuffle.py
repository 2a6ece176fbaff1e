"""Names of ``torch.nn.modules.pixelshuffle``."""

from __future__ import annotations

from autograd_core.nn.upsampling import PixelShuffle, PixelUnshuffle

__all__ = ["PixelShuffle", "PixelUnshuffle"]
