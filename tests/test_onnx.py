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
pytest.importorskip("onnxruntime")

from onnx_checks import Lambda, check  # noqa: E402


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
