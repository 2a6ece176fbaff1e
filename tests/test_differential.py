"""Differential equations: known solutions, SciPy's, gradients of both ways, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn


def host(x: Any) -> Any:
    return x.detach().cpu().numpy()


def double(values: Any, requires_grad: bool = False) -> Any:
    return ag.tensor(np.asarray(values, np.float64), requires_grad=requires_grad)


def spring(t: Any, y: Any) -> Any:
    return ag.stack([y[1], -y[0]])


TIMES = [0.0, 0.3, 1.1, 4.0]


@pytest.mark.parametrize("solve", [ag.odeint, ag.odeint_adjoint])
@pytest.mark.parametrize("back", [False, True])
def test_an_oscillation(solve: Any, back: bool) -> None:
    t = np.array(TIMES) * (-1 if back else 1)
    y = solve(spring, double([0.0, 1.0]), double(t), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(host(y), np.stack([np.sin(t), np.cos(t)], 1), atol=1e-9)


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("midpoint", 2), ("rk4", 4)])
def test_orders_of_fixed_steps(method: str, order: int) -> None:
    """Half the step divides the error by two to the order."""
    errors = []
    for step in (0.1, 0.05):
        y = ag.odeint(
            spring, double([0.0, 1.0]), double([0.0, 1.0]), method=method,
            options={"step_size": step},
        )  # fmt: skip
        errors.append(abs(y[-1, 0].item() - math.sin(1)))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)


def test_the_order_and_the_tolerance_of_dopri5() -> None:
    for tolerance in (1e-4, 1e-7, 1e-10):
        y = ag.odeint(spring, double([0.0, 1.0]), double([0.0, 9.0]), rtol=0, atol=tolerance)
        assert abs(y[-1, 0].item() - math.sin(9)) < 50 * tolerance


def test_beside_scipy() -> None:
    """The equations of Lorenz, and of van der Pol."""
    integrate = pytest.importorskip("scipy.integrate")
    for function, start in (
        (lambda t, y: [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]],
         [1.0, 1.0, 1.0]),
        (lambda t, y: [y[1], 3 * (1 - y[0] ** 2) * y[1] - y[0] + np.cos(t) * 0], [2.0, 0.0]),
    ):  # fmt: skip
        t = np.linspace(0, 2, 9)
        want = integrate.solve_ivp(function, (0, 2), start, "DOP853", t, rtol=1e-11, atol=1e-12).y.T

        def here(time: Any, y: Any, f: Any = function) -> Any:
            return ag.stack(f(0.0, y))

        got = ag.odeint(here, double(start), double(t), rtol=1e-10, atol=1e-11)
        np.testing.assert_allclose(host(got), want, atol=1e-6)


def rate_of(rate: Any) -> Any:
    return lambda t, y: ag.stack([y[1], -rate * rate * y[0]]) + 0.1 * ag.sin(t) * y


@pytest.mark.parametrize("method", ["rk4", "midpoint", "euler"])
def test_derivatives_through_fixed_steps(method: str) -> None:
    leaves = double([1.0, 0.0], True), double(TIMES[:3], True), double(1.3, True)

    def solve(y0: Any, t: Any, rate: Any) -> Any:
        return ag.odeint(rate_of(rate), y0, t, method=method, options={"step_size": 0.17})

    assert ag.autograd.gradcheck(solve, leaves)
    assert ag.autograd.gradgradcheck(solve, leaves)


@pytest.mark.parametrize("solve", [ag.odeint, ag.odeint_adjoint])
def test_gradients_of_an_exponential(solve: Any) -> None:
    """y(T) = y0 exp(rate (T - t0)), and so are its derivatives by all four."""
    y0, rate = double([2.0], True), double(0.7, True)
    t = double([0.5, 1.0, 2.0], True)
    more = {"adjoint_params": [rate]} if solve is ag.odeint_adjoint else {}
    y = solve(lambda t, y: rate * y, y0, t, rtol=1e-10, atol=1e-12, **more)
    end = 2 * math.exp(0.7 * 1.5)
    by_y0, by_rate, by_t = ag.autograd.grad(y[-1].sum(), (y0, rate, t))
    assert by_y0.item() == pytest.approx(end / 2, rel=1e-8)
    assert by_rate.item() == pytest.approx(1.5 * end, rel=1e-8)
    np.testing.assert_allclose(by_t.tolist(), [-0.7 * end, 0, 0.7 * end], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_both_ways_agree(kind: str) -> None:
    """A tuple as state, a loss of all times, a module's parameters; also complex numbers."""
    net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 3)).double()

    class Field(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, t: Any, state: Any) -> Any:
            y, z = state
            flow = self.net(y.abs() if kind == "complex" else y) * ag.cos(t)
            return flow * (1j if kind == "complex" else 1.0) - y, (y.abs() ** 2).sum() - z

    field = Field()
    y0 = ag.tensor(np.random.default_rng(0).standard_normal(3)) * (1 + 1j * (kind == "complex"))
    y0 = (y0 if kind == "complex" else y0.real).detach().requires_grad_()
    z0, t = double(0.2, True), double(TIMES, True)
    found = []
    for solve in (ag.odeint, ag.odeint_adjoint):
        y, z = solve(field, (y0, z0), t, rtol=1e-9, atol=1e-11)
        assert y.shape == (4, 3) and z.shape == (4,)
        loss = (y.abs() ** 2).sum() + z.sin().sum()
        found.append(ag.autograd.grad(loss, (y0, z0, t, *field.parameters())))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(host(one), host(other), rtol=1e-6, atol=1e-7)


def test_the_adjoint_records_nothing_and_has_one_order() -> None:
    calls = []

    def slope(t: Any, y: Any) -> Any:
        calls.append(ag.is_grad_enabled())
        return -y

    y0 = double([1.0], True)
    y = ag.odeint_adjoint(slope, y0, double([0.0, 1.0]))
    assert not any(calls)
    (first,) = ag.autograd.grad(y[-1].sum(), y0, create_graph=True)
    assert first.item() == pytest.approx(math.exp(-1), rel=1e-6)
    with pytest.raises(RuntimeError):
        ag.autograd.grad(first.sum(), y0)


def test_dtypes_and_single_times() -> None:
    y0 = ag.tensor([1.0, 2.0], requires_grad=True)
    y = ag.odeint(lambda t, y: -y, y0, [0.0, 0.5])
    assert y.dtype is ag.float32
    y.sum().backward()
    assert y0.grad.dtype is ag.float32
    assert ag.odeint(lambda t, y: -y, y0, [0.0]).tolist() == [[1, 2]]
    (alone,) = ag.autograd.grad(ag.odeint_adjoint(lambda t, y: -y, y0, ag.zeros(1)).sum(), y0)
    assert alone.tolist() == [1, 1]


def decay(t: Any, y: Any) -> Any:
    return -y


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda y: ag.odeint(decay, y, [0.0, 0.0]), "rise or fall"),
        (lambda y: ag.odeint(decay, y, [0.0, 1.0, 0.5]), "rise or fall"),
        (lambda y: ag.odeint(decay, y, ag.ones(2, 2)), "rise or fall"),
        (lambda y: ag.odeint(decay, y, [0.0, math.nan]), "rise or fall"),
        (lambda y: ag.odeint(decay, y.long(), [0.0, 1.0]), "y0 must be"),
        (lambda y: ag.odeint(decay, (), [0.0, 1.0]), "y0 must be"),
        (lambda y: ag.odeint(decay, y, [0.0, 1.0], method="rk5"), "method must be"),
        (lambda y: ag.odeint(decay, y, [0.0, 1.0], rtol=-1.0), "rtol and atol"),
        (lambda y: ag.odeint(decay, y, [0.0, 1.0], options={"steps": 3}), "options are"),
        (
            lambda y: ag.odeint(decay, y, [0.0, 1.0], method="rk4", options={"step_size": -0.1}),
            "are positive",
        ),
        (lambda y: ag.odeint(lambda t, y: y[:1], y, [0.0, 1.0]), "func must return"),
        (lambda y: ag.odeint(lambda t, y: y * y, y, [0.0, 2.0]), "too small at t = 1"),
        (lambda y: ag.odeint(lambda t, y: y * math.nan, y, [0.0, 2.0]), "too small"),
        (
            lambda y: ag.odeint(
                decay, y, [0.0, 9.0], method="rk4", options={"step_size": 1.0, "max_num_steps": 3}
            ),
            "more than 3 steps",
        ),
        (
            lambda y: ag.odeint(decay, y, [0.0, 99.0], options={"max_num_steps": 3}),
            "more than 3 steps",
        ),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, ValueError, TypeError), match=words):
        call(ag.ones(2, dtype=ag.float64))
