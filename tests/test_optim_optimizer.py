"""What all optimizers share: groups, names, hooks, closures, saving, and clear errors."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import optim


def param(*values: float) -> ag.Tensor:
    return ag.tensor(list(values) or [1.0], requires_grad=True)


def stepped(p, **options):
    """An Adam that has taken one step."""
    optimizer = optim.Adam([p], **options)
    p.grad = ag.ones_like(p)
    optimizer.step()
    return optimizer


# -- construction ---------------------------------------------------------------------------------


def test_a_single_tensor_is_refused():
    with pytest.raises(TypeError, match="iterable of Tensors"):
        optim.SGD(param())


def test_an_empty_list_is_refused():
    with pytest.raises(ValueError, match="empty parameter list"):
        optim.SGD([])


def test_something_else_than_a_tensor_is_refused():
    with pytest.raises(TypeError, match="can only optimize Tensors.*int"):
        optim.SGD([1])


def test_a_result_is_refused():
    with pytest.raises(ValueError, match="non-leaf"):
        optim.SGD([param() * 2])


def test_a_set_is_refused():
    with pytest.raises(TypeError, match="set"):
        optim.SGD([{"params": {param()}}])


def test_a_parameter_in_two_groups_is_refused():
    p = param()
    with pytest.raises(ValueError, match="more than one parameter group"):
        optim.SGD([{"params": [p]}, {"params": [p]}])
    with pytest.raises(ValueError, match="twice"):
        optim.SGD([p, p])


def test_a_group_without_params_is_refused():
    with pytest.raises(ValueError, match='"params"'):
        optim.SGD([{"lr": 1.0}])


@pytest.mark.parametrize(
    "make,message",
    [
        (lambda p: optim.SGD(p, lr=-1), "SGD: Invalid learning rate: -1"),
        (lambda p: optim.SGD(p, lr=float("nan")), "Invalid learning rate: nan"),
        (lambda p: optim.SGD(p, momentum=-1), "Invalid momentum"),
        (lambda p: optim.SGD(p, nesterov=True), "Nesterov"),
        (lambda p: optim.SGD(p, momentum=0.9, dampening=0.1, nesterov=True), "Nesterov"),
        (lambda p: optim.SGD(p, lr=ag.ones(2)), "1-element"),
        (lambda p: optim.Adam(p, eps=-1), "Adam: Invalid eps"),
        (lambda p: optim.Adam(p, betas=(1.0, 0.9)), "beta parameter at index 0: 1.0"),
        (lambda p: optim.Adam(p, betas=(0.9, -0.1)), "beta parameter at index 1"),
        (lambda p: optim.Adam(p, betas=(0.9,)), "two betas"),
        (lambda p: optim.AdamW(p, weight_decay=-1), "AdamW: Invalid weight_decay"),
    ],
)
def test_options_out_of_range(make, message):
    with pytest.raises(ValueError, match=message):
        make([param()])


def test_torchs_switches_are_accepted():
    optimizer = optim.AdamW([param()], foreach=True, fused=False, capturable=True)
    assert optimizer.param_groups[0]["foreach"] is True


# -- groups and names -----------------------------------------------------------------------------


def test_group_options_and_added_group():
    a, b, c = param(), param(), param()
    optimizer = optim.SGD([{"params": a, "lr": 1.0}, {"params": [b]}], lr=0.5)
    optimizer.add_param_group({"params": c, "lr": 0.25})
    for p in (a, b, c):
        p.grad = ag.ones(1)
    optimizer.step()
    assert [a.item(), b.item(), c.item()] == [0.0, 0.5, 0.75]


def test_names_are_all_or_none():
    with pytest.raises(ValueError, match="Some param names are missing: 1 of 2"):
        optim.SGD([("a", param()), param()])
    optimizer = optim.SGD([("a", param())])
    with pytest.raises(
        ValueError, match="param groups should be with/without names.*without names to"
    ):
        optimizer.add_param_group({"params": [param()]})


def test_state_moves_by_name_when_the_order_changes():
    a, b = param(1.0), param(1.0, 2.0)
    first = optim.Adam([("a", a), ("b", b)])
    a.grad, b.grad = ag.tensor([1.0]), ag.tensor([2.0, 3.0])
    first.step()
    assert first.state_dict()["param_groups"][0]["param_names"] == ["a", "b"]

    second = optim.Adam([("b", b), ("a", a)])
    second.load_state_dict(first.state_dict())
    assert second.state[a]["exp_avg"].tolist() == first.state[a]["exp_avg"].tolist()
    assert second.state[b]["exp_avg"].tolist() == first.state[b]["exp_avg"].tolist()
    assert second.param_groups[0]["param_names"] == ["b", "a"]


def test_state_keyed_by_names():
    a, b = param(1.0), param(1.0, 2.0)
    saved = {
        "state": {"b": {"momentum_buffer": ag.tensor([5.0, 6.0])}},
        "param_groups": [{"lr": 0.1, "momentum": 0.9, "params": ["a", "b"]}],
    }
    optimizer = optim.SGD([("b", b), ("a", a)])
    optimizer.load_state_dict(saved)
    assert optimizer.state[b]["momentum_buffer"].tolist() == [5.0, 6.0]
    assert a not in optimizer.state


def test_names_that_do_not_match_are_named():
    first = optim.SGD([("old", param())])
    second = optim.SGD([("new", param())])
    with pytest.raises(ValueError, match=r"Missing .*: new\. Not in this optimizer: old"):
        second.load_state_dict(first.state_dict())


# -- the step -------------------------------------------------------------------------------------


def test_a_closure_runs_with_gradients_and_its_loss_is_returned():
    p = param(3.0)
    optimizer = optim.SGD([p], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with ag.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 9.0
    assert p.item() == 0.0
    assert optimizer.step() is None


def test_a_parameter_without_gradient_is_left_alone():
    a, b = param(), param()
    optimizer = optim.Adam([a, b], weight_decay=0.5)
    a.grad = ag.ones(1)
    optimizer.step()
    assert b.item() == 1.0
    assert list(optimizer.state) == [a]


@pytest.mark.parametrize(
    "name,option,value,entry",
    [
        ("SGD", "momentum", 0.5, "momentum_buffer"),
        ("RMSprop", "momentum", 0.5, "momentum_buffer"),
        ("RMSprop", "centered", True, "grad_avg"),
        ("Adam", "amsgrad", True, "max_exp_avg_sq"),
        ("LARS", "momentum", 0.5, "momentum_buffer"),
    ],
)
def test_an_option_that_is_turned_on_later_gets_its_state(name, option, value, entry):
    p = param(1.0, 2.0)
    optimizer = getattr(optim, name)([p], lr=0.1, **({"momentum": 0} if name == "LARS" else {}))
    p.grad = ag.ones(2)
    optimizer.step()
    optimizer.param_groups[0][option] = value
    optimizer.step()
    assert all(x > 0 for x in optimizer.state[p][entry].tolist())


def test_a_step_is_a_write_that_the_graph_notices():
    p = param(2.0)
    y = p * p
    p.grad = ag.ones(1)
    optim.SGD([p], lr=0.1).step()
    with pytest.raises(RuntimeError, match=r"SGD\.step"):
        y.backward()


@pytest.mark.cpu_only
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_parameter_that_cannot_be_written_is_refused(name):
    array = np.ones(2)
    array.flags.writeable = False
    p = ag.from_numpy(array).requires_grad_()
    p.grad = ag.ones(2, dtype=ag.float64)
    with pytest.raises(RuntimeError, match=rf"{name}\.step: .*read-only"):
        getattr(optim, name)([p]).step()
    assert array.tolist() == [1.0, 1.0]


def test_zero_grad():
    p = param(1.0)
    optimizer = optim.SGD([p])
    grad = p.grad = ag.tensor([3.0])
    optimizer.zero_grad(set_to_none=False)
    assert p.grad is grad
    assert p.grad.tolist() == [0.0]
    optimizer.zero_grad()
    assert p.grad is None


def test_zero_grad_lets_go_of_the_gradients_graph():
    p = param(2.0)
    (p * p * p).sum().backward(create_graph=True)
    assert p.grad.requires_grad
    optim.SGD([p]).zero_grad(set_to_none=False)
    assert not p.grad.requires_grad


def test_step_hooks_see_and_change_the_arguments():
    calls = []
    optimizer = optim.SGD([param()])

    def before(opt, args, kwargs):
        calls.append(("before", opt is optimizer, args[0] is optimizer, len(args)))
        return args, {"closure": lambda: 7.0}

    pre = optimizer.register_step_pre_hook(before)
    post = optimizer.register_step_post_hook(lambda opt, args, kwargs: calls.append("after"))
    assert optimizer.step() == 7.0
    assert calls == [("before", True, True, 1), "after"]
    pre.remove()
    post.remove()
    assert optimizer.step() is None
    assert len(calls) == 2


def test_a_pre_hook_must_return_a_pair():
    optimizer = optim.SGD([param()])
    optimizer.register_step_pre_hook(lambda *args: 3)
    with pytest.raises(RuntimeError, match="returned 3"):
        optimizer.step()


def test_an_optimizer_that_overrides_step_gets_hooks_once():
    class Mine(optim.SGD):
        def step(self, closure=None):
            with ag.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        p.grad.mul_(2)
            return super().step(closure)

    p = param(1.0)
    optimizer = Mine([p], lr=0.25)
    calls = []
    optimizer.register_step_post_hook(lambda *_: calls.append(1))
    p.grad = ag.ones(1)
    optimizer.step()
    assert calls == [1]
    assert p.item() == 0.5


def test_a_formula_of_ones_own_may_have_any_name():
    class Mine(optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"lr": ag.tensor(0.5)})

        def update_single(self, p, state, group):
            return optim.Update(sgd_step, (), {"lr": group["lr"]})

    def sgd_step(xp, p, grad, *, lr):
        p -= lr * grad

    p = param(1.0)
    p.grad = ag.ones(1)
    Mine([p]).step()
    assert p.item() == 0.5


def test_an_update_of_ones_own_with_tensor_operations():
    class Mine(optim.SGD):
        def apply_single(self, p, grad, state, group):
            super().apply_single(p, grad, state, group)
            p.clamp_(min=0)  # sees what the step has done

    p, q = param(1.0, -2.0), param(0.25)
    optimizer = Mine([p, q], lr=0.5, momentum=0.9)
    for x in (p, q):
        x.grad = ag.ones_like(x)
    optimizer.step()
    assert p.tolist() == [0.5, 0.0] and q.tolist() == [0.0]
    assert optimizer.state[q]["momentum_buffer"].tolist() == [1.0]


def test_a_subclass_without_an_update_says_so():
    class Nothing(optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {})

    p = param()
    p.grad = ag.ones(1)
    with pytest.raises(NotImplementedError, match="apply_single"):
        Nothing([p]).step()


# -- saving and loading ---------------------------------------------------------------------------


def test_loading_copies():
    p = param(1.0)
    first = stepped(p)
    second = optim.Adam([p])
    second.load_state_dict(first.state_dict())
    second.state[p]["exp_avg"].zero_()
    assert first.state[p]["exp_avg"].item() != 0


def test_loading_casts_to_the_parameter_but_not_the_step():
    first = stepped(param(1.0))
    p = ag.ones(1, dtype=ag.float64).requires_grad_()
    second = optim.Adam([p])
    second.load_state_dict(first.state_dict())
    assert second.state[p]["exp_avg"].dtype == ag.float64
    assert second.state[p]["step"].dtype == ag.float32
    assert second.state[p]["step"].device.type == "cpu"


@pytest.mark.parametrize(
    "saved,message",
    [
        ({"state": {}, "param_groups": []}, "different number of parameter groups"),
        ({"state": {}, "param_groups": [{"params": [0, 1]}]}, "has 2 parameters"),
    ],
)
def test_groups_that_do_not_match(saved, message):
    with pytest.raises(ValueError, match=message):
        optim.SGD([param()]).load_state_dict(saved)


def test_state_of_another_shape_is_refused():
    first = stepped(param(1.0, 2.0))
    with pytest.raises(ValueError, match=r"exp_avg has shape \(2,\).*shape \(1,\)"):
        optim.Adam([param(1.0)]).load_state_dict(first.state_dict())


def test_a_failed_load_changes_nothing():
    p = param(1.0)
    optimizer = stepped(p, lr=0.5)
    before = optimizer.state_dict()
    bad = stepped(param(1.0, 2.0), lr=0.1).state_dict()
    with pytest.raises(ValueError):
        optimizer.load_state_dict(bad)
    assert optimizer.param_groups[0]["lr"] == 0.5
    assert optimizer.state_dict()["state"][0]["exp_avg"] is before["state"][0]["exp_avg"]


def test_pickle_and_deepcopy_keep_the_state_with_its_parameter():
    optimizer = stepped(param(1.0), lr=0.5)
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        (p,) = twin.param_groups[0]["params"]
        assert twin.state[p]["step"].item() == 1
        p.grad = ag.ones(1)
        twin.step()
        assert twin.state[p]["step"].item() == 2
    assert optimizer.state_dict()["state"][0]["step"].item() == 1
