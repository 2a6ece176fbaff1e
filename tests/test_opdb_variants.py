"""Views, in-place variants and devices on PyTorch's own samples: views are views where PyTorch's
are, what changes in place gives the same, and a GPU computes what the CPU computes."""

from __future__ import annotations

import warnings
from typing import Any

import coverage_data
import numpy as np
import pytest
from opdb_samples import (
    LESS_EXACT,
    NAMES,
    RANDOM,
    TABLE,
    UNINITIALISED,
    Named,
    arguments,
    as_leaf,
    calls,
    derivatives,
    find,
    here,
    outputs,
    to_numpy,
    torch,
)
from test_opdb import DTYPES, samples

import autograd_core as ag
from autograd_core.backends.base import Backend
from autograd_core.backends.registry import backend_of
from autograd_core.operator_checks import assert_equal
from autograd_core.registry import Entry

# In the quick suite only the first samples of each operator; all of them with -m slow.
FEW = 1

# Where the place in memory may be another one afterwards.
MOVES = {"as_strided"}

# A copy here where it is a view in PyTorch, which nothing depends on: the product of one number.
# And what writes into its input, which PyTorch's table calls on a copy.
OTHERWISE = {"masked.prod", "resize_", "resize_as_"}

operators = [found for found in map(find, NAMES) if found is not None]
changing = [e for e in operators if any(op.inplace_variant for op in TABLE[e.name])]


def by_name(entries: list[Any]) -> Any:
    return pytest.mark.parametrize("entry", entries, ids=lambda e: e.name)


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        yield


def shares(entry: Entry | Named, op: Any, sample: Any) -> tuple[bool, bool] | None:
    """Whether the first result has memory of an input, here and in PyTorch; None where there is no
    memory to share."""
    function, reference = calls(entry, op)
    with torch.no_grad(), ag.no_grad():
        args, kwargs = arguments(sample, [])
        theirs = outputs(reference(sample.input, *sample.args, **sample.kwargs), torch.Tensor)
        ours = outputs(function(*args, **kwargs), ag.Tensor)
    loose = isinstance(sample.input, torch.Tensor) and not sample.input.is_contiguous()
    if not theirs or not theirs[0].numel() or loose or "memory_format" in sample.kwargs:
        return None  # (layouts are not carried from one engine to the other)
    given = [*outputs((sample.input, *sample.args), torch.Tensor)]
    given += outputs(sample.input, torch.Tensor)
    sources = {t.untyped_storage().data_ptr() for t in given if t.numel()}
    result = ours[0]._array
    mine = outputs(args, ag.Tensor) + outputs(args[0], ag.Tensor)
    return (
        any(backend_of(result).shares_memory(result, t._array) for t in mine if t.numel()),
        theirs[0].untyped_storage().data_ptr() in sources,
    )


def views(entry: Entry | Named, few: int | None) -> str:
    """ "always", "sometimes" or "never", as in PyTorch on every sample."""
    found = set()
    for op, sample in samples(entry.name, DTYPES, few):
        pair = shares(entry, op, sample)
        if pair is not None and op.variant_test_name != "in_place":
            same = pair[0] == pair[1] or entry.name in OTHERWISE
            assert same, f"a view is {pair[0]}, PyTorch's {pair[1]}: {sample}"
            found.add(pair[0])
    return "sometimes" if len(found) > 1 else "always" if True in found else "never"


def check_inplace(entry: Entry | Named, op: Any, sample: Any) -> None:
    """The in-place variant gives PyTorch's value and gradients, in the same memory, and counts as a
    version."""
    sample = sample.transform(as_leaf)
    leaves: list[tuple[Any, Any]] = []
    args, kwargs = arguments(sample, leaves)
    theirs = sample.input.clone()
    torch.manual_seed(0)
    try:
        op.inplace_variant(theirs, *sample.args, **sample.kwargs)
    except RuntimeError:
        return  # the result does not fit into the input
    if theirs.shape != sample.input.shape:
        return  # PyTorch has made the tensor larger
    target = args[0].clone()
    pointer, version = target.data_ptr(), target._version
    ag.manual_seed(0)
    name = getattr(op.inplace_variant, "__name__", "")
    if name.endswith("_"):
        result = getattr(target, name)(*args[1:], **kwargs)
    else:  # a function with an argument for that
        result = calls(entry, op)[0](target, *args[1:], **{**kwargs, "inplace": True})
    assert result is target, "not in place"
    assert target.data_ptr() == pointer or entry.name in MOVES
    same = np.array_equal(to_numpy(target), to_numpy(sample.input), equal_nan=True)
    assert same or target._version > version, "no new version"
    exact = max(LESS_EXACT.get(entry.name, 0), 1e-10)
    assert_equal(to_numpy(target), to_numpy(theirs), exact, 1e-12, "in place")
    assert target.requires_grad == theirs.requires_grad
    if theirs.requires_grad:
        given = [torch.ones_like(theirs)]
        try:
            wants, _ = derivatives(torch, [theirs], [t for t, _ in leaves], given)
        except NotImplementedError:
            return
        gots, _ = derivatives(ag, [target], [o for _, o in leaves], here(given, []))
        for want, got in zip(wants, gots, strict=True):
            if want is not None and got is not None:
                assert_equal(to_numpy(got), to_numpy(want), 10 * exact, 1e-11, "gradient in place")


def inplace(entry: Entry | Named, few: int | None) -> list[int]:
    """How many samples of the in-place variant were compared, and all passed."""
    count = 0
    for op, sample in samples(entry.name, DTYPES, few):
        if op.inplace_variant is not None:
            check_inplace(entry, op, sample)
            count += 1
    return [count, count]


@pytest.mark.slow
@by_name(operators)
def test_all_views(entry: Entry | Named, coverage: coverage_data.Note) -> None:
    coverage(entry.name, view=views(entry, None))


@pytest.mark.cpu_only  # random numbers are PyTorch's there
@by_name(changing)
def test_inplace(entry: Entry | Named) -> None:
    inplace(entry, FEW)


@pytest.mark.slow
@by_name(changing)
def test_all_inplace(entry: Entry | Named, coverage: coverage_data.Note) -> None:
    coverage(entry.name, inplace=inplace(entry, None))


@by_name([e for e in operators if isinstance(e, Named) and e.name != "to"])
def test_devices(gpu: Backend, entry: Entry | Named, coverage: coverage_data.Note) -> None:
    """Those that are in the table of operators have tests of their own (test_gpu_operators)."""
    for op, sample in samples(entry.name, DTYPES, FEW):
        found, kinds = [], []
        for where in (gpu.device_type, "cpu"):
            with ag.device(where), ag.no_grad():
                args, kwargs = arguments(sample, [])
                kwargs.pop("device", None)
                result = calls(entry, op)[0](*args, **kwargs)
                tensors = outputs(result, ag.Tensor)
                assert all(t.device.type == where for t in tensors)
                found.append([to_numpy(t) for t in tensors] if tensors else result)
                kinds.append([(t.shape, t.dtype) for t in tensors])
        assert kinds[0] == kinds[1]
        if entry.name not in UNINITIALISED | RANDOM:  # other devices draw other numbers
            assert_equal(*found, 1e-9, 1e-11, f"{entry.name}: {sample}")
    coverage(entry.name, gpu=True)
