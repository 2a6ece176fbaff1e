"""Tools around training: loading data, checkpoints, looking at models, pictures."""

from __future__ import annotations

from autograd_core import pytree
from autograd_core.utils import checkpoint, data, hooks, memory
from autograd_core.utils.capture import capture
from autograd_core.utils.drawing import draw
from autograd_core.utils.logger import MetricLogger
from autograd_core.utils.profile import profile
from autograd_core.utils.run_checkpoint import RunCheckpoint
from autograd_core.utils.summary import summary

__all__ = [
    "MetricLogger",
    "RunCheckpoint",
    "capture",
    "checkpoint",
    "data",
    "draw",
    "hooks",
    "memory",
    "profile",
    "pytree",
    "summary",
]
