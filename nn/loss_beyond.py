"""Loss layers that PyTorch leaves to other packages; the formulas are in `ops/loss_beyond.py`."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.loss_base import _Loss
from autograd_core.tensor import Tensor


class SigmoidFocalLoss(_Loss):
    """`BCEWithLogitsLoss`, in which what is right already hardly counts.

    Args:
        alpha: weighs 1 by this and 0 by the rest; negative: weighs both alike; default 0.25.
        gamma: the exponent of how wrong a prediction is; default 2.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: Lin and others, "Focal loss for dense object detection" (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.SigmoidFocalLoss(alpha=-1.0)(ag.zeros(2), ag.tensor([1.0, 0.0]))
        tensor(0.1733)
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(reduction=reduction, allow_broadcast=allow_broadcast)
        self.alpha = alpha
        self.gamma = gamma

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of logits `input`, reduced."""
        return F.sigmoid_focal_loss(
            input,
            target,
            self.alpha,
            self.gamma,
            self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class DiceLoss(_Loss):
    """One minus how much of two sets is common to both, for segmentation.

    Args:
        smooth: added above and below, so that two empty sets agree; default 1.
        dim: the dimensions of a set; by default all but the first.
        reduction: "mean" (default), "sum" or "none", of the sets' losses.

    Source: Milletari and others, "V-Net" (2016).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.DiceLoss(smooth=0.0)(ag.tensor([[1.0, 1.0, 0.0]]), ag.tensor([[0.0, 1.0, 0.0]]))
        tensor(0.3333)
    """

    def __init__(self, smooth: float = 1.0, dim: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.smooth = smooth
        self.dim = dim

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of probabilities `input`, reduced."""
        return F.dice_loss(input, target, self.smooth, self.dim, self.reduction)


class NTXentLoss(_Loss):
    """The contrastive loss of two views of the same samples.

    Args:
        temperature: what cosines are divided by; default 0.5.
        reduction: "mean" (default), "sum" or "none".

    Shape: both inputs `(N, D)`; row n of both is of sample n.

    Source: Chen and others, "A simple framework for contrastive learning of visual
    representations" (2020).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.NTXentLoss()(ag.eye(2), ag.eye(2))
        tensor(0.2395)
    """

    def __init__(self, temperature: float = 0.5, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.temperature = temperature

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.nt_xent_loss(input1, input2, self.temperature, self.reduction)
