"""The engine: what backward gives, when it refuses, and how tensors stand in the graph."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import autograd_core as ag
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
