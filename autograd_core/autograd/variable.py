"""``Variable``, where PyTorch has it: ``autograd_core.autograd.variable``."""

from __future__ import annotations

from autograd_core.legacy import Variable

__all__ = ["Variable"]
