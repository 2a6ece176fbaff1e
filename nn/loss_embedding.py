"""Loss layers of embeddings; the formulas are in `ops/loss_embedding.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.distance import PairwiseDistance
from autograd_core.nn.loss_base import _Loss
from autograd_core.tensor import Tensor


class CosineEmbeddingLoss(_Loss):
    """How far the directions of vectors differ that should agree, or agree that should differ.

    Args:
        margin: cosines of different ones may be as large as this; default 0.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".

    Shape: inputs `(N, D)` or `(D,)`, target `(N,)` or `()`.

    Source: PyTorch's ``torch.nn.CosineEmbeddingLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> one, other = ag.tensor([[1.0, 0.0]]), ag.tensor([[3.0, 4.0]])
        >>> nn.CosineEmbeddingLoss()(one, other, ag.tensor([1]))
        tensor(0.4000)
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Return the loss, where `target` is 1 (alike) or -1, reduced."""
        return F.cosine_embedding_loss(
            input1,
            input2,
            target,
            margin=self.margin,
            reduction=self.reduction,
        )


class TripletMarginLoss(_Loss):
    """By how much an anchor fails to be nearer to its positive than to its negative.

    Args:
        margin: by how much nearer, greater than 0; default 1.
        p: the exponent of the norm; default 2.
        eps: added to each difference; default 1e-6.
        swap: compare with the negative's distance to the positive where that is less.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.TripletMarginLoss``; Balntas and others (2016).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> anchor, near, far = ag.zeros(1, 2), ag.tensor([[3.0, 4.0]]), ag.tensor([[0.0, 5.5]])
        >>> nn.TripletMarginLoss()(anchor, near, far)
        tensor(0.5000)
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction, allow_broadcast=allow_broadcast)
        _check_margin("TripletMarginLoss", margin)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class TripletMarginWithDistanceLoss(_Loss):
    """`TripletMarginLoss` with a distance of one's own.

    Args:
        distance_function: from two Tensors to their distance; `PairwiseDistance()` if left out.
        margin: by how much nearer, greater than 0; default 1.
        swap: compare with the negative's distance to the positive where that is less.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let the inputs differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.TripletMarginWithDistanceLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> cityblock = lambda x, y: (x - y).abs().sum(-1)
        >>> loss = nn.TripletMarginWithDistanceLoss(distance_function=cityblock)
        >>> loss(ag.zeros(1, 2), ag.tensor([[3.0, 4.0]]), ag.tensor([[0.0, 5.5]]))
        tensor(2.5000)
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(reduction=reduction, allow_broadcast=allow_broadcast)
        _check_margin("TripletMarginWithDistanceLoss", margin)
        self.distance_function = distance_function or PairwiseDistance()
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


def _check_margin(name: str, margin: float) -> None:
    if not margin > 0:
        raise ValueError(f"{name}: margin must be greater than 0, got {margin}")
