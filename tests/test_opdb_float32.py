"""Values and gradients in float32 are PyTorch's to five digits, on all samples that PyTorch tests
itself with, and nothing that comes of them is wider. The figures stand in the coverage table."""

from __future__ import annotations

import warnings
from typing import Any

import coverage_data
import pytest
from opdb_samples import (
    NOTES,
    RANDOM,
    TABLE,
    Named,
    arguments,
    as_leaf,
    calls,
    derivatives,
    dtype_name,
    full_name,
    outputs,
    torch,
)
from test_opdb_dtypes import WIDEST, by_name, compare, samples

import autograd_core as ag
from autograd_core.registry import Entry

# In the quick suite only the first samples, and of these only that nothing is wider (values are in
# test_opdb_dtypes); all of them with -m slow.
FEW = 1

# These are float64 whatever comes in, as in PyTorch.
DOUBLE = {"float_power", "double", "cdouble"}

DELIBERATE = {
    n for note in NOTES["otherwise"] if "float32" in note["figures"] for n in note["names"]
}


def wider(entry: Entry | Named, op: Any, sample: Any) -> str:
    """Which of values, gradients and second gradients are wider than the arguments, if any.

    A sample that asks for another dtype, or has wider arguments itself, may have them.
    """
    function, _ = calls(entry, op)
    sample = sample.transform(as_leaf)
    leaves: list[tuple[Any, Any]] = []
    args, kwargs = arguments(sample, leaves)
    given = outputs([*args, *kwargs.values()], ag.Tensor)
    asked = isinstance(kwargs.get("dtype"), ag.dtype) or any(isinstance(a, ag.dtype) for a in args)
    if asked or entry.name in DOUBLE or any(dtype_name(t) in WIDEST for t in given):
        return ""
    # (PyTorch's process leaves out signs and phases of decompositions.)
    process = sample.output_process_fn_grad
    results = outputs(process(function(*args, **kwargs)), ag.Tensor)
    found = {f"value {i}": t for i, t in enumerate(results)}
    smooth = [t for t in results if t.requires_grad]
    sources = [o for _, o in leaves]
    if smooth and sources:
        ways = [ag.ones_like(t) for t in smooth]
        first, second = derivatives(ag, smooth, sources, ways, True)
        found |= {f"gradient {i}": t for i, t in enumerate(first) if t is not None}
        found |= {f"second gradient {i}": t for i, t in enumerate(second) if t is not None}
    return ", ".join(f"{what} is {t.dtype}" for what, t in found.items() if dtype_name(t) in WIDEST)


def fault(entry: Entry | Named, op: Any, sample: Any) -> str:
    """What is wrong with a sample, an empty text if nothing is."""
    try:
        found = [*compare(entry, op, sample), wider(entry, op, sample)]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "; ".join(filter(None, found))


@by_name
def test_nothing_is_wider(entry: Entry | Named) -> None:
    """No float32 ever yields float64: neither in value nor in gradient nor in second gradient."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        for op in TABLE[entry.name]:
            for sample in samples(op, torch.float32, FEW) if torch.float32 in op.dtypes else ():
                found = wider(entry, op, sample)
                assert not found, f"{full_name(op)}: {found}\n    {sample}"


@pytest.mark.slow
@by_name
def test_all_samples(entry: Entry | Named, coverage: coverage_data.Note) -> None:
    if entry.name in RANDOM and ag.get_default_device().type != "cpu":
        pytest.skip("other devices draw other numbers")
    failures, total = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        for op in TABLE[entry.name]:
            for sample in samples(op, torch.float32, None) if torch.float32 in op.dtypes else ():
                total += 1
                found = fault(entry, op, sample)
                if found:
                    failures.append(f"{full_name(op)} {found[:300]}\n    {str(sample)[:200]}")
    coverage(entry.name, float32=[total - len(failures), total] if total else None)
    assert entry.name in DELIBERATE or not failures, (
        f"{len(failures)} of {total} samples:\n" + "\n".join(failures[:8])
    )
    assert entry.name not in DELIBERATE or failures, "coverage.toml's reason is not needed any more"
