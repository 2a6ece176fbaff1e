"""Attention and Transformers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from module_grid.case import Case, Given, Of, Same, fixed, floats, given, grid

BOTH = [True, False]
E, HEADS, T, S, N = 6, 2, 4, 5, 3  # embedding, heads, lengths of target and source, batch


def sequence(length: int, batch_first: bool, width: int = E) -> Any:
    return floats(N, length, width) if batch_first else floats(length, N, width)


def causal(size: int) -> Of:
    return Of(lambda torch: torch.ones(size, size, dtype=torch.bool).triu(1), f"causal({size})")


def attention(
    batch_first: bool = False,
    kdim: int | None = None,
    vdim: int | None = None,
    **_: Any,
) -> Iterator[Given]:
    query = sequence(T, batch_first)
    key, value = sequence(S, batch_first, kdim or E), sequence(S, batch_first, vdim or E)
    yield given(query, key, value)
    yield given(query, key, value, need_weights=False)
    yield given(query, key, value, average_attn_weights=False)
    yield given(query, key, value, key_padding_mask=fixed("mask", N, S))
    yield given(query, key, value, key_padding_mask=fixed("floats", N, S))
    yield given(query, key, value, attn_mask=fixed("mask", T, S), need_weights=False)
    yield given(query, key, value, attn_mask=fixed("floats", N * HEADS, T, S))
    yield given(
        query,
        key,
        value,
        fixed("mask", N, S),
        True,
        fixed("mask", T, S),
        average_attn_weights=False,
    )
    yield given(floats(T, E), floats(S, kdim or E), floats(S, vdim or E))
    yield given(floats(T, E), floats(S, kdim or E), floats(S, vdim or E), fixed("mask", S))
    if kdim is None and vdim is None:
        yield given(query, Same(0), Same(0))
        yield given(query, key, Same(1))
        yield given(query, Same(0), Same(0), attn_mask=causal(T), is_causal=True)
        yield given(
            query, Same(0), Same(0), need_weights=False, attn_mask=causal(T), is_causal=True
        )


def wrong_attention() -> Iterator[Given]:
    q, k, v = floats(T, N, E), floats(S, N, E), floats(S, N, E)
    yield given(floats(T, N, E + 1), k, v)
    yield given(q, floats(S, N, E + 1), v)
    yield given(q, floats(S + 1, N, E), v)
    yield given(q, floats(S, N + 1, E), v)
    yield given(q, k, floats(S, E))
    yield given(floats(E), floats(E), floats(E))
    yield given(q, k, v, key_padding_mask=fixed("mask", S, N))
    yield given(q, k, v, attn_mask=fixed("mask", S, T))
    yield given(q, k, v, attn_mask=fixed("mask", N, T, S))
    yield given(q, k, v, is_causal=True)


def encoder(batch_first: bool = False, **_: Any) -> Iterator[Given]:
    x = sequence(T, batch_first)
    yield given(x)
    yield given(x, causal(T))
    yield given(x, causal(T), is_causal=True)
    yield given(x, src_key_padding_mask=fixed("mask", N, T))
    yield given(x, fixed("floats", T, T), fixed("floats", N, T))
    yield given(floats(T, E))
    yield given(floats(T, E), fixed("mask", T, T))


def stack(batch_first: bool = False, **_: Any) -> Iterator[Given]:
    for one in encoder(batch_first):
        more = {"mask": one.args[1]} if len(one.args) > 1 else {}
        if len(one.args) > 2:
            more["src_key_padding_mask"] = one.args[2]
        yield Given(one.args[:1], {**more, **one.kwargs})


def decoder(batch_first: bool = False, **_: Any) -> Iterator[Given]:
    x, memory = sequence(T, batch_first), sequence(S, batch_first)
    yield given(x, memory)
    yield given(x, memory, tgt_mask=causal(T), tgt_is_causal=True)
    yield given(x, memory, fixed("mask", T, T), fixed("mask", T, S))
    yield given(
        x, memory, tgt_key_padding_mask=fixed("mask", N, T),
        memory_key_padding_mask=fixed("mask", N, S),
    )  # fmt: skip
    yield given(floats(T, E), floats(S, E), memory_mask=fixed("floats", T, S))


def transformer(batch_first: bool = False, **_: Any) -> Iterator[Given]:
    source, target = sequence(S, batch_first), sequence(T, batch_first)
    yield given(source, target)
    yield given(source, target, tgt_mask=causal(T), tgt_is_causal=True)
    yield given(source, target, fixed("mask", S, S), causal(T), fixed("mask", T, S))
    yield given(
        source, target, src_key_padding_mask=fixed("mask", N, S),
        tgt_key_padding_mask=fixed("mask", N, T), memory_key_padding_mask=fixed("mask", N, S),
    )  # fmt: skip
    yield given(floats(S, E), floats(T, E))


ACTIVATIONS = [
    "relu",
    "gelu",
    Of(lambda torch: torch.nn.functional.silu, "silu"),
    Of(lambda torch: torch.nn.GELU(), "GELU()"),
]
LAYER: dict[str, list[Any]] = {
    "dim_feedforward": [7],
    "dropout": [0.0, 0.3],
    "activation": ACTIVATIONS,
    "layer_norm_eps": [0.1],
    "batch_first": BOTH,
    "norm_first": BOTH,
    "bias": BOTH,
}


def layer_of(kind: str, **options: Any) -> Of:
    """A layer to stack, which is made by each library."""

    def make(torch: Any) -> Any:
        return getattr(torch.nn, f"Transformer{kind}Layer")(E, HEADS, 7, **options)

    return Of(make, f"{kind}Layer({options})")


def stacks() -> Iterator[Case]:
    norm = Of(lambda torch: torch.nn.LayerNorm(E), "LayerNorm")
    for batch_first in BOTH:
        for dropout in (0.0, 0.3):
            for first in BOTH:
                options = {"dropout": dropout, "batch_first": batch_first, "norm_first": first}
                yield from grid(
                    "TransformerEncoder", stack(batch_first), layer_of("Encoder", **options),
                    num_layers=[1, 2], norm=[None, norm], enable_nested_tensor=BOTH,
                    mask_check=[True],
                )  # fmt: skip
                yield from grid(
                    "TransformerDecoder", decoder(batch_first), layer_of("Decoder", **options),
                    num_layers=[1, 2], norm=[None, norm],
                )  # fmt: skip


def cases() -> Iterator[Case]:
    yield from grid(
        "MultiheadAttention",
        attention,
        embed_dim=[E],
        num_heads=[HEADS],
        dropout=[0.0, 0.4],
        bias=BOTH,
        add_bias_kv=BOTH,
        add_zero_attn=BOTH,
        batch_first=BOTH,
    )
    sizes: dict[str, list[Any]] = {"kdim": [None, 4], "vdim": [None, 5], "batch_first": BOTH}
    yield from grid("MultiheadAttention", attention, embed_dim=[E], num_heads=[1, 3], **sizes)
    yield from grid("MultiheadAttention", wrong_attention(), E, HEADS)
    plain = [given(floats(T, N, E), Same(0), Same(0))]
    yield from grid("MultiheadAttention", plain, embed_dim=[E, 0, -1], num_heads=[4, 0, 1, 6])
    yield from grid("TransformerEncoderLayer", encoder, E, HEADS, **LAYER)
    yield from grid("TransformerDecoderLayer", decoder, E, HEADS, **LAYER)
    one = [given(floats(T, N, E))]
    yield from grid("TransformerEncoderLayer", one, E, 4, 7, activation=["relu", "tanh"])
    yield from grid("TransformerEncoderLayer", one, E, HEADS, 7, activation=["tanh", "relu"])
    yield from grid("TransformerEncoderLayer", [given(floats(T, N, E + 1))], E, HEADS, 7)
    yield from stacks()
    yield from grid(
        "Transformer",
        transformer,
        d_model=[E],
        nhead=[HEADS],
        num_encoder_layers=[1],
        num_decoder_layers=[1, 2],
        **{**LAYER, "activation": ["relu", "gelu"]},
    )
    wrong = [(floats(S, N, E), floats(T, N + 1, E)), (floats(S, N, E + 1), floats(T, N, E + 1))]
    yield from grid("Transformer", [given(*pair) for pair in wrong], E, HEADS, 1, 1, 7)
