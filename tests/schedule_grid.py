"""Learning rate schedules with the options that make a difference, here and in PyTorch."""

from __future__ import annotations

import math
import warnings

import autograd_core as ag

# Schedules by name and options, or made by a function of (module of schedules, optimizer).
GRID = [
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 30, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [3, 10, 10, 150], "gamma": 0.5}),
    ("ExponentialLR", {"gamma": 0.97}),
    ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.1, "total_iters": 50}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 13}),
    ("CosineAnnealingWarmRestarts", {"T_0": 5, "T_mult": 3, "eta_min": 0.01}),
    ("LambdaLR", {"lr_lambda": lambda epoch: 0.95**epoch}),
    ("LambdaLR", {"lr_lambda": [lambda epoch: 1 / (1 + epoch), lambda epoch: 0.5**epoch]}),
    ("MultiplicativeLR", {"lr_lambda": lambda epoch: 0.95 + 0.0001 * epoch}),
    ("MultiplicativeLR", {"lr_lambda": [lambda epoch: 0.9, lambda epoch: 1.01]}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 100}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 150, "power": 2.5}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 7}),
    (
        "CyclicLR",
        {
            "base_lr": [0.1, 0.2],
            "max_lr": [1.0, 0.5],
            "step_size_up": 20,
            "step_size_down": 5,
            "mode": "triangular2",
            "base_momentum": [0.5, 0.6],
            "max_momentum": [0.8, 0.9],
        },
    ),
    (
        "CyclicLR",
        {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 9, "mode": "exp_range", "gamma": 0.99},
    ),
    (
        "CyclicLR",
        {
            "base_lr": 0.1,
            "max_lr": 1.0,
            "step_size_up": 9,
            "scale_fn": lambda x: 1 / (1 + x),
            "scale_mode": "iterations",
            "cycle_momentum": False,
        },
    ),
    ("OneCycleLR", {"max_lr": 2.0, "total_steps": 200}),
    (
        "OneCycleLR",
        {
            "max_lr": [2.0, 1.0],
            "epochs": 20,
            "steps_per_epoch": 11,
            "pct_start": 0.2,
            "anneal_strategy": "linear",
            "three_phase": True,
            "div_factor": 10.0,
            "final_div_factor": 100.0,
        },
    ),
    ("OneCycleLR", {"max_lr": 2.0, "total_steps": 250, "cycle_momentum": False}),
    ("SWALR", {"swa_lr": 0.05}),
    ("SWALR", {"swa_lr": [0.05, 0.3], "anneal_epochs": 30, "anneal_strategy": "linear"}),
    ("SWALR", {"swa_lr": 0.05, "anneal_epochs": 0}),
    ("ReduceLROnPlateau", {"patience": 3, "cooldown": 2, "min_lr": [1e-3, 1e-4]}),
    (
        "ReduceLROnPlateau",
        {"mode": "max", "factor": 0.9, "threshold": 0.2, "threshold_mode": "abs", "patience": 1},
    ),
    (
        "Sequential",
        lambda m, o: m.SequentialLR(
            o,
            [m.ConstantLR(o, 0.1, 5), m.ExponentialLR(o, 0.9), m.StepLR(o, 9, 0.5)],
            milestones=[6, 60],
        ),
    ),
    (
        "Sequential of functions",
        lambda m, o: m.SequentialLR(
            o,
            [m.LinearLR(o, 0.1, total_iters=20), m.CosineAnnealingLR(o, T_max=180)],
            milestones=[20],
        ),
    ),
    (
        "Sequential of polynomials",
        lambda m, o: m.SequentialLR(
            o,
            [
                m.PolynomialLR(o, 10, 2.0),
                m.MultiStepLR(o, [3, 5], 0.5),
                m.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
                m.LinearLR(o, 0.2),
                m.CosineAnnealingWarmRestarts(o, 10),
            ],
            milestones=[12, 30, 50, 70],
        ),
    ),
    (
        "Chained",
        lambda m, o: m.ChainedScheduler(
            [m.ConstantLR(o, 0.1, 20), m.ExponentialLR(o, 0.99), m.StepLR(o, 50)], optimizer=o
        ),
    ),
    (
        "Sequential of chained",
        lambda m, o: m.SequentialLR(
            o,
            [
                m.ChainedScheduler([m.ConstantLR(o, 0.5, 5), m.ExponentialLR(o, 0.99)]),
                m.ExponentialLR(o, 0.9),
            ],
            milestones=[30],
        ),
    ),
    (
        "Chained of sequential",
        lambda m, o: m.ChainedScheduler(
            [
                m.SequentialLR(o, [m.ConstantLR(o), m.ExponentialLR(o, 0.9)], milestones=[8]),
                m.MultiplicativeLR(o, lambda epoch: 0.99),
            ]
        ),
    ),
]


def make(module, tensor, name, options, lr=0.5, optimizer="SGD", load=None):
    """An optimizer, with the state of another if there is one, and a schedule."""
    groups = [{"params": [tensor()]}, {"params": [tensor()], "lr": 0.1}]
    extra = {"momentum": 0.7} if optimizer == "SGD" else {}
    made = getattr(module, optimizer)(groups, lr=lr, **extra)
    if load is not None:
        made.load_state_dict(load.state_dict())
    if callable(options):
        with warnings.catch_warnings():  # PyTorch warns of the first step of a chain in a sequence
            warnings.simplefilter("ignore", UserWarning)
            return made, options(module.lr_scheduler, made)
    home = module.swa_utils if name == "SWALR" else module.lr_scheduler
    return made, getattr(home, name)(made, **options)


def advance(optimizer, scheduler, epoch: int) -> None:
    """A step of the optimizer, and one of the schedule with what it wants to know."""
    optimizer.step()
    if hasattr(scheduler, "patience"):
        scheduler.step(math.sin(epoch) + 3 / (1 + epoch))
    else:
        scheduler.step()


def ours():
    return ag.zeros(1, requires_grad=True)


def options_of(optimizer) -> list[float]:
    """Everything that a schedule may set."""
    return [
        group[key] if key != "betas" else group[key][0]
        for group in optimizer.param_groups
        for key in ("lr", "momentum", "betas")
        if key in group
    ]


def rates(optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]
