"""Values, gradients and second gradients equal PyTorch's on the samples that PyTorch tests itself
with. The figures stand in the coverage table."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import coverage_data
import pytest
from opdb_samples import (
    LESS_EXACT,
    NAMES,
    NOTES,
    RANDOM,
    TABLE,
    UNINITIALISED,
    Named,
    arguments,
    as_leaf,
    calls,
    certain,
    cotangents,
    derivatives,
    dtype_name,
    find,
    full_name,
    here,
    outputs,
    to_numpy,
    torch,
)

import autograd_core as ag
from autograd_core.operator_checks import assert_equal, map_tensors
from autograd_core.registry import Entry

# In the quick suite only the first samples of each operator; all of them with -m slow.
FEW = 6

# What is otherwise on purpose: (operator, figure of the coverage table).
DELIBERATE = {
    (name, figure) for n in NOTES["otherwise"] for name in n["names"] for figure in n["figures"]
}

# What samples are asked for, in this order: some operators take complex numbers or integers only.
DTYPES = (torch.float64, torch.complex128, torch.int64, torch.float32)
COMPLEX = (torch.complex128,)

operators = [found for found in map(find, NAMES) if found is not None]
# Of some samples of these PyTorch's second derivatives leave out a part, without an error.
ONCE = {"nn.functional.linear_cross_entropy"}

by_name = pytest.mark.parametrize("entry", operators, ids=lambda e: e.name)
STAGES = ("value", "gradient", "second")
DIFFERENCES: Counter[str] = Counter()  # how many samples PyTorch could not judge to second order


def compare(entry: Entry | Named, op: Any, sample: Any, twice: bool) -> dict[str, str]:
    """What is wrong with value, gradient and second gradient, an empty text if nothing is; without
    those that PyTorch does not have."""
    function, reference = calls(entry, op)
    sample = sample.transform(as_leaf)
    process = sample.output_process_fn_grad  # leaves out signs and phases of decompositions
    want = process(reference(sample.input, *sample.args, **sample.kwargs))
    wants = outputs(want, torch.Tensor)
    smooth = [i for i, w in enumerate(wants) if w.requires_grad]
    leaves: list[tuple[Any, Any]] = []
    args, kwargs = arguments(sample, leaves)
    found = dict.fromkeys(STAGES[: 3 if twice else 2] if smooth and leaves else STAGES[:1], "")
    stage = "value"
    try:
        got = process(function(*args, **kwargs))
        gots = outputs(got, ag.Tensor)
        same_values(entry, want, wants, got, gots)
        if len(found) == 1:
            return found
        stage = "gradient"
        given = cotangents([wants[i] for i in smooth])
        theirs, second = their_gradients(op, [wants[i] for i in smooth], leaves, given, twice)
        sources, given = [o for _, o in leaves], here(given, [])
        ours = derivatives(ag, [gots[i] for i in smooth], sources, given, second)
        same_gradients(entry, stage, theirs[0], ours[0])
        if second:
            stage = "second"
            same_gradients(entry, stage, theirs[1], ours[1])
        elif twice:
            stage = "second"
            DIFFERENCES[entry.name] += 1
            check_by_differences(function, process, args, kwargs, sources)
    except Exception as error:
        message = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        for later in list(found)[STAGES.index(stage) :]:
            found[later] = message
    return found


def their_gradients(op: Any, outputs: Any, leaves: Any, given: Any, twice: bool) -> Any:
    """PyTorch's first and second gradients, and whether it has the second ones."""
    sources = [t for t, _ in leaves]
    if twice and op.supports_gradgrad and op.name not in ONCE:
        try:
            found = derivatives(torch, outputs, sources, given, True)
            return found, any(g is not None and g.requires_grad for g in found[0])
        except RuntimeError:
            pass  # not implemented
    return derivatives(torch, outputs, sources, given), False


def same_values(entry: Entry | Named, want: Any, wants: Any, got: Any, gots: Any) -> None:
    if not wants:
        assert got == want
        return
    assert len(gots) == len(wants)
    for w, g in zip(wants, gots, strict=True):
        assert dtype_name(g) == dtype_name(w), f"dtype {g.dtype}, PyTorch {w.dtype}"
        assert tuple(g.shape) == tuple(w.shape)
        assert g.requires_grad == w.requires_grad, "requires_grad differs"
        if entry.name not in UNINITIALISED:
            exact = LESS_EXACT.get(entry.name, 1e-10)
            assert_equal(to_numpy(g), to_numpy(w), exact, 1e-12, "value")


def same_gradients(entry: Entry | Named, stage: str, theirs: Any, ours: Any) -> None:
    for i, (t, o) in enumerate(zip(theirs, ours, strict=True)):
        if t is None or o is None:
            rest = o if t is None else t
            if rest is not None:  # a missing gradient is one of zeros
                assert_equal(to_numpy(rest) * 0, to_numpy(rest), 0, 1e-11, f"{stage} {i}")
            continue
        exact = max(LESS_EXACT.get(entry.name, 0), 1e-9)
        assert_equal(
            to_numpy(o),
            to_numpy(t),
            *((1e-4, 1e-5) if t.dtype == torch.float32 else (exact, 1e-11)),
            f"{stage} {i}",
        )


def check_by_differences(function: Any, process: Any, args: Any, kwargs: Any, leaves: Any) -> None:
    """Second gradients against finite differences, for what PyTorch differentiates only once."""

    def call(*values: Any) -> Any:
        known = {id(leaf): value for leaf, value in zip(leaves, values, strict=True)}
        result = process(function(*map_tensors(args, known), **map_tensors(kwargs, known)))
        return tuple(t for t in outputs(result, ag.Tensor) if t.requires_grad)

    ag.autograd.gradgradcheck(call, tuple(leaves), fast_mode=True)


def samples(name: str, dtypes: Any, few: int | None) -> Iterator[tuple[Any, Any]]:
    """The variants of an operator with their samples, in the first of the dtypes that they have."""
    for op in TABLE[name]:
        dtype = next((d for d in dtypes if d in op.dtypes), None)
        if dtype is not None:  # (else a variant for GPUs)
            requires_grad = op.supports_autograd and dtype != torch.int64
            for sample in islice(op.sample_inputs("cpu", dtype, requires_grad=requires_grad), few):
                yield op, certain(op, sample)


def sweep(entry: Entry | Named, dtypes: Any, few: int | None, twice: bool) -> dict[str, list[int]]:
    """Compare samples; how many passed, of how many, by stage. In complex numbers all stages count
    as one.

    Raises if one fails and the coverage table gives no reason for it.
    """
    if entry.name in RANDOM and ag.get_default_device().type != "cpu":
        pytest.skip("other devices draw other numbers")
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    failures = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        for index, (op, sample) in enumerate(samples(entry.name, dtypes, few)):
            faults = compare(entry, op, sample, twice)
            if dtypes is COMPLEX:
                faults = {"complex": next(filter(None, faults.values()), "")}
            for figure, fault in faults.items():
                total[figure] += 1
                passed[figure] += not fault
                if fault and (entry.name, figure) not in DELIBERATE:
                    failures.append(f"{full_name(op)} [{index}] {fault}\n    {str(sample)[:300]}")
    assert not failures, f"{len(failures)} failures:\n" + "\n".join(failures[:8])
    return {figure: [passed[figure], total[figure]] for figure in total}


def without_need(entry: Entry | Named, found: dict[str, list[int]]) -> list[str]:
    """Figures that the coverage table gives a reason for, although all samples pass."""
    return [f for f, (n, of) in found.items() if n == of and (entry.name, f) in DELIBERATE]


@by_name
def test_first_samples(entry: Entry | Named) -> None:
    sweep(entry, DTYPES, FEW, twice=False)


@pytest.mark.slow
@by_name
def test_all_samples(entry: Entry | Named, coverage: coverage_data.Note) -> None:
    found = sweep(entry, DTYPES, None, twice=True)
    differences = True if DIFFERENCES.pop(entry.name, 0) else None
    coverage(entry.name, **{f: found.get(f) for f in STAGES}, differences=differences)
    assert not without_need(entry, found)


@pytest.mark.slow
@by_name
def test_all_complex_samples(entry: Entry | Named, coverage: coverage_data.Note) -> None:
    found = sweep(entry, COMPLEX, None, twice=True)
    coverage(entry.name, complex=found.get("complex"))
    assert not without_need(entry, found)
