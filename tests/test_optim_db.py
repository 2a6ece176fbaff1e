"""PyTorch's own sample arguments for optimizers, and its wrong ones, through both libraries."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import optim

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_optimizers import OptimizerErrorEnum, optim_db

# For gradients that are sparse, which do not exist here.
LEFT_OUT = {"SparseAdam"}
DATABASE = [o for o in optim_db if o.optim_cls.__name__ not in LEFT_OUT]
every_optimizer = pytest.mark.parametrize("info", DATABASE, ids=lambda o: o.optim_cls.__name__)

# A parameter that comes twice in one group is an error here, and a warning there.
TWICE = "a param group cannot have duplicate parameters"


def here(value):
    """PyTorch's arguments as ours."""
    if isinstance(value, torch.Tensor):
        tensor = ag.tensor(value.detach().numpy(), requires_grad=value.requires_grad)
        if value.grad is not None:
            tensor.grad = here(value.grad)
        return tensor
    if isinstance(value, (list, tuple)):
        return type(value)(here(v) for v in value)
    if isinstance(value, dict):
        return {k: here(v) for k, v in value.items()}
    return value


@pytest.fixture(autouse=True)
def muon_in_full_precision(monkeypatch):
    """PyTorch's Muon orthogonalises in bfloat16, which leaves two digits to compare."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)


def test_every_optimizer_is_here():
    assert all(hasattr(optim, info.optim_cls.__name__) for info in DATABASE)


RNG = np.random.RandomState(0)
INPUTS, TARGETS = RNG.standard_normal((20, 4)), RNG.standard_normal((20, 2))
WEIGHT, BIAS = RNG.standard_normal((2, 4)), RNG.standard_normal(2)


def values(params) -> list[np.ndarray]:
    return [p.detach().cpu().numpy() for p in params]


def regression(params, tensor):
    """A closure for a linear regression; its gradients are computed in NumPy, alike for both."""

    def closure():
        weight, *bias = values(params)
        error = INPUTS @ weight.T + sum(bias) - TARGETS
        grads = [2 * error.T @ INPUTS / error.size, 2 * error.sum(0) / error.size]
        for p, grad in zip(params, grads):
            p.grad = tensor(grad)
        return float((error**2).mean())

    return closure


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("steps", [20, pytest.param(100, marks=pytest.mark.slow)])
@every_optimizer
def test_the_same_path_for_each_set_of_arguments(info, steps):
    for given in info.optim_inputs_func(device="cpu", dtype=torch.float64):
        compare(info, given.kwargs, steps, given.desc)
        if isinstance(given.kwargs.get("lr"), torch.Tensor):
            compare(info, {**given.kwargs, "lr": given.kwargs["lr"].double()}, steps, given.desc)


def compare(info, options, steps, what):
    name = info.optim_cls.__name__
    start = [WEIGHT] if name == "Muon" else [WEIGHT, BIAS]
    ours = [ag.tensor(v, requires_grad=True) for v in start]
    theirs = [torch.tensor(v, requires_grad=True) for v in start]
    a = getattr(optim, name)(ours, **here(options))
    b = info.optim_cls(theirs, **options)
    first, second = regression(ours, ag.tensor), regression(theirs, torch.tensor)
    # A step of L-BFGS is up to 20 of others.
    for _ in range(steps // 20 if info.step_requires_closure else steps):
        assert a.step(first) == pytest.approx(b.step(second), rel=1e-12), what
    for p, q in zip(values(ours), values(theirs)):
        np.testing.assert_allclose(p, q, rtol=1e-12, atol=1e-12, err_msg=what)


@every_optimizer
def test_wrong_arguments(info):
    count = 0
    for wrong in info.optim_error_inputs_func(device="cpu", dtype=torch.float32):
        given = wrong.optimizer_error_input
        params = [torch.randn(2, 2)] if given.params is None else given.params
        error, message = wrong.error_type, wrong.error_regex
        if given.desc == TWICE:
            error, message = ValueError, "the same parameter twice"
        make = getattr(optim, info.optim_cls.__name__)
        if wrong.error_on == OptimizerErrorEnum.CONSTRUCTION_ERROR:
            # Its own objects, so that a parameter that comes twice is one parameter here too.
            known: dict[int, object] = {}
            with pytest.raises(error, match=message):
                make(shared(params, known), **here(given.kwargs))
        else:
            optimizer = make(here(params), **here(given.kwargs))
            with pytest.raises(error, match=message):
                optimizer.step()
        count += 1
    assert count >= 6


def shared(value, known):
    """As `here`, the same object for the same object."""
    if isinstance(value, torch.Tensor):
        return known.setdefault(id(value), here(value))
    if isinstance(value, (list, tuple)):
        return type(value)(shared(v, known) for v in value)
    if isinstance(value, dict):
        return {k: shared(v, known) for k, v in value.items()}
    return value
