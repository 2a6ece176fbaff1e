"""Tools around training: loading data, checkpoints, progress bars, pictures."""

from __future__ import annotations

from autograd_core.utils import checkpoint, data
from autograd_core.utils.run_checkpoint import RunCheckpoint

__all__ = ["RunCheckpoint", "checkpoint", "data"]
