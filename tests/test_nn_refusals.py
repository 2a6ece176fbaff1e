"""Wrong arguments and shapes: refused, by the module's or function's name, with the argument."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import nn

F = nn.functional

# --- losses do not broadcast ----------------------------------------------------------------------

# They take parameters, or compare vectors with a number for each.
OTHERS = {"AdaptiveLogSoftmaxWithLoss", "LinearCrossEntropyLoss"}
MEANT = {("CosineEmbeddingLoss", (2, 2, 1)), ("GaussianNLLLoss", (2, 2, 1))}
LOSSES = [name for name in nn.__all__ if name.endswith("Loss") and name not in OTHERS]


@pytest.mark.parametrize("name", LOSSES)
def test_losses_do_not_broadcast(name: str) -> None:
    """(4, 1) against (4,) is what a forgotten squeeze gives, in whichever argument."""
    loss = getattr(nn, name)()
    given = inspect.signature(loss.forward).parameters.values()
    count = sum(p.default is p.empty for p in given)
    for shapes in itertools.product(((4, 1), (4,)), repeat=count):
        if len(set(shapes)) == 1 or (name, tuple(map(len, shapes))) in MEANT:
            continue
        with pytest.raises((RuntimeError, ValueError, TypeError)) as caught:
            loss(*(ag.full(shape, 0.5) for shape in shapes))
        said = str(caught.value).replace("_", "").lower()
        wanted = name.removesuffix("Loss").replace("BCE", "BinaryCrossEntropy").lower()
        assert wanted in said, said
        assert len(re.findall(r"\(4,", said)) >= 1, "the message does not say the shapes"


@pytest.mark.parametrize("argument", ["weight", "pos_weight"])
@pytest.mark.parametrize(
    "name", ["binary_cross_entropy", "binary_cross_entropy_with_logits",
             "multilabel_soft_margin_loss", "mse_loss", "l1_loss", "huber_loss"]
)  # fmt: skip
@pytest.mark.parametrize("shape", [(5,), (2, 3, 1)])
def test_weights_do_not_broadcast_the_losses(
    name: str, argument: str, shape: tuple[int, ...]
) -> None:
    loss = getattr(F, name)
    if argument not in inspect.signature(loss).parameters:
        pytest.skip("has none")
    x = ag.full((3, 1), 0.5)
    with pytest.raises(
        (RuntimeError, ValueError), match=rf"{name}: {argument} must have .*\(3, 1\), got"
    ):
        loss(x, x, **{argument: ag.ones(shape)})


# --- each family names the module or function and the argument ------------------------------------

X, WRONG = ag.ones(2, 4, 8, 8), ag.ones(2, 3, 8, 8)
CASES: dict[str, tuple[Callable[[], Any], str]] = {
    "Linear": (lambda: nn.Linear(-1, 3), "Linear: in_features and out_features must not be neg"),
    "Linear input": (lambda: nn.Linear(5, 3)(X), r"linear: .*\(2, 4, 8, 8\)"),
    "Bilinear": (lambda: nn.Bilinear(0, 1, 2), "in1_features"),
    "Embedding": (lambda: nn.Embedding(3, 2, padding_idx=4), "Embedding: padding_idx"),
    "Embedding input": (lambda: nn.Embedding(3, 2)(ag.ones(2)), "embedding: .*integer"),
    "Conv2d": (lambda: nn.Conv2d(4, 6, 3, groups=4), "Conv2d: out_channels=6 must be divis"),
    "Conv2d input": (lambda: nn.Conv2d(4, 6, 3)(WRONG), r"conv2d.*4.*\(2, 3, 8, 8\)"),
    "ConvTranspose2d": (
        lambda: nn.ConvTranspose2d(4, 6, 3, stride=2)(X, (40, 40)), "ConvTranspose2d: output_size"
    ),
    "MaxPool2d": (lambda: nn.MaxPool2d(2, padding=3)(X), "max_pool2d: padding must be at most"),
    "AdaptiveAvgPool2d": (
        lambda: nn.AdaptiveAvgPool2d((1, 2, 3))(X), "adaptive_avg_pool2d: output_size"
    ),
    "FractionalMaxPool2d": (lambda: nn.FractionalMaxPool2d(2), "FractionalMaxPool2d.*output_size"),
    "FractionalMaxPool2d samples": (
        lambda: F.fractional_max_pool2d(X, 2, 3, _random_samples=ag.ones(2, 4, 2).long()),
        "fractional_max_pool2d: input and _random_samples must have one dtype",
    ),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(4)(ag.ones(2, 4)), "BatchNorm2d"),
    "GroupNorm": (lambda: nn.GroupNorm(3, 4), "GroupNorm: num_channels .4. must be div"),
    "LayerNorm": (lambda: nn.LayerNorm(7)(X), "layer_norm: .*(7,)"),
    "Dropout": (lambda: nn.Dropout(1.5), "dropout probability .* 1, but got p=1.5"),
    "Softmax": (lambda: nn.Softmax(7)(X), "softmax: dim=7 is out of range"),
    "Threshold": (lambda: nn.GLU(1)(ag.ones(2, 3)), "glu: .*3"),
    "ReflectionPad2d": (lambda: nn.ReflectionPad2d(9)(X), r"pad: \(9, 9\) in mode 'reflect' is"),
    "CircularPad1d": (
        lambda: nn.CircularPad1d((1, -3))(ag.ones(1, 2, 3)), "leaves nothing of dimension 2"
    ),
    "Upsample": (lambda: nn.Upsample(scale_factor=2, mode="x")(X), "interpolate: mode must be"),
    "PixelShuffle": (lambda: nn.PixelShuffle(3)(X), "pixel_shuffle: .*4"),
    "Fold": (lambda: nn.Fold(4, 3)(ag.ones(1, 9, 5)), "fold: .*9"),
    "LSTM": (lambda: nn.LSTM(3, 4, proj_size=4), "LSTM: proj_size has to be smaller than hidden"),
    "LSTM input": (lambda: nn.LSTM(3, 4)(ag.ones(2, 5, 6)), r"(?i)lstm: .*6"),
    "GRU state": (lambda: nn.GRU(3, 4)(ag.ones(2, 5, 3), ag.ones(1, 6, 4)), r"GRU: .*\(1, 6, 4\)"),
    "GRU packed state": (
        lambda: nn.GRU(3, 4)(
            nn.utils.rnn.pack_padded_sequence(ag.ones(2, 3, 3), [1, 2, 2], enforce_sorted=False),
            ag.ones(1, 4, 4),
        ),
        r"GRU: expected states \(layers, 3, features\) for 3 packed sequences, got \(1, 4, 4\)",
    ),
    "MultiheadAttention": (
        lambda: nn.MultiheadAttention(6, 4), "MultiheadAttention: embed_dim must be divisible by"
    ),
    "Transformer": (lambda: nn.Transformer(6, 2)(ag.ones(3, 1, 5), ag.ones(3, 1, 6)), "Transf.*6"),
    "CosineSimilarity": (
        lambda: nn.CosineSimilarity()(ag.ones(3, 4), ag.ones(2, 4)),
        r"cosine_similarity: shapes \(3, 4\), \(2, 4\) do not broadcast",
    ),
    "PairwiseDistance": (
        lambda: nn.PairwiseDistance()(ag.ones(3, 4), ag.ones(2, 4)),
        r"pairwise_distance: shapes \(3, 4\), \(2, 4\) do not broadcast",
    ),
    "CrossEntropyLoss": (
        lambda: nn.CrossEntropyLoss(label_smoothing=-1)(ag.ones(2, 3), ag.zeros(2).long()),
        r"cross_entropy: label_smoothing must be in \[0, 1\], got -1",
    ),
    "AdaptiveLogSoftmaxWithLoss": (
        lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 10, [2])(ag.ones(6, 7), ag.zeros(6).long()),
        r"AdaptiveLogSoftmaxWithLoss: expected input \(N, 8\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_errors_name_who_and_what(case: str) -> None:
    call, said = CASES[case]
    with pytest.raises((RuntimeError, ValueError, TypeError, IndexError), match=f"(?s){said}"):
        call()
