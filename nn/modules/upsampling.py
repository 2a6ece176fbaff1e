"""Names of ``torch.nn.modules.upsampling``."""

from __future__ import annotations

from autograd_core.nn.upsampling import Upsample, UpsamplingBilinear2d, UpsamplingNearest2d

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]
