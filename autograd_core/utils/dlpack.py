"""DLPack under the name that PyTorch has for it."""

from __future__ import annotations

from autograd_core.dlpack import from_dlpack, to_dlpack

__all__ = ["from_dlpack", "to_dlpack"]
