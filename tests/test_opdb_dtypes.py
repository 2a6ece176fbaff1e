"""The dtypes of values and gradients are PyTorch's, and the values are right to the dtype's
precision, on PyTorch's own samples (op_db) in every dtype."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import coverage_data
import numpy as np
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
    words,
)

import autograd_core as ag
from autograd_core.registry import Entry

# How near to PyTorch's a value must be: see ``room``. Half types: four roundings.
NEAR = {
    "float16": 4 * 2.0**-11,
    "bfloat16": 4 * 2.0**-8,
    "float32": 1e-5,
    "complex64": 1e-5,
    "float64": 1e-9,
    "complex128": 1e-9,
}
WHOLE = ("int8", "int16", "int32", "int64", "uint8", "bool")
DTYPES = (*NEAR, *WHOLE)
WIDE = {
    torch.float16: torch.float64,
    torch.bfloat16: torch.float64,
    torch.float32: torch.float64,
    torch.complex64: torch.complex128,
}

# Long chains of sums of exponentials, each rounded.
LESS_EXACT = {**LESS_EXACT, "nn.functional.ctc_loss": 1e-4}

# In the quick suite only the first sample of each operator in these dtypes; all with -m slow.
FEW, QUICK = 1, ("float16", "float32", "int64", "bool")

# Which of several equal elements is meant is not the same in PyTorch, which sorts unstably, nor
# are places and gradients then.
TIES = {"argsort", "kthvalue", "mode", "msort", "sort", "topk"}

COMPLEX = ("complex64", "complex128")
WIDEST = ("float64", "complex128")

# What is otherwise on purpose, as the coverage table says: dtypes (operator, dtype), and gradients.
DELIBERATE = {
    (name, dtype)
    for note in NOTES["otherwise"]
    for name in note["names"]
    for dtype in note.get("dtypes", ())
}
GRADIENTS = {
    (name, dtype)
    for note in NOTES["otherwise"]
    for name in note["names"]
    for dtype in (COMPLEX if note["figures"] == ["complex"] else DTYPES)
    if {"gradient", "complex"} & set(note["figures"])
}

operators = [found for found in map(find, NAMES) if found is not None]
by_name = pytest.mark.parametrize("entry", operators, ids=lambda e: e.name)


def in_double(value: Any) -> Any:
    """A tensor of PyTorch's (or a dtype among the arguments) in double precision."""
    if isinstance(value, torch.dtype):
        return WIDE.get(value, value)
    if isinstance(value, torch.Tensor):
        return (
            value.detach()
            .to(WIDE.get(value.dtype, value.dtype))
            .requires_grad_(value.requires_grad)
        )
    return value


class Exact:
    """What PyTorch computes of a sample in double precision, once it is asked for."""

    def __init__(self, op: Any, reference: Callable[..., Any], sample: Any) -> None:
        self.reference, self.sample = reference, sample
        self._done: tuple[list[Any], list[Any]] | None = None

    def __call__(self, which: int, index: int) -> Any:
        """Output (0) or gradient (1) number ``index``."""
        if self._done is None:
            sample = self.sample.transform(in_double)
            result = self.reference(sample.input, *sample.args, **sample.kwargs)
            values = outputs(sample.output_process_fn_grad(result), torch.Tensor)
            leaves: list[tuple[Any, Any]] = []
            arguments(sample, leaves)
            self._done = values, self._gradients(values, [t for t, _ in leaves])
        return to_numpy(self._done[which][index])

    def _gradients(self, values: list[Any], leaves: list[Any]) -> list[Any]:
        smooth = [v for v in values if v.requires_grad]
        if not smooth or not leaves:
            return []
        sample = self.sample  # cotangents are rounded to the dtype of its result
        result = self.reference(sample.input, *sample.args, **sample.kwargs)
        plain = outputs(sample.output_process_fn_grad(result), torch.Tensor)
        given = cotangents([v for v in plain if v.requires_grad])
        given = [c.to(v.dtype) for c, v in zip(given, smooth, strict=True)]
        return list(torch.autograd.grad(smooth, leaves, given, allow_unused=True))


def distance(got: Any, want: Any) -> Any:
    """How far values are apart; equal infinities and NaN not at all, others infinitely far."""
    wide = np.complex128 if "c" in (got.dtype.kind, want.dtype.kind) else np.float64
    got, want = got.astype(wide), want.astype(wide)
    same = (got == want) | ((got != got) & (want != want))
    apart = np.abs(np.where(same, 0, got) - np.where(same, 0, want))
    return np.where(np.isnan(apart), np.inf, apart)


def room(values: Any, near: float) -> Any:
    """How far off a value may be: by its own size, by that of its neighbours, and, for what should
    vanish, by what rounding leaves of differences of numbers near 1."""
    sizes = np.abs(values.astype(np.complex128))
    sizes = np.where(np.isfinite(sizes), sizes, 0)
    return near * (sizes + sizes.max(initial=0) + 0.05)


def wrong(got: Any, want: Any, exact: Callable[[], Any], near: float) -> str | None:
    """What is wrong with a value, if anything: it must be PyTorch's, to the precision of the dtype,
    or else be about as near to the value in double precision as PyTorch's is."""
    if got.shape != want.shape:
        return f"shape {got.shape}, PyTorch's {want.shape}"
    if got.dtype.kind in "biu":
        bad = got != want
    else:
        bad = distance(got, want) > room(want, near)
        if bad.any():
            right = exact()
            theirs = distance(want, right)
            theirs = np.maximum(theirs, theirs.max(initial=0, where=np.isfinite(theirs)))
            bad = distance(got, right) > 2 * theirs + room(right, near)
    if not bad.any():
        return None
    return f"{bad.sum()} of {bad.size} values: {got[bad][:3]}, PyTorch's {want[bad][:3]}"


def precision(value: Any, entry: Entry | Named) -> float:
    return max(NEAR.get(dtype_name(value), 0), LESS_EXACT.get(entry.name, 0))


def compare(entry: Entry | Named, op: Any, sample: Any) -> Iterator[str]:
    """What is wrong with one sample: dtypes and values of results, then of gradients."""
    function, reference = calls(entry, op)
    sample = sample.transform(as_leaf)
    exact = Exact(op, reference, sample)
    want = reference(sample.input, *sample.args, **sample.kwargs)
    leaves: list[tuple[Any, Any]] = []
    args, kwargs = arguments(sample, leaves)
    got = function(*args, **kwargs)
    process = sample.output_process_fn_grad
    wants, gots = outputs(process(want), torch.Tensor), outputs(process(got), ag.Tensor)
    pairs = []
    for i, (w, g) in enumerate(zip(wants, gots, strict=True)):
        if dtype_name(w) == "complex32":  # which NumPy does not have
            w = w.to(torch.complex64)
        if dtype_name(g) != dtype_name(w):
            yield f"result {i} is {dtype_name(g)}, PyTorch's {dtype_name(w)}"
            continue
        if entry.name in TIES and dtype_name(w) == "int64":
            continue
        if entry.name in UNINITIALISED:
            continue
        fault = wrong(to_numpy(g), to_numpy(w), lambda i=i: exact(0, i), precision(w, entry))
        if fault:
            yield f"result {i}: {fault}"
        if w.requires_grad and g.requires_grad:
            pairs.append((w, g))
    if not pairs or not leaves or entry.name in TIES:
        return
    given = cotangents([w for w, _ in pairs])
    theirs = derivatives(torch, [w for w, _ in pairs], [t for t, _ in leaves], given)[0]
    sources = [o for _, o in leaves]
    ours = derivatives(ag, [g for _, g in pairs], sources, here(given, []))[0]
    for i, (t, o) in enumerate(zip(theirs, ours, strict=True)):
        if t is None or o is None:
            continue
        if dtype_name(o) != dtype_name(t):
            yield f"gradient {i} is {dtype_name(o)}, PyTorch's {dtype_name(t)}"
            continue
        # A gradient cannot be more exact than the value that it comes from.
        near = max([precision(value, entry) for value in (t, *(w for w, _ in pairs))])
        fault = wrong(to_numpy(o), to_numpy(t), lambda i=i: exact(1, i), near)
        if fault:
            yield f"gradient {i}: {fault}"


def samples(op: Any, dtype: Any, few: int | None) -> Iterator[Any]:
    """PyTorch's samples of a dtype that it supports."""
    smooth = op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")
    for sample in islice(op.sample_inputs("cpu", dtype, requires_grad=smooth), few):
        yield certain(op, sample)


def sweep(entry: Entry | Named, dtypes: Any, few: int | None) -> list[str]:
    """Compare samples; the dtypes in which there were some, and all were equal."""
    if entry.name in RANDOM and ag.get_default_device().type != "cpu":
        pytest.skip("other devices draw other numbers")
    failures, total, compared, otherwise = [], 0, set(), set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        for op in TABLE[entry.name]:
            for name in dtypes:
                dtype = getattr(torch, name)
                if dtype not in op.dtypes:
                    continue
                for index, sample in enumerate(samples(op, dtype, few)):
                    total += 1
                    compared.add(name)
                    try:
                        faults = list(compare(entry, op, sample))
                    except Exception as error:
                        faults = [f"{type(error).__name__}: {error}"]
                    if (entry.name, name) in GRADIENTS:
                        faults = [fault for fault in faults if not fault.startswith("gradient")]
                    if (entry.name, name) in DELIBERATE:
                        otherwise |= {name} if faults else set()
                        continue
                    failures += [
                        f"{full_name(op)} {name} [{index}] {fault[:300]}\n    {str(sample)[:200]}"
                        for fault in faults
                    ]
    assert not failures, f"{len(failures)} of {total} samples:\n" + "\n".join(failures[:8])
    without_need = {d for d in compared - otherwise if (entry.name, d) in DELIBERATE}
    assert few or not without_need, f"reasons in coverage.toml without need: {without_need}"
    return [name for name in dtypes if name in compared - otherwise]


@by_name
def test_first_samples(entry: Entry | Named) -> None:
    sweep(entry, QUICK, FEW)


@pytest.mark.slow
@by_name
def test_all_samples(entry: Entry | Named, coverage: coverage_data.Note) -> None:
    coverage(entry.name, dtypes=sweep(entry, DTYPES, None))


# --- dtypes that PyTorch refuses -----------------------------------------------------------------

# Of complex numbers these are linear, or only ask whether two are equal.
LINEAR = {
    "index_reduce", "nanmean", "nansum", "unique_consecutive", "nn.functional.interpolate",
    "nn.functional.upsample_nearest", "nn.functional.embedding_bag", "arange", "tril_indices",
    "triu_indices",
} | {
    f"nn.functional.{name}{n}d" for name in ("avg_pool", "adaptive_avg_pool") for n in (1, 2, 3)
}  # fmt: skip


def widened(sample: Any, op: Any, given: str) -> Any:
    """A sample with the same values in a dtype that PyTorch has the operator for."""
    whole = given in WHOLE and torch.int64 in op.dtypes
    wide = torch.int64 if whole else torch.float64

    def convert(value: Any) -> Any:
        if isinstance(value, torch.Tensor) and dtype_name(value) == given:
            return value.to(wide)
        return wide if isinstance(value, torch.dtype) else value

    return sample.transform(convert)


def accepted(entry: Entry | Named, op: Any, sample: Any, given: str) -> str | None:
    """What is wrong with the answer to a sample that PyTorch refuses for its dtype, if anything."""
    function, reference = calls(entry, op)
    args, kwargs = arguments(sample, [])
    try:
        got = outputs(function(*args, **kwargs), ag.Tensor)
    except (TypeError, ValueError, RuntimeError, IndexError) as error:
        known = {given, given.rstrip("0123456789"), *words(entry)}
        named = known & set(re.findall(r"[\w.]+\w|\w", str(error)))
        return None if named else f"names nothing: {error}"
    if any(dtype_name(g) in WIDEST for g in got) and given not in WIDEST:
        return f"{[dtype_name(g) for g in got]} of {given}"
    if given in COMPLEX:
        return None if entry.name in LINEAR else "accepts complex numbers"
    sample = widened(sample, op, given)
    try:
        want = outputs(reference(sample.input, *sample.args, **sample.kwargs), torch.Tensor)
    except Exception:
        return None  # nothing to compare with
    for g, w in zip(map(to_numpy, got), map(to_numpy, want), strict=True):
        w = w.astype(g.dtype)  # integers wrap as sums do, great numbers are infinite
        if g.dtype.kind in "biu":
            far = (g != w) & (entry.name not in TIES)
        else:
            far = distance(g, w) > room(w, NEAR.get(given, 1e-5))
        if far.any():
            return f"{g[far][:3]}, in {w.dtype} {w[far][:3]}"
    return None


@by_name
def test_refused_dtypes(entry: Entry | Named) -> None:
    """What PyTorch refuses for its dtype is refused, or computed as in a wider dtype."""
    failures = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        for op in TABLE[entry.name] if entry.name not in RANDOM else ():
            for name in DTYPES:
                dtype = getattr(torch, name)
                if dtype in op.dtypes:
                    continue
                try:
                    sample = next(iter(op.sample_inputs("cpu", dtype, requires_grad=False)))
                except Exception:
                    continue  # no samples of this dtype can be made
                try:
                    op(sample.input, *sample.args, **sample.kwargs)
                except Exception:
                    fault = accepted(entry, op, sample, name)
                    if fault:
                        failures.append(f"{full_name(op)} {name}: {fault[:300]}")
    assert not failures, "\n".join(failures)
