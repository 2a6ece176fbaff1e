"""Activation layers beside PyTorch's: values, gradients of both orders, text, kinks, dtypes."""

from __future__ import annotations

import numpy as np
import pytest
from nn_beside_pytorch import check_layer, close, numpy

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn import functional as F

torch = pytest.importorskip("torch")

# (class, arguments, keyword arguments)
ELEMENTWISE = [
    ("ReLU", (), {}),
    ("ReLU6", (), {}),
    ("LeakyReLU", (), {}),
    ("LeakyReLU", (0.3,), {}),
    ("LeakyReLU", (-0.5,), {}),
    ("LeakyReLU", (1.5,), {}),
    ("Hardtanh", (), {}),
    ("Hardtanh", (-0.5, 2.0), {}),
    ("Hardsigmoid", (), {}),
    ("Hardswish", (), {}),
    ("Hardshrink", (), {}),
    ("Hardshrink", (1.2,), {}),
    ("Hardshrink", (-1.0,), {}),
    ("Softshrink", (), {}),
    ("Softshrink", (0.7,), {}),
    ("Softshrink", (0.0,), {}),
    ("Threshold", (0.2, -3.0), {}),
    ("Threshold", (-0.5,), {"value": 0.0}),
    ("ELU", (), {}),
    ("ELU", (0.4,), {}),
    ("ELU", (-0.4,), {}),
    ("SELU", (), {}),
    ("CELU", (), {}),
    ("CELU", (0.7,), {}),
    ("CELU", (-0.7,), {}),
    ("GELU", (), {}),
    ("GELU", ("tanh",), {}),
    ("SiLU", (), {}),
    ("Mish", (), {}),
    ("Sigmoid", (), {}),
    ("LogSigmoid", (), {}),
    ("Tanh", (), {}),
    ("Tanhshrink", (), {}),
    ("Softplus", (), {}),
    ("Softplus", (2.0, 1.0), {}),
    ("Softplus", (0.5,), {"threshold": 0.3}),
    ("Softsign", (), {}),
]
OTHERS = [
    ("PReLU", (), {}, (3, 4)),
    ("PReLU", (4,), {"init": 0.1}, (3, 4, 2)),
    ("PReLU", (4,), {}, (3, 4)),
    ("PReLU", (3,), {}, (2, 3, 2, 2)),
    ("PReLU", (), {}, ()),
    ("PReLU", (), {}, (0, 3)),
    ("Softmax", (1,), {}, (3, 4)),
    ("Softmax", (0,), {}, (3, 4)),
    ("Softmax", (-2,), {}, (2, 3, 4)),
    ("Softmin", (-1,), {}, (3, 4)),
    ("LogSoftmax", (1,), {}, (3, 4, 2)),
    ("LogSoftmax", (0,), {}, ()),
    ("Softmax2d", (), {}, (2, 3, 4, 5)),
    ("Softmax2d", (), {}, (3, 4, 5)),
    ("GLU", (), {}, (3, 4)),
    ("GLU", (0,), {}, (4, 3)),
    ("GLU", (-2,), {}, (2, 4, 3)),
    ("RReLU", (), {}, (3, 4)),
    ("RReLU", (0.2, 0.2), {}, (3, 4)),
]
INPLACE = [
    ("ReLU", ()),
    ("ReLU6", ()),
    ("LeakyReLU", (0.3,)),
    ("Hardtanh", ()),
    ("Threshold", (0.2, -3.0)),
    ("ELU", ()),
    ("ELU", (0.4,)),
    ("SELU", ()),
    ("CELU", (0.7,)),
    ("SiLU", ()),
    ("Mish", ()),
    ("Hardsigmoid", ()),
    ("Hardswish", ()),
    ("RReLU", (0.1, 0.4)),
]
# Where a kink or an overflow could show.
SPECIAL = [0.0, -0.0, 0.5, -0.5, 3.0, -3.0, 6.0, 1000.0, -1000.0, 1e-30]
elementwise = pytest.mark.parametrize(
    ("name", "args", "kwargs"), ELEMENTWISE, ids=[f"{n}{a}{k or ''}" for n, a, k in ELEMENTWISE]
)
# PyTorch computes these in float64 with constants that were rounded to float32.
ROUNDED_CONSTANTS = ("Hardsigmoid", "CELU")


def tolerance(name, dtype="float64"):
    return 2e-6 if dtype == "float32" or name in ROUNDED_CONSTANTS else 1e-12


def both(name, args, kwargs, value, requires_grad=True):
    """The layers and a leaf for each, of both libraries."""
    return [
        (getattr(m, name)(*args, **kwargs), lib.tensor(value, requires_grad=requires_grad))
        for lib, m in ((ag, nn), (torch, torch.nn))
    ]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@elementwise
def test_elementwise_like_pytorch(name, args, kwargs, dtype, training):
    value = np.random.RandomState(0).standard_normal((3, 4)) * 2
    check_layer(name, args, kwargs, [value], dtype, training, tolerance(name, dtype))


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), OTHERS, ids=str)
def test_others_like_pytorch(name, args, kwargs, shape, dtype, training):
    if name == "RReLU" and training and ag.get_default_device().type != "cpu":
        pytest.skip("other devices draw other numbers")
    value = np.random.RandomState(0).standard_normal(shape) * 2
    check_layer(name, args, kwargs, [value], dtype, training)


@elementwise
def test_gradients_at_kinks_and_far_out(name, args, kwargs):
    (ours, x), (theirs, w) = both(name, args, kwargs, np.array(SPECIAL))
    y, z = ours(x), theirs(w)
    close(y, z, tolerance(name))
    y.sum().backward()
    z.sum().backward()
    close(x.grad, w.grad, tolerance(name))


@elementwise
def test_second_derivatives(name, args, kwargs):
    if name == "Hardsigmoid":
        return  # PyTorch has none
    products = []
    for layer, x in both(name, args, kwargs, np.random.RandomState(0).standard_normal(12) * 2):
        y = layer(x)
        grad = ag.autograd.grad if isinstance(x, ag.Tensor) else torch.autograd.grad
        (g,) = grad((y * y).sum(), x, create_graph=True)
        (h,) = grad((g * g).sum(), x, allow_unused=True)
        products.append(numpy(h))
    np.testing.assert_allclose(*products, rtol=2e-6 if name in ROUNDED_CONSTANTS else 1e-11)


def test_hardsigmoid_has_a_second_derivative():
    """Where PyTorch has none: 2 * slope^2 of the square, whose slope is 1/6 inside."""
    x = ag.tensor([-4.0, -1.0, 2.0, 5.0], dtype=ag.float64, requires_grad=True)
    y = F.hardsigmoid(x)
    (g,) = ag.autograd.grad((y * y).sum(), x, create_graph=True)
    (h,) = ag.autograd.grad(g.sum(), x)
    np.testing.assert_allclose(h.tolist(), [0.0, 1 / 18, 1 / 18, 0.0], rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@elementwise
def test_narrow_floats_stay_narrow(name, args, kwargs, dtype):
    values = [-2.0, -0.25, 0.0, 0.25, 2.0]
    x = ag.tensor(values, dtype=getattr(ag, dtype), requires_grad=True)
    w = torch.tensor(values, dtype=getattr(torch, dtype), requires_grad=True)
    y, z = getattr(nn, name)(*args, **kwargs)(x), getattr(torch.nn, name)(*args, **kwargs)(w)
    y.sum().backward()
    z.sum().backward()
    assert y.dtype == x.grad.dtype == getattr(ag, dtype)
    rounding = 0.02 if dtype == "bfloat16" else 0.003
    np.testing.assert_allclose(y.tolist(), z.tolist(), rtol=rounding, atol=rounding)
    np.testing.assert_allclose(x.grad.tolist(), w.grad.tolist(), rtol=rounding, atol=rounding)


@pytest.mark.parametrize("shape", [(0,), (), (2, 0, 3)])
@elementwise
def test_empty_and_0d(name, args, kwargs, shape):
    x = ag.zeros(shape, requires_grad=True)
    y = getattr(nn, name)(*args, **kwargs)(x)
    assert y.shape == shape
    y.sum().backward()
    assert x.grad.shape == shape


@elementwise
def test_one_node_each(name, args, kwargs):
    x = ag.ones(3, requires_grad=True)
    y = getattr(nn, name)(*args, **kwargs)(x)
    ((before, _),) = y.grad_fn.next_functions
    assert before.name() == "AccumulateGrad"


@pytest.mark.parametrize(("name", "args"), INPLACE, ids=str)
def test_inplace(name, args):
    value = np.linspace(-4.0, 7.0, 12)
    ours, theirs = getattr(nn, name)(*args, inplace=True), getattr(torch.nn, name)(*args)
    assert repr(ours) == repr(getattr(torch.nn, name)(*args, inplace=True))
    x, w = ag.tensor(value, requires_grad=True), torch.tensor(value, requires_grad=True)
    scaled = x * 2
    version = scaled._version
    y = ours.eval()(scaled)
    assert y is scaled and scaled._version == version + 1
    z = theirs.eval()(w * 2)
    close(y, z, tolerance(name))
    y.sum().backward()
    z.sum().backward()
    close(x.grad, w.grad, tolerance(name))
    with pytest.raises(RuntimeError, match="leaf"):
        ours(x)


@pytest.mark.parametrize(
    ("name", "args"),
    [("relu_", ()), ("elu_", (0.5,)), ("celu_", (0.5,)), ("selu_", ()), ("hardtanh_", (-2, 3))]
    + [("leaky_relu_", (0.1,)), ("rrelu_", (0.2, 0.3)), ("threshold_", (1.0, 5.0))],
)
def test_functions_that_write_into_their_input(name, args):
    value = np.linspace(-4.0, 7.0, 12)
    x, w = ag.tensor(value), torch.tensor(value)
    assert getattr(F, name)(x, *args) is x
    getattr(torch.nn.functional, name)(w, *args)
    close(x, w, 1e-6)


@pytest.mark.cpu_only
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (5,), (40, 30), (0, 3)])
def test_rrelu_draws_pytorchs_slopes(shape, dtype):
    value = np.random.RandomState(0).standard_normal(shape).astype(dtype)
    for seed in range(3):
        ag.manual_seed(seed)
        torch.manual_seed(seed)
        (ours, x), (theirs, w) = both("RReLU", (0.1, 0.7), {}, value)
        y, z = ours(x), theirs(w)
        close(y, z, 1e-6)
        y.sum().backward()
        z.sum().backward()
        close(x.grad, w.grad, 1e-6)
        assert ag.rand(1).item() == torch.rand(1).item()  # as many numbers were drawn
    # Another layout, the same draws.
    ag.manual_seed(0)
    torch.manual_seed(0)
    if len(shape) == 2:
        close(F.rrelu(ag.tensor(value).T, training=True),
              torch.nn.functional.rrelu(torch.tensor(value).T, training=True), 1e-6)  # fmt: skip


@pytest.mark.cpu_only
@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize(("shape", "dim"), [((5, 7), -1), ((5, 7), 0), ((2, 3, 4), 1), ((), -1)])
def test_gumbel_softmax_like_pytorch(shape, dim, hard):
    value = np.random.RandomState(1).standard_normal(shape)
    weights = np.random.RandomState(2).standard_normal(shape)
    results = []
    for library, functional in ((ag, F), (torch, torch.nn.functional)):
        library.manual_seed(8)
        x = library.tensor(value, requires_grad=True)
        y = functional.gumbel_softmax(x, 0.7, hard, dim=dim)
        y.backward(library.tensor(weights))
        results.append((y, x.grad))
    for ours, theirs in zip(*results):
        close(ours, theirs, 1e-12)


def test_gumbel_softmax_hard_is_a_choice():
    x = ag.randn(50, 6, requires_grad=True)
    y = F.gumbel_softmax(x, hard=True)
    np.testing.assert_allclose(numpy(y).max(1), 1, atol=1e-6)
    np.testing.assert_allclose(numpy(y).sum(1), 1, atol=1e-6)
    y[:, 0].sum().backward()
    assert (x.grad != 0).any().item()
    with pytest.warns(UserWarning, match="eps"):
        F.gumbel_softmax(x, eps=1e-3)


@pytest.mark.parametrize("name", ["softsign", "tanhshrink"])
def test_complex_like_pytorch(name):
    value = np.array([1 + 2j, -0.5 + 0.1j, 3 - 1j])
    weights = np.array([0.3 - 1j, 1 + 1j, -2 + 0.5j])
    results = []
    for library, functional in ((ag, F), (torch, torch.nn.functional)):
        x = library.tensor(value, requires_grad=True)
        y = getattr(functional, name)(x)
        y.backward(library.tensor(weights))
        results.append((y, x.grad))
    for ours, theirs in zip(*results):
        close(ours, theirs, 1e-12)


INTEGERS = {
    "relu": (),
    "relu6": (),
    "hardtanh": (-2, 3),
    "threshold": (1, 7),
    "softsign": (),
    "tanhshrink": (),
}


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("dtype", ["int64", "int8"])
def test_integers_like_pytorch(name, dtype):
    values = [-5, -1, 0, 1, 2, 9]
    ours = getattr(F, name)(ag.tensor(values, dtype=getattr(ag, dtype)), *INTEGERS[name])
    theirs = getattr(torch.nn.functional, name)(
        torch.tensor(values, dtype=getattr(torch, dtype)), *INTEGERS[name]
    )
    close(ours, theirs, 1e-6)


def test_maxout():
    layer = nn.Maxout(4, 3, pool_size=2)
    x = ag.randn(5, 4)
    maps = layer.linear(x).reshape(5, 3, 2)
    np.testing.assert_allclose(numpy(layer(x)), numpy(maps).max(2), rtol=1e-6)
    assert repr(layer) == (
        "Maxout(\n  pool_size=2\n  (linear): Linear(in_features=4, out_features=6, bias=True)\n)"
    )
    layer(x).sum().backward()
    assert layer.linear.weight.grad.shape == (6, 4)


def test_crelu():
    x = ag.randn(2, 3, 4)
    y = nn.CReLU()(x)
    np.testing.assert_array_equal(numpy(y), numpy(ag.cat([x.relu(), (-x).relu()], 1)))
    assert repr(nn.CReLU(2)) == "CReLU(dim=2)"


def test_relu2_and_squareplus():
    x = ag.tensor([-2.0, 0.0, 3.0], dtype=ag.float64, requires_grad=True)
    y = nn.ReLU2()(x)
    (g,) = ag.autograd.grad(y.sum(), x)
    assert y.tolist() == [0.0, 0.0, 9.0] and g.tolist() == [0.0, 0.0, 6.0]
    far = nn.Squareplus(0.5)(ag.tensor([-1e4, 1e4]))
    np.testing.assert_allclose(far.tolist(), [0, 1e4], atol=1e-3)
    assert repr(nn.Squareplus()) == "Squareplus(b=4.0)"
    with pytest.raises(ValueError, match="b must be positive, got 0"):
        F.squareplus(x, 0)


INTEGER = pytest.mark.parametrize(
    "name",
    ["leaky_relu", "hardsigmoid", "hardswish", "hardshrink", "softshrink", "rrelu", "glu", "elu"]
    + ["celu", "selu", "gelu", "silu", "mish", "softplus", "logsigmoid", "maxout", "crelu"],
)


@INTEGER
def test_integers_are_refused(name):
    more = (2,) if name == "maxout" else ()
    with pytest.raises(RuntimeError, match=rf"{name}: .*int64.*\.float\(\)"):
        getattr(F, name)(ag.tensor([[1, 2]]), *more)
    with pytest.raises(TypeError, match=f"{name}: input must be a tensor"):
        getattr(F, name)([1.0, 2.0], *more)


@pytest.mark.parametrize("name", ["relu", "relu6", "hardtanh", "elu", "mish", "gelu", "softplus"])
def test_complex_numbers_are_refused(name):
    with pytest.raises(TypeError, match=f"{name}.*complex"):
        getattr(F, name)(ag.tensor([1 + 2j]))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Hardtanh(1, 1), ValueError, "must be less"),
        (lambda: F.hardtanh(ag.ones(2), 2, 1), ValueError, "min_val=2 is larger than max_val=1"),
        (lambda: nn.Softshrink(-1)(ag.ones(2)), RuntimeError, "lambd must be"),
        (lambda: nn.CELU(0)(ag.ones(2)), ValueError, "alpha must not be 0"),
        (lambda: nn.GELU("x")(ag.ones(2)), ValueError, "approximate must be .* got 'x'"),
        (lambda: nn.GLU()(ag.ones(3)), ValueError, "along dim=-1 must be even, got 3"),
        (lambda: nn.GLU()(ag.ones(())), ValueError, "no dimensions"),
        (lambda: nn.GLU(2)(ag.ones(2, 2)), IndexError, "dim=2"),
        (lambda: nn.PReLU(3)(ag.ones(2, 4)), ValueError, r"4,.* channels.*shape \(3,\)"),
        (lambda: nn.PReLU(2)(ag.ones(())), ValueError, r"weight of shape \(2,\)"),
        (lambda: nn.PReLU()(ag.ones(2).double()), RuntimeError, "one dtype.*float64.*float32"),
        (lambda: F.prelu(ag.ones(2), 0.5), TypeError, "weight must be a tensor, got float"),
        (lambda: nn.RReLU(0.5, 0.1)(ag.ones(2)), RuntimeError, "lower=0.5 and upper=0.1"),
        (lambda: F.rrelu(ag.ones(2), 0.1, float("inf")), RuntimeError, "finite.*upper=inf"),
        (lambda: nn.Softmax2d()(ag.ones(2)), ValueError, "3D or 4D, got 1D"),
        (lambda: F.maxout(ag.ones(2, 3), 2), ValueError, "pool_size=2 does not divide"),
        (lambda: nn.Maxout(2, 3, 0), ValueError, "pool_size must be at least 1"),
        (lambda: F.crelu(ag.ones(())), ValueError, "no dimensions"),
        (lambda: F.gumbel_softmax(ag.tensor([1, 2])), RuntimeError, "gumbel_softmax.*int64"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_softmax_without_a_dimension_warns():
    with pytest.warns(UserWarning, match="include dim=X"):
        y = nn.Softmax()(ag.zeros(1, 2))
    assert y.tolist() == [[0.5, 0.5]]
