"""Questions about tensors as functions: ``numel(x)`` for ``x.numel()``."""

from __future__ import annotations

from typing import Any


def numel(input: Any) -> int:
    """The number of elements. Source: PyTorch, ``torch.numel``."""
    return int(input.numel())


def is_nonzero(input: Any) -> bool:
    """Whether the only element is not 0; an error if there is another number of them. Source:
    PyTorch, ``torch.is_nonzero``.

    Example:
        >>> import autograd_core as ag
        >>> ag.is_nonzero(ag.tensor([0.0]))
        False
    """
    return bool(input.is_nonzero())


def is_same_size(input: Any, other: Any) -> bool:
    """Whether the shapes are equal. Source: PyTorch, ``torch.is_same_size``."""
    return bool(input.is_same_size(other))


def is_conj(input: Any) -> bool:
    """Whether values are conjugated when they are read: never. Source: PyTorch,
    ``torch.is_conj``."""
    return bool(input.is_conj())


def is_neg(input: Any) -> bool:
    """Whether values are negated when they are read: never. Source: PyTorch, ``torch.is_neg``."""
    return bool(input.is_neg())


def get_device(input: Any) -> int:
    """The number of the CUDA device, -1 on the CPU. Source: PyTorch, ``torch.get_device``."""
    return int(input.get_device())
