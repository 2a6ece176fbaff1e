"""Layers of sequences: recurrent ones, attention and a layer of the Transformer, with backward."""

from __future__ import annotations

from typing import Any

from benchmarks.case import Call, case, operator

HEADS, FEATURES = 8, 64


def values(*shape: int) -> Any:
    import numpy as np

    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def layer_call(lib: Any, device: str, layer: Any, shape: tuple[int, ...]) -> Call:
    """Forward and backward of a layer, whose first output counts."""
    layer = layer.to(device)
    x = lib.tensor(values(*shape), device=device, requires_grad=True)

    def call() -> None:
        out = layer(x)
        out = out[0] if isinstance(out, tuple) else out
        out.sum().backward()
        for leaf in (x, *layer.parameters()):
            leaf.grad = None

    return call


def recurrent(kind: str) -> Any:
    """A layer whose width is the size, over 50 steps of 32 sequences."""
    return lambda lib, device, n: layer_call(lib, device, getattr(lib.nn, kind)(n, n), (50, 32, n))


def attention(lib: Any, query: Any, key: Any, value: Any) -> Any:
    return lib.nn.functional.scaled_dot_product_attention(query, key, value)


def causal_attention(lib: Any, query: Any, key: Any, value: Any) -> Any:
    return lib.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)


def encoder(lib: Any, device: str, length: int) -> Call:
    lib.manual_seed(0)
    layer = lib.nn.TransformerEncoderLayer(
        FEATURES * HEADS, HEADS, 4 * FEATURES * HEADS, 0.0, "gelu", batch_first=True
    )
    return layer_call(lib, device, layer, (4, length, FEATURES * HEADS))


# fmt: off
for kind in ("RNN", "GRU", "LSTM"):
    case(f"sequences/{kind.lower()}", "features", (16, 64, 256), recurrent(kind))
operator("sequences/attention", "length", (16, 128, 1024),
         lambda n: [(2, HEADS, n, FEATURES)] * 3, attention)
operator("sequences/causal attention", "length", (16, 128, 1024),
         lambda n: [(2, HEADS, n, FEATURES)] * 3, causal_attention)
case("sequences/transformer layer", "length", (16, 64, 256), encoder)
