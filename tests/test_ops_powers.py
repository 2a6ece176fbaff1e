"""Powers beside PyTorch: numbers as exponents, special values, half types, gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd_core as ag

torch = pytest.importorskip("torch")

SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    1e-40,
    -1e-40,
    5e-324,
    1e300,
    -1e300,
    math.inf,
    -math.inf,
    math.nan,
]
EXPONENTS = [0, 1, 2, 3, 4, 5, 7, 10, 16, -1, -2, -3, -4, 0.5, -0.5, 2.5, -1.5, 3.0, math.inf]
# PyTorch's own powers of float32 and float64 are good to one unit in the last place.
UNITS = {"float64": 1.0, "float32": 1.0, "float16": 0.0, "bfloat16": 0.0}


def bases(dtype: str) -> tuple[object, object]:
    values = [*(np.random.default_rng(0).standard_normal(500) * 3).tolist(), *SPECIAL]
    return ag.tensor(values, dtype=dtype), torch.tensor(values, dtype=getattr(torch, dtype))


def check_units(got: object, want: object, units: float) -> None:
    dtype = np.float64 if want.dtype == torch.float64 else np.float32
    ours, theirs = np.array(got.tolist(), dtype), np.array(want.tolist(), dtype)
    assert str(got.dtype).rpartition(".")[2] == str(want.dtype).rpartition(".")[2]
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    ours, theirs = ours[~np.isnan(ours)], theirs[~np.isnan(theirs)]
    np.testing.assert_array_equal(np.signbit(ours), np.signbit(theirs))
    equal = ours == theirs
    far = np.abs(ours[~equal] - theirs[~equal])
    assert np.all(far <= units * np.spacing(np.abs(theirs[~equal])))


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("dtype", UNITS)
def test_powers_of_numbers(dtype: str, exponent: float) -> None:
    ours, theirs = bases(dtype)
    check_units(ours**exponent, theirs**exponent, UNITS[dtype])


@pytest.mark.parametrize("dtype", UNITS)
def test_powers_of_tensors(dtype: str) -> None:
    (ours, theirs), n = bases(dtype), len(EXPONENTS)
    ours, theirs = ours.reshape(-1, 1), theirs.reshape(-1, 1)
    got = ours ** ag.tensor(EXPONENTS, dtype=dtype).reshape(1, n)
    want = theirs ** torch.tensor(EXPONENTS, dtype=theirs.dtype).reshape(1, n)
    check_units(got.reshape(-1), want.reshape(-1), UNITS[dtype])


@pytest.mark.parametrize("exponent", [2, 3, 4, 5, -1, -2, -3, 0.5, 2.5])
def test_first_and_second_derivatives(exponent: float) -> None:
    rng = np.random.default_rng(1)
    values = rng.uniform(0.5, 2, 64) * (rng.choice([-1, 1], 64) if exponent % 1 == 0 else 1)

    def derivatives(lib: object) -> tuple[object, object]:
        x = lib.tensor(values, requires_grad=True)
        (first,) = lib.autograd.grad((x**exponent).sum(), x, create_graph=True)
        (second,) = lib.autograd.grad((first**3).sum(), x)
        return first, second

    for got, want in zip(derivatives(ag), derivatives(torch)):
        np.testing.assert_allclose(got.tolist(), want.tolist(), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_derivatives_of_halves(dtype: str) -> None:
    grads = []
    for lib in (ag, torch):
        x = lib.tensor([-2.5, 0.3, 1.7], dtype=getattr(lib, dtype), requires_grad=True)
        (x**3).sum().backward()
        grads.append(x.grad)
    check_units(*grads, 0.0)


def test_whole_numbers_stay_whole_and_wrap_around() -> None:
    for dtype in ("int8", "uint8", "int32", "int64"):
        values = [1, 2, 3, 7, 100, 127]
        for exponent in (0, 1, 2, 3, 5, 20):
            got = ag.tensor(values, dtype=dtype) ** exponent
            want = torch.tensor(values, dtype=getattr(torch, dtype)) ** exponent
            check_units(got, want, 0.0)


def test_a_whole_number_alone_has_no_negative_power_that_is_a_number() -> None:
    for values in (2, [2, 1]):
        with pytest.raises(RuntimeError, match="negative integer powers"):
            torch.tensor(values) ** -1
        with pytest.raises(RuntimeError, match="negative integer powers"):
            ag.tensor(values) ** -1
    assert (ag.tensor(2) ** ag.tensor(-1)).item() == 0
