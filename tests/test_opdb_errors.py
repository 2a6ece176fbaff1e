"""What PyTorch refuses is refused here too, by an error that names the operator or the argument.

The cases are PyTorch's own (op_db's error inputs).
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from opdb_samples import NAMES, TABLE, Named, arguments, calls, find, full_name, words

from autograd_core.registry import Entry

EXPECTED = ("refused", "number", "absent")
REFUSALS = (ValueError, TypeError, IndexError, RuntimeError)

# A number in place of the other tensor is taken, and of these on either side
# (docs/deviations.md).
SYMMETRIC = {
    "fmax", "fmin", "gcd", "hypot", "lcm", "logaddexp", "logical_and", "logical_or", "logical_xor",
    "maximum", "minimum",
}  # fmt: skip
ORDERED = {"atan2", "heaviside", "igamma", "igammac", "isclose", "nextafter"}

# In the quick suite only the first cases of each operator; all of them with -m slow.
FEW = 2

entries = [
    entry
    for entry in map(find, NAMES)
    if entry is not None and any(op.error_inputs_func is not None for op in TABLE[entry.name])
]


def outcome(entry: Entry | Named, op: Any, case: Any) -> str:
    """What becomes of a case: "refused", "absent" (there is no such input here), "number" (taken on
    purpose), or what is wrong."""
    sample = case.sample_input
    try:
        args, kwargs = arguments(sample, [])
    except NotImplementedError:  # a tensor without data, on PyTorch's device "meta"
        return "absent"
    except ValueError as error:
        assert "number of dimensions" in str(error)  # more than NumPy has, so ag.tensor refuses it
        return "refused"
    if entry.name.startswith("__r") and not hasattr(args[0], "dtype"):
        return "absent"  # a method, which numbers do not have
    try:
        calls(entry, op)[0](*args, **kwargs)
    except REFUSALS as error:
        named = words(entry) & set(re.findall(r"[\w.]+\w|\w", str(error)))
        return "refused" if named else f"names nothing: {type(error).__name__}: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if "out" in kwargs and shares_memory(sample):
        return "absent"  # the copies for this engine do not share it
    numbers = [isinstance(a, int) for a in args]
    if (entry.name in SYMMETRIC and any(numbers)) or (entry.name in ORDERED and numbers[1]):
        return "number"
    try:
        op(sample.input, *sample.args, **sample.kwargs)
    except Exception:
        return "accepted"
    return "absent"  # PyTorch takes it after all


def shares_memory(sample: Any) -> bool:
    """Whether ``out`` has elements in one place, or in the place of an input's."""
    out = sample.kwargs["out"]
    inputs = sample.input if isinstance(sample.input, (list, tuple)) else [sample.input]
    places = {t.untyped_storage().data_ptr() for t in inputs if hasattr(t, "untyped_storage")}
    return 0 in out.stride() or out.untyped_storage().data_ptr() in places


def outcomes(entry: Entry | Named, few: int | None) -> Iterator[tuple[str, str]]:
    """Each case and what becomes of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        for op in TABLE[entry.name]:
            if op.error_inputs_func is not None:
                for index, case in enumerate(islice(op.error_inputs("cpu"), few)):
                    where = f"{full_name(op)}[{index}] {case.sample_input!s:.300}"
                    yield where, outcome(entry, op, case)


def check(entry: Entry | Named, few: int | None) -> Counter[str]:
    found = list(outcomes(entry, few))
    wrong = [f"{where}\n    {what:.300}" for where, what in found if what not in EXPECTED]
    assert not wrong, f"{len(wrong)} of {len(found)} cases:\n" + "\n".join(wrong)
    return Counter(what for _, what in found)


@pytest.mark.parametrize("entry", entries, ids=lambda e: e.name)
def test_first_error_inputs(entry: Entry | Named) -> None:
    check(entry, FEW)


@pytest.mark.slow
def test_all_error_inputs() -> None:
    total = sum((check(entry, None) for entry in entries), Counter())
    assert total["refused"] >= 0.95 * (total["refused"] + total["number"]), total
