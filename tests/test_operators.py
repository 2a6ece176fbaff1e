"""Tests generated from the table of operators: each operator brings its samples, reference and
conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from operator_table import ENTRIES

import autograd_core as ag
from autograd_core.layouts import memory_order
from autograd_core.operator_checks import (
    ALWAYS_DOUBLE,
    Call,
    assert_equal,
    backward,
    check_convention,
    check_dtype,
    check_gradient,
    check_second_gradient,
    check_value,
    floating_outputs,
    map_arrays,
    map_tensors,
    samples,
    to_numpy,
)
from autograd_core.registry import Entry, Make

all_entries = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
differentiable = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.differentiable], ids=lambda e: e.name
)
with_reference = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.reference is not None], ids=lambda e: e.name
)
inplace = pytest.mark.parametrize("entry", [e for e in ENTRIES if e.inplace], ids=lambda e: e.name)

# This one looks at the memory itself, so another layout has other values.
LAYOUT_DEPENDENT = {"as_strided", "as_strided_copy"}


@all_entries
def test_entry_is_complete(entry: Entry) -> None:
    assert entry.convention
    assert samples(entry), "an operator without samples is an operator without tests"
    assert entry.function.__doc__
    if entry.method:
        assert hasattr(ag.Tensor, entry.name), f"Tensor.{entry.name} is missing"
    if entry.inplace:
        assert hasattr(ag.Tensor, f"{entry.name}_"), f"Tensor.{entry.name}_ is missing"


@with_reference
def test_value_equals_reference(entry: Entry) -> None:
    for sample in samples(entry):
        check_value(entry, sample)


@all_entries
def test_inputs_are_not_modified(entry: Entry) -> None:
    for sample in samples(entry):
        call = Call(sample)
        before = to_numpy([t.clone() for t in call.leaves])
        backward(floating_outputs(call(entry.function)))
        assert_equal(to_numpy(call.leaves), before, 0, 0, f"{entry.name}{sample}")


@differentiable
def test_gradcheck(entry: Entry) -> None:
    for sample in samples(entry):
        check_gradient(entry, sample)


@differentiable
def test_gradgradcheck(entry: Entry) -> None:
    for sample in samples(entry):
        check_second_gradient(entry, sample)


@differentiable
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_dtype_is_kept(entry: Entry, dtype: str) -> None:
    """No float32 input ever yields float64, in value or gradient; half precision stays near the
    value."""
    if entry.name.endswith("_lowrank") and str(ag.get_default_device()) != "cpu":
        pytest.skip("begins with random vectors, which off the CPU are others for every dtype")
    for sample in samples(entry):
        check_dtype(entry, sample, getattr(ag, dtype))


@differentiable
def test_non_contiguous_inputs(entry: Entry) -> None:
    """The same values in another memory layout give the same value and gradients.

    The order of dimensions stays, as random numbers follow it.
    """

    def stretched(leaf: Any) -> Any:
        order = memory_order(leaf._array) or range(leaf.ndim)
        back = sorted(range(leaf.ndim), key=order.__getitem__)
        plain = leaf.permute(*order)
        return ag.stack([plain, plain * 0], -1)[..., 0].permute(*back)

    for sample in () if entry.name in LAYOUT_DEPENDENT else samples(entry):
        plain, strided = Call(sample), Call(sample)
        moved = {}
        for leaf in strided.leaves:
            moved[id(leaf)] = stretched(leaf) if leaf.ndim else leaf * 1

        ag.manual_seed(0)
        want = floating_outputs(plain(entry.function))
        ag.manual_seed(0)
        got = floating_outputs(entry.function(*map_tensors(strided.args, moved), **strided.kwargs))
        assert_equal(to_numpy(got), to_numpy(want), 1e-12, 1e-13, f"{entry.name}{sample}")
        backward([o * o.detach().conj() for o in got])
        backward([o * o.detach().conj() for o in want])
        assert_equal(
            [None if t.grad is None else to_numpy(t.grad) for t in strided.leaves],
            [None if t.grad is None else to_numpy(t.grad) for t in plain.leaves],
            1e-9, 1e-11, f"gradient of {entry.name}{sample}",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "at"),
    [(e, at) for e in ENTRIES for at in e.kinks],
    ids=lambda v: getattr(v, "name", ""),
)
def test_conventions(entry: Entry, at: Any) -> None:
    check_convention(entry, at)


@inplace
def test_inplace_variant(entry: Entry) -> None:
    """Same value and gradient as out of place, the version is bumped, the memory stays."""
    name = entry.name.rpartition(".")[2]
    for sample in samples(entry):
        call, other = Call(sample), Call(sample)
        if not call.leaves or call.args[0] is not call.leaves[0]:
            continue
        ag.manual_seed(0)
        want = entry.function(call.args[0] * 1, *call.args[1:], **call.kwargs)
        target = other.args[0] * 1
        if want.shape != target.shape or want.dtype != target.dtype:
            continue
        pointer, version = target.data_ptr(), target._version
        ag.manual_seed(0)
        result = getattr(target, f"{name}_")(*other.args[1:], **other.kwargs)
        assert result is target
        assert target._version == version + 1
        assert target.data_ptr() == pointer
        assert_equal(to_numpy(target), to_numpy(want), 1e-12, 1e-13, f"{entry.name}_{sample}")
        if want.requires_grad:
            backward([want * want.detach(), target * target.detach()])
            assert_equal(
                [to_numpy(t.grad) for t in other.leaves], [to_numpy(t.grad) for t in call.leaves],
                1e-10, 1e-12, f"gradient of {entry.name}_{sample}",
            )  # fmt: skip


@with_reference
@pytest.mark.parametrize("entry_dtype", ["int64"])
def test_integer_inputs_follow_promotion(entry: Entry, entry_dtype: str) -> None:
    """Integers compute, or raise one of the errors that teach; they never give float64."""
    if entry.name in ALWAYS_DOUBLE:
        return
    sample = samples(entry)[0]
    whole = map_arrays(
        sample.args, lambda a: np.ones_like(a, dtype=np.int64) if a.dtype.kind in "fc" else a
    )
    try:
        result = entry.function(
            *map_arrays(whole, ag.tensor), **map_arrays(sample.kwargs, ag.tensor)
        )
    except (TypeError, RuntimeError, ValueError, IndexError) as error:
        assert str(error)
        return
    for value in floating_outputs(result):
        assert value.dtype is not ag.float64


def test_samples_are_reproducible() -> None:
    assert np.array_equal(Make(3)(2, 3), Make(3)(2, 3))
