"""Names of ``torch.nn.modules.transformer``."""

from __future__ import annotations

from autograd_core.nn.transformer import (
    Transformer,
    TransformerDecoder,
    TransformerEncoder,
    _generate_square_subsequent_mask,
    _get_clones,
)
from autograd_core.nn.transformer_layers import (
    TransformerDecoderLayer,
    TransformerEncoderLayer,
    _get_activation_fn,
)

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "_generate_square_subsequent_mask",
    "_get_activation_fn",
    "_get_clones",
]
