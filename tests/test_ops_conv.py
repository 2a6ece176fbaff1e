"""Convolutions beside PyTorch over random shapes and options, to second order; errors; memory."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.ops import conv_core
from autograd_core.ops.conv_windows import Window

SETTINGS = range(60)


def settings(seed: int) -> tuple[str, list[Any], dict[str, Any]]:
    """A random call: the function's name, its arrays and its options."""
    r, rng = random.Random(seed), np.random.default_rng(seed)
    n, groups, transposes = r.choice([1, 2, 2, 3]), r.choice([1, 1, 2, 3]), seed % 3 == 0
    channels, features = groups * r.randint(1, 2), groups * r.randint(1, 2)
    kernel = [r.randint(1, 3) for _ in range(n)]
    stride, dilation = ([r.randint(1, 3) for _ in range(n)] for _ in range(2))
    padding = [r.randint(0, 2) for _ in range(n)]
    sizes = [d * (k - 1) + r.randint(1, 5) for d, k in zip(dilation, kernel)]
    options: dict[str, Any] = {"groups": groups, "dilation": dilation}
    shape = (features, channels // groups, *kernel)
    if transposes:
        shape = (channels, features // groups, *kernel)
        more = [r.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation)]
        padding = [min(p, d * (k - 1)) for p, d, k in zip(padding, dilation, kernel)]
        options |= {"stride": stride, "padding": padding, "output_padding": more}
    elif seed % 5 == 0:
        options |= {"padding": "same"}
    else:
        options |= {"stride": stride, "padding": padding}
    values = [rng.standard_normal((r.randint(1, 3), channels, *sizes)), rng.standard_normal(shape)]
    if seed % 2:
        values.append(rng.standard_normal(features))
    if seed % 7 == 0:
        values = [v + 1j * rng.standard_normal(v.shape) for v in values]
    return f"conv{'_transpose' if transposes else ''}{n}d", values, options


def to_second_order(library: Any, function: Any, values: list[Any], options: Any) -> list[Any]:
    leaves = [library.tensor(v, requires_grad=True) for v in values]
    out = function(*leaves, **options)
    loss = (abs(out) ** 2).sum()
    first = library.autograd.grad(loss, leaves, create_graph=True)
    more = sum((abs(g) ** 2).sum() for g in first)
    second = library.autograd.grad(more, leaves)
    return [t.detach().cpu().resolve_conj().numpy() if library is not ag else
            t.detach().cpu().numpy() for t in (out, *first, *second)]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("seed", SETTINGS)
def test_like_pytorch_to_second_order(seed: int) -> None:
    torch = pytest.importorskip("torch")
    name, values, options = settings(seed)
    ours = to_second_order(ag, getattr(ag, name), values, options)
    theirs = to_second_order(torch, getattr(torch.nn.functional, name), values, options)
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", SETTINGS[:12])
def test_few_images_at_a_time_change_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    name, values, options = settings(seed)
    whole = to_second_order(ag, getattr(ag, name), values, options)
    monkeypatch.setattr(conv_core, "_AT_ONCE", 1)
    for a, b in zip(to_second_order(ag, getattr(ag, name), values, options), whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_against_the_definition() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 6, 5)), rng.standard_normal((4, 3, 2, 3))
    want = np.zeros((2, 4, 4, 3))
    outer = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    for i in range(4):
        for j in range(3):
            seen = outer[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 3]
            want[:, :, i, j] = np.einsum("nchw,ochw->no", seen, w)
    got = ag.conv2d(ag.tensor(x), ag.tensor(w), stride=2, padding=1)
    np.testing.assert_allclose(got.cpu().numpy(), want, rtol=1e-12, atol=1e-12)


def test_the_transposed_convolution_is_the_adjoint() -> None:
    x, y = ag.randn(2, 4, 7, dtype=ag.float64), ag.randn(2, 6, 4, dtype=ag.float64)
    w = ag.randn(6, 2, 3, dtype=ag.float64)
    options = {"stride": 2, "padding": 1, "groups": 2}
    there = (ag.conv1d(x, w, **options) * y).sum().item()
    back = (ag.conv_transpose1d(y, w, **options) * x).sum().item()
    assert there == pytest.approx(back, rel=1e-12)


@pytest.mark.cpu_only
def test_memory_does_not_grow_with_the_batch() -> None:
    import tracemalloc

    x, w = ag.zeros(64, 16, 32, 32), ag.zeros(1, 16, 3, 3)
    tracemalloc.start()
    ag.conv2d(x, w, padding=1)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    all_windows = 64 * 16 * 9 * 32 * 32 * 4
    assert most < all_windows / 4


def test_a_window_outside_of_the_input_sees_padding() -> None:
    window = Window((2,), (5,), (1,), (3,), (5,), (1,))
    assert window.reach == (13,)
    assert window.inside() == ((..., slice(0, 2)), (..., slice(5, 7)))


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda: ag.conv2d(ag.ones(3, 4), ag.ones(2, 3, 2, 2)), ValueError, "conv2d: expected"),
        (lambda: ag.conv2d(ag.ones(1, 3, 4, 4), ag.ones(2, 3, 2)), ValueError, "weight of 4 dim"),
        (lambda: ag.conv2d(ag.ones(1, 3, 4, 4), ag.ones(2, 4, 2, 2)), RuntimeError, "4 channels"),
        (lambda: ag.conv1d(ag.ones(1, 4, 4), ag.ones(3, 2, 2), groups=2), ValueError, "groups=2"),
        (lambda: ag.conv1d(ag.ones(1, 4, 4), ag.ones(3, 2, 2), groups=0), ValueError, "positive"),
        (
            lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 3)),
            ValueError,
            "larger than the input",
        ),
        (lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 0)), ValueError, "no elements"),
        (
            lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), ag.ones(2)),
            ValueError,
            "bias must",
        ),
        (lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), stride=0), ValueError, "stride"),
        (lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), padding=-1), ValueError, "padding"),
        (lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), padding="x"), ValueError, "'x'"),
        (
            lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), stride=2, padding="same"),
            ValueError,
            "stride=1",
        ),
        (
            lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), stride=(1, 2)),
            ValueError,
            "stride",
        ),
        (
            lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), dilation=1.5),
            TypeError,
            "dilation",
        ),
        (
            lambda: ag.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1, dtype=ag.float64)),
            TypeError,
            "one dtype, got input float32 and weight float64",
        ),
        (
            lambda: ag.conv_transpose1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), output_padding=1),
            ValueError,
            "output_padding must be smaller",
        ),
        (
            lambda: ag.conv_transpose1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), padding=2),
            ValueError,
            "leave an output",
        ),
        (lambda: ag.conv_transpose1d(ag.ones(1, 2, 2), ag.ones(1, 1, 1)), ValueError, "1 channels"),
    ],
)
def test_errors(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()
