"""What loss layers share: the reduction, and weights of classes."""

from __future__ import annotations

from typing import Any

from autograd_core.nn.module import Module
from autograd_core.ops.loss_reduction import reduction_of
from autograd_core.tensor import Tensor


class _Loss(Module):
    """A loss with a reduction; most refuse shapes that would broadcast."""

    def __init__(
        self,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__()
        if size_average is not None or reduce is not None:
            reduction = reduction_of(type(self).__name__, reduction, size_average, reduce)
        self.reduction = reduction
        self.allow_broadcast = allow_broadcast


class _WeightedLoss(_Loss):
    """A loss with a factor for every class, which is a buffer."""

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction, allow_broadcast=allow_broadcast)
        self.register_buffer("weight", weight)
