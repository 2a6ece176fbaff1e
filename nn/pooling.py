"""Max pooling layers, and their partial inverses."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.ops.conv_windows import per_dim
from autograd_core.ops.pool_window import pool_stride
from autograd_core.tensor import Tensor


class _MaxPool(Module):
    """What max pooling of any number of dimensions holds."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def _options(self) -> tuple[Any, ...]:
        return (
            self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest element of each window of the last dimension.

    Arguments as for :class:`MaxPool2d`.

    Source: PyTorch's ``torch.nn.MaxPool1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.MaxPool1d(2)(ag.ones(1, 3, 4)).shape
        autograd_core.Size([1, 3, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.max_pool1d(input, *self._options())


class MaxPool2d(_MaxPool):
    """The largest element of each window of the last two dimensions.

    Args:
        kernel_size: size of the window; a number, or one for each dimension.
        stride: how far the window moves at a time; default `kernel_size`.
        padding: elements on both sides that are smaller than any other; default 0.
        dilation: distance between the elements that the window looks at; default 1.
        return_indices: also return where each maximum was, for max unpooling; default False.
        ceil_mode: also take windows that reach over the end; default False.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Source: PyTorch's ``torch.nn.MaxPool2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.MaxPool2d(2)(ag.ones(1, 3, 4, 4)).shape
        autograd_core.Size([1, 3, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.max_pool2d(input, *self._options())


class MaxPool3d(_MaxPool):
    """The largest element of each window of the last three dimensions.

    Arguments as for :class:`MaxPool2d`.

    Source: PyTorch's ``torch.nn.MaxPool3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.MaxPool3d(2)(ag.ones(1, 3, 4, 4, 4)).shape
        autograd_core.Size([1, 3, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.max_pool3d(input, *self._options())


class _MaxUnpool(Module):
    """What max unpooling of any number of dimensions holds."""

    dims = 0

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        name, n = type(self).__name__, self.dims
        self.kernel_size = per_dim(name, "kernel_size", kernel_size, n, 1)
        self.stride = pool_stride(name, stride, self.kernel_size)
        self.padding = per_dim(name, "padding", padding, n, 0)

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Return the values of `input` at `indices` of a larger tensor of zeros."""
        unpool = getattr(F, f"max_unpool{self.dims}d")
        out: Tensor = unpool(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )
        return out

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """The values that :class:`MaxPool1d` kept, back in their places among zeros.

    Arguments as for :class:`MaxUnpool2d`.

    Source: PyTorch's ``torch.nn.MaxUnpool1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> pooled, indices = nn.MaxPool1d(2, return_indices=True)(ag.ones(1, 3, 4))
        >>> nn.MaxUnpool1d(2)(pooled, indices).shape
        autograd_core.Size([1, 3, 4])
    """

    dims = 1


class MaxUnpool2d(_MaxUnpool):
    """The values that :class:`MaxPool2d` kept, back in their places among zeros.

    Args:
        kernel_size, stride, padding: those of the max pooling.

    Shape: input and indices (N, C, H, W) or (C, H, W), output likewise.

    Source: PyTorch's ``torch.nn.MaxUnpool2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> pooled, indices = nn.MaxPool2d(2, return_indices=True)(ag.ones(1, 3, 4, 4))
        >>> nn.MaxUnpool2d(2)(pooled, indices).shape
        autograd_core.Size([1, 3, 4, 4])
    """

    dims = 2


class MaxUnpool3d(_MaxUnpool):
    """The values that :class:`MaxPool3d` kept, back in their places among zeros.

    Arguments as for :class:`MaxUnpool2d`.

    Source: PyTorch's ``torch.nn.MaxUnpool3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> pooled, indices = nn.MaxPool3d(2, return_indices=True)(ag.ones(1, 3, 4, 4, 4))
        >>> nn.MaxUnpool3d(2)(pooled, indices).shape
        autograd_core.Size([1, 3, 4, 4, 4])
    """

    dims = 3
