"""L-BFGS: the same path as PyTorch's, also when saved and moved on the way."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import optim
from autograd_core.optim.line_search import Point, interpolate, strong_wolfe

OPTIONS = [
    {},
    {"line_search_fn": "strong_wolfe"},
    {"lr": 0.1, "history_size": 4, "max_iter": 2},
    {"history_size": 3, "line_search_fn": "strong_wolfe", "max_iter": 4},
    {"max_iter": 5, "max_eval": 4, "line_search_fn": "strong_wolfe"},
    {"max_iter": 1, "tolerance_grad": 1e-3, "tolerance_change": 1e-4},
    {"lr": 0.5, "max_iter": 2, "line_search_fn": "strong_wolfe"},
]
every = pytest.mark.parametrize("options", OPTIONS, ids=str)
MATRIX = np.random.RandomState(0).standard_normal((12, 8))


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def start(tensor):
    """Three parameters, of which one takes no part."""
    first, second = np.linspace(-1.2, 1.3, 5), np.array([[0.3, -0.5, 0.9]])
    return [tensor(v, requires_grad=True) for v in (first, second, np.ones(2))]


def run(library, params, optimizer, steps):
    """Minimize a smooth function with a single minimum, which forgives differences of rounding."""
    matrix = library.tensor(MATRIX)

    def closure():
        optimizer.zero_grad()
        joined = library.cat([params[0], params[1].reshape(-1)])
        loss = library.log(library.cosh(matrix @ joined - 2)).sum() + 0.1 * (joined**4).sum()
        loss.backward()
        return loss

    return [optimizer.step(closure).item() for _ in range(steps)]


def values(params):
    return [p.detach().cpu().numpy() for p in params]


@every
def test_the_same_path(options):
    torch = pytest.importorskip("torch")
    ours, theirs = start(ag.tensor), start(torch.tensor)
    a, b = optim.LBFGS(ours, **options), torch.optim.LBFGS(theirs, **options)
    first, second = run(ag, ours, a, 100), run(torch, theirs, b, 100)
    np.testing.assert_allclose(first, second, rtol=1e-9)
    assert first[-1] < 0.8 * first[0]
    for p, q in zip(values(ours), values(theirs)):
        np.testing.assert_allclose(p, q, rtol=1e-6, atol=1e-7)
    state, other = a.state[ours[0]], b.state[theirs[0]]
    assert state["n_iter"] == other["n_iter"] and state["func_evals"] == other["func_evals"]
    assert repr(a) == repr(b)


def as_torch(torch, value):
    if isinstance(value, ag.Tensor):
        return torch.tensor(value.cpu().numpy())
    if isinstance(value, dict):
        return {k: as_torch(torch, v) for k, v in value.items()}
    return [as_torch(torch, v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("order", ["here there here here", "there here there here"])
@every
def test_saved_and_loaded_on_the_way(options, order, tmp_path):
    """Three steps each; what is loaded here comes from a file, of PyTorch or of ours."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    reference = start(torch.tensor)
    run(torch, reference, torch.optim.LBFGS(reference, **options), 12)

    params, state, before = start(ag.tensor), None, None
    for who in order.split():
        lib, module = (ag, optim) if who == "here" else (torch, torch.optim)
        params = [lib.tensor(v, requires_grad=True) for v in values(params)]
        optimizer = module.LBFGS(params, **({} if state else options))
        if state and who == "here":
            before.save(state, tmp_path / "state")
            optimizer.load_state_dict(ag.load(tmp_path / "state"))
        elif state:
            optimizer.load_state_dict(as_torch(torch, state))
        run(lib, params, optimizer, 3)
        state, before = optimizer.state_dict(), lib
    for p, q in zip(values(params), values(reference)):
        np.testing.assert_allclose(p, q, rtol=1e-6, atol=1e-7)


def test_complex_parameters():
    torch = pytest.importorskip("torch")
    found = []
    for library in (ag, torch):
        z = library.tensor([1 + 2j, -1j], dtype=library.complex128, requires_grad=True)
        optimizer = (optim if library is ag else torch.optim).LBFGS(
            [z], line_search_fn="strong_wolfe"
        )

        def closure(z=z, optimizer=optimizer, library=library):
            optimizer.zero_grad()
            weights = library.tensor([1.0, 5.0], dtype=library.float64)
            loss = (weights * (z - (2 + 1j)).abs() ** 2).sum() + (z.real**4).sum()
            loss.backward()
            return loss

        for _ in range(3):
            optimizer.step(closure)
        found.append(z.tolist())
    np.testing.assert_allclose(*found, rtol=1e-9)


def test_single_precision_stays():
    x = ag.tensor([-1.2, 1.0], requires_grad=True)
    optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe", max_iter=100)

    def closure():
        optimizer.zero_grad()
        loss = rosenbrock(x)
        loss.backward()
        return loss

    optimizer.step(closure)
    assert x.dtype == ag.float32
    np.testing.assert_allclose(x.tolist(), 1.0, atol=1e-3)
    assert all(v.dtype == ag.float32 for v in optimizer.state[x]["old_dirs"])


def test_a_minimum_is_left_alone():
    x = ag.tensor([2.0], requires_grad=True)
    optimizer = optim.LBFGS([x])

    def closure():
        optimizer.zero_grad()
        loss = ((x - 2) ** 2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 0.0
    assert optimizer.state[x] == {"func_evals": 1, "n_iter": 0}


def test_another_line_search_is_refused():
    x = ag.tensor([2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        optim.LBFGS([x], line_search_fn="armijo").step(lambda: (x * x).sum())


def test_several_groups_are_refused():
    x, y = ag.zeros(1, requires_grad=True), ag.zeros(1, requires_grad=True)
    with pytest.raises(ValueError, match="doesn't support per-parameter options"):
        optim.LBFGS([{"params": [x]}, {"params": [y]}])
    optimizer = optim.LBFGS([x])
    with pytest.raises(ValueError, match="doesn't support per-parameter options"):
        optimizer.add_param_group({"params": [y]})
    assert len(optimizer.param_groups) == 1


# -- the line search ------------------------------------------------------------------------------


def line(function, slope):
    return lambda t: Point(t, function(t), None, slope(t))


CURVES = {
    "parabola": line(lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "far": line(lambda t: (t / 1000 - 1) ** 2, lambda t: (t / 1000 - 1) / 500),
    "waves": line(lambda t: -t + math.sin(4 * t), lambda t: -1 + 4 * math.cos(4 * t)),
    "steep": line(lambda t: math.exp(-20 * t) + t, lambda t: -20 * math.exp(-20 * t) + 1),
}


@pytest.mark.parametrize("first", [1e-3, 1.0, 50.0])
@pytest.mark.parametrize("name", CURVES)
def test_what_is_found_satisfies_the_conditions(name, first):
    curve = CURVES[name]
    start = curve(0.0)
    if start.slope >= 0:
        curve = line(lambda t: CURVES[name](t + 0.5).loss, lambda t: CURVES[name](t + 0.5).slope)
        start = curve(0.0)
    point, count = strong_wolfe(curve, start, first, reach=1.0)
    assert point.loss <= start.loss + 1e-4 * point.t * start.slope
    assert abs(point.slope) <= 0.9 * abs(start.slope)
    assert count <= 26


def test_a_search_without_end_takes_the_best_it_has_seen():
    falling = line(lambda t: -t, lambda t: -1.0)
    point, count = strong_wolfe(falling, falling(0.0), 1.0, reach=1.0, max_evaluations=5)
    assert count == 6 and point.loss < -1000


def test_a_cubic_without_a_minimum():
    start = Point(0.0, 0.0, None, -1.0)
    assert interpolate(start, Point(1.0, -2 / 3, None, -1.0), 0.2, 0.8) == 0.5
    nan = Point(1.0, math.nan, None, math.nan)
    assert interpolate(start, nan, 0.0, 1.0) == 0.5
    flat = Point(1.0, -1.0, None, -1.0)
    assert interpolate(start, flat, 0.0, 1.0) == 0.5
