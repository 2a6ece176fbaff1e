"""Activation layers that compare values along a dimension; see `functional/softmax.py`."""

from __future__ import annotations

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class Softmax(Module):
    """Values along a dimension become positive and sum to 1.

    Args:
        dim: the dimension; leaving it out is deprecated, as in PyTorch.

    Source: PyTorch's ``torch.nn.Softmax``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Softmax(dim=1)(ag.zeros(1, 2))
        tensor([[0.5000, 0.5000]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return `softmax(input)`."""
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """Return the dimension, as PyTorch prints it."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of the softmax.

    Args:
        dim: the dimension; leaving it out is deprecated, as in PyTorch.

    Source: PyTorch's ``torch.nn.LogSoftmax``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LogSoftmax(dim=1)(ag.zeros(1, 2))
        tensor([[-0.6931, -0.6931]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return `log(softmax(input))`."""
        return F.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        """Return the dimension, as PyTorch prints it."""
        return f"dim={self.dim}"


class Softmin(Module):
    """The softmax of the negated input.

    Args:
        dim: the dimension; leaving it out is deprecated, as in PyTorch.

    Source: PyTorch's ``torch.nn.Softmin``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Softmin(dim=1)(ag.zeros(1, 2))
        tensor([[0.5000, 0.5000]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return `softmax(-input)`."""
        return F.softmin(input, self.dim)

    def extra_repr(self) -> str:
        """Return the dimension, as PyTorch prints it."""
        return f"dim={self.dim}"


class Softmax2d(Module):
    """The softmax over the channels at each place of an image.

    Shape: `(N, C, H, W)` or `(C, H, W)`, in and out.

    Raises:
        ValueError: the input has neither 3 nor 4 dimensions.

    Source: PyTorch's ``torch.nn.Softmax2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Softmax2d()(ag.zeros(1, 2, 1, 1)).flatten().tolist()
        [0.5, 0.5]
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the softmax over dimension -3."""
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)


class GLU(Module):
    """One half of the input times the sigmoid of the other half.

    Args:
        dim: the dimension that is halved; default -1.

    Source: PyTorch's ``torch.nn.GLU``; Dauphin et al. (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.GLU()(ag.tensor([1.0, 2.0, 0.0, 0.0]))
        tensor([0.5000, 1.0000])
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the gated half."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """Return the dimension, as PyTorch prints it."""
        return f"dim={self.dim}"
