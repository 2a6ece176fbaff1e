"""Optimizers take the same path as PyTorch's, also when saved and loaded on the way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import optim

torch = pytest.importorskip("torch")

SHAPES = [(3, 4), (5,), (), (2, 1, 3)]
STEPS = 100

SGD_GRID = [
    {"lr": 0.1},
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "momentum": 0.9, "dampening": 0.5},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    {"lr": 0.1, "weight_decay": 0.1},
    {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True},
    {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.1, "maximize": True},
    {"lr": 0.1, "maximize": True},
]
ADAM_GRID = [
    {"betas": betas, "weight_decay": decay, "amsgrad": amsgrad, "maximize": maximize, "lr": 0.01}
    for betas, decay, amsgrad, maximize in itertools.product(
        [(0.9, 0.999), (0.5, 0.9)], [0, 0.1], [False, True], [False, True]
    )
] + [{"eps": 1e-2}, {"betas": (0.0, 0.0), "lr": 0.01}]
GRID = (
    [("SGD", options) for options in SGD_GRID]
    + [("Adam", options) for options in ADAM_GRID]
    + [("AdamW", options) for options in ADAM_GRID]
    + [("Adam", {"decoupled_weight_decay": True, "weight_decay": 0.1})]
)
IDS = [f"{name}-{'-'.join(f'{k}={v}' for k, v in options.items())}" for name, options in GRID]


def start(dtype: str) -> list[np.ndarray]:
    rng = np.random.RandomState(0)
    return [np.asarray(rng.standard_normal(shape), dtype) for shape in SHAPES]


def make_ours(values):
    return [ag.tensor(v, requires_grad=True) for v in values]


def make_theirs(values):
    return [torch.tensor(v, requires_grad=True) for v in values]


def grads_at(step: int, dtype: str) -> list[np.ndarray | None]:
    """Gradients that do not depend on the parameters, so that both sides get exactly the same."""
    rng = np.random.RandomState(1000 + step)
    grads = [np.asarray(rng.standard_normal(shape), dtype) for shape in SHAPES]
    if step % 7 == 3:
        grads[1] = None  # a parameter that took no part
    return grads


def run(params, optimizer, steps, tensor, dtype):
    for step in steps:
        for p, g in zip(params, grads_at(step, dtype)):
            p.grad = None if g is None else tensor(g)
        optimizer.step()


def values(params) -> list[np.ndarray]:
    return [p.detach().cpu().numpy() for p in params]


def assert_same(ours, theirs, tolerance):
    for a, b in zip(values(ours), values(theirs)):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype,tolerance", [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("name,options", GRID, ids=IDS)
def test_trajectory(name, options, dtype, tolerance):
    ours, theirs = make_ours(start(dtype)), make_theirs(start(dtype))
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    run(ours, a, range(STEPS), ag.tensor, dtype)
    run(theirs, b, range(STEPS), torch.tensor, dtype)
    assert_same(ours, theirs, tolerance)
    assert [p.dtype for p in ours] == [getattr(ag, dtype)] * len(ours)


def as_torch(tree):
    if isinstance(tree, ag.Tensor):
        return torch.tensor(tree.cpu().numpy())
    if isinstance(tree, dict):
        return {k: as_torch(v) for k, v in tree.items()}
    if isinstance(tree, list):
        return [as_torch(v) for v in tree]
    return tree


def assert_same_state(ours: dict, theirs: dict):
    assert ours.keys() == theirs.keys()
    assert ours["param_groups"] == theirs["param_groups"]
    assert ours["state"].keys() == theirs["state"].keys()
    for key, state in ours["state"].items():
        assert list(state) == list(theirs["state"][key])
        for entry, value in state.items():
            other = theirs["state"][key][entry]
            assert str(value.dtype).split(".")[1] == str(other.dtype).split(".")[1]
            np.testing.assert_allclose(value.cpu().numpy(), other.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name,options", GRID, ids=IDS)
def test_saved_here_loaded_there_and_back(name, options):
    """30 steps here, 30 in PyTorch, 40 here again: the same path as 100 in PyTorch."""
    dtype = "float64"
    reference = make_theirs(start(dtype))
    whole = getattr(torch.optim, name)(reference, **options)
    run(reference, whole, range(100), torch.tensor, dtype)

    ours = make_ours(start(dtype))
    here = getattr(optim, name)(ours, **options)
    run(ours, here, range(30), ag.tensor, dtype)

    theirs = make_theirs(values(ours))
    there = getattr(torch.optim, name)(theirs)
    there.load_state_dict(as_torch(here.state_dict()))
    assert_same_state(here.state_dict(), there.state_dict())
    run(theirs, there, range(30, 60), torch.tensor, dtype)

    again = make_ours(values(theirs))
    back = getattr(optim, name)(again)
    back.load_state_dict(there.state_dict())
    assert_same_state(back.state_dict(), there.state_dict())
    run(again, back, range(60, 100), ag.tensor, dtype)
    assert_same(again, reference, 1e-11)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_groups_with_their_own_options(name):
    def groups(params):
        return [
            {"params": params[:2], "lr": 0.1, "weight_decay": 0.2},
            {"params": params[2], "maximize": True},
            {"params": params[3:]},
        ]

    ours, theirs = make_ours(start("float64")), make_theirs(start("float64"))
    a = getattr(optim, name)(groups(ours), lr=0.01)
    b = getattr(torch.optim, name)(groups(theirs), lr=0.01)
    run(ours, a, range(20), ag.tensor, "float64")
    run(theirs, b, range(20), torch.tensor, "float64")
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


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_gradients_are_only_read(name):
    p = ag.ones(3, requires_grad=True)
    optimizer = getattr(optim, name)([p], lr=0.1, weight_decay=0.5)
    grad = ag.tensor([1.0, 2.0, 3.0])
    for _ in range(3):
        p.grad = grad
        optimizer.step()
    assert grad.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_narrow_floats_stay_narrow(name, dtype):
    p = ag.ones(4, dtype=getattr(ag, dtype)).requires_grad_()
    optimizer = getattr(optim, name)([p], lr=0.25, weight_decay=0.5)
    p.grad = ag.ones(4, dtype=getattr(ag, dtype))
    optimizer.step()
    assert p.dtype == getattr(ag, dtype)
    assert all(0.5 < x < 1 for x in p.tolist())


def test_complex_parameters():
    value, grad = np.array([1 + 2j, 3 - 1j]), np.array([0.5 - 1j, 2 + 2j])
    ours, theirs = ag.tensor(value).requires_grad_(), torch.tensor(value, requires_grad=True)
    a, b = optim.Adam([ours], lr=0.1), torch.optim.Adam([theirs], lr=0.1)
    for _ in range(3):
        ours.grad, theirs.grad = ag.tensor(grad), torch.tensor(grad)
        a.step()
        b.step()
    assert_same([ours], [theirs], 1e-12)


def test_learning_rate_as_tensor():
    p = ag.ones(2, requires_grad=True)
    lr = ag.tensor(0.5)
    optimizer = optim.SGD([p], lr=lr)
    p.grad = ag.ones(2)
    optimizer.step()
    assert p.tolist() == [0.5, 0.5]
