"""``grad()`` of any order, and gradients that share no memory."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.autograd import grad
from autograd_core.errors import GraphError


def leaf(*values: float) -> ag.Tensor:
    return ag.tensor(list(values), requires_grad=True)


def scalar(value: float) -> ag.Tensor:
    return ag.tensor(value, requires_grad=True)


# --- accumulation never shares memory -------------------------------------------------------------


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        lambda a, b: a + b,
        lambda a, b: a.clone() + b.clone(),
        lambda a, b: a + b + a,
        lambda a, b: (a + b) * 2,
        lambda a, b: a.reshape(1, 2) + b,
    ],
)
def test_gradients_of_different_leaves_share_nothing(make, create_graph: bool) -> None:
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    out = make(a, b)
    seed = ag.ones(out.shape)
    out.backward(seed, create_graph=create_graph)
    before = b.grad.tolist()
    with ag.no_grad():
        a.grad.mul_(100)
    assert b.grad.tolist() == before
    assert set(seed.reshape(-1).tolist()) == {1}
    with ag.no_grad():
        seed.mul_(100)
    assert b.grad.tolist() == before


def test_a_second_backward_does_not_change_what_hooks_kept() -> None:
    x = leaf(1.0, 2.0)
    kept = []
    x.register_hook(lambda g: kept.append(g))
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    assert [k.tolist() for k in kept] == [[2, 2], [2, 2]]
    assert x.grad.tolist() == [4, 4]


def test_an_existing_grad_is_added_to_in_place() -> None:
    x = leaf(1.0, 2.0)
    (x * 2).sum().backward()
    first = x.grad
    (x * 2).sum().backward()
    assert x.grad is first and first.tolist() == [4, 4]


# --- grad() ---------------------------------------------------------------------------------------


def test_grad_returns_and_touches_nothing() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = (x * w).sum()
    gx, gw = grad(y, [x, w])
    assert gx.tolist() == [3, 4] and gw.tolist() == [1, 2]
    assert x.grad is None and w.grad is None


def test_grad_of_an_intermediate() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    (g,) = grad((y * y).sum(), y)
    assert g.tolist() == [6, 12]


def test_grad_of_an_output_itself_is_the_seed() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    (g,) = grad(y, y, grad_outputs=ag.tensor([5.0, 6.0]))
    assert g.tolist() == [5, 6]


def test_unused_inputs() -> None:
    x, y = leaf(1.0, 2.0), leaf(3.0)
    with pytest.raises(GraphError, match="input 1"):
        grad((x * 2).sum(), [x, y])
    assert grad((x * 2).sum(), [x, y], allow_unused=True)[1] is None
    zeros = grad((x * 2).sum(), [x, y], materialize_grads=True)[1]
    assert zeros.tolist() == [0]
    with pytest.raises(ValueError, match="contradicts"):
        grad((x * 2).sum(), x, allow_unused=False, materialize_grads=True)


def test_batched_grads() -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    (jacobian,) = grad(y, x, ag.tensor([[1.0, 0.0], [0.0, 1.0]]), is_grads_batched=True)
    assert jacobian.tolist() == [[2, 0], [0, 4]]


def test_third_derivative() -> None:
    x = scalar(2.0)
    y = x**5
    for factor, power in ((5, 4), (20, 3), (60, 2)):
        (y,) = grad(y, x, create_graph=True)
        assert y.item() == pytest.approx(factor * 2.0**power)


def test_create_graph_makes_any_order() -> None:
    x = ag.tensor(0.5, dtype=ag.float64, requires_grad=True)
    y = x.exp() * x
    for order in range(1, 8):  # d^n (x e^x) = (x + n) e^x
        (y,) = grad(y, x, create_graph=True)
        assert y.item() == pytest.approx((0.5 + order) * np.exp(0.5))


def test_a_penalty_on_the_gradient() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (g,) = grad((x * x * w).sum(), x, create_graph=True)  # 2 x w
    (g * g).sum().backward()  # 4 x^2 w^2
    assert w.grad.tolist() == [8 * 3, 8 * 4 * 4]
    assert x.grad.tolist() == [8 * 9, 8 * 2 * 16]


def test_backward_with_create_graph_makes_grad_differentiable() -> None:
    x = scalar(3.0)
    (x**3).backward(create_graph=True)
    assert x.grad.requires_grad
    (second,) = grad(x.grad, x)
    assert second.item() == 18
    x.grad = None


def test_retain_graph_defaults_to_create_graph() -> None:
    x = leaf(1.0)
    y = (x * x).sum()
    grad(y, x, create_graph=True)
    grad(y, x)
    with pytest.raises(GraphError, match="second time"):
        grad(y, x)


ITERABLES = {
    "generator": lambda tensors: (t for t in tensors),
    "filter": lambda tensors: filter(lambda t: t.requires_grad, tensors),
    "values": lambda tensors: dict(enumerate(tensors)).values(),
    "iterator": iter,
}


@pytest.mark.parametrize("kind", ITERABLES)
def test_any_iterable_of_tensors_is_taken(kind: str) -> None:
    made = ITERABLES[kind]
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    grads = grad((a * b).sum(), made([a, b]))
    assert [g.tolist() for g in grads] == [[3, 4], [1, 2]]
    outputs = made([a * b, a * 2])
    grads = grad(
        outputs,
        made([a, b]),
        grad_outputs=made(
            [
                ag.tensor([1.0, 2.0], dtype=a.dtype, requires_grad=True),
                ag.ones(2, dtype=a.dtype, requires_grad=True),
            ]
        ),
    )
    assert [g.tolist() for g in grads] == [[5, 10], [1, 4]]
    (a * b).sum().backward(inputs=made([a]))
    assert (a.grad.tolist(), b.grad) == ([3, 4], None)
    ag.autograd.backward(made([a.sum(), b.sum()]), inputs=made([b]))
    assert (a.grad.tolist(), b.grad.tolist()) == ([3, 4], [1, 1])


def test_no_inputs_are_refused_a_spent_generator_too() -> None:
    a = leaf(1.0)
    spent = iter([a])
    next(spent)
    for inputs in ((), spent):
        with pytest.raises(GraphError, match="inputs is empty"):
            grad(a.sum(), inputs)
    with pytest.raises(TypeError, match="must be tensors, not dict"):
        grad(a.sum(), {a: 1})
