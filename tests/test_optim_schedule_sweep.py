"""Schedules with arguments drawn at random, corners included: PyTorch's rates, digit for digit."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from schedule_grid import options_of

import autograd_core as ag
from autograd_core import optim

torch = pytest.importorskip("torch")

EPOCHS, RESUMED = 200, 30  # RESUMED: after this epoch a schedule is made anew, in some cases
BOUNDS: dict[str, Any] = {
    "cycle_momentum": [True, False],
    "base_momentum": [0.8, [0.1, 0.2], 0.95],
    "max_momentum": [0.9, [0.3, 0.4]],
}
CHOICES: dict[str, dict[str, list[Any]]] = {
    "StepLR": {"step_size": [1, 2, 7, 50], "gamma": [0.1, 0.5, 1.0, 0.0, 1.3]},
    "MultiStepLR": {
        "milestones": [[], [1], [0, 3], [5, 5, 5], [10, 3], [199]],
        "gamma": [0.1, 0.5, 0.0],
    },
    "ConstantLR": {"factor": [0.25, 0.5, 1.0], "total_iters": [0, 1, 5, 300]},
    "LinearLR": {
        "start_factor": [0.25, 1.0, 1e-3],
        "end_factor": [0.0, 0.5, 1.0],
        "total_iters": [0, 1, 5, 300],
    },
    "ExponentialLR": {"gamma": [0.9, 1.0, 1.01, 0.0]},
    "PolynomialLR": {"total_iters": [0, 1, 5, 300], "power": [0.0, 0.5, 1.0, 2.0, 3.5]},
    "CosineAnnealingLR": {"T_max": [1, 2, 7, 50, 300], "eta_min": [0, 0.01, 0.5, 2.0]},
    "CosineAnnealingWarmRestarts": {
        "T_0": [1, 2, 7, 300],
        "T_mult": [1, 2, 3],
        "eta_min": [0, 0.01, 0.5],
    },
    "LambdaLR": {
        "lr_lambda": [lambda t: 0.9**t, lambda t: 0.0, [lambda t: t, lambda t: 1 / (1 + t)]]
    },
    "MultiplicativeLR": {
        "lr_lambda": [lambda t: 0.99, lambda t: 1 + math.sin(t) / 9, [lambda t: 1, lambda t: 0.9]]
    },
    "CyclicLR": {
        "base_lr": [0.1, [0.1, 0.2]],
        "max_lr": [1.0, [0.5, 0.6], 0.05],
        "step_size_up": [1, 3, 20, 300],
        "step_size_down": [None, 1, 4, 50],
        "mode": ["triangular", "triangular2", "exp_range"],
        "gamma": [1.0, 0.9],
        **BOUNDS,
    },
    "OneCycleLR": {
        "max_lr": [0.1, [0.1, 0.2], 2.0],
        "total_steps": [202, 300],
        "pct_start": [0.3, 0.0, 1.0, 0.01, 0.5, 0.7],
        "anneal_strategy": ["cos", "linear"],
        "div_factor": [25.0, 1.0, 3.0],
        "final_div_factor": [1e4, 1.0],
        "three_phase": [True, False],
        **BOUNDS,
    },
    "SWALR": {
        "swa_lr": [0.05, [0.1, 0.2], 2.0],
        "anneal_epochs": [0, 1, 10, 300],
        "anneal_strategy": ["cos", "linear"],
    },
    "ReduceLROnPlateau": {
        "mode": ["min", "max"],
        "factor": [0.1, 0.9, 0.0],
        "patience": [0, 1, 10],
        "threshold": [1e-4, 0.1, 0.0],
        "threshold_mode": ["rel", "abs"],
        "cooldown": [0, 5],
        "min_lr": [0, 0.1, [0.01, 0.02]],
        "eps": [1e-8, 0.1],
    },
}


def make(lib, case: dict[str, Any], saved=None):
    """An optimizer of two groups and a schedule; from a saved optimizer it goes on at its epoch."""
    module = optim if lib is ag else torch.optim
    rates = [0.5, 0.1]
    if case["tensors"]:
        rates = [lib.tensor(rate, dtype=lib.float64) for rate in rates]
    groups = [{"params": [lib.zeros(1, requires_grad=True)], "lr": rate} for rate in rates]
    extra = {"momentum": 0.7} if case["optimizer"] in ("SGD", "RMSprop") else {}
    optimizer = getattr(module, case["optimizer"])(groups, **extra)
    options = dict(case["options"])
    if saved is not None:
        optimizer.load_state_dict(saved)
        options["last_epoch"] = RESUMED
    home = module.swa_utils if case["name"] == "SWALR" else module.lr_scheduler
    return optimizer, getattr(home, case["name"])(optimizer, **options)


def course(lib, case: dict[str, Any]) -> list[list[float]]:
    """All that the schedule sets, epoch by epoch."""
    optimizer, schedule = make(lib, case)
    found = []
    for epoch in range(EPOCHS):
        found.append([float(option) for option in options_of(optimizer)])
        optimizer.step()
        schedule.step(*([case["measures"][epoch]] if case["name"] == "ReduceLROnPlateau" else []))
        if case["resumed"] and epoch + 1 == RESUMED:
            optimizer, schedule = make(lib, case, optimizer.state_dict())
    return [*found, [float(rate) for rate in schedule.get_last_lr()]]


def drawn(name: str, seed: int) -> dict[str, Any]:
    stream = random.Random(f"{name} {seed}")
    moves_momenta = name in ("CyclicLR", "OneCycleLR")
    optimizers = ["SGD", "Adam", "AdamW", "RMSprop", *([] if moves_momenta else ["Adagrad"])]
    return {
        "name": name,
        "options": {key: stream.choice(values) for key, values in CHOICES[name].items()},
        "optimizer": stream.choice(optimizers),
        "tensors": stream.random() < 0.2,
        "resumed": stream.random() < 0.3 and name != "ReduceLROnPlateau",
        "measures": [stream.random() + 2 - epoch / 100 for epoch in range(EPOCHS)],
    }


def check(name: str, seeds: range) -> None:
    for seed in seeds:
        case = drawn(name, seed)
        for epoch, (a, b) in enumerate(zip(course(ag, case), course(torch, case), strict=True)):
            assert a == pytest.approx(b, rel=1e-14, abs=1e-300), f"{case}, epoch {epoch}"


@pytest.mark.parametrize("name", CHOICES)
def test_some(name):
    check(name, range(4))


@pytest.mark.slow
@pytest.mark.parametrize("name", CHOICES)
def test_many(name):
    check(name, range(4, 104))
