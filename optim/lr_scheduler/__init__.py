"""Learning rate schedules."""

from __future__ import annotations

from autograd_core.optim.lr_scheduler.base import LRScheduler
from autograd_core.optim.lr_scheduler.curve import CosineAnnealingLR, LambdaLR, LinearLR
from autograd_core.optim.lr_scheduler.decay import ExponentialLR, MultiStepLR, StepLR
from autograd_core.optim.lr_scheduler.plateau import ReduceLROnPlateau

__all__ = [
    "LRScheduler",
    "StepLR",
    "MultiStepLR",
    "ExponentialLR",
    "CosineAnnealingLR",
    "LambdaLR",
    "LinearLR",
    "ReduceLROnPlateau",
]
