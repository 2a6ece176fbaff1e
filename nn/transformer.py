"""The Transformer: an encoder, a decoder, and both together."""

from __future__ import annotations

import copy
import math
from typing import Any

import autograd_core as ag
from autograd_core.errors import ShapeError
from autograd_core.nn import functional as F
from autograd_core.nn import init
from autograd_core.nn.containers import ModuleList
from autograd_core.nn.functional.attention import additive_mask
from autograd_core.nn.module import Module
from autograd_core.nn.normalization import LayerNorm
from autograd_core.nn.transformer_layers import (
    Activation,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from autograd_core.tensor import Tensor


def _generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
    return ag.full((sz, sz), -math.inf, device=device, dtype=dtype).triu(1)


def _is_causal(mask: Tensor | None, promised: bool | None) -> bool:
    """Whether a mask is causal: as promised, or else by a look at it."""
    if promised is not None or mask is None:
        return bool(promised)
    if mask.ndim != 2 or mask.shape[0] != mask.shape[1]:
        return False
    causal = _generate_square_subsequent_mask(mask.shape[0], mask.device)
    return bool((mask == causal.to(mask.dtype)).all())


def _get_clones(module: Module, N: int) -> ModuleList:
    return ModuleList(copy.deepcopy(module) for _ in range(N))


class TransformerEncoder(Module):
    """A stack of encoder layers.

    Args:
        encoder_layer: the layer, of which copies are made.
        num_layers: how many.
        norm: applied to the result; default None.
        enable_nested_tensor, mask_check: accepted as in PyTorch; nothing depends on them.

    Shape: as of the layer.

    Source: PyTorch's ``torch.nn.TransformerEncoder``; Vaswani et al., "Attention is all you need"
    (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> m = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 3)
        >>> m(ag.ones(5, 2, 8)).shape
        autograd_core.Size([5, 2, 8])
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _get_clones(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """Pass `src` through all layers.

        Args:
            src: see Shape.
            mask: (L, L), or (N * nhead, L, L): pairs to leave out (True), or numbers to add.
            src_key_padding_mask: (N, L): positions to leave out (True), or numbers to add.
            is_causal: whether `mask` is causal; None (default) looks.
        """
        mask = additive_mask("TransformerEncoder", mask, src.dtype)
        padding = additive_mask("TransformerEncoder", src_key_padding_mask, src.dtype)
        is_causal = _is_causal(mask, is_causal)
        for layer in self.layers:
            src = layer(src, src_mask=mask, src_key_padding_mask=padding, is_causal=is_causal)
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """A stack of decoder layers.

    Args:
        decoder_layer: the layer, of which copies are made.
        num_layers: how many.
        norm: applied to the result; default None.

    Shape: as of the layer.

    Source: PyTorch's ``torch.nn.TransformerDecoder``; Vaswani et al., "Attention is all you need"
    (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> m = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 3)
        >>> m(ag.ones(5, 2, 8), ag.ones(3, 2, 8)).shape
        autograd_core.Size([5, 2, 8])
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _get_clones(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Pass `tgt` through all layers, which may look at `memory`.

        Args:
            tgt, memory: see Shape.
            tgt_mask, memory_mask: (L, L) and (L, S), or one for each head of each sequence: pairs
                to leave out (True), or numbers to add.
            tgt_key_padding_mask, memory_key_padding_mask: (N, L) and (N, S): positions to leave
                out (True), or numbers to add.
            tgt_is_causal: whether `tgt_mask` is causal; None (default) looks.
            memory_is_causal: a promise that `memory_mask` is causal.
        """
        causal = _is_causal(tgt_mask, tgt_is_causal)
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder, and a decoder that looks at what it returns.

    Args:
        d_model: number of features E; default 512.
        nhead: number of heads; default 8.
        num_encoder_layers, num_decoder_layers: how many layers; default 6.
        dim_feedforward: number of hidden features of the layers' networks; default 2048.
        dropout: probability of dropping while training; default 0.1.
        activation: of these networks: a function or module, "relu" or "gelu"; default relu.
        custom_encoder, custom_decoder: modules to use instead of the usual ones.
        layer_norm_eps: added to the variances; default 1e-5.
        batch_first: inputs and output are (N, L, E) instead of (L, N, E); default False.
        norm_first: normalise before attention and network, and not the sums; default False.
        bias: layers and normalisations have biases; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: src (S, N, E), tgt (L, N, E), or both without N; output as tgt.

    Source: PyTorch's ``torch.nn.Transformer``; Vaswani et al., "Attention is all you need" (2017).
    The same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> m = nn.Transformer(8, 2, 1, 1, 16)
        >>> m(ag.ones(3, 2, 8), ag.ones(5, 2, 8)).shape
        autograd_core.Size([5, 2, 8])
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        options = (dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first)
        if custom_encoder is None:
            encoder_layer = TransformerEncoderLayer(d_model, nhead, *options, **made)
            norm = LayerNorm(d_model, eps=layer_norm_eps, **made)
            custom_encoder = TransformerEncoder(encoder_layer, num_encoder_layers, norm)
        if custom_decoder is None:
            decoder_layer = TransformerDecoderLayer(d_model, nhead, *options, **made)
            norm = LayerNorm(d_model, eps=layer_norm_eps, **made)
            custom_decoder = TransformerDecoder(decoder_layer, num_decoder_layers, norm)
        self.encoder = custom_encoder
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the decoder's value for `tgt`, with `src` encoded.

        Args:
            src, tgt: see Shape.
            src_mask, tgt_mask, memory_mask: (S, S), (L, L) and (L, S), or one for each head of
                each sequence: pairs to leave out (True), or numbers to add.
            src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask: (N, S), (N, L)
                and (N, S): positions to leave out (True), or numbers to add.
            src_is_causal, tgt_is_causal: whether these masks are causal; None (default) looks.
            memory_is_causal: a promise that `memory_mask` is causal.

        Raises:
            ShapeError: another number of features than `d_model`, or different batches.
        """
        batch = 0 if self.batch_first else 1
        shapes = tuple(src.shape), tuple(tgt.shape)
        if any(s[-1] != self.d_model for s in shapes) or (
            src.ndim == 3 and shapes[0][batch] != shapes[1][batch]
        ):
            raise ShapeError(
                f"Transformer: expected src and tgt of one batch and d_model={self.d_model} "
                f"features, got {shapes[0]} and {shapes[1]} (batch_first={self.batch_first})"
            )
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """Return the causal mask (sz, sz): 0 up to the diagonal, -inf after it.

        Args:
            sz: length of the sequence.
            device: where it is made; the default device if left out.
            dtype: its dtype; the default dtype if left out.

        Example:
            >>> from autograd_core import nn
            >>> nn.Transformer.generate_square_subsequent_mask(2)
            tensor([[0., -inf],
                    [0., 0.]])
        """
        return _generate_square_subsequent_mask(sz, device, dtype)

    def _reset_parameters(self) -> None:
        """Draw new weight matrices."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)
