"""Values and gradients equal PyTorch's on the samples that PyTorch tests itself with."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from opdb_samples import (
    RANDOM,
    TABLE,
    arguments,
    as_leaf,
    calls,
    certain,
    dtype_name,
    gradients,
    outputs,
    to_numpy,
    torch,
)
from operator_table import ENTRIES

import autograd_core as ag
from autograd_core.operator_checks import assert_equal
from autograd_core.registry import Entry

# In the quick suite only the first samples of each operator; all of them with -m slow.
FEW = 6

# What this engine refuses or does otherwise on purpose, operator by operator; see
# docs/deviations.md.
DELIBERATE: dict[str, str] = {
    "nextafter": "PyTorch has no gradient",
    "as_strided_scatter": "PyTorch gives gradients to the elements that were replaced",
}

# What PyTorch itself computes to fewer digits.
LESS_EXACT = {"polygamma": 1e-9, "nn.functional.hardsigmoid": 1e-7}

# What samples are asked for, in this order: some operators take complex numbers or integers only.
DTYPES = (torch.float64, torch.complex128, torch.int64)

entries = [e for e in ENTRIES if e.name in TABLE]
by_name = pytest.mark.parametrize("entry", entries, ids=lambda e: e.name)


def compare(entry: Entry, op: Any, sample: Any) -> None:
    """One sample: the values, then the gradients for a fixed cotangent."""
    function, reference = calls(entry, op)
    sample = sample.transform(as_leaf)
    want = reference(sample.input, *sample.args, **sample.kwargs)
    leaves: list[tuple[Any, Any]] = []
    args, kwargs = arguments(sample, leaves)
    got = function(*args, **kwargs)
    # Of decompositions, what does not depend on the choice of signs and phases.
    process = sample.output_process_fn_grad
    want, got = process(want), process(got)
    wants, gots = outputs(want, torch.Tensor), outputs(got, ag.Tensor)
    if not wants:
        assert got == want
        return
    assert len(gots) == len(wants)
    pairs = []
    for w, g in zip(wants, gots, strict=True):
        assert dtype_name(g) == dtype_name(w), f"dtype {g.dtype}, PyTorch {w.dtype}"
        assert_equal(to_numpy(g), to_numpy(w), LESS_EXACT.get(entry.name, 1e-10), 1e-12, entry.name)
        assert g.requires_grad == w.requires_grad, "requires_grad differs"
        if w.requires_grad:
            pairs.append((w, g))
    if not pairs or not leaves or entry.name in DELIBERATE:
        return
    for i, (t, o) in enumerate(gradients(pairs, leaves)):
        if t is None or o is None:
            rest = o if t is None else t
            assert rest is None or not bool((rest != 0).any()), (
                f"gradient {i} is missing on one side"
            )
            continue
        exact = max(LESS_EXACT.get(entry.name, 0), 1e-9)
        assert_equal(
            to_numpy(o),
            to_numpy(t),
            *((1e-4, 1e-5) if t.dtype == torch.float32 else (exact, 1e-11)),
            f"gradient {i} of {entry.name}",
        )


def sweep(entry: Entry, few: int | None) -> None:
    if entry.name in RANDOM and ag.get_default_device().type != "cpu":
        pytest.skip("other devices draw other numbers")
    failures, total = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        for op in TABLE[entry.name]:
            dtype = next((d for d in DTYPES if d in op.dtypes), None)
            if dtype is None:  # a variant for GPUs
                continue
            requires_grad = op.supports_autograd and dtype != torch.int64
            samples = list(op.sample_inputs("cpu", dtype, requires_grad=requires_grad))
            for index, sample in enumerate(samples[:few]):
                total += 1
                try:
                    compare(entry, op, certain(op, sample))
                except Exception as error:
                    failures.append(
                        f"[{index}] {type(error).__name__}: {str(error)[:300]}\n"
                        f"    {str(sample)[:300]}"
                    )
    assert not failures, f"{len(failures)} of {total} samples:\n" + "\n".join(failures[:8])


@by_name
def test_first_samples(entry: Entry) -> None:
    sweep(entry, FEW)


@pytest.mark.slow
@by_name
def test_all_samples(entry: Entry) -> None:
    sweep(entry, None)
