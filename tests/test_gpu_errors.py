"""What the CPU refuses, a GPU refuses by the same kind of error; what it takes, a GPU takes.

Each operator's samples are spoilt in turn: indices and dimensions out of range, shapes that do not
fit, other dtypes. As in ``test_gpu_operators``, the tests run on a GPU (``pytest -m gpu``) and on a
CuPy that is acted out.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from operator_table import ENTRIES

import autograd_core as ag
from autograd_core.backends.base import Backend
from autograd_core.errors import DivisionError
from autograd_core.operator_checks import (
    Call,
    all_tensors,
    assert_equal,
    is_array,
    is_random,
    map_arrays,
    samples,
    to_numpy,
)
from autograd_core.registry import Entry, Sample

DIMENSIONS = {"dim", "dims", "dim0", "dim1", "axis", "start_dim", "end_dim", "source"}


def spoilt(entry: Entry) -> Iterator[tuple[str, Sample]]:
    """Calls that are wrong, or at least unusual, and what about them."""
    signature = inspect.signature(entry.function)
    for sample in samples(entry)[:3]:
        bound = signature.bind(*sample.args, **sample.kwargs).arguments
        for name, value in bound.items():
            if name in DIMENSIONS and type(value) is int:
                yield f"{name} out of range", _with(sample, signature, name, 99)
            if is_array(value) and value.dtype.kind in "iu" and value.size:
                for shift in (1000, -1000):
                    yield f"{name} out of range", _with(sample, signature, name, value + shift)
            if is_array(value) and name != next(iter(bound)):
                strange = np.ones((5, 7, 11), value.dtype)
                yield f"{name} of another shape", _with(sample, signature, name, strange)
        for dtype in (np.int64, np.complex128, np.bool_):
            floats = lambda a, dtype=dtype: (
                np.nan_to_num(a).astype(dtype) if a.dtype.kind == "f" else a
            )
            changed = Sample(*map_arrays(sample.args, floats), **map_arrays(sample.kwargs, floats))
            yield f"{np.dtype(dtype)} in place of floats", changed
        return


def _with(sample: Sample, signature: inspect.Signature, name: str, value: Any) -> Sample:
    bound = signature.bind(*sample.args, **sample.kwargs)
    bound.arguments[name] = value
    return Sample(*bound.args, **bound.kwargs)


def outcome(entry: Entry, sample: Sample, where: str) -> Any:
    """The results' values, or the kind of the error."""
    with ag.device(where):
        try:
            results = all_tensors(Call(sample, requires_grad=False)(entry.function))
            return [(t.dtype, to_numpy(t)) for t in results]  # (reading raises what was found)
        except (ValueError, TypeError, IndexError, RuntimeError) as error:
            assert str(error), f"{entry.name}: an error without a message"
            return type(error)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_wrong_calls(gpu: Backend, entry: Entry) -> None:
    for what, sample in spoilt(entry):
        here, there = (outcome(entry, sample, where) for where in ("cpu", gpu.device_type))
        if here is DivisionError:
            continue  # a GPU makes anything of it: to look would make the host wait
        assert isinstance(here, type) == isinstance(there, type), f"{what}: {here}, not {there}"
        if isinstance(here, type):
            assert issubclass(there, here) or issubclass(here, there), (
                f"{what}: {there}, not {here}"
            )
        elif not is_random(entry, sample):
            assert [d for d, _ in here] == [d for d, _ in there], what
            values = [[value for _, value in found] for found in (there, here)]
            assert_equal(*values, 1e-6, 1e-6, f"{entry.name}: {what}")


def test_an_index_out_of_range_is_refused_everywhere(gpu: Backend) -> None:
    """Of those that look up or write at indices, each refuses what is out of range."""
    found = set()
    for entry in ENTRIES:
        for what, sample in spoilt(entry):
            if what in ("index out of range", "indices out of range"):
                assert outcome(entry, sample, "cpu") is not list
                kind = outcome(entry, sample, gpu.device_type)
                assert isinstance(kind, type) and issubclass(kind, (IndexError, RuntimeError)), (
                    f"{entry.name}: {what} gives {kind}"
                )
                found.add(entry.name)
    assert {"gather", "index_select", "scatter", "index_add", "take_along_dim"} <= found
