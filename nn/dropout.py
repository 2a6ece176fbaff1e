"""Layers that drop values at random while training."""

from __future__ import annotations

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class Dropout(Module):
    """While training, set elements to zero at random and scale the others up; else do nothing.

    Args:
        p: probability of a zero; default 0.5.
        inplace: overwrite the input; default False.

    Raises:
        ValueError: `p` is not in [0, 1].

    Source: PyTorch's ``torch.nn.Dropout``; Srivastava et al., "Dropout" (2014). The same seed
    drops the same elements.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Dropout(0.2).eval()(ag.ones(3))
        tensor([1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with some elements dropped."""
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return f"p={self.p}, inplace={self.inplace}"
