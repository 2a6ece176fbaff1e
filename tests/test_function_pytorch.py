"""Custom functions: one source runs under PyTorch and here, with the same results."""

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
def saves_input_and_output(torch):
    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, scale):
            y = (x * scale).exp()
            ctx.save_for_backward(x, y)
            ctx.scale = scale
            return y

        @staticmethod
        def backward(ctx, g):
            _x, y = ctx.saved_tensors
            assert ctx.needs_input_grad == (True, False)
            return g * y * ctx.scale, None

    x = torch.tensor([0.5, 1.0], dtype=torch.float64, requires_grad=True)
    y = Exp.apply(x, 2.0)
    results = [y.tolist(), type(y.grad_fn).__name__, y.grad_fn.name(), y.is_leaf]
    for _ in range(3):  # any order
        (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        results.append(y.tolist())
    return results


@case
def setup_context(torch):
    class Mul(torch.autograd.Function):
        @staticmethod
        def forward(a, b, power=2):
            return (a * b) ** power

        @staticmethod
        def setup_context(ctx, inputs, output):
            a, b, power = inputs
            ctx.save_for_backward(a, b)
            ctx.power = power
            ctx.out_shape = tuple(output.shape)

        @staticmethod
        def backward(ctx, g):
            a, b = ctx.saved_tensors
            inner = ctx.power * (a * b) ** (ctx.power - 1)
            return g * inner * b, g * inner * a, None

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 4.0], requires_grad=True)
    Mul.apply(a, b, power=3).sum().backward()
    first = [a.grad.tolist(), b.grad.tolist()]
    a.grad = b.grad = None
    Mul.apply(a, b).sum().backward()
    return [first, a.grad.tolist(), b.grad.tolist()]


@case
def several_outputs(torch):
    class Split(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            a, b, c = x * 2, x * 3, x > 1
            ctx.mark_non_differentiable(c)
            return a, b, c, "text", None

        @staticmethod
        def backward(ctx, ga, gb, gc, gd, ge):
            seen.append([ga.tolist(), gb.tolist(), gd, ge])
            return ga * 2 + gb * 3

    seen = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    a, b, c, d, e = Split.apply(x)
    b.sum().backward()
    first = x.grad.tolist()
    a, b, c, d, e = Split.apply(x)
    (a * b).sum().backward()
    return [
        first, x.grad.tolist(), seen, c.tolist(), c.requires_grad, d, e,
        a.requires_grad, a.output_nr, b.output_nr, a.grad_fn is b.grad_fn,
    ]  # fmt: skip


@case
def non_differentiable_floats(torch):
    class Parts(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            whole = x * 0 + 1
            ctx.mark_non_differentiable(whole)
            return x * 2, whole

        @staticmethod
        def backward(ctx, g, h):
            seen.append(h.tolist())
            return g * 2

    seen = []
    x = torch.tensor([1.5, 2.5], requires_grad=True)
    y, whole = Parts.apply(x)
    y.sum().backward()
    return [whole.requires_grad, y.requires_grad, x.grad.tolist(), seen]


@case
def unmaterialized_gradients(torch):
    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, a, b):
            seen.append((a is None, b is None))
            total = None
            if a is not None:
                total = a * 2
            if b is not None:
                total = b * 3 if total is None else total + b * 3
            return total

    seen = []
    x = torch.tensor([1.0], requires_grad=True)
    Two.apply(x)[1].sum().backward()
    Two.apply(x)[0].sum().backward()
    y, z = Two.apply(x)
    (y + z).sum().backward()
    return [seen, x.grad.tolist()]


@case
def needs_input_grad(torch):
    class Add(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b, c):
            seen.append(tuple(ctx.needs_input_grad))
            return a + b

        @staticmethod
        def backward(ctx, g):
            return (g if ctx.needs_input_grad[0] else None), g, None

    seen = []
    a = torch.ones(2)
    b = torch.ones(2, requires_grad=True)
    Add.apply(a, b, 5).sum().backward()
    y = Add.apply(a, a, 5)
    with torch.no_grad():
        z = Add.apply(a, b, 5)
    return [seen, b.grad.tolist(), y.requires_grad, z.requires_grad]


@case
def recording_is_off_inside_forward(torch):
    class Probe(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            seen.append((torch.is_grad_enabled(), y.requires_grad))
            return y

        @staticmethod
        def backward(ctx, g):
            seen.append(torch.is_grad_enabled())
            return g * 2

    seen = []
    x = torch.ones(1, requires_grad=True)
    Probe.apply(x).sum().backward()
    torch.autograd.grad(Probe.apply(x).sum(), x, create_graph=True)
    return seen


@pytest.mark.parametrize("source", CASES, ids=lambda f: f.__name__)
def test_the_same_source_gives_the_same_as_pytorch(source: Callable[[Any], Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = source(ag), source(torch)
    assert ours == theirs


@pytest.mark.parametrize("source", CASES, ids=lambda f: f.__name__)
def test_the_source_runs_here(source: Callable[[Any], Any]) -> None:
    source(ag)
