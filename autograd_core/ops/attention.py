"""Scaled dot-product attention."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.dtypes import from_numpy_dtype
from autograd_core.errors import ShapeError
from autograd_core.generator import stream_for
from autograd_core.layouts import memory_order
from autograd_core.messages import describe
from autograd_core.ops.attention_core import Setting, attention, common_batch
from autograd_core.ops.cast import lying_as
from autograd_core.ops.dims import shape_of
from autograd_core.ops.repeat import repeat_interleave
from autograd_core.ops.shape import reshape, unsqueeze
from autograd_core.registry import SMOOTH, Make, Sample, operator

_NAME = "scaled_dot_product_attention"


def _check(query: Any, key: Any, value: Any, mask: Any) -> None:
    shapes = [shape_of(query), shape_of(key), shape_of(value)]
    fits = all(len(s) >= 2 for s in shapes)
    fits = fits and shapes[0][-1] == shapes[1][-1] and shapes[1][-2] == shapes[2][-2]
    try:
        batch = common_batch(*shapes)
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{_NAME}: expected query (..., L, E), key (..., S, E) and value (..., S, Ev) with "
            f"batches that broadcast, got {', '.join(map(str, shapes))}. Mend: heads stand before "
            f"the sequence, (N, heads, L, E); fewer heads of key and value need enable_gqa=True"
        )
    dtypes = [v._array.dtype for v in (query, key, value)]
    kind = from_numpy_dtype(dtypes[0])
    if dtypes != [dtypes[0]] * 3 or not kind.is_floating_point:
        raise RuntimeError(
            f"{_NAME}: expected query, key and value of one real floating-point dtype, got "
            f"{', '.join(str(d) for d in dtypes)}"
        )
    if mask is None:
        return
    scores = (*batch, shapes[0][-2], shapes[1][-2])
    try:
        fits = np.broadcast_shapes(shape_of(mask), scores) == scores
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{_NAME}: attn_mask must broadcast to the scores' shape {scores}, got {describe(mask)}"
        )
    dtype = mask._array.dtype
    if dtype not in (np.dtype(bool), dtypes[0], np.dtype(np.float32)):
        raise RuntimeError(
            f"{_NAME}: attn_mask must be of dtype bool, float32 or that of query, {dtypes[0]}, got "
            f"{dtype}"
        )


def _grouped(query: Any, key: Any, value: Any, mask: Any) -> tuple[Any, Any, Any, Any]:
    """Queries in groups, (..., heads of key, group, L, E), each of which shares a key and value."""
    shapes = [shape_of(query), shape_of(key), shape_of(value)]
    if any(len(s) < 3 for s in shapes):
        raise IndexError(f"{_NAME}: enable_gqa=True needs dimensions of heads, got {shapes}")
    heads = [s[-3] for s in shapes]
    if any(h == 0 or heads[0] % h for h in heads[1:]):
        raise ShapeError(
            f"{_NAME}: the {heads[0]} heads of query must be a multiple of those of key and value, "
            f"got {heads[1]} and {heads[2]}"
        )
    if heads[1] != heads[2]:
        most = max(heads[1:])
        key, value = [repeat_interleave(v, most // v.shape[-3], -3) for v in (key, value)]
    groups = key.shape[-3]
    if mask is not None and mask.ndim > 2:
        shape = shape_of(mask)
        split = (1, 1) if shape[-3] == 1 else (groups, -1)
        mask = reshape(mask, (*shape[:-3], *split, *shape[-2:]))
    query = reshape(query, (*shapes[0][:-3], groups, heads[0] // groups, *shapes[0][-2:]))
    return query, unsqueeze(key, -3), unsqueeze(value, -3), mask


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3, 4), make(2, 5, 4), make(2, 5, 3))
    yield Sample(make(3, 2), make(3, 2), make(3, 2), is_causal=True)
    yield Sample(make(2, 3, 2), make(2, 3, 2), make(2, 3, 2), make(3, 3))
    mask = np.array([[True, False, True], [False, False, False], [True, True, True]])
    yield Sample(make(1, 2, 3, 2), make(1, 2, 3, 2), make(1, 2, 3, 2), mask)
    yield Sample(make(1, 2, 3, 2), make(1, 1, 2, 2), make(1, 1, 2, 2), None, 0.5)
    yield Sample(make(2, 4, 2, 3), make(2, 2, 3, 3), make(2, 2, 3, 2), scale=0.5, enable_gqa=True)
    yield Sample(make(2, 2), make(0, 2), make(0, 3))


@operator(
    "nn.functional.scaled_dot_product_attention",
    samples=_samples,
    convention=SMOOTH + "; 0 in a row whose mask leaves nothing, as the value is",
    method=False,
    formula=(
        "P = softmax(s Q Kᵀ),  dV = Pᵀ g,  dP = g Vᵀ,  dS = P ∘ (dP − Σ dP ∘ P)\n"
        "dQ = s dS K,  dK = s dSᵀ Q,  s = 1/√d"
    ),
)
def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """``softmax(query @ key.mT * scale + attn_mask) @ value``, one node in the graph.

    The weights are computed a few rows at a time and again in backward, so memory is linear in the
    lengths L and S. (Second derivatives hold the weights of all pairs.)

    Args:
        query: (..., L, E).
        key: (..., S, E).
        value: (..., S, Ev). The dimensions in front of the last two broadcast.
        attn_mask: broadcasts to (..., L, S): booleans that say which pairs take part, or numbers
            to add to the scores. A row in which no pair takes part gives zeros.
        dropout_p: the share of weights to drop, whatever the mode of any module; default 0.
        is_causal: row i takes part with columns 0 to i; with ``attn_mask`` both must allow a pair.
        scale: factor of the scores; default ``1 / sqrt(E)``.
        enable_gqa: key and value may have fewer heads (in dimension -3) than query; each serves
            a group of its neighbouring heads.

    Returns:
        (..., L, Ev), in the dtype of query; half types are computed in float32.

    Raises:
        ShapeError: the shapes do not fit.
        RuntimeError: the dtypes differ, or the mask's is neither bool nor floating.
        ValueError: ``dropout_p`` is not in [0, 1].

    Source: PyTorch, ``torch.nn.functional.scaled_dot_product_attention``; Vaswani et al.,
    "Attention is all you need" (2017); Ainslie et al., "GQA" (2023).

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([[1.0, 0.0], [0.0, 1.0]])
        >>> ag.nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True)
        tensor([[1.0000, 0.0000],
                [0.3302, 0.6698]])
    """
    if not 0.0 <= dropout_p <= 1.0:
        raise ValueError(f"{_NAME}: dropout_p must be in [0, 1], got {dropout_p}")
    given = query._array
    if enable_gqa:
        query, key, value, attn_mask = _grouped(query, key, value, attn_mask)
    _check(query, key, value, attn_mask)
    if scale is None:
        scale = 1 / math.sqrt(query.shape[-1]) if query.shape[-1] else 1.0
    state = None
    if dropout_p:
        array = query._array
        state = stream_for(backend_of(array).device_of(array)).state()
    setting = Setting(float(scale), bool(is_causal), float(dropout_p), state)
    out = attention(query, key, value, attn_mask, setting)[0]
    if enable_gqa:
        shape = shape_of(out)
        out = reshape(out, (*shape[:-4], shape[-4] * shape[-3], *shape[-2:]))
    # Heads that were split off and moved in front can be moved back and joined by `view`.
    by_heads = not dropout_p and memory_order(given) == (0, 2, 1, 3)
    return lying_as(out, given) if by_heads else out
