"""Functional calls of modules, fusion with batch normalization, old names, new memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nn_beside_pytorch import close, numpy

import autograd_core as ag
from autograd_core import nn
from autograd_core.nn.utils.stateless import functional_call


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3, bias=False)
        self.second = nn.Linear(3, 3, bias=False)
        self.second.weight = self.first.weight

    def forward(self, x: Any, factor: float = 1.0) -> Any:
        return self.second(self.first(x)) * factor


# --- functional_call ------------------------------------------------------------------------------


def test_functional_call_beside_pytorch() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4)).double()
    ours = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).double()
    ours.load_state_dict(theirs.state_dict())
    rng = np.random.default_rng(0)
    values = {"0.weight": rng.standard_normal((4, 3)), "1.running_mean": rng.standard_normal(4)}
    x = rng.standard_normal((5, 3))
    results = []
    for lib, module, call in (
        (torch, theirs, torch.func.functional_call),
        (ag, ours, functional_call),
    ):
        given = {key: lib.tensor(value) for key, value in values.items()}
        weight = given["0.weight"].requires_grad_()
        out = call(module, given, lib.tensor(x))
        (out * lib.tensor(x[:, :1])).sum().backward()
        assert module[0].weight.grad is None and given["0.weight"] is weight
        results.append((out, weight.grad, given["1.running_mean"], module[1].running_mean))
        assert module[0].bias.grad is not None  # what is not given is the module's
    for a, b in zip(*reversed(results), strict=True):
        close(a, b, 1e-12)


def test_functional_call_restores_after_errors() -> None:
    layer = nn.Linear(3, 2)
    weight = layer.weight
    with pytest.raises(RuntimeError):
        functional_call(layer, {"weight": ag.ones(2, 7)}, (ag.ones(1, 3),))
    assert layer.weight is weight


def test_functional_call_of_tied_weights() -> None:
    module, x, w = Tied(), ag.ones(1, 3), 2 * ag.eye(3)
    assert functional_call(module, {"first.weight": w}, x, {"factor": 0.5}).tolist() == [[2.0] * 3]
    alone = functional_call(module, {"second.weight": w}, (x,), tie_weights=False)
    close(alone, 2 * module.first(x), 1e-6)
    assert functional_call(module, {"second.weight": w}, x, strict=True).tolist() == [[4.0] * 3]
    with pytest.raises(ValueError, match="are one parameter, and got different tensors"):
        functional_call(module, {"first.weight": w, "second.weight": w + 1}, x)


def test_functional_call_refuses_wrong_names() -> None:
    layer, x = nn.Linear(2, 2), ag.ones(1, 2)
    with pytest.raises(AttributeError, match="Linear has no parameter or buffer 'wait'"):
        functional_call(layer, {"wait": x}, x)
    with pytest.raises(RuntimeError, match=r"misses \['bias'\] and does not expect \[\]"):
        functional_call(layer, {"weight": ag.ones(2, 2)}, x, strict=True)
    with pytest.raises(TypeError, match="expected a Tensor for 'weight', got list"):
        functional_call(layer, {"weight": [1.0]}, x)  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="to be a dict, got list"):
        functional_call(layer, [("weight", x)], x)  # type: ignore[arg-type]


# --- fusion ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("name", "args", "kwargs", "dims"),
    [
        ("Conv1d", (4, 6, 3), {"groups": 2}, 1),
        ("Conv2d", (4, 6, 3), {"padding": 1, "padding_mode": "reflect"}, 2),
        ("Conv3d", (4, 6, 1), {}, 3),
        ("ConvTranspose2d", (4, 6, 3), {"stride": 2}, 2),
        ("Linear", (4, 6), {}, 1),
    ],
)
def test_fusion_beside_pytorch(
    name: str, args: Any, kwargs: Any, dims: int, bias: bool, affine: bool
) -> None:
    torch = pytest.importorskip("torch")
    if name == "Linear" and not affine:
        pytest.skip("PyTorch's fails")
    pairs = []
    for kit in (torch.nn, nn):
        layer = getattr(kit, name)(*args, **kwargs, bias=bias).double().eval()
        pairs.append((layer, getattr(kit, f"BatchNorm{dims}d")(6, affine=affine).double().eval()))
    with torch.no_grad():
        for tensor in (*pairs[0][1].parameters(), *pairs[0][1].buffers()):
            if tensor.is_floating_point():
                tensor.uniform_(0.2, 2.0)
    for mine, yours in zip(pairs[1], pairs[0], strict=True):
        mine.load_state_dict(yours.state_dict())
    linear, more = name == "Linear", ((True,) if "Transpose" in name else ())
    fuse = "fuse_linear_bn_eval" if linear else "fuse_conv_bn_eval"
    theirs = getattr(torch.nn.utils, fuse)(*pairs[0], *more)
    ours = getattr(nn.utils, fuse)(*pairs[1], *more)
    assert repr(ours) == repr(theirs) or not bias  # PyTorch's text of a layer that got a bias
    for key, value in theirs.state_dict().items():
        close(ours.state_dict()[key], value, 1e-12)
    shape = (2, 4) if linear else (2, 4, 5, 4, 3)[: 2 + dims]
    x = ag.tensor(np.random.default_rng(0).standard_normal(shape))
    close(ours(x), pairs[1][1](pairs[1][0](x)), 1e-11)
    assert ours.weight is not pairs[1][0].weight and ours.weight.requires_grad


def test_fusion_of_transposed_groups() -> None:
    """PyTorch's raises here."""
    conv, bn = nn.ConvTranspose1d(4, 6, 3, groups=2).eval(), nn.BatchNorm1d(6).eval()
    with ag.no_grad():
        assert bn.weight is not None
        bn.weight.copy_(ag.arange(1.0, 7.0))
    x = ag.randn(2, 4, 5)
    close(nn.utils.fuse_conv_bn_eval(conv, bn, transpose=True)(x), bn(conv(x)), 1e-5)


def test_fusion_of_weights() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = [rng.random(s) + 0.1 for s in ((6, 4, 3), (6,), (6,), (6,), (6,), (6,))]
    for name, first in (("conv", arrays[0]), ("linear", arrays[0][..., 0])):
        results = []
        for lib in (ag, torch):
            w, *rest = (lib.tensor(a) for a in (first, *arrays[1:]))
            fuse = getattr(lib.nn.utils, f"fuse_{name}_bn_weights")
            results.append(fuse(w.requires_grad_(), rest[0], rest[1], rest[2], 0.1, *rest[3:]))
        for a, b in zip(*results, strict=True):
            close(a, b, 1e-12)
            assert a.requires_grad == b.requires_grad


def test_fusion_errors() -> None:
    conv, bn = nn.Conv1d(2, 6, 1), nn.BatchNorm1d(6)
    with pytest.raises(ValueError, match="fuse_conv_bn_eval: fusion is for evaluation only"):
        nn.utils.fuse_conv_bn_eval(conv, bn.eval())
    none = nn.BatchNorm1d(6, track_running_stats=False).eval()
    with pytest.raises(ValueError, match="keeps no running mean"):
        nn.utils.fuse_conv_bn_eval(conv.eval(), none)
    with pytest.raises(ValueError, match="has 5 outputs, the normalization 6 features"):
        nn.utils.fuse_linear_bn_eval(nn.Linear(2, 5).eval(), bn)


# --- frozen parts ---------------------------------------------------------------------------------


def test_freezing_by_pattern() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 3), nn.ReLU()))
    model(ag.ones(1, 2)).sum().backward()
    assert nn.utils.freeze(model, "1") == ["1.0.weight", "1.0.bias"]
    assert not model[1][0].weight.requires_grad and model[1][0].weight.grad is None
    assert model[0].weight.grad is not None
    before = model[1][0].weight.tolist()
    optimizer = ag.optim.SGD(model.parameters(), lr=1.0, weight_decay=0.5)
    optimizer.step()
    assert model[1][0].weight.tolist() == before
    assert nn.utils.freeze(model) == [name for name, _ in model.named_parameters()]
    assert nn.utils.unfreeze(model, "*.bias", "0") == ["0.weight", "0.bias", "1.0.bias"]
    learning = {name for name, p in model.named_parameters() if p.requires_grad}
    assert learning == {"0.weight", "0.bias", "1.0.bias"}
    assert list(nn.utils.matching_parameters(model, "?.0.w*")) == ["1.0.weight"]
    with pytest.raises(ValueError, match="'2' matches no parameter or submodule of Sequential"):
        nn.utils.freeze(model, "2")
    with pytest.raises(TypeError, match="patterns as text, got 0"):
        nn.utils.freeze(model, 0)  # type: ignore[arg-type]


# --- old names, other layouts, new memory ---------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in nn.init.__all__ if f"{n}_" in nn.init.__all__])
def test_old_names_of_initialisers(name: str) -> None:
    more = {"constant": (3.0,), "sparse": (0.5,)}.get(name, ())
    shape = (4, 3, 2) if name == "dirac" else (4, 3)
    with pytest.warns(FutureWarning, match=f"nn.init.{name} is deprecated. Mend: nn.init.{name}_"):
        ag.manual_seed(1)
        old = getattr(nn.init, name)(ag.empty(shape), *more)
    ag.manual_seed(1)
    assert old.tolist() == getattr(nn.init, f"{name}_")(ag.empty(shape), *more).tolist()


def test_old_name_of_clipping() -> None:
    p = ag.ones(4, requires_grad=True)
    (3 * p).sum().backward()
    with pytest.warns(FutureWarning, match="Mend: nn.utils.clip_grad_norm_"):
        assert nn.utils.clip_grad_norm([p], 3.0).item() == 6.0
    assert p.grad is not None and abs(p.grad[0].item() - 1.5) < 1e-5


@pytest.mark.parametrize("pad", [0, 2])
def test_conv_tbc(pad: int) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in ((5, 2, 3), (2, 3, 4), (4,))]
    ours, theirs = (
        [lib.tensor(a, requires_grad=True) for a in arrays] for lib in (ag, torch)
    )  # fmt: skip
    a, b = (lib.nn.functional.conv_tbc(*x, pad) for lib, x in ((ag, ours), (torch, theirs)))
    close(a, b, 1e-12)
    (a * a).sum().backward()
    (b * b).sum().backward()
    for x, y in zip(ours, theirs, strict=True):
        close(x.grad, y.grad, 1e-11)
    with pytest.raises(RuntimeError, match="conv_tbc: expected input"):
        nn.functional.conv_tbc(ag.ones(5, 2, 4), ag.ones(2, 3, 4), ag.ones(4))


def test_fractional_pooling_with_indices() -> None:
    x, at = ag.randn(1, 4, 6, 6), ag.full((1, 4, 2), 0.3)
    pool = nn.functional.fractional_max_pool2d_with_indices
    values, places = pool(x, 2, 3, _random_samples=at)
    expected = nn.functional.fractional_max_pool2d(x, 2, 3, return_indices=True, _random_samples=at)
    assert values.tolist() == expected[0].tolist() and places.tolist() == expected[1].tolist()
    assert nn.functional.fractional_max_pool3d_with_indices(x[None], 2, 2)[1].dtype is ag.int64


def test_to_empty() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    weight, device = model[0].weight, model[0].weight.device
    assert model.to_empty(device=device) is model
    assert model[0].weight is weight and weight.requires_grad
    model.load_state_dict(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).state_dict())
    inner, before = model[0].weight.detach(), numpy(model[0].weight).copy()
    model.to_empty(device=None, recurse=False)
    assert (numpy(inner) == before).all()
