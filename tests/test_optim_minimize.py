"""The bridge to SciPy's optimizers."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import optim

pytest.importorskip("scipy")
pytestmark = pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # in trust-krylov

GRADIENT = ["L-BFGS-B", "BFGS", "CG", "SLSQP", "TNC"]
CURVATURE = ["trust-ncg", "Newton-CG", "trust-krylov", "trust-exact", "dogleg", "trust-constr"]
TIGHT = {
    "L-BFGS-B": {"ftol": 1e-15, "gtol": 1e-12, "maxiter": 1000},
    "BFGS": {"gtol": 1e-9, "maxiter": 1000},
    "CG": {"gtol": 1e-9, "maxiter": 2000},
    "SLSQP": {"ftol": 1e-18, "maxiter": 1000},
    "TNC": {"ftol": 1e-18, "gtol": 1e-12, "maxfun": 10000},
    "trust-ncg": {"gtol": 1e-10},
    "Newton-CG": {"xtol": 1e-12},
    "trust-krylov": {"gtol": 1e-10},
    "trust-exact": {"gtol": 1e-10},
    "dogleg": {"gtol": 1e-10},
    "trust-constr": {"gtol": 1e-10, "xtol": 1e-14, "maxiter": 2000},
}


def param(*values, dtype=ag.float64):
    return ag.tensor(list(values), dtype=dtype, requires_grad=True)


def rosenbrock(x, y):
    return (100 * (y - x**2) ** 2 + (1 - x) ** 2).sum()


# (SciPy's trust-krylov computes with memory that it has not set, before it sets it.)
@pytest.mark.filterwarnings("ignore:overflow encountered in dot:RuntimeWarning")
@pytest.mark.parametrize("method", [m for m in GRADIENT + CURVATURE if m != "dogleg"])
def test_rosenbrock_to_the_last_digit(method):
    x, y = param(-1.2, 0.5), param(1.0, -0.5)
    result = optim.minimize(lambda: rosenbrock(x, y), [x, y], method, options=TIGHT[method])
    assert result.fun < 1e-11
    np.testing.assert_allclose([*x.tolist(), *y.tolist()], 1.0, atol=1e-5)
    if method in ("L-BFGS-B", "trust-ncg"):
        np.testing.assert_allclose([*x.tolist(), *y.tolist()], 1.0, atol=1e-8)
    assert result.x.tolist() == [*x.tolist(), *y.tolist()]
    assert x.grad is None


def logistic():
    """A regularised logistic regression, and its solution by Newton's method in NumPy."""
    rng = np.random.RandomState(0)
    inputs = rng.standard_normal((60, 4))
    labels = (inputs @ [1.0, -2.0, 0.5, 0.0] + rng.standard_normal(60) > 0).astype(float)
    design = np.hstack([inputs, np.ones((60, 1))])
    ridge = np.diag([0.1] * 4 + [0.0])
    both = np.zeros(5)
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ both))
        gradient = design.T @ (p - labels) / 60 + ridge @ both
        hessian = (design * (p * (1 - p))[:, None]).T @ design / 60 + ridge
        both = both - np.linalg.solve(hessian, gradient)
    return inputs, labels, both


@pytest.mark.parametrize("method", GRADIENT + CURVATURE)
def test_logistic_regression(method):
    inputs, labels, expected = logistic()
    x, t = ag.tensor(inputs), ag.tensor(labels)
    w, b = param(0.0, 0.0, 0.0, 0.0), ag.tensor(0.0, dtype=ag.float64, requires_grad=True)

    def loss():
        z = x @ w + b
        return (ag.logaddexp(z, ag.zeros_like(z)) - t * z).mean() + 0.05 * (w * w).sum()

    optim.minimize(loss, [w, b], method, options=TIGHT[method])
    tolerance = 1e-8 if method in ("L-BFGS-B", *CURVATURE) else 1e-6
    np.testing.assert_allclose([*w.tolist(), b.item()], expected, atol=tolerance)


@pytest.mark.parametrize("method", ["Nelder-Mead", "Powell", "COBYLA"])
def test_methods_without_gradients(method):
    x = param(0.0, 0.0)
    target = ag.tensor([1.0, -2.0], dtype=ag.float64)
    optim.minimize(lambda: ((x - target) ** 2).sum(), x, method, tol=1e-9)
    np.testing.assert_allclose(x.tolist(), [1.0, -2.0], atol=1e-3)


def test_bounds():
    def solve(bounds):
        x, y = param(0.0, 0.0), param(0.0)
        optim.minimize(lambda: ((x - 3) ** 2).sum() + ((y + 3) ** 2).sum(), [x, y], bounds=bounds)
        return [*x.tolist(), *y.tolist()]

    assert solve((-1.0, 1.0)) == [1.0, 1.0, -1.0]
    assert solve([(None, 2.0), None]) == pytest.approx([2.0, 2.0, -3.0])
    assert solve([(None, [1.0, 9.0]), (-1, None)]) == pytest.approx([1.0, 3.0, -1.0])
    limits = ag.tensor([0.5, 0.25], dtype=ag.float64)
    assert solve([(None, limits), (ag.tensor(-2.0), 5)]) == pytest.approx([0.5, 0.25, -2.0])


@pytest.mark.filterwarnings("ignore:delta_grad == 0.0:UserWarning")  # of a linear constraint
@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_constraints(method):
    x = param(0.5, 0.0)
    circle = {"type": "eq", "fun": lambda: (x * x).sum() - 1}
    half = {"type": "ineq", "fun": lambda: ag.stack([x[0] - 0.5, 10 - x[1]])}
    result = optim.minimize(lambda: -x.sum(), x, method, constraints=[circle, half], tol=1e-10)
    assert result.success
    np.testing.assert_allclose(x.tolist(), [0.5**0.5] * 2, atol=1e-6)
    optim.minimize(lambda: x[0] * 1.0, x, "SLSQP", constraints=circle)
    np.testing.assert_allclose(x.tolist(), [-1.0, 0.0], atol=1e-4)


def test_products_with_the_hessian_can_be_asked_for_or_not():
    x, y = param(-1.2), param(1.0)
    for hessp in (True, False):
        optim.minimize(lambda: rosenbrock(x, y), [x, y], "Newton-CG", hessp=hessp, tol=1e-9)
        np.testing.assert_allclose([x.item(), y.item()], 1.0, atol=1e-5)
        x.detach().fill_(-1.2)


def test_single_precision_and_complex_parameters():
    x = param(1.0, -1.0, dtype=ag.float32)
    z = ag.tensor([1 + 2j], dtype=ag.complex128, requires_grad=True)
    for method in ("L-BFGS-B", "trust-ncg"):
        result = optim.minimize(
            lambda: ((x - 2) ** 2).sum() + ((z - (3 - 1j)).abs() ** 2).sum() ** 2 / 4,
            [x, z],
            method,
            options={"gtol": 1e-10},
        )
        assert result.x.shape == (4,)
        np.testing.assert_allclose(x.tolist(), [2.0, 2.0], atol=1e-4)
        assert abs(z.item() - (3 - 1j)) < 1e-2
    assert x.dtype == ag.float32


def test_a_loss_that_is_linear_or_constant_or_leaves_a_parameter_out():
    x, unused = param(1.0, 2.0), param(5.0)
    optim.minimize(lambda: x.sum(), [x, unused], "Newton-CG", options={"maxiter": 2})
    before = x.tolist()
    result = optim.minimize(lambda: ag.tensor(1.0), [x], "trust-ncg")
    assert result.success and x.tolist() == before
    assert unused.tolist() == [5.0]


def test_a_callback_is_called():
    x, seen = param(3.0), []
    optim.minimize(lambda: (x**2).sum(), x, callback=lambda place: seen.append(place.copy()))
    assert seen


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda x: optim.minimize(lambda: x.sum(), []), "no parameters"),
        (lambda x: optim.minimize(lambda: x.sum(), [x * 2]), "parameter 0 is no leaf"),
        (lambda x: optim.minimize(lambda: x.sum(), [x.detach()]), "requires grad"),
        (lambda x: optim.minimize(lambda: x.sum(), [3]), "parameter 0 is no leaf"),
        (lambda x: optim.minimize(lambda: x, x), r"one element, got \(2,\)"),
        (lambda x: optim.minimize(lambda: 3.0, x), "one element, got float"),
        (lambda x: optim.minimize(lambda: x.sum(), x, bounds=[None, None]), "bounds for 2 param"),
        (lambda x: optim.minimize(lambda: x.sum(), x, bounds=[([1, 2, 3], 4)]), r"shape \(3,\)"),
        (lambda x: optim.minimize(lambda: x.sum(), x, constraints={"type": "x"}), '"eq" or "ineq"'),
        (lambda x: optim.minimize(lambda: x.sum(), x, "nothing"), "Unknown solver nothing"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call(param(1.0, 2.0))


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ImportError, match=r"autograd-core\[scipy\]"):
        optim.minimize(lambda: None, param(1.0))
