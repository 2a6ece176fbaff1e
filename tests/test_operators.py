"""Tests generated from the table of operators: each operator brings its samples, reference and
conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from operator_table import (
    ENTRIES,
    Call,
    assert_equal,
    backward,
    floating_outputs,
    map_arrays,
    samples,
    to_numpy,
)

import autograd_core as ag
from autograd_core.registry import Entry, Make

# PyTorch computes these in float64 whatever comes in.
ALWAYS_DOUBLE = {"float_power"}

all_entries = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
differentiable = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.differentiable], ids=lambda e: e.name
)
with_reference = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.reference is not None], ids=lambda e: e.name
)
inplace = pytest.mark.parametrize("entry", [e for e in ENTRIES if e.inplace], ids=lambda e: e.name)

# This one looks at the memory itself, so another layout has other values.
LAYOUT_DEPENDENT = {"as_strided"}

# Rounding of one operation in the dtype; sums of a few terms stay within ten of them.
TOLERANCE = {"float16": 2e-2, "bfloat16": 1e-1, "float32": 2e-5}


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
        got = to_numpy(Call(sample)(entry.function))
        want = entry.reference(*map_arrays(sample.args, np.copy), **sample.kwargs)  # type: ignore[misc]
        assert_equal(got, want, 1e-12, 1e-13, f"{entry.name}{sample}")


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
        call = Call(sample)
        _check(ag.autograd.gradcheck, entry, call)


@differentiable
def test_gradgradcheck(entry: Entry) -> None:
    for sample in samples(entry):
        call = Call(sample)
        _check(ag.autograd.gradgradcheck, entry, call)


def _check(check: Any, entry: Entry, call: Call) -> None:
    """Run a gradient check over the sample's leaves, which may stand inside lists."""
    leaves = call.leaves
    if not leaves:
        return

    def function(*values: Any) -> Any:
        if entry.hermitian:
            values = ((values[0] + values[0].mH) / 2, *values[1:])
        given = iter(values)
        known = {id(leaf): next(given) for leaf in leaves}

        def swap(value: Any) -> Any:
            if isinstance(value, ag.Tensor):
                return known.get(id(value), value)
            if isinstance(value, (list, tuple)):
                return type(value)(swap(v) for v in value)
            return value

        ag.manual_seed(0)
        result = entry.function(*swap(call.args), **{k: swap(v) for k, v in call.kwargs.items()})
        return tuple(floating_outputs(result))

    outputs = function(*leaves)
    if any(o.requires_grad for o in outputs):
        assert check(function, tuple(leaves))


@differentiable
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_dtype_is_kept(entry: Entry, dtype: str) -> None:
    """No float32 input ever yields float64, in value or gradient; half precision stays near the
    value."""
    kind = getattr(ag, dtype)
    allowed = (kind, ag.complex64) if dtype == "float32" else (kind,)
    tolerance = TOLERANCE[dtype]
    for sample in samples(entry):
        exact, call = Call(sample), Call(sample, kind)
        if dtype != "float32" and any(leaf.is_complex() for leaf in exact.leaves):
            continue
        ag.manual_seed(0)
        want = floating_outputs(exact(entry.function))
        ag.manual_seed(0)
        try:
            got = floating_outputs(call(entry.function))
        except (RuntimeError, TypeError) as error:
            assert dtype != "float32" and dtype in str(error), "refuses the dtype without naming it"
            continue
        for g, w in zip(got, want, strict=True):
            if entry.name not in ALWAYS_DOUBLE:
                assert g.dtype in allowed, f"{entry.name}: {g.dtype}"
            value = to_numpy(g).astype(np.complex128 if g.is_complex() else np.float64)
            assert_equal(value, to_numpy(w), tolerance, tolerance, f"{entry.name}{sample}")
        backward(got)
        for leaf in call.leaves:
            if leaf.grad is not None:
                assert leaf.grad.dtype is leaf.dtype, f"{entry.name}: gradient {leaf.grad.dtype}"
                assert leaf.grad.shape == leaf.shape


@differentiable
def test_non_contiguous_inputs(entry: Entry) -> None:
    """The same values in another memory layout give the same value and gradients."""

    def stretched(array: np.ndarray) -> Any:
        wide = np.zeros((*array.shape, 2), array.dtype)
        wide[..., 0] = array
        return wide[..., 0]

    for sample in () if entry.name in LAYOUT_DEPENDENT else samples(entry):
        plain, strided = Call(sample), Call(sample)
        moved = {}
        for leaf in strided.leaves:
            view = ag.stack([leaf, leaf * 0], -1)[..., 0] if leaf.ndim else leaf * 1
            moved[id(leaf)] = view

        def swap(value: Any, moved: Any = moved) -> Any:
            if isinstance(value, (list, tuple)):
                return type(value)(swap(v) for v in value)
            return moved.get(id(value), value)

        ag.manual_seed(0)
        want = floating_outputs(plain(entry.function))
        ag.manual_seed(0)
        got = floating_outputs(entry.function(*swap(strided.args), **strided.kwargs))
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
    leaves = [
        ag.tensor(np.asarray(a, np.float64), requires_grad=True)
        for a in at.args[: len(at.gradients)]
    ]
    outputs = floating_outputs(entry.function(*leaves, *at.args[len(leaves) :], **at.kwargs))
    outputs[0].sum().backward()
    for leaf, want in zip(leaves, at.gradients, strict=True):
        if want is not None:
            assert_equal(to_numpy(leaf.grad), want, 1e-12, 0, f"{entry.name} at {at.args}")


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
