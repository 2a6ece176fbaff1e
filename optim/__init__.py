"""Optimizers and learning rate schedules, with PyTorch's names, defaults and state."""

from __future__ import annotations

from autograd_core.optim import lr_scheduler, swa_utils
from autograd_core.optim.accumulation import GradientAccumulator
from autograd_core.optim.adadelta import Adadelta
from autograd_core.optim.adafactor import Adafactor
from autograd_core.optim.adagrad import Adagrad
from autograd_core.optim.adam import Adam, AdamW
from autograd_core.optim.adamax import Adamax
from autograd_core.optim.asgd import ASGD
from autograd_core.optim.batch_size_finder import find_batch_size
from autograd_core.optim.functional import Functional
from autograd_core.optim.layerwise import LAMB, LARS
from autograd_core.optim.lbfgs import LBFGS
from autograd_core.optim.lion import Lion
from autograd_core.optim.lr_finder import LRCurve, find_lr
from autograd_core.optim.minimize import minimize
from autograd_core.optim.muon import Muon
from autograd_core.optim.nadam import NAdam
from autograd_core.optim.optimizer import Optimizer
from autograd_core.optim.param_groups import group_parameters
from autograd_core.optim.radam import RAdam
from autograd_core.optim.rmsprop import RMSprop
from autograd_core.optim.rprop import Rprop
from autograd_core.optim.sam import SAM
from autograd_core.optim.schedule_free import AdamWScheduleFree, SGDScheduleFree
from autograd_core.optim.sgd import SGD
from autograd_core.optim.update import Update

__all__ = [
    "ASGD",
    "LAMB",
    "LARS",
    "LBFGS",
    "SAM",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "AdamWScheduleFree",
    "Adamax",
    "Functional",
    "GradientAccumulator",
    "LRCurve",
    "Lion",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "SGDScheduleFree",
    "Update",
    "find_batch_size",
    "find_lr",
    "group_parameters",
    "lr_scheduler",
    "minimize",
    "swa_utils",
]
