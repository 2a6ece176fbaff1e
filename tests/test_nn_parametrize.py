"""Parametrisations, weight norm and spectral norm, beside PyTorch's."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn.utils import parametrizations, parametrize

MAPS = ("matrix_exp", "cayley", "householder")
KINDS = {
    "weight_norm": lambda p, u: p.weight_norm,
    "weight_norm of all": lambda p, u: lambda m: p.weight_norm(m, dim=None),
    "spectral_norm": lambda p, u: p.spectral_norm,
    "spectral_norm twice": lambda p, u: lambda m: p.spectral_norm(m, n_power_iterations=2),
    "older weight_norm": lambda p, u: u.weight_norm,
    "older weight_norm, last": lambda p, u: lambda m: u.weight_norm(m, dim=-1),
    "older spectral_norm": lambda p, u: u.spectral_norm,
    **{f"orthogonal {kind}": lambda p, u, k=kind: lambda m: p.orthogonal(m, orthogonal_map=k)
       for kind in MAPS},
    "householder alone": lambda p, u: lambda m: p.orthogonal(
        m, orthogonal_map="householder", use_trivialization=False
    ),
}  # fmt: skip
LAYERS = {
    "tall": lambda n: n.Linear(6, 9),
    "square": lambda n: n.Linear(6, 6),
    "wide": lambda n: n.Linear(6, 4),
    "conv": lambda n: n.Conv2d(3, 4, 3),
    "transposed": lambda n: n.ConvTranspose2d(3, 4, 3),
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("kind", KINDS)
def test_values_gradients_state_and_text_are_pytorchs(kind: str, layer: str) -> None:
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 5) if "o" in layer else (5, 6))
    if layer in ("tall", "square", "wide"):
        x = np.random.default_rng(0).standard_normal((5, 6))
    made = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # (of PyTorch's deprecated forms)
        for lib, net, seed in ((torch, torch.nn, torch.manual_seed), (ag, nn, ag.manual_seed)):
            lib.set_default_dtype(lib.float64)
            try:
                seed(3)
                pieces = net.utils.parametrizations, net.utils
                made.append(KINDS[kind](*pieces)(LAYERS[layer](net)))
            finally:
                lib.set_default_dtype(lib.float32)
    theirs, mine = made
    mine.load_state_dict(theirs.state_dict())
    assert str(mine) == str(theirs) and list(mine.state_dict()) == list(theirs.state_dict())
    for _ in range(2):
        theirs.zero_grad()
        mine.zero_grad()
        a, b = theirs(torch.tensor(x)), mine(ag.tensor(x))
        np.testing.assert_allclose(b.detach().cpu().numpy(), a.detach().numpy(), 1e-9, 1e-11)
        a.pow(2).sum().backward()
        b.pow(2).sum().backward()
        for (name, p), (same, q) in zip(theirs.named_parameters(), mine.named_parameters()):
            assert name == same
            np.testing.assert_allclose(q.grad.cpu().numpy(), p.grad.numpy(), 1e-8, 1e-9, name)
    theirs.eval()
    mine.eval()
    a, b = theirs(torch.tensor(x)), mine(ag.tensor(x))
    np.testing.assert_allclose(b.detach().cpu().numpy(), a.detach().numpy(), 1e-9, 1e-11)
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(mine.state_dict()[name].cpu().numpy(), value, 1e-9, 1e-11, name)


def test_initial_values_are_pytorchs_under_the_same_seed() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    theirs = torch.nn.utils.parametrizations.spectral_norm(torch.nn.Linear(7, 5))
    ag.manual_seed(1)
    mine = parametrizations.spectral_norm(nn.Linear(7, 5, device="cpu"))
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(mine.state_dict()[name].numpy(), value, 1e-5, 1e-6, name)


class Twice(nn.Module):
    def forward(self, x: Any) -> Any:
        return 2 * x

    def right_inverse(self, value: Any) -> Any:
        return value / 2


class Symmetric(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.triu() + x.triu(1).mT


def test_several_follow_one_another_and_can_be_assigned_to() -> None:
    layer = nn.Linear(3, 3)
    before = layer.weight.tolist()
    parametrize.register_parametrization(layer, "weight", Twice())
    assert layer.weight.tolist() == before  # thanks to right_inverse
    parametrize.register_parametrization(layer, "weight", Twice())
    assert layer.weight.tolist() == before
    chain = layer.parametrizations.weight
    assert (4 * chain.original).tolist() == before and len(chain) == 2
    layer.weight = ag.ones(3, 3)
    assert chain.original.tolist() == (ag.ones(3, 3) / 4).tolist()
    parametrize.register_parametrization(layer, "weight", Symmetric())
    with pytest.raises(RuntimeError, match="Symmetric does not implement right_inverse"):
        layer.weight = ag.ones(3, 3)


def test_training_moves_the_original() -> None:
    layer = parametrizations.orthogonal(nn.Linear(4, 4))
    optimizer = ag.optim.SGD(layer.parameters(), lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        layer(ag.eye(4)).pow(3).sum().backward()
        optimizer.step()
    q = layer.weight
    assert ag.allclose(q @ q.mT, ag.eye(4), atol=1e-5)


@pytest.mark.parametrize("keep", [True, False])
def test_removing_leaves_a_plain_module(keep: bool) -> None:
    layer = nn.Linear(3, 3)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    original, value = layer.parametrizations.weight.original.tolist(), layer.weight.tolist()
    assert parametrize.is_parametrized(layer, "weight") and type(layer) is not nn.Linear
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=keep)
    assert layer.weight.tolist() == (value if keep else original)
    assert type(layer) is nn.Linear and isinstance(layer.weight, nn.Parameter)
    assert list(layer.state_dict()) == ["bias", "weight"]
    assert not parametrize.is_parametrized(layer)


def test_older_forms_are_removed_too() -> None:
    for add, remove in (
        (nn.utils.weight_norm, nn.utils.remove_weight_norm),
        (nn.utils.spectral_norm, nn.utils.remove_spectral_norm),
    ):
        layer = add(nn.Linear(3, 2)).eval()
        x = ag.ones(2, 3)
        expected = layer(x).tolist()
        assert remove(layer).weight.requires_grad and layer(x).tolist() == expected
        assert sorted(dict(layer.named_parameters())) == ["bias", "weight"]
        with pytest.raises(ValueError, match="not found in Linear"):
            remove(layer)
        add(layer)
        with pytest.raises(RuntimeError, match="Cannot register two"):
            add(layer)
        with pytest.raises(ValueError, match="has no parameter 'scale'"):
            add(layer, "scale")


def test_copies_are_apart_and_buffers_can_be_parametrised() -> None:
    layer = parametrizations.weight_norm(nn.Linear(3, 2))
    twin = copy.deepcopy(layer)
    twin.parametrizations.weight.original0.data.zero_()
    assert twin.weight.abs().sum().item() == 0 and layer.weight.abs().sum().item() > 0
    module = nn.Module()
    module.register_buffer("scale", ag.ones(2))
    parametrize.register_parametrization(module, "scale", Twice())
    assert list(module.state_dict()) == ["parametrizations.scale.original"]
    assert not list(module.parameters()) and module.scale.tolist() == [1, 1]


def test_cached_values_are_computed_once() -> None:
    calls = []

    class Counted(nn.Module):
        def forward(self, x: Any) -> Any:
            calls.append(0)
            return x

    layer = nn.Linear(2, 2)
    parametrize.register_parametrization(layer, "weight", Counted())
    calls.clear()
    with parametrize.cached():
        layer(layer(ag.ones(1, 2)))
    assert len(calls) == 1
    layer(ag.ones(1, 2))
    assert len(calls) == 2


def test_errors() -> None:
    class Wrong(nn.Module):
        def forward(self, x: Any) -> Any:
            return x[:1]

    layer = nn.Linear(3, 3)
    with pytest.raises(ValueError, match=r"neither shape nor dtype.*\(3, 3\).*\(1, 3\)"):
        parametrize.register_parametrization(layer, "weight", Wrong())
    assert type(layer) is nn.Linear and isinstance(layer.weight, nn.Parameter)
    parametrize.register_parametrization(layer, "weight", Wrong(), unsafe=True)
    assert layer.weight.shape == (1, 3)
    with pytest.raises(ValueError, match="does not have a parameter, a buffer"):
        parametrize.register_parametrization(layer, "scale", Twice())
    with pytest.raises(ValueError, match="does not have a parametrization on bias"):
        parametrize.remove_parametrizations(layer, "bias")
    with pytest.raises(ValueError, match="a sequence of tensors"):
        normed = parametrizations.weight_norm(nn.Linear(2, 2))
        parametrize.remove_parametrizations(normed, "weight", leave_parametrized=False)
    for wrong, message in (
        (lambda: parametrizations.orthogonal(nn.Linear(2, 2), "bias"), "Expected a matrix"),
        (lambda: parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="qr"), "has to be"),
        (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), "x"), "no parameter or buffer"),
        (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0), "positive"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong()
    with pytest.raises(IndexError, match="dim=2 is out of range"):
        parametrizations.spectral_norm(nn.Linear(2, 2), dim=2)
    free = parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="cayley")
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        free.weight = ag.ones(3, 3)
