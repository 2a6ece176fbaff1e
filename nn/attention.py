"""The choice of an implementation of attention, which programs for PyTorch make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any

__all__ = ["SDPBackend", "sdpa_kernel"]


class SDPBackend(Enum):
    """PyTorch's implementations of `functional.scaled_dot_product_attention`.

    Source: PyTorch's ``torch.nn.attention.SDPBackend``.

    Example:
        >>> SDPBackend.MATH
        <SDPBackend.MATH: 0>
    """

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


@contextmanager
def sdpa_kernel(
    backends: SDPBackend | Sequence[SDPBackend], set_priority: bool = False
) -> Iterator[dict[str, Any]]:
    """Allow certain implementations inside. It has no effect: there is one, for every argument.

    Args:
        backends: one, or a list of them.
        set_priority: whether their order counts; default False.

    Raises:
        TypeError: something else than an :class:`SDPBackend` is given.

    Source: PyTorch's ``torch.nn.attention.sdpa_kernel``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.nn import functional as F
        >>> q = ag.ones(1, 2, 4)
        >>> with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        ...     F.scaled_dot_product_attention(q, q, q).shape
        autograd_core.Size([1, 2, 4])
    """
    given = [backends] if isinstance(backends, SDPBackend) else list(backends)
    for backend in given:
        if not isinstance(backend, SDPBackend):
            raise TypeError(
                f"sdpa_kernel: backends must be an SDPBackend or a list of them, got {backend!r}"
            )
    yield {}
