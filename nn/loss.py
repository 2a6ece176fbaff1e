"""Loss layers. The formulas are with the operators, in `ops/loss_*.py`."""

from __future__ import annotations

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class _Loss(Module):
    """A loss with a reduction, which refuses shapes that would broadcast."""

    def __init__(self, reduction: str = "mean", *, allow_broadcast: bool = False) -> None:
        super().__init__()
        self.reduction = reduction
        self.allow_broadcast = allow_broadcast


class MSELoss(_Loss):
    """The squared error.

    Args:
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
            input, target, reduction=self.reduction, allow_broadcast=self.allow_broadcast
        )


class L1Loss(_Loss):
    """The absolute error.

    Args:
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
            input, target, reduction=self.reduction, allow_broadcast=self.allow_broadcast
        )


class SmoothL1Loss(_Loss):
    """The absolute error, rounded to a parabola where it is below `beta`.

    Args:
        reduction: "mean" (default), "sum" or "none".
        beta: where the two parts meet; default 1.
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.SmoothL1Loss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.SmoothL1Loss(reduction="none")(ag.tensor([1.0, 2.0]), ag.tensor([1.5, 4.0]))
        tensor([0.1250, 1.5000])
    """

    def __init__(
        self, reduction: str = "mean", beta: float = 1.0, *, allow_broadcast: bool = False
    ) -> None:
        super().__init__(reduction, allow_broadcast=allow_broadcast)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.smooth_l1_loss(
            input,
            target,
            reduction=self.reduction,
            beta=self.beta,
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
        self, reduction: str = "mean", delta: float = 1.0, *, allow_broadcast: bool = False
    ) -> None:
        super().__init__(reduction, allow_broadcast=allow_broadcast)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.huber_loss(
            input,
            target,
            reduction=self.reduction,
            delta=self.delta,
            allow_broadcast=self.allow_broadcast,
        )


class KLDivLoss(_Loss):
    """The Kullback-Leibler divergence of the input, log-probabilities, from the target.

    Args:
        reduction: "batchmean" (the mathematical meaning), "mean" (default), "sum" or "none".
        log_target: the target holds log-probabilities; default False.
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.KLDivLoss``; Kullback and Leibler (1951).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> p = ag.tensor([[0.5, 0.5]])
        >>> nn.KLDivLoss(reduction="batchmean")(p.log(), p)
        tensor(0.)
    """

    def __init__(
        self, reduction: str = "mean", log_target: bool = False, *, allow_broadcast: bool = False
    ) -> None:
        super().__init__(reduction, allow_broadcast=allow_broadcast)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the divergence, reduced."""
        return F.kl_div(
            input,
            target,
            reduction=self.reduction,
            log_target=self.log_target,
            allow_broadcast=self.allow_broadcast,
        )


class BCELoss(_Loss):
    """The cross entropy of probabilities for yes or no. Prefer `BCEWithLogitsLoss`.

    Args:
        weight: a factor for every loss, of a shape that broadcasts; none if left out.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.BCELoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.BCELoss()(ag.tensor([0.5, 0.5]), ag.tensor([1.0, 0.0]))
        tensor(0.6931)
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(reduction, allow_broadcast=allow_broadcast)
        self.register_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.binary_cross_entropy(
            input,
            target,
            self.weight,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class BCEWithLogitsLoss(_Loss):
    """The cross entropy of yes or no, from the values before the sigmoid.

    Args:
        weight: a factor for every loss, of a shape that broadcasts; none if left out.
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

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(reduction, allow_broadcast=allow_broadcast)
        self.register_buffer("weight", weight)
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


class NLLLoss(Module):
    """Minus the log-probability of the right class.

    Args:
        weight: a factor for every class, `(C,)`; none if left out.
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

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        self.reduction = reduction
        self.ignore_index = ignore_index
        self.register_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.nll_loss(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class CrossEntropyLoss(Module):
    """The cross entropy of class scores: `log_softmax` and `nll_loss` in one.

    Args:
        weight: a factor for every class, `(C,)`; none if left out.
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

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.reduction = reduction
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        self.register_buffer("weight", weight)

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
