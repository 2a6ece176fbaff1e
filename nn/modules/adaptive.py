"""Names of ``torch.nn.modules.adaptive``."""

from __future__ import annotations

from autograd_core.nn.adaptive import AdaptiveLogSoftmaxWithLoss

__all__ = ["AdaptiveLogSoftmaxWithLoss"]
