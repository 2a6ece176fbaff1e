"""Losses beside PyTorch's, and the shapes they refuse."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn

torch = pytest.importorskip("torch")

REDUCTIONS = ["mean", "sum", "none"]


def numpy(t) -> np.ndarray:
    return t.detach().cpu().numpy()


def compare(name, kwargs, input, target, dtype="float64", tensors=()):
    """Value and gradient (also of a floating-point target) of a loss here and in PyTorch."""
    results = []
    for library, module in ((ag, nn), (torch, torch.nn)):
        given = dict(kwargs)
        for key in tensors:
            given[key] = library.tensor(np.asarray(kwargs[key], dtype))
        x = library.tensor(np.asarray(input, dtype), requires_grad=True)
        t = library.tensor(target)
        floating = t.is_floating_point()
        if floating:
            t = library.tensor(np.asarray(target, dtype), requires_grad=name not in ("BCELoss",))
        y = getattr(module, name)(**given)(x, t)
        y.sum().backward()
        results.append((y, x.grad, t.grad if floating and t.requires_grad else None))
    (y, gx, gt), (z, hx, ht) = results
    assert tuple(y.shape) == tuple(z.shape)
    assert str(y.dtype).endswith(dtype)
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(numpy(y), numpy(z), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(numpy(gx), numpy(hx), rtol=tolerance, atol=tolerance)
    if gt is not None:
        np.testing.assert_allclose(numpy(gt), numpy(ht), rtol=tolerance, atol=tolerance)


def normal(*shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape)


def probabilities(*shape, seed=1):
    return np.random.RandomState(seed).uniform(0.01, 0.99, shape)


PAIRS = [
    ("MSELoss", {}),
    ("L1Loss", {}),
    ("SmoothL1Loss", {}),
    ("SmoothL1Loss", {"beta": 0.3}),
    ("SmoothL1Loss", {"beta": 0.0}),
    ("HuberLoss", {}),
    ("HuberLoss", {"delta": 0.3}),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", [(3, 4), (5,), ()])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name,kwargs", PAIRS)
def test_errors_of_pairs(name, kwargs, reduction, shape, dtype):
    compare(name, {"reduction": reduction, **kwargs}, normal(*shape), normal(*shape, seed=1), dtype)


@pytest.mark.parametrize("name,kwargs", PAIRS)
def test_at_the_kinks(name, kwargs):
    compare(name, {"reduction": "none", **kwargs}, [0.0, 1.0, -1.0, 0.3], [0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [None, 2.0])
def test_binary_cross_entropy(reduction, weight):
    kwargs = {"reduction": reduction}
    tensors = ()
    if weight:
        kwargs["weight"] = [0.5, 1.0, 2.0, 0.0]
        tensors = ("weight",)
    compare("BCELoss", kwargs, probabilities(3, 4), probabilities(3, 4, seed=2), tensors=tensors)


@pytest.mark.cpu_only  # where looking costs no wait
@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_binary_cross_entropy_of_what_is_no_probability(wrong):
    share = ag.tensor([0.5, wrong]), ag.tensor([0.5, 0.5])
    with pytest.raises(RuntimeError, match="all elements of input should be between 0 and 1"):
        nn.BCELoss()(*share)
    with pytest.raises(RuntimeError, match="all elements of target should be between 0 and 1"):
        nn.BCELoss()(*reversed(share))


def test_binary_cross_entropy_at_certainty():
    x = ag.tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    y = nn.BCELoss(reduction="none")(x, ag.tensor([1.0, 0.0, 0.0, 1.0]))
    assert y.tolist() == [100.0, 100.0, 0.0, 0.0]
    y.sum().backward()
    np.testing.assert_allclose(x.grad.cpu().numpy(), [-1e12, 1e12, 0.0, 0.0], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "reduction,weight,pos_weight", list(itertools.product(REDUCTIONS, [False, True], [False, True]))
)
def test_binary_cross_entropy_with_logits(reduction, weight, pos_weight, dtype):
    kwargs = {"reduction": reduction}
    if weight:
        kwargs["weight"] = [0.5, 1.0, 2.0, 0.0]
    if pos_weight:
        kwargs["pos_weight"] = [3.0, 1.0, 0.5, 1.0]
    tensors = tuple(kwargs.keys() - {"reduction"})
    logits = normal(3, 4) * 5
    logits[0] = [0.0, 1000.0, -1000.0, 30.0]
    compare("BCEWithLogitsLoss", kwargs, logits, probabilities(3, 4, seed=2), dtype, tensors)


def test_binary_cross_entropy_of_sure_predictions():
    """What is right to many digits still costs something."""
    x = ag.tensor([30.0, -30.0])
    y = nn.functional.binary_cross_entropy_with_logits(x, ag.tensor([1.0, 0.0]), reduction="none")
    np.testing.assert_allclose(numpy(y), np.exp([-30, -30]), rtol=1e-6)


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
def test_kl_divergence(reduction, log_target):
    target = probabilities(3, 4, seed=2)
    if log_target:
        target = np.log(target)
    kwargs = {"reduction": reduction, "log_target": log_target}
    compare("KLDivLoss", kwargs, np.log(probabilities(3, 4)), target)


def test_kl_divergence_of_impossible_events():
    y = nn.KLDivLoss(reduction="none")(ag.tensor([-1.0, -2.0]), ag.tensor([0.0, 0.0]))
    assert y.tolist() == [0.0, 0.0]


CLASS_SHAPES = [((5,), ()), ((4, 5), (4,)), ((2, 5, 3), (2, 3)), ((2, 5, 3, 2), (2, 3, 2))]


def classes(shape, ignored=None):
    target = np.random.RandomState(3).randint(0, 5, shape)
    if ignored is not None and target.ndim:
        target.flat[0] = ignored
    return target


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [False, True])
@pytest.mark.parametrize("ignore_index", [-100, 2, -1])
@pytest.mark.parametrize("shape,target_shape", CLASS_SHAPES)
def test_negative_log_likelihood(shape, target_shape, ignore_index, weight, reduction):
    kwargs = {"reduction": reduction, "ignore_index": ignore_index}
    if weight:
        kwargs["weight"] = [0.5, 1.0, 2.0, 3.0, 0.1]
    compare(
        "NLLLoss",
        kwargs,
        normal(*shape),
        classes(target_shape, ignore_index),
        tensors=("weight",) if weight else (),
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [False, True])
@pytest.mark.parametrize("ignore_index", [-100, 2])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("shape,target_shape", CLASS_SHAPES)
def test_cross_entropy_of_classes(
    shape, target_shape, label_smoothing, ignore_index, weight, reduction
):
    kwargs = {
        "reduction": reduction,
        "ignore_index": ignore_index,
        "label_smoothing": label_smoothing,
    }
    if weight:
        kwargs["weight"] = [0.5, 1.0, 2.0, 3.0, 0.1]
    compare(
        "CrossEntropyLoss",
        kwargs,
        normal(*shape) * 3,
        classes(target_shape, ignore_index),
        tensors=("weight",) if weight else (),
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [False, True])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
@pytest.mark.parametrize("shape", [shape for shape, _ in CLASS_SHAPES])
def test_cross_entropy_of_probabilities(shape, label_smoothing, weight, reduction):
    kwargs = {"reduction": reduction, "label_smoothing": label_smoothing}
    if weight:
        kwargs["weight"] = [0.5, 1.0, 2.0, 3.0, 0.1]
    tensors = ("weight",) if weight else ()
    compare("CrossEntropyLoss", kwargs, normal(*shape), probabilities(*shape), tensors=tensors)


def test_cross_entropy_in_float32_and_far_out():
    compare("CrossEntropyLoss", {}, normal(4, 5), classes((4,)), "float32")
    compare("CrossEntropyLoss", {"reduction": "none"}, normal(4, 5) * 1e4, classes((4,)))


def test_everything_ignored():
    x = ag.zeros(2, 3, requires_grad=True)
    y = nn.CrossEntropyLoss()(x, ag.tensor([-100, -100]))
    y.backward()
    assert y.isnan().item()
    assert x.grad.tolist() == [[0.0] * 3] * 2


def test_second_derivatives():
    """Beside PyTorch's, by the Hessian's product with a vector."""
    cases = [
        ("MSELoss", normal(3, 4), normal(3, 4, seed=1)),
        ("HuberLoss", normal(3, 4), normal(3, 4, seed=1)),
        ("BCELoss", probabilities(3, 4), probabilities(3, 4, seed=2)),
        ("BCEWithLogitsLoss", normal(3, 4), probabilities(3, 4, seed=2)),
        ("CrossEntropyLoss", normal(3, 4), np.array([0, 3, 1])),
        ("CrossEntropyLoss", normal(3, 4), probabilities(3, 4)),
    ]
    for name, input, target in cases:
        products = []
        for library, module in ((ag, nn), (torch, torch.nn)):
            x = library.tensor(input, requires_grad=True)
            loss = getattr(module, name)()(x, library.tensor(target))
            (g,) = library.autograd.grad(loss, x, create_graph=True)
            if g.requires_grad:
                (h,) = library.autograd.grad((g * library.tensor(normal(3, 4, seed=9))).sum(), x)
                products.append(numpy(h))
        if products:
            # For BCELoss PyTorch's second derivative is itself 1e-10 off.
            np.testing.assert_allclose(*products, rtol=1e-9, atol=1e-12, err_msg=name)


# -- what is refused ------------------------------------------------------------------------------

BROADCASTING = ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCEWithLogitsLoss", "KLDivLoss"]


@pytest.mark.parametrize("name", [*BROADCASTING, "BCELoss"])
def test_shapes_that_would_broadcast_are_refused(name):
    x, t = ag.ones(4, 1) * 0.5, ag.ones(4) * 0.5
    with pytest.raises(ValueError) as caught:
        getattr(nn, name)()(x, t)
    message = str(caught.value)
    assert "(4, 1)" in message and "(4,)" in message
    assert "target.reshape(input.shape)" in message and "allow_broadcast=True" in message
    assert getattr(nn, name)(allow_broadcast=True, reduction="none")(x, t).shape == (4, 4)


@pytest.mark.parametrize("name", BROADCASTING)
def test_other_shapes_get_another_hint(name):
    with pytest.raises(ValueError, match="give them one shape"):
        getattr(nn, name)()(ag.ones(4, 3), ag.ones(3))


@pytest.mark.parametrize(
    "call,error,message",
    [
        (lambda F, x: F.mse_loss(x, 1.0), TypeError, "mse_loss: target must be a tensor"),
        (lambda F, x: F.mse_loss(x, x, reduction="avg"), ValueError, "'avg' is not a valid value"),
        (lambda F, x: F.mse_loss(x, x, weight=ag.ones(2)), ValueError, "weight must have"),
        (lambda F, x: F.huber_loss(x, x, delta=0), ValueError, "delta, got 0"),
        (lambda F, x: F.smooth_l1_loss(x, x, beta=-1), ValueError, "beta, got -1"),
        (
            lambda F, x: F.cross_entropy(x, ag.tensor([0, 5])),
            IndexError,
            "5 is out of range; expected 0 to 2",
        ),
        (
            lambda F, x: F.cross_entropy(x, ag.tensor([0, -1])),
            IndexError,
            "-1 is out of range; expected 0 to 2",
        ),
        (lambda F, x: F.cross_entropy(x, ag.tensor([0])), ValueError, r"\(2, 3\)"),
        (lambda F, x: F.cross_entropy(x, ag.tensor([[0, 1]])), ValueError, r"\(1, 2\)"),
        (lambda F, x: F.cross_entropy(x, ag.tensor([0.0, 1.0])), ValueError, "class indices"),
        (lambda F, x: F.cross_entropy(x, ag.tensor([0, 1]), ag.ones(2)), ValueError, "weight"),
        (lambda F, x: F.cross_entropy(x, x, ag.ones(2)), ValueError, "weight"),
        (lambda F, x: F.cross_entropy(x, x, label_smoothing=1.5), ValueError, "label_smoothing"),
        (lambda F, x: F.cross_entropy(x, x, ignore_index=0), ValueError, "ignore_index=0"),
        (lambda F, x: nn.HuberLoss(delta=1j), TypeError, "delta must be a number, got complex"),
        (lambda F, x: F.cross_entropy(x, ag.tensor([0, 1]), reduction="x"), ValueError, "'x'"),
        (
            lambda F, x: F.nll_loss(x, ag.tensor([0, 5])),
            IndexError,
            "5 is out of range; expected 0 to 2",
        ),
        (lambda F, x: F.nll_loss(x, x), RuntimeError, "nll_loss: target must hold class indices"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(nn.functional, ag.ones(2, 3))


def test_weights_are_buffers():
    loss = nn.CrossEntropyLoss(weight=ag.ones(3))
    assert list(loss.state_dict()) == ["weight"]
    assert nn.CrossEntropyLoss().weight is None
    assert repr(loss) == "CrossEntropyLoss()"


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weighted(name, reduction):
    x, t, w = normal(3, 4), normal(3, 4, seed=1), probabilities(3, 4)
    ours = getattr(nn.functional, name)(
        ag.tensor(x), ag.tensor(t), reduction=reduction, weight=ag.tensor(w)
    )
    theirs = getattr(torch.nn.functional, name)(
        torch.tensor(x), torch.tensor(t), reduction=reduction, weight=torch.tensor(w)
    )
    np.testing.assert_allclose(numpy(ours), numpy(theirs), rtol=1e-12)
