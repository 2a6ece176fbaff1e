"""Random programs of views and in-place writes: every gradient agrees with finite differences.

A program may be refused (a value that backward needs was changed), but is never silently wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import GraphError


def _fill_last(x: Any, y: Any) -> Any:
    x[-1] = y.sum() * 0.3
    return x


def _set_first(x: Any, y: Any) -> Any:
    x[0] = 0.5
    return x


# Each instruction makes a value of two others, or changes the first in place and returns it.
INSTRUCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "neg": lambda x, y: -x,
    "exp": lambda x, y: (x * 0.3).exp(),
    "square": lambda x, y: x * x * 0.7,
    "sum": lambda x, y: x.sum(0),
    "clone": lambda x, y: x.clone(),
    "cat": lambda x, y: ag.cat([x, y], 0),
    "flatten": lambda x, y: x.reshape(-1),
    "fold": lambda x, y: x.reshape(3, -1),
    "transpose": lambda x, y: x.transpose(0, 1),
    "select": lambda x, y: x[0],
    "narrow": lambda x, y: x[:1],
    "expand": lambda x, y: x.expand(2, *x.shape),
    "unbind": lambda x, y: x.unbind(0)[-1],
    "split": lambda x, y: x.split(1, 0)[0],
    "add_": lambda x, y: x.add_(y),
    "mul_": lambda x, y: x.mul_(0.8),
    "exp_": lambda x, y: x.mul_(0.2).exp_(),
    "copy_": lambda x, y: x.copy_(y),
    "fill last": _fill_last,
    "set first": _set_first,
}


def run(seed: int, data: list[np.ndarray]) -> tuple[Any, list[ag.Tensor]]:
    """The result of the program with number ``seed``, and its leaves."""
    choose = random.Random(seed)
    leaves = [ag.tensor(d, dtype=ag.float64, requires_grad=True) for d in data]
    values = [leaf * 1 for leaf in leaves]
    for _ in range(choose.randint(4, 14)):
        name = choose.choice(list(INSTRUCTIONS))
        x, y = choose.choice(values), choose.choice(values)
        try:
            values.append(INSTRUCTIONS[name](x, y))
        except (RuntimeError, IndexError, TypeError, ValueError):
            values.append(x)  # shapes that do not fit, or a write that is refused
    total = values[-1].sum() * 0
    for value in values[-3:]:
        total = total + (value * value).sum()
    return total, leaves


def check(seed: int) -> None:
    data = list(np.random.default_rng(seed).uniform(0.2, 1.0, (2, 2, 3)))
    total, leaves = run(seed, data)
    try:
        total.backward()
    except GraphError:
        return
    for number, leaf in enumerate(leaves):
        numeric = np.zeros(6)
        for position in range(6):
            ends = []
            for step in (1e-6, -1e-6):
                shifted = [d.copy() for d in data]
                shifted[number].reshape(-1)[position] += step
                ends.append(run(seed, shifted)[0].item())
            numeric[position] = (ends[0] - ends[1]) / 2e-6
        got = np.zeros((2, 3)) if leaf.grad is None else np.array(leaf.grad.tolist())
        scale = max(1.0, np.abs(numeric).max())
        np.testing.assert_allclose(got.reshape(-1), numeric, rtol=1e-3, atol=1e-5 * scale)


@pytest.mark.parametrize("start", range(0, 100, 20))
def test_random_programs(start: int) -> None:
    for seed in range(start, start + 20):
        check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 3000, 100))
def test_many_random_programs(start: int) -> None:
    for seed in range(start, start + 100):
        check(seed)
