"""Constants and plain random numbers."""

from __future__ import annotations

from typing import Any

from autograd_core.grad_mode import no_grad
from autograd_core.tensor import Tensor


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with numbers spread evenly over [a, b); returns the tensor.

    Args:
        tensor: what to fill.
        a: lower bound; default 0.
        b: upper bound; default 1.
        generator: where the numbers come from; the default generator if left out.

    Source: PyTorch's ``torch.nn.init.uniform_``.

    Example:
        >>> import autograd_core as ag
        >>> bool((uniform_(ag.empty(100), 2, 3) >= 2).all())
        True
    """
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with normally distributed numbers; returns the tensor.

    Args:
        tensor: what to fill.
        mean: default 0.
        std: standard deviation; default 1.
        generator: where the numbers come from; the default generator if left out.

    Source: PyTorch's ``torch.nn.init.normal_``.

    Example:
        >>> import autograd_core as ag
        >>> normal_(ag.empty(2, 3)).shape
        autograd_core.Size([2, 3])
    """
    return tensor.normal_(mean, std, generator=generator)


@no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value; returns the tensor.

    Args:
        tensor: what to fill.
        val: the value.

    Source: PyTorch's ``torch.nn.init.constant_``.

    Example:
        >>> import autograd_core as ag
        >>> constant_(ag.empty(2), 0.5)
        tensor([0.5000, 0.5000])
    """
    return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones; returns the tensor.

    Example:
        >>> import autograd_core as ag
        >>> ones_(ag.empty(2))
        tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros; returns the tensor.

    Example:
        >>> import autograd_core as ag
        >>> zeros_(ag.empty(2))
        tensor([0., 0.])
    """
    return constant_(tensor, 0.0)
