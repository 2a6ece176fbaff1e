"""Memory that processes share."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np


def _memory(array: Any) -> Any:
    """What the memory of an array belongs to in the end."""
    owner = array
    while True:
        below = owner.obj if isinstance(owner, memoryview) else getattr(owner, "base", None)
        if below is None:
            return owner
        owner = below


def is_shared(input: Any) -> bool:
    """Whether :func:`share_memory_` was called for the tensor, or for what it is a view of; memory
    of GPUs counts as shared. Source: PyTorch, ``torch.Tensor.is_shared``."""
    return bool(input.is_cuda) or isinstance(_memory(input._array), mmap.mmap)


def share_memory_(input: Any) -> Any:
    """Move the values into memory that child processes made by ``fork`` share, so that what one
    writes all see; what they write is not recorded. Returns ``input``.

    Views that were taken before keep the old memory.

    Source: PyTorch, ``torch.Tensor.share_memory_``.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([1.0, 2.0]).share_memory_()
        >>> x.is_shared(), x.tolist()
        (True, [1.0, 2.0])
    """
    if not is_shared(input) and input._array.nbytes:
        array = input._array
        memory = mmap.mmap(-1, array.nbytes)
        shared = np.frombuffer(memory, array.dtype).reshape(array.shape)
        shared[...] = array
        input.data = input._wrap(shared)
    return input
