"""Tensors made from numbers: evenly spaced ones are PyTorch's to the last digit."""

from __future__ import annotations

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
