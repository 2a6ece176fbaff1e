"""Optimizers take the same path as PyTorch's, also when saved and loaded on the way."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from optim_grid import GRID, OPTIONS, shapes

import autograd_core as ag
from autograd_core import optim

torch = pytest.importorskip("torch")

STEPS = 100
# PyTorch keeps some numbers in float32 and casts them to the parameter's dtype when they are
# loaded; here they stay as they were saved.
LOADED_IN_OWN_PRECISION = {"mu_product", "eta", "mu"}

everything = pytest.mark.parametrize("name,options", GRID)
every_optimizer = pytest.mark.parametrize("name", OPTIONS)


@pytest.fixture(autouse=True)
def muon_in_full_precision(monkeypatch):
    """PyTorch's Muon orthogonalises in bfloat16, which leaves two digits to compare."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)


@functools.cache
def values_at(name: str, dtype: str, step: int = -1) -> list[np.ndarray]:
    """The parameters to start from, or a step's gradients.

    Gradients do not depend on the parameters, so that both sides get exactly the same.
    """
    rng = np.random.RandomState(1000 + step)
    return [np.asarray(rng.standard_normal(shape), dtype) for shape in shapes(name)]


def make(tensor, values):
    return [tensor(v, requires_grad=True) for v in values]


def run(name, params, optimizer, steps, tensor, dtype="float64"):
    for step in steps:
        grads: list = list(values_at(name, dtype, step))
        if step % 7 == 3:
            grads[1] = None  # a parameter that took no part
        for p, g in zip(params, grads):
            p.grad = None if g is None else tensor(g)
        optimizer.step()


def values(params) -> list[np.ndarray]:
    return [p.detach().cpu().numpy() for p in params]


def assert_same(ours, theirs, tolerance):
    for a, b in zip(values(ours), values(theirs)):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@everything
def test_trajectory(name, options):
    start = values_at(name, "float64")
    ours, theirs = make(ag.tensor, start), make(torch.tensor, start)
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    run(name, ours, a, range(STEPS), ag.tensor)
    run(name, theirs, b, range(STEPS), torch.tensor)
    assert_same(ours, theirs, 1e-12)
    assert [p.dtype for p in ours] == [ag.float64] * len(ours)
    assert repr(a) == repr(b)


@pytest.mark.parametrize("name,options", [(n, every[-1]) for n, every in OPTIONS.items()])
def test_trajectory_in_single_precision(name, options):
    start = values_at(name, "float32")
    ours, theirs = make(ag.tensor, start), make(torch.tensor, start)
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    run(name, ours, a, range(STEPS), ag.tensor, "float32")
    run(name, theirs, b, range(STEPS), torch.tensor, "float32")
    assert_same(ours, theirs, 2e-5)
    assert [p.dtype for p in ours] == [ag.float32] * len(ours)
    for state in a.state.values():
        assert all(v.dtype == ag.float32 for v in state.values())


def as_torch(tree):
    if isinstance(tree, ag.Tensor):
        return torch.tensor(tree.cpu().numpy())
    if isinstance(tree, dict):
        return {k: as_torch(v) for k, v in tree.items()}
    if isinstance(tree, list):
        return [as_torch(v) for v in tree]
    return tree


def assert_same_state(ours: dict, theirs: dict, tolerance: float = 1e-12):
    assert ours.keys() == theirs.keys()
    assert ours["param_groups"] == theirs["param_groups"]
    assert ours["state"].keys() == theirs["state"].keys()
    for key, state in ours["state"].items():
        assert list(state) == list(theirs["state"][key])
        for entry, value in state.items():
            other = theirs["state"][key][entry]
            if entry not in LOADED_IN_OWN_PRECISION:
                assert str(value.dtype).split(".")[1] == str(other.dtype).split(".")[1]
            assert tuple(value.shape) == tuple(other.shape)
            np.testing.assert_allclose(
                value.cpu().numpy(), other.numpy(), rtol=tolerance, atol=tolerance
            )


@pytest.mark.parametrize("name,options", [(n, every[-1]) for n, every in OPTIONS.items()])
def test_saved_here_loaded_there_and_back(name, options):
    """30 steps here, 30 in PyTorch, 40 here again: the same path as 100 in PyTorch."""
    start = values_at(name, "float64")
    reference = make(torch.tensor, start)
    whole = getattr(torch.optim, name)(reference, **options)
    run(name, reference, whole, range(100), torch.tensor)
    # ASGD's learning rate is such a number, and PyTorch's next ones are not rounded any more.
    tolerance = 1e-7 if name == "ASGD" else 1e-11

    ours = make(ag.tensor, start)
    here = getattr(optim, name)(ours, **options)
    run(name, ours, here, range(30), ag.tensor)

    theirs = make(torch.tensor, values(ours))
    there = getattr(torch.optim, name)(theirs)
    there.load_state_dict(as_torch(here.state_dict()))
    assert_same_state(here.state_dict(), there.state_dict())
    run(name, theirs, there, range(30, 60), torch.tensor)

    again = make(ag.tensor, values(theirs))
    back = getattr(optim, name)(again)
    back.load_state_dict(there.state_dict())
    assert_same_state(back.state_dict(), there.state_dict())
    run(name, again, back, range(60, 100), ag.tensor)
    assert_same(again, reference, tolerance)


@every_optimizer
def test_groups_with_their_own_options(name):
    def groups(params):
        return [
            {"params": params[:2], "lr": 0.1, "weight_decay": 0.2},
            {"params": params[2], "maximize": True},
            {"params": params[3:]},
        ]

    start = values_at(name, "float64")
    ours, theirs = make(ag.tensor, start), make(torch.tensor, start)
    a = getattr(optim, name)(groups(ours), lr=0.01)
    b = getattr(torch.optim, name)(groups(theirs), lr=0.01)
    run(name, ours, a, range(20), ag.tensor)
    run(name, theirs, b, range(20), torch.tensor)
    if name != "Muon":  # PyTorch's knows no maximize
        assert_same(ours, theirs, 1e-12)
        assert_same_state(a.state_dict(), b.state_dict())
    assert repr(a) == repr(b)


@pytest.mark.parametrize("name,options", [("SGD", {"momentum": 0.9}), ("Adam", {"amsgrad": True})])
@pytest.mark.parametrize("layout", ["c", "fortran", "mixed", "strided"])
def test_large_parameters_of_any_layout(name, options, layout):
    """Sizes above one block, where the arithmetic works on pieces."""
    rng = np.random.RandomState(0)
    value, grad = rng.standard_normal((2, 300, 700))
    ours = ag.tensor(value)
    ours_grad = ag.tensor(grad)
    if layout in ("fortran", "mixed"):
        ours = ag.tensor(value.T.copy()).T
    if layout == "fortran":
        ours_grad = ag.tensor(grad.T.copy()).T
    if layout == "strided":
        ours = ag.tensor(np.repeat(value, 2, axis=1))[:, ::2]
    ours.requires_grad_()
    theirs = torch.tensor(value, requires_grad=True)
    a = getattr(optim, name)([ours], lr=0.1, weight_decay=0.1, **options)
    b = getattr(torch.optim, name)([theirs], lr=0.1, weight_decay=0.1, **options)
    for _ in range(3):
        ours.grad, theirs.grad = ours_grad, torch.tensor(grad)
        a.step()
        b.step()
    assert_same([ours], [theirs], 1e-12)


@pytest.mark.parametrize("name,options", [(n, every[-1]) for n, every in OPTIONS.items()])
def test_gradients_are_only_read(name, options):
    p = ag.ones(1, 3, requires_grad=True)
    optimizer = getattr(optim, name)([p], **options)
    grad = ag.tensor([[1.0, 2.0, 3.0]])
    for _ in range(3):
        p.grad = grad
        optimizer.step()
    assert grad.tolist() == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_narrow_floats_stay_narrow(name, dtype):
    p = ag.ones(4, dtype=getattr(ag, dtype)).requires_grad_()
    optimizer = getattr(optim, name)([p], lr=0.25, weight_decay=0.5)
    p.grad = ag.ones(4, dtype=getattr(ag, dtype))
    optimizer.step()
    assert p.dtype == getattr(ag, dtype)
    assert all(0.5 < x < 1 for x in p.tolist())


@pytest.mark.parametrize(
    "name,options",
    [(n, e) for n, every in OPTIONS.items() if n not in ("Adafactor", "Muon") for e in every[1:3]],
    ids=lambda v: str(v)[:50],
)
def test_complex_parameters(name, options):
    rng = np.random.RandomState(0)
    made = rng.standard_normal((11, 3)) + 1j * rng.standard_normal((11, 3))
    ours, theirs = ag.tensor(made[0], requires_grad=True), torch.tensor(made[0], requires_grad=True)
    a, b = getattr(optim, name)([ours], **options), getattr(torch.optim, name)([theirs], **options)
    for grad in made[1:]:
        ours.grad, theirs.grad = ag.tensor(grad), torch.tensor(grad)
        a.step()
        b.step()
    assert_same([ours], [theirs], 1e-12)
    assert_same_state(a.state_dict(), b.state_dict())


@pytest.mark.parametrize("shape", [(), (1,)])
@every_optimizer
def test_learning_rate_as_tensor(name, shape):
    """Of either shape; a schedule moves it in place."""
    start = values_at(name, "float64")
    results = []
    for lib, module in ((ag, optim), (torch, torch.optim)):
        params = make(lib.tensor, start)
        lr = lib.full(shape, 0.01, dtype=lib.float64)
        options = {} if name == "Rprop" else {"weight_decay": 0.1}
        optimizer = getattr(module, name)(params, lr=lr, **options)
        schedule = module.lr_scheduler.ExponentialLR(optimizer, 0.9)
        for steps in (range(10), range(10, 20)):
            run(name, params, optimizer, steps, lib.tensor)
            schedule.step()
        assert optimizer.param_groups[0]["lr"] is lr
        results.append((params, float(lr)))
    (ours, rate), (theirs, expected) = results
    assert_same(ours, theirs, 1e-12)
    assert rate == pytest.approx(expected) == pytest.approx(0.01 * 0.81)
