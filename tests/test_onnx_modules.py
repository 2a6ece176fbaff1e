"""Every module class that ONNX can express: ONNX Runtime computes what it computes, also for
another batch size; the others refuse with their name and line."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
import autograd_core.nn as nn

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

V, R, S, I3 = (3, 8), (2, 4, 9), (2, 4, 8, 8), (1, 2, 6, 6, 6)


def made(*arguments: Any, **options: Any) -> tuple[Any, Any]:
    return arguments, options


# The arguments of the constructor, then shapes of the inputs (or functions that make them), of
# which the first dimension is the batch.
ELEMENTWISE = (
    "CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "Identity",
    "LeakyReLU", "LogSigmoid", "Mish", "PReLU", "ReLU", "ReLU6", "RReLU", "SELU", "SiLU", "Sigmoid",
    "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Dropout", "Dropout2d", "Dropout3d",
    "AlphaDropout", "FeatureAlphaDropout",
)  # fmt: skip
indices = lambda high, *shape: lambda n: ag.randint(0, high, (n, *shape))
MODULES: dict[str, list[Any]] = {
    **{name: [(made(), S)] for name in ELEMENTWISE},
    "GELU": [(made("tanh"), S), (made(), V)],
    "Dropout1d": [(made(), R)],
    "Threshold": [(made(0.1, 20.0), S)],
    "GLU": [(made(1), S)],
    "CReLU": [(made(), S)],
    "Softmax": [(made(1), S)],
    "Softmax2d": [(made(), S)],
    "Softmin": [(made(1), S)],
    "LogSoftmax": [(made(-1), V)],
    "Linear": [(made(8, 5), V), (made(9, 5, bias=False), R)],
    "Bilinear": [(made(8, 8, 3), V, V)],
    "Flatten": [(made(), S), (made(2, 3), S)],
    "Unflatten": [(made(1, (2, 2)), S)],
    "Conv1d": [
        (made(4, 6, 3, 2, 1), R),
        (made(4, 4, 3, groups=4, padding_mode="reflect", padding=1), R),
    ],
    "Conv2d": [
        (made(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), bias=False), S),
        (made(4, 6, 3, padding="same", padding_mode="circular"), S),
        (made(4, 6, 2, padding="same", padding_mode="replicate"), S),
        (made(4, 6, 2, padding="same"), S),
    ],
    "Conv3d": [(made(2, 4, 3, padding=1, groups=2), I3)],
    "ConvTranspose1d": [(made(4, 6, 3, 2, 1, 1), R)],
    "ConvTranspose2d": [
        (made(4, 6, 3, 2, 1, 1, groups=2), S),
        (made(4, 2, (2, 3), dilation=2, bias=False), S),
    ],
    "ConvTranspose3d": [(made(2, 3, 2, 2), I3)],
    "MaxPool1d": [(made(3, 2, 1), R)],
    "MaxPool2d": [(made(3, 2, 1, ceil_mode=True), S), (made(2, dilation=2, stride=1), S)],
    "MaxPool3d": [(made(2), I3)],
    "AvgPool1d": [(made(3, 2, 1), R)],
    "AvgPool2d": [(made(3, 2, 1, count_include_pad=False), S), (made(3, 2, ceil_mode=True), S)],
    "AvgPool3d": [(made(2), I3)],
    "AdaptiveAvgPool1d": [(made(4), R)],
    "AdaptiveAvgPool2d": [(made((3, 5)), S), (made(1), S)],
    "AdaptiveAvgPool3d": [(made(2), I3)],
    "AdaptiveMaxPool1d": [(made(3), R)],
    "AdaptiveMaxPool2d": [(made(4), S), (made(1), S)],
    "AdaptiveMaxPool3d": [(made(2), I3)],
    "LPPool1d": [(made(2, 3), R)],
    "LPPool2d": [(made(3, 2), S)],
    "LPPool3d": [(made(2, 2), I3)],
    "BatchNorm1d": [(made(8), V), (made(4, affine=False), R)],
    "BatchNorm2d": [(made(4), S), (made(4, track_running_stats=False), S)],
    "BatchNorm3d": [(made(2), I3)],
    "SyncBatchNorm": [(made(4), S)],
    "InstanceNorm1d": [(made(4, affine=True), R)],
    "InstanceNorm2d": [(made(4), S), (made(4, track_running_stats=True), S)],
    "InstanceNorm3d": [(made(2), I3)],
    "LayerNorm": [
        (made(8), V),
        (made((8, 8), elementwise_affine=False), S),
        (made(8, bias=False), V),
    ],
    "GroupNorm": [(made(2, 4), S), (made(4, 4, affine=False), R)],
    "RMSNorm": [(made(8), V), (made((8, 8), elementwise_affine=False), S)],
    "LocalResponseNorm": [(made(3), S)],
    "Embedding": [(made(7, 4, padding_idx=0), indices(7, 5))],
    "EmbeddingBag": [
        (made(7, 4, mode="mean"), indices(7, 5)),
        (made(7, 4, mode="sum"), indices(7, 5)),
    ],
    "Upsample": [
        (made(scale_factor=2), S),
        (made(size=(5, 11), mode="bilinear"), S),
        (made(scale_factor=2, mode="bicubic", align_corners=True), S),
        (made(scale_factor=1.5, mode="linear"), R),
        (made(scale_factor=2, mode="trilinear"), I3),
    ],
    "UpsamplingNearest2d": [(made(scale_factor=2), S)],
    "UpsamplingBilinear2d": [(made(scale_factor=2), S)],
    "PixelShuffle": [(made(2), S)],
    "PixelUnshuffle": [(made(2), S)],
    "ChannelShuffle": [(made(2), S)],
    "Unfold": [(made(3, dilation=2, padding=1, stride=2), S)],
    "Fold": [(made((5, 5), 2), (2, 8, 16))],
    **{
        f"{kind}Pad{n}d": [(made(1, *[0.5] * (kind == "Constant")), {1: R, 2: S, 3: I3}[n])]
        for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular")
        for n in (1, 2, 3)
    },
    "CosineSimilarity": [(made(), V, V)],
    "PairwiseDistance": [(made(), V, V), (made(1.0), V, V)],
    "RNN": [
        (made(9, 5, 2, batch_first=True), R),
        (made(9, 5, nonlinearity="relu", batch_first=True), R),
    ],
    "GRU": [(made(9, 5, 2, bidirectional=True, batch_first=True), R)],
    "LSTM": [(made(9, 5, 2, bidirectional=True, batch_first=True), R)],
    "RNNCell": [(made(8, 5), V)],
    "GRUCell": [(made(8, 5), V)],
    "LSTMCell": [(made(8, 5), V)],
    "MultiheadAttention": [(made(8, 2, batch_first=True), (2, 5, 8), (2, 6, 8), (2, 6, 8))],
    "TransformerEncoderLayer": [(made(8, 2, 16, batch_first=True), (2, 5, 8))],
    "TransformerDecoderLayer": [
        (made(8, 2, 16, batch_first=True, norm_first=True), (2, 5, 8), (2, 6, 8))
    ],
    "Transformer": [(made(8, 2, 1, 1, 16, batch_first=True), (2, 5, 8), (2, 6, 8))],
    "ReLU2": [(made(), S)],
    "Squareplus": [(made(), S)],
    "SinusoidalPositionalEncoding": [(made(8), (2, 5, 8))],
    "Maxout": [(made(8, 3, 2), V)],
    "RoPE": [(made(8), (2, 5, 8)), (made(4, traditional=True), (2, 5, 8))],
}


def arguments_of(shapes: Any, batch: int) -> list[Any]:
    return [s(batch) if callable(s) else ag.randn(batch, *s[1:]) for s in shapes]


def tensors(result: Any) -> list[Any]:
    if isinstance(result, ag.Tensor):
        return [result]
    return [t for value in result if value is not None for t in tensors(value)]


CASES = [(name, i) for name, cases in MODULES.items() for i in range(len(cases))]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{n}-{i}" for n, i in CASES])
def test_module(name: str, case: int, tmp_path: Any) -> None:
    ag.manual_seed(0)
    (arguments, options), *shapes = MODULES[name][case]
    model = getattr(nn, name)(*arguments, **options)
    batch = shapes[0][0] if not callable(shapes[0]) else 2
    inputs = arguments_of(shapes, batch)
    if "Norm" in name:
        model(*inputs)  # running statistics other than 0 and 1
    model.eval()
    names = [f"x{i}" for i in range(len(inputs))]
    ag.onnx.export(
        model, tuple(inputs), tmp_path / "m.onnx", input_names=names,
        dynamic_axes={x: {0: "batch"} for x in names},
    )  # fmt: skip
    session = runtime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    for given in (inputs, arguments_of(shapes, batch + 3)):
        with ag.no_grad():
            expected = tensors(model(*given))
        found = session.run(None, {n: x.cpu().numpy() for n, x in zip(names, given)})
        assert len(found) == len(expected)
        for one, wanted in zip(found, expected):
            assert one.shape == tuple(wanted.shape)
            np.testing.assert_allclose(one, wanted.cpu().numpy(), rtol=1e-5, atol=1e-5)


# Modules that are not for evaluation, or of which ONNX has no counterpart here.
REFUSED = {
    "AdaptiveLogSoftmaxWithLoss": "a loss",
    "FractionalMaxPool2d": "random windows",
    "FractionalMaxPool3d": "random windows",
    "PeepholeLSTM": "ONNX has another order of its peepholes",
    "MaxUnpool1d": "takes indices",
    "MaxUnpool2d": "takes indices",
    "MaxUnpool3d": "takes indices",
    "ALiBi": "takes lengths, no tensor",
    "Module": "abstract",
    "RNNBase": "abstract",
    "RNNCellBase": "abstract",
    "NLLLoss2d": "a loss",
}


def test_every_module_class_is_exported_or_known_not_to_be() -> None:
    classes = {
        name
        for name, value in vars(nn).items()
        if inspect.isclass(value) and issubclass(value, nn.Module)
    }
    layers = {n for n in classes if not n.endswith(("Loss", "List", "Dict")) and "Lazy" not in n}
    containers = {
        "DataParallel", "Parallel", "Sequential", "TransformerDecoder", "TransformerEncoder",
    }  # fmt: skip
    assert sorted(layers - set(MODULES) - set(REFUSED) - containers) == []


@pytest.mark.parametrize("name", ["MSELoss", "CrossEntropyLoss"])
def test_losses_refuse_with_their_operator_and_line(name: str, tmp_path: Any) -> None:
    target = ag.randn(3, 4)
    model = nn.Sequential(nn.Linear(4, 4))
    model.forward = lambda x: getattr(nn, name)()(model[0](x), target)
    with pytest.raises(ag.onnx.ExportError, match=r"loss|cross_entropy at test_onnx_modules.py:"):
        ag.onnx.export(model, ag.randn(3, 4), tmp_path / "m.onnx")


def test_projections_refuse(tmp_path: Any) -> None:
    with pytest.raises(ag.onnx.ExportError, match="lstm at .*projections"):
        ag.onnx.export(nn.LSTM(4, 6, proj_size=3), ag.randn(5, 2, 4), tmp_path / "m.onnx")


class Packed(nn.Module):
    def __init__(self, rnn: Any, enforce_sorted: bool = True) -> None:
        super().__init__()
        self.rnn, self.enforce_sorted = rnn, enforce_sorted

    def forward(self, x: Any, lengths: Any = (5, 3)) -> Any:
        if isinstance(lengths, tuple):
            lengths = list(lengths)
        pack, pad = nn.utils.rnn.pack_padded_sequence, nn.utils.rnn.pad_packed_sequence
        out, state = self.rnn(pack(x, lengths, enforce_sorted=self.enforce_sorted))
        return pad(out, padding_value=-7.0)[0], state


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_packed_sequences_of_fixed_lengths(kind: str, tmp_path: Any) -> None:
    model = Packed(getattr(nn, kind)(4, 6, 2, bidirectional=True)).eval()
    x = ag.randn(5, 2, 4)
    ag.onnx.export(model, x, tmp_path / "m.onnx", input_names=["x"])
    session = runtime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    for given in (x, ag.randn(5, 2, 4)):
        found = session.run(None, {"x": given.cpu().numpy()})
        for one, wanted in zip(found, tensors(model(given)), strict=True):
            np.testing.assert_allclose(one, wanted.detach().cpu().numpy(), atol=1e-5)


def test_packed_sequences_whose_lengths_are_an_input_refuse(tmp_path: Any) -> None:
    lengths = ag.tensor([5, 3, 4])
    with pytest.raises(ag.onnx.ExportError, match="gather|index_select|take_rows|gru|lengths"):
        ag.onnx.export(
            Packed(nn.GRU(4, 6), enforce_sorted=False), (ag.randn(5, 3, 4), lengths),
            tmp_path / "m.onnx",
        )  # fmt: skip
