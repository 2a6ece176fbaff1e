"""Loss layers of yes and no; the formulas are in `ops/loss_binary.py`."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.loss_base import _Loss, _WeightedLoss
from autograd_core.tensor import Tensor


class BCELoss(_WeightedLoss):
    """The cross entropy of probabilities for yes or no. Prefer `BCEWithLogitsLoss`.

    Args:
        weight: a factor for every loss, of a shape that broadcasts; none if left out.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.BCELoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.BCELoss()(ag.tensor([0.5, 0.5]), ag.tensor([1.0, 0.0]))
        tensor(0.6931)
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction, allow_broadcast=allow_broadcast)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.binary_cross_entropy(
            input,
            target,
            weight=self.weight,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class BCEWithLogitsLoss(_WeightedLoss):
    """The cross entropy of yes or no, from the values before the sigmoid.

    Args:
        weight: a factor for every loss, of a shape that broadcasts; none if left out.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        pos_weight: a factor for the part that asks for yes; none if left out.
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.BCEWithLogitsLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.BCEWithLogitsLoss()(ag.zeros(2), ag.tensor([1.0, 0.0]))
        tensor(0.6931)
    """

    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction, allow_broadcast=allow_broadcast)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.binary_cross_entropy_with_logits(
            input,
            target,
            self.weight,
            reduction=self.reduction,
            pos_weight=self.pos_weight,
            allow_broadcast=self.allow_broadcast,
        )


class SoftMarginLoss(_Loss):
    """The logistic loss of 1 or -1: `log(1 + exp(-target * input))`.

    Args:
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.SoftMarginLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.SoftMarginLoss()(ag.zeros(2), ag.tensor([1.0, -1.0]))
        tensor(0.6931)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.soft_margin_loss(
            input,
            target,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """`BCEWithLogitsLoss`, averaged over the classes first.

    Args:
        weight: a factor for every class, `(C,)`; none if left out.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Shape: input and target `(..., C)`; a loss for each of `(...)`.

    Source: PyTorch's ``torch.nn.MultiLabelSoftMarginLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.MultiLabelSoftMarginLoss()(ag.zeros(1, 2), ag.tensor([[1.0, 0.0]]))
        tensor(0.6931)
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction, allow_broadcast=allow_broadcast)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.multilabel_soft_margin_loss(
            input,
            target,
            weight=self.weight,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )
