"""Names of ``torch.nn.modules.distance``."""

from __future__ import annotations

from autograd_core.nn.distance import CosineSimilarity, PairwiseDistance

__all__ = ["CosineSimilarity", "PairwiseDistance"]
