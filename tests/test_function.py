"""Custom functions: one source runs under PyTorch and here, with the same results."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import pytest

import autograd_core as ag
from autograd_core.errors import GraphError

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


# --- what goes wrong, precisely -------------------------------------------------------------------


def function(forward: Any = None, backward: Any = None) -> Any:
    class Custom(ag.autograd.Function):
        pass

    Custom.forward = staticmethod(forward or (lambda ctx, x, *rest: x * 2))
    Custom.backward = staticmethod(backward or (lambda ctx, g: g * 2))
    return Custom


def test_too_few_gradients() -> None:
    x = ag.ones(2, requires_grad=True)
    with pytest.raises(GraphError, match="returned 1 gradients for 2 arguments"):
        function().apply(x, 3).sum().backward()


def test_too_many_gradients() -> None:
    x = ag.ones(2, requires_grad=True)
    custom = function(backward=lambda ctx, g: (g, g))
    with pytest.raises(GraphError, match="returned 2 gradients for 1 arguments"):
        custom.apply(x).sum().backward()


def test_a_gradient_of_the_wrong_shape() -> None:
    x = ag.ones(2, requires_grad=True)
    custom = function(backward=lambda ctx, g: ag.ones(3))
    with pytest.raises(GraphError, match=r"shape \(3,\) for argument 0 .* \(2,\)"):
        custom.apply(x).sum().backward()


def test_a_gradient_that_is_no_tensor() -> None:
    x = ag.ones(2, requires_grad=True)
    custom = function(backward=lambda ctx, g: 2.0)
    with pytest.raises(TypeError, match="CustomBackward returned a float"):
        custom.apply(x).sum().backward()


def test_a_gradient_for_an_argument_that_is_no_tensor() -> None:
    x = ag.ones(2, requires_grad=True)
    custom = function(backward=lambda ctx, g: (g, g))
    with pytest.raises(GraphError, match="argument 1 of forward, which is no tensor"):
        custom.apply(x, 3).sum().backward()


def test_missing_backward() -> None:
    class Forward(ag.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    y = Forward.apply(ag.ones(2, requires_grad=True))
    with pytest.raises(NotImplementedError, match="Forward"):
        y.sum().backward()


def test_missing_forward() -> None:
    class Nothing(ag.autograd.Function):
        pass

    with pytest.raises(NotImplementedError, match="forward"):
        Nothing.apply(ag.ones(2))


def test_instances_are_refused() -> None:
    with pytest.raises(TypeError, match=r"Custom.apply"):
        function()()


def test_keywords_without_setup_context_are_refused() -> None:
    with pytest.raises(TypeError, match="setup_context"):
        function().apply(x=ag.ones(2))


def test_save_for_backward_takes_tensors() -> None:
    custom = function(forward=lambda ctx, x: ctx.save_for_backward(3.0))
    with pytest.raises(TypeError, match=r"ctx.name = value"):
        custom.apply(ag.ones(2, requires_grad=True))


def test_a_dirty_leaf_is_refused() -> None:
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    with pytest.raises(GraphError, match="leaf tensor"):
        function(forward).apply(ag.ones(2, requires_grad=True))


def test_a_dirty_argument_must_be_returned() -> None:
    def forward(ctx, x):
        ctx.mark_dirty(x)
        x.mul_(2)
        return x * 1

    with pytest.raises(GraphError, match="not among the outputs"):
        function(forward).apply(ag.ones(2, requires_grad=True) * 1)


def test_a_second_backward_names_the_function() -> None:
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    y = function(forward).apply(ag.ones(2, requires_grad=True)).sum()
    y.backward()
    with pytest.raises(GraphError, match="second time through Custom at test_function.py"):
        y.backward()


def test_writing_in_place_into_a_view_that_a_function_made_is_refused() -> None:
    x = ag.ones(2, requires_grad=True)
    y = function(forward=lambda ctx, t: t).apply(x * 1)
    with pytest.raises(GraphError):
        y.mul_(2)


def test_twice_differentiating_once_differentiable_always_raises() -> None:
    """PyTorch takes the gradient for a constant where no gradient flows through ``g``."""

    class Square(ag.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @ag.autograd.function.once_differentiable
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    x = ag.ones(2, requires_grad=True)
    (g,) = ag.autograd.grad(Square.apply(x).sum(), x, create_graph=True)
    with pytest.raises(GraphError, match="Square.*once_differentiable"):
        g.sum().backward()


def test_a_function_keeps_no_tensor_alive_but_what_it_saved() -> None:
    y = function().apply(ag.ones(2, requires_grad=True))
    node = weakref.ref(y.grad_fn)
    tensor = weakref.ref(y)
    z = y.sum()
    del y
    assert tensor() is None and node() is not None
    del z
    assert node() is None


def test_hooks_on_a_function_node() -> None:
    x = ag.ones(2, requires_grad=True)
    y = function().apply(x)
    seen = []
    y.grad_fn.register_hook(lambda i, o: seen.append((i[0].tolist(), o[0].tolist())))
    y.register_hook(lambda g: g * 3)
    y.sum().backward()
    assert seen == [([6, 6], [3, 3])]


def test_vjp_is_another_name_for_backward() -> None:
    class Double(ag.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def vjp(ctx, g):
            return g * 2

    x = ag.ones(2, requires_grad=True)
    Double.apply(x).sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_forward_mode_and_vmap_parts_are_accepted() -> None:
    class Full(ag.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return x * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])
            ctx.save_for_forward(inputs[0])

        @staticmethod
        def backward(ctx, g):
            return g * 2

        @staticmethod
        def jvp(ctx, t):
            return t * 2

    assert Full.apply(ag.ones(2, requires_grad=True)).tolist() == [2, 2]
