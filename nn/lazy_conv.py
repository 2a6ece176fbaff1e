"""Convolutions that take the number of channels from the first input."""

from __future__ import annotations

from typing import Any

from autograd_core.errors import ShapeError
from autograd_core.nn.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    _Conv,
    _ConvNd,
    _ConvTransposeNd,
)
from autograd_core.nn.lazy import LazyLayer
from autograd_core.tensor import Tensor


class _LazyConvNd(LazyLayer, _ConvNd):
    size = "in_channels"

    def _hold(self, out_channels: int, bias: bool, device: Any, dtype: Any) -> None:
        if out_channels % self.groups:
            raise ValueError(
                f"{type(self).__name__}: out_channels={out_channels} must be divisible by "
                f"groups={self.groups}"
            )
        self.out_channels = out_channels
        self._expect("weight", device, dtype)
        if bias:
            self._expect("bias", device, dtype)

    def _size_of(self, input: Tensor) -> int:
        n, name = self.dims, type(self).__name__
        if input.ndim not in (n + 1, n + 2):
            raise ShapeError(
                f"{name}: expected {n + 1}D (unbatched) or {n + 2}D (batched) input, got "
                f"{input.ndim}D of shape {tuple(input.shape)}"
            )
        channels = int(input.shape[-n - 1])
        if channels % self.groups:
            raise ValueError(
                f"{name}: in_channels={channels} must be divisible by groups={self.groups}"
            )
        return channels

    def _shapes(self, size: int) -> dict[str, tuple[int, ...]]:
        return {"weight": self._weight_shape(size), "bias": (self.out_channels,)}


class _LazyConv(_LazyConvNd, _Conv):
    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode
        )  # fmt: skip
        self._hold(out_channels, bias, device, dtype)


class _LazyConvTranspose(_LazyConvNd, _ConvTransposeNd):
    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            0, 0, kernel_size, stride, padding, output_padding, groups, False, dilation,
            padding_mode,
        )  # fmt: skip
        self._hold(out_channels, bias, device, dtype)


class LazyConv1d(_LazyConv, Conv1d):
    """A :class:`Conv1d` that takes `in_channels` from the first input; other arguments as there.

    Source: PyTorch's ``torch.nn.LazyConv1d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyConv1d(4, 3)(ag.ones(2, 3, 6)).shape
        autograd_core.Size([2, 4, 4])
    """

    cls_to_become = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """A :class:`Conv2d` that takes `in_channels` from the first input; other arguments as there.

    Source: PyTorch's ``torch.nn.LazyConv2d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyConv2d(4, 3)(ag.ones(2, 3, 6, 6)).shape
        autograd_core.Size([2, 4, 4, 4])
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """A :class:`Conv3d` that takes `in_channels` from the first input; other arguments as there.

    Source: PyTorch's ``torch.nn.LazyConv3d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyConv3d(4, 3)(ag.ones(2, 3, 6, 6, 6)).shape
        autograd_core.Size([2, 4, 4, 4, 4])
    """

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    """A :class:`ConvTranspose1d` that takes `in_channels` from the first input; other arguments as
    there.

    Source: PyTorch's ``torch.nn.LazyConvTranspose1d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyConvTranspose1d(4, 3)(ag.ones(2, 3, 6)).shape
        autograd_core.Size([2, 4, 8])
    """

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    """A :class:`ConvTranspose2d` that takes `in_channels` from the first input; other arguments as
    there.

    Source: PyTorch's ``torch.nn.LazyConvTranspose2d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyConvTranspose2d(4, 3)(ag.ones(2, 3, 6, 6)).shape
        autograd_core.Size([2, 4, 8, 8])
    """

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    """A :class:`ConvTranspose3d` that takes `in_channels` from the first input; other arguments as
    there.

    Source: PyTorch's ``torch.nn.LazyConvTranspose3d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyConvTranspose3d(4, 3)(ag.ones(2, 3, 6, 6, 6)).shape
        autograd_core.Size([2, 4, 8, 8, 8])
    """

    cls_to_become = ConvTranspose3d
