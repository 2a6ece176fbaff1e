"""Names of ``torch.nn.modules.channelshuffle``."""

from __future__ import annotations

from autograd_core.nn.upsampling import ChannelShuffle

__all__ = ["ChannelShuffle"]
