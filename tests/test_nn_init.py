"""Initialisation: PyTorch's numbers for the same seed, properties on any device, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn import init

DRAWING = [
    ("uniform_", {}),
    ("uniform_", {"a": -2.0, "b": 3.0}),
    ("normal_", {}),
    ("normal_", {"mean": 1.0, "std": 0.5}),
    ("trunc_normal_", {}),
    ("trunc_normal_", {"std": 0.02}),
    ("trunc_normal_", {"mean": 0.5, "std": 2.0, "a": -1.0, "b": 1.0}),
    ("trunc_normal_", {"mean": 0.0, "std": 1.0, "a": 1.5, "b": 1.9}),
    ("xavier_uniform_", {}),
    ("xavier_uniform_", {"gain": 2.0}),
    ("xavier_normal_", {}),
    ("kaiming_uniform_", {}),
    ("kaiming_uniform_", {"a": 0.3, "mode": "fan_out"}),
    ("kaiming_uniform_", {"nonlinearity": "relu"}),
    ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "tanh"}),
    ("orthogonal_", {"gain": 2.0}),
    ("sparse_", {"sparsity": 0.4}),
]


@pytest.mark.cpu_only
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 2, 5, 5)])
@pytest.mark.parametrize("name,kwargs", DRAWING, ids=lambda v: str(v))
def test_same_numbers_as_pytorch(name, kwargs, shape, dtype):
    torch = pytest.importorskip("torch")
    if name == "sparse_" and len(shape) != 2:
        return
    ag.manual_seed(11)
    torch.manual_seed(11)
    ours = ag.empty(shape, dtype=getattr(ag, dtype))
    theirs = torch.empty(shape, dtype=getattr(torch, dtype))
    assert getattr(init, name)(ours, **kwargs) is ours
    getattr(torch.nn.init, name)(theirs, **kwargs)
    tolerance = 2e-6 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=tolerance, atol=tolerance)
    # and both generators stand at the same place
    assert ag.rand(1).item() == torch.rand(1).item()


@pytest.mark.parametrize(
    "name,kwargs,shape",
    [
        ("constant_", {"val": 0.3}, (2, 3)),
        ("ones_", {}, (2, 3)),
        ("zeros_", {}, (2, 3)),
        ("eye_", {}, (2, 3)),
        ("eye_", {}, (3, 2)),
        ("dirac_", {}, (4, 3, 3)),
        ("dirac_", {"groups": 2}, (4, 3, 3, 2)),
        ("dirac_", {}, (2, 3, 3, 3, 3)),
    ],
)
def test_same_values_as_pytorch(name, kwargs, shape):
    torch = pytest.importorskip("torch")
    ours, theirs = ag.full(shape, 7.0), torch.full(shape, 7.0)
    assert getattr(init, name)(ours, **kwargs) is ours
    getattr(torch.nn.init, name)(theirs, **kwargs)
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("name,kwargs", DRAWING, ids=lambda v: str(v))
def test_on_a_parameter(name, kwargs):
    """Writes in place, without recording, and every time something else."""
    p = nn.Parameter(ag.zeros(8, 6))
    getattr(init, name)(p, **kwargs)
    first = p.tolist()
    assert p.is_leaf and p.requires_grad
    assert all(math.isfinite(x) for row in first for x in row)
    getattr(init, name)(p, **kwargs)
    assert p.tolist() != first


def test_properties():
    t = init.trunc_normal_(ag.empty(1000), std=3.0)
    assert t.abs().max().item() <= 2.0 and abs(t.mean().item()) < 0.2
    for shape in ((3, 5), (5, 3), (4, 2, 3)):
        q = init.orthogonal_(ag.empty(shape), gain=2.0).reshape(shape[0], -1)
        gram = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
        assert ag.allclose(gram, 4 * ag.eye(gram.shape[0]), atol=1e-5)
    s = init.sparse_(ag.empty(10, 4), sparsity=0.25)
    assert (s == 0).sum(0).tolist() == [3] * 4
    u = init.kaiming_uniform_(ag.empty(50, 30), nonlinearity="relu")
    assert u.abs().max().item() <= math.sqrt(6 / 30)


def test_gains():
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv2d", "sigmoid", "tanh", "relu", "selu", "leaky_relu"):
        assert init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)


def test_a_generator_of_its_own():
    generator = ag.Generator(ag.get_default_device()).manual_seed(3)
    a = init.normal_(ag.empty(5), generator=generator).tolist()
    generator.manual_seed(3)
    assert init.normal_(ag.empty(5), generator=generator).tolist() == a


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda: init.calculate_gain("nothing"), "nonlinearity nothing"),
        (lambda: init.calculate_gain("leaky_relu", "x"), "not a valid number"),
        (lambda: init.xavier_uniform_(ag.empty(3)), r"fewer than 2 dimensions, got shape \(3,\)"),
        (lambda: init.kaiming_normal_(ag.empty(2, 2), mode="x"), "Mode x not supported"),
        (lambda: init.eye_(ag.empty(2)), "2 dimensions"),
        (lambda: init.dirac_(ag.empty(2, 2)), "3 to 5 dimensions"),
        (lambda: init.dirac_(ag.empty(3, 1, 1), groups=2), "2 groups"),
        (lambda: init.orthogonal_(ag.empty(2)), "2 or more"),
        (lambda: init.sparse_(ag.empty(2), 0.5), "2 dimensions"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_warnings():
    with pytest.warns(UserWarning, match="no-op"):
        init.kaiming_uniform_(ag.empty(0, 3))
    with pytest.warns(UserWarning, match="incorrectly"):
        init.trunc_normal_(ag.empty(3), mean=10.0)
