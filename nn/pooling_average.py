"""Average pooling and power-average pooling layers."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.ops.conv_windows import per_dim
from autograd_core.ops.pool_window import pool_stride
from autograd_core.tensor import Tensor


class _AvgPool(Module):
    """The text of average pooling."""

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The mean of each window of the last dimension.

    Arguments as for :class:`AvgPool2d`, without `divisor_override`.

    Source: PyTorch's ``torch.nn.AvgPool1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AvgPool1d(2)(ag.ones(1, 3, 4)).shape
        autograd_core.Size([1, 3, 2])
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = per_dim("AvgPool1d", "kernel_size", kernel_size, 1, 1)
        self.stride = pool_stride("AvgPool1d", stride, self.kernel_size)
        self.padding = per_dim("AvgPool1d", "padding", padding, 1, 0)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad,
        )  # fmt: skip


class _AvgPoolNd(_AvgPool):
    """What average pooling of two and three dimensions holds."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def _options(self) -> tuple[Any, ...]:
        return (
            self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
            self.divisor_override,
        )  # fmt: skip


class AvgPool2d(_AvgPoolNd):
    """The mean of each window of the last two dimensions.

    Args:
        kernel_size: size of the window; a number, or one for each dimension.
        stride: how far the window moves at a time; default `kernel_size`.
        padding: zeros added on both sides; default 0.
        ceil_mode: also take windows that reach over the end; default False.
        count_include_pad: the zeros count as elements; default True.
        divisor_override: divide by this instead of by the number of elements.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Source: PyTorch's ``torch.nn.AvgPool2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AvgPool2d(2)(ag.ones(1, 3, 4, 4)).shape
        autograd_core.Size([1, 3, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.avg_pool2d(input, *self._options())


class AvgPool3d(_AvgPoolNd):
    """The mean of each window of the last three dimensions.

    Arguments as for :class:`AvgPool2d`.

    Source: PyTorch's ``torch.nn.AvgPool3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.AvgPool3d(2)(ag.ones(1, 3, 4, 4, 4)).shape
        autograd_core.Size([1, 3, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.avg_pool3d(input, *self._options())


class _LPPool(Module):
    """What power-average pooling of any number of dimensions holds."""

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def _options(self) -> tuple[Any, ...]:
        return float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """The p-th root of the sum of p-th powers of each window.

    Arguments as for :class:`LPPool2d`.

    Source: PyTorch's ``torch.nn.LPPool1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LPPool1d(2, 2)(ag.ones(1, 3, 4)).shape
        autograd_core.Size([1, 3, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.lp_pool1d(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )


class LPPool2d(_LPPool):
    """The p-th root of the sum of p-th powers of each window.

    Args:
        norm_type: the power p.
        kernel_size: size of the window; a number, or one for each dimension.
        stride: how far the window moves at a time; default `kernel_size`.
        ceil_mode: also take windows that reach over the end; default False.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Source: PyTorch's ``torch.nn.LPPool2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LPPool2d(2, 2)(ag.ones(1, 3, 4, 4)).shape
        autograd_core.Size([1, 3, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.lp_pool2d(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )


class LPPool3d(_LPPool):
    """The p-th root of the sum of p-th powers of each window.

    Arguments as for :class:`LPPool2d`.

    Source: PyTorch's ``torch.nn.LPPool3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LPPool3d(2, 2)(ag.ones(1, 3, 4, 4, 4)).shape
        autograd_core.Size([1, 3, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.lp_pool3d(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )
