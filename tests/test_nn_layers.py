"""Every layer beside PyTorch's: output, gradients of input and parameters, text, state."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn

torch = pytest.importorskip("torch")

# (class, arguments, keyword arguments, shapes of the inputs)
LAYERS = [
    ("Linear", (4, 3), {}, [(5, 4)]),
    ("Linear", (4, 3), {"bias": False}, [(2, 3, 4)]),
    ("Linear", (4, 3), {}, [(4,)]),
    ("Linear", (4, 1), {}, [(0, 4)]),
    ("Bilinear", (2, 3, 4), {}, [(5, 2), (5, 3)]),
    ("Bilinear", (2, 3, 1), {"bias": False}, [(2, 5, 2), (2, 5, 3)]),
    ("Identity", (3,), {"unused": 1}, [(2, 3)]),
    ("Flatten", (), {}, [(2, 3, 4)]),
    ("Flatten", (0, 1), {}, [(2, 3, 4)]),
    ("Unflatten", (1, (2, 3)), {}, [(4, 6)]),
    ("Unflatten", (-1, (2, -1)), {}, [(4, 6)]),
    ("ReLU", (), {}, [(3, 4)]),
    ("ReLU6", (), {}, [(3, 4)]),
    ("LeakyReLU", (0.3,), {}, [(3, 4)]),
    ("PReLU", (), {}, [(3, 4)]),
    ("PReLU", (4,), {"init": 0.1}, [(3, 4, 2)]),
    ("PReLU", (), {}, [()]),
    ("Hardtanh", (), {}, [(3, 4)]),
    ("Hardtanh", (-0.5, 2.0), {}, [(3, 4)]),
    ("Hardsigmoid", (), {}, [(3, 4)]),
    ("Hardswish", (), {}, [(3, 4)]),
    ("Hardshrink", (), {}, [(3, 4)]),
    ("Softshrink", (0.7,), {}, [(3, 4)]),
    ("Threshold", (0.2, -3.0), {}, [(3, 4)]),
    ("ELU", (), {}, [(3, 4)]),
    ("ELU", (0.4,), {}, [(3, 4)]),
    ("SELU", (), {}, [(3, 4)]),
    ("CELU", (0.7,), {}, [(3, 4)]),
    ("GELU", (), {}, [(3, 4)]),
    ("GELU", ("tanh",), {}, [(3, 4)]),
    ("SiLU", (), {}, [(3, 4)]),
    ("Mish", (), {}, [(3, 4)]),
    ("Sigmoid", (), {}, [(3, 4)]),
    ("LogSigmoid", (), {}, [(3, 4)]),
    ("Tanh", (), {}, [(3, 4)]),
    ("Tanhshrink", (), {}, [(3, 4)]),
    ("Softplus", (), {}, [(3, 4)]),
    ("Softplus", (2.0, 1.0), {}, [(3, 4)]),
    ("Softsign", (), {}, [(3, 4)]),
    ("Softmax", (1,), {}, [(3, 4)]),
    ("Softmax", (0,), {}, [(3, 4)]),
    ("Softmin", (-1,), {}, [(3, 4)]),
    ("LogSoftmax", (1,), {}, [(3, 4, 2)]),
    ("Softmax2d", (), {}, [(2, 3, 4, 5)]),
    ("GLU", (), {}, [(3, 4)]),
    ("GLU", (0,), {}, [(4, 3)]),
    ("Dropout", (0.5,), {}, [(3, 4)]),
    ("Dropout", (0.0,), {}, [(3, 4)]),
    ("Dropout", (1.0,), {}, [(3, 4)]),
]
IDS = [f"{name}{args or ''}{shapes}".replace(" ", "") for name, args, _, shapes in LAYERS]
INPLACE = [
    ("ReLU", ()),
    ("ReLU6", ()),
    ("LeakyReLU", (0.3,)),
    ("Hardtanh", ()),
    ("Threshold", (0.2, -3.0)),
    ("ELU", ()),
    ("SELU", ()),
    ("CELU", ()),
    ("SiLU", ()),
    ("Mish", ()),
    ("Hardsigmoid", ()),
    ("Hardswish", ()),
]
# Where a kink or an overflow could show.
SPECIAL = [0.0, -0.0, 0.5, -0.5, 3.0, -3.0, 6.0, 1000.0, -1000.0, 1e-30]
ELEMENTWISE = [
    (name, args)
    for name, args, _, shapes in LAYERS
    if shapes == [(3, 4)] and name not in ("Softmax", "Softmin", "GLU", "Dropout", "PReLU")
]


def make(name, args, kwargs, dtype, training):
    """A layer here and the same in PyTorch, with PyTorch's parameters in both."""
    torch.manual_seed(1)
    theirs = getattr(torch.nn, name)(*args, **kwargs).to(getattr(torch, dtype)).train(training)
    ours = getattr(nn, name)(*args, **kwargs).to(getattr(ag, dtype)).train(training)
    assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    return ours, theirs


def leaf(value, library):
    if library is torch:
        return torch.tensor(value, requires_grad=True)
    return ag.tensor(value, requires_grad=True)


def numpy(t) -> np.ndarray:
    return t.detach().cpu().numpy()


# PyTorch computes these in float64 with constants that were rounded to float32.
ROUNDED_CONSTANTS = ("Hardsigmoid", "CELU")


def close(ours, theirs, dtype, name=""):
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert str(ours.dtype).split(".")[-1] == dtype == str(theirs.dtype).split(".")[-1]
    tolerance = 1e-12 if dtype == "float64" and name not in ROUNDED_CONSTANTS else 2e-6
    np.testing.assert_allclose(numpy(ours), numpy(theirs), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name,args,kwargs,shapes", LAYERS, ids=IDS)
def test_like_pytorch(name, args, kwargs, shapes, dtype, training):
    ours, theirs = make(name, args, kwargs, dtype, training)
    rng = np.random.RandomState(0)
    inputs = [np.asarray(rng.standard_normal(shape) * 2, dtype) for shape in shapes]
    xs, zs = [leaf(v, ag) for v in inputs], [leaf(v, torch) for v in inputs]
    ag.manual_seed(5)
    torch.manual_seed(5)
    y, z = ours(*xs), theirs(*zs)
    if name == "Dropout" and ag.get_default_device().type != "cpu":
        assert tuple(y.shape) == tuple(z.shape)  # another device, another stream of numbers
        return
    close(y, z, dtype, name)
    weights = np.asarray(rng.standard_normal(tuple(z.shape)), dtype)
    y.backward(ag.tensor(weights))
    z.backward(torch.tensor(weights))
    for x, w in zip(xs, zs):
        close(x.grad, w.grad, dtype, name)
    params, references = dict(ours.named_parameters()), dict(theirs.named_parameters())
    assert list(params) == list(references)
    for key, param in params.items():
        close(param.grad, references[key].grad, dtype)


@pytest.mark.parametrize("name,args,kwargs,shapes", LAYERS, ids=IDS)
def test_text_and_state_like_pytorch(name, args, kwargs, shapes):
    ours, theirs = make(name, args, kwargs, "float32", True)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for key, value in ours.state_dict().items():
        assert tuple(value.shape) == tuple(theirs.state_dict()[key].shape)


@pytest.mark.parametrize("name,args", ELEMENTWISE, ids=lambda v: str(v))
def test_gradients_at_kinks_and_far_out(name, args):
    ours, theirs = make(name, args, {}, "float64", True)
    x, w = leaf(np.array(SPECIAL), ag), leaf(np.array(SPECIAL), torch)
    y, z = ours(x), theirs(w)
    close(y, z, "float64", name)
    y.sum().backward()
    z.sum().backward()
    close(x.grad, w.grad, "float64", name)


@pytest.mark.parametrize("name,args", ELEMENTWISE, ids=lambda v: str(v))
def test_second_derivatives(name, args):
    if name == "Hardsigmoid":
        return  # PyTorch has none
    value = np.random.RandomState(0).standard_normal(12) * 2
    products = []
    for library, module in ((ag, nn), (torch, torch.nn)):
        x = leaf(value, library)
        y = getattr(module, name)(*args)(x)
        (g,) = library.autograd.grad((y * y).sum(), x, create_graph=True)
        (h,) = library.autograd.grad((g * g).sum(), x, allow_unused=True)
        products.append(numpy(h))
    np.testing.assert_allclose(*products, rtol=2e-6 if name in ROUNDED_CONSTANTS else 1e-11)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name,args", ELEMENTWISE, ids=lambda v: str(v))
def test_narrow_floats_stay_narrow(name, args, dtype):
    values = [-2.0, -0.25, 0.0, 0.25, 2.0]
    x = ag.tensor(values, dtype=getattr(ag, dtype), requires_grad=True)
    w = torch.tensor(values, dtype=getattr(torch, dtype), requires_grad=True)
    y, z = getattr(nn, name)(*args)(x), getattr(torch.nn, name)(*args)(w)
    y.sum().backward()
    z.sum().backward()
    assert y.dtype == x.grad.dtype == getattr(ag, dtype)
    rounding = 0.02 if dtype == "bfloat16" else 0.003
    np.testing.assert_allclose(y.tolist(), z.tolist(), rtol=rounding, atol=rounding)
    np.testing.assert_allclose(x.grad.tolist(), w.grad.tolist(), rtol=rounding, atol=rounding)


@pytest.mark.parametrize("shape", [(0,), (), (2, 0, 3)])
@pytest.mark.parametrize("name,args", ELEMENTWISE, ids=lambda v: str(v))
def test_empty_and_0d(name, args, shape):
    x = ag.zeros(shape, requires_grad=True)
    y = getattr(nn, name)(*args)(x)
    assert y.shape == shape
    y.sum().backward()
    assert x.grad.shape == shape


@pytest.mark.parametrize("name,args", INPLACE)
def test_inplace(name, args):
    value = np.linspace(-4.0, 7.0, 12)
    ours, theirs = getattr(nn, name)(*args, inplace=True), getattr(torch.nn, name)(*args)
    assert repr(ours) == repr(getattr(torch.nn, name)(*args, inplace=True))
    x, w = leaf(value, ag), leaf(value, torch)
    scaled = x * 2
    y = ours(scaled)
    assert y is scaled
    z = theirs(w * 2)
    close(y, z, "float64", name)
    y.sum().backward()
    z.sum().backward()
    close(x.grad, w.grad, "float64", name)


def test_inplace_dropout():
    x = ag.ones(1000)
    y = nn.Dropout(0.25, inplace=True)(x)
    assert y is x
    assert {round(v, 4) for v in set(x.tolist())} == {0.0, round(1 / 0.75, 4)}


@pytest.mark.cpu_only
@pytest.mark.parametrize("seed", [0, 1, 123456789])
@pytest.mark.parametrize("size", [(4, 3), (7, 5), (784, 30), (1, 1)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_linear_draws_pytorchs_numbers(seed, size, dtype):
    ag.manual_seed(seed)
    torch.manual_seed(seed)
    ours = nn.Linear(*size, dtype=getattr(ag, dtype))
    theirs = torch.nn.Linear(*size, dtype=getattr(torch, dtype))
    for a, b in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        # PyTorch multiplies and adds in one rounding, NumPy in two.
        np.testing.assert_allclose(numpy(a), numpy(b), rtol=0, atol=1e-7)


@pytest.mark.cpu_only
def test_linear_is_bit_equal_where_the_bound_is_a_power_of_two():
    for seed in range(20):
        ag.manual_seed(seed)
        torch.manual_seed(seed)
        ours, theirs = nn.Linear(4, 3), torch.nn.Linear(4, 3)
        assert ours.weight.tolist() == theirs.weight.tolist()
        assert ours.bias.tolist() == theirs.bias.tolist()


@pytest.mark.cpu_only
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_drops_what_pytorch_drops(p):
    ag.manual_seed(3)
    torch.manual_seed(3)
    ours = nn.Dropout(p)(ag.ones(10, 7))
    theirs = torch.nn.Dropout(p)(torch.ones(10, 7))
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda: nn.Dropout(1.5), ValueError, "between 0 and 1, but got 1.5"),
        (lambda: nn.functional.dropout(ag.ones(2), -0.1), ValueError, "between 0 and 1"),
        (lambda: nn.Hardtanh(1, 1), ValueError, "must be less"),
        (lambda: nn.functional.hardtanh(ag.ones(2), 2, 1), ValueError, "is larger than"),
        (lambda: nn.Softshrink(-1)(ag.ones(2)), RuntimeError, "lambd must be"),
        (lambda: nn.CELU(0)(ag.ones(2)), ValueError, "alpha must not be 0"),
        (lambda: nn.GELU("x")(ag.ones(2)), ValueError, "'x'"),
        (lambda: nn.GLU()(ag.ones(3)), ValueError, "along dim=-1 must be even, got 3"),
        (lambda: nn.GLU()(ag.ones(())), ValueError, "no dimensions"),
        (lambda: nn.PReLU(3)(ag.ones(2, 4)), ValueError, r"4,.* channels.*shape \(3,\)"),
        (lambda: nn.Softmax2d()(ag.ones(2)), ValueError, "3D or 4D, got 1D"),
        (lambda: nn.Bilinear(0, 1, 1), ValueError, "in1_features must be > 0"),
        (lambda: nn.Bilinear(2, 3, 1)(ag.ones(1, 3), ag.ones(1, 3)), ValueError, r"\(1, 3\)"),
        (lambda: nn.Unflatten("a", (1, 2)), TypeError, "integer"),
        (lambda: nn.Unflatten(1, 3), TypeError, "tuple of integers"),
        (lambda: nn.Linear(4, 3)(ag.ones(2, 5)), ValueError, "linear"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_softmax_without_a_dimension_warns():
    with pytest.warns(UserWarning, match="include dim=X"):
        y = nn.Softmax()(ag.zeros(1, 2))
    assert y.tolist() == [[0.5, 0.5]]
