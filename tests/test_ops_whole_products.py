"""Products of matrices of whole numbers are exact and wrap around, small numbers and large ones."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag

torch = pytest.importorskip("torch")

SHAPES = [((5, 40), (40, 3)), ((2, 3, 8), (8, 4)), ((2, 1, 3, 8), (5, 8, 2)), ((0, 3), (3, 2))]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("bits", [3, 7, 25, 31, 62])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_products(shapes: object, bits: int, dtype: str) -> None:
    rng = np.random.default_rng(0)
    wide = [rng.integers(-(2**bits), 2**bits, shape) for shape in shapes]
    x, y = (array.astype(dtype) for array in wide)  # what is too large wraps around
    with np.errstate(all="ignore"):
        got = (ag.tensor(x) @ ag.tensor(y)).tolist()
    assert got == (torch.tensor(x) @ torch.tensor(y)).tolist()


def test_the_sum_that_float64_no_longer_holds() -> None:
    x = np.array([[2**26, 1], [2**26, -1]])
    y = np.array([[2**27], [1]])
    assert (ag.tensor(x) @ ag.tensor(y)).tolist() == [[2**53 + 1], [2**53 - 1]]
