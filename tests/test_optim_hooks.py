"""Hooks around steps, saving and loading, in PyTorch's order."""

from __future__ import annotations

import copy

import pytest

import autograd_core as ag
from autograd_core import optim
from autograd_core.optim.hooks import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)


def made(module=optim, tensor=ag.zeros):
    return module.SGD([tensor(1, requires_grad=True)], lr=0.5, momentum=0.9)


def note(calls, text):
    return lambda *args: calls.append(text)


def scenario(optimizer, pre, post):
    """The calls that a few hooks of every kind leave, in order."""
    calls: list = []
    handles = [
        pre(note(calls, "all before")),
        post(note(calls, "all after")),
        optimizer.register_step_pre_hook(note(calls, "before")),
        optimizer.register_step_post_hook(note(calls, "after")),
    ]
    optimizer.register_state_dict_pre_hook(note(calls, "saving 1"))
    optimizer.register_state_dict_pre_hook(note(calls, "saving 0"), prepend=True)
    optimizer.register_state_dict_post_hook(note(calls, "saved 1"))
    optimizer.register_state_dict_post_hook(note(calls, "saved 0"), prepend=True)
    optimizer.register_load_state_dict_pre_hook(note(calls, "loading 1"))
    optimizer.register_load_state_dict_pre_hook(note(calls, "loading 0"), prepend=True)
    optimizer.register_load_state_dict_post_hook(note(calls, "loaded 1"))
    optimizer.register_load_state_dict_post_hook(note(calls, "loaded 0"), prepend=True)
    try:
        optimizer.step()
        optimizer.load_state_dict(optimizer.state_dict())
    finally:
        for handle in handles:
            handle.remove()
    optimizer.step()
    return calls


def test_the_order_of_all_hooks_is_pytorchs():
    ours = scenario(made(), register_optimizer_step_pre_hook, register_optimizer_step_post_hook)
    assert ours == [
        "all before", "before", "after", "all after", "saving 0", "saving 1", "saved 0", "saved 1",
        "loading 0", "loading 1", "loaded 0", "loaded 1",
    ]  # fmt: skip
    torch = pytest.importorskip("torch")
    from torch.optim import optimizer as module

    theirs = scenario(
        made(torch.optim, torch.zeros),
        module.register_optimizer_step_pre_hook,
        module.register_optimizer_step_post_hook,
    )
    assert ours == theirs


def test_a_state_dict_hook_may_put_another_in_its_place():
    optimizer = made()
    optimizer.register_state_dict_post_hook(lambda o, s: {**s, "seen": o is optimizer})
    optimizer.register_state_dict_post_hook(lambda o, s: s.update(more=1))
    saved = optimizer.state_dict()
    assert saved["seen"] and saved["more"] == 1


def test_a_loading_hook_may_change_what_is_loaded():
    optimizer = made()
    saved = optimizer.state_dict()

    def rename(_, state_dict):
        state_dict["param_groups"] = [{**g, "lr": 0.125} for g in state_dict["param_groups"]]

    optimizer.register_load_state_dict_pre_hook(rename)
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["lr"] == 0.125
    assert saved["param_groups"][0]["lr"] == 0.5  # only a copy was changed

    other = made()
    other.register_load_state_dict_pre_hook(lambda *_: saved)
    other.load_state_dict({})
    assert other.param_groups[0]["lr"] == 0.5


def test_a_hook_may_remove_itself():
    optimizer, calls = made(), []
    handle = optimizer.register_step_pre_hook(lambda *_: (calls.append(1), handle.remove())[0])
    optimizer.step()
    optimizer.step()
    assert calls == [1]


def test_hooks_are_not_copied():
    optimizer, calls = made(), []
    optimizer.register_step_pre_hook(note(calls, 1))
    optimizer.register_state_dict_post_hook(note(calls, 2))
    twin = copy.deepcopy(optimizer)
    twin.step()
    twin.state_dict()
    assert calls == []


@pytest.mark.parametrize(
    "register",
    [
        "register_step_pre_hook",
        "register_step_post_hook",
        "register_state_dict_pre_hook",
        "register_load_state_dict_post_hook",
    ],
)
def test_hooks_must_be_callable(register):
    with pytest.raises(TypeError, match="a hook must be callable, not int"):
        getattr(made(), register)(3)


def wrapper_of(module):
    """An optimizer around another one, which never calls `Optimizer.__init__`."""

    class Lookahead(module.Optimizer):
        def __init__(self, optimizer, k=2, alpha=0.5):
            self.optimizer, self.k, self.alpha = optimizer, k, alpha
            self.param_groups = optimizer.param_groups
            self.state = {}
            self.slow = [[p.data.clone() for p in g["params"]] for g in self.param_groups]
            self.count = 0

        def step(self, closure=None):
            loss = self.optimizer.step(closure)
            self.count += 1
            if self.count % self.k == 0:
                for slow, group in zip(self.slow, self.param_groups, strict=True):
                    for q, p in zip(slow, group["params"], strict=True):
                        q.add_(p.data - q, alpha=self.alpha)
                        p.data.copy_(q)
            return loss

    return Lookahead


def test_a_wrapper_that_never_calls_init_steps_under_a_schedule_as_in_pytorch():
    torch = pytest.importorskip("torch")
    runs = []
    for engine, module in ((ag, optim), (torch, torch.optim)):
        p = engine.tensor([1.0, -2.0], requires_grad=True)
        optimizer = wrapper_of(module)(module.SGD([p], lr=0.1))
        schedule = module.lr_scheduler.StepLR(optimizer, 2, 0.5)
        path = []
        for _ in range(5):
            optimizer.zero_grad() if engine is ag else optimizer.optimizer.zero_grad()
            (p * p).sum().backward()
            optimizer.step()
            schedule.step()
            path.append(p.detach().tolist())
        lines = repr(optimizer).splitlines()
        runs.append((path, [line for line in lines if "lr" in line]))
    assert runs[0][1] == runs[1][1]
    assert runs[0][0] == [pytest.approx(values) for values in runs[1][0]]


def test_a_wrapper_that_never_calls_init_has_hooks():
    optimizer = wrapper_of(optim)(made())
    calls: list = []
    optimizer.register_step_pre_hook(note(calls, "before"))
    optimizer.step()
    assert calls == ["before"]


@pytest.mark.parametrize("step", [3, ag.tensor(3.0, dtype=ag.float64)], ids=["int", "tensor"])
def test_the_step_of_an_optimizer_of_ones_own_is_loaded_as_it_was_saved(step):
    class Mine(optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"lr": 0.1})

    p = ag.zeros(2, requires_grad=True)
    optimizer, other = Mine([p]), Mine([p])
    optimizer.state[p]["step"] = step
    other.load_state_dict(optimizer.state_dict())
    loaded = other.state[p]["step"]
    assert type(loaded) is type(step) and loaded == 3
    assert getattr(loaded, "dtype", None) == getattr(step, "dtype", None)


def test_numbers_saved_for_optimizers_of_pytorch_become_tensors():
    p = ag.zeros(2, requires_grad=True)
    for made_by in (optim.Adam, optim.RMSprop, optim.LAMB):
        optimizer = made_by([p])
        p.grad = ag.ones(2)
        optimizer.step()
        saved = optimizer.state_dict()
        saved["state"][0]["step"] = 1
        optimizer.load_state_dict(saved)
        assert optimizer.state[p]["step"].tolist() == 1.0
        optimizer.step()
        assert optimizer.state[p]["step"].item() == 2
