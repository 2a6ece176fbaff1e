"""Corners of dtypes, each of which was once wrong; beside PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd_core as ag

torch = pytest.importorskip("torch")

Call = Callable[[Any], Any]


def same(call: Call) -> None:
    """The call gives both engines the same values and dtypes."""
    got, want = call(ag), call(torch)
    assert got.tolist() == want.tolist()
    assert str(got.dtype).rpartition(".")[2] == str(want.dtype).rpartition(".")[2]


def refused_by_both(call: Call, mentions: str) -> None:
    with pytest.raises(RuntimeError):
        call(torch)
    with pytest.raises(RuntimeError, match=mentions):
        call(ag)


def small(library: Any) -> Any:
    return library.tensor([1, 200], dtype=library.uint8)


# --- numbers beyond the range of an integer dtype -------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda t: small(t) - 3,
        lambda t: small(t) + 300,
        lambda t: 300 - small(t),
        lambda t: small(t) * -1,
        lambda t: t.add(small(t), small(t), alpha=-3),
        lambda t: small(t).to(t.int8) * 1000,
        lambda t: small(t) & 300,
        lambda t: small(t) % -3,
        lambda t: small(t).add_(300),
        lambda t: small(t).index_add(0, t.tensor([0]), small(t)[:1], alpha=-1),
    ],
)
def test_arithmetic_with_numbers_out_of_range_wraps(call: Call) -> None:
    same(call)


@pytest.mark.parametrize(
    "call",
    [
        lambda t: small(t).masked_fill(t.tensor([True, False]), -1),
        lambda t: t.full((2,), -1, dtype=t.uint8),
        lambda t: t.tensor([-3], dtype=t.uint8),
        lambda t: t.where(t.tensor([True, False]), small(t), -1),
        lambda t: small(t).fill_(-1),
    ],
)
def test_negative_numbers_stored_as_unsigned_wrap(call: Call) -> None:
    same(call)


def assigned(library: Any, index: Any, value: Any) -> Any:
    x = small(library)
    x[index] = value
    return x


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda t: small(t).masked_fill(t.tensor([True, False]), 300), "masked_fill"),
        (lambda t: t.full((2,), 300, dtype=t.uint8), "full"),
        (lambda t: t.tensor([300], dtype=t.uint8), "tensor"),
        (lambda t: t.tensor([-300], dtype=t.int8), "tensor"),
        (lambda t: t.where(t.tensor([True, False]), small(t), 300), "where"),
        (lambda t: small(t).fill_(300), "fill_"),
        (lambda t: assigned(t, 0, 300), "setitem"),
        (lambda t: assigned(t, t.tensor([0]), -300), "setitem"),
        (lambda t: small(t).clamp(300), "clamp"),
    ],
)
def test_numbers_out_of_range_are_not_stored(call: Call, name: str) -> None:
    refused_by_both(call, name + ".*does not fit into")


def test_comparisons_with_numbers_out_of_range_compare_the_numbers() -> None:
    x = small(ag)
    assert (x < 300).tolist() == [True, True]
    assert (x > -1).tolist() == [True, True]
    assert (x == 257).tolist() == [False, False]
    assert (x.to(ag.int8) != 200).tolist() == [True, True]


def test_bounds_beyond_the_range_are_none() -> None:
    assert small(ag).clamp(-1, 300).tolist() == [1, 200]
    assert small(ag).clamp(-1, 3).tolist() == [1, 3]
    with pytest.raises(RuntimeError, match=r"clamp.*-1 does not fit"):
        small(ag).clamp(max=-1)


def test_complex_values_are_not_stored_as_integers() -> None:
    with pytest.raises(TypeError, match=r"masked_fill.*complex"):
        ag.tensor([1, 1]).masked_fill(ag.tensor([True, False]), ag.tensor(1j))


# --- powers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["int8", "int64"])
@pytest.mark.parametrize(
    "call",
    [
        lambda t, b, e: b**e,
        lambda t, b, e: 2**e,
        lambda t, b, e: (-1) ** e,
        lambda t, b, e: b.pow(t.tensor([-1])),
        lambda t, b, e: b.pow_(e),
    ],
)
def test_integers_to_negative_powers_round_to_whole_numbers(
    name: str, call: Callable[[Any, Any, Any], Any]
) -> None:
    def run(library: Any) -> Any:
        kind = getattr(library, name)
        bases = library.tensor([2, 1, -1, 0, -1, 3], dtype=kind)
        return call(library, bases, library.tensor([-1, -1, -1, -2, -2, 2], dtype=kind))

    same(run)


def test_integers_to_a_negative_number_are_refused() -> None:
    refused_by_both(lambda t: t.tensor([1, 2]) ** -1, "pow.*negative")
