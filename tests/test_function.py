"""Custom functions: what goes wrong is named, and what PyTorch has beside forward and backward."""

from __future__ import annotations

import weakref
from typing import Any

import pytest

import autograd_core as ag
from autograd_core.errors import GraphError


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
