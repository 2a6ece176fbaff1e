"""PyTorch's names for how tensors lie in memory, so that programs which say them run.

Every tensor is a NumPy or CuPy array, and so has strides and no other layout. Memory formats are
accepted and change nothing: results lie in memory as NumPy makes them.
"""

from __future__ import annotations


class layout:
    """How elements are stored. Source: PyTorch, ``torch.layout``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"autograd_core.{self.name}"


class memory_format(layout):
    """In which order dimensions lie in memory. Source: PyTorch, ``torch.memory_format``."""


strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
