"""Optimizers as functions: the steps of the objects, and nothing that is changed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from optim_grid import OPTIONS, shapes

import autograd_core as ag
from autograd_core import optim

BEYOND = {"Lion": {}, "LARS": {"weight_decay": 0.1}, "LAMB": {"lr": 0.1}}
CASES = [(name, every[-1]) for name, every in OPTIONS.items()] + list(BEYOND.items())
every_case = pytest.mark.parametrize("name,options", CASES, ids=lambda v: str(v)[:40])


def drawn(name, seed):
    rng = np.random.RandomState(seed)
    return [rng.standard_normal(shape) for shape in shapes(name)]


def lists(tree):
    """A state or parameters as plain lists."""
    if isinstance(tree, ag.Tensor):
        return tree.tolist()
    if isinstance(tree, dict):
        return {key: lists(value) for key, value in tree.items()}
    return [lists(value) for value in tree] if isinstance(tree, (list, tuple)) else tree


@every_case
def test_the_same_steps_as_the_object_and_nothing_changes(name, options):
    kind = getattr(optim, name)
    params = [ag.tensor(v, requires_grad=True) for v in drawn(name, 0)]
    others = [p.detach().clone().requires_grad_() for p in params]
    optimizer, functional = kind(others, **options), optim.Functional(kind, **options)
    state = functional.init(params)
    for step in range(1, 9):
        grads = [ag.tensor(v) for v in drawn(name, step)]
        grads[step % 3] = None
        for p, grad in zip(others, grads):
            p.grad = grad
        optimizer.step()
        before = lists([params, grads, state])
        new, after = functional.update(params, grads, state)
        assert lists([params, grads, state]) == before
        params, state = new, after
        assert lists(params) == lists(others)
        assert all(p.requires_grad and p.is_leaf and p.grad is None for p in params)
    assert lists(state) == [lists(optimizer.state[p]) for p in others]


class Pair(NamedTuple):
    weight: ag.Tensor
    bias: ag.Tensor


def test_nested_parameters_and_options_of_one_step():
    params = {"a": Pair(ag.ones(2), ag.tensor(1.0)), "b": [ag.ones(1), (ag.zeros(2),)]}
    grads = {"a": Pair(ag.ones(2), ag.tensor(2.0)), "b": [None, (ag.ones(2),)]}
    sgd = optim.Functional(optim.SGD, lr=0.5)
    state = sgd.init(params)
    new, state = sgd.update(params, grads, state, lr=0.25)
    assert isinstance(new["a"], Pair)
    assert lists(new) == {"a": [[0.75, 0.75], 0.5], "b": [[1.0], [[-0.25, -0.25]]]}
    assert lists(sgd.update(params, grads, state)[0])["a"] == [[0.5, 0.5], 0.0]
    assert not new["a"].weight.requires_grad


def test_a_single_tensor_and_a_branch_that_is_given_up():
    adam = optim.Functional(optim.Adam, lr=0.1)
    w = ag.tensor([1.0, -2.0])
    state = adam.init(w)
    first, state = adam.update(w, w, state)
    one, _ = adam.update(first, first, state)
    adam.update(first, -5 * first, state)
    again, _ = adam.update(first, first, state)
    assert one.tolist() == again.tolist()


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Lion", "Adagrad"])
def test_an_ensemble_stacked_is_updated_as_its_members(name):
    functional = optim.Functional(getattr(optim, name), lr=0.1, weight_decay=0.1)
    members = [ag.tensor(v) for v in np.random.RandomState(0).standard_normal((5, 3, 2))]
    stacked = ag.stack(members)
    together, state = stacked, functional.init(stacked)
    for _ in range(4):
        together, state = functional.update(together, together**3 - 1, state)
    for member, whole in zip(members, together):
        state = functional.init(member)
        for _ in range(4):
            member, state = functional.update(member, member**3 - 1, state)
        assert member.tolist() == whole.tolist()


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop"])
def test_gradients_flow_through_two_steps(name):
    def trained(p, lr):
        functional = optim.Functional(getattr(optim, name), lr=lr, differentiable=True)
        state = functional.init(p)
        for _ in range(2):
            p, state = functional.update(p, p * p + 1, state)
        return p

    p = ag.tensor([0.5, -1.5], dtype=ag.float64, requires_grad=True)
    lr = ag.tensor(0.1, dtype=ag.float64, requires_grad=True)
    assert ag.autograd.gradcheck(trained, (p, lr))


def test_the_state_is_saved_as_any_tree(tmp_path):
    pytest.importorskip("safetensors")
    adam = optim.Functional(optim.Adam)
    params = {"w": ag.ones(2)}
    params, state = adam.update(params, params, adam.init(params))
    ag.save(state, tmp_path / "state")
    assert lists(ag.load(tmp_path / "state")) == lists(state)


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda f, w, s: optim.Functional(optim.LBFGS), TypeError, "LBFGS has a step of its own"),
        (lambda f, w, s: optim.Functional(optim.SAM), TypeError, "SAM has a step of its own"),
        (lambda f, w, s: optim.Functional(3), TypeError, "a class of optimizers, got 3"),
        (lambda f, w, s: optim.Functional(optim.SGD, lr=-1), ValueError, "learning rate: -1"),
        (lambda f, w, s: optim.Functional(optim.SGD, rate=1), TypeError, "rate"),
        (lambda f, w, s: f.update(w, w, s, lr=-1), ValueError, "learning rate: -1"),
        (lambda f, w, s: f.update(w, w, s, rate=1), TypeError, "rate"),
        (lambda f, w, s: f.init({"w": 3}), TypeError, r"params\['w'\] is a int"),
        (lambda f, w, s: f.init([]), ValueError, "empty parameter list"),
        (lambda f, w, s: f.update(w, [w["w"]], s), ValueError, "grads has another structure"),
        (lambda f, w, s: f.update(w, {"v": 1}, s), ValueError, r"grads has the keys \['v'\]"),
        (lambda f, w, s: f.update(w, w, {"w": {}, "v": {}}), ValueError, "state has another"),
        (lambda f, w, s: f.update(w, {"w": ag.ones(3)}, s), RuntimeError, "shape"),
    ],
)
def test_errors(call, error, message):
    functional, params = optim.Functional(optim.SGD, momentum=0.9), {"w": ag.ones(2)}
    with pytest.raises(error, match=message):
        call(functional, params, functional.init(params))
