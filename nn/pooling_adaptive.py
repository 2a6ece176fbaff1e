"""Pooling layers with a given output size."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class _AdaptivePool(Module):
    """What adaptive pooling holds."""

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        """Return the size, as PyTorch prints it."""
        return f"output_size={self.output_size}"


class _AdaptiveAvgPool(_AdaptivePool):
    """What adaptive average pooling holds."""


class _AdaptiveMaxPool(_AdaptivePool):
    """What adaptive max pooling holds."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Means over windows that are chosen so that the output has a given size.

    Arguments as for :class:`AdaptiveAvgPool2d`.

    Source: PyTorch's ``torch.nn.AdaptiveAvgPool1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AdaptiveAvgPool1d(2)(ag.ones(1, 3, 5)).shape
        autograd_core.Size([1, 3, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Means over windows that are chosen so that the output has a given size.

    Args:
        output_size: a number, or one for each dimension; None keeps a size.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Source: PyTorch's ``torch.nn.AdaptiveAvgPool2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AdaptiveAvgPool2d(2)(ag.ones(1, 3, 5, 5)).shape
        autograd_core.Size([1, 3, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Means over windows that are chosen so that the output has a given size.

    Arguments as for :class:`AdaptiveAvgPool2d`.

    Source: PyTorch's ``torch.nn.AdaptiveAvgPool3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AdaptiveAvgPool3d(2)(ag.ones(1, 3, 5, 5, 5)).shape
        autograd_core.Size([1, 3, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Largest elements of windows that are chosen so that the output has a given size.

    Arguments as for :class:`AdaptiveMaxPool2d`.

    Source: PyTorch's ``torch.nn.AdaptiveMaxPool1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AdaptiveMaxPool1d(2)(ag.ones(1, 3, 5)).shape
        autograd_core.Size([1, 3, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Largest elements of windows that are chosen so that the output has a given size.

    Args:
        output_size: a number, or one for each dimension; None keeps a size.
        return_indices: also return where each maximum was; default False.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Source: PyTorch's ``torch.nn.AdaptiveMaxPool2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AdaptiveMaxPool2d(2)(ag.ones(1, 3, 5, 5)).shape
        autograd_core.Size([1, 3, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Largest elements of windows that are chosen so that the output has a given size.

    Arguments as for :class:`AdaptiveMaxPool2d`.

    Source: PyTorch's ``torch.nn.AdaptiveMaxPool3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AdaptiveMaxPool3d(2)(ag.ones(1, 3, 5, 5, 5)).shape
        autograd_core.Size([1, 3, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)
