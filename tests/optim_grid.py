"""The optimizers that PyTorch has too, each with the options that make a difference."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

_ADAM = [
    {"betas": (0.9, 0.999), "lr": 0.01},
    {"betas": (0.5, 0.9), "weight_decay": 0.1, "amsgrad": True, "lr": 0.01},
    {"weight_decay": 0.1, "maximize": True},
    {"eps": 1e-2},
    {"betas": (0.0, 0.0), "lr": 0.01},
]
# Every combination, for the long sweep.
_ADAM_MORE = [
    {"betas": betas, "weight_decay": decay, "amsgrad": amsgrad, "maximize": maximize, "lr": 0.01}
    for betas, decay, amsgrad, maximize in product(
        [(0.9, 0.999), (0.5, 0.9)], [0, 0.1], [False, True], [False, True]
    )
]

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.5},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"lr": 0.1, "weight_decay": 0.1},
        {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.1, "maximize": True},
        {"lr": 0.1, "maximize": True},
    ],
    "Adam": [*_ADAM, {"decoupled_weight_decay": True, "weight_decay": 0.1}],
    "AdamW": _ADAM,
    "RMSprop": [
        {},
        {"lr": 0.1, "alpha": 0.9, "eps": 1e-3},
        {"weight_decay": 0.1, "maximize": True},
        {"momentum": 0.9},
        {"centered": True},
        {"momentum": 0.5, "centered": True, "weight_decay": 0.1},
        {"momentum": 0.1, "centered": True, "maximize": True, "alpha": 0.5},
    ],
    "Adagrad": [
        {},
        {"lr": 0.1, "lr_decay": 0.5},
        {"weight_decay": 0.1, "maximize": True},
        {"initial_accumulator_value": 0.5, "eps": 1e-2},
        {"lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.1, "initial_accumulator_value": 0.1},
    ],
    "Adadelta": [
        {},
        {"lr": 0.1, "rho": 0.5},
        {"weight_decay": 0.1, "maximize": True},
        {"rho": 0.99, "eps": 1e-3, "weight_decay": 0.9},
    ],
    "Adamax": [
        {},
        {"lr": 0.1, "betas": (0.5, 0.9)},
        {"weight_decay": 0.1, "maximize": True},
        {"eps": 0.1, "weight_decay": 0.9},
    ],
    "NAdam": [
        {},
        {"lr": 0.1, "betas": (0.5, 0.9), "momentum_decay": 0.1},
        {"weight_decay": 0.1, "maximize": True},
        {"weight_decay": 0.1, "decoupled_weight_decay": True, "eps": 1e-2},
    ],
    "RAdam": [
        {},
        {"lr": 0.1, "betas": (0.5, 0.9)},  # too short a memory: never rectified
        {"weight_decay": 0.1, "maximize": True, "lr": 0.01},
        {"weight_decay": 0.1, "decoupled_weight_decay": True, "eps": 1e-2},
    ],
    "Rprop": [
        {},
        {"lr": 0.1, "etas": (0.8, 1.1)},
        {"step_sizes": (1e-3, 0.02), "maximize": True},
    ],
    "ASGD": [
        {},
        {"lr": 0.1, "lambd": 0.1, "t0": 10},
        {"weight_decay": 0.1, "maximize": True, "t0": 0, "alpha": 0.5},
    ],
    "Adafactor": [
        {},
        {"lr": 0.1, "d": 2.0, "beta2_decay": -0.5},
        {"weight_decay": 0.1, "maximize": True},
        {"eps": (1e-2, 0.5)},
    ],
    "Muon": [
        {"lr": 0.1},
        {"lr": 0.1, "nesterov": False, "weight_decay": 0.5},
        {"lr": 0.1, "momentum": 0.5, "adjust_lr_fn": "match_rms_adamw", "ns_steps": 3},
    ],
}


def _entry(name: str, options: dict[str, Any], *marks: Any) -> Any:
    text = "-".join(f"{key}={value}" for key, value in options.items())
    return pytest.param(name, options, id=f"{name}-{text}", marks=marks)


GRID = [_entry(name, options) for name, every in OPTIONS.items() for options in every]
GRID += [_entry(n, options, pytest.mark.slow) for n in ("Adam", "AdamW") for options in _ADAM_MORE]


def shapes(name: str) -> list[tuple[int, ...]]:
    """Shapes of parameters for an optimizer."""
    return [(3, 4), (5, 2), (1, 1), (6, 3)] if name == "Muon" else [(3, 4), (5,), (), (2, 1, 3)]
