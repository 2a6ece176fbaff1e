"""Averages of weights: as PyTorch's, for every way of averaging."""

from __future__ import annotations

import copy
import subprocess
import sys

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn, optim
from autograd_core.optim import swa_utils


def network(module):
    return module.Sequential(
        module.Linear(3, 4), module.BatchNorm1d(4), module.ReLU(), module.Linear(4, 2)
    )


def pair(torch):
    """The same network here and in PyTorch, in float64."""
    torch.manual_seed(0)
    theirs = network(torch.nn).double()
    ours = network(nn).double()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def assert_same_state(ours, theirs, tolerance=1e-12):
    a, b = ours.state_dict(), theirs.state_dict()
    assert list(a) == list(b)
    for key, value in a.items():
        assert str(value.dtype).split(".")[1] == str(b[key].dtype).split(".")[1], key
        np.testing.assert_allclose(value.cpu().numpy(), b[key].numpy(), rtol=tolerance, err_msg=key)


WAYS = [
    lambda m: {},
    lambda m: {"use_buffers": True},
    lambda m: {"multi_avg_fn": m.get_ema_multi_avg_fn(0.9)},
    lambda m: {"multi_avg_fn": m.get_ema_multi_avg_fn(0.9), "use_buffers": True},
    lambda m: {"multi_avg_fn": m.get_swa_multi_avg_fn()},
    lambda m: {"avg_fn": m.get_ema_avg_fn(0.5)},
    lambda m: {"avg_fn": m.get_swa_avg_fn()},
    lambda m: {"avg_fn": lambda average, current, count: average * 0.25 + current * 0.75},
]


@pytest.mark.parametrize("way", WAYS)
def test_averages_equal_pytorchs(way):
    torch = pytest.importorskip("torch")
    ours, theirs = pair(torch)
    a = swa_utils.AveragedModel(ours, **way(swa_utils))
    b = torch.optim.swa_utils.AveragedModel(theirs, **way(torch.optim.swa_utils))
    # PyTorch computes 1 / (count + 1) in float32 here, which float64 weights show.
    tolerance = 1e-5 if a.multi_avg_fn and "swa" in a.multi_avg_fn.__name__ else 1e-12
    rng = np.random.RandomState(0)
    for round_ in range(10):
        if round_ == 5:  # the averages go to PyTorch, and PyTorch's come here
            ours_now = {k: torch.tensor(v.cpu().numpy()) for k, v in a.state_dict().items()}
            a.load_state_dict(b.state_dict())
            b.load_state_dict(ours_now)
        for (_, p), q in zip(ours.named_parameters(), theirs.parameters()):
            value = rng.standard_normal(q.shape)
            p.detach().copy_(ag.tensor(value))
            q.detach().copy_(torch.tensor(value))
        x = rng.standard_normal((5, 3))
        ours(ag.tensor(x))  # which moves the running values
        theirs(torch.tensor(x))
        a.update_parameters(ours)
        b.update_parameters(theirs)
        assert_same_state(a, b, tolerance)
    x = rng.standard_normal((5, 3))
    np.testing.assert_allclose(
        a.eval()(ag.tensor(x)).tolist(), b.eval()(torch.tensor(x)).tolist(), rtol=1e-5
    )
    again = swa_utils.AveragedModel(ours, **way(swa_utils))
    again.load_state_dict(b.state_dict())
    assert_same_state(again, b)


@pytest.mark.parametrize("shape", ["tensors", "tuples"])
def test_update_bn_as_pytorch(shape):
    torch = pytest.importorskip("torch")
    ours, theirs = pair(torch)
    ours.eval()
    theirs.eval()
    rng = np.random.RandomState(0)
    batches = [rng.standard_normal((n, 3)) for n in (4, 4, 7)]

    def loader(tensor):
        return [tensor(b) if shape == "tensors" else (tensor(b), tensor(b)) for b in batches]

    swa_utils.update_bn(loader(ag.tensor), ours)
    torch.optim.swa_utils.update_bn(loader(torch.tensor), theirs)
    assert_same_state(ours, theirs)
    assert not ours.training and not ours[1].training
    assert ours[1].momentum == 0.1


def test_update_bn_leaves_a_model_as_it_was_when_a_batch_fails():
    model = network(nn)
    model[3].eval()
    with pytest.raises(RuntimeError):
        swa_utils.update_bn([ag.ones(4, 99)], model)
    assert model[1].momentum == 0.1
    assert model.training and not model[3].training


def test_update_bn_without_such_layers_reads_nothing():
    def never():
        raise AssertionError
        yield

    swa_utils.update_bn(never(), nn.Linear(2, 2))


def test_the_average_is_a_copy_that_is_not_trained():
    model = nn.Linear(2, 1)
    averaged = swa_utils.AveragedModel(model)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    model(ag.ones(1, 2)).sum().backward()
    optimizer.step()
    assert averaged.module.weight.tolist() != model.weight.tolist()
    assert averaged.module.weight.grad is None
    averaged.update_parameters(model)
    assert averaged.module.weight.tolist() == model.weight.tolist()
    twin = copy.deepcopy(averaged)
    twin.update_parameters(model)
    assert (averaged.n_averaged.item(), twin.n_averaged.item()) == (1, 2)


def test_exponential_averages_of_many_kinds():
    averages = [ag.zeros(3), ag.zeros(2, dtype=ag.float64), ag.tensor([4, 8])]
    currents = [ag.ones(3), ag.ones(2, dtype=ag.float64), ag.tensor([8, 8])]
    swa_utils.get_ema_multi_avg_fn(0.75)(averages, currents, 3)
    assert [a.tolist() for a in averages] == [[0.25] * 3, [0.25] * 2, [5, 8]]
    assert [a.dtype for a in averages] == [ag.float32, ag.float64, ag.int64]


def test_large_averages_are_moved_in_blocks():
    average, current = ag.zeros(300, 1000), ag.ones(1000, 300).T
    swa_utils.get_ema_multi_avg_fn(0.5)([average], [current], 1)
    assert average.min().item() == average.max().item() == 0.5


@pytest.mark.parametrize("decay", [-0.1, 1.1])
@pytest.mark.parametrize("make", ["get_ema_avg_fn", "get_ema_multi_avg_fn"])
def test_wrong_decays(make, decay):
    with pytest.raises(ValueError, match=f"Invalid decay value {decay}"):
        getattr(swa_utils, make)(decay)


def test_two_functions_are_refused():
    with pytest.raises(ValueError, match="Only one of avg_fn and multi_avg_fn"):
        swa_utils.AveragedModel(
            nn.Linear(1, 1),
            avg_fn=swa_utils.get_swa_avg_fn(),
            multi_avg_fn=swa_utils.get_swa_multi_avg_fn(),
        )


def test_names():
    assert {"AveragedModel", "update_bn", "SWALR"} <= set(dir(swa_utils))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        swa_utils.nothing  # noqa: B018


def test_optim_does_not_load_nn():
    code = (
        "import sys; from autograd_core import optim; assert 'autograd_core.nn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
