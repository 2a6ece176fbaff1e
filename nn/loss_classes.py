"""Loss layers of classes; the formulas are in `ops/cross_entropy.py` and `ops/loss_linear.py`."""

from __future__ import annotations

import math
import warnings
from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.linear import Linear
from autograd_core.nn.loss_base import _WeightedLoss
from autograd_core.ops.cross_entropy import check_smoothing, check_weight
from autograd_core.ops.loss_linear import LinearCrossEntropyOptions
from autograd_core.tensor import Tensor


class NLLLoss(_WeightedLoss):
    """Minus the log-probability of the right class.

    Args:
        weight: a factor for every class, `(C,)`; none if left out.
        size_average, reduce: deprecated; see `reduction`.
        ignore_index: targets of this value add nothing; default -100.
        reduction: "mean" (default, weighted), "sum" or "none".

    Shape: input `(C,)`, `(N, C)` or `(N, C, d1, ...)`, target the same without C.

    Source: PyTorch's ``torch.nn.NLLLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.NLLLoss()(ag.tensor([[-1.0, -2.0]]), ag.tensor([1]))
        tensor(2.)
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.nll_loss(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class NLLLoss2d(NLLLoss):
    """The old name of `NLLLoss` for images; making one warns.

    Args:
        weight, size_average, ignore_index, reduce, reduction: as for `NLLLoss`.

    Source: PyTorch's ``torch.nn.NLLLoss2d``.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        warnings.warn("NLLLoss2d is deprecated, use NLLLoss", FutureWarning, stacklevel=2)
        super().__init__(weight, size_average, ignore_index, reduce, reduction)


class CrossEntropyLoss(_WeightedLoss):
    """The cross entropy of class scores: `log_softmax` and `nll_loss` in one.

    Args:
        weight: a factor for every class, `(C,)`; none if left out.
        size_average, reduce: deprecated; see `reduction`.
        ignore_index: targets of this value add nothing; default -100.
        reduction: "mean" (default, weighted), "sum" or "none".
        label_smoothing: share of the target spread evenly over all classes; default 0.

    Shape: input `(C,)`, `(N, C)` or `(N, C, d1, ...)`; target class numbers of that shape without
    C, or probabilities of the same shape.

    Source: PyTorch's ``torch.nn.CrossEntropyLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.CrossEntropyLoss()(ag.zeros(3, 4), ag.tensor([0, 1, 3]))
        tensor(1.3863)
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class LinearCrossEntropyLoss(_WeightedLoss):
    """A `Linear` layer and the cross entropy of its output, without holding all the logits.

    Args:
        in_features: size of the input's last dimension.
        num_classes: C.
        out_features: further dimensions of the loss, `(d1, ...)`; none by default.
        bias: add a learned bias; default False.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.
        reduction: "mean" (default, weighted), "sum" or "none".
        weight: a factor for every class, `(C,)`; none if left out.
        ignore_index: targets of this value add nothing; -100 if left out.
        label_smoothing: share of the target spread evenly over all classes; default 0.
        options: how to divide the work; see `LinearCrossEntropyOptions`.

    Shape: input `(N, in_features)` or `(in_features,)`; target class numbers `(N, d1, ...)`, or
    probabilities `(N, C, d1, ...)`.

    Attributes:
        linear: the layer, of which `weight` is `(C * d1 * ..., in_features)`.

    Source: PyTorch's ``torch.nn.LinearCrossEntropyLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LinearCrossEntropyLoss(5, 10)(ag.zeros(2, 5), ag.tensor([0, 9])).detach()
        tensor(2.3026)
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: Any = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: LinearCrossEntropyOptions | None = None,
    ) -> None:
        if weight is not None:
            check_weight("LinearCrossEntropyLoss", weight, num_classes)
        check_smoothing("LinearCrossEntropyLoss", label_smoothing)
        super().__init__(weight, reduction=reduction)
        self.num_classes = num_classes
        self.out_features = out_features
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        self.linear = Linear(
            in_features, num_classes * math.prod(out_features), bias, device=device, dtype=dtype
        )
        self.options = options

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        weight, bias = self.linear.weight, self.linear.bias
        if self.out_features:
            weight = weight.reshape(self.num_classes, *self.out_features, -1)
            bias = None if bias is None else bias.reshape(self.num_classes, *self.out_features)
        return F.linear_cross_entropy(
            input,
            weight,
            target,
            linear_bias=bias,
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
            options=self.options,
        )

    def extra_repr(self) -> str:
        """Return the arguments, for `repr`."""
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={self.linear.bias is not None}, "
            f"reduction={self.reduction}, ignore_index={self.ignore_index}, "
            f"label_smoothing={self.label_smoothing}, options={self.options}"
        )
