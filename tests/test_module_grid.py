"""Every module of PyTorch, over a grid of arguments and inputs: the same text, attributes, first
numbers, results, gradients, buffers and state, in training and evaluation, float32 and float64."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from module_grid import (
    activation,
    attention,
    conv,
    linear,
    losses,
    normalization,
    pooling,
    recurrent,
    resizing,
)
from module_grid.beside import Disagreement, compare
from module_grid.case import Case, representative

from autograd_core import nn

torch = pytest.importorskip("torch")

FAMILIES = {
    "linear": linear,
    "conv": conv,
    "pooling": pooling,
    "normalization": normalization,
    "activation": activation,
    "resizing": resizing,
    "recurrent": recurrent,
    "attention": attention,
    "losses": losses,
}
CASES: dict[str, list[Case]] = {}
FAMILY: dict[str, str] = {}
for family, table in FAMILIES.items():
    for one in table.cases():
        CASES.setdefault(one.name, []).append(one)
        FAMILY[one.name] = family

# What is no layer of its own; other tests hold these beside PyTorch's.
ELSEWHERE = {
    *("Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"),
    *("RNNBase", "RNNCellBase", "DataParallel"),
}
SETTINGS = [(d, t) for d in ("float64", "float32") for t in (True, False)]

pytestmark = pytest.mark.filterwarnings("ignore")  # PyTorch's, and ours like them


def outcome(case: Case, dtype: str, training: bool) -> str:
    try:
        return compare(case, dtype, training)
    except Disagreement as difference:
        mode = "training" if training else "evaluation"
        raise AssertionError(f"{case}, {dtype}, {mode}: {difference}") from difference


def test_every_module_is_in_the_grid() -> None:
    both = {
        name
        for name in dir(torch.nn)
        if isinstance(getattr(torch.nn, name), type)
        and issubclass(getattr(torch.nn, name), torch.nn.Module)
        and hasattr(nn, name)
    }
    assert both - set(CASES) == ELSEWHERE
    assert set(CASES) <= both


@pytest.mark.parametrize("name", CASES)
def test_representative_cases(name: str) -> None:
    """In which every value of every argument and every input occurs once."""
    count: Counter[str] = Counter()

    def run(case: Case) -> str:
        return outcome(case, *SETTINGS[count.total() % 4])

    for found in representative(CASES[name], run):
        count[found] += 1
    assert count["same"] or count["random"], count


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_all_cases(name: str, record_property: Any) -> None:
    count: Counter[str] = Counter()
    failures = []
    for place, case in enumerate(CASES[name]):  # each dtype in one mode, in turn
        for setting in SETTINGS[1:3] if place % 2 else SETTINGS[::3]:
            try:
                count[outcome(case, *setting)] += 1
            except Exception as error:
                failures.append(str(error))
    record_property("family", FAMILY[name])
    for found, number in count.items():
        record_property(found, number)
    assert not failures, f"{len(failures)} of {count.total()}: " + "\n".join(failures[:10])
