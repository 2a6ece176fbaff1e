"""Hooks around forward and backward: order, replaced values, removal, failures."""

from __future__ import annotations

import copy

import pytest

import autograd_core as ag
from autograd_core import nn


class Double(nn.Module):
    def forward(self, x, *, plus=0.0):
        return x * 2 + plus


class Pair(nn.Module):
    def forward(self, x, y):
        return x * 2, y * 3


def leaf(*values):
    return ag.tensor(list(values), requires_grad=True)


# -- forward --------------------------------------------------------------------------------------


def test_order_of_all_forward_hooks():
    calls = []
    m = Double()

    def note(name):
        return lambda *args: calls.append(name)

    handles = [
        m.register_forward_pre_hook(note("pre 1")),
        m.register_forward_pre_hook(note("pre 2")),
        m.register_forward_pre_hook(note("pre 0"), prepend=True),
        m.register_forward_hook(note("after 1")),
        m.register_forward_hook(note("after 0"), prepend=True),
        nn.register_module_forward_pre_hook(note("global pre")),
        nn.register_module_forward_hook(note("global after")),
    ]
    m(ag.ones(1))
    assert calls == [
        "global pre", "pre 0", "pre 1", "pre 2", "global after", "after 0", "after 1",
    ]  # fmt: skip
    for handle in handles:
        handle.remove()
    m(ag.ones(1))
    assert len(calls) == 7


def test_pre_hooks_change_arguments():
    m = Double()
    with m.register_forward_pre_hook(lambda module, args: args[0] + 1):
        assert m(ag.ones(1)).item() == 4
    with m.register_forward_pre_hook(
        lambda module, args, kwargs: (args, {"plus": kwargs["plus"] * 10}), with_kwargs=True
    ):
        assert m(ag.ones(1), plus=1.0).item() == 12
    assert m(ag.ones(1)).item() == 2


def test_a_pre_hook_with_kwargs_must_return_a_pair():
    m = Double()
    m.register_forward_pre_hook(lambda module, args, kwargs: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match="new_args, new_kwargs"):
        m(ag.ones(1))


def test_forward_hooks_change_the_output():
    m = Double()
    m.register_forward_hook(lambda module, args, output: output + 1)
    m.register_forward_hook(
        lambda module, args, kwargs, output: output * kwargs["plus"], with_kwargs=True
    )
    assert m(ag.ones(1), plus=5.0).item() == (2 + 5 + 1) * 5


def test_always_called_hooks_run_when_forward_fails():
    class Failing(nn.Module):
        def forward(self, x):
            raise ValueError("inside")

    calls = []
    m = Failing()
    m.register_forward_hook(lambda *args: calls.append("skipped"))
    m.register_forward_hook(lambda *args: calls.append(args[2]), always_call=True)
    with nn.register_module_forward_hook(lambda *a: calls.append("global"), always_call=True):
        with pytest.raises(ValueError, match="inside"):
            m(ag.ones(1))
    assert calls == ["global", None]


def test_always_called_hooks_run_once_when_a_hook_fails():
    def fail(*args):
        raise ValueError("hook")

    calls = []
    m = Double()
    m.register_forward_hook(lambda *args: calls.append("first"), always_call=True)
    m.register_forward_hook(fail)
    m.register_forward_hook(lambda *args: calls.append("last"), always_call=True)
    with pytest.raises(ValueError, match="hook"):
        m(ag.ones(1))
    assert calls == ["first", "last"]


def test_a_failing_always_called_hook_only_warns():
    class Failing(nn.Module):
        def forward(self, x):
            raise ValueError("inside")

    def fail(*args):
        raise KeyError("hook")

    m = Failing()
    m.register_forward_hook(fail, always_call=True)
    with pytest.warns(UserWarning, match="silenced"), pytest.raises(ValueError, match="inside"):
        m(ag.ones(1))


def test_hooks_are_copied_with_the_module():
    calls = []
    m = Double()
    m.register_forward_hook(lambda *args: calls.append(1))
    copy.deepcopy(m)(ag.ones(1))
    assert calls == [1]


def test_only_callables():
    with pytest.raises(TypeError, match="callable"):
        Double().register_forward_hook(3)


# -- backward -------------------------------------------------------------------------------------


def test_backward_hook_sees_gradients():
    seen = []
    m = Pair()
    m.register_full_backward_hook(lambda module, gi, go: seen.append((module, gi, go)))
    x, y = leaf(1.0), ag.ones(1)
    a, _ = m(x, y)
    (a * 5).sum().backward()
    ((module, grad_input, grad_output),) = seen
    assert module is m
    assert [g if g is None else g.tolist() for g in grad_input] == [[10.0], None]
    assert [g if g is None else g.tolist() for g in grad_output] == [[5.0], None]
    assert x.grad.tolist() == [10.0]


def test_backward_hooks_change_gradients():
    m = Double()
    m.register_full_backward_pre_hook(lambda module, go: (go[0] * 10,))
    m.register_full_backward_hook(lambda module, gi, go: (gi[0] + go[0],))
    x = leaf(1.0)
    m(x).sum().backward()
    assert x.grad.tolist() == [30.0]


def test_order_of_all_backward_hooks():
    calls = []
    m = nn.Sequential(Double(), Double())
    for name, layer in (("inner 0", m[0]), ("inner 1", m[1]), ("outer", m)):
        layer.register_full_backward_hook(lambda *args, name=name: calls.append(name))
        layer.register_full_backward_pre_hook(lambda *args, name=name: calls.append("pre " + name))
    m[0].register_full_backward_hook(lambda *args: calls.append("first"), prepend=True)
    with nn.register_module_full_backward_hook(
        lambda module, *args: calls.append(f"global {type(module).__name__}")
    ):
        y = m(leaf(1.0))
    y.sum().backward()
    assert calls == [
        "pre outer", "pre inner 1", "global Double", "inner 1",
        "pre inner 0", "global Double", "first", "inner 0", "global Sequential", "outer",
    ]  # fmt: skip


def test_inputs_without_gradient():
    seen = []
    m = nn.Linear(2, 1)
    m.register_full_backward_hook(lambda module, gi, go: seen.append((gi, go)))
    m(ag.ones(1, 2)).sum().backward()
    ((grad_input, grad_output),) = seen
    assert grad_input == (None,) and grad_output[0].tolist() == [[1.0]]
    m.register_full_backward_hook(lambda module, gi, go: (ag.ones(1, 2),))
    y = m(ag.ones(1, 2))
    with pytest.raises(RuntimeError, match="None for all gradients"):
        y.sum().backward()


def test_wrong_number_of_gradients():
    m = Double()
    m.register_full_backward_hook(lambda module, gi, go: (gi[0], gi[0]))
    y = m(leaf(1.0))
    with pytest.raises(
        RuntimeError, match="Double returned an invalid number of grad_input, got 2"
    ):
        y.sum().backward()


def test_nothing_happens_without_recording():
    m = Double()
    m.register_full_backward_hook(lambda *args: pytest.fail("called"))
    with ag.no_grad():
        assert not m(leaf(1.0)).requires_grad


def test_output_that_is_no_tensor_warns():
    class Named(nn.Module):
        def forward(self, x):
            return {"x": x}

    m = Named()
    m.register_full_backward_hook(lambda *args: None)
    with pytest.warns(UserWarning, match="Tensor or a tuple of Tensors"):
        m(leaf(1.0))


def test_second_derivatives_through_backward_hooks():
    class Cube(nn.Module):
        def forward(self, x):
            return x**3

    m = Cube()
    m.register_full_backward_hook(lambda module, gi, go: (gi[0] * 2,))
    x = leaf(2.0)
    (g,) = ag.autograd.grad(m(x).sum(), x, create_graph=True)
    assert g.item() == 24.0
    (h,) = ag.autograd.grad(g.sum(), x)
    assert h.item() == 24.0


# -- registration ---------------------------------------------------------------------------------


def test_registration_hooks():
    calls = []
    with (
        nn.register_module_parameter_registration_hook(lambda m, n, p: calls.append(("p", n))),
        nn.register_module_buffer_registration_hook(lambda m, n, b: calls.append(("b", n))),
        nn.register_module_module_registration_hook(lambda m, n, s: calls.append(("m", n))),
    ):
        m = nn.Module()
        m.w = nn.Parameter(ag.ones(1))
        m.register_buffer("s", ag.ones(1))
        m.act = nn.ReLU()
        m.add_module("more", nn.ReLU())
    m.other = nn.Parameter(ag.ones(1))
    assert calls == [("p", "w"), ("b", "s"), ("m", "act"), ("m", "more")]


def test_a_registration_hook_can_replace():
    with nn.register_module_module_registration_hook(lambda m, name, sub: nn.Tanh()):
        m = nn.Sequential(nn.ReLU())
    assert isinstance(m[0], nn.Tanh)
