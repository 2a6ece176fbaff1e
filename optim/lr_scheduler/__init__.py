"""Learning rate schedules."""

from __future__ import annotations

from autograd_core.optim.lr_scheduler.base import LRScheduler
from autograd_core.optim.lr_scheduler.compose import ChainedScheduler, SequentialLR
from autograd_core.optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from autograd_core.optim.lr_scheduler.cyclic import CyclicLR
from autograd_core.optim.lr_scheduler.decay import ExponentialLR, MultiStepLR, StepLR
from autograd_core.optim.lr_scheduler.function import LambdaLR, MultiplicativeLR
from autograd_core.optim.lr_scheduler.line import ConstantLR, LinearLR, PolynomialLR
from autograd_core.optim.lr_scheduler.one_cycle import OneCycleLR
from autograd_core.optim.lr_scheduler.plateau import ReduceLROnPlateau
from autograd_core.optim.lr_scheduler.warmup import warmup_cosine, warmup_stable_decay

_LRScheduler = LRScheduler  # PyTorch's old name, which programs still subclass

__all__ = [
    "LRScheduler",
    "LambdaLR",
    "MultiplicativeLR",
    "StepLR",
    "MultiStepLR",
    "ConstantLR",
    "LinearLR",
    "ExponentialLR",
    "PolynomialLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "ChainedScheduler",
    "warmup_cosine",
    "warmup_stable_decay",
]
