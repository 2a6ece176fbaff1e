"""Loss layers of regression; the formulas are in `ops/loss_regression.py`."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.loss_base import _Loss
from autograd_core.tensor import Tensor


class MSELoss(_Loss):
    """The squared error.

    Args:
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.MSELoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.MSELoss()(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 4.0]))
        tensor(2.)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return `(input - target)**2`, reduced."""
        return F.mse_loss(
            input,
            target,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class L1Loss(_Loss):
    """The absolute error.

    Args:
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.L1Loss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.L1Loss()(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 4.0]))
        tensor(1.)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return `abs(input - target)`, reduced."""
        return F.l1_loss(
            input,
            target,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class SmoothL1Loss(_Loss):
    """The absolute error, rounded to a parabola where it is below `beta`.

    Args:
        beta: where the two parts meet; default 1.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.SmoothL1Loss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.SmoothL1Loss(reduction="none")(ag.tensor([1.0, 2.0]), ag.tensor([1.5, 4.0]))
        tensor([0.1250, 1.5000])
    """

    def __init__(
        self,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        beta: float = 1.0,
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction, allow_broadcast=allow_broadcast)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.smooth_l1_loss(
            input,
            target,
            beta=self.beta,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class HuberLoss(_Loss):
    """Half the squared error up to `delta`, and beyond it a straight line of slope delta.

    Args:
        reduction: "mean" (default), "sum" or "none".
        delta: where the two parts meet; default 1.
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.HuberLoss``; Huber (1964).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.HuberLoss(reduction="none")(ag.tensor([1.0, 2.0]), ag.tensor([1.5, 4.0]))
        tensor([0.1250, 1.5000])
    """

    def __init__(
        self,
        reduction: str = "mean",
        delta: float = 1.0,
        *,
        allow_broadcast: bool = False,
    ) -> None:
        if not isinstance(delta, (float, int)):
            raise TypeError(f"HuberLoss: delta must be a number, got {type(delta).__name__}")
        super().__init__(reduction=reduction, allow_broadcast=allow_broadcast)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.huber_loss(
            input,
            target,
            delta=self.delta,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )
