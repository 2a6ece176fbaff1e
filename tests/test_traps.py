"""Where derivatives are singular, tied or undefined: gradients that PyTorch's users count on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

NAN, INF = float("nan"), float("inf")
X = [1.0, 2.0, 3.0]


def _written(x: Any) -> Any:
    b = ag.zeros(3)
    b[1] = 2 * x[0]
    return b


# name: (function, point, gradient of the sum of the function)
TRAPS: dict[str, tuple[Callable[[Any], Any], list[float], list[float]]] = {
    "norm at 0": (lambda x: ag.linalg.norm(x), [0.0, 0.0, 0.0], [0, 0, 0]),
    "std of equal values": (lambda x: x.std(), [2.0, 2.0, 2.0], [0, 0, 0]),
    "max of all, tied": (lambda x: x.max(), [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
    "max along a dimension, tied": (lambda x: x.max(0).values, [1.0, 3.0, 3.0], [0, 1, 0]),
    "amax, tied": (lambda x: x.amax(), [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
    "maximum, tied": (lambda x: ag.maximum(x, ag.tensor(1.0)), [1.0, 2.0], [0.5, 1]),
    "abs at 0": (lambda x: x.abs(), [0.0, -1.0], [0, -1]),
    "relu at 0": (lambda x: x.relu(), [0.0, -1.0, 1.0], [0, 0, 1]),
    "clamp at its bounds": (lambda x: x.clamp(0, 1), [0.0, 1.0, 0.5, 2.0], [1, 1, 1, 0]),
    "prod with a zero": (lambda x: x.prod(), [0.0, 2.0, 3.0], [6, 0, 0]),
    "prod with two zeros": (lambda x: x.prod(), [0.0, 0.0, 3.0], [0, 0, 0]),
    "cumprod with a zero": (lambda x: x.cumprod(0), [2.0, 0.0, 3.0], [1, 8, 0]),
    "x**0": (lambda x: x**0, [0.0, 1.0], [0, 0]),
    "x**0.5": (lambda x: x**0.5, [0.0, 4.0], [INF, 0.25]),
    "sqrt": (lambda x: x.sqrt(), [0.0, 4.0], [INF, 0.25]),
    "log": (lambda x: x.log(), [0.0, 2.0], [INF, 0.5]),
    "an exponent": (
        lambda y: ag.tensor([0.0, -1.0, 2.0]) ** y, [2.0, 2.0, 2.0], [0, NAN, 4 * np.log(2)],
    ),
    "atan2 at the origin": (lambda x: ag.atan2(x, ag.zeros(2)), [0.0, 1.0], [0, 0]),
    "sinc at 0": (lambda x: ag.sinc(x), [0.0, 0.5], [0, -4 / np.pi]),
    "sort": (lambda x: x.sort().values * ag.tensor(X), [3.0, 1.0, 2.0], [3, 1, 2]),
    "repeated indices": (lambda x: x[ag.tensor([0, 0, 1])], X, [2, 1, 0]),
    "a mask": (lambda x: x[x > 1.5], X, [0, 1, 1]),
    "writing into zeros": (_written, X, [2, 0, 0]),
    "mean of squares": (lambda x: (x * x).mean(), [1.0, 2.0], [1, 2]),
    "the branch not taken": (lambda x: ag.where(x > 0, x.sqrt(), x), [-1.0, 4.0], [NAN, 0.25]),
    "sign, round, floor": (lambda x: x.sign() + x.round() + x.floor(), [0.0, 1.5], [0, 0]),
    "var of one value": (lambda x: x.var(), [1.0], [NAN]),
    "softmax of infinite logits": (
        lambda x: x.softmax(0) * ag.tensor([1.0, 2.0]), [0.0, -INF], [0, 0],
    ),
}  # fmt: skip

# Better than PyTorch, which has NaN here.
BETTER: dict[str, tuple[Callable[[Any], Any], list[float], list[float]]] = {
    "hypot at the origin": (lambda x: ag.hypot(x, ag.zeros(1)), [0.0], [0]),
    "logsumexp of -inf": (lambda x: x.logsumexp(0), [-INF, -INF], [0.5, 0.5]),
    "logaddexp of -inf": (lambda x: ag.logaddexp(x, x), [-INF, 0.0], [1, 1]),
}


def gradient(function: Callable[[Any], Any], point: list[float]) -> Any:
    x = ag.tensor(point, requires_grad=True)
    function(x).sum().backward()
    assert x.grad.dtype == ag.float32
    return x.grad.tolist()


@pytest.mark.parametrize("name", [*TRAPS, *BETTER])
def test_gradient(name: str) -> None:
    function, point, expected = (TRAPS | BETTER)[name]
    np.testing.assert_allclose(gradient(function, point), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:var")
@pytest.mark.parametrize("name", TRAPS)
def test_pytorch_agrees(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    function, point, expected = TRAPS[name]
    monkeypatch.setitem(globals(), "ag", torch)
    x = torch.tensor(point, requires_grad=True)
    function(x).sum().backward()
    np.testing.assert_allclose(x.grad.tolist(), expected, rtol=1e-5, atol=1e-6)


def test_complex_gradients_are_those_of_steepest_ascent() -> None:
    z = ag.tensor(3 + 4j, requires_grad=True)
    (z.abs() ** 2).backward()
    assert z.grad.item() == pytest.approx(6 + 8j)
