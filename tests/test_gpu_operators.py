"""Every operator of the table on a GPU gives what it gives on the CPU.

The tests run with the CuPy backend: on a GPU (``pytest -m gpu``) and, so that they are tested
themselves, everywhere on a CuPy that is acted out (``fake_cupy``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from operator_table import ENTRIES, Call, assert_equal, floating_outputs, samples, to_numpy
from strict_device import StrictArray

import autograd_core as ag
from autograd_core.backends.base import Backend
from autograd_core.registry import Entry, Sample

# Libraries round sums and functions differently; float32 gradients of gradients add that up.
TOLERANCE = {"float64": 1e-9, "float32": 1e-3, "float16": 2e-2, "bfloat16": 1e-1}

# What they do to one tensor has nothing to do with the other, or they copy, from any device.
APART = {
    "broadcast_tensors", "meshgrid", "as_strided_scatter", "diagonal_scatter", "select_scatter",
    "slice_scatter",
}  # fmt: skip

entries = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)


def tensors(value: Any) -> list[Any]:
    """All tensors of a result."""
    if isinstance(value, ag.Tensor):
        return [value]
    return [t for one in value for t in tensors(one)] if isinstance(value, (list, tuple)) else []


def weighted(values: list[Any]) -> Any:
    """One number that depends on every element in its own way."""
    total: Any = 0
    for value in values:
        size = value.numel()
        weights = ag.arange(1, size + 1, dtype=ag.float64, device=value.device)
        product = value * (weights / (size + 1)).reshape(value.shape).to(value.dtype)
        total = total + (product.real + product.imag if product.is_complex() else product).sum()
    return total


def outcome(entry: Entry, sample: Sample, where: str, dtype: Any, order: int = 2) -> list[Any]:
    """Values, gradients and second gradients, on a device."""
    with ag.device(where):
        call = Call(sample, dtype)
        ag.manual_seed(0)
        results = tensors(call(entry.function))
        for one in results:
            assert one.device.type == where, f"{entry.name} gave a tensor on {one.device}"
        found = [results]
        outputs = [o for o in floating_outputs(results) if o.requires_grad]
        leaves = call.leaves
        for _ in range(order):
            if not outputs or not leaves:
                break
            grads = ag.autograd.grad(
                weighted(outputs), leaves, create_graph=True, materialize_grads=True
            )
            assert [g.device.type for g in grads] == [where] * len(grads)
            found.append(list(grads))
            outputs = [g for g in grads if g.requires_grad]
        return found


def is_random(entry: Entry, sample: Sample) -> bool:
    """Whether it draws numbers, which are others on every kind of device."""
    state = ag.get_rng_state()
    Call(sample)(entry.function)
    return bool((ag.get_rng_state() != state).any())


@entries
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_value_and_gradients(gpu: Backend, entry: Entry, dtype: str) -> None:
    acted_out = gpu.array_type is StrictArray
    order = 1 if acted_out and dtype == "float32" else 2  # (to save time)
    for sample in samples(entry):
        there = outcome(entry, sample, gpu.device_type, getattr(ag, dtype), order)
        here = outcome(entry, sample, "cpu", getattr(ag, dtype), order)
        what = f"{entry.name}{sample}"
        shapes = [[(t.shape, t.dtype) for t in group] for group in (*there, *here)]
        assert shapes[: len(there)] == shapes[len(there) :], what
        if not is_random(entry, sample):
            tolerance = TOLERANCE[dtype]
            assert_equal(to_numpy(there), to_numpy(here), tolerance, tolerance, what)


@entries
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves(gpu: Backend, entry: Entry, dtype: str) -> None:
    """They keep their dtype, and stay near the value in float64."""
    if not entry.differentiable:
        return
    for sample in samples(entry):
        kind = getattr(ag, dtype)
        try:
            here = outcome(entry, sample, "cpu", kind, order=1)
        except (RuntimeError, TypeError) as error:
            with pytest.raises(type(error)):
                outcome(entry, sample, gpu.device_type, kind, order=1)
            continue
        there = outcome(entry, sample, gpu.device_type, kind, order=1)
        what = f"{entry.name}{sample}"
        assert [[t.dtype for t in g] for g in there] == [[t.dtype for t in g] for g in here], what
        if not is_random(entry, sample):
            values = [[t.to(ag.complex128) for t in group[0]] for group in (there, here)]
            assert_equal(*map(to_numpy, values), TOLERANCE[dtype], TOLERANCE[dtype], what)


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.inplace], ids=lambda e: e.name)
def test_inplace_variant(gpu: Backend, entry: Entry) -> None:
    name = entry.name.rpartition(".")[2]
    for sample in samples(entry):
        found = []
        for where in (gpu.device_type, "cpu"):
            with ag.device(where):
                call = Call(sample)
                if not call.leaves or call.args[0] is not call.leaves[0]:
                    break
                target = call.args[0] * 1
                result = entry.function(target.detach(), *call.args[1:], **call.kwargs)
                if result.shape != target.shape or result.dtype != target.dtype:
                    break
                pointer, version = target.data_ptr(), target._version
                ag.manual_seed(0)
                getattr(target, f"{name}_")(*call.args[1:], **call.kwargs)
                assert target._version == version + 1 and target.data_ptr() == pointer
                if target.requires_grad:
                    (target * target.detach()).sum().backward()
                found.append([target, *[t.grad for t in call.leaves]])
        if found and not is_random(entry, sample):
            there, here = [[to_numpy(t) for t in group] for group in found]
            for got, want in zip(there, here, strict=True):
                assert (got is None) == (want is None)
                if want is not None:
                    assert_equal(got, want, 1e-9, 1e-11, f"{entry.name}_{sample}")


@entries
def test_devices_do_not_mix(gpu: Backend, entry: Entry) -> None:
    """A tensor of the CPU among those of the GPU raises, and nothing is moved in silence."""
    sample = samples(entry)[0]
    with ag.device(gpu.device_type):
        call = Call(sample)
    first, second = (*call.args, None, None)[:2]
    if entry.name in APART or not all(isinstance(t, ag.Tensor) for t in (first, second)):
        return
    if not second.ndim or not second.is_floating_point():  # indices may come from the CPU
        return
    args = [first, second.detach().cpu(), *call.args[2:]]
    with pytest.raises((RuntimeError, TypeError, ValueError), match=r"cpu|device"):
        entry.function(*args, **call.kwargs)


def test_the_table_is_compared_as_a_whole() -> None:
    assert len(ENTRIES) > 80
    values = [ag.tensor([1.0, 2.0], dtype=ag.float64), ag.tensor([[3.0]], dtype=ag.float64)]
    assert weighted(values).item() == pytest.approx(1 / 3 + 4 / 3 + 1.5)
    assert np.shape(to_numpy(values)[1]) == (1, 1)
