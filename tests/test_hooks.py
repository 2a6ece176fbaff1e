"""Hooks: on tensors, on nodes, after accumulation; their order, and that they can be removed."""

from __future__ import annotations

import pytest

import autograd_core as ag
from autograd_core.errors import GraphError


def leaf(*values: float) -> ag.Tensor:
    return ag.tensor(list(values), requires_grad=True)


def test_a_hook_sees_and_changes_the_gradient() -> None:
    x = leaf(1.0, 2.0)
    seen = []
    x.register_hook(lambda g: seen.append(g.tolist()))
    x.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: seen.append(g.tolist()))
    (x * x).sum().backward()
    assert seen == [[2, 4], [20, 40]] and x.grad.tolist() == [20, 40]


def test_a_hook_on_an_intermediate_changes_what_flows_on() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    y.register_hook(lambda g: -g)
    (y * y).sum().backward()
    assert x.grad.tolist() == [-18, -36]


def test_a_hook_runs_once_on_the_sum_of_all_uses() -> None:
    x = leaf(1.0)
    y = x * 2
    seen = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    (y + y * 3).sum().backward()
    assert seen == [[4]]


def test_hooks_are_removable() -> None:
    x = leaf(1.0)
    seen = []
    handle = x.register_hook(lambda g: seen.append(1))
    with x.register_hook(lambda g: seen.append(2)):
        (x * 2).sum().backward()
    handle.remove()
    handle.remove()
    (x * 2).sum().backward()
    assert seen == [1, 2]


def test_a_hook_may_remove_itself() -> None:
    x = leaf(1.0)
    seen = []

    def once(g: ag.Tensor) -> None:
        seen.append(1)
        handle.remove()

    handle = x.register_hook(once)
    x.register_hook(lambda g: seen.append(2))
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    assert seen == [1, 2, 2]


def test_what_a_hook_returns_is_checked() -> None:
    x = leaf(1.0, 2.0)
    handle = x.register_hook(lambda g: 3.0)
    with pytest.raises(TypeError, match="Tensor or None"):
        (x * 2).sum().backward()
    handle.remove()
    x.register_hook(lambda g: ag.ones(3))
    with pytest.raises(GraphError, match=r"\(3,\).*\(2,\)"):
        (x * 2).sum().backward()


def test_hooks_need_a_graph_and_a_function() -> None:
    with pytest.raises(RuntimeError, match="does not require grad"):
        ag.ones(1).register_hook(print)
    with pytest.raises(TypeError, match="callable"):
        leaf(1.0).register_hook(None)


def test_retain_grad_keeps_what_hooks_made() -> None:
    x = leaf(1.0)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 5)  # registered later, and runs before all the same
    y.sum().backward()
    assert y.grad.tolist() == [5] and x.grad.tolist() == [10]


def test_node_hooks() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    seen = []

    def pre(outputs):
        seen.append(("pre", [g.tolist() for g in outputs]))
        return (outputs[0] * 2,)

    def post(inputs, outputs):
        seen.append(
            ("post", [None if g is None else g.tolist() for g in inputs], outputs[0].tolist())
        )
        return (inputs[0] + 1, *inputs[1:])

    handles = [y.grad_fn.register_prehook(pre), y.grad_fn.register_hook(post)]
    y.sum().backward()
    assert seen == [("pre", [[1, 1]]), ("post", [[6, 6], None], [2, 2])]
    assert x.grad.tolist() == [7, 7]
    for handle in handles:
        handle.remove()
    x.grad = None
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_the_order_of_all_kinds() -> None:
    x = leaf(1.0)
    order = []
    x.register_hook(lambda g: order.append("leaf tensor"))
    x.register_post_accumulate_grad_hook(lambda t: order.append("accumulated"))
    y = x * 2
    y.grad_fn.register_hook(lambda i, o: order.append("node post"))
    y.grad_fn.register_prehook(lambda o: order.append("node pre"))
    y.register_hook(lambda g: order.append("tensor"))
    y.sum().backward()
    assert order == ["tensor", "node pre", "node post", "leaf tensor", "accumulated"]


def test_post_accumulate_hooks_see_the_final_grad() -> None:
    x = leaf(1.0)
    seen = []

    def update(t: ag.Tensor) -> None:
        seen.append(t.grad.tolist())
        with ag.no_grad():
            t -= t.grad
        t.grad = None

    handle = x.register_post_accumulate_grad_hook(update)
    (x * 2).sum().backward()
    assert seen == [[2]] and x.tolist() == [-1] and x.grad is None
    handle.remove()
    (x * 2).sum().backward()
    assert seen == [[2]]
    with pytest.raises(RuntimeError, match="only leaves"):
        (x * 2).register_post_accumulate_grad_hook(print)


def test_post_accumulate_hooks_do_not_run_for_grad() -> None:
    x = leaf(1.0)
    seen = []
    x.register_post_accumulate_grad_hook(lambda t: seen.append(1))
    ag.autograd.grad((x * 2).sum(), x)
    assert seen == []


def test_tensor_hooks_run_for_grad() -> None:
    x = leaf(1.0)
    x.register_hook(lambda g: g * 3)
    (g,) = ag.autograd.grad((x * 2).sum(), x)
    assert g.tolist() == [6]


def test_hooks_under_create_graph_are_part_of_the_graph() -> None:
    x = leaf(2.0)
    x.register_hook(lambda g: g * x)
    (g,) = ag.autograd.grad((x * x).sum(), x, create_graph=True)  # 2x * x
    assert g.tolist() == [8] and g.requires_grad


def test_hooks_are_not_called_where_no_gradient_arrives() -> None:
    x, y = leaf(1.0), leaf(1.0)
    z = y * 2
    z.register_hook(lambda g: pytest.fail("called"))
    (x * 2).sum().backward()


def test_multi_grad_hooks() -> None:
    a, b, c = leaf(1.0), leaf(2.0), leaf(3.0)
    seen = []
    handle = ag.autograd.graph.register_multi_grad_hook(
        (a, b, c), lambda grads: seen.append([None if g is None else g.tolist() for g in grads])
    )
    (a * b).sum().backward()
    assert seen == [[[2], [1], None]]
    (a * b * c).sum().backward()
    assert seen[1] == [[6], [3], [2]]
    handle.remove()
    (a * b).sum().backward()
    assert len(seen) == 2


def test_multi_grad_hooks_on_any() -> None:
    a, b = leaf(1.0), leaf(2.0)
    seen = []
    handle = ag.autograd.graph.register_multi_grad_hook(
        (a, b), lambda g: seen.append(g.tolist()), mode="any"
    )
    (a + b * 2).sum().backward()
    assert len(seen) == 1
    handle.remove()
    with pytest.raises(ValueError, match="mode"):
        ag.autograd.graph.register_multi_grad_hook((a,), print, mode="some")
