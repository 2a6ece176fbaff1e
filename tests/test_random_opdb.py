"""Samplers on PyTorch's own samples and error inputs: the same numbers, errors where it has them.

The operators that draw are no entries of the table of operators: without the same seed on both
sides there is nothing to compare.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from pytorch_streams import needs_own_stream

import autograd_core as ag
from autograd_core import generator as generators

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")  # PyTorch's own test helpers need it

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

IN_PLACE = {"uniform", "exponential", "cauchy", "geometric", "log_normal"}
NAMES = IN_PLACE | {
    "normal", "bernoulli", "multinomial", "randn", "randn_like", "rand_like", "randint",
    "randint_like",
}  # fmt: skip
OPS = [op for op in op_db if op.name in NAMES]
DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.complex64)
DIGITS = {torch.float32: 1e-6, torch.complex64: 1e-6, torch.bfloat16: 1e-2}

pytestmark = pytest.mark.cpu_only
by_operator = pytest.mark.parametrize("op", OPS, ids=lambda op: op.full_name)


@pytest.fixture(autouse=True)
def same_state() -> Iterator[None]:
    with generators.fork_rng():
        yield


def call(module: Any, op: Any, *args: Any, **kwargs: Any) -> Any:
    if op.name in IN_PLACE or op.variant_test_name == "in_place":
        return getattr(args[0].clone(), f"{op.name}_")(*args[1:], **kwargs)
    return getattr(module, op.name)(*args, **kwargs)


def here(value: Any) -> Any:
    """PyTorch's argument as ours."""
    if isinstance(value, torch.Tensor):
        made = ag.tensor(value.detach().tolist(), dtype=str(value.dtype).removeprefix("torch."))
        made = made.reshape(tuple(value.shape))
        return made.requires_grad_() if value.requires_grad else made
    if isinstance(value, torch.dtype):
        return getattr(ag, str(value).removeprefix("torch."))
    if isinstance(value, (torch.device, torch.layout)):
        return None if isinstance(value, torch.layout) else "cpu"
    if isinstance(value, (list, tuple)):
        return type(value)(here(v) for v in value)
    return value


def both(sample: Any) -> tuple[list[Any], dict[str, Any], dict[str, Any]]:
    theirs = {k: v for k, v in sample.kwargs.items() if k not in ("layout", "memory_format")}
    ours = {k: here(v) for k, v in theirs.items()}
    return [here(v) for v in (sample.input, *sample.args)], theirs, ours


@by_operator
def test_samples_give_the_same_numbers(op: Any) -> None:
    if op.name in ("exponential", "multinomial"):
        needs_own_stream()
    compared = 0
    for dtype in (d for d in DTYPES if d in op.dtypes):
        grad = op.supports_autograd and dtype.is_floating_point
        for sample in op.sample_inputs("cpu", dtype, requires_grad=grad):
            args, theirs, ours = both(sample)
            torch.manual_seed(5)
            want = call(torch, op, sample.input, *sample.args, **theirs)
            ag.manual_seed(5)
            got = call(ag, op, *args, **ours)
            assert tuple(got.shape) == tuple(want.shape)
            assert str(got.dtype).rpartition(".")[2] == str(want.dtype).rpartition(".")[2]
            kind = np.complex128 if want.is_complex() else np.float64
            values = [np.array(t.detach().tolist(), kind) for t in (got, want)]
            tolerance = DIGITS.get(dtype, 1e-14)
            np.testing.assert_allclose(*values, rtol=tolerance, atol=tolerance)
            assert got.requires_grad == want.requires_grad
            compared += 1
    assert compared


@pytest.mark.parametrize(
    "op", [op for op in OPS if op.error_inputs_func is not None], ids=lambda op: op.full_name
)
def test_errors(op: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        cases = list(op.error_inputs("cpu"))
    assert cases
    for case in cases:
        sample = case.sample_input
        if "number of categories" in str(case.error_regex):
            continue  # as many as there is memory for
        if any(isinstance(v, torch.Tensor) and 0 in v.stride() for v in sample.kwargs.values()):
            continue  # tensors with shared memory; test_out_with_shared_memory
        args, _, ours = both(sample)
        with pytest.raises(case.error_type):
            call(ag, op, *args, **ours)


def test_out_with_shared_memory() -> None:
    calls: list[Callable[[Any], Any]] = [
        lambda out: ag.bernoulli(ag.full((6,), 0.5), out=out),
        lambda out: ag.rand(6, out=out),
    ]
    for draw in calls:
        with pytest.raises(RuntimeError, match="share one memory"):
            draw(ag.zeros(1).expand(6))
