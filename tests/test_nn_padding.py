"""Padding and fractional pooling layers beside PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest
from nn_beside_pytorch import check_layer, close, numpy

import autograd_core as ag
from autograd_core import nn

torch = pytest.importorskip("torch")

SHAPES = {1: [(2, 3, 6), (3, 6)], 2: [(2, 3, 6, 5), (3, 6, 5)], 3: [(2, 3, 4, 5, 3), (3, 4, 5, 3)]}
# Widths that fit every kind; negative ones, which take away, only some.
WIDTHS = {1: [2, (1, 2), (0, 0)], 2: [1, (1, 2, 0, 3)], 3: [1, (2, 1, 0, 3, 1, 2)]}
NEGATIVE = {1: (-1, 2), 2: (-2, 1, 0, -1), 3: (1, -1, 0, 2, -1, 0)}
LAYERS = [
    (f"{kind}Pad{n}d", (widths, *((1.5,) if kind == "Constant" else ())), shape)
    for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular")
    for n in (1, 2, 3)
    for widths in (*WIDTHS[n], *([NEGATIVE[n]] if kind in ("Constant", "Zero") else []))
    for shape in SHAPES[n]
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "args", "shape"), LAYERS, ids=str)
def test_padding_like_pytorch(name, args, shape, dtype):
    check_layer(name, args, {}, [np.random.RandomState(0).standard_normal(shape)], dtype, True)


def test_constants_go_around_anything():
    x = ag.arange(3)
    assert nn.ConstantPad1d(1, 7)(x).tolist() == [7, 0, 1, 2, 7]
    assert nn.ZeroPad2d((1, 0, 0, 0))(ag.ones(2, 1)).tolist() == [[0.0, 1.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.ReflectionPad1d((1, 2, 3)), ValueError, r"ReflectionPad1d: padding.*\(1, 2, 3"),
        (lambda: nn.ConstantPad2d(1.5, 0.0), ValueError, "ConstantPad2d: padding.*1.5"),
        (lambda: nn.ZeroPad3d("same"), ValueError, "ZeroPad3d: padding"),
        (lambda: nn.ReflectionPad2d(1)(ag.ones(3, 3)), RuntimeError, "3D or 4D input, got 2D"),
        (lambda: nn.CircularPad1d(1)(ag.ones(2, 2, 2, 2)), ValueError, "2D or 3D input, got 4D"),
        (lambda: nn.ReflectionPad1d(3)(ag.ones(1, 3)), RuntimeError, "too much for dimension 1"),
    ],
)
def test_padding_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


POOLS = [
    ("FractionalMaxPool2d", (3, 4), {}, (2, 3, 9, 8)),
    ("FractionalMaxPool2d", ((2, 3),), {"output_ratio": (0.5, 0.7)}, (3, 9, 8)),
    ("FractionalMaxPool2d", (2,), {"output_size": 1}, (1, 2, 5, 5)),
    ("FractionalMaxPool3d", (2, (2, 3, 4)), {}, (2, 3, 5, 6, 7)),
    ("FractionalMaxPool3d", (2,), {"output_ratio": 0.5}, (3, 5, 6, 7)),
]


@pytest.mark.cpu_only
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), POOLS, ids=str)
def test_fractional_pooling_like_pytorch(name, args, kwargs, shape, dtype):
    value = np.random.RandomState(0).standard_normal(shape)
    check_layer(name, args, kwargs, [value], dtype, True)


@pytest.mark.parametrize("n", [2, 3])
def test_fractional_indices_and_given_windows(n):
    """With given windows on every device; the indices lead max unpooling back."""
    shape, function = (2, 3, 6, 7, 8)[: n + 2], f"fractional_max_pool{n}d"
    value = np.random.RandomState(0).standard_normal(shape)
    at = np.random.RandomState(1).random((2, 3, n))
    ours, places = getattr(nn.functional, function)(
        ag.tensor(value), 2, 4, return_indices=True, _random_samples=ag.tensor(at)
    )
    theirs, where = getattr(torch.nn.functional, function)(
        torch.tensor(value), 2, 4, return_indices=True, _random_samples=torch.tensor(at)
    )
    close(ours, theirs, 0)
    assert places.tolist() == where.tolist()
    flat = numpy(ag.tensor(value)).reshape(2, 3, -1)
    found = np.take_along_axis(flat, numpy(places).reshape(2, 3, -1), -1)
    np.testing.assert_array_equal(found.reshape(numpy(ours).shape), numpy(ours))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.FractionalMaxPool2d(2), ValueError, "either output_size or output_ratio"),
        (lambda: nn.FractionalMaxPool2d(2, 2, 0.5), ValueError, "either output_size or"),
        (lambda: nn.FractionalMaxPool3d(2, output_ratio=1.5), ValueError, "output_ratio.*1.5"),
        (lambda: nn.FractionalMaxPool2d(3, 5)(ag.ones(1, 6, 6)), RuntimeError, "output_size=.5, 5"),
        (lambda: nn.FractionalMaxPool2d(3, 2)(ag.ones(6, 6)), RuntimeError, "expected 4 dim"),
        (
            lambda: nn.FractionalMaxPool2d(3, 2, _random_samples=ag.rand(1, 2, 2))(
                ag.ones(1, 3, 6, 6)
            ),
            RuntimeError,
            r"_random_samples must.*\(1, 3, 2\)",
        ),
    ],
)
def test_fractional_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
