"""Layers that drop values at random while training. The same seed drops what PyTorch drops."""

from __future__ import annotations

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class _Dropout(Module):
    """The options that all these layers have."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got p={p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """While training, set elements to zero at random and scale the others up; else do nothing.

    Args:
        p: probability of a zero; default 0.5.
        inplace: overwrite the input; default False.

    Raises:
        ValueError: `p` is not in [0, 1].

    Source: PyTorch's ``torch.nn.Dropout``; Srivastava et al., "Dropout" (2014).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Dropout(0.2).eval()(ag.ones(3))
        tensor([1., 1., 1.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with some elements dropped."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """While training, set whole channels to zero at random and scale the others up.

    Args:
        p: probability of a zero; default 0.5.
        inplace: overwrite the input; default False.

    Shape: input (N, C, L) or (C, L), output likewise.

    Raises:
        ValueError: `p` is not in [0, 1].

    Source: PyTorch's ``torch.nn.Dropout1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> sorted(set(nn.Dropout1d()(ag.ones(9, 9, 2)).sum(2).flatten().tolist()))
        [0.0, 4.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with some channels dropped."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """While training, set whole channels of images to zero at random and scale the others up.

    Args:
        p: probability of a zero; default 0.5.
        inplace: overwrite the input; default False.

    Shape: input (N, C, H, W), output likewise. (N, C, L) gives a warning.

    Raises:
        ValueError: `p` is not in [0, 1].

    Source: PyTorch's ``torch.nn.Dropout2d``; Tompson et al., "Efficient object localization using
    convolutional networks" (2015).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Dropout2d()(ag.ones(2, 3, 4, 4)).shape
        autograd_core.Size([2, 3, 4, 4])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with some channels dropped."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """While training, set whole channels of volumes to zero at random and scale the others up.

    Args:
        p: probability of a zero; default 0.5.
        inplace: overwrite the input; default False.

    Shape: input (N, C, D, H, W) or (C, D, H, W), output likewise.

    Raises:
        ValueError: `p` is not in [0, 1].

    Source: PyTorch's ``torch.nn.Dropout3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Dropout3d()(ag.ones(2, 3, 4, 4, 4)).shape
        autograd_core.Size([2, 3, 4, 4, 4])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with some channels dropped."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout that goes with SELU: mean 0 and variance 1 stay what they are.

    While training, elements become the limit of SELU far below 0, and all are scaled and shifted.

    Args:
        p: probability that an element is dropped; default 0.5.
        inplace: without effect, as in PyTorch; `functional.alpha_dropout` has it.

    Raises:
        ValueError: `p` is not in [0, 1].

    Source: PyTorch's ``torch.nn.AlphaDropout``; Klambauer et al., "Self-normalizing neural
    networks" (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Sequential(nn.SELU(), nn.AlphaDropout(0.1)).eval()(ag.zeros(2))
        tensor([0., 0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with some elements dropped."""
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """As :class:`AlphaDropout`, of whole channels.

    Args:
        p: probability that a channel is dropped; default 0.5.
        inplace: without effect, as in PyTorch; `functional.feature_alpha_dropout` has it.

    Shape: input (N, C, ...), output likewise.

    Raises:
        ValueError: `p` is not in [0, 1].

    Source: PyTorch's ``torch.nn.FeatureAlphaDropout``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.FeatureAlphaDropout()(ag.zeros(2, 3, 4)).shape
        autograd_core.Size([2, 3, 4])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with some channels dropped."""
        return F.feature_alpha_dropout(input, self.p, self.training)
