"""Things of the wrong kind, given to operators that are compositions: refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import DtypeError
from autograd_core.nn import functional as F


def x() -> Any:
    return ag.ones(1, 1, 3, 3)


def table() -> Any:
    return ag.ones(4, 2)


def bag(*args: Any, **options: Any) -> Any:
    return F.embedding_bag(ag.tensor([[1]]), *args, **options)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: F.grid_sample([[1]], x()), "grid_sample: input must be a tensor"),
        (lambda: F.grid_sample(x(), None), "grid_sample: grid must be a tensor"),
        (lambda: F.grid_sample(np.ones((1, 1, 2, 2)), x()), "grid_sample: input must be a tensor"),
        (lambda: F.affine_grid([[1]], (1, 1, 2, 2)), "affine_grid: theta must be a tensor"),
        (lambda: F.affine_grid(ag.ones(1, 2, 3), None), "affine_grid: sizes must be integers"),
        (lambda: F.affine_grid(ag.ones(1, 2, 3), (1, 1, 2.5, 2)), "affine_grid: sizes must"),
        (lambda: F.interpolate([1.0], 2), "interpolate: input must be a tensor"),
        (lambda: F.interpolate(x(), (2.5, 2)), "interpolate: size must be an integer"),
        (lambda: F.interpolate(x(), "a"), "interpolate: size must be"),
        (lambda: F.embedding_bag([[1]], table()), "embedding_bag: input must be a tensor"),
        (lambda: bag(None), "embedding_bag: weight must be a tensor"),
        (lambda: bag(table(), [0]), "embedding_bag: offsets must be a tensor"),
        (lambda: bag(table(), padding_idx=1.5), "embedding_bag: padding_idx must be an integer"),
        (lambda: bag(table(), max_norm="a"), "embedding_bag: max_norm"),
        (lambda: F.embedding(ag.tensor([1]), None), "embedding: weight must be a tensor"),
        (lambda: ag.convolve([1, 2], ag.ones(2)), "convolve: a must be a tensor"),
        (lambda: ag.correlate(ag.ones(2), 3), "correlate: v must be a tensor"),
        (lambda: ag.interp(x(), [1.0, 2.0], ag.ones(2)), "interp: xp must be a tensor"),
        (lambda: ag.segment_reduce([1.0], "sum", lengths=ag.tensor([1])), "data must be a tensor"),
        (lambda: ag.segment_reduce(ag.ones(2), "sum", lengths=[2]), "lengths must be a tensor"),
        (lambda: ag.select(x() > 0, lambda x: None, 0.0, x()), "select: f must give"),
        (lambda: ag.select([True], lambda x: x, 0.0, x()), "select: mask must be a boolean"),
        (lambda: ag.select(x(), "a", 0), "select: dim must be an integer"),
        (lambda: ag.safe_sqrt([1.0]), "safe_sqrt: input must be a tensor"),
        (lambda: ag.safe_log(None), "safe_log: input must be a tensor"),
        (lambda: ag.safe_log(x(), "a"), "safe_log: smallest must be"),
        (lambda: ag.safe_norm(x(), "a"), "safe_norm: smallest must be"),
        (lambda: ag.linalg.svd([[1.0]]), "linalg.svd: A must be a tensor"),
        (lambda: ag.linalg.eigh([[1.0]]), "linalg.eigh: A must be a tensor"),
        (lambda: ag.linalg.solve(ag.eye(1), [1.0]), "linalg.solve: B must be a tensor"),
        (lambda: F.conv2d(x(), [[[[1.0]]]]), "conv2d: weight must be a tensor"),
        (lambda: ag.searchsorted([1.0], x()), "searchsorted: sorted_sequence must be a tensor"),
        (lambda: ag.svd_lowrank([[1.0]]), "svd_lowrank: A must be a tensor"),
        (lambda: ag.special.bessel_j0([1.0]), "special.bessel_j0: expected a tensor"),
        (lambda: ag.special.zeta(1.0, 2.0), "special.zeta: expected a tensor"),
        (lambda: ag.nonzero_static([1], size=2), "nonzero_static: input must be a tensor"),
        (lambda: ag.nonzero_static(x(), size=1.5), "nonzero_static: size must be an integer"),
        (lambda: ag.odeint(None, ag.ones(1), [0.0, 1.0]), "odeint: func must be"),
        (lambda: ag.odeint(lambda t, y: None, ag.ones(1), [0.0, 1.0]), "odeint: func must return"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError, RuntimeError), match=words):
        call()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: F.silu(ag.ones(2, dtype=ag.int64)),
            (
                "silu: input must be of a real floating-point dtype, got (2,) int64. "
                "Mend: input.float()"
            ),
        ),
        (
            lambda: ag.sort(ag.ones(2, dtype=ag.complex64)),
            "sort: input must be real, got (2,) complex64. Mend: input.abs(), .real or .imag",
        ),
        (
            lambda: ag.mean(ag.ones(2, dtype=ag.int32)),
            (
                "mean: input must be of a floating-point or complex dtype, got (2,) int32. "
                "Mend: input.float()"
            ),
        ),
        (
            lambda: F.nll_loss(ag.ones(1, 2), ag.ones(1)),
            (
                "nll_loss: target must hold class indices (integers), got (1,) float32. "
                "Mend: target.long()"
            ),
        ),
        (
            lambda: F.max_pool1d(ag.ones(1, 1, 2, dtype=ag.bool), 2),
            "max_pool1d: input must hold numbers, got (1, 1, 2) bool. Mend: input.float()",
        ),
        (
            lambda: F.conv1d(ag.ones(1, 1, 2), ag.ones(1, 1, 1), ag.ones(1).double()),
            (
                "conv1d: input, weight and bias must have one dtype, got input float32, weight "
                "float32 and bias float64. Mend: bias.to(input.dtype)"
            ),
        ),
    ],
)
def test_a_dtype_is_refused_in_one_form(call: Any, text: str) -> None:
    with pytest.raises(DtypeError) as caught:
        call()
    assert str(caught.value).startswith(text)
