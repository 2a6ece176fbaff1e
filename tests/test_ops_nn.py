"""Operators of networks: linear, softmax, cross entropy, activations."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.ops.cross_entropy import cross_entropy, nll_loss
from autograd_core.ops.linear import linear


def values(tensor: ag.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def random(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape) * scale


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3), (2, 0, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_is_one_node(shape: tuple[int, ...], bias: bool) -> None:
    x = ag.tensor(random(*shape), requires_grad=True)
    w = ag.tensor(random(5, 3, seed=1), requires_grad=True)
    b = ag.tensor(random(5, seed=2), requires_grad=True)
    inputs = (x, w, b) if bias else (x, w)
    out = linear(*inputs)
    assert out.grad_fn.name() == "LinearBackward0"
    want = values(x) @ values(w).T + (values(b) if bias else 0)
    np.testing.assert_allclose(values(out), want, rtol=1e-12)
    assert ag.autograd.gradcheck(linear, inputs) and ag.autograd.gradgradcheck(linear, inputs)


def test_linear_refuses_what_does_not_fit() -> None:
    with pytest.raises(RuntimeError, match="linear.*expected input"):
        linear(ag.ones(2, 3), ag.ones(4, 2), ag.ones(4))
    with pytest.raises(RuntimeError, match="linear.*expected input"):
        linear(ag.ones(2, 3), ag.ones(4, 3), ag.ones(3))
    with pytest.raises(RuntimeError, match="linear"):
        linear(ag.tensor(1.0), ag.ones(4, 3), ag.ones(4))


def test_softmax_of_large_numbers() -> None:
    x = ag.tensor([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4]])
    assert x.softmax(1).tolist() == [[1.0, 0.0, 0.0], pytest.approx([1 / 3] * 3)]
    assert x.log_softmax(1)[0].tolist() == [0.0, -1e4, -2e4]
    masked = ag.tensor([0.0, -math.inf, 0.0], requires_grad=True)
    masked.softmax(0)[0].backward()
    assert masked.grad.tolist() == pytest.approx([0.25, 0.0, -0.25])
    assert ag.tensor([1, 1]).softmax(0, dtype=ag.float64).dtype is ag.float64
    with pytest.raises(RuntimeError, match="softmax.*int64"):
        ag.tensor([1, 1]).softmax(0)


@pytest.mark.parametrize("shape", [(3, 20), (600, 10), (4, 5, 30), (50, 40, 3), (2, 3000)])
def test_softmax_along_any_dimension(shape: tuple[int, ...]) -> None:
    a = random(*shape, scale=3.0)
    for dim in range(len(shape)):
        e = np.exp(a - a.max(dim, keepdims=True))
        want = e / e.sum(dim, keepdims=True)
        np.testing.assert_allclose(values(ag.tensor(a).softmax(dim)), want, rtol=1e-12)
        np.testing.assert_allclose(
            values(ag.tensor(a).log_softmax(dim)), np.log(want), rtol=1e-10, atol=1e-12
        )


def naive(
    x: np.ndarray, t: np.ndarray, weight: np.ndarray, ignore: int, reduction: str
) -> np.ndarray:
    """Cross entropy of (N, C) logits, element by element."""
    logs = x - x.max(1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
    counts = np.array([0.0 if c == ignore else weight[c] for c in t])
    losses = np.array([0.0 if c == ignore else -logs[i, c] for i, c in enumerate(t)]) * counts
    if reduction == "none":
        return losses
    return losses.sum() / (counts.sum() if reduction == "mean" else 1)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy(reduction: str, weighted: bool) -> None:
    a, t = random(6, 4, scale=3.0), np.array([0, 3, -100, 2, 1, 1])
    weight = np.array([0.5, 1.0, 2.0, 0.25]) if weighted else np.ones(4)
    x = ag.tensor(a, requires_grad=True)
    w = ag.tensor(weight) if weighted else None
    want = naive(a, t, weight, -100, reduction)
    loss = cross_entropy(x, ag.tensor(t), w, reduction=reduction)
    np.testing.assert_allclose(values(loss), want, rtol=1e-12, atol=1e-14)
    assert loss.grad_fn.name().startswith("CrossEntropy")
    through = nll_loss(x.log_softmax(1), ag.tensor(t), w, reduction=reduction)
    np.testing.assert_allclose(values(through), want, rtol=1e-12, atol=1e-14)

    def function(x: ag.Tensor) -> ag.Tensor:
        return cross_entropy(x, ag.tensor(t), w, reduction=reduction)

    assert ag.autograd.gradcheck(function, (x,)) and ag.autograd.gradgradcheck(function, (x,))


def test_cross_entropy_third_derivative() -> None:
    """Against the composition of logsumexp and indexing."""
    a, t = random(3, 4), [1, 0, 3]
    grads = []
    for f in (
        lambda x: cross_entropy(x, ag.tensor(t), reduction="sum"),
        lambda x: x.logsumexp(1).sum() - x[0, 1] - x[1, 0] - x[2, 3],
    ):
        x = ag.tensor(a, requires_grad=True)
        out = f(x)
        for k in range(3):
            (out,) = ag.autograd.grad(out, x, create_graph=True)
            if k < 2:
                out = (out * ag.tensor(random(3, 4, seed=k + 1))).sum()
        grads.append(values(out))
    np.testing.assert_allclose(grads[0], grads[1], rtol=1e-10, atol=1e-13)


def test_cross_entropy_is_precise_for_confident_logits() -> None:
    x = ag.tensor([[10_000.0, 9_992.0]], dtype=ag.float32)
    assert cross_entropy(x, ag.tensor([0])).item() == pytest.approx(
        math.log1p(math.exp(-8)), rel=1e-3
    )


def test_cross_entropy_with_every_target_ignored() -> None:
    x = ag.tensor(random(2, 3), requires_grad=True)
    loss = cross_entropy(x, ag.tensor([-100, -100]))
    assert math.isnan(loss.item())
    loss.backward()
    assert x.grad.abs().max().item() == 0.0


def test_cross_entropy_of_images_and_of_one_sample() -> None:
    a, t = random(2, 3, 4, 5), np.random.default_rng(1).integers(0, 3, (2, 4, 5))
    flat, classes = np.moveaxis(a, 1, -1).reshape(-1, 3), t.reshape(-1)
    got = cross_entropy(ag.tensor(a), ag.tensor(t))
    assert got.item() == pytest.approx(naive(flat, classes, np.ones(3), -100, "mean"))
    single = cross_entropy(ag.tensor(flat[0]), ag.tensor(classes[0]))
    assert single.shape == () and single.item() == pytest.approx(
        naive(flat[:1], classes[:1], np.ones(3), -100, "mean")
    )


def test_soft_targets_and_label_smoothing() -> None:
    a, t = random(4, 3), np.array([0, 2, 1, 1])
    one_hot = np.eye(3)[t]
    x = ag.tensor(a)
    hard = cross_entropy(x, ag.tensor(t))
    assert cross_entropy(x, ag.tensor(one_hot)).item() == pytest.approx(hard.item())
    smooth = cross_entropy(x, ag.tensor(t), label_smoothing=0.3)
    soft = cross_entropy(x, ag.tensor(0.7 * one_hot + 0.1))
    assert smooth.item() == pytest.approx(soft.item())
    target = ag.tensor(one_hot, requires_grad=True)
    cross_entropy(x, target).backward()
    np.testing.assert_allclose(values(target.grad), -values(x.log_softmax(1)) / 4, rtol=1e-12)


def test_cross_entropy_refuses() -> None:
    x = ag.ones(2, 3)
    with pytest.raises(RuntimeError, match="cross_entropy.*classes"):
        cross_entropy(x, ag.tensor([0, 1, 2]))
    with pytest.raises(RuntimeError, match="long"):
        cross_entropy(x, ag.ones(2))
    with pytest.raises(ValueError, match="reduction"):
        cross_entropy(x, ag.tensor([0, 1]), reduction="average")
    with pytest.raises(ValueError, match="label_smoothing"):
        cross_entropy(x, ag.tensor([0, 1]), label_smoothing=2.0)
    with pytest.raises(RuntimeError, match="weight"):
        cross_entropy(x, ag.tensor([0, 1]), weight=ag.ones(2))
    with pytest.raises(RuntimeError, match="constant"):
        cross_entropy(x, ag.tensor([0, 1]), weight=ag.ones(3, requires_grad=True))
    with pytest.raises(IndexError, match="3"):
        cross_entropy(x, ag.tensor([0, 3]))
    with pytest.raises(IndexError, match="-1"):
        cross_entropy(x, ag.tensor([0, -1]))


def test_relu() -> None:
    for size in (4, 10_000):
        a = random(size)
        a[:4] = [math.nan, math.inf, -math.inf, -0.0]
        x = ag.tensor(a, requires_grad=True)
        np.testing.assert_array_equal(values(x.relu()), np.maximum(a, 0))
        x.relu().sum().backward()
        np.testing.assert_array_equal(values(x.grad)[1:], (a > 0)[1:])
    assert ag.tensor([-1, 2]).relu().tolist() == [0, 2]


@pytest.mark.parametrize(
    "name", ["silu", "mish", "elu", "celu", "selu", "leaky_relu", "hardtanh", "relu6"]
)
def test_activations_in_place(name: str) -> None:
    function = getattr(ag.nn.functional, name)
    x = ag.tensor(random(7), requires_grad=True)
    y = x * 1
    want = function(x)
    assert function(y, inplace=True) is y and y.tolist() == want.tolist()
    (y * y).sum().backward()
    (expected,) = ag.autograd.grad((want * want).sum(), x)
    np.testing.assert_allclose(values(x.grad), values(expected), rtol=1e-12)
    with pytest.raises(RuntimeError, match="leaf"):
        function(x, inplace=True)


@pytest.mark.parametrize("name", ["silu", "mish", "elu", "softplus", "logsigmoid", "gelu"])
def test_activations_far_out(name: str) -> None:
    """Neither value nor gradient overflows."""
    function = getattr(ag.nn.functional, name)
    x = ag.tensor([-1e4, -100.0, 100.0, 1e4], requires_grad=True)
    out = function(x)
    out.sum().backward()
    assert np.isfinite(values(out)).all() and np.isfinite(values(x.grad)).all()
    with pytest.raises(RuntimeError, match="int64"):
        function(ag.tensor([1, 2]))
