"""Loss layers that ask for a margin; the formulas are in `ops/loss_margin.py`."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.loss_base import _Loss, _WeightedLoss
from autograd_core.tensor import Tensor


class HingeEmbeddingLoss(_Loss):
    """The distance of those alike, and how far below `margin` that of the others is.

    Args:
        margin: how far apart those are that differ; default 1.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.HingeEmbeddingLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.HingeEmbeddingLoss()(ag.tensor([0.5, 0.5]), ag.tensor([1, -1]))
        tensor(0.5000)
    """

    def __init__(
        self,
        margin: float = 1.0,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction, allow_broadcast=allow_broadcast)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of distances `input`, where `target` is 1 (alike) or -1, reduced."""
        return F.hinge_embedding_loss(
            input,
            target,
            margin=self.margin,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class MarginRankingLoss(_Loss):
    """By how much the order of two scores is wrong.

    Args:
        margin: by how much the one should be larger; default 0.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.MarginRankingLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> first, second = ag.tensor([3.0, 1.0]), ag.tensor([1.0, 2.0])
        >>> nn.MarginRankingLoss()(first, second, ag.tensor([1, 1]))
        tensor(0.5000)
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction, allow_broadcast=allow_broadcast)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Return the loss, where `target` is 1 if `input1` should be larger, else -1."""
        return F.margin_ranking_loss(
            input1,
            input2,
            target,
            margin=self.margin,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class MultiMarginLoss(_WeightedLoss):
    """By how much the right class fails to be ahead of each of the others.

    Args:
        p: the exponent, 1 (default) or 2.
        margin: how far ahead it should be; default 1.
        weight: a factor for every class, `(C,)`; none if left out.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".

    Shape: input `(N, C)` or `(C,)`, target `(N,)` or `()`.

    Source: PyTorch's ``torch.nn.MultiMarginLoss``; Crammer and Singer (2001).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.MultiMarginLoss()(ag.tensor([[0.5, 1.0]]), ag.tensor([1]))
        tensor(0.2500)
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: p must be 1 or 2, got {p!r}")
        if weight is not None and weight.ndim != 1:
            raise ValueError(f"MultiMarginLoss: weight must be (C,), got {tuple(weight.shape)}")
        self.p = p
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.multi_margin_loss(
            input,
            target,
            p=self.p,
            margin=self.margin,
            weight=self.weight,
            reduction=self.reduction,
        )


class MultiLabelMarginLoss(_Loss):
    """By how much right classes fail to be ahead of those that are not.

    Args:
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".

    Shape: input `(N, C)` or `(C,)`; target the same: the right classes, then -1.

    Source: PyTorch's ``torch.nn.MultiLabelMarginLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> scores, labels = ag.tensor([[0.1, 0.2, 0.4, 0.8]]), ag.tensor([[3, 0, -1, 1]])
        >>> nn.MultiLabelMarginLoss()(scores, labels)
        tensor(0.8500)
    """

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.multilabel_margin_loss(
            input,
            target,
            reduction=self.reduction,
        )
