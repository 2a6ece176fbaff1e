"""What programs for PyTorch set and ask about cuDNN, which no operator here uses.

Setting these has no effect: operators on a GPU are deterministic where
``use_deterministic_algorithms`` says so. Source: PyTorch, ``torch.backends.cudnn``.

Example:
    >>> import autograd_core as ag
    >>> ag.backends.cudnn.benchmark = True
    >>> ag.backends.cudnn.is_available()
    False
"""

from __future__ import annotations

enabled = True
benchmark = False
benchmark_limit = 10
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """Whether cuDNN is used: never."""
    return False


def version() -> int | None:
    """cuDNN's version: None, as it is not used."""
    return None
