"""Gradients through the steps of an optimizer."""

from __future__ import annotations

import numpy as np
import pytest
from optim_grid import OPTIONS

import autograd_core as ag
from autograd_core import optim

DIFFERENTIABLE = [n for n in OPTIONS if n not in ("Adafactor", "Muon")]
CASES = [
    (name, options) for name in DIFFERENTIABLE for options in (OPTIONS[name][0], OPTIONS[name][-1])
]
every_case = pytest.mark.parametrize("name,options", CASES, ids=lambda v: str(v)[:50])


def start():
    return ag.tensor([0.5, -1.5, 2.0], dtype=ag.float64, requires_grad=True)


def slope():
    return ag.tensor([1.5, 0.5, -1.0], dtype=ag.float64, requires_grad=True)


def trained(name, p, factor, steps=3, **options):
    """The parameter after some steps down a slope that depends on it, and its state."""
    p = p.clone()
    optimizer = getattr(optim, name)([p], differentiable=True, **options)
    for _ in range(steps):
        p.grad = factor * (1 + p * p)
        optimizer.step()
    return p, optimizer.state[p]


@every_case
def test_gradients_equal_finite_differences(name, options):
    def function(p, factor):
        p, state = trained(name, p, factor, **options)
        return (p, *[v for k, v in state.items() if v.ndim])

    inputs = (start(), slope())
    assert ag.autograd.gradcheck(function, inputs)


@every_case
def test_values_are_those_of_a_plain_step(name, options):
    p, state = trained(name, start(), slope().detach(), **options)
    assert p.grad_fn is not None
    q = start()
    optimizer = getattr(optim, name)([q], **options)
    for _ in range(3):
        q.grad = (slope().detach() * (1 + q * q)).detach()
        optimizer.step()
    np.testing.assert_allclose(p.tolist(), q.tolist(), rtol=1e-13)
    for key, value in state.items():
        np.testing.assert_allclose(value.tolist(), optimizer.state[q][key].tolist(), rtol=1e-13)


@every_case
def test_gradients_equal_pytorchs(name, options):
    """One step from a state that is not zero; PyTorch cannot go through more of them."""
    torch = pytest.importorskip("torch")
    saved = getattr(optim, name)([start()], **options)
    saved.param_groups[0]["params"][0].grad = slope().detach() * 2
    saved.step()
    saved = saved.state_dict()

    p = start()
    g = slope()
    moved = p.clone()
    optimizer = getattr(optim, name)([moved], differentiable=True, **options)
    optimizer.load_state_dict({**saved, "param_groups": optimizer.state_dict()["param_groups"]})
    moved.grad = g
    optimizer.step()
    ours = ag.autograd.grad((moved * moved).sum(), (p, g), allow_unused=True)

    q = torch.tensor(start().tolist(), dtype=torch.float64, requires_grad=True)
    h = torch.tensor(slope().tolist(), dtype=torch.float64, requires_grad=True)
    other = q.clone()
    reference = getattr(torch.optim, name)([other], differentiable=True, **options)
    state = {
        key: torch.tensor(value.tolist(), dtype=torch.float64 if value.ndim else torch.float32)
        for key, value in saved["state"].get(0, {}).items()
    }
    reference.load_state_dict(
        {"state": {0: state}, "param_groups": reference.state_dict()["param_groups"]}
    )
    other.grad = h
    reference.step()
    theirs = torch.autograd.grad((other * other).sum(), (q, h), allow_unused=True)
    for a, b in zip(ours, theirs):
        assert (a is None) == (b is None)
        if a is not None:  # PyTorch computes corrections such as 1 - 0.999 in float32 here
            np.testing.assert_allclose(a.tolist(), b.tolist(), rtol=2e-5)


@pytest.mark.parametrize("name", [n for n in DIFFERENTIABLE if n not in ("Rprop", "ASGD")])
def test_the_learning_rate_gets_a_gradient(name):
    def function(lr):
        return trained(name, start().detach(), slope().detach(), lr=lr)[0]

    assert ag.autograd.gradcheck(function, (ag.tensor(0.1, dtype=ag.float64, requires_grad=True),))


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_the_weight_decay_gets_a_gradient(name):
    def function(decay):
        return trained(name, start().detach(), slope().detach(), weight_decay=decay)[0]

    assert ag.autograd.gradcheck(function, (ag.tensor(0.1, dtype=ag.float64, requires_grad=True),))


def test_betas_get_gradients():
    def function(beta1, beta2):
        return trained(
            "Adam", start().detach(), slope().detach(), betas=(beta1, beta2), amsgrad=True
        )[0]

    betas = [ag.tensor(b, dtype=ag.float64, requires_grad=True) for b in (0.6, 0.7)]
    assert ag.autograd.gradcheck(function, tuple(betas))


def test_complex_parameters():
    def function(p, factor):
        p = p.clone()
        optimizer = optim.Adam([p], differentiable=True, amsgrad=True)
        for _ in range(2):
            p.grad = factor * p
            optimizer.step()
        return p

    p = ag.tensor([1 + 3j, 0.5 - 1j], dtype=ag.complex128, requires_grad=True)
    factor = ag.tensor([0.5 - 1j, 2 + 0.1j], dtype=ag.complex128, requires_grad=True)
    assert ag.autograd.gradcheck(function, (p, factor))


def test_maximize():
    p, g = start(), slope()
    moved = p.clone()
    optimizer = optim.SGD([moved], lr=0.5, maximize=True, differentiable=True)
    moved.grad = g
    optimizer.step()
    assert ag.autograd.grad(moved.sum(), g)[0].tolist() == [0.5, 0.5, 0.5]


def test_learning_to_learn():
    """The gradient of a loss after two steps of training, with respect to where it started."""
    target = ag.tensor([1.0, 2.0], dtype=ag.float64)

    def loss_after_training(origin):
        p = origin.clone()
        optimizer = optim.SGD([p], lr=0.1, momentum=0.9, differentiable=True)
        for _ in range(2):
            loss = ((p * p - target) ** 2).sum()
            (p.grad,) = ag.autograd.grad(loss, p, create_graph=True)
            optimizer.step()
        return ((p * p - target) ** 2).sum()

    origin = ag.tensor([0.5, 0.7], dtype=ag.float64, requires_grad=True)
    assert ag.autograd.gradcheck(loss_after_training, (origin,))
    assert ag.autograd.gradgradcheck(loss_after_training, (origin,))


def test_a_leaf_is_refused():
    p = start()
    optimizer = optim.SGD([p], differentiable=True)
    p.grad = slope().detach()
    with pytest.raises(RuntimeError, match=r"SGD\.step: a leaf tensor that requires grad"):
        optimizer.step()


def test_a_view_is_written_to():
    base = ag.zeros(4, dtype=ag.float64).requires_grad_() * 1
    p = base[:3]
    optimizer = optim.SGD([p], lr=1.0, differentiable=True)
    p.grad = g = slope()
    optimizer.step()
    assert base.tolist() == [-1.5, -0.5, 1.0, 0.0]
    assert ag.autograd.grad(base.sum(), g)[0].tolist() == [-1.0, -1.0, -1.0]
