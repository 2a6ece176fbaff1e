"""Second derivatives through operators made of straight pieces: zeros, as PyTorch's, not None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn

torch: Any = pytest.importorskip("torch")

POINTS = np.random.default_rng(0).uniform(-2, 2, (2, 3, 6))

PIECES: dict[str, Callable[[Any, Any], Any]] = {
    "relu": lambda m, x: m.relu(x),
    "relu6": lambda m, x: m.nn.functional.relu6(x),
    "leaky_relu": lambda m, x: m.nn.functional.leaky_relu(x, 0.1),
    "prelu": lambda m, x: m.nn.functional.prelu(x, m.full((3,), 0.25, dtype=m.float64)),
    "rrelu": lambda m, x: m.nn.functional.rrelu(x, 0.1, 0.1, training=True),
    "rrelu of the mean slope": lambda m, x: m.nn.functional.rrelu(x),
    "hardtanh": lambda m, x: m.nn.functional.hardtanh(x),
    "hardswish": lambda m, x: m.nn.functional.hardswish(x),
    "threshold": lambda m, x: m.nn.functional.threshold(x, 0.2, 1.0),
    "hardshrink": lambda m, x: m.nn.functional.hardshrink(x),
    "softshrink": lambda m, x: m.nn.functional.softshrink(x),
    "max_pool1d": lambda m, x: m.nn.functional.max_pool1d(x, 2),
    "max_pool2d": lambda m, x: m.nn.functional.max_pool2d(x, (1, 2)),
    "rnn of relu": lambda m, x: m.rnn_relu_cell(x[0], x[1], *weights(m)),
    "abs": lambda m, x: m.abs(x),
}
# Of these PyTorch's gradient is a constant too, where the gradient that arrives is one.
CONSTANT: dict[str, Callable[[Any, Any], Any]] = {
    "clamp": lambda m, x: m.clamp(x, -1.0, 1.0),
    "maximum": lambda m, x: m.maximum(x, m.zeros_like(x)),
    "where": lambda m, x: m.where(x > 0, x, m.zeros_like(x)),
    "amax": lambda m, x: m.amax(x, -1),
    "cummax": lambda m, x: m.cummax(x, -1).values,
    "linear pieces": lambda m, x: x * 3 + 1,
}


def weights(m: Any) -> list[Any]:
    values = np.random.default_rng(1).uniform(-1, 1, (2, 6, 6))
    return [m.tensor(values[0]), m.tensor(values[1])]


def derivatives(m: Any, function: Callable[[Any, Any], Any], inner: bool) -> list[Any]:
    """The first derivative, what its sum's is, and that one's again, as far as there are some."""
    x = m.tensor(POINTS, requires_grad=True)
    slope = m.tensor(1.5, dtype=m.float64, requires_grad=True)
    y = function(m, x * slope if inner else x)
    found = []
    for _ in range(3):
        y = m.autograd.grad(y.sum(), x, create_graph=True, allow_unused=True)[0]
        if y is None:
            break
        found.append((y.detach() + 0).cpu().numpy())
        found.append(y.requires_grad)
        if not y.requires_grad:
            break
    return found


def assert_same(ours: list[Any], theirs: list[Any]) -> None:
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("inner", [False, True], ids=["alone", "inside"])
@pytest.mark.parametrize("name", PIECES)
def test_pieces(name: str, inner: bool) -> None:
    ours, theirs = [derivatives(m, PIECES[name], inner) for m in (ag, torch)]
    assert ours[1]
    assert_same(ours, theirs)


@pytest.mark.parametrize("name", CONSTANT)
def test_a_constant_gradient_is_one(name: str) -> None:
    ours, theirs = [derivatives(m, CONSTANT[name], False) for m in (ag, torch)]
    assert len(ours) == 2 and not ours[1]
    assert_same(ours, theirs)


def network(m: Any) -> Any:
    values = np.random.default_rng(2)
    net = m.nn.Sequential(
        m.nn.Linear(2, 8), m.nn.ReLU(), m.nn.Linear(8, 8), m.nn.LeakyReLU(), m.nn.Linear(8, 1)
    ).to(m.float64)
    with m.no_grad():
        for parameter in net.parameters():
            parameter.copy_(m.tensor(values.uniform(-1, 1, tuple(parameter.shape))))
    return net


def test_hessian_blocks_of_a_network() -> None:
    def blocks(m: Any) -> list[Any]:
        net, found = network(m), []
        x = m.tensor(POINTS[..., :2], requires_grad=True)
        inputs = [x, *net.parameters()]
        for one in inputs[:-1]:
            (g,) = m.autograd.grad(net(x).sum(), one, create_graph=True)
            row = m.autograd.grad(g.sum(), inputs, allow_unused=True)
            found += [None if h is None else h.cpu().numpy() for h in row]
        return found

    for ours, theirs in zip(blocks(ag), blocks(torch), strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_the_loss_of_a_differential_equation_trains() -> None:
    def gradients(m: Any) -> list[Any]:
        net = network(m)
        x = m.tensor(POINTS[..., :2], requires_grad=True)
        (first,) = m.autograd.grad(net(x).sum(), x, create_graph=True)
        (second,) = m.autograd.grad(first[..., 0].sum(), x, create_graph=True)
        ((second[..., 0] + first[..., 1] - x[..., 0]) ** 2).mean().backward()
        grads = [parameter.grad for parameter in net.parameters()]
        return [None if g is None else g.cpu().numpy() for g in grads]

    for ours, theirs in zip(gradients(ag), gradients(torch), strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_a_recorded_gradient_may_be_written_to() -> None:
    x = ag.tensor([-1.0, 2.0], requires_grad=True)
    weight = ag.tensor([3.0, 4.0], requires_grad=True)
    (g,) = ag.autograd.grad((ag.relu(x) * weight).sum(), x, create_graph=True)
    (g.mul_(2) * g).sum().backward()
    assert weight.grad.tolist() == [0.0, 32.0] and x.grad.tolist() == [0.0, 0.0]


def test_the_link_keeps_dtypes_and_hooks() -> None:
    x = ag.tensor([-1.0, 2.0], dtype=ag.float32, requires_grad=True)
    seen: list[Any] = []
    y = x * 2
    y.register_hook(lambda g: seen.append(g.requires_grad))
    (g,) = ag.autograd.grad(nn.functional.relu(y).sum(), x, create_graph=True)
    (h,) = ag.autograd.grad(g.sum(), x)
    assert seen == [True, False]  # the second walk is not recorded
    assert g.dtype is ag.float32 and h.dtype is ag.float32 and h.tolist() == [0.0, 0.0]
