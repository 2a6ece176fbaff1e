"""Attention of several heads as a layer."""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.nn import functional as F
from autograd_core.nn import init
from autograd_core.nn.linear import Linear
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor


class NonDynamicallyQuantizableLinear(Linear):
    """:class:`Linear` under the name that PyTorch's attention layer prints."""


class MultiheadAttention(Module):
    """Attention of several heads: each projects its inputs, weighs the values, and is projected.

    Args:
        embed_dim: number of features E of a query.
        num_heads: number of heads; each sees E / num_heads features.
        dropout: the share of weights that are dropped while training; default 0.
        bias: the projections have biases; default True.
        add_bias_kv: one learned key and value more; default False.
        add_zero_attn: one key and value of zeros more; default False.
        kdim, vdim: number of features of keys and values; default E.
        batch_first: inputs and output are (N, L, E) instead of (L, N, E); default False.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: query (L, N, E), key (S, N, kdim), value (S, N, vdim), or without N; output as query.

    Attributes:
        in_proj_weight: (3E, E), for query, key and value; or, if kdim or vdim is given,
            q_proj_weight (E, E), k_proj_weight (E, kdim) and v_proj_weight (E, vdim).
        in_proj_bias: (3E,), zeros at first.
        bias_k, bias_v: (1, 1, E).
        out_proj: the last projection.

    Raises:
        ValueError: `embed_dim` is no positive multiple of `num_heads`.

    Source: PyTorch's ``torch.nn.MultiheadAttention``; Vaswani et al., "Attention is all you need"
    (2017). The same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> x = ag.ones(5, 2, 8)
        >>> out, weights = nn.MultiheadAttention(8, 4)(x, x, x)
        >>> out.shape, weights.shape
        (autograd_core.Size([5, 2, 8]), autograd_core.Size([2, 5, 5]))
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim must be divisible by num_heads, and both greater "
                f"than 0, got embed_dim={embed_dim} and num_heads={num_heads}"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads

        def parameter(*shape: int) -> Parameter:
            return Parameter(ag.empty(shape, device=device, dtype=dtype))

        if self._qkv_same_embed_dim:
            self.in_proj_weight = parameter(3 * embed_dim, embed_dim)
            for name in ("q_proj_weight", "k_proj_weight", "v_proj_weight"):
                self.register_parameter(name, None)
        else:
            self.q_proj_weight = parameter(embed_dim, embed_dim)
            self.k_proj_weight = parameter(embed_dim, self.kdim)
            self.v_proj_weight = parameter(embed_dim, self.vdim)
            self.register_parameter("in_proj_weight", None)
        if bias:
            self.in_proj_bias = parameter(3 * embed_dim)
        else:
            self.register_parameter("in_proj_bias", None)
        self.out_proj = NonDynamicallyQuantizableLinear(
            embed_dim, embed_dim, bias=bias, device=device, dtype=dtype
        )
        self.bias_k = parameter(1, 1, embed_dim) if add_bias_kv else None
        self.bias_v = parameter(1, 1, embed_dim) if add_bias_kv else None
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw new weights; biases become zeros."""
        weights = (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        for weight in weights:
            if weight is not None:
                init.xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return what the queries attend to, and the weights.

        Args:
            query, key, value: see Shape, with N in front if `batch_first`.
            key_padding_mask: (N, S), or (S,): keys to leave out (True), or numbers to add.
            need_weights: return the weights too, which takes memory for all pairs; default True.
            attn_mask: (L, S), or (N * num_heads, L, S): pairs to leave out (True), or numbers to
                add.
            average_attn_weights: return the mean of the heads' weights; default True.
            is_causal: a promise that `attn_mask` is causal, which must be given.
        """
        return F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            batch_first=self.batch_first,
        )
