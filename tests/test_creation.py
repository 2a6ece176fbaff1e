"""Tensors made from numbers: evenly spaced ones are PyTorch's to the last digit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

DTYPES = (
    "float16", "bfloat16", "float32", "float64", "int32", "int64", "complex64", "complex128",
)  # fmt: skip
ENDS = [(-1, 1), (0, 2), (0.1, 7.3), (10, 0), (3, 3), (-3.14159, 3.14159)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_linspace_is_pytorchs_to_the_last_digit(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    for start, end in ENDS:
        for steps in (0, 1, 2, 3, 7, 28, 100):
            ours = ag.linspace(start, end, steps, dtype=getattr(ag, dtype))
            theirs = torch.linspace(start, end, steps, dtype=getattr(torch, dtype))
            assert ours.tolist() == theirs.tolist(), (start, end, steps)


def test_linspace_ends_where_it_should() -> None:
    for start, end in ENDS:
        values = ag.linspace(start, end, 11, dtype=ag.float64).tolist()
        assert values[0] == start and values[-1] == end
        np.testing.assert_allclose(values, np.linspace(start, end, 11), rtol=1e-15, atol=1e-15)


@pytest.mark.filterwarnings("ignore:torch.asarray. unspecified requires_grad")
@pytest.mark.parametrize(
    "convert",
    [
        lambda lib, y: lib.asarray(y),
        lambda lib, y: lib.asarray(y, copy=True),
        lambda lib, y: lib.asarray(y, dtype=lib.float64),
        lambda lib, y: lib.asarray(y, requires_grad=True),
        lambda lib, y: lib.asarray(y.clone(), requires_grad=False),
        lambda lib, y: lib.as_tensor(y),
        lambda lib, y: lib.as_tensor(y, dtype=lib.float64),
        lambda lib, y: lib.Tensor(y),
        lambda lib, y: lib.FloatTensor(y),
        lambda lib, y: y.new(y),
    ],
)
def test_tensors_made_of_tensors_keep_the_graph_where_pytorchs_do(
    convert: Callable[[Any, Any], Any],
) -> None:
    torch = pytest.importorskip("torch")

    def grad(lib: Any, leaf: bool) -> list[float]:
        x = lib.tensor([1.0, 2.0], requires_grad=True)
        made = convert(lib, x if leaf else x * 3).to(x.device)
        ((x * 2).sum() + (made * made).sum()).backward()
        return x.grad.tolist()  # type: ignore[no-any-return]

    for leaf in (False, True):
        assert grad(ag, leaf) == grad(torch, leaf)


def test_asarray_gives_the_tensor_itself_and_older_constructors_its_memory() -> None:
    y = ag.ones(2, requires_grad=True) * 3
    assert ag.asarray(y) is y and ag.asarray(y, copy=False) is y
    assert ag.Tensor(y).data_ptr() == y.data_ptr() == y.new(y).data_ptr()
    assert ag.asarray([1.0]).requires_grad is False
