"""The engine: what backward and grad give, when they refuse, and what they leave alone."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.autograd import grad
from autograd_core.errors import GraphError


def leaf(*values: float) -> ag.Tensor:
    return ag.tensor(list(values), requires_grad=True)


def scalar(value: float) -> ag.Tensor:
    return ag.tensor(value, requires_grad=True)


# --- state: every probe gives the right gradient, or a precise error ------------------------------


@pytest.mark.cpu_only
def test_an_array_behind_a_leaf_that_was_overwritten_is_noticed() -> None:
    array = np.array([1.0, 2.0], np.float32)
    x = ag.from_numpy(array).requires_grad_()
    loss = (x * x).sum()
    array[:] = 100
    with pytest.raises(GraphError, match="overwritten outside the engine"):
        loss.backward()
    assert x.grad is None


@pytest.mark.cpu_only
def test_an_array_written_back_to_what_it_was_is_no_error() -> None:
    array = np.array([1.0, 2.0], np.float32)
    x = ag.from_numpy(array).requires_grad_()
    loss = (x * x).sum()
    array[:] = 100
    array[:] = [1, 2]
    loss.backward()
    assert x.grad.tolist() == [2, 4]


def test_a_saved_output_zeroed_through_data_is_noticed() -> None:
    x = leaf(0.0, 1.0)
    y = x.exp()
    y.data.mul_(0)
    with pytest.raises(GraphError, match="changed in place"):
        y.sum().backward()


def test_a_saved_output_zeroed_through_detach_is_noticed() -> None:
    x = leaf(0.0, 1.0)
    y = x.exp()
    y.detach().mul_(0)
    with pytest.raises(GraphError, match="changed in place"):
        y.sum().backward()


def test_in_place_on_a_saved_output_is_noticed() -> None:
    x = leaf(0.0, 1.0)
    y = x.exp()
    y *= 2
    with pytest.raises(GraphError, match="exp"):
        y.sum().backward()


def test_in_place_on_a_saved_input_is_noticed() -> None:
    x = leaf(1.0, 2.0)
    y = x * 1
    z = y * y
    y += 1
    with pytest.raises(GraphError, match="mul"):
        z.sum().backward()


def test_in_place_where_nothing_was_saved_is_right() -> None:
    x = leaf(1.0, 2.0)
    y = x + 1
    y *= 3
    y.sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_in_place_on_a_leaf_is_refused() -> None:
    with pytest.raises(GraphError, match="leaf tensor that requires grad"):
        leaf(1.0).add_(1)


def test_backward_twice_is_refused_and_retain_graph_allows_it() -> None:
    x = leaf(1.0, 2.0)
    loss = (x * x).sum()
    loss.backward()
    with pytest.raises(GraphError, match="second time"):
        loss.backward()
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert x.grad.tolist() == [6, 12]


def test_a_graph_that_saved_nothing_can_be_walked_again() -> None:
    x = leaf(1.0, 2.0)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2, 2]


def test_backward_of_many_elements_is_refused() -> None:
    with pytest.raises(GraphError, match="only a single element"):
        (leaf(1.0, 2.0) * 2).backward()


def test_backward_without_graph_is_refused() -> None:
    with pytest.raises(GraphError, match="does not require grad"):
        ag.tensor(1.0).backward()


def test_grad_of_a_non_leaf_warns() -> None:
    y = leaf(1.0) * 2
    with pytest.warns(UserWarning, match="not a leaf"):
        assert y.grad is None


def test_an_integer_tensor_cannot_require_grad() -> None:
    with pytest.raises(RuntimeError, match="floating-point"):
        ag.tensor([1, 2], requires_grad=True)


def test_a_leaf_changed_under_no_grad_after_saving_is_noticed() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    with ag.no_grad():
        w -= 1
    with pytest.raises(GraphError, match="changed in place"):
        loss.backward()


def test_the_graph_of_another_step_does_not_mind_the_update() -> None:
    w = leaf(1.0, 2.0)
    for _ in range(3):
        loss = (w * w).sum()
        w.grad = None
        loss.backward()
        with ag.no_grad():
            w -= 0.5 * w.grad
    assert w.tolist() == [0, 0]


# --- what the walk computes -----------------------------------------------------------------------


def test_shared_subexpressions_add_up() -> None:
    x = leaf(2.0)
    y = x * x
    z = y * y + y  # x^4 + x^2
    z.sum().backward()
    assert x.grad.tolist() == [4 * 8 + 4]


def test_diamonds_of_many_levels_take_linear_time() -> None:
    x = scalar(1.0)
    y = x
    for _ in range(200):  # 2^200 paths
        y = y * 0.5 + y * 0.5
    y.backward()
    assert x.grad.item() == 1.0


def test_gradients_accumulate_over_calls_and_over_uses() -> None:
    x = leaf(1.0, 2.0)
    (x + x + 3 * x).sum().backward()
    assert x.grad.tolist() == [5, 5]
    (x * 2).sum().backward()
    assert x.grad.tolist() == [7, 7]


def test_broadcasting_and_promotion_are_undone() -> None:
    a = ag.ones(2, 1, 3, requires_grad=True)
    b = ag.ones(4, 1, dtype=ag.float64, requires_grad=True)
    (a * b).sum().backward()
    assert a.grad.shape == a.shape and a.grad.dtype == ag.float32
    assert b.grad.shape == b.shape and b.grad.dtype == ag.float64
    assert a.grad.tolist() == [[[4, 4, 4]], [[4, 4, 4]]]
    assert b.grad.tolist() == [[6], [6], [6], [6]]


def test_the_gradient_argument() -> None:
    x = leaf(1.0, 2.0)
    (x * x).backward(ag.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2, 40]
    with pytest.raises(GraphError, match=r"\(3,\).*\(2,\)"):
        (x * x).backward(ag.ones(3))
    with pytest.raises(TypeError, match="must be a Tensor"):
        (x * x).backward(2.0)


def test_several_outputs_at_once() -> None:
    x = leaf(1.0, 2.0)
    a, b = (x * x).sum(), x * 3
    ag.autograd.backward([a, b], [None, ag.tensor([1.0, 0.0])])
    assert x.grad.tolist() == [5, 4]


def test_an_output_may_be_given_twice_or_be_inside_another() -> None:
    x = leaf(1.0)
    y = x * 2
    z = y * 3
    ag.autograd.backward([y, z, y], [ag.ones(1)] * 3)
    assert x.grad.tolist() == [2 + 6 + 2]


def test_a_leaf_can_be_the_output() -> None:
    x = leaf(1.0)
    seed = ag.ones(1)
    x.backward(seed)
    seed.mul_(7)
    assert x.grad.tolist() == [1]


def test_backward_into_chosen_inputs_only() -> None:
    a, b = leaf(1.0), leaf(2.0)
    c = a * b
    (c * c).sum().backward(inputs=[a])
    assert a.grad.tolist() == [8] and b.grad is None
    with pytest.raises(GraphError, match="inputs is empty"):
        (a * b).backward(inputs=[])


@pytest.mark.filterwarnings("ignore:the .grad of a tensor")
def test_backward_into_a_non_leaf() -> None:
    a = leaf(1.0, 3.0)
    b = a * 2
    (b * b).sum().backward(inputs=[b])
    assert b.grad.tolist() == [4, 12] and a.grad is None


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


# --- leaves, detaching ----------------------------------------------------------------------------


def test_detach_cuts_and_shares() -> None:
    x = leaf(1.0, 2.0)
    y = (x * 2).detach()
    assert not y.requires_grad and y.is_leaf
    z = x * 3
    d = z.detach()
    d.add_(1)
    assert z.tolist() == d.tolist()


def test_detach_in_place() -> None:
    x = leaf(1.0)
    y = x * 2
    y.detach_()
    assert y.is_leaf and not y.requires_grad


def test_requires_grad_only_changes_on_leaves() -> None:
    y = leaf(1.0) * 2
    with pytest.raises(RuntimeError, match="leaf"):
        y.requires_grad_(False)
    assert leaf(1.0).requires_grad_(False).requires_grad is False


def test_retain_grad() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [6, 12] and y.retains_grad


def test_grad_must_fit_its_tensor() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="shape"):
        x.grad = ag.ones(3)
    with pytest.raises(TypeError):
        x.grad = 1.0
    x.grad = ag.ones(2)
    (x * 2).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_names_of_nodes() -> None:
    x = leaf(1.0)
    y = x * 2 + 1
    assert y.grad_fn.name() == "AddBackward0"
    (inner, number), *_ = y.grad_fn.next_functions
    assert inner.name() == "MulBackward0" and number == 0
    assert inner.next_functions[0][0].name() == "AccumulateGrad"
    assert inner.next_functions[0][0].variable is x
    assert x.grad_fn is None and x.is_leaf and not y.is_leaf


def test_threads_build_and_walk_their_own_graphs() -> None:
    results = {}

    def work(number: int) -> None:
        x = scalar(float(number))
        y = x
        for _ in range(200):
            y = y + x * x
        y.backward()
        results[number] = x.grad.item()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {i: 1 + 400.0 * i for i in range(8)}


def test_backward_inside_a_hook() -> None:
    x, w = scalar(2.0), scalar(3.0)

    def hook(g: ag.Tensor) -> None:
        with ag.enable_grad():
            (w * w).backward()

    y = x * x
    y.register_hook(hook)
    y.backward()
    assert x.grad.item() == 4 and w.grad.item() == 6


# --- traps: where derivatives are singular, and PyTorch knows better than the formula -------------


def test_x_to_the_zero_at_zero() -> None:
    x = leaf(0.0, 1.0)
    (x**0).sum().backward()
    assert x.grad.tolist() == [0, 0]


def test_a_power_whose_base_is_zero_or_negative() -> None:
    y = leaf(2.0, 2.0, 2.0)
    (ag.tensor([0.0, -1.0, 2.0]) ** y).sum().backward()
    first, second, third = y.grad.tolist()
    assert first == 0 and np.isnan(second) and third == pytest.approx(4 * np.log(2), rel=1e-6)


def test_maximum_shares_a_tie() -> None:
    x = leaf(1.0, 2.0)
    ag.maximum(x, ag.tensor(1.0)).sum().backward()
    assert x.grad.tolist() == [0.5, 1]


def test_abs_at_zero() -> None:
    x = leaf(0.0, -1.0)
    x.abs().sum().backward()
    assert x.grad.tolist() == [0, -1]


def test_float32_stays_float32() -> None:
    x = leaf(1.0, 2.0)
    y = (x * np.float64(2) + 1.5).sum() / 3
    assert y.dtype == ag.float32
    y.backward()
    assert x.grad.dtype == ag.float32
