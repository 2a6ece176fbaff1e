"""Attention of several heads beside PyTorch's: masks, biases, weights, gradients, first numbers."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from nn_beside_pytorch import check_initial_numbers
from nn_calls import check_calls, parts

import autograd_core as ag
from autograd_core import nn

F = nn.functional
rng = np.random.default_rng(0)


def values(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape)


E, HEADS, L, S, N = 4, 2, 3, 5, 2

LAYERS: list[dict[str, Any]] = [
    {},
    {"bias": False, "batch_first": True},
    {"add_bias_kv": True, "add_zero_attn": True},
    {"add_bias_kv": True, "batch_first": True},
    {"add_zero_attn": True, "bias": False},
    {"kdim": 3, "vdim": 6},
    {"kdim": 3, "add_bias_kv": True, "batch_first": True},
]
MASKS: list[dict[str, Any]] = [
    {},
    {"attn_mask": np.arange(S) > np.arange(L)[:, None] + 1},
    {"attn_mask": values(L, S)},
    {"attn_mask": values(N * HEADS, L, S), "key_padding_mask": values(N, S)},
    {"key_padding_mask": np.arange(S) >= np.array([[3], [5]])},
    {
        "attn_mask": np.arange(S) > np.arange(L)[:, None] + 1,
        "key_padding_mask": np.arange(S) >= np.array([[3], [5]]),
    },
]


def pair(torch: Any, options: dict[str, Any], dtype: str = "float64") -> Any:
    torch.manual_seed(1)
    theirs = torch.nn.MultiheadAttention(E, HEADS, **options).to(getattr(torch, dtype))
    with torch.no_grad():
        for p in theirs.parameters():
            p.add_(0.1)
    ours = nn.MultiheadAttention(E, HEADS, **options).to(getattr(ag, dtype))
    assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    return ours, theirs


def sequences(options: dict[str, Any], *batch: int) -> tuple[np.ndarray, ...]:
    sizes = ((L, E), (S, options.get("kdim", E)), (S, options.get("vdim", E)))
    first = options.get("batch_first")
    return tuple(values(*((*batch, n, f) if first else (n, *batch, f))) for n, f in sizes)


@pytest.mark.filterwarnings("ignore:Support for mismatched")  # PyTorch's own, of the masks
@pytest.mark.parametrize("options", LAYERS, ids=lambda v: str(v).replace(" ", ""))
def test_layer_like_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pair(torch, options)
    for masks, need in itertools.product(MASKS, [{}, {"average_attn_weights": False}, None]):
        more = {"need_weights": False} if need is None else need
        args = sequences(options, N)
        check_calls(ours, theirs, args, "float64", 1e-11, **masks, **more)
    check_calls(ours, theirs, sequences(options), "float64", 1e-11)
    unbatched: dict[str, Any] = {"attn_mask": values(HEADS, L, S)}
    unbatched |= {"key_padding_mask": np.arange(S) > 3}
    for need in (True, False):
        unbatched["need_weights"] = need
        check_calls(ours, theirs, sequences(options), "float64", 1e-11, **unbatched)
    ours, theirs = pair(torch, options, "float32")
    check_calls(ours, theirs, sequences(options, N), "float32", 2e-5)


@pytest.mark.parametrize("batch_first", [False, True])
def test_self_attention_like_pytorch(batch_first: bool) -> None:
    """One tensor three times takes one product; a promised causal mask is not looked at."""
    torch = pytest.importorskip("torch")
    ours, theirs = pair(torch, {"batch_first": batch_first})
    causal = np.triu(np.full((L, L), -np.inf), 1)

    def alike(layer: Any) -> Any:
        return lambda x, *args, **kwargs: layer(x, x, x, *args, **kwargs)

    x = values(N, L, E) if batch_first else values(L, N, E)
    for training in (True, False):
        given = (alike(ours.train(training)), alike(theirs.train(training)))
        check_calls(*given, (x,), "float64", 1e-11)
        for need in (True, False):
            check_calls(
                *given, (x,), "float64", 1e-11, attn_mask=causal, is_causal=True, need_weights=need
            )


@pytest.mark.cpu_only
@pytest.mark.parametrize("need_weights", [True, False])
def test_layer_drops_what_pytorch_drops(need_weights: bool) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pair(torch, {"dropout": 0.4})

    def seeded(layer: Any, module: Any) -> Any:
        def run(*args: Any) -> Any:
            module.manual_seed(7)
            return layer(*args, need_weights=need_weights)

        return run

    args = sequences({}, N)
    check_calls(seeded(ours, ag), seeded(theirs, torch), args, "float64", 1e-11)
    check_calls(ours.eval(), theirs.eval(), args, "float64", 1e-11)


@pytest.mark.cpu_only
@pytest.mark.parametrize("options", LAYERS, ids=lambda v: str(v).replace(" ", ""))
def test_draws_pytorchs_numbers(options: dict[str, Any]) -> None:
    check_initial_numbers("MultiheadAttention", (E, HEADS), options)


def test_keys_and_values_given_as_they_are() -> None:
    torch = pytest.importorskip("torch")
    fixed = [values(N * HEADS, 6, E // HEADS) for _ in range(2)]
    weights = [values(3 * E, E), values(3 * E), values(E, E), values(E)]

    def call(forward: Any) -> Any:
        def run(query: Any, key: Any, w: Any, b: Any, wo: Any, bo: Any, k: Any, v: Any) -> Any:
            return forward(
                query, key, key, E, HEADS, w, b, None, None, False, 0.0, wo, bo,
                static_k=k, static_v=v,
            )  # fmt: skip

        return run

    ours = call(F.multi_head_attention_forward)
    theirs = call(torch.nn.functional.multi_head_attention_forward)
    check_calls(ours, theirs, (*sequences({}, N)[:2], *weights, *fixed), "float64", 1e-11)


def test_gradgradcheck_of_the_layer() -> None:
    layer = nn.MultiheadAttention(2, 2, add_bias_kv=True, dtype=ag.float64)
    x = ag.randn(2, 1, 2, dtype=ag.float64, requires_grad=True)
    for need in (True, False):
        assert ag.autograd.gradgradcheck(
            lambda x, need=need: parts(layer(x, x, x, need_weights=need))[0], (x,)
        )


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda: nn.MultiheadAttention(5, 2), ValueError, "embed_dim must be divisible"),
        (lambda: nn.MultiheadAttention(0, 1), ValueError, "greater than 0"),
        (lambda: attend(ag.ones(L, N, 3)), RuntimeError, "query of 4 features"),
        (lambda: attend(ag.ones(E)), RuntimeError, "3 dimensions, or 2 without a batch"),
        (lambda: attend(ag.ones(L, E), ag.ones(S, N, E)), RuntimeError, "3 dimensions"),
        (lambda: attend(value=ag.ones(2, N, E)), RuntimeError, "of the same sizes"),
        (lambda: attend(attn_mask=ag.ones(2, S)), RuntimeError, "attn_mask of shape (3, 5)"),
        (lambda: attend(key_padding_mask=ag.ones(N, 2)), RuntimeError, "key_padding_mask of shape"),
        (lambda: attend(attn_mask=ag.ones(L, S).long()), TypeError, "boolean or floating-point"),
        (lambda: attend(is_causal=True), RuntimeError, "which must be given"),
        (lambda: F.multi_head_attention_forward(
            *[ag.ones(L, N, E)] * 3, E, HEADS, ag.ones(12, E), None, ag.ones(1, 1, E), None, False,
            0.0, ag.ones(E, E), None), ValueError, "both or neither of bias_k and bias_v"),
    ],
)  # fmt: skip
def test_errors_of_the_layer(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def attend(query: Any = None, key: Any = None, value: Any = None, **options: Any) -> Any:
    query = ag.ones(L, N, E) if query is None else query
    key = ag.ones(S, N, E) if key is None else key
    return nn.MultiheadAttention(E, HEADS)(query, key, key if value is None else value, **options)
