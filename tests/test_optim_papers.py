"""Optimizers that PyTorch has not, against the formulas of their papers in plain NumPy."""

from __future__ import annotations

import copy
import functools

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import optim

SHAPES = [(3, 4), (5,), (2, 1, 3), ()]
STEPS = 100


@functools.cache
def values(seed: int) -> list[np.ndarray]:
    rng = np.random.RandomState(seed)
    return [rng.standard_normal(shape) for shape in SHAPES]


def slope(p: np.ndarray, seed: int, index: int) -> np.ndarray:
    """A gradient that depends on where it is taken."""
    return values(seed)[index] + 0.1 * p


# -- the papers -----------------------------------------------------------------------------------
# Each yields the parameter after every step; `grad(p, t)` is the gradient at `p` in step t.


def lion(w, grad, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
    b1, b2 = betas
    m = np.zeros_like(w)
    for t in range(STEPS):
        g = grad(w, t)
        c = b1 * m + (1 - b1) * g
        w = w - lr * (np.sign(c) + weight_decay * w)
        m = b2 * m + (1 - b2) * g
        yield w


def lars(w, grad, lr=1.0, momentum=0.9, weight_decay=0.0, trust_coefficient=1e-3, nesterov=False):
    v = np.zeros_like(w)
    for t in range(STEPS):
        g = grad(w, t)
        norm = np.linalg.norm(w)
        local = trust_coefficient * norm / (np.linalg.norm(g) + weight_decay * norm)
        change = lr * local * (g + weight_decay * w)
        v = momentum * v + change
        w = w - (change + momentum * v if nesterov else v)
        yield w


def lamb(w, grad, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0):
    b1, b2 = betas
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, STEPS + 1):
        g = grad(w, t - 1)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        r = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        u = r + weight_decay * w
        w = w - lr * np.linalg.norm(w) / np.linalg.norm(u) * u
        yield w


def schedule_free_sgd(w, grad, lr=1.0, momentum=0.9, weight_decay=0.0, warmup_steps=0, r=0.0):
    x, z, total = w, w, 0.0
    for t in range(1, STEPS + 1):
        y = (1 - momentum) * z + momentum * x
        rate = lr * min(1, t / max(1, warmup_steps))
        z = z - rate * (grad(y, t - 1) + weight_decay * y)
        total += t**r * rate**2
        c = t**r * rate**2 / total
        x = (1 - c) * x + c * z
        yield x


def schedule_free_adamw(
    w, grad, lr=2.5e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, warmup_steps=0
):
    b1, b2 = betas
    x, z, v, total = w, w, np.zeros_like(w), 0.0
    for t in range(1, STEPS + 1):
        y = (1 - b1) * z + b1 * x
        g = grad(y, t - 1)
        v = b2 * v + (1 - b2) * g * g
        rate = lr * np.sqrt(1 - b2**t) * min(1, t / max(1, warmup_steps))
        z = z - rate * g / (np.sqrt(v) + eps) - rate * weight_decay * y
        total += rate**2
        c = rate**2 / total
        x = (1 - c) * x + c * z
        yield x


GRID = [
    ("Lion", lion, {}),
    ("Lion", lion, {"lr": 0.01, "betas": (0.5, 0.7), "weight_decay": 0.3}),
    ("LARS", lars, {}),
    ("LARS", lars, {"lr": 2.0, "weight_decay": 0.1, "trust_coefficient": 0.05, "nesterov": True}),
    ("LAMB", lamb, {}),
    ("LAMB", lamb, {"lr": 0.05, "betas": (0.5, 0.9), "eps": 0.01, "weight_decay": 0.2}),
    ("SGDScheduleFree", schedule_free_sgd, {"lr": 0.1}),
    ("SGDScheduleFree", schedule_free_sgd, {"lr": 0.3, "momentum": 0.5, "weight_decay": 0.1}),
    ("SGDScheduleFree", schedule_free_sgd, {"lr": 0.1, "warmup_steps": 20, "r": 1.5}),
    ("AdamWScheduleFree", schedule_free_adamw, {}),
    ("AdamWScheduleFree", schedule_free_adamw, {"lr": 0.1, "betas": (0.5, 0.9), "eps": 0.01}),
    ("AdamWScheduleFree", schedule_free_adamw, {"weight_decay": 0.1, "warmup_steps": 30}),
]
grid = pytest.mark.parametrize(
    "name,paper,options", GRID, ids=lambda v: getattr(v, "__name__", str(v))[:50]
)


def run(optimizer, params, steps):
    if hasattr(optimizer, "train"):
        optimizer.train()
    for t in steps:
        for i, p in enumerate(params):
            p.grad = ag.tensor(slope(p.detach().cpu().numpy(), t, i), dtype=p.dtype)
        optimizer.step()
    if hasattr(optimizer, "eval"):
        optimizer.eval()


@grid
def test_as_the_paper_says(name, paper, options):
    params = [ag.tensor(v, requires_grad=True) for v in values(999)]
    optimizer = getattr(optim, name)(params, **options)
    expected = [
        list(paper(w, lambda p, t, i=i: slope(p, t, i), **options))
        for i, w in enumerate(values(999))
    ]
    for t in (0, 1, 2, STEPS - 1):  # not each step, as eval() and train() round
        params = [ag.tensor(v, requires_grad=True) for v in values(999)]
        optimizer = getattr(optim, name)(params, **options)
        run(optimizer, params, range(t + 1))
        for p, want in zip(params, expected):
            np.testing.assert_allclose(p.tolist(), want[t], rtol=1e-11, atol=1e-12)


@grid
def test_saved_and_loaded_in_the_middle(name, paper, options):
    whole = [ag.tensor(v, requires_grad=True) for v in values(999)]
    optimizer = getattr(optim, name)(whole, **options)
    run(optimizer, whole, range(20))
    params = [p.detach().clone().requires_grad_() for p in whole]
    other = getattr(optim, name)(params)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    run(optimizer, whole, range(20, 40))
    run(other, params, range(20, 40))
    for p, q in zip(params, whole):
        assert p.tolist() == q.tolist()


@grid
def test_single_precision_stays(name, paper, options):
    params = [ag.tensor(v, dtype=ag.float32, requires_grad=True) for v in values(999)]
    optimizer = getattr(optim, name)(params, **options)
    run(optimizer, params, range(STEPS))
    for i, (p, w) in enumerate(zip(params, values(999))):
        assert p.dtype == ag.float32
        want = list(paper(w, lambda p, t, i=i: slope(p, t, i), **options))[-1]
        # Lion's signs may differ where its direction is almost 0.
        tolerance = 2.5 * options.get("lr", 1e-4) if name == "Lion" else 1e-4
        np.testing.assert_allclose(p.tolist(), want, rtol=tolerance, atol=tolerance)
    for state in optimizer.state.values():
        assert all(v.dtype == ag.float32 for v in state.values() if v.ndim)


@pytest.mark.parametrize("name", sorted({name for name, *_ in GRID} | {"Adafactor"}))
def test_nothing_is_left_as_it_is(name):
    empty, p = ag.zeros(0, 3, requires_grad=True), ag.ones(3, requires_grad=True)
    empty.grad, p.grad = ag.zeros(0, 3), ag.ones(3)
    getattr(optim, name)([empty, p]).step()  # without warnings of means of nothing
    assert tuple(empty.shape) == (0, 3)
    assert all(x < 1 for x in p.tolist())


@pytest.mark.parametrize("name", sorted({name for name, *_ in GRID}))
def test_maximize_climbs(name):
    down, up = ag.ones(3, requires_grad=True), ag.ones(3, requires_grad=True)
    a, b = getattr(optim, name)([down]), getattr(optim, name)([up], maximize=True)
    for _ in range(3):
        down.grad, up.grad = ag.tensor([1.0, -2.0, 0.5]), ag.tensor([-1.0, 2.0, -0.5])
        a.step()
        b.step()
    assert down.tolist() == up.tolist() != [1.0, 1.0, 1.0]


@pytest.mark.parametrize("name", ["LARS", "LAMB"])
def test_a_parameter_or_gradient_of_zero(name):
    p, q = ag.zeros(2, requires_grad=True), ag.ones(2, requires_grad=True)
    optimizer = getattr(optim, name)([p, q])
    p.grad, q.grad = ag.ones(2), ag.zeros(2)
    optimizer.step()
    assert all(x < 0 for x in p.tolist())
    assert q.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "make,error,message",
    [
        (lambda p: optim.Lion(p, lr=-1), ValueError, "Lion: Invalid learning rate: -1"),
        (lambda p: optim.Lion(p, betas=(0.9, 1.0)), ValueError, "index 1: 1.0"),
        (lambda p: optim.LARS(p, nesterov=True, momentum=0), ValueError, "Nesterov"),
        (lambda p: optim.LARS(p, trust_coefficient=-1), ValueError, "trust_coefficient value"),
        (lambda p: optim.LAMB(p, eps=-1), ValueError, "LAMB: Invalid epsilon value"),
        (lambda p: optim.SGDScheduleFree(p, momentum=0), ValueError, "0 < momentum < 1"),
        (lambda p: optim.AdamWScheduleFree(p, betas=(0, 0.9)), ValueError, "index 0: 0"),
        (lambda p: optim.SAM(p, optim.SGD, rho=-1), ValueError, "SAM: Invalid rho value"),
        (lambda p: optim.SAM(p, optim.SGD, lr=-1), ValueError, "SGD: Invalid learning rate"),
    ],
)
def test_wrong_options(make, error, message):
    with pytest.raises(error, match=message):
        make([ag.ones(2, requires_grad=True)])


@pytest.mark.parametrize("name", ["LARS", "LAMB"])
def test_complex_parameters_are_refused(name):
    p = ag.ones(2, dtype=ag.complex64).requires_grad_()
    p.grad = ag.ones(2, dtype=ag.complex64)
    with pytest.raises(RuntimeError, match=f"{name} does not support complex"):
        getattr(optim, name)([p]).step()


# -- schedule-free modes --------------------------------------------------------------------------


def test_a_step_in_evaluation_mode_is_refused():
    p = ag.ones(2, requires_grad=True)
    optimizer = optim.SGDScheduleFree([p], lr=0.1)
    p.grad = ag.ones(2)
    optimizer.step()
    optimizer.step()
    training = p.tolist()
    optimizer.eval()
    optimizer.eval()  # twice is once
    assert p.tolist() != training
    with pytest.raises(RuntimeError, match=r"optimizer\.train\(\)"):
        optimizer.step()
    optimizer.train()
    assert p.tolist() == pytest.approx(training)
    optimizer.step()


def test_the_mode_is_saved():
    p = ag.ones(2, requires_grad=True)
    optimizer = optim.SGDScheduleFree([p])
    optimizer.eval()
    other = optim.SGDScheduleFree([ag.ones(2, requires_grad=True)])
    other.load_state_dict(optimizer.state_dict())
    with pytest.raises(RuntimeError, match="evaluation mode"):
        other.step()


# -- sharpness-aware minimization -----------------------------------------------------------------


@pytest.mark.parametrize("adaptive", [False, True])
def test_sam_as_the_paper_says(adaptive):
    start = values(5)
    params = [ag.tensor(v, requires_grad=True) for v in start]
    optimizer = optim.SAM(params, optim.SGD, rho=0.3, adaptive=adaptive, lr=0.01, momentum=0.9)

    def closure():
        optimizer.zero_grad()
        loss = sum((p * p).sum() / 2 + (p**4).sum() / 4 for p in params)
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(STEPS)]

    w, buffers, expected = start, [0.0] * len(start), []
    for _ in range(STEPS):
        expected.append(sum((p * p).sum() / 2 + (p**4).sum() / 4 for p in w))
        g = [p + p**3 for p in w]
        scale = [np.abs(p) if adaptive else 1.0 for p in w]
        norm = np.sqrt(sum(((s * d) ** 2).sum() for s, d in zip(scale, g)))
        near = [p + 0.3 * s**2 * d / norm for p, s, d in zip(w, scale, g)]
        buffers = [0.9 * b + p + p**3 for b, p in zip(buffers, near)]
        w = [p - 0.01 * b for p, b in zip(w, buffers)]
    assert losses == pytest.approx(expected, rel=1e-9)
    for p, q in zip(params, w):
        np.testing.assert_allclose(p.tolist(), q, rtol=1e-9, atol=1e-12)


def test_sam_is_saved_copied_and_scheduled_as_one_optimizer():
    p = ag.tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SAM([("p", p)], optim.SGD, lr=0.1, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)

    def closure():
        optimizer.zero_grad()
        (p * p).sum().backward()

    optimizer.step(closure)
    scheduler.step()
    assert optimizer.base_optimizer.param_groups[0]["lr"] == 0.05

    q = p.detach().clone().requires_grad_()
    other = optim.SAM([("p", q)], optim.SGD, lr=1.0)
    other.load_state_dict(optimizer.state_dict())
    twin = copy.deepcopy(optimizer)
    (r,) = twin.param_groups[0]["params"]
    assert twin.base_optimizer.param_groups is twin.param_groups
    for one, x in ((optimizer, p), (other, q), (twin, r)):
        x.grad = ag.ones(2)
        one.first_step()
        x.grad = ag.ones(2)
        one.second_step()
    assert p.tolist() == q.tolist() == r.tolist()


def test_sam_takes_groups():
    a, b = ag.ones(1, requires_grad=True), ag.ones(1, requires_grad=True)
    optimizer = optim.SAM([{"params": a, "lr": 0.5}, {"params": b, "rho": 1.0}], optim.SGD, lr=0.25)
    optimizer.add_param_group({"params": ag.ones(1, requires_grad=True)})
    assert [g["lr"] for g in optimizer.base_optimizer.param_groups] == [0.5, 0.25, 0.25]
    assert optimizer.param_groups[2]["momentum"] == 0
