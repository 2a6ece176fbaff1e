"""The modes of recording, where PyTorch has them: ``autograd_core.autograd.grad_mode``."""

from __future__ import annotations

from autograd_core.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]
