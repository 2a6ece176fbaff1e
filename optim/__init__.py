"""Optimizers and learning rate schedules, with PyTorch's names, defaults and state."""

from __future__ import annotations

from autograd_core.optim import lr_scheduler
from autograd_core.optim.adam import Adam, AdamW
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]
