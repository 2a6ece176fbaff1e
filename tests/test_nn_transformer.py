"""The Transformer beside PyTorch's: values, gradients, masks, dropout, text, first numbers."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from nn_calls import check_calls

import autograd_core as ag
from autograd_core import nn

E, HEADS, HIDDEN, L, S, N = 4, 2, 6, 3, 5, 2
rng = np.random.default_rng(0)

OPTIONS: list[dict[str, Any]] = [
    {},
    {"norm_first": True, "activation": "gelu"},
    {"batch_first": True, "bias": False, "layer_norm_eps": 1e-3},
    {"batch_first": True, "norm_first": True},
]
options_of = pytest.mark.parametrize("options", OPTIONS, ids=lambda v: str(v).replace(" ", ""))
# PyTorch's own: of nested tensors, and of masks of two dtypes.
quiet = pytest.mark.filterwarnings(
    "ignore:enable_nested_tensor", "ignore:Support for mismatched", "ignore:The PyTorch API of nest"
)


def values(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape)


def source(options: dict[str, Any], length: int, batch: int | None = N) -> np.ndarray:
    sizes = (length, E) if batch is None else (length, batch, E)
    x = values(*sizes)
    return x.swapaxes(0, 1) if batch is not None and options.get("batch_first") else x


def padding(*lengths: int) -> np.ndarray:
    return np.arange(max(lengths)) >= np.array(lengths)[:, None]


def causal(size: int) -> np.ndarray:
    return np.triu(np.full((size, size), -np.inf), 1)


def layer(kit: Any, kind: str, options: dict[str, Any]) -> Any:
    return getattr(kit, kind)(E, HEADS, HIDDEN, **{"dropout": 0.0, **options})


def loaded(torch: Any, build: Any, dtype: str = "float64") -> Any:
    """The module that ``build`` makes of either library's ``nn``, with the same parameters."""
    torch.manual_seed(1)
    theirs = build(torch.nn).to(getattr(torch, dtype))
    with torch.no_grad():
        for p in theirs.parameters():
            p.add_(0.1 * torch.randn_like(p))
    ours = build(nn).to(getattr(ag, dtype))
    assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    return ours, theirs


@quiet
@options_of
def test_encoder_layer_like_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    build = lambda kit: layer(kit, "TransformerEncoderLayer", options)
    for training in (True, False):
        ours, theirs = [m.train(training) for m in loaded(torch, build)]
        check_calls(ours, theirs, (source(options, L),), "float64", 1e-11)
        check_calls(ours, theirs, (source(options, L, None), values(L, L)), "float64", 1e-11)
        args = (source(options, L), values(L, L), padding(2, L))
        check_calls(ours, theirs, args, "float64", 1e-11)
        args = (source(options, L), values(N * HEADS, L, L))
        check_calls(ours, theirs, args, "float64", 1e-11)
        args = (source(options, L), causal(L))
        check_calls(ours, theirs, args, "float64", 1e-11, is_causal=True)
    ours, theirs = loaded(torch, build, "float32")
    check_calls(ours, theirs, (source(options, L),), "float32", 2e-5)


@quiet
@options_of
def test_decoder_layer_like_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    build = lambda kit: layer(kit, "TransformerDecoderLayer", options)
    for training in (True, False):
        ours, theirs = [m.train(training) for m in loaded(torch, build)]
        args = (source(options, L), source(options, S))
        check_calls(ours, theirs, args, "float64", 1e-11)
        masks = {"tgt_mask": causal(L) < 0, "memory_mask": values(L, S)}
        check_calls(ours, theirs, args, "float64", 1e-11, **masks)
        pads = {
            "tgt_key_padding_mask": padding(2, L),
            "memory_key_padding_mask": padding(S, 4),
        }
        check_calls(ours, theirs, args, "float64", 1e-11, **masks, **pads)
        single = (source(options, L, None), source(options, S, None))
        check_calls(ours, theirs, single, "float64", 1e-11, **masks)


@quiet
@options_of
def test_stacks_like_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")

    def encoder(kit: Any) -> Any:
        one = layer(kit, "TransformerEncoderLayer", options)
        return kit.TransformerEncoder(one, 2, kit.LayerNorm(E))

    def decoder(kit: Any) -> Any:
        return kit.TransformerDecoder(layer(kit, "TransformerDecoderLayer", options), 2)

    ours, theirs = loaded(torch, encoder)
    x, memory = source(options, L), source(options, S)
    for masks in ({}, {"mask": causal(L)}, {"mask": causal(L) < 0}, {"mask": values(L, L)}):
        for promise in (None, False):
            more = {**masks, "is_causal": promise}
            check_calls(ours, theirs, (x,), "float64", 1e-11, **more)
        check_calls(
            ours, theirs, (x,), "float64", 1e-11, **masks, src_key_padding_mask=padding(L, 2)
        )
    ours, theirs = loaded(torch, decoder)
    for masks in ({}, {"tgt_mask": causal(L)}, {"tgt_mask": causal(L) < 0}):
        check_calls(ours, theirs, (x, memory), "float64", 1e-11, **masks)


@quiet
@options_of
def test_transformer_like_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")

    def build(kit: Any) -> Any:
        return kit.Transformer(E, HEADS, 2, 1, HIDDEN, **{"dropout": 0.0, **options})

    for training in (True, False):
        ours, theirs = [m.train(training) for m in loaded(torch, build)]
        args = (source(options, S), source(options, L))
        check_calls(ours, theirs, args, "float64", 1e-11)
        masks = {
            "src_mask": values(S, S),
            "tgt_mask": causal(L),
            "memory_mask": values(L, S),
            "src_key_padding_mask": padding(S, 3),
            "tgt_key_padding_mask": padding(2, L),
            "memory_key_padding_mask": padding(S, 3),
        }
        check_calls(ours, theirs, args, "float64", 1e-11, **masks)


def test_without_gradients_padded_positions_alone_differ_from_pytorch() -> None:
    """PyTorch then takes another path, which sets them to zero."""
    torch = pytest.importorskip("torch")

    def build(kit: Any) -> Any:
        one = layer(kit, "TransformerEncoderLayer", {"batch_first": True})
        return kit.TransformerEncoder(one, 2)

    ours, theirs = [m.eval() for m in loaded(torch, build)]
    x, pads = values(N, L, E), padding(2, L)
    with warnings.catch_warnings(), torch.no_grad(), ag.no_grad():
        warnings.simplefilter("ignore")
        want = theirs(torch.tensor(x), src_key_padding_mask=torch.tensor(pads)).numpy()
        got = ours(ag.tensor(x), src_key_padding_mask=ag.tensor(pads)).cpu().numpy()
    np.testing.assert_allclose(got[~pads], want[~pads], rtol=1e-11, atol=1e-11)
    assert not want[pads].any()


@pytest.mark.cpu_only
@quiet
@pytest.mark.parametrize("norm_first", [False, True])
def test_dropout_drops_what_pytorch_drops(norm_first: bool) -> None:
    torch = pytest.importorskip("torch")
    options = {"dropout": 0.3, "norm_first": norm_first}
    ours, theirs = loaded(torch, lambda kit: kit.Transformer(E, HEADS, 2, 2, HIDDEN, **options))

    def seeded(module: Any, engine: Any) -> Any:
        def run(*args: Any) -> Any:
            engine.manual_seed(3)
            return module(*args)

        return run

    args = (source({}, S), source({}, L))
    check_calls(seeded(ours, ag), seeded(theirs, torch), args, "float64", 1e-11)


@pytest.mark.cpu_only
@quiet
def test_draws_pytorchs_numbers() -> None:
    torch = pytest.importorskip("torch")
    for build in (
        lambda kit: kit.Transformer(E, HEADS, 2, 2, HIDDEN),
        lambda kit: layer(kit, "TransformerEncoderLayer", {}),
        lambda kit: layer(kit, "TransformerDecoderLayer", {}),
    ):
        ag.manual_seed(7)
        torch.manual_seed(7)
        ours, theirs = build(nn).state_dict(), build(torch.nn).state_dict()
        for key, value in ours.items():
            want = theirs[key].numpy()
            np.testing.assert_allclose(value.numpy(), want, rtol=0, atol=3e-7, err_msg=key)


def test_activations() -> None:
    relu = layer(nn, "TransformerEncoderLayer", {"activation": "relu"})
    assert relu.activation is nn.functional.relu
    module = layer(nn, "TransformerEncoderLayer", {"activation": nn.GELU()})
    assert "(activation): GELU" in repr(module)
    x = ag.randn(L, N, E)
    function = layer(nn, "TransformerEncoderLayer", {"activation": nn.functional.gelu})
    function.load_state_dict(module.state_dict())
    assert ag.equal(function(x), module(x))


def test_layers_of_a_stack_are_copies() -> None:
    one = layer(nn, "TransformerEncoderLayer", {})
    stack = nn.TransformerEncoder(one, 3)
    weights = [each.linear1.weight for each in stack.layers]
    assert len({w.data_ptr() for w in [one.linear1.weight, *weights]}) == 4
    assert all(ag.equal(w, one.linear1.weight) for w in weights)


def test_custom_parts() -> None:
    class Same(nn.Module):
        def forward(self, x: Any, *args: Any, **kwargs: Any) -> Any:
            return x

    model = nn.Transformer(E, HEADS, custom_encoder=Same(), custom_decoder=Same())
    assert ag.equal(model(ag.ones(S, N, E), ag.ones(L, N, E)), ag.ones(L, N, E))


def test_causal_masks() -> None:
    made = nn.Transformer.generate_square_subsequent_mask(3, dtype=ag.float64)
    assert made.dtype is ag.float64
    assert made.tolist() == [[0, -math.inf, -math.inf], [0, 0, -math.inf], [0, 0, 0]]


def test_a_causal_model_does_not_look_ahead() -> None:
    model = nn.TransformerEncoder(layer(nn, "TransformerEncoderLayer", {}), 2)
    x = ag.randn(L, N, E, requires_grad=True)
    out = model(x, mask=nn.Transformer.generate_square_subsequent_mask(L))
    (grad,) = ag.autograd.grad(out[0].sum(), x)
    assert not bool(grad[1:].any()) and bool(grad[0].any())


def test_gradgradcheck() -> None:
    model = nn.TransformerEncoderLayer(2, 1, 2, 0.0, "gelu", dtype=ag.float64)
    x = ag.randn(2, 1, 2, dtype=ag.float64, requires_grad=True)
    assert ag.autograd.gradgradcheck(model, (x,))


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda: layer(nn, "TransformerEncoderLayer", {"activation": "x"}), "should be relu/gelu"),
        (lambda: model()(ag.ones(S, N, 3), ag.ones(L, N, E)), "d_model=4"),
        (lambda: model()(ag.ones(S, 1, E), ag.ones(L, N, E)), "one batch"),
        (lambda: model(batch_first=True)(ag.ones(1, S, E), ag.ones(N, L, E)), "one batch"),
        (lambda: layer(nn, "TransformerEncoderLayer", {})(ag.ones(L, E), is_causal=True),
         "must be given"),
    ],
)  # fmt: skip
def test_errors(call: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        call()


def model(**options: Any) -> Any:
    return nn.Transformer(E, HEADS, 1, 1, HIDDEN, **options)
