"""A softmax over so many classes that most are scored only where they are wanted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import autograd_core as ag
from autograd_core.errors import ShapeError
from autograd_core.nn import functional as F
from autograd_core.nn.containers import ModuleList, Sequential
from autograd_core.nn.linear import Linear
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class _ASMoutput(NamedTuple):
    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-probabilities of classes in clusters: the frequent ones are scored each, and with them,
    one score for each cluster of rarer ones; its classes are scored only where it is wanted, by a
    smaller layer.

    Args:
        in_features: size of the input's last dimension.
        n_classes: how many classes there are, the most frequent first.
        cutoffs: where clusters begin, in ascending order, from 1 to `n_classes - 1`.
        div_value: each cluster's layer is this many times smaller than the one before; default 4.
        head_bias: add a bias to the scores of frequent classes and clusters; default False.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input `(N, in_features)` or `(in_features,)`, target `(N,)` or `()`. Returned are
    `output`, the targets' log-probabilities, and `loss`, minus their mean.

    Raises:
        ValueError: `cutoffs` is empty, out of order or out of range.

    Source: PyTorch's ``torch.nn.AdaptiveLogSoftmaxWithLoss``; Grave and others, "Efficient softmax
    approximation for GPUs" (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> m = nn.AdaptiveLogSoftmaxWithLoss(16, 100, cutoffs=[10, 50])
        >>> output, loss = m(ag.ones(3, 16), ag.tensor([0, 20, 99]))
        >>> output.shape, loss.shape
        (autograd_core.Size([3]), autograd_core.Size([]))
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        cutoffs = list(cutoffs)
        ascending = all(a < b for a, b in itertools.pairwise([0, *cutoffs, n_classes]))
        if not (cutoffs and ascending and all(int(c) == c for c in cutoffs)):
            raise ValueError(
                f"AdaptiveLogSoftmaxWithLoss: cutoffs must be integers in ascending order between "
                f"1 and n_classes - 1 = {n_classes - 1}, at least one; got {cutoffs}"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = cutoffs[0]
        self.n_clusters = len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, head_bias, device, dtype)
        self.tail = ModuleList()
        for i, (start, stop) in enumerate(itertools.pairwise(self.cutoffs)):
            size = int(in_features // div_value ** (i + 1))
            self.tail.append(
                Sequential(
                    Linear(in_features, size, False, device, dtype),
                    Linear(size, stop - start, False, device, dtype),
                )
            )

    def reset_parameters(self) -> None:
        """Draw all parameters anew."""
        self.head.reset_parameters()
        for small, scores in self.tail:
            small.reset_parameters()
            scores.reset_parameters()

    def forward(self, input_: Tensor, target_: Tensor) -> _ASMoutput:
        """Return the targets' log-probabilities, and minus their mean.

        Looking which clusters are wanted makes the host wait for a device.

        Raises:
            ShapeError: the shapes do not fit.
            IndexError: a target is not a class.
        """
        if (
            target_.ndim > 1
            or input_.ndim != target_.ndim + 1
            or input_.shape[-1] != self.in_features
            or (target_.ndim and input_.shape[0] != target_.shape[0])
        ):
            raise ShapeError(
                f"AdaptiveLogSoftmaxWithLoss: expected input (N, {self.in_features}) and target "
                f"(N,), or ({self.in_features},) and a number; got {tuple(input_.shape)} and "
                f"{tuple(target_.shape)}"
            )
        single = target_.ndim == 0
        input = input_.unsqueeze(0) if single else input_
        target = target_.unsqueeze(0) if single else target_
        if target.numel() and not 0 <= target.min().item() <= target.max().item() < self.n_classes:
            raise IndexError(
                f"AdaptiveLogSoftmaxWithLoss: target must lie between 0 and {self.n_classes - 1}, "
                f"got {target.min().item()} to {target.max().item()}"
            )
        places, inside = target, ag.zeros_like(input[:, 0])
        for i, (start, stop) in enumerate(itertools.pairwise(self.cutoffs)):
            wanted = (target >= start) & (target < stop)
            rows = wanted.nonzero().squeeze(1)
            if not rows.numel():
                continue
            scores = F.log_softmax(self.tail[i](input.index_select(0, rows)), 1)
            own = scores.gather(1, (target.index_select(0, rows) - start).unsqueeze(1)).squeeze(1)
            inside = inside.index_copy(0, rows, own)
            places = places.masked_fill(wanted, self.shortlist_size + i)
        head = F.log_softmax(self.head(input), 1)
        output = inside + head.gather(1, places.unsqueeze(1)).squeeze(1)
        loss = (-output).mean()
        return _ASMoutput(output.squeeze(0) if single else output, loss)

    def log_prob(self, input: Tensor) -> Tensor:
        """Return the log-probabilities of all classes, `(N, n_classes)`, for `(N, in_features)`."""
        head = F.log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            own = F.log_softmax(cluster(input), 1)
            parts.append(own + head[:, self.shortlist_size + i].unsqueeze(1))
        return ag.cat(parts, 1)

    def predict(self, input: Tensor) -> Tensor:
        """Return the most probable class of each row of `(N, in_features)`: `(N,)`.

        Like PyTorch's, this scores the classes of a cluster only for rows of which the cluster is
        more probable than every frequent class.
        """
        output = self.head(input).argmax(1)
        rows = (output >= self.shortlist_size).nonzero().squeeze(1)
        if not rows.numel():
            return output
        return output.index_copy(0, rows, self.log_prob(input.index_select(0, rows)).argmax(1))
