"""Convolutional layers beside PyTorch's: output, gradients, text, state, first numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nn_beside_pytorch import check_initial_numbers, check_layer

import autograd_core as ag
from autograd_core import nn

LAYERS: list[tuple[str, Any, Any, Any]] = [
    ("Conv1d", (2, 3, 3), {}, (2, 2, 7)),
    ("Conv1d", (2, 3, 3), {"padding": "same", "dilation": 2}, (2, 7)),
    ("Conv2d", (2, 3, 3), {"padding": 1, "stride": 2}, (2, 2, 7, 6)),
    ("Conv2d", (4, 6, (3, 2)), {"groups": 2, "bias": False, "dilation": (1, 2)}, (1, 4, 5, 6)),
    ("Conv2d", (2, 2, 3), {"padding": (1, 2), "padding_mode": "reflect"}, (1, 2, 5, 6)),
    ("Conv2d", (2, 2, 3), {"padding": "same", "padding_mode": "circular"}, (1, 2, 5, 6)),
    ("Conv2d", (2, 2, 3), {"padding": "valid", "padding_mode": "replicate"}, (1, 2, 5, 6)),
    ("Conv3d", (2, 3, 2), {"padding": 1}, (1, 2, 3, 4, 3)),
    ("ConvTranspose1d", (2, 3, 3), {"stride": 2, "output_padding": 1}, (2, 2, 4)),
    ("ConvTranspose2d", (4, 2, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 4, 3, 4)),
    ("ConvTranspose2d", (2, 2, 2), {"dilation": 2, "bias": False}, (2, 3, 4)),
    ("ConvTranspose3d", (2, 3, 2), {"stride": (1, 2, 1)}, (1, 2, 2, 3, 2)),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name,args,kwargs,shape", LAYERS, ids=lambda v: str(v).replace(" ", ""))
def test_like_pytorch(name: str, args: Any, kwargs: Any, shape: Any, dtype: str) -> None:
    value = np.random.RandomState(0).standard_normal(shape)
    check_layer(name, args, kwargs, [value], dtype, True)


@pytest.mark.cpu_only
@pytest.mark.parametrize("name,args,kwargs,shape", LAYERS, ids=lambda v: str(v).replace(" ", ""))
def test_draws_pytorchs_numbers(name: str, args: Any, kwargs: Any, shape: Any) -> None:
    check_initial_numbers(name, args, kwargs)


def test_output_size() -> None:
    torch = pytest.importorskip("torch")
    layer, theirs = (
        nn.ConvTranspose2d(1, 1, 3, stride=2),
        torch.nn.ConvTranspose2d(1, 1, 3, stride=2),
    )
    layer.load_state_dict(theirs.state_dict())
    for size in [(9, 9), (10, 9), (1, 1, 10, 10)]:
        ours = layer(ag.ones(1, 1, 4, 4), output_size=size)
        assert ours.shape == tuple(theirs(torch.ones(1, 1, 4, 4), output_size=size).shape)
    with pytest.raises(ValueError, match="output_size"):
        layer(ag.ones(1, 1, 4, 4), output_size=(12, 9))
    with pytest.raises(ValueError, match="must have 2 or 4"):
        layer(ag.ones(1, 1, 4, 4), output_size=(9,))


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "in_channels=3 must be divisible by groups=2"),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "out_channels=3 must be divisible"),
        (lambda: nn.Conv2d(4, 3, 3, groups=0), "positive"),
        (lambda: nn.Conv2d(4, 3, 3, padding_mode="x"), "padding_mode must be one of"),
        (lambda: nn.ConvTranspose2d(4, 3, 3, padding_mode="reflect"), "must be 'zeros'"),
        (lambda: nn.Conv2d(4, 3, 3, padding="x"), "'same', 'valid' or numbers"),
        (lambda: nn.Conv2d(4, 3, 3, padding="same", stride=2), "stride=1"),
        (lambda: nn.Conv2d(4, 3, (3, 3, 3)), "kernel_size"),
        (lambda: nn.Conv2d(4, 3, 3)(ag.ones(1, 3, 5, 5)), "4 channels"),
    ],
)
def test_errors(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
