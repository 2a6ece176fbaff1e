"""The layers that a Transformer stacks: attention, then a network for each position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.dropout import Dropout
from autograd_core.nn.linear import Linear
from autograd_core.nn.module import Module
from autograd_core.nn.multihead import MultiheadAttention
from autograd_core.nn.normalization import LayerNorm
from autograd_core.tensor import Tensor

Activation = str | Callable[[Tensor], Tensor]


def _get_activation_fn(activation: Activation) -> Callable[[Tensor], Tensor]:
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return F.relu if activation == "relu" else F.gelu


class TransformerEncoderLayer(Module):
    """Self-attention, then a network of two linear layers; each added to its input and normalised.

    Args:
        d_model: number of features E.
        nhead: number of heads.
        dim_feedforward: number of hidden features of the network; default 2048.
        dropout: probability of dropping while training; default 0.1.
        activation: of the network: a function or module, "relu" or "gelu"; default relu.
        layer_norm_eps: added to the variances; default 1e-5.
        batch_first: input and output are (N, L, E) instead of (L, N, E); default False.
        norm_first: normalise before attention and network, and not the sums; default False.
        bias: layers and normalisations have biases; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (L, N, E), or (L, E) without a batch; output likewise.

    Raises:
        RuntimeError: `activation` is another text.

    Source: PyTorch's ``torch.nn.TransformerEncoderLayer``; Vaswani et al., "Attention is all you
    need" (2017); for `norm_first` Xiong et al., "On layer normalization in the Transformer
    architecture" (2020).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.TransformerEncoderLayer(8, 2, 16)(ag.ones(5, 2, 8)).shape
        autograd_core.Size([5, 2, 8])
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout=dropout, batch_first=batch_first, **made
        )
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = _get_activation_fn(activation)

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the layer's value for `src`.

        Args:
            src: see Shape.
            src_mask: (L, L), or (N * nhead, L, L): pairs to leave out (True), or numbers to add.
            src_key_padding_mask: (N, L): positions to leave out (True), or numbers to add.
            is_causal: a promise that `src_mask` is causal, which must be given.
        """

        def attend(x: Tensor) -> Tensor:
            given = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask}
            out = self.self_attn(x, x, x, **given, is_causal=is_causal, need_weights=False)[0]
            return self.dropout1(out)

        x = src
        if self.norm_first:
            x = x + attend(self.norm1(x))
            return x + self._network(self.norm2(x))
        x = self.norm1(x + attend(x))
        return self.norm2(x + self._network(x))

    def _network(self, x: Tensor) -> Tensor:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerDecoderLayer(Module):
    """Self-attention, attention to what an encoder returned, then a network of two linear layers.

    Arguments as of :class:`TransformerEncoderLayer`.

    Shape: tgt (L, N, E), memory (S, N, E), or both without N; output as tgt.

    Source: PyTorch's ``torch.nn.TransformerDecoderLayer``; papers as there.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.TransformerDecoderLayer(8, 2, 16)(ag.ones(5, 2, 8), ag.ones(3, 2, 8)).shape
        autograd_core.Size([5, 2, 8])
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        heads: dict[str, Any] = {"dropout": dropout, "batch_first": batch_first, **made}
        self.self_attn = MultiheadAttention(d_model, nhead, **heads)
        self.multihead_attn = MultiheadAttention(d_model, nhead, **heads)
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm3 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = _get_activation_fn(activation)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the layer's value for `tgt`, which may look at `memory`.

        Args:
            tgt, memory: see Shape.
            tgt_mask, memory_mask: (L, L) and (L, S), or one for each head of each sequence: pairs
                to leave out (True), or numbers to add.
            tgt_key_padding_mask, memory_key_padding_mask: (N, L) and (N, S): positions to leave
                out (True), or numbers to add.
            tgt_is_causal, memory_is_causal: promises that the masks are causal.
        """

        def attend(x: Tensor) -> Tensor:
            given = {"attn_mask": tgt_mask, "key_padding_mask": tgt_key_padding_mask}
            out = self.self_attn(x, x, x, **given, is_causal=tgt_is_causal, need_weights=False)[0]
            return self.dropout1(out)

        def look(x: Tensor) -> Tensor:
            given = {"attn_mask": memory_mask, "key_padding_mask": memory_key_padding_mask}
            out = self.multihead_attn(
                x, memory, memory, **given, is_causal=memory_is_causal, need_weights=False
            )[0]
            return self.dropout2(out)

        x = tgt
        if self.norm_first:
            x = x + attend(self.norm1(x))
            x = x + look(self.norm2(x))
            return x + self._network(self.norm3(x))
        x = self.norm1(x + attend(x))
        x = self.norm2(x + look(x))
        return self.norm3(x + self._network(x))

    def _network(self, x: Tensor) -> Tensor:
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))
