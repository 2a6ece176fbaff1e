"""Pooling, unpooling, unfold and interpolation beside PyTorch over random options; errors."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.nn import functional as F
from autograd_core.ops.pool_sums import Taps


def settings(seed: int) -> tuple[str, np.ndarray, tuple[Any, ...]]:
    """A random call, with ties in the values: the function's name, its input and its options."""
    r, rng = random.Random(seed), np.random.default_rng(seed)
    n, kind = r.choice([1, 2, 2, 3]), ["max", "avg", "adaptive_max", "adaptive_avg"][seed % 4]
    lead = [r.randint(1, 2) for _ in range(r.choice([1, 2, 2]))]
    sizes = [r.randint(4, 7) for _ in range(n)]
    x = rng.integers(-3, 4, (*lead, *sizes)).astype(float)
    kernel, ceil = [r.randint(1, 4) for _ in range(n)], r.random() < 0.5
    stride = r.choice([None, [r.randint(1, 3) for _ in range(n)]])
    padding = [r.randint(0, k // 2) for k in kernel]
    if kind == "max":
        dilation = [1 if k > 2 else r.randint(1, 2) for k in kernel]
        return f"max_pool{n}d", x, (kernel, stride, padding, dilation, ceil, True)
    if kind == "avg":
        more = (r.choice([None, 3]),) if n > 1 else ()
        return f"avg_pool{n}d", x, (kernel, stride, padding, ceil, r.random() < 0.5, *more)
    size = [r.randint(1, 8) for _ in range(n)]
    return f"{kind}_pool{n}d", x, (size, True) if kind == "adaptive_max" else (size,)


def compare(function: str, value: np.ndarray, args: Any, kwargs: Any) -> None:
    torch = pytest.importorskip("torch")
    x, w = ag.tensor(value, requires_grad=True), torch.tensor(value, requires_grad=True)
    y, z = (
        getattr(F, function)(x, *args, **kwargs),
        getattr(torch.nn.functional, function)(w, *args, **kwargs),
    )
    if isinstance(z, tuple):
        assert y[1].tolist() == z[1].tolist()
        y, z = y[0], z[0]
    np.testing.assert_allclose(y.tolist(), z.tolist(), rtol=1e-10, atol=1e-10)
    weights = np.random.default_rng(0).standard_normal(tuple(z.shape))
    y.backward(ag.tensor(weights))
    z.backward(torch.tensor(weights))
    np.testing.assert_allclose(x.grad.tolist(), w.grad.tolist(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("seed", range(100))
def test_pooling_like_pytorch(seed: int) -> None:
    name, value, args = settings(seed)
    compare(name, value, args, {})


INTERPOLATIONS = [
    ((2, 3, 5), {"size": 8, "mode": "linear"}),
    ((2, 3, 5), {"scale_factor": 1.7, "mode": "nearest"}),
    ((2, 3, 5), {"scale_factor": 0.37, "mode": "nearest-exact"}),
    ((1, 2, 4, 5), {"size": (7, 3), "mode": "bilinear"}),
    ((1, 2, 4, 5), {"size": (7, 3), "mode": "bilinear", "align_corners": True}),
    ((1, 2, 4, 5), {"scale_factor": (1.3, 2.6), "mode": "bilinear"}),
    (
        (1, 2, 4, 5),
        {"scale_factor": (1.3, 2.6), "mode": "bicubic", "recompute_scale_factor": True},
    ),
    ((1, 2, 4, 5), {"scale_factor": (1.3, 2.6), "mode": "bicubic", "align_corners": True}),
    ((1, 2, 4, 5), {"size": (1, 1), "mode": "bicubic", "align_corners": True}),
    ((1, 2, 4, 5), {"size": (3, 9), "mode": "area"}),
    ((1, 2, 3, 4, 2), {"size": (5, 2, 4), "mode": "trilinear", "align_corners": True}),
    ((1, 2, 3, 4, 2), {"scale_factor": 2, "mode": "nearest"}),
]


@pytest.mark.parametrize("shape,options", INTERPOLATIONS, ids=lambda v: str(v).replace(" ", ""))
def test_interpolation_like_pytorch(shape: Any, options: Any) -> None:
    compare("interpolate", np.random.default_rng(1).standard_normal(shape), (), options)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("align", [None, True])
@pytest.mark.parametrize("to", [{"size": (3, 5)}, {"size": (11, 2)}, {"scale_factor": (0.45, 1.3)}])
def test_interpolation_without_false_patterns(mode: str, align: Any, to: Any) -> None:
    image = np.random.default_rng(1).standard_normal((2, 2, 7, 9))
    if mode == "lanczos":
        align = None
    compare(
        "interpolate", image, (), {**to, "mode": mode, "align_corners": align, "antialias": True}
    )


def test_a_fine_pattern_becomes_grey() -> None:
    stripes = (ag.arange(64) % 2).float().expand(1, 1, 64, 64)
    small = F.interpolate(stripes, (16, 16), mode="bilinear", antialias=True)
    assert (small[..., 2:-2] - 0.5).abs().max().item() < 0.02


@pytest.mark.filterwarnings("ignore:.*is deprecated")  # PyTorch's own
@pytest.mark.parametrize("name", ["upsample", "upsample_nearest", "upsample_bilinear"])
def test_older_names_of_interpolation(name: str) -> None:
    compare(name, np.random.default_rng(1).standard_normal((1, 2, 3, 4)), (), {"scale_factor": 2})


@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpooling_undoes_pooling(n: int) -> None:
    x = ag.tensor(np.random.default_rng(0).random((2, 3, *[6] * n)))
    pooled, places = getattr(F, f"max_pool{n}d")(x, 2, return_indices=True)
    back = getattr(F, f"max_unpool{n}d")(pooled, places, 2)
    again, same = getattr(F, f"max_pool{n}d")(back, 2, return_indices=True)
    assert again.tolist() == pooled.tolist() and same.tolist() == places.tolist()
    assert back.sum().item() == pytest.approx(pooled.sum().item())


def test_fold_is_the_adjoint_of_unfold() -> None:
    options: dict[str, Any] = {"kernel_size": (2, 3), "padding": 1, "stride": (2, 1), "dilation": 2}
    x = ag.randn(2, 3, 6, 7, dtype=ag.float64)
    columns = F.unfold(x, **options)
    y = ag.randn(*columns.shape, dtype=ag.float64)
    back = F.fold(y, (6, 7), **options)
    assert (columns * y).sum().item() == pytest.approx((x * back).sum().item(), rel=1e-12)


def test_taps_twice_transposed_are_the_same_map() -> None:
    taps = Taps(4, [[0, 1], [1, 2], [3, 3]], [[1.0, 2.0], [0.5, 0.5], [1.0, 0.0]])
    dense = np.zeros((3, 4))
    np.add.at(dense, (np.arange(3)[:, None], taps.places), taps.weights)
    back = np.zeros((4, 3))
    np.add.at(back, (np.arange(4)[:, None], taps.transposed.places), taps.transposed.weights)
    assert back.tolist() == dense.T.tolist()
    assert taps.transposed.transposed is taps


def test_pooling_whole_numbers() -> None:
    x = ag.tensor([[[3, -7, 2, 9]]])
    assert F.max_pool1d(x, 2, padding=1).tolist() == [[[3, 2, 9]]]
    with pytest.raises(RuntimeError, match=r"avg_pool1d.*int64"):
        F.avg_pool1d(x, 2)


def test_a_nan_in_the_window_is_its_maximum() -> None:
    x = ag.tensor([[[1.0, float("nan"), 3.0, 2.0]]])
    out, places = F.max_pool1d(x, 2, return_indices=True)
    assert str(out.tolist()) == "[[[nan, 3.0]]]" and places.tolist() == [[[1, 2]]]


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda: F.max_pool2d(ag.ones(4, 4), 2), ValueError, "max_pool2d: expected 4 dimensions"),
        (lambda: F.max_pool2d(ag.ones(1, 0, 4, 4), 2), ValueError, "only the batch may be empty"),
        (lambda: F.max_pool1d(ag.ones(1, 1, 4), 5), RuntimeError, "kernel_size=.* is larger"),
        (lambda: F.max_pool1d(ag.ones(1, 1, 4), 2, padding=2), ValueError, "half of the window"),
        (lambda: F.max_pool1d(ag.ones(1, 1, 4), 0), ValueError, "kernel_size must be at least 1"),
        (lambda: F.max_pool1d(ag.ones(1, 1, 4), (2, 2)), ValueError, "must be an integer or 1"),
        (lambda: F.max_pool1d(ag.ones(1, 1, 4), 2.5), TypeError, "kernel_size must be integers"),
        (lambda: F.avg_pool2d(ag.ones(1, 4, 4), 2, divisor_override=0), ValueError, "divisor"),
        (lambda: F.adaptive_avg_pool2d(ag.ones(1, 4, 4), (1, 2, 3)), ValueError, "output_size"),
        (lambda: F.adaptive_max_pool2d(ag.ones(1, 4, 4), -1), ValueError, "negative"),
        (
            lambda: F.max_unpool1d(ag.ones(1, 1, 2), ag.tensor([[[0, 4]]]), 2),
            IndexError,
            "max_unpool1d: index 4 is out of range",
        ),
        (
            lambda: F.max_unpool1d(ag.ones(1, 1, 2), ag.tensor([[[0]]]), 2),
            ValueError,
            "indices must have the shape",
        ),
        (
            lambda: F.max_unpool1d(ag.ones(1, 1, 2), ag.tensor([[[0, 1]]]), 2, output_size=[9]),
            ValueError,
            "output_size",
        ),
        (lambda: F.max_unpool1d(ag.ones(1, 1, 2), ag.ones(1, 1, 2), 2), IndexError, "integers"),
        (lambda: F.unfold(ag.ones(1, 4, 4), 5), ValueError, "unfold: kernel_size"),
        (lambda: F.unfold(ag.ones(4), 5), ValueError, "unfold: expected"),
        (
            lambda: F.fold(ag.ones(1, 4, 4), (3, 4), 2),
            ValueError,
            r"expected \(N, a multiple",
        ),
        (lambda: F.interpolate(ag.ones(1, 1, 4), 3, mode="bilinear"), ValueError, "mode must be"),
        (lambda: F.interpolate(ag.ones(1, 1, 4), 3, 2.0), ValueError, "either size or scale"),
        (lambda: F.interpolate(ag.ones(1, 1, 4)), ValueError, "either size or scale"),
        (lambda: F.interpolate(ag.ones(1, 4), 3), ValueError, "interpolate: expected"),
        (lambda: F.interpolate(ag.ones(1, 1, 4), (3, 3)), ValueError, "size must be"),
        (lambda: F.interpolate(ag.ones(1, 1, 4), 0), ValueError, "would become"),
        (lambda: F.interpolate(ag.ones(1, 1, 4), 2, align_corners=True), ValueError, "no meaning"),
        (lambda: F.interpolate(ag.ones(1, 1, 4), 2, antialias=True), ValueError, "antialias"),
        (lambda: F.interpolate(ag.ones(1, 1, 4, 4), 2, mode="lanczos"), ValueError, "antialias"),
        (lambda: F.interpolate(ag.ones(1, 1, 4).long(), 2, mode="linear"), TypeError, "int64"),
        (lambda: F.pixel_shuffle(ag.ones(3, 1, 1), 2), ValueError, "no multiple"),
        (lambda: F.pixel_shuffle(ag.ones(3, 1), 2), ValueError, "at least 3 dimensions"),
        (lambda: F.pixel_unshuffle(ag.ones(3, 3, 2), 2), ValueError, "multiples of"),
        (lambda: F.channel_shuffle(ag.ones(1, 3, 2), 2), ValueError, "no multiple of 2 groups"),
        (lambda: F.channel_shuffle(ag.ones(1, 3, 2), 0), ValueError, "positive integer"),
    ],
)
def test_errors(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_size_that_stays_is_not_resampled() -> None:
    x = ag.tensor([[[[1.0, 5.0, 2.0]]]])
    assert F.interpolate(x, scale_factor=(2.0, 1.3), mode="bilinear").tolist() == [
        [[[1.0, 5.0, 2.0], [1.0, 5.0, 2.0]]]
    ]
