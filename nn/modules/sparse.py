"""Names of ``torch.nn.modules.sparse``."""

from __future__ import annotations

from autograd_core.nn.sparse import Embedding, EmbeddingBag

__all__ = ["Embedding", "EmbeddingBag"]
