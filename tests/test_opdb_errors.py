"""What PyTorch refuses is refused here too, by an error that names the operator or the argument.

The cases are PyTorch's own (op_db's error inputs).
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from opdb_samples import TABLE, arguments, calls, full_name
from operator_table import ENTRIES

from autograd_core.registry import Entry

EXPECTED = ("refused", "number", "absent")
REFUSALS = (ValueError, TypeError, IndexError, RuntimeError)

# A number in place of a tensor is taken where it can mean only one thing (docs/deviations.md).
NUMBERS = {
    "atan2", "fmax", "fmin", "gcd", "heaviside", "hypot", "isclose", "lcm", "logaddexp",
    "logical_and", "logical_or", "logical_xor", "maximum", "minimum", "nextafter",
}  # fmt: skip

# In the quick suite only the first cases of each operator; all of them with -m slow.
FEW = 2

entries = [
    e for e in ENTRIES if any(op.error_inputs_func is not None for op in TABLE.get(e.name, ()))
]


def words(entry: Entry) -> set[str]:
    """What a message may name: the operator, or one of its arguments."""
    names = {entry.name, entry.name.rpartition(".")[2]}
    for parameter in inspect.signature(entry.function).parameters.values():
        names.add(parameter.name)
    return names


def outcome(entry: Entry, op: Any, case: Any) -> str:
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
    try:
        calls(entry, op)[0](*args, **kwargs)
    except REFUSALS as error:
        named = words(entry) & set(re.findall(r"[\w.]+\w|\w", str(error)))
        return "refused" if named else f"names nothing: {type(error).__name__}: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if entry.name in NUMBERS and any(isinstance(a, (int, float)) for a in args):
        return "number"
    try:
        op(sample.input, *sample.args, **sample.kwargs)
    except Exception:
        return "accepted"
    return "absent"  # PyTorch takes it after all


def outcomes(entry: Entry, few: int | None) -> Iterator[tuple[str, str]]:
    """Each case and what becomes of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        for op in TABLE[entry.name]:
            if op.error_inputs_func is not None:
                for index, case in enumerate(islice(op.error_inputs("cpu"), few)):
                    where = f"{full_name(op)}[{index}] {case.sample_input!s:.300}"
                    yield where, outcome(entry, op, case)


def check(entry: Entry, few: int | None) -> Counter[str]:
    found = list(outcomes(entry, few))
    wrong = [f"{where}\n    {what:.300}" for where, what in found if what not in EXPECTED]
    assert not wrong, f"{len(wrong)} of {len(found)} cases:\n" + "\n".join(wrong)
    return Counter(what for _, what in found)


@pytest.mark.parametrize("entry", entries, ids=lambda e: e.name)
def test_first_error_inputs(entry: Entry) -> None:
    check(entry, FEW)


@pytest.mark.slow
def test_all_error_inputs() -> None:
    total = sum((check(entry, None) for entry in entries), Counter())
    assert total["refused"] >= 0.95 * (total["refused"] + total["number"]), total
