"""Every operator of the table on a GPU gives what it gives on the CPU.

The tests run with the CuPy backend: on a GPU (``pytest -m gpu``) and, so that they are tested
themselves, everywhere on a CuPy that is acted out (``fake_cupy``).
"""

from __future__ import annotations

import numpy as np
import pytest
from operator_table import ENTRIES
from strict_device import StrictArray

import autograd_core as ag
from autograd_core.backends.base import Backend
from autograd_core.operator_checks import (
    Call,
    assert_equal,
    check_device,
    is_random,
    samples,
    to_numpy,
    weighted,
)
from autograd_core.registry import Entry

# What they do to one tensor has nothing to do with the other, or they copy, from any device.
APART = {
    "broadcast_tensors", "meshgrid", "as_strided_scatter", "diagonal_scatter", "select_scatter",
    "slice_scatter",
}  # fmt: skip

entries = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)


@entries
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_value_and_gradients(gpu: Backend, entry: Entry, dtype: str) -> None:
    acted_out = gpu.array_type is StrictArray
    order = 1 if acted_out and dtype == "float32" else 2  # (to save time)
    for sample in samples(entry):
        check_device(entry, sample, gpu.device_type, getattr(ag, dtype), order)


@entries
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves(gpu: Backend, entry: Entry, dtype: str) -> None:
    """They keep their dtype, and stay near the value on the CPU."""
    for sample in samples(entry) if entry.differentiable else ():
        check_device(entry, sample, gpu.device_type, getattr(ag, dtype), order=1)


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
