"""Activations and dropout, on vectors."""

from __future__ import annotations

from typing import Any

from benchmarks.case import Call, case, operator

SIZES = (16, 1024, 65_536, 1_048_576, 16_777_216)


def one(n: int) -> list[tuple[int, ...]]:
    return [(n,)]


# fmt: off
operator(
    "activations/gelu", "elements", SIZES, one, lambda lib, a: lib.nn.functional.gelu(a)
)
operator(
    "activations/gelu tanh", "elements", SIZES, one,
    lambda lib, a: lib.nn.functional.gelu(a, approximate="tanh"),
    lambda xp, a: 0.5 * a * (1 + xp.tanh(0.7978845608 * (a + 0.044715 * a * a * a))),
)
operator(
    "activations/silu", "elements", SIZES, one,
    lambda lib, a: lib.nn.functional.silu(a), lambda xp, a: a / (1 + xp.exp(-a)),
)
operator(
    "activations/leaky_relu", "elements", SIZES, one,
    lambda lib, a: lib.nn.functional.leaky_relu(a), lambda xp, a: xp.maximum(a, 0.01 * a),
)
operator(
    "activations/hardswish", "elements", SIZES, one,
    lambda lib, a: lib.nn.functional.hardswish(a), lambda xp, a: a * xp.clip(a + 3, 0, 6) / 6,
)
operator(
    "activations/elu", "elements", SIZES, one,
    lambda lib, a: lib.nn.functional.elu(a),
    lambda xp, a: xp.maximum(a, 0) + xp.expm1(xp.minimum(a, 0)),
)
operator(
    "activations/softplus", "elements", SIZES, one,
    lambda lib, a: lib.nn.functional.softplus(a), lambda xp, a: xp.log1p(xp.exp(a)),
)
# fmt: on


def dropout(lib: Any, device: str, n: int) -> Call:
    """Forward and backward; what is dropped differs from call to call."""
    x = lib.ones(n, device=device, requires_grad=True)
    seed = lib.ones(n, device=device)
    return lambda: lib.autograd.grad(lib.nn.functional.dropout(x), x, seed)


case("activations/dropout, both ways", "elements", SIZES, dropout)
