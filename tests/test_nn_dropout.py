"""Dropout beside PyTorch's: the same masks for the same seed, in every layout and dtype."""

from __future__ import annotations

import numpy as np
import pytest
from nn_beside_pytorch import check_layer, close, numpy

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn import functional as F

torch = pytest.importorskip("torch")

# (class, shape of the input)
LAYERS = [
    ("Dropout", (3, 4)),
    ("Dropout", ()),
    ("Dropout", (0, 4)),
    ("Dropout1d", (3, 4, 5)),
    ("Dropout1d", (4, 5)),
    ("Dropout2d", (3, 4, 2, 2)),
    ("Dropout3d", (3, 4, 2, 1, 2)),
    ("Dropout3d", (6, 2, 1, 2)),
    ("AlphaDropout", (30, 4)),
    ("AlphaDropout", (0,)),
    ("FeatureAlphaDropout", (6, 5, 2)),
    ("FeatureAlphaDropout", (6, 5)),
]
NAMES = ["dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"] + [
    "feature_alpha_dropout"
]
SHAPES = dict(zip(NAMES, [(7, 5), (7, 5, 3), (7, 5, 2, 3), (7, 5, 2, 2, 2), (7, 5), (7, 5, 3)]))


@pytest.mark.cpu_only
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize(("name", "shape"), LAYERS, ids=str)
def test_like_pytorch(name, shape, p, dtype, training):
    value = np.random.RandomState(0).standard_normal(shape)
    check_layer(name, (p,), {}, [value], dtype, training, 1e-14 if dtype == "float64" else 1e-6)


def of_both(name, value, seed, *args, **kwargs):
    """The results of both libraries, and whether their generators are in one state afterwards."""
    ag.manual_seed(seed)
    torch.manual_seed(seed)
    ours = getattr(F, name)(ag.tensor(value), *args, **kwargs)
    theirs = getattr(torch.nn.functional, name)(torch.tensor(value), *args, **kwargs)
    assert ag.rand(1).item() == torch.rand(1).item()
    return ours, theirs


@pytest.mark.cpu_only
@pytest.mark.parametrize("p", [0.1, 0.25, 0.9])
@pytest.mark.parametrize("name", NAMES)
def test_bit_by_bit_in_float32(name, p):
    value = np.random.RandomState(1).standard_normal(SHAPES[name]).astype(np.float32)
    for seed in range(5):
        ours, theirs = of_both(name, value, seed, p, True)
        assert (numpy(ours) == 0).tolist() == (theirs.numpy() == 0).tolist()
        close(ours, theirs, 3e-7)
    if name == "dropout":
        assert ours.tolist() == theirs.tolist()


@pytest.mark.cpu_only
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", NAMES)
def test_narrow_floats(name, dtype):
    value = np.random.RandomState(1).standard_normal(SHAPES[name]).astype(np.float32)
    ag.manual_seed(2)
    torch.manual_seed(2)
    ours = getattr(F, name)(ag.tensor(value, dtype=getattr(ag, dtype)), 0.3, True)
    theirs = getattr(torch.nn.functional, name)(
        torch.tensor(value, dtype=getattr(torch, dtype)), 0.3, True
    )
    assert ours.dtype is getattr(ag, dtype)
    if "alpha" in name:  # a product and a sum: PyTorch rounds in between
        step = 2.0 ** (-8 if dtype == "bfloat16" else -11)
        np.testing.assert_allclose(ours.tolist(), theirs.tolist(), rtol=4 * step, atol=4 * step)
    else:
        assert ours.tolist() == theirs.tolist()


@pytest.mark.cpu_only
@pytest.mark.parametrize(
    "layout",
    [
        lambda t, _: t.T,
        lambda t, _: t[:, ::2],
        lambda t, _: t[::2].T,
        lambda t, expand: expand(t[:1], (6, 8)),
        lambda t, expand: expand(t[:, :1], (6, 8)),
    ],
    ids=["transposed", "every other", "rows transposed", "one row", "one column"],
)
def test_masks_follow_the_memory(layout):
    """PyTorch draws in the order of the memory of the input."""
    value = np.ones((6, 8))
    ag.manual_seed(0)
    torch.manual_seed(0)
    ours = F.dropout(layout(ag.tensor(value), lambda t, s: t.expand(s)))
    theirs = torch.nn.functional.dropout(layout(torch.tensor(value), lambda t, s: t.expand(s)))
    assert ours.tolist() == theirs.tolist()


@pytest.mark.cpu_only
@pytest.mark.parametrize("name", NAMES)
def test_in_place_like_pytorch(name):
    value = np.random.RandomState(1).standard_normal(SHAPES[name])
    gradients = []
    for library, functional in ((ag, F), (torch, torch.nn.functional)):
        library.manual_seed(3)
        x = library.tensor(value, requires_grad=True)
        y = x * 2
        z = getattr(functional, name)(y, 0.4, True, inplace=True)
        if library is ag:
            assert z is y and y._version == 1
        (z * z).sum().backward()
        gradients.append(x.grad)
    close(*gradients, 1e-12)


def test_in_place_layer():
    x = ag.ones(1000)
    assert nn.Dropout(0.25, inplace=True)(x) is x
    assert {round(v, 4) for v in set(x.tolist())} == {0.0, round(1 / 0.75, 4)}
    leaf = ag.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="dropout_.*leaf"):
        F.dropout(leaf, inplace=True)


@pytest.mark.parametrize("name", NAMES)
def test_one_node_and_a_gradient_of_the_mask(name):
    x = ag.tensor(np.random.RandomState(1).standard_normal(SHAPES[name]), requires_grad=True)
    y = getattr(F, name)(x, 0.5, True)
    (before,) = [node for node, _ in y.grad_fn.next_functions if node is not None]
    assert before.name() == "AccumulateGrad"
    (g,) = ag.autograd.grad(y.sum(), x, create_graph=True)
    values = {round(v, 9) for v in g.flatten().tolist()}
    assert len(values) == 2 and min(values) == 0
    (h,) = ag.autograd.grad((g * x).sum(), x)
    np.testing.assert_array_equal(numpy(h), numpy(g))


@pytest.mark.parametrize("name", NAMES)
def test_without_training_the_input_itself(name):
    x = ag.ones(SHAPES[name])
    assert getattr(F, name)(x, 0.5, False) is x
    assert getattr(F, name)(x, 0.0, True) is x
    empty = ag.ones(0, *SHAPES[name][1:])
    assert getattr(F, name)(empty, 0.5, True) is empty
    assert getattr(F, name)(x, 1.0, True).tolist() == (x * 0).tolist()


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_alpha_dropout_keeps_mean_and_variance(name):
    ag.manual_seed(0)
    x = ag.randn(200, 500) if name == "alpha_dropout" else ag.randn(500, 400, 3)
    y = getattr(F, name)(x, 0.3, True)
    assert abs(y.mean().item()) < 0.02 and abs(y.var().item() - 1) < 0.02


def test_channels_are_dropped_whole():
    y = nn.Dropout2d(0.5)(ag.ones(20, 10, 3, 3))
    sums = numpy(y.sum((2, 3)))
    assert set(np.unique(sums)) == {0.0, 18.0}


def test_masks_are_drawn_afresh():
    layer = nn.Dropout()
    x = ag.ones(100)
    assert layer(x).tolist() != layer(x).tolist()
    ag.manual_seed(5)
    first = layer(x).tolist()
    ag.manual_seed(5)
    assert layer(x).tolist() == first


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Dropout(1.5), ValueError, "between 0 and 1, but got p=1.5"),
        (lambda: nn.AlphaDropout(-0.1), ValueError, "between 0 and 1, but got p=-0.1"),
        (lambda: F.dropout(ag.ones(2), float("nan")), ValueError, "got p=nan"),
        (lambda: F.alpha_dropout(ag.ones(2), 2.0, False), ValueError, "got p=2.0"),
        (lambda: F.dropout(ag.tensor([1, 2])), RuntimeError, r"dropout: .*int64.*\.float\(\)"),
        (lambda: F.dropout(ag.tensor([1j])), TypeError, "dropout: .*complex"),
        (lambda: F.dropout1d(ag.ones(2)), RuntimeError, r"dropout1d.*\(N, C, L\).*\(2,\)"),
        (lambda: F.dropout1d(ag.ones(1, 1, 1, 1)), RuntimeError, "dropout1d"),
        (lambda: F.feature_alpha_dropout(ag.ones(2), 0.5, True), RuntimeError, "at least 2 dim"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.cpu_only
@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("dropout2d", (3, 4, 5), "use dropout1d"),
        ("dropout2d", (3, 4), "channels come second"),
        ("dropout3d", (3, 4, 5), "channels come first"),
    ],
)
def test_other_shapes_warn_and_do_what_pytorch_does(name, shape, message):
    value = np.ones(shape)
    ag.manual_seed(1)
    torch.manual_seed(1)
    with pytest.warns(UserWarning, match=message):
        ours = getattr(F, name)(ag.tensor(value))
    with pytest.warns(UserWarning):
        theirs = getattr(torch.nn.functional, name)(torch.tensor(value))
    assert ours.tolist() == theirs.tolist()
