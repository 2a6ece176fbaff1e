"""Attention of several heads, with its projections."""

from __future__ import annotations

import math
from typing import Any

import autograd_core as ag
from autograd_core.errors import ShapeError
from autograd_core.ops.attention import scaled_dot_product_attention
from autograd_core.ops.dropout import dropout
from autograd_core.ops.linear import linear
from autograd_core.ops.pad import pad
from autograd_core.tensor import Tensor

_NAME = "multi_head_attention_forward"


def additive_mask(name: str, mask: Tensor | None, dtype: Any) -> Tensor | None:
    """A mask as numbers to add to the scores: -inf where a boolean one holds.

    Raises:
        TypeError: the mask is neither boolean nor floating-point.
    """
    if mask is None or mask.is_floating_point():
        return mask
    if mask.dtype is not ag.bool:
        raise TypeError(f"{name}: expected a boolean or floating-point mask, got {mask.dtype}")
    return ag.zeros_like(mask, dtype=dtype).masked_fill(mask, -math.inf)


def _projections(
    query: Tensor, key: Tensor, value: Tensor, weight: Tensor, bias: Tensor | None
) -> tuple[Any, Any, Any]:
    """The three inputs times their thirds of one weight, in as few products as can be."""
    if query is key and key is value:
        return tuple(linear(query, weight, bias).chunk(3, -1))  # type: ignore[return-value]
    weights = weight.chunk(3)
    biases = (None, None, None) if bias is None else bias.chunk(3)
    q, k, v = [linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]
    return q, k, v


def _check_inputs(query: Tensor, key: Tensor, value: Tensor, separate: bool) -> None:
    shapes = [tuple(query.shape), tuple(key.shape), tuple(value.shape)]
    if query.ndim not in (2, 3) or key.ndim != query.ndim or value.ndim != query.ndim:
        raise ShapeError(
            f"{_NAME}: expected query, key and value with 3 dimensions, or 2 without a batch, got "
            f"{shapes}"
        )
    end = -1 if separate else None
    if shapes[1][:end] != shapes[2][:end]:
        raise ShapeError(
            f"{_NAME}: expected key and value of the same sizes"
            f"{' but for the last one' if separate else ''}, got {shapes[1]} and {shapes[2]}"
        )


def _merged_mask(
    attn_mask: Tensor | None,
    padding: Tensor | None,
    batch: int,
    heads: int,
    rows: int,
    columns: int,
) -> Tensor | None:
    """Both masks as one that broadcasts to (N, heads, L, S)."""
    if attn_mask is not None:
        shape = tuple(attn_mask.shape)
        if shape not in ((rows, columns), (batch * heads, rows, columns)):
            raise ShapeError(
                f"{_NAME}: expected attn_mask of shape {(rows, columns)} or, one for each head, "
                f"{(batch * heads, rows, columns)}, got {shape}"
            )
        grid = (1, 1) if len(shape) == 2 else (batch, heads)
        attn_mask = attn_mask.reshape(*grid, rows, columns)
    if padding is not None:
        if tuple(padding.shape) != (batch, columns):
            raise ShapeError(
                f"{_NAME}: expected key_padding_mask of shape {(batch, columns)}, got "
                f"{tuple(padding.shape)}"
            )
        padding = padding.reshape(batch, 1, 1, columns)
    if attn_mask is None or padding is None:
        return padding if attn_mask is None else attn_mask
    return attn_mask + padding


def _attend(
    projected: tuple[Tensor, Tensor, Tensor],
    num_heads: int,
    attn_mask: Tensor | None,
    key_padding_mask: Tensor | None,
    is_causal: bool,
    dropout_p: float,
    need_weights: bool,
    *,
    batch_first: bool,
    bias_k: Tensor | None = None,
    bias_v: Tensor | None = None,
    add_zero_attn: bool = False,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
) -> tuple[Tensor, Tensor | None]:
    """The heads' attention (L, N, E) over inputs that were projected, and its weights
    (N, heads, L, S)."""
    sequence = 1 if batch_first else 0
    query, key, value = projected
    batch, features = query.shape[1 - sequence], query.shape[2]
    extra = 0
    if bias_k is not None and bias_v is not None:
        key, value = [
            ag.cat([x, b.expand(*((batch, 1) if batch_first else (1, batch)), -1)], sequence)
            for x, b in ((key, bias_k), (value, bias_v))
        ]
        extra += 1
    order = (0, 2, 1, 3) if batch_first else (1, 2, 0, 3)  # to (N, heads, L, features of a head)
    heads = [
        x.reshape(*x.shape[:2], num_heads, features // num_heads).permute(order)
        for x in (query, key, value)
    ]
    for i, static in ((1, static_k), (2, static_v)):
        if static is not None:
            heads[i] = static.reshape(batch, num_heads, *static.shape[1:])
    q, k, v = heads
    if add_zero_attn:
        zeros = ag.zeros(
            (batch, num_heads, 1, features // num_heads), dtype=k.dtype, device=k.device
        )
        k, v = ag.cat([k, zeros], 2), ag.cat([v, zeros], 2)
        extra += 1
    if extra:
        attn_mask, key_padding_mask = [
            None if mask is None else pad(mask, (0, extra))
            for mask in (attn_mask, key_padding_mask)
        ]
    rows, columns = q.shape[2], k.shape[2]
    mask = _merged_mask(attn_mask, key_padding_mask, batch, num_heads, rows, columns)
    weights = None
    if need_weights:
        scores = (q * math.sqrt(1 / q.shape[-1])) @ k.mT
        weights = dropout((scores if mask is None else scores + mask).softmax(-1), dropout_p)
        out = weights @ v
    else:
        out = scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal)
    return out.permute((2, 0, 1, 3)).reshape(rows, batch, features), weights


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    *,
    batch_first: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Project query, key and value, attend with several heads, project the result.

    Args:
        query: (L, N, E), or (L, E) without a batch.
        key: (S, N, E), or (S, E).
        value: as key. With separate weights the last sizes of key and value may be others.
        embed_dim_to_check: E.
        num_heads: number of heads; each sees E / num_heads features.
        in_proj_weight, in_proj_bias: (3E, E) and (3E), for query, key and value one after the
            other.
        bias_k, bias_v: (1, 1, E), one key and value more for each sequence; or None.
        add_zero_attn: one key and value of zeros more.
        dropout_p: the share of weights to drop while training.
        out_proj_weight, out_proj_bias: (E, E) and (E), of the last projection.
        training: whether weights are dropped; default True.
        key_padding_mask: (N, S), or (S): keys to leave out (True), or numbers to add.
        need_weights: return the weights too, which takes memory for all pairs; default True.
        attn_mask: (L, S), or (N * num_heads, L, S): pairs to leave out (True), or numbers to add.
        use_separate_proj_weight: use the next three instead of `in_proj_weight`.
        q_proj_weight, k_proj_weight, v_proj_weight: (E, E), (E, size of a key), (E, size of a
            value).
        static_k, static_v: (N * num_heads, S, E / num_heads), in place of the projections.
        average_attn_weights: return the mean of the heads' weights; default True.
        is_causal: a promise that `attn_mask` is causal, which must be given.
        batch_first: N stands before L and S; default False.

    Returns:
        (L, N, E), and the weights (N, L, S), or (N, num_heads, L, S), or None.

    Raises:
        ShapeError: the shapes do not fit.
        RuntimeError: `is_causal` without `attn_mask`.

    Source: PyTorch's ``torch.nn.functional.multi_head_attention_forward``; Vaswani et al.,
    "Attention is all you need" (2017).

    Example:
        >>> import autograd_core as ag
        >>> x, w = ag.ones(3, 1, 2), ag.ones(6, 2)
        >>> out, weights = multi_head_attention_forward(
        ...     x, x, x, 2, 1, w, None, None, None, False, 0.0, ag.eye(2), None
        ... )
        >>> out.shape, weights.shape
        (autograd_core.Size([3, 1, 2]), autograd_core.Size([1, 3, 3]))
    """
    _check_inputs(query, key, value, use_separate_proj_weight)
    if query.shape[-1] != embed_dim_to_check or embed_dim_to_check % num_heads:
        raise ShapeError(
            f"{_NAME}: expected a query of {embed_dim_to_check} features, a multiple of the "
            f"{num_heads} heads, got {query.shape[-1]}"
        )
    if is_causal and attn_mask is None:
        raise RuntimeError(
            f"{_NAME}: is_causal only says what attn_mask is like, which must be given. Mend: "
            f"nn.Transformer.generate_square_subsequent_mask(size) makes it"
        )
    static = static_k is not None or static_v is not None
    if (bias_k is None) != (bias_v is None) or (bias_k is not None and static):
        raise ValueError(
            f"{_NAME}: expected both or neither of bias_k and bias_v, and no static_k or "
            f"static_v with them"
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None
    else:
        is_causal = False
    attn_mask = additive_mask(_NAME, attn_mask, query.dtype)
    key_padding_mask = additive_mask(_NAME, key_padding_mask, query.dtype)
    if use_separate_proj_weight:
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        biases = (None, None, None) if in_proj_bias is None else in_proj_bias.chunk(3)
        q, k, v = [linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]
    else:
        assert in_proj_weight is not None
        q, k, v = _projections(query, key, value, in_proj_weight, in_proj_bias)
    batched = query.ndim == 3
    if not batched:
        q, k, v = [x.unsqueeze(0 if batch_first else 1) for x in (q, k, v)]
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    out, shares = _attend(
        (q, k, v), num_heads, attn_mask, key_padding_mask, is_causal,
        dropout_p if training else 0.0, need_weights, batch_first=batch_first,
        bias_k=bias_k, bias_v=bias_v, add_zero_attn=add_zero_attn,
        static_k=static_k, static_v=static_v,
    )  # fmt: skip
    out = linear(out, out_proj_weight, out_proj_bias)
    if shares is not None and average_attn_weights:
        shares = shares.mean(1)
    if not batched:
        return out.squeeze(1), None if shares is None else shares.squeeze(0)
    # L stays in front in memory, whose order dropout follows, here as in PyTorch.
    return out.transpose(0, 1) if batch_first else out, shares
