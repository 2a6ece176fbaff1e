"""Helpers of the tests that hold a layer beside PyTorch's of the same name and parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import nn


def numpy(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def close(ours: Any, theirs: Any, tolerance: float) -> None:
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert str(ours.dtype).split(".")[-1] == str(theirs.dtype).split(".")[-1]
    np.testing.assert_allclose(numpy(ours), numpy(theirs), rtol=tolerance, atol=tolerance)


def check_layer(
    name: str,
    args: Any,
    kwargs: Any,
    inputs: list[Any],
    dtype: str,
    training: bool,
    tolerance: float | None = None,
) -> None:
    """Output, gradients of inputs and parameters, text and state, before and after a step.

    Layers that draw random numbers get the same seed.
    """
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    theirs = getattr(torch.nn, name)(*args, **kwargs).to(getattr(torch, dtype)).train(training)
    with torch.no_grad():  # so that no gradient vanishes by accident
        for p in theirs.parameters():
            p.add_(0.1)
    ours = getattr(nn, name)(*args, **kwargs).to(getattr(ag, dtype)).train(training)
    assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    assert repr(ours) == repr(theirs)
    if tolerance is None:
        tolerance = 1e-11 if dtype == "float64" else 2e-5
    for seed in range(2):
        xs, zs = [], []
        for value in inputs:
            floats = value.dtype.kind == "f"
            value = value.astype(dtype) if floats else value
            xs.append(ag.tensor(value, requires_grad=floats))
            zs.append(torch.tensor(value, requires_grad=floats))
        ag.manual_seed(seed)
        torch.manual_seed(seed)
        y, z = ours(*xs), theirs(*zs)
        close(y, z, tolerance)
        if not z.requires_grad:
            return
        weights = np.random.RandomState(3).standard_normal(tuple(z.shape)).astype(dtype)
        y.backward(ag.tensor(weights))
        z.backward(torch.tensor(weights))
        for x, w in zip(xs, zs, strict=True):
            if w.grad is not None:
                close(x.grad, w.grad, tolerance)
    ours_named, theirs_named = dict(ours.named_parameters()), dict(theirs.named_parameters())
    assert list(ours_named) == list(theirs_named)
    for key, parameter in ours_named.items():
        close(parameter.grad, theirs_named[key].grad, tolerance)
    a, b = ours.state_dict(), theirs.state_dict()
    assert list(a) == list(b)
    for key in a:
        close(a[key], b[key], tolerance)


def check_initial_numbers(name: str, args: Any, kwargs: Any) -> None:
    """The same seed draws the same parameters as in PyTorch."""
    torch = pytest.importorskip("torch")
    ag.manual_seed(7)
    torch.manual_seed(7)
    ours, theirs = getattr(nn, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)
    for key, value in ours.state_dict().items():
        # PyTorch multiplies and adds in one rounding, NumPy in two.
        np.testing.assert_allclose(numpy(value), numpy(theirs.state_dict()[key]), rtol=0, atol=3e-7)
