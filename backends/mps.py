"""The GPUs of Apple's processors, on which nothing here runs; asked for by programs that choose a
device.

Source: PyTorch, ``torch.backends.mps``.

Example:
    >>> import autograd_core as ag
    >>> "mps" if ag.backends.mps.is_available() else "cpu"
    'cpu'
"""

from __future__ import annotations


def is_available() -> bool:
    """Whether operators run on such a GPU: never."""
    return False


def is_built() -> bool:
    """Whether this package could use one: no."""
    return False
