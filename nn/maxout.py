"""Layers that look at several channels to make one, or make two of one."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.linear import Linear
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class Maxout(Module):
    """The largest of several linear maps of the input, which makes a learned convex activation.

    Args:
        in_features: size of the last dimension of the input.
        out_features: size of the last dimension of the output.
        pool_size: of how many linear maps each output is the largest.
        bias: add a learned bias to each; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input `(*, in_features)`, output `(*, out_features)`.

    Attributes:
        linear: the maps, a :class:`Linear` with `out_features * pool_size` outputs.

    Source: Goodfellow et al., "Maxout networks" (2013); Chainer's ``chainer.links.Maxout``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Maxout(4, 2, pool_size=3)(ag.ones(5, 4)).shape
        autograd_core.Size([5, 2])
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pool_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if pool_size < 1:
            raise ValueError(f"Maxout: pool_size must be at least 1, got {pool_size}")
        self.pool_size = pool_size
        self.linear = Linear(in_features, out_features * pool_size, bias, device, dtype)

    def forward(self, input: Tensor) -> Any:
        """Return the largest of the linear maps."""
        return F.maxout(self.linear(input), self.pool_size, -1)

    def extra_repr(self) -> str:
        """Return the number of maps."""
        return f"pool_size={self.pool_size}"


class CReLU(Module):
    """The positive parts of the input and of its negative, as twice as many channels.

    Args:
        dim: the dimension of the channels; default 1.

    Source: Shang et al. (2016); Chainer's ``chainer.functions.crelu``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.CReLU()(ag.tensor([[-1.0, 2.0]]))
        tensor([[0., 2., 1., 0.]])
    """

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Any:
        """Return both positive parts."""
        return F.crelu(input, self.dim)

    def extra_repr(self) -> str:
        """Return the dimension."""
        return f"dim={self.dim}"
