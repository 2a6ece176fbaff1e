"""Deterministic algorithms: switched on and off, and what they refuse on a GPU."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.backends.base import Backend


@pytest.fixture(autouse=True)
def off_again() -> Iterator[None]:
    yield
    ag.use_deterministic_algorithms(False)


def test_the_switch() -> None:
    assert not ag.are_deterministic_algorithms_enabled()
    ag.use_deterministic_algorithms(True)
    assert ag.are_deterministic_algorithms_enabled()
    assert not ag.is_deterministic_algorithms_warn_only_enabled()
    ag.use_deterministic_algorithms(True, warn_only=True)
    assert ag.is_deterministic_algorithms_warn_only_enabled()
    with pytest.raises(TypeError, match="mode must be"):
        ag.use_deterministic_algorithms(1)  # type: ignore[arg-type]


@pytest.mark.cpu_only
def test_the_cpu_refuses_nothing() -> None:
    ag.use_deterministic_algorithms(True)
    x = ag.ones(3, requires_grad=True)
    x[ag.tensor([0, 0])].sum().backward()
    assert x.grad.tolist() == [2, 0, 0]


def test_sums_of_floats_on_a_gpu(gpu: Backend) -> None:
    index, ones = gpu.asarray(np.array([0, 0])), gpu.full((2,), 1, np.float32)
    sums = gpu.zeros((3,), np.float32)
    ag.use_deterministic_algorithms(True, warn_only=True)
    with pytest.warns(UserWarning, match="no deterministic algorithm"):
        gpu.scatter_add(sums, index, ones)
    ag.use_deterministic_algorithms(True)
    with pytest.raises(RuntimeError, match="no deterministic algorithm"):
        gpu.scatter_add(sums, index, ones)
    whole = gpu.zeros((3,), np.int32)
    gpu.scatter_add(whole, index, gpu.full((2,), 1, np.int32))  # the order does not matter
    assert gpu.to_numpy(whole).tolist() == gpu.to_numpy(sums).tolist() == [2, 0, 0]
