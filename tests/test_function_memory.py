"""Custom functions in place, on views, and on themselves: under PyTorch and here, the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd_core as ag

CASES: list[Callable[[Any], Any]] = []


def case(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    CASES.append(function)
    return function


@case
def in_place(torch):
    class Triple(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.mul_(3)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 3

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    before = y._version
    z = Triple.apply(y)
    results = [z is y, z.grad_fn.name(), y._version > before, y.tolist()]
    (z * z).sum().backward()
    return [*results, x.grad.tolist()]


@case
def in_place_that_saves_its_result(torch):
    class ExpInPlace(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.exp_()
            ctx.mark_dirty(x)
            ctx.save_for_backward(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    x = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
    y = ExpInPlace.apply(x * 1)
    (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    return [y.tolist(), g.tolist(), h.tolist()]


@case
def in_place_on_a_view(torch):
    class Triple(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.mul_(3)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 3

    x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = x * 1
    v = y.reshape(2, 2)
    Triple.apply(v)
    y.sum().backward()
    return [y.tolist(), v.tolist(), x.grad.tolist()]


@case
def the_output_is_an_input(torch):
    class Identity(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x, y * 2

        @staticmethod
        def backward(ctx, g, h):
            return g * 10, h * 2

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.tensor([1.0], requires_grad=True)
    a, _ = Identity.apply(x, y)
    (a * a).sum().backward()
    return [a is x, a.grad_fn.name(), x.grad.tolist(), a.tolist(), x.is_leaf]


@case
def the_output_is_a_view(torch):
    class View(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.shape = x.shape
            return x.reshape(-1)

        @staticmethod
        def backward(ctx, g):
            return g.reshape(ctx.shape) * 2

    x = torch.ones(2, 2, requires_grad=True)
    y = View.apply(x * 1)
    (y * y).sum().backward()
    return [y.tolist(), y.grad_fn.name(), x.grad.tolist()]


@case
def a_gradient_that_broadcasts(torch):
    class Sum(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, bias):
            return x + bias

        @staticmethod
        def backward(ctx, g):
            return g, g  # the second is summed to the shape of bias

    x = torch.ones(3, 2, requires_grad=True)
    bias = torch.ones(2, requires_grad=True)
    Sum.apply(x, bias).sum().backward()
    return [x.grad.tolist(), bias.grad.tolist()]


@case
def none_for_everything(torch):
    class Stop(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return None

    x = torch.ones(2, requires_grad=True)
    y = torch.ones(2, requires_grad=True)
    (Stop.apply(x) + y).sum().backward()
    return [x.grad, y.grad.tolist()]


@case
def trailing_nones_are_forgiven(torch):
    class Extra(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2, None, None

    x = torch.ones(2, requires_grad=True)
    Extra.apply(x).sum().backward()
    return x.grad.tolist()


@case
def the_same_gradient_for_two(torch):
    class Both(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            h = g * 5
            return h, h

    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    Both.apply(a, b).sum().backward()
    a.grad.zero_()
    return [a.grad.tolist(), b.grad.tolist()]


@case
def a_gradient_that_is_a_saved_tensor(torch):
    class Linear(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(w)
            return (x * w).sum()

        @staticmethod
        def backward(ctx, g):
            return ctx.saved_tensors[0], None

    x, w = torch.ones(2, requires_grad=True), torch.ones(2) * 7
    Linear.apply(x, w).backward()
    x.grad.zero_()
    return w.tolist()


@case
def gradients_inside_backward(torch):
    class Recompute(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.exp() * x

        @staticmethod
        def backward(ctx, g):
            x = ctx.saved_tensors[0].detach().requires_grad_()
            with torch.enable_grad():
                y = x.exp() * x
            (gx,) = torch.autograd.grad(y, x, g)
            return gx

    x = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
    Recompute.apply(x).sum().backward()
    return x.grad.tolist()


@case
def saved_tensors_of_the_node(torch):
    class Keep(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.note = "seen"
            ctx.save_for_backward(x, None)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = torch.ones(2, requires_grad=True)
    y = Keep.apply(x)
    kept, nothing = y.grad_fn.saved_tensors
    return [kept.tolist(), kept.requires_grad, kept.is_leaf, nothing, y.grad_fn.note]


@case
def once_differentiable(torch):
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            seen.append(torch.is_grad_enabled())
            return 2 * g * ctx.saved_tensors[0]

    seen = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([1.0, 1.0], requires_grad=True)
    Square.apply(x).sum().backward()
    first = x.grad.tolist()
    (g,) = torch.autograd.grad((Square.apply(x) * w).sum(), x, create_graph=True)
    try:
        g.sum().backward()
    except RuntimeError as error:
        return [first, seen, g.tolist(), "once_differentiable" in str(error)]


@case
def a_class_that_inherits(torch):
    class Base(torch.autograd.Function):
        factor = 2

        @classmethod
        def forward(cls, ctx, x):
            return x * cls.factor

        @classmethod
        def backward(cls, ctx, g):
            return g * cls.factor

    class Child(Base):
        factor = 5

    x = torch.ones(1, requires_grad=True)
    y = Child.apply(x)
    y.sum().backward()
    return [y.grad_fn.name(), x.grad.tolist()]


@case
def gradient_checks_pass(torch):
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 3 * g * x * x

    x = torch.tensor([0.5, -1.5], dtype=torch.float64, requires_grad=True)
    return [
        torch.autograd.gradcheck(Cube.apply, (x,)), torch.autograd.gradgradcheck(Cube.apply, (x,))
    ]  # fmt: skip


@pytest.mark.parametrize("source", CASES, ids=lambda f: f.__name__)
def test_the_same_source_gives_the_same_as_pytorch(source: Callable[[Any], Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = source(ag), source(torch)
    assert ours == theirs


@pytest.mark.parametrize("source", CASES, ids=lambda f: f.__name__)
def test_the_source_runs_here(source: Callable[[Any], Any]) -> None:
    source(ag)
