"""Nothing that comes of float32 is wider, of any operator in the table: neither values nor
gradients nor second gradients, also with Python's and NumPy's numbers beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from operator_table import ENTRIES

import autograd_core as ag
from autograd_core.operator_checks import (
    ALWAYS_DOUBLE,
    Call,
    all_tensors,
    assert_equal,
    outcome,
    samples,
    to_numpy,
)
from autograd_core.registry import Entry

# In the quick suite only the first samples of each operator, to second order; all with -m slow.
FEW = 1

# Whose result is float64 because its name says so.
ASKED = {"double", "cdouble"}


def wide(entry: Entry, few: int | None) -> list[str]:
    """What of the samples' values, gradients and second gradients is float64 or complex128."""
    where = ag.get_default_device().type
    stages = ("value", "gradient", "second gradient")
    return [
        f"{stage} {i} is {t.dtype} of {sample}"
        for sample in samples(entry)[:few]
        for stage, group in zip(stages, outcome(entry, sample, where, ag.float32))
        for i, t in enumerate(group)
        if t.dtype in (ag.float64, ag.complex128)
    ]


kept = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.name not in ALWAYS_DOUBLE | ASKED], ids=lambda e: e.name
)


@kept
def test_nothing_is_wider(entry: Entry) -> None:
    assert not wide(entry, FEW)


@pytest.mark.slow
@kept
def test_nothing_is_wider_in_all_samples(entry: Entry) -> None:
    assert not wide(entry, None)


@pytest.mark.parametrize(
    "number", [2, 2.0, True, np.float64(2), np.float32(2), np.int64(2)], ids=repr
)
def test_numbers_do_not_widen(number: Any) -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    for value in (
        x + number, number * x, x / number, number - x, x**number, number**x, x % number,
        x // number, ag.maximum(x, ag.tensor(number)), ag.where(x > 1, x, number),
        ag.clamp(x, 0, number), ag.full((2,), number, dtype=x.dtype), x.new_full((2,), number),
        ag.lerp(x, x, number), ag.add(x, x, alpha=number),
    ):  # fmt: skip
        assert value.dtype is ag.float32
        if value.requires_grad:
            (gradient,) = ag.autograd.grad(value.sum(), x, create_graph=True)
            assert gradient.dtype is ag.float32


def with_numpys_integers(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(map(with_numpys_integers, value))
    return np.int64(value) if type(value) is int else value


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_numpys_integers_are_integers(entry: Entry) -> None:
    """As sizes, dimensions and numbers of anything."""
    for sample in samples(entry)[: FEW + 1]:
        plain, other = Call(sample, ag.float32), Call(sample, ag.float32)
        kwargs = {name: with_numpys_integers(value) for name, value in other.kwargs.items()}
        args = [a if i == 0 else with_numpys_integers(a) for i, a in enumerate(other.args)]
        ag.manual_seed(0)
        want = all_tensors(plain(entry.function))
        ag.manual_seed(0)
        got = all_tensors(entry.function(*args, **kwargs))
        assert [(t.shape, t.dtype) for t in got] == [(t.shape, t.dtype) for t in want]
        assert_equal(to_numpy(got), to_numpy(want), 0, 0, entry.name)
