"""Losses that PyTorch does not have, beside their formulas."""

from __future__ import annotations

import numpy as np
import pytest
from nn_beside_pytorch import numpy

import autograd_core as ag
from autograd_core import nn

F = nn.functional
random = np.random.RandomState(0)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (-1.0, 0.0), (0.75, 0.5)])
def test_focal_loss(alpha, gamma, reduction):
    x, t = random.standard_normal((4, 5)) * 3, (random.uniform(size=(4, 5)) < 0.3).astype(float)
    p = 1 / (1 + np.exp(-x))
    right = np.where(t == 1, p, 1 - p)
    want = -np.log(right) * (1 - right) ** gamma
    if alpha >= 0:
        want = want * np.where(t == 1, alpha, 1 - alpha)
    loss = nn.SigmoidFocalLoss(alpha, gamma, reduction)(ag.tensor(x), ag.tensor(t))
    want = want if reduction == "none" else getattr(want, reduction)()
    np.testing.assert_allclose(numpy(loss), want, rtol=1e-12)


def test_focal_loss_without_a_focus_is_cross_entropy():
    x, t = ag.tensor(random.standard_normal(6)), ag.tensor([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
    loss = F.sigmoid_focal_loss(x, t, alpha=-1.0, gamma=0.0)
    want = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    np.testing.assert_allclose(numpy(loss), numpy(want), rtol=1e-14)


def test_focal_loss_of_sure_predictions():
    """Nothing is lost where 1 - p would round to 0, and nothing overflows."""
    x = ag.tensor([30.0, -800.0, 800.0], requires_grad=True)
    loss = F.sigmoid_focal_loss(x, ag.tensor([1.0, 0.0, 0.0]), alpha=-1.0, gamma=1.0)
    np.testing.assert_allclose(numpy(loss)[[0, 2]], [np.exp(-60), 800], rtol=1e-5)
    loss.sum().backward()
    assert x.grad.isfinite().all().item() and x.grad[2].item() == 1.0


def test_dice_loss():
    masks = [(random.uniform(size=(3, 4, 5)) < 0.5).astype(float) for _ in range(2)]
    a, b = masks
    x, t = map(ag.tensor, masks)
    each = [2 * (a[n] * b[n]).sum() / (a[n].sum() + b[n].sum()) for n in range(3)]
    loss = nn.DiceLoss(smooth=0.0, reduction="none")(x, t)
    np.testing.assert_allclose(numpy(loss), 1 - np.array(each), rtol=1e-12)
    np.testing.assert_allclose(nn.DiceLoss(0.0)(x, t).item(), 1 - np.mean(each), rtol=1e-12)
    assert tuple(nn.DiceLoss(dim=(0, 2), reduction="none")(x, t).shape) == (4,)
    assert nn.DiceLoss()(x * 0, t * 0).item() == 0.0


@pytest.mark.parametrize("temperature", [0.5, 0.07])
def test_contrastive_loss(temperature):
    a, b = random.standard_normal((2, 4, 6))
    z = np.concatenate([a, b])
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    s = np.exp(z @ z.T / temperature)
    want = [-np.log(s[i, (i + 4) % 8] / (s[i].sum() - s[i, i])) for i in range(8)]
    for reduction in ("none", "mean", "sum"):
        loss = nn.NTXentLoss(temperature, reduction)(ag.tensor(a), ag.tensor(b))
        reduced = want if reduction == "none" else getattr(np, reduction)(want)
        np.testing.assert_allclose(numpy(loss), reduced, rtol=1e-11)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: F.sigmoid_focal_loss(x, x[0]), "target has shape"),
        (lambda x: F.sigmoid_focal_loss(x, x, alpha=2.0), "alpha must be at most 1"),
        (lambda x: F.sigmoid_focal_loss(x, x, gamma=-1.0), "gamma 0 or more"),
        (lambda x: F.dice_loss(x, x[0]), "target has shape"),
        (lambda x: F.dice_loss(x[0], x[0]), "expected"),
        (lambda x: F.nt_xent_loss(x, x[:1]), "input2 has shape"),
        (lambda x: F.nt_xent_loss(x[0], x[0]), r"must be \(N, D\)"),
        (lambda x: F.nt_xent_loss(x, x, 0.0), "temperature must be greater than 0"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call(ag.ones(2, 3))
