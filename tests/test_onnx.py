"""Exported models: ONNX Runtime computes what they compute."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import autograd_core as ag
import autograd_core.nn as nn
import autograd_core.nn.functional as F

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")


def evaluate(path, *arrays):
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {i.name: a for i, a in zip(session.get_inputs(), arrays)})


def tensors(result):
    """The tensors in nested results, in order."""
    if isinstance(result, ag.Tensor):
        return [result]
    values = result.values() if isinstance(result, dict) else result
    return [t for value in values for t in tensors(value)]


def check(model, args, path, *others, tolerance=1e-5, **options) -> None:
    """Export with ``args``; the file gives what the model gives for these and for ``others``."""
    model.eval()
    ag.onnx.export(model, args, path, **options)
    for case in (args, *others):
        with ag.no_grad():
            expected = tensors(model(*case))
        found = evaluate(path, *(a.detach().cpu().numpy() for a in case))
        assert len(found) == len(expected)
        for one, wanted in zip(found, expected):
            wanted = wanted.cpu().numpy()
            assert one.dtype == wanted.dtype and one.shape == wanted.shape
            np.testing.assert_allclose(one, wanted, rtol=tolerance, atol=tolerance)


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *args):
        return self.function(*args)


@pytest.fixture(autouse=True)
def _seed() -> None:
    ag.manual_seed(0)


def test_mlp(tmp_path) -> None:
    model = nn.Sequential(
        nn.Linear(6, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 3), nn.Softmax(-1)
    )
    check(
        model, (ag.randn(4, 6),), tmp_path / "m.onnx", (ag.randn(1, 6),), (ag.randn(9, 6),),
        input_names=["x"], output_names=["p"], dynamic_axes={"x": {0: "batch"}},
    )  # fmt: skip
    graph = onnx.load(tmp_path / "m.onnx").graph
    names = {i.name for i in graph.initializer}
    assert names == set(model.state_dict())
    assert [i.name for i in graph.input] == ["x"] and [o.name for o in graph.output] == ["p"]
    assert graph.output[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert [n.op_type for n in graph.node] == ["Gemm", "Relu", "Gemm", "Softmax", "Identity"]


def test_cnn(tmp_path) -> None:
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Conv2d(8, 8, 3, padding=1, bias=False)
            self.norm = nn.BatchNorm2d(8)
            self.b = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=2)

        def forward(self, x):
            return F.relu(x + self.b(F.relu(self.norm(self.a(x)))))

    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True),
        Residual(), nn.MaxPool2d(3, 2, 1), nn.GroupNorm(2, 8), nn.SiLU(), nn.AvgPool2d(2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5),
    )  # fmt: skip
    for _ in range(3):  # running statistics other than 0 and 1
        model(ag.randn(8, 3, 32, 32))
    check(
        model, (ag.randn(2, 3, 32, 32),), tmp_path / "m.onnx", (ag.randn(5, 3, 32, 32),),
        dynamic_axes={"input": [0]},
    )  # fmt: skip


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_transformer_encoder(tmp_path, norm_first, activation) -> None:
    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = nn.Embedding(50, 16), nn.Parameter(ag.randn(12, 16))
            layer = nn.TransformerEncoderLayer(
                16, 4, 32, activation=activation, batch_first=True, norm_first=norm_first
            )
            self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(16))
            self.head = nn.Linear(16, 7)

        def forward(self, index):
            x = self.tokens(index) * 4.0 + self.places[: index.shape[1]]
            return self.head(self.encoder(x).mean(1))

    check(
        Classifier(), (ag.randint(0, 50, (2, 6)),), tmp_path / "m.onnx",
        (ag.randint(0, 50, (3, 12)),), (ag.randint(0, 50, (1, 1)),),
        input_names=["index"], dynamic_axes={"index": {0: "batch", 1: "time"}},
    )  # fmt: skip


def test_causal_language_model(tmp_path) -> None:
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.qkv = nn.LayerNorm(16), nn.Linear(16, 48, bias=False)
            self.out, self.mlp = nn.Linear(16, 16), nn.Sequential(
                nn.RMSNorm(16), nn.Linear(16, 32), nn.GELU("tanh"), nn.Linear(32, 16)
            )  # fmt: skip

        def forward(self, x):
            b, t, c = x.shape
            q, k, v = (
                p.reshape(b, t, 4, c // 4).transpose(1, 2)
                for p in self.qkv(self.norm(x)).chunk(3, -1)
            )
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(mixed.transpose(1, 2).reshape(b, t, c))
            return x + self.mlp(x)

    model = nn.Sequential(nn.Embedding(20, 16), Block(), Block(), nn.Linear(16, 20))
    check(
        model, (ag.randint(0, 20, (2, 5)),), tmp_path / "m.onnx", (ag.randint(0, 20, (4, 9)),),
        dynamic_axes={"input": {0: "batch", 1: "time"}},
    )  # fmt: skip


def test_attention_with_masks(tmp_path) -> None:
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    constant = ag.randn(5, 5)
    with_constant = Lambda(lambda x: attention(x, x, x, attn_mask=constant)[0])
    with_weights = Lambda(lambda x: attention(x, x, x))
    causal = nn.Transformer.generate_square_subsequent_mask(5)
    check(with_constant, (ag.randn(2, 5, 8),), tmp_path / "a.onnx")
    check(with_weights, (ag.randn(2, 5, 8),), tmp_path / "b.onnx")
    check(
        Lambda(lambda x: attention(x, x, x, attn_mask=causal)[0]),
        (ag.randn(2, 5, 8),),
        tmp_path / "c.onnx",
    )
    given = Lambda(lambda x, m: F.scaled_dot_product_attention(x, x, x, m))
    allowed = ag.ones(5, 5).tril() > 0
    check(given, (ag.randn(2, 5, 8), allowed), tmp_path / "d.onnx")
    check(given, (ag.randn(2, 5, 8), ag.randn(2, 5, 5)), tmp_path / "e.onnx")


def test_transformer_with_decoder(tmp_path) -> None:
    model = nn.Transformer(8, 2, 1, 2, 16, batch_first=True)
    args = (ag.randn(2, 5, 8), ag.randn(2, 3, 8))
    check(
        model, args, tmp_path / "m.onnx", (ag.randn(3, 4, 8), ag.randn(3, 6, 8)),
        input_names=["src", "tgt"],
        dynamic_axes={"src": {0: "batch", 1: "source"}, "tgt": {0: "batch", 1: "target"}},
    )  # fmt: skip


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_recurrent_layers(tmp_path, kind, bidirectional) -> None:
    for bias, first in ((True, True), (False, False)):
        model = kind(4, 5, 2, bias=bias, batch_first=first, bidirectional=bidirectional)
        check(
            model, (ag.randn(2, 3, 4),), tmp_path / "m.onnx", (ag.randn(3, 6, 4),),
            dynamic_axes={"input": {0: "a", 1: "b"}},
        )  # fmt: skip
    states = 2 * (2 if bidirectional else 1)
    state = ag.randn(states, 3, 5)
    if kind is nn.LSTM:
        cell = Lambda(lambda x, h: model(x, (h, h * 2)))
    else:
        cell = model
    check(cell, (ag.randn(2, 3, 4), state), tmp_path / "m.onnx")


X = (2, 4, 6, 6)
FUNCTIONS = {
    "in place": lambda x: (x * 2).add_(1).relu_(),
    "reflected": lambda x: (1 - x) / (2 + x.abs()) + 2**x,
    "powers": lambda x: x**2 + x.abs() ** 0.5,
    "trigonometry": lambda x: x.sin() * x.cos() + x.tanh() - x.sigmoid(),
    "exp and log": lambda x: (x.exp() + 1).log() - x.abs().sqrt() + (x * x + 1).rsqrt(),
    "index": lambda x: x[:, 0] + x[:, -1, 1:2] + x[..., 3][:, :1, None],
    "slices": lambda x: x[:, 1:, ::2, :-1],
    "backwards": lambda x: x.flip(1) + x.flip((0, -1)),
    "index of integers": lambda x: x[:, ag.tensor([0, 2, -1])],
    "index_select": lambda x: x.index_select(1, ag.tensor([3, 1])),
    "reductions": lambda x: (
        x.sum(1), x.mean((2, 3), keepdim=True), x.sum(), x.amax((1, 2)), x.amin(1),
    ),
    "max with indices": lambda x: x.max(1)[0] + x.min(1)[0],
    "var": lambda x: x.var(1) + x.std(1, unbiased=False),
    "norms": lambda x: x.norm(dim=1) + x.norm(1, dim=1) + x.logsumexp(1),
    "pad": lambda x: F.pad(x, (1, 2, 0, 1), value=3.0),
    "clamp": lambda x: x.clamp(-0.5, 0.5) + x.clamp(min=0) + x.clamp(max=0.1) + F.relu6(x),
    "interpolate": lambda x: F.interpolate(x, scale_factor=2),
    "bilinear": lambda x: F.interpolate(x, size=(9, 4), mode="bilinear"),
    "instance norm": nn.InstanceNorm2d(4, affine=True),
    "batch norm without weights": nn.BatchNorm2d(4, affine=False),
    "layer norm without weights": nn.LayerNorm((6, 6), elementwise_affine=False),
    "layer norm of two": nn.LayerNorm((6, 6)),
    "leaky_relu": lambda x: F.leaky_relu(x, 0.1),
    "elu": lambda x: F.elu(x, 0.7) + F.selu(x) + F.celu(x, 1.5),
    "silu": lambda x: F.silu(x) + F.mish(x) + F.hardswish(x) + F.hardsigmoid(x) + F.hardtanh(x),
    "softplus": lambda x: F.softplus(x, 2.0) + F.logsigmoid(x) + F.softsign(x),
    "prelu": nn.PReLU(4, 0.3),
    "gelu": lambda x: F.gelu(x) + F.gelu(x, approximate="tanh"),
    "glu": lambda x: F.glu(x, 1),
    "log_softmax": lambda x: F.log_softmax(x, 1) + F.softmax(x, 2),
    "matmul": lambda x: x @ x.transpose(-1, -2) + x.mT[..., :6],
    "einsum": lambda x: ag.einsum("bchw,bcvw->bchv", x, x),
    "expand": lambda x: x[:1].expand(3, 4, 6, 6),
    "join and part": lambda x: ag.cat([x, *x.chunk(2, 1), ag.stack(x.unbind(1), 1)], 1),
    "unsqueeze": lambda x: x.unsqueeze(1).squeeze(1).flatten(1),
    "maximum": lambda x: ag.maximum(x, -x) - ag.minimum(x, x * 2),
    "cast": lambda x: x.double() * 2,
    "max pool, ceil": lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True),
    "avg pool": lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "adaptive pool": lambda x: F.adaptive_avg_pool2d(x, (3, 2)),
    "pool 1d": lambda x: F.max_pool1d(F.avg_pool1d(x[:, :, 0], 2, 1), 2),
    "convolution 1d": lambda x: F.conv1d(
        x[:, :, 0], ag.linspace(-1, 1, 24).reshape(2, 4, 3), padding="same"
    ),
    "constant": lambda x: x + ag.arange(6) * ag.eye(6),
    "normalize": lambda x: F.normalize(x, dim=1),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_operators(tmp_path, name) -> None:
    function = FUNCTIONS[name]
    model = Lambda(function)
    if isinstance(function, nn.Module):
        model = function.to(ag.get_default_device())
    check(model, (ag.randn(*X),), tmp_path / "m.onnx")


@pytest.mark.parametrize("opset", [17, 18, 20, 23])
def test_versions_of_the_operators(tmp_path, opset) -> None:
    model = Lambda(lambda x: FUNCTIONS["reductions"](x)[1:] + (FUNCTIONS["norms"](x),))
    check(model, (ag.randn(*X),), tmp_path / "m.onnx", opset_version=opset)
    (version,) = onnx.load(tmp_path / "m.onnx").opset_import
    assert version.version == opset


def test_float64(tmp_path) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Tanh(), nn.Linear(4, 2)).double()
    check(model, (ag.randn(5, 3, dtype=ag.float64),), tmp_path / "m.onnx", tolerance=1e-12)


def test_the_model_is_left_as_it_was(tmp_path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout())
    model[0].weight.requires_grad_(False)
    model[1].eval()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    x = ag.randn(4, 3)
    ag.onnx.export(model, x, tmp_path / "m.onnx")
    assert [m.training for m in model] == [True, False, True] and model.training
    assert [p.requires_grad for p in model.parameters()] == [False, True, True, True]
    assert all(p.grad is None for p in model.parameters()) and not x.requires_grad
    assert all((v == before[k]).all() for k, v in model.state_dict().items())
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


def test_tied_and_unused_parameters(tmp_path) -> None:
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    model[1].weight = model[0].weight
    model.unused = nn.Parameter(ag.ones(2))
    check(Lambda(lambda i: model[1](model[0](i))), (ag.tensor([[1, 2]]),), tmp_path / "a.onnx")
    model.forward = lambda i: model[1](model[0](i))
    ag.onnx.export(model, ag.tensor([[1, 2]]), tmp_path / "m.onnx")
    assert [i.name for i in onnx.load(tmp_path / "m.onnx").graph.initializer] == ["0.weight"]


FOLLOWED = {
    "comparisons": lambda x: (x > 0, x <= 0.5, x == x, x != 0, (x < 1).float() + (x >= 0)),
    "where": lambda x: ag.where(x > 0, x, 2 * x) + ag.where(x.abs() > 1, 1.0, x),
    "masked_fill": lambda x: x.masked_fill(x < 0, 9.0).softmax(-1),
    "logic": lambda x: ((x > 0) & ~(x > 1) | (x < -1), (x > 0) ^ (x > 0.5), ag.logical_not(x > 0)),
    "no_grad": lambda x: x * (x.detach() * 2),
    "argmax": lambda x: (x.argmax(-1), x.argmin(0, keepdim=True), x.argmax()),
    "any and all": lambda x: ((x > 0).any(), (x > -9).all(1), (x > 0).any(1, keepdim=True)),
    "isnan": lambda x: (ag.isnan(x.log()), ag.isfinite(1 / x), ag.nan_to_num(x.log(), 0.5, 1, 2)),
    "counting": lambda x: ((x > 0).sum(1), (x > 0).float().mean(), (x > 0).sum()),
    "integers": lambda x: (
        x.long() // 2 + x.long() % 3 + x.argmax(-1, keepdim=True) * 2, x.int() + x, x.long() / 2,
    ),
    "one_hot": lambda x: F.one_hot(x.argmax(-1), 6).float() @ x.mT,
    "rounding": lambda x: (x.round() + x.trunc() + x.frac() + x.fmod(2) + x.remainder(0.7), x // 2),
    "scans": lambda x: x.cumsum(-1) + x.flip(-1).cumsum(0) + ag.cumsum(x > 0, 1),
    "triangles": lambda x: x.tril() + x.triu(1) + x.tril(-1),
    "repeat": lambda x: ag.cat([x.repeat(1, 2), x.tile((1, 2)), x.repeat_interleave(2, 1)]),
    "roll": lambda x: x.roll(1, 0) + x.roll((2, -1), (1, 0)) + x.roll(3),
    "expand": lambda x: x[:, None].expand(-1, 3, -1) + x.expand(2, -1, -1)[0].unsqueeze(1),
    "gather": lambda x: x.gather(1, x.argsort(1)) + ag.take_along_dim(x, x.argsort(1), 1),
    "index": lambda x: (x[x.argmax(0)], x[:, x.argmin(1)], x[ag.arange(3), x.argmax(1)]),
    "several indices": lambda x: (
        x[None, :, None][:, ag.tensor([[0], [2]]), :, ag.tensor([1, 5, 4])]
    ),
    "indices in the middle": lambda x: (
        x.reshape(1, 3, 2, 3)[:, ag.tensor([0, 2]), ag.tensor([1, 0])]
    ),
    "sorting": lambda x: (*x.sort(1), *x.topk(2, 1), x.sort(0, descending=True)[0]),
    "norms": lambda x: x.norm(3, 1) + x.norm(ag.inf, 1) + x.abs().prod(1),
    "hyperbolic": lambda x: x.sinh() + x.cosh() + (x / 20).atanh() + x.asinh() + x.exp().log1p(),
    "logarithms": lambda x: (
        x.abs().log2() + x.abs().log10() + x.exp2() + x.expm1() + x.erf().erfc()
    ),
    "windows": lambda x: x.unfold(1, 3, 2) * 2,
    "lerp": lambda x: ag.lerp(x, x * 2, 0.3) + ag.addcmul(x, x, x, value=0.5) + ag.addcdiv(x, x, x),
    "clamp by tensors": lambda x: x.clamp(ag.tensor(-0.5), x.detach().abs()),
    "division": lambda x: (
        ag.div(x, 0.3, rounding_mode="trunc") + ag.div(x, 0.3, rounding_mode="floor")
    ),
    "full_like": lambda x: x + ag.ones_like(x) * 2 + ag.zeros_like(x) - ag.full_like(x, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_has_no_gradient_is_followed_too(tmp_path, name) -> None:
    x = ag.tensor([[1.0, 5.0, 2.0, -3.0, 0.25, 4.0], [1.0, -2.0, 0.5, 7.0, 0.75, -1.5]])
    x = ag.cat([x, x[:1] * 0.3 - 1])
    other = ag.randn(3, 6) * 3
    check(Lambda(FOLLOWED[name]), (x,), tmp_path / "m.onnx", (other,))


def test_masks_of_padding_and_places_of_any_length(tmp_path) -> None:
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = nn.Embedding(11, 8, padding_idx=0), nn.Embedding(20, 8)
            self.attention, self.out = (
                nn.MultiheadAttention(8, 2, batch_first=True),
                nn.Linear(8, 3),
            )

        def forward(self, index):
            padding = index == 0
            place = ag.cumsum(~padding, 1) * ~padding
            x = self.tokens(index) + self.places(place)
            y, _ = self.attention(x, x, x, key_padding_mask=padding)
            y = y.masked_fill(padding[:, :, None], 0.0)
            return self.out(y.sum(1) / (~padding).sum(1, keepdim=True))

    index = ag.tensor([[3, 4, 0, 0], [5, 6, 7, 8]])
    longer = ag.tensor([[3, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6], [9, 10, 1, 1, 0, 0]])
    axes = {"input": {0: "batch", 1: "time"}}
    check(Model(), (index,), tmp_path / "m.onnx", (longer,), dynamic_axes=axes)


def test_a_gpt_with_its_mask_by_hand(tmp_path) -> None:
    from examples.gpt import GPT

    model = GPT(13, context=16, width=16, heads=2, layers=2)
    first = Lambda(lambda index: model(index)[0])
    first.model = model
    axes = {"input": {0: "batch", 1: "time"}}
    index = ag.randint(0, 13, (2, 5))
    check(first, (index,), tmp_path / "m.onnx", (ag.randint(0, 13, (3, 11)),), dynamic_axes=axes)


def test_rotary_embedding_and_grouped_queries_by_hand(tmp_path) -> None:
    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.kv, self.norm = nn.Linear(16, 16), nn.Linear(16, 16), nn.RMSNorm(16)
            self.register_buffer("rates", 100.0 ** -(ag.arange(0, 4, 2) / 4))

        def turn(self, x):
            angles = ag.outer(ag.arange(x.shape[2]), self.rates)
            cos, sin = (f(ag.cat([angles, angles], -1)) for f in (ag.cos, ag.sin))
            a, b = x.chunk(2, -1)
            return x * cos + ag.cat([-b, a], -1) * sin

        def forward(self, x):
            b, t, _ = x.shape
            x = self.norm(x)
            q = self.turn(self.q(x).view(b, t, 4, 4).transpose(1, 2))
            k, v = self.kv(x).view(b, t, 2, 2, 4).permute(2, 0, 3, 1, 4)
            k, v = (p.repeat_interleave(2, 1) for p in (self.turn(k), v))
            causal = ag.triu(ag.full((t, t), -ag.inf), 1)
            y = (q @ k.mT / 2 + causal).softmax(-1) @ v
            return y.transpose(1, 2).reshape(b, t, 16)

    check(
        Attention(), (ag.randn(2, 5, 16),), tmp_path / "m.onnx", (ag.randn(1, 9, 16),),
        dynamic_axes={"input": {0: "batch", 1: "time"}},
    )  # fmt: skip


def test_constants_of_any_size(tmp_path) -> None:
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("table", ag.randn(30, 4))

        def forward(self, x):
            n = x.shape[0]
            ramp = ag.arange(n) + ag.linspace(1, n, n) + 0.5 * ag.arange(3, n + 3)
            return x + self.table[:n] + ramp[:, None] + ag.ones(n, 1, 1).sum()

    check(
        Model(), (ag.randn(3, 4),), tmp_path / "m.onnx", (ag.randn(7, 4),),
        dynamic_axes={"input": [0]},
    )  # fmt: skip


REFUSED = {
    "operator": (lambda x: x.cummax(0)[0], "cummax at .*test_onnx.py:.*cannot be exported to ONNX"),
    "item": (lambda x: x * x.sum().item(), "mul at .*in a way that cannot be followed"),
    "numpy": (
        lambda x: x + ag.tensor(x.detach().cpu().numpy()),
        "add at .*in a way that cannot be followed",
    ),
    "branch": (
        lambda x: x.exp() if x.sum() > 0 else x.sin(),
        "another way for other inputs: (sin|exp) at",
    ),
    "index": (lambda x: x[:, x.argmax(-1)[0].item()], "slice at .* depends on the inputs"),
    "mask": (lambda x: x[x > 0], "index at .*indexing by a mask"),
    "unique": (lambda x: ag.unique(x), "the end, 'output': input 0 has another shape|in a way"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_exported_raises(tmp_path, name) -> None:
    function, message = REFUSED[name]
    x = ag.tensor([[1.0, 5.0, 2.0], [1.0, -2.0, 0.5]])
    with pytest.raises(ag.onnx.ExportError, match=message):
        ag.onnx.export(Lambda(function), x, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def write(x):
    mask = x > 0
    mask[0] = True
    return ag.where(mask, x, 0.0)


def write_and_look(x):
    mask = x.detach() * 1
    part = mask[1]
    mask.mul_(3)
    return x + part


@pytest.mark.parametrize("function", [write, write_and_look])
def test_writes_that_are_not_recorded_raise(tmp_path, function) -> None:
    with pytest.raises(ag.onnx.ExportError, match="changed in place before .*test_onnx.py:"):
        ag.onnx.export(Lambda(function), ag.randn(2, 3), tmp_path / "m.onnx")


def test_sizes_that_become_constants_raise(tmp_path) -> None:
    with pytest.raises(ag.onnx.ExportError, match="add at .*leave these axes out of dynamic_axes"):
        ag.onnx.export(
            Lambda(lambda x: x + ag.tensor([i * i for i in range(len(x))])), ag.randn(3),
            tmp_path / "m.onnx", dynamic_axes={"input": [0]},
        )  # fmt: skip


def test_wrong_arguments(tmp_path) -> None:
    model, x, path = nn.Linear(3, 2), ag.randn(4, 3), tmp_path / "m.onnx"
    with pytest.raises(ValueError, match="opset_version must be 17 to"):
        ag.onnx.export(model, x, path, opset_version=9)
    with pytest.raises(ValueError, match="expected 1 different input_names"):
        ag.onnx.export(model, x, path, input_names=["a", "b"])
    with pytest.raises(ValueError, match=r"dynamic_axes names \['y'\]"):
        ag.onnx.export(model, x, path, dynamic_axes={"y": [0]})
    with pytest.raises(ValueError, match="has axis 2"):
        ag.onnx.export(model, x, path, dynamic_axes={"input": {2: "n"}})
    with pytest.raises(TypeError, match="argument 0 must be a tensor, got ndarray"):
        ag.onnx.export(model, np.ones(3), path)
    with pytest.raises(FileNotFoundError, match="export: there is no folder"):
        ag.onnx.export(model, x, tmp_path / "missing" / "m.onnx")


def test_a_missing_package_is_named() -> None:
    code = (
        "import sys; sys.modules['onnx'] = None; import autograd_core as ag\n"
        "ag.onnx.export(ag.nn.Linear(1, 1), ag.ones(1, 1), 'm.onnx')"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "export needs the package onnx: pip install onnx" in answer.stderr
