"""Clipping gradients, and parameters as one vector, beside PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn import utils

SHAPES = [(3, 4), (5,), ()]


def make(library, scale=1.0):
    rng = np.random.RandomState(0)
    params = []
    for shape in SHAPES:
        p = library.tensor(np.asarray(rng.standard_normal(shape)), requires_grad=True)
        p.grad = library.tensor(np.asarray(rng.standard_normal(shape) * scale))
        params.append(p)
    params.append(library.tensor(np.ones(2), requires_grad=True))  # without a gradient
    return params


def same_grads(ours, theirs):
    for p, q in zip(ours[:-1], theirs[:-1]):
        np.testing.assert_allclose(p.grad.cpu().numpy(), q.grad.numpy(), rtol=1e-12)
    assert ours[-1].grad is None


@pytest.mark.parametrize("norm_type", [2, 1, 0.5, 3, math.inf, 0])
@pytest.mark.parametrize("max_norm", [0.1, 1000.0])
def test_clip_grad_norm(norm_type, max_norm):
    torch = pytest.importorskip("torch")
    ours, theirs = make(ag), make(torch)
    kept = ours[0].grad
    total = utils.clip_grad_norm_(ours, max_norm, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    assert total.item() == pytest.approx(expected.item(), rel=1e-12)
    assert ours[0].grad is kept
    same_grads(ours, theirs)


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, math.inf])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "complex64"])
def test_clip_grad_norm_of_narrow_and_complex_gradients(dtype, norm_type):
    """Whose squares overflow float16, or are not those of their lengths."""
    torch = pytest.importorskip("torch")
    values = [[300.0, 400.0], [1.0, 2.0]]
    if dtype == "complex64":
        values = [[3 + 4j, 1j], [2.0 + 0j, -1 - 1j]]
    ours = [ag.zeros(2, dtype=getattr(ag, dtype)).requires_grad_() for _ in values]
    theirs = [torch.zeros(2, dtype=getattr(torch, dtype), requires_grad=True) for _ in values]
    for p, q, value in zip(ours, theirs, values):
        p.grad = ag.tensor(value, dtype=p.dtype)
        q.grad = torch.tensor(value, dtype=q.dtype)
    a = nn.utils.clip_grad_norm_(ours, 1.0, norm_type)
    b = torch.nn.utils.clip_grad_norm_(theirs, 1.0, norm_type)
    assert a.item() == pytest.approx(b.item(), rel=1e-2)
    for p, q in zip(ours, theirs):
        assert p.grad.tolist() == pytest.approx(q.grad.tolist(), rel=1e-2)


def test_clip_grad_value():
    torch = pytest.importorskip("torch")
    ours, theirs = make(ag), make(torch)
    utils.clip_grad_value_(ours, 0.5)
    torch.nn.utils.clip_grad_value_(theirs, 0.5)
    same_grads(ours, theirs)


def test_one_tensor_a_generator_or_nothing():
    (p, *_) = make(ag)
    utils.clip_grad_norm_(p, 0.1)
    assert utils.get_total_norm([p.grad]).item() == pytest.approx(0.1, rel=1e-5)
    utils.clip_grad_norm_((q for q in make(ag)), 0.1)
    assert utils.clip_grad_norm_([], 1.0).item() == 0.0
    assert utils.get_total_norm(ag.tensor([3.0, 4.0])).item() == 5.0


def test_nonfinite():
    params = make(ag, scale=math.inf)
    with pytest.raises(RuntimeError, match="non-finite"):
        utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    assert not math.isfinite(utils.clip_grad_norm_(params, 1.0).item())


def test_vector_and_back():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    vector = utils.parameters_to_vector(model.parameters())
    assert vector.shape == (13,) and vector.requires_grad
    utils.vector_to_parameters(ag.arange(13.0), model.parameters())
    assert model[0].weight.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert model[1].bias.tolist() == [12.0]
    assert utils.parameters_to_vector(model.parameters()).tolist() == list(range(13))
    vector = utils.parameters_to_vector(model.parameters())
    (vector * 2).sum().backward()
    assert model[0].bias.grad.tolist() == [2.0] * 3


def test_vector_errors():
    with pytest.raises(TypeError, match="expected a Tensor"):
        utils.vector_to_parameters([1.0], [ag.zeros(1)])
    with pytest.raises(ValueError, match="3 elements, the parameters 2"):
        utils.vector_to_parameters(ag.zeros(3), [ag.zeros(2)])
