"""Windows of images as columns, and back."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class Unfold(Module):
    """The windows that slide over an image, each as a column.

    Args:
        kernel_size: size of the window; a number, or one for each dimension.
        dilation: distance between the elements that the window looks at; default 1.
        padding: zeros added on both sides; default 0.
        stride: how far the window moves at a time; default 1.

    Shape: input (N, C, H, W), output (N, C * kH * kW, number of windows).

    Source: PyTorch's ``torch.nn.Unfold``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Unfold(2)(ag.ones(1, 3, 4, 4)).shape
        autograd_core.Size([1, 12, 9])
    """

    def __init__(
        self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Any:
        """Return the windows of `input`."""
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Module):
    """Columns put back as windows of an image, added up where they overlap.

    Args:
        output_size: (H, W) of the image; a number if they are equal.
        kernel_size: size of the window; a number, or one for each dimension.
        dilation: distance between the elements that the window looks at; default 1.
        padding: zeros that stood on both sides; default 0.
        stride: how far the window moves at a time; default 1.

    Shape: input (N, C * kH * kW, number of windows), output (N, C, H, W).

    Source: PyTorch's ``torch.nn.Fold``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Fold((4, 4), 2)(ag.ones(1, 12, 9)).shape
        autograd_core.Size([1, 3, 4, 4])
    """

    def __init__(
        self,
        output_size: Any,
        kernel_size: Any,
        dilation: Any = 1,
        padding: Any = 0,
        stride: Any = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Any:
        """Return the image."""
        return F.fold(
            input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )
