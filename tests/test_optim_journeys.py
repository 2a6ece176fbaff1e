"""Training that is saved, moved to PyTorch and back on the way: the path of PyTorch's 100 steps.

Each journey has parameters of mixed shapes, gradients that are missing in some steps, a group that
is added later and a schedule that starts then. Gradients depend on the parameters, so that an error
in one step is not forgotten in the next.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from optim_grid import OPTIONS

import autograd_core as ag
from autograd_core import optim

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

STEPS, LATE = 100, 15  # LATE: the step before which the second group and the schedule come
# PyTorch keeps these in float32, and loses that when it loads them for a float64 parameter.
ROUNDED = {"ASGD": 1e-7}

# Who takes the steps up to which one; "file" is this library, loaded from a file of the one before.
JOURNEYS = {
    "here": [("here", STEPS)],
    "file": [("here", 40), ("file", STEPS)],
    "there and back": [("here", 30), ("there", 60), ("here", STEPS)],
    "from there": [("there", 40), ("here", 60), ("there", 80), ("file", STEPS)],
}
SCHEDULES = {
    "one cycle": lambda m, o: m.OneCycleLR(o, [0.1, 0.05], total_steps=120, pct_start=0.4),
    "cyclic": lambda m, o: m.CyclicLR(o, 0.01, 0.1, step_size_up=7, mode="triangular2"),
    "warm restarts": lambda m, o: m.SequentialLR(
        o, [m.LinearLR(o, 0.1, total_iters=9), m.CosineAnnealingWarmRestarts(o, 11, 2)], [9]
    ),
    "chained": lambda m, o: m.ChainedScheduler(
        [m.MultiStepLR(o, [5, 5, 40], 0.5), m.ExponentialLR(o, 0.99), m.ConstantLR(o, 0.5, 12)]
    ),
}
WITH_MOMENTA = ("one cycle", "cyclic")


@pytest.fixture(autouse=True)
def muon_in_full_precision(monkeypatch):
    """PyTorch's Muon orthogonalises in bfloat16, which leaves two digits to compare."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)


def shapes(name: str) -> list[tuple[int, ...]]:
    if name == "Muon":
        return [(3, 4), (5, 2), (1, 1), (6, 3)]
    empty = [] if name == "Adafactor" else [(0, 3)]  # PyTorch divides by 0
    return [(3, 4), (5,), (), (2, 1, 3), *empty, (1,), (4, 2)]


class Run:
    """Parameters, an optimizer and a schedule, of this library or of PyTorch."""

    def __init__(self, lib: Any, case: tuple, values: list[np.ndarray], step: int) -> None:
        self.lib, self.case = lib, case
        name, options, _ = case
        module = optim if lib is ag else torch.optim
        self.params = [lib.tensor(v, requires_grad=True) for v in values]
        self.optimizer = getattr(module, name)(self.params[:-2], **options)
        self.schedule: Any = None
        if step > LATE:
            self.late()

    def late(self) -> None:
        self.optimizer.add_param_group({"params": self.params[-2:], "lr": 0.02})
        module = optim if self.lib is ag else torch.optim
        self.schedule = SCHEDULES[self.case[2]](module.lr_scheduler, self.optimizer)

    def values(self) -> list[np.ndarray]:
        return [p.detach().cpu().numpy() for p in self.params]

    def run(self, first: int, last: int) -> None:
        for step in range(first, last):
            if step == LATE:
                self.late()
            rng = np.random.RandomState(step)
            for i, (p, value) in enumerate(zip(self.params, self.values())):
                slope = rng.standard_normal(value.shape).astype(value.dtype) + value / 8
                missing = (step + 2 * i) % 7 == 3  # a parameter that took no part
                p.grad = None if missing else self.lib.tensor(slope)
            self.optimizer.step()
            if self.schedule is not None:
                self.schedule.step()

    def state(self) -> dict[str, Any]:
        schedule = None if self.schedule is None else self.schedule.state_dict()
        return {"optimizer": self.optimizer.state_dict(), "schedule": schedule}

    def save(self, path: Any) -> None:
        self.lib.save(self.state(), path)  # PyTorch's own format from there

    def load(self, state: dict[str, Any]) -> None:
        if self.schedule is not None:
            self.schedule.load_state_dict(copy.deepcopy(state["schedule"]))
        self.optimizer.load_state_dict(state["optimizer"])


def as_torch(tree):
    if isinstance(tree, ag.Tensor):
        return torch.tensor(tree.cpu().numpy())
    if isinstance(tree, dict):
        return {k: as_torch(v) for k, v in tree.items()}
    return [as_torch(v) for v in tree] if isinstance(tree, list) else tree


def travel(case: tuple, legs: list, values: list[np.ndarray], path: Any) -> Run:
    """Take the steps of all legs; each begins with new parameters, optimizer and schedule."""
    state, first, run = None, 0, None
    for who, last in legs:
        if who == "file":
            run.save(path)
            state = ag.load(path)
        run = Run(torch if who == "there" else ag, case, values, first)
        if state is not None:
            run.load(as_torch(state) if who == "there" else state)
        run.run(first, last)
        state, values, first = run.state(), run.values(), last
    return run


def check(name, options, schedule, journey, dtype, tolerance, path) -> float:
    case = (name, options, schedule)
    rng = np.random.RandomState(7)
    start = [np.asarray(rng.standard_normal(shape), dtype) for shape in shapes(name)]
    expected = Run(torch, case, start, 0)
    expected.run(0, STEPS)
    found = travel(case, JOURNEYS[journey], start, path)
    largest = 0.0
    for a, b in zip(found.values(), expected.values()):
        assert a.dtype == b.dtype == dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
        largest = max(largest, *(abs(a - b) / np.maximum(1, abs(b))).ravel(), 0.0)
    ours, theirs = found.optimizer.param_groups, expected.optimizer.param_groups
    assert [g["lr"] for g in ours] == pytest.approx([g["lr"] for g in theirs], rel=1e-12)
    return largest


def schedules(name: str, options: dict[str, Any]) -> list[str]:
    """Those that an optimizer can follow in PyTorch, and that do not blow rounding up."""
    defaults = getattr(optim, name)([ag.ones(1, 1).requires_grad_()], **options).defaults
    momenta = "momentum" in defaults or "betas" in defaults
    if name == "RMSprop" and defaults["momentum"] == 0:
        momenta = False  # a KeyError there
    if defaults.get("betas") == (0.0, 0.0):
        momenta = False  # a mean of gradients, divided by the last of them, which may be almost 0
    return [s for s in SCHEDULES if momenta or s not in WITH_MOMENTA]


# One for each optimizer, with another schedule than its neighbour.
QUICK = []
for place, (name, every) in enumerate(OPTIONS.items()):
    possible = schedules(name, every[-1])
    QUICK.append((name, every[-1], possible[place % len(possible)]))


@pytest.mark.parametrize("name,options,schedule", QUICK, ids=lambda v: str(v)[:30])
def test_the_same_path(name, options, schedule, tmp_path):
    tolerance = ROUNDED.get(name, 1e-12)
    check(name, options, schedule, "from there", "float64", tolerance, tmp_path / "state")


@pytest.mark.slow
@pytest.mark.parametrize("dtype,tolerance", [("float64", 1e-12), ("float32", 2e-5)])
@pytest.mark.parametrize("name", OPTIONS)
def test_every_path(name, dtype, tolerance, tmp_path):
    """All options, journeys and schedules; prints the largest difference (-s shows it)."""
    if dtype == "float64":
        tolerance = ROUNDED.get(name, tolerance)
    every = [
        (options, schedule, journey)
        for options in OPTIONS[name]
        for schedule in schedules(name, options)
        for journey in JOURNEYS
    ]
    path = tmp_path / "state"
    largest = max(check(name, o, s, j, dtype, tolerance, path) for o, s, j in every)
    print(f"\n{name} {dtype}: {len(every)} journeys, largest difference {largest:.1e}")
