"""``assert_close`` and ``make_tensor``."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.testing import assert_close, make_tensor


def message(*args: object, **kwargs: object) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_close(*args, **kwargs)
    return str(caught.value)


def test_close_tensors_pass() -> None:
    x = ag.tensor([1.0, 2.0])
    assert_close(x, x + 1e-6)
    assert_close(x, x.clone().requires_grad_())
    assert_close([x, {"a": (x, None)}], [x, {"a": (x, None)}])
    assert_close(1.0, 1.0 + 1e-9)
    assert_close(ag.zeros(0, 3), ag.zeros(0, 3))
    assert_close(ag.tensor([True]), ag.tensor([True]))


def test_the_message() -> None:
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]])
    text = message(x, ag.tensor([[1.0, 2.5], [3.0, 4.1]]))
    assert "2 of 4 elements (50.0%)" in text
    assert "greatest absolute difference 0.5 at (0, 1) (allowed 1e-05)" in text
    assert "greatest relative difference 0.2 at (0, 1)" in text
    assert "item [1]['k']: " in message([x, {"k": x}], [x, {"k": x + 1}])
    assert message(x, x + 1, msg="own") == "own"
    assert message(x, x + 1, msg=lambda text: "own " + text).startswith("own assert_close")
    assert "1.0, expected 2.0" in message(1.0, 2.0)


@pytest.mark.parametrize(
    ("dtype", "step"),
    [("float16", 2e-3), ("bfloat16", 3e-2), ("float32", 1e-5), ("float64", 1e-6), ("int64", 1)],
)
def test_tolerances_by_dtype(dtype: str, step: float) -> None:
    x = ag.ones(3, dtype=dtype) * 100
    assert_close(x, x.clone())
    assert "not close" in message(x, (x.double() * (1 + 2 * step)).to(getattr(ag, dtype)))


def test_what_else_must_agree() -> None:
    x = ag.ones(2)
    assert "shape (2,), expected (1, 2)" in message(x, ag.ones(1, 2))
    assert "dtype" in message(x, x.double())
    assert_close(x, x.double(), check_dtype=False)
    assert "2 items, expected 1" in message([x, x], [x])
    assert "keys" in message({"a": x}, {"b": x})
    assert "stride" in message(ag.ones(2, 3).T, ag.ones(3, 2), check_stride=True)
    with pytest.raises(ValueError, match="belong together"):
        assert_close(x, x, rtol=1)
    with pytest.raises(TypeError, match="cannot compare"):
        assert_close(x, object())


def test_nan_and_infinity() -> None:
    nan = ag.tensor([float("nan"), float("inf")])
    assert "1 of 2" in message(nan, nan)
    assert_close(nan, nan, equal_nan=True)
    assert "not close" in message(ag.tensor([float("inf")]), ag.tensor([-float("inf")]))


def test_tolerances_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    from torch.testing._comparison import default_tolerances

    from autograd_core.testing import TOLERANCES

    for name, expected in TOLERANCES.items():
        assert default_tolerances(getattr(torch, name)) == expected


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int64", "uint8", "complex64", "bool"])
def test_make_tensor(dtype: str) -> None:
    x = make_tensor(3, 4, dtype=dtype)
    assert x.dtype.name == dtype and tuple(x.shape) == (3, 4)
    assert make_tensor((3, 4), dtype=dtype, noncontiguous=True).is_contiguous() is False
    if dtype != "bool":
        y = make_tensor(100, dtype=dtype, low=0, high=2, exclude_zero=True)
        assert all(v != 0 for v in y.tolist())


def test_make_tensor_in_a_range() -> None:
    values = np.array(make_tensor(1000, dtype=ag.float64, low=-1, high=3).tolist())
    assert -1 <= values.min() < -0.8 and 2.8 < values.max() < 3
    assert make_tensor(2, dtype=ag.float32, requires_grad=True).requires_grad
    with pytest.raises(ValueError, match="low"):
        make_tensor(2, dtype=ag.float32, low=2, high=1)
