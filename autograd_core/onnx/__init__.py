"""Models as ONNX files, which other programs run. The names of PyTorch's ``torch.onnx``."""

from __future__ import annotations

from autograd_core.onnx.exporting import export
from autograd_core.onnx.trace import ExportError

__all__ = ["ExportError", "export"]
