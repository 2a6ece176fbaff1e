"""Values and gradients equal PyTorch's on the samples that PyTorch tests itself with."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
from operator_table import ENTRIES

import autograd_core as ag
from autograd_core.operator_checks import assert_equal
from autograd_core.registry import Entry

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")  # PyTorch's own test helpers need it

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

TABLE: dict[str, list[Any]] = {}
for op in op_db:
    # (Views of a larger memory, which a copy into another engine does not have.)
    if op.variant_test_name != "partial_views":
        TABLE.setdefault(op.name, []).append(op)

# In the quick suite only the first samples of each operator; all of them with -m slow.
FEW = 6

# Randomness differs by construction; values are tested with the random streams.
RANDOM = {"nn.functional.dropout", "bernoulli", "normal"}

# What this engine refuses or does otherwise on purpose, operator by operator; see
# docs/deviations.md.
DELIBERATE: dict[str, str] = {
    "nextafter": "PyTorch has no gradient",
    "as_strided_scatter": "PyTorch gives gradients to the elements that were replaced",
}

# What PyTorch itself computes to fewer digits.
LESS_EXACT = {"polygamma": 1e-9}

# PyTorch's samples for these put the arguments in another order than the public function.
REORDERED = {
    "where": lambda input, condition, other: ag.where(condition, input, other),
    "einsum": lambda tensors, equation: ag.einsum(equation, *tensors),
    "polygamma": lambda input, n: ag.polygamma(n, input),
    "nn.functional.embedding": lambda weight, input, **options: ag.nn.functional.embedding(
        input, weight, **options
    ),
    # Variants, which are other functions.
    "linalg.pinv_singular": lambda a, b: ag.linalg.pinv(a @ b.mT),
    "linalg.lstsq_grad_oriented": lambda a, b, driver: ag.linalg.lstsq(a, b, driver=driver)[:2],
}
# What samples are asked for, in this order: some operators take complex numbers or integers only.
DTYPES = (torch.float64, torch.complex128, torch.int64)

# Of these PyTorch reads one triangle, and gives gradients to the other one too; its own checks
# therefore cut the argument (the number says which) to its triangle first.
TRIANGULAR = {"cholesky_solve": 1, "cholesky_inverse": 0}
# Likewise of these, whose argument must be Hermitian.
HERMITIAN = {"linalg.pinv_hermitian"}

entries = [e for e in ENTRIES if e.name in TABLE and e.name not in RANDOM]
by_name = pytest.mark.parametrize("entry", entries, ids=lambda e: e.name)


def here(value: Any, leaves: list[tuple[Any, Any]]) -> Any:
    """PyTorch's argument as ours; floating tensors that require grad are noted in ``leaves``."""
    if isinstance(value, torch.Tensor):
        array = value.detach().resolve_conj().resolve_neg().numpy()
        tensor = ag.tensor(array)
        if value.requires_grad:
            leaves.append((value, tensor.requires_grad_()))
        return tensor
    if isinstance(value, torch.dtype):
        return getattr(ag, str(value).removeprefix("torch."))
    if isinstance(value, torch.device):
        return None
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return (
            type(value)(here(v, leaves) for v in value)
            if type(value) in (list, tuple)
            else [here(v, leaves) for v in value]
        )
    if isinstance(value, dict):
        return {k: here(v, leaves) for k, v in value.items()}
    return value


def outputs(value: Any, kind: type) -> list[Any]:
    values = value if isinstance(value, (tuple, list)) else [value]
    return [v for v in values if isinstance(v, kind)]


def as_leaf(value: Any) -> Any:
    """Some samples are views of others; gradients are asked of what is passed."""
    part = isinstance(value, torch.Tensor) and value.requires_grad and value._is_view()
    return value.detach().clone().requires_grad_() if part else value


def on_hermitian(function: Any, A: Any, **kwargs: Any) -> Any:
    return function(A + A.mH, **kwargs)


def on_triangle(place: int, function: Any, *args: Any, **kwargs: Any) -> Any:
    cut = args[place].triu() if kwargs.get("upper") else args[place].tril()
    return function(*args[:place], cut, *args[place + 1 :], **kwargs)


def compare(entry: Entry, op: Any, sample: Any) -> None:
    """One sample: the values, then the gradients for a fixed cotangent."""
    full_name = f"{op.name}_{op.variant_test_name}" if op.variant_test_name else op.name
    function = REORDERED.get(full_name, REORDERED.get(entry.name, entry.function))
    call, reference = function, op
    if entry.name in TRIANGULAR:
        place = TRIANGULAR[entry.name]
        call, reference = partial(on_triangle, place, function), partial(on_triangle, place, op)
    elif full_name in HERMITIAN:
        call, reference = partial(on_hermitian, function), partial(on_hermitian, op)
    sample = sample.transform(as_leaf)
    want = reference(sample.input, *sample.args, **sample.kwargs)
    leaves: list[tuple[Any, Any]] = []
    args = [here(a, leaves) for a in (sample.input, *sample.args)]
    kwargs = {k: here(v, leaves) for k, v in sample.kwargs.items()}
    kwargs.pop("memory_format", None)
    got = call(*args, **kwargs)
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
        assert str(g.dtype).rpartition(".")[2] == str(w.dtype).rpartition(".")[2], (
            f"dtype {g.dtype}, PyTorch {w.dtype}"
        )
        assert_equal(
            g.detach().cpu().numpy(),
            w.detach().resolve_conj().resolve_neg().numpy(),
            LESS_EXACT.get(entry.name, 1e-10),
            1e-12,
            entry.name,
        )
        assert g.requires_grad == w.requires_grad, "requires_grad differs"
        if w.requires_grad:
            pairs.append((w, g))
    if not pairs or not leaves or entry.name in DELIBERATE:
        return
    rng = np.random.default_rng(0)
    cotangents = []
    for w, _ in pairs:
        c = rng.standard_normal(tuple(w.shape))
        cotangents.append(c + 1j * rng.standard_normal(tuple(w.shape)) if w.is_complex() else c)
    their_cotangents = [
        torch.tensor(c, dtype=w.dtype) for c, (w, _) in zip(cotangents, pairs, strict=True)
    ]
    our_cotangents = [
        ag.tensor(c, dtype=g.dtype) for c, (_, g) in zip(cotangents, pairs, strict=True)
    ]
    theirs = torch.autograd.grad(
        [w for w, _ in pairs], [t for t, _ in leaves], their_cotangents, allow_unused=True
    )
    ours = ag.autograd.grad(
        [g for _, g in pairs], [t for _, t in leaves], our_cotangents, allow_unused=True
    )
    for i, (t, o) in enumerate(zip(theirs, ours, strict=True)):
        if t is None or o is None:
            rest = o if t is None else t
            assert rest is None or not bool((rest != 0).any()), (
                f"gradient {i} is missing on one side"
            )
            continue
        assert_equal(
            o.cpu().numpy(),
            (t + 0).resolve_conj().resolve_neg().numpy(),
            *((1e-4, 1e-5) if t.dtype == torch.float32 else (1e-9, 1e-11)),
            f"gradient {i} of {entry.name}",
        )


def sweep(entry: Entry, few: int | None) -> None:
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
                    compare(entry, op, sample)
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
