"""Pooling and resizing layers beside PyTorch's: output, gradients, text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nn_beside_pytorch import check_layer, close

import autograd_core as ag
from autograd_core import nn

LAYERS: list[tuple[str, Any, Any, Any]] = [
    ("MaxPool1d", (2,), {}, (2, 3, 7)),
    ("MaxPool2d", (3, 2, 1), {}, (2, 3, 7, 6)),
    ("MaxPool2d", ((2, 3),), {"stride": (1, 2), "ceil_mode": True, "dilation": 2}, (3, 7, 8)),
    ("MaxPool3d", (2,), {"padding": 1}, (1, 2, 4, 3, 4)),
    ("AvgPool1d", (2,), {"padding": 1}, (2, 3, 7)),
    ("AvgPool2d", (3,), {"stride": 2, "padding": 1, "count_include_pad": False}, (2, 3, 7, 6)),
    ("AvgPool2d", ((2, 3),), {"divisor_override": 5, "ceil_mode": True}, (3, 7, 8)),
    ("AvgPool3d", (2,), {}, (1, 2, 4, 3, 4)),
    ("LPPool1d", (2, 3), {}, (2, 3, 7)),
    ("LPPool2d", (2, (2, 3)), {"stride": 1, "ceil_mode": True}, (2, 3, 7, 6)),
    ("LPPool3d", (2, 2), {}, (1, 2, 4, 3, 4)),
    ("AdaptiveAvgPool1d", (3,), {}, (2, 3, 7)),
    ("AdaptiveAvgPool2d", ((1, None),), {}, (2, 3, 7, 6)),
    ("AdaptiveAvgPool2d", (1,), {}, (2, 3, 7, 6)),
    ("AdaptiveAvgPool3d", (2,), {}, (1, 2, 4, 3, 4)),
    ("AdaptiveMaxPool1d", (3,), {}, (2, 3, 7)),
    ("AdaptiveMaxPool2d", ((4, 5),), {}, (2, 3, 7, 6)),
    ("AdaptiveMaxPool3d", (2,), {}, (1, 2, 4, 3, 4)),
    ("Unfold", (2,), {"padding": 1}, (2, 3, 4, 5)),
    ("Fold", ((4, 5), 2), {"stride": (2, 1)}, (2, 12, 8)),
    ("Upsample", (), {"scale_factor": 2}, (1, 2, 3, 4)),
    ("Upsample", (7,), {"mode": "linear", "align_corners": True}, (1, 2, 3)),
    ("Upsample", (), {"scale_factor": (2, 1.5), "mode": "bicubic"}, (1, 2, 3, 4)),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}, (1, 2, 3, 4)),
    ("UpsamplingBilinear2d", ((5, 6),), {}, (1, 2, 3, 4)),
    ("PixelShuffle", (2,), {}, (1, 8, 3, 4)),
    ("PixelUnshuffle", (2,), {}, (1, 2, 6, 4)),
    ("ChannelShuffle", (2,), {}, (1, 6, 3, 4)),
]


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name,args,kwargs,shape", LAYERS, ids=lambda v: str(v).replace(" ", ""))
def test_like_pytorch(name: str, args: Any, kwargs: Any, shape: Any, dtype: str) -> None:
    value = np.abs(np.random.RandomState(0).standard_normal(shape)) + 0.1
    check_layer(name, args, kwargs, [value], dtype, True)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpooling(n: int) -> None:
    torch = pytest.importorskip("torch")
    value = np.random.RandomState(0).standard_normal((1, 2, *[5] * n))
    results = []
    for library, module in ((ag, nn), (torch, torch.nn)):
        x = library.tensor(value, requires_grad=True)
        pooled, places = getattr(module, f"MaxPool{n}d")(2, return_indices=True)(x)
        unpool = getattr(module, f"MaxUnpool{n}d")(2)
        back = unpool(pooled, places, output_size=x.shape)
        (back * back).sum().backward()
        results.append((back, x.grad, repr(unpool)))
    (ours, grad, text), (theirs, their_grad, their_text) = results
    close(ours, theirs, 0)
    close(grad, their_grad, 0)
    assert text == their_text


def test_adaptive_pooling_returns_indices() -> None:
    out, places = nn.AdaptiveMaxPool1d(2, return_indices=True)(ag.tensor([[[1.0, 5.0, 3.0, 7.0]]]))
    assert out.tolist() == [[[5.0, 7.0]]] and places.tolist() == [[[1, 3]]]
