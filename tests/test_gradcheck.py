"""The gradient checker finds wrong rules, says what is wrong with them, and passes right ones."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.autograd import Function, gradcheck, gradgradcheck
from autograd_core.errors import GradcheckError


def double(*shape: int, seed: int = 0, **kwargs: Any) -> ag.Tensor:
    values = np.random.default_rng(seed).uniform(0.5, 2.0, shape)
    return ag.tensor(values, dtype=ag.float64, requires_grad=True, **kwargs)


def custom(forward: Any, backward: Any) -> Any:
    """An operator whose rule is ``backward(g, *inputs)``."""

    class Custom(Function):
        @staticmethod
        def forward(ctx, *inputs):
            ctx.save_for_backward(*inputs)
            return forward(*inputs)

        @staticmethod
        def backward(ctx, g):
            return backward(g, *ctx.saved_tensors)

    return Custom.apply


RIGHT = {
    "one input": (ag.exp, (2, 3)),
    "sum": (lambda x: (x * x).sum(), (3,)),
    "0-d": (lambda x: x * x * x, ()),
    "empty": (lambda x: x * 2, (0, 3)),
    "not connected to all": (lambda x: (x.sum(), x * 2), (2,)),
    "constant output too": (lambda x: (x * 2, ag.ones(2)), (2,)),
}


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("name", RIGHT)
def test_right_rules_pass(name: str, fast: bool) -> None:
    function, shape = RIGHT[name]
    x = double(*shape)
    before = x.tolist()
    assert gradcheck(function, (x,), fast_mode=fast) is True
    assert gradgradcheck(function, (x,), fast_mode=fast) is True
    assert x.tolist() == before and x.grad is None


def test_several_inputs_of_which_some_are_checked() -> None:
    a, b = double(2, 3), double(3, seed=1)
    constant = ag.tensor([1.0, 2.0, 3.0], dtype=ag.float64)
    assert gradcheck(lambda a, b, c, k: a * b + c * k, (a, b, constant, 2))
    assert gradgradcheck(lambda a, b, c, k: a * b + c * k, (a, b, constant, 2))


def test_the_function_may_know_its_inputs_from_outside() -> None:
    x = double(3)
    assert gradcheck(lambda *_: (x * x).sum(), (x,))


def test_non_contiguous_inputs() -> None:
    x = double(3, 4).detach().reshape(4, 3).expand(4, 3)
    view = ag.as_tensor(np.random.default_rng(0).random((3, 4)).T, device="cpu")
    assert gradcheck(lambda t: t * t, (view.detach().requires_grad_(),))
    assert gradcheck(lambda t: t * t, (x.clone().requires_grad_(),))


def test_complex_numbers() -> None:
    z = ag.tensor([1 + 2j, -0.5 + 0.3j], dtype=ag.complex128, requires_grad=True)
    w = ag.tensor([0.3 - 1j, 2 + 0.1j], dtype=ag.complex128, requires_grad=True)
    assert gradcheck(lambda z, w: z * w, (z, w))
    assert gradcheck(ag.exp, (z,))
    assert gradgradcheck(lambda z, w: z * w, (z, w))
    assert gradcheck(lambda z: z * z, (z,), fast_mode=True)


def wrong(function: Any, *inputs: Any, check: Any = gradcheck, **kwargs: Any) -> str:
    """The message with which a check fails."""
    with pytest.raises(GradcheckError) as caught:
        check(function, inputs, **kwargs)
    assert check(function, inputs, raise_exception=False, **kwargs) is False
    return str(caught.value)


def test_off_by_a_factor() -> None:
    square = custom(lambda x: x * x, lambda g, x: g * x)
    message = wrong(square, double(3))
    assert (
        "output 0" in message and "input 0" in message and "Custom at test_gradcheck.py" in message
    )
    assert "0.5 times what it should be everywhere" in message


def test_the_message_has_index_and_both_values() -> None:
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=ag.float64, requires_grad=True)

    def backward(g, x):
        mask = ag.tensor([[1.0, 1.0], [1.0, 5.0]], dtype=ag.float64)
        return g * mask

    message = wrong(custom(lambda x: x * 1, backward), x)
    assert "output[1, 1], input[1, 1]: analytic 5, numeric 1" in message
    assert "1 of 16 entries differ" in message


def test_the_wrong_sign() -> None:
    assert "sign" in wrong(custom(lambda x: x.exp(), lambda g, x: -g * x.exp()), double(3))


def test_a_missing_term() -> None:
    message = wrong(custom(lambda x: x * x.exp(), lambda g, x: g * x.exp()), double(3))
    assert "missing or wrong term" in message


def test_a_missing_entry() -> None:
    def backward(g, x):
        return g * ag.tensor([2.0, 0.0, 2.0], dtype=ag.float64)

    assert "some entries" in wrong(custom(lambda x: x * 2, backward), double(3))


def test_no_gradient_at_all() -> None:
    assert "no gradient arrives" in wrong(custom(lambda x: x * 2, lambda g, x: g * 0), double(3))


def test_a_graph_that_was_cut() -> None:
    assert "cuts the graph" in wrong(lambda x: x.detach() * 2, double(3))
    message = wrong(lambda x, y: x.detach() * y, double(3), double(3))
    assert "with respect to input 0" in message and "detach()" in message


def test_the_wrong_conjugate() -> None:
    z = ag.tensor([1 + 2j, 0.5 - 0.3j], dtype=ag.complex128, requires_grad=True)
    square = custom(lambda z: z * z, lambda g, z: g * 2 * z)
    assert "conjugate" in wrong(square, z)


def test_transposed() -> None:
    weight = np.arange(1.0, 5.0).reshape(2, 2)
    scaled = custom(lambda x: x * ag.tensor(weight), lambda g, x: g * ag.tensor(weight.T.copy()))
    assert "transposed" in wrong(lambda x: scaled(x).sum(), double(2, 2))


def test_a_mean_taken_for_a_sum() -> None:
    total = custom(lambda x: x.sum(), lambda g, x: g.expand(5) / 5)
    message = wrong(total, double(5))
    assert "0.2 times" in message and "5 is a size" in message


def test_wrong_only_in_second_order() -> None:
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0].detach()

    x = double(3)
    assert gradcheck(Square.apply, (x,))
    message = wrong(Square.apply, x, check=gradgradcheck)
    assert message.startswith("gradgradcheck")


def test_once_differentiable_is_found_in_second_order() -> None:
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @ag.autograd.function.once_differentiable
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradgradcheck(Square.apply, (double(3),))


def test_a_random_forward() -> None:
    rng = np.random.default_rng(0)
    message = wrong(lambda x: x * float(rng.random()), double(3))
    assert "not deterministic" in message and "two calls" in message


def test_a_random_backward() -> None:
    rng = np.random.default_rng(0)
    noisy = custom(lambda x: x * 2, lambda g, x: g * (2 + 1e-6 * float(rng.random())))
    assert "backward of output 0 is not deterministic" in wrong(noisy, double(3))
    assert gradcheck(noisy, (double(3),), nondet_tol=1e-3)


def test_a_kink() -> None:
    x = ag.tensor([0.0, 1.0], dtype=ag.float64, requires_grad=True)
    message = wrong(lambda t: ag.where(t > 0, 3 * t, t), x)
    assert "kink" in message and "from below" in message


def test_single_precision_inside() -> None:
    message = wrong(lambda x: (x.to(ag.float32) * 3).to(ag.float64), double(3))
    assert "precision" in message and "dtype" in message


def test_an_infinite_gradient() -> None:
    x = ag.tensor([0.0], dtype=ag.float64, requires_grad=True)
    message = wrong(lambda t: (t * t).sqrt(), x)
    assert "not finite" in message


def test_float32_is_refused_unless_the_step_is_large() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"float32.*\.double\(\)"):
        gradcheck(ag.exp, (x,))
    assert gradcheck(ag.exp, (x,), eps=1e-2, atol=1e-2, rtol=1e-2)


def test_inputs_that_cannot_be_checked() -> None:
    with pytest.raises(ValueError, match="no input requires grad"):
        gradcheck(ag.exp, (ag.ones(2, dtype=ag.float64),))
    with pytest.raises(ValueError, match=r"share memory.*clone"):
        gradcheck(ag.exp, (ag.ones(1, dtype=ag.float64).expand(3).requires_grad_(),))


def test_fast_mode_finds_what_the_slow_mode_names() -> None:
    square = custom(lambda x: x * x, lambda g, x: g * x)
    assert "0.5 times" in wrong(square, double(3), fast_mode=True)


def test_batched_gradients() -> None:
    assert gradcheck(lambda x: x * x, (double(3),), check_batched_grad=True)


def test_undefined_gradients() -> None:
    class Two(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, a, b):
            if a is None:
                return b * 30
            return a * 2 + (0 if b is None else b * 3)

    assert "gradient" in wrong(Two.apply, double(3))

    class Zeros(Two):
        @staticmethod
        def backward(ctx, a, b):
            if b is None:
                return a * 2
            if a is None:
                return b * 3
            return a * 2 + b * 3 + 1

    assert "undefined or zero" in wrong(Zeros.apply, double(3))
    assert gradcheck(Zeros.apply, (double(3),), check_undefined_grad=False)


def test_given_grad_outputs() -> None:
    x = double(3)
    assert gradgradcheck(ag.exp, (x,), grad_outputs=(double(3, seed=5),))
    assert gradgradcheck(ag.exp, (x,), gen_non_contig_grad_outputs=True)


@pytest.mark.parametrize("name", ["gradcheck", "gradgradcheck"])
def test_the_signature_is_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours = inspect.signature(getattr(ag.autograd, name)).parameters
    theirs = inspect.signature(getattr(torch.autograd, name)).parameters
    assert list(ours) == list(theirs)
    for key, parameter in theirs.items():
        assert ours[key].kind == parameter.kind
        assert ours[key].default == parameter.default, key
