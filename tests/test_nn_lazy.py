"""Lazy modules beside PyTorch's: text, parameters, states, errors, and what they become."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from nn_beside_pytorch import close, numpy

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.nn.lazy import LazyModuleMixin
from autograd_core.nn.parameter import is_lazy

torch = pytest.importorskip("torch")

# (class, arguments, keyword arguments, shape of the input)
LAYERS = [
    ("LazyLinear", (3,), {}, (2, 5)),
    ("LazyLinear", (3, False), {}, (2, 4, 5)),
    ("LazyConv1d", (4, 3), {"padding": 1}, (2, 3, 6)),
    ("LazyConv1d", (4, 3), {"padding_mode": "circular", "padding": 1}, (3, 6)),
    ("LazyConv2d", (4, (3, 2)), {"stride": 2, "bias": False}, (2, 3, 6, 5)),
    ("LazyConv2d", (4, 3), {"groups": 2, "padding": "same"}, (2, 6, 5, 5)),
    ("LazyConv3d", (2, 2), {"dilation": 2}, (1, 3, 4, 4, 4)),
    ("LazyConvTranspose1d", (4, 3), {"output_padding": 1, "stride": 2}, (2, 3, 6)),
    ("LazyConvTranspose2d", (4, 3), {"groups": 2}, (2, 2, 4, 4)),
    ("LazyConvTranspose3d", (2, 2), {"bias": False}, (1, 3, 2, 2, 2)),
    ("LazyBatchNorm1d", (), {}, (4, 3)),
    ("LazyBatchNorm1d", (1e-3, None), {"affine": False}, (4, 3, 2)),
    ("LazyBatchNorm2d", (), {"bias": False}, (4, 3, 2, 2)),
    ("LazyBatchNorm3d", (), {"track_running_stats": False}, (4, 3, 2, 2, 2)),
    ("LazyInstanceNorm1d", (), {}, (4, 3, 5)),
    ("LazyInstanceNorm2d", (), {"affine": False}, (4, 3, 3, 2)),
    ("LazyInstanceNorm3d", (), {"track_running_stats": False}, (2, 3, 2, 2, 2)),
]
layers = pytest.mark.parametrize(
    ("name", "args", "kwargs", "shape"), LAYERS, ids=[f"{n}{a}{k}" for n, a, k, _ in LAYERS]
)


def pair(name, args, kwargs):
    return getattr(nn, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)


def batches(shape, dtype="float32"):
    values = np.random.RandomState(0).standard_normal(shape).astype(dtype)
    return ag.tensor(values), torch.tensor(values)


@layers
def test_before_the_first_call(name, args, kwargs, shape):
    ours, theirs = pair(name, args, kwargs)
    assert repr(ours) == repr(theirs)
    ours_state, theirs_state = ours.state_dict(), theirs.state_dict()
    assert list(ours_state) == list(theirs_state)
    for key, value in ours_state.items():
        assert is_lazy(value) == torch.nn.parameter.is_lazy(theirs_state[key])
        if is_lazy(value):
            assert repr(value) == repr(theirs_state[key])
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    assert [n for n, _ in ours.named_buffers()] == [n for n, _ in theirs.named_buffers()]
    assert all(p.requires_grad for p in ours.parameters())
    assert ours.has_uninitialized_params() == theirs.has_uninitialized_params()


@pytest.mark.cpu_only
@layers
def test_the_first_call(name, args, kwargs, shape):
    ours, theirs = pair(name, args, kwargs)
    (x, z), parameters = batches(shape), list(ours.parameters())
    ag.manual_seed(3)
    torch.manual_seed(3)
    close(ours(x), theirs(z), 2e-5)
    assert type(ours) is getattr(nn, name.removeprefix("Lazy"))
    assert repr(ours) == repr(theirs)
    for kept, parameter in zip(parameters, ours.parameters(), strict=True):
        assert kept is parameter and type(kept) is nn.Parameter and kept.is_leaf
    state = theirs.state_dict()
    for key, value in ours.state_dict().items():
        close(value, state[key], 1e-6)
    y, w = ours(x), theirs(z)  # once more, as what it has become
    close(y, w, 2e-5)
    if w.requires_grad:
        y.sum().backward()
        w.sum().backward()
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            close(p.grad, q.grad, 2e-4)


@layers
def test_states_go_both_ways(name, args, kwargs, shape):
    """From uninitialised and initialised modules to either; PyTorch's state too."""
    (x, z), (ours, theirs) = batches(shape), pair(name, args, kwargs)
    theirs(z)
    waiting = getattr(nn, name)(*args, **kwargs)
    empty = waiting.state_dict()
    assert str(ours.load_state_dict(empty)) == "<All keys matched successfully>"
    assert ours.has_uninitialized_params() == any(is_lazy(v) for v in empty.values())
    assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    assert not ours.has_uninitialized_params()
    theirs.eval()
    close(ours.eval()(x), theirs(z), 2e-5)
    assert type(ours) is getattr(nn, name.removeprefix("Lazy")) and repr(ours) == repr(theirs)
    if any(is_lazy(v) for v in empty.values()):
        with pytest.raises(RuntimeError, match="shape of an uninitialized parameter"):
            ours.load_state_dict(empty)


def test_a_state_for_another_size_is_refused_at_the_first_call():
    layer = nn.LazyLinear(3)
    layer.load_state_dict(nn.Linear(4, 3).state_dict())
    with pytest.raises(RuntimeError, match=r"in_features=5.*weight of shape \(3, 5\).*\(3, 4\)"):
        layer(ag.ones(2, 5))
    assert layer(ag.ones(2, 4)).shape == (2, 3)


def test_what_was_loaded_in_part_stays():
    layer, full = nn.LazyLinear(3), nn.Linear(4, 3)
    layer.load_state_dict({"bias": full.bias}, strict=False)
    layer(ag.ones(2, 4))
    assert layer.bias.tolist() == full.bias.tolist()


def test_conversion_and_copies_before_the_first_call():
    model = nn.Sequential(nn.LazyLinear(3), nn.LazyBatchNorm1d()).double()
    assert model[0].weight.dtype is ag.float64 and model[1].running_mean.dtype is ag.float64
    assert model[1].num_batches_tracked.dtype is ag.int64
    twin, again = copy.deepcopy(model), pickle.loads(pickle.dumps(model))
    for other in (twin, again):
        assert other[0].weight is not model[0].weight
        assert other[0].weight.dtype is ag.float64
        assert other(ag.ones(4, 5, dtype=ag.float64)).dtype is ag.float64
        assert repr(other[0]) == "Linear(in_features=5, out_features=3, bias=True)"
    assert isinstance(model[0], nn.LazyLinear)
    frozen = nn.LazyLinear(2).requires_grad_(False)
    frozen(ag.ones(1, 2))
    assert not frozen.weight.requires_grad


def test_a_model_is_trained_after_a_first_call():
    ag.manual_seed(0)
    model = nn.Sequential(nn.LazyConv1d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(1))
    x, t = ag.randn(8, 2, 6), ag.randn(8, 1)
    model(x)
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), t)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_hooks_see_the_first_call_too():
    layer, seen = nn.LazyLinear(2), []
    layer.register_forward_pre_hook(lambda module, args: seen.append(type(module).__name__))
    layer(ag.ones(1, 3))
    layer(ag.ones(1, 3))
    assert seen == ["Linear", "Linear"]


class Scale(LazyModuleMixin):
    """A lazy module of the user's own, that stays what it is."""

    def __init__(self):
        super().__init__()
        self.scale = nn.UninitializedParameter()
        self.calls = 0

    def initialize_parameters(self, input):
        self.calls += 1
        self.scale.materialize(input.shape[-1:])
        nn.init.ones_(self.scale)

    def forward(self, input):
        return input * self.scale


def test_a_lazy_module_of_ones_own():
    layer = Scale()
    assert layer(ag.ones(2, 3)).tolist() == [[1.0] * 3] * 2
    layer(ag.ones(2, 3))
    assert layer.calls == 1 and type(layer) is Scale and layer.scale.shape == (3,)

    class Forgetful(Scale):
        def initialize_parameters(self, input):
            pass

    with pytest.raises(RuntimeError, match=r"Forgetful: initialize_parameters\(\)"):
        Forgetful()(ag.ones(1))
    with pytest.raises(NotImplementedError, match="initialize_parameters is not implemented"):
        LazyModuleMixin()(ag.ones(1))


@pytest.mark.parametrize("kind", ["UninitializedParameter", "UninitializedBuffer"])
def test_uninitialized(kind):
    ours, theirs = getattr(nn, kind)(), getattr(torch.nn, kind)()
    assert repr(ours) == repr(theirs)
    assert ours.requires_grad == theirs.requires_grad and ours.is_leaf and ours.grad is None
    for use in (
        lambda t: t + 1,
        lambda t: 1 - t,
        lambda t: t.sum(),
        lambda t: t @ t,
        lambda t: t[0],
        lambda t: t.numel(),
        lambda t: t.tolist(),
        lambda t: len(t),
        lambda t: nn.init.zeros_(t),
    ):
        with pytest.raises(ValueError, match=f"{kind}: it has no shape.*Mend"):
            use(ours)
    for look in (lambda t: t.shape, lambda t: t.size()):
        with pytest.raises(RuntimeError, match="Can't access the shape"):
            look(ours)
    moved = ours.to(ag.float64)
    assert type(moved) is type(ours) and moved.dtype is ag.float64
    ours.materialize((2, 3), dtype=ag.float64)
    assert type(ours) is (nn.Parameter if kind == "UninitializedParameter" else ag.Tensor)
    assert ours.shape == (2, 3) and ours.dtype is ag.float64
    assert ours.requires_grad == theirs.requires_grad


def test_a_parameter_without_shape_gets_gradients_later():
    p = nn.UninitializedParameter()
    p.materialize((2,))
    nn.init.ones_(p)
    (p * 3).sum().backward()
    assert p.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.LazyConv2d(4, 3)(ag.ones(3, 3)), RuntimeError, "3D.*or 4D.*got 2D"),
        (lambda: nn.LazyConv2d(4, 3, groups=2)(ag.ones(1, 3, 5, 5)), ValueError, "in_channels=3"),
        (lambda: nn.LazyConv2d(3, 3, groups=2), ValueError, "out_channels=3"),
        (lambda: nn.LazyBatchNorm2d()(ag.ones(3, 3)), ValueError, "expected 4D input, got 2D"),
        (lambda: nn.LazyInstanceNorm1d()(ag.ones(3)), ValueError, "2D or 3D input, got 1D"),
        (lambda: optim.SGD(nn.LazyLinear(2).parameters(), 0.1).step(), None, ""),
    ],
)
def test_errors(call, error, message):
    if error is None:  # nothing to step, as in PyTorch
        call()
        return
    with pytest.raises(error, match=message):
        call()


def test_unbatched_instance_norm_takes_the_channels():
    """(PyTorch takes the length for the channels, and then refuses the input.)"""
    layer = nn.LazyInstanceNorm1d()
    assert layer(ag.randn(3, 5)).shape == (3, 5) and layer.num_features == 3


def test_values_do_not_change_with_the_module_that_they_are_for():
    x = ag.randn(4, 3)
    lazy, plain = nn.LazyBatchNorm1d(), nn.BatchNorm1d(3)
    np.testing.assert_array_equal(numpy(lazy(x)), numpy(plain(x)))
    assert lazy.running_mean.tolist() == plain.running_mean.tolist()
