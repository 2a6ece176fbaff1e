"""Adding into an array at indices: the quick ways give what NumPy's own gives, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core.backends.numpy.adding import add_at

RNG = np.random.default_rng(0)


def integers(high: int, *shape: int, kind: str = "i8") -> Any:
    return RNG.integers(0, high, shape).astype(kind)


CASES: dict[str, tuple[tuple[int, ...], Any, tuple[int, ...]]] = {
    "rows": ((20, 96), integers(20, 300), (300, 96)),
    "rows, many": ((20, 96), integers(20, 2000), (2000, 96)),
    "rows of one": ((50, 1), integers(50, 4000), (4000, 1)),
    "rows of matrices": ((5, 16, 8), integers(5, 7, 9, kind="i4"), (7, 9, 16, 8)),
    "rows from the end": ((20, 96), integers(20, 300) - 20, (300, 96)),
    "in a tuple": ((20, 96), (integers(20, 300),), (300, 96)),
    "elements": ((30, 70), (np.arange(30)[:, None], integers(70, 30, 70)), (30, 70)),
    "elements from the end": (
        (30, 70), (np.arange(30)[:, None], integers(70, 30, 70) - 70), (30, 70),
    ),
    "two of three": ((6, 7, 40), (integers(6, 50), integers(7, 50)), (50, 40)),
    "a slice": ((30, 70), (slice(None), integers(70, 90)), (30, 90)),
    "a mask": ((30, 70), np.arange(30) < 20, (20, 70)),
    "values that broadcast": ((20, 96), integers(20, 300), (96,)),
    "few": ((3, 2), integers(3, 5), (5, 2)),
    "none": ((3, 2), integers(3, 0), (0, 2)),
    "one dimension": ((9,), integers(9, 2000), (2000,)),
    "no width": ((9, 0), integers(9, 2000), (2000, 0)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", ["f4", "f8", "c16", "i8", "i2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_equals_numpys(name: str, dtype: str, order: Any) -> None:
    shape, index, size = CASES[name]
    values = (RNG.standard_normal(size) * 9).astype(dtype)
    want = np.asarray(RNG.standard_normal(shape).astype(dtype), order=order)
    got = want.copy(order="K")
    np.add.at(want, index, values)
    add_at(got, index, values)
    assert np.array_equal(got, want)


def test_out_of_range_and_other_dtypes() -> None:
    array = np.zeros((20, 96), np.float32)
    with pytest.raises(IndexError):
        add_at(array, integers(21, 3000) + 1, np.ones((3000, 96), np.float32))
    with pytest.raises(IndexError):
        add_at(array, (np.full(3000, 3), np.full(3000, 96)), np.ones(3000, np.float32))
    array[...] = 0
    add_at(array, integers(20, 300), np.ones((300, 96)))
    assert array.sum() == 300 * 96
