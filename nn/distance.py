"""Distances and angles between vectors, as layers."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class CosineSimilarity(Module):
    """The cosine of the angle between vectors.

    Args:
        dim: the dimension that a vector lies along; default 1.
        eps: the least length to divide by; default 1e-8.

    Source: PyTorch's ``torch.nn.CosineSimilarity``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.CosineSimilarity()(ag.tensor([[1.0, 0.0]]), ag.tensor([[3.0, 4.0]]))
        tensor([0.6000])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Any:
        """Return the cosine for each pair of vectors."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The p-norm of the difference between vectors along the last dimension.

    Args:
        p: the norm's exponent; default 2.
        eps: added to each difference; default 1e-6.
        keepdim: keep the last dimension with size 1; default False.

    Source: PyTorch's ``torch.nn.PairwiseDistance``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.PairwiseDistance(eps=0.0)(ag.tensor([[3.0, 4.0]]), ag.zeros(1, 2))
        tensor([5.])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Any:
        """Return the distance for each pair of vectors."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
