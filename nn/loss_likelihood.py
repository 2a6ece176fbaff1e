"""Loss layers of probability; the formulas are in `ops/loss_likelihood.py` and `loss_ctc.py`."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.loss_base import _Loss
from autograd_core.tensor import Tensor


class KLDivLoss(_Loss):
    """The Kullback-Leibler divergence of the input, log-probabilities, from the target.

    Args:
        size_average, reduce: deprecated; see `reduction`.
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
        self,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        log_target: bool = False,
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction, allow_broadcast=allow_broadcast)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the divergence, reduced."""
        return F.kl_div(
            input,
            target,
            log_target=self.log_target,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class PoissonNLLLoss(_Loss):
    """Minus the log likelihood of counts under Poisson's distribution.

    Args:
        log_input: the input holds logarithms of the expected counts; default True.
        full: add Stirling's approximation of the factorial's logarithm; default False.
        eps: keeps the logarithm finite if the input holds counts; default 1e-8.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.PoissonNLLLoss``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.PoissonNLLLoss()(ag.tensor([0.0]), ag.tensor([3.0]))
        tensor(1.)
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: Any = None,
        eps: float = 1e-8,
        reduce: Any = None,
        reduction: str = "mean",
        *,
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction, allow_broadcast=allow_broadcast)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """Return the loss, reduced."""
        return F.poisson_nll_loss(
            log_input,
            target,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class GaussianNLLLoss(_Loss):
    """Minus the log likelihood of numbers under normal distributions.

    Args:
        full: add the constant part; default False.
        eps: smaller variances count as this; default 1e-6.
        reduction: "mean" (default), "sum" or "none".
        allow_broadcast: let input and target differ in shape; default False raises a ValueError.

    Source: PyTorch's ``torch.nn.GaussianNLLLoss``; Nix and Weigend (1994).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.GaussianNLLLoss()(ag.tensor([1.0]), ag.tensor([3.0]), ag.tensor([4.0]))
        tensor(1.1931)
    """

    def __init__(
        self,
        *,
        full: bool = False,
        eps: float = 1e-6,
        reduction: str = "mean",
        allow_broadcast: bool = False,
    ) -> None:
        super().__init__(reduction=reduction, allow_broadcast=allow_broadcast)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        """Return the loss of `target` for means `input` and variances `var`, reduced."""
        return F.gaussian_nll_loss(
            input,
            target,
            var,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
            allow_broadcast=self.allow_broadcast,
        )


class CTCLoss(_Loss):
    """Minus the log-probability of a sequence of labels, summed over all ways to align it.

    Args:
        blank: the class that stands for no label; default 0.
        reduction: "mean" (default: losses over the targets' lengths, averaged), "sum" or "none".
        zero_infinity: count targets that do not fit into their input as 0; default False.

    Shape: log-probabilities `(T, N, C)` or `(T, C)`; targets `(N, S)`, or all in one row.

    Source: PyTorch's ``torch.nn.CTCLoss``; Graves and others (2006).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> even = ag.full((2, 1, 3), 1 / 3).log()
        >>> nn.CTCLoss()(even, ag.tensor([[1]]), [2], [1]).exp()  # 9 paths, 3 fit
        tensor(3.)
    """

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        """Return the loss, reduced."""
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )
