"""Layers that resize images, or trade channels for pixels."""

from __future__ import annotations

from typing import Any

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class Upsample(Module):
    """Resize the dimensions after the second one.

    Args:
        size: the new sizes; a number, or one for each dimension.
        scale_factor: or by how much they grow.
        mode: "nearest" (default), "linear", "bilinear", "bicubic" or "trilinear".
        align_corners: the centres of the corner elements stay in place.
        recompute_scale_factor: compute the factors anew from the sizes.

    Shape: input (N, C, L), (N, C, H, W) or (N, C, D, H, W), output likewise.

    Source: PyTorch's ``torch.nn.Upsample``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Upsample(scale_factor=2)(ag.ones(1, 3, 4, 4)).shape
        autograd_core.Size([1, 3, 8, 8])
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, tuple):
            self.scale_factor: Any = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Any:
        """Return `input` resized."""
        return F.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners,
            self.recompute_scale_factor,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor!r}, mode={self.mode!r}"
        return f"size={self.size!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Resize images, each new pixel a copy of the nearest old one.

    Args:
        size: (H, W); a number if they are equal.
        scale_factor: or by how much they grow.

    Source: PyTorch's ``torch.nn.UpsamplingNearest2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.UpsamplingNearest2d(scale_factor=2)(ag.tensor([[[[1.0, 2.0]]]]))
        tensor([[[[1., 1., 2., 2.],
                  [1., 1., 2., 2.]]]])
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Resize images, linear in both directions, the corners' centres kept in place.

    Args:
        size: (H, W); a number if they are equal.
        scale_factor: or by how much they grow.

    Source: PyTorch's ``torch.nn.UpsamplingBilinear2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.UpsamplingBilinear2d(size=(1, 3))(ag.tensor([[[[1.0, 2.0]]]]))
        tensor([[[[1.0000, 1.5000, 2.0000]]]])
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class PixelShuffle(Module):
    """Channels spread out as pixels: (*, C * r * r, H, W) to (*, C, H * r, W * r).

    Args:
        upscale_factor: r.

    Source: PyTorch's ``torch.nn.PixelShuffle``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.PixelShuffle(3)(ag.ones(1, 9, 4, 4)).shape
        autograd_core.Size([1, 1, 12, 12])
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Any:
        """Return the larger image."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """Return the factor, as PyTorch prints it."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Pixels gathered as channels: (*, C, H * r, W * r) to (*, C * r * r, H, W).

    Args:
        downscale_factor: r.

    Source: PyTorch's ``torch.nn.PixelUnshuffle``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.PixelUnshuffle(3)(ag.ones(1, 1, 12, 12)).shape
        autograd_core.Size([1, 9, 4, 4])
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Any:
        """Return the smaller image."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """Return the factor, as PyTorch prints it."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Channels in groups, dealt out: the first of each group, then the second of each, and so on.

    Args:
        groups: how many groups.

    Source: PyTorch's ``torch.nn.ChannelShuffle``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ChannelShuffle(2)(ag.arange(4).reshape(1, 4, 1)).flatten()
        tensor([0, 2, 1, 3])
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Tensor) -> Any:
        """Return `input` with its channels in another order."""
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        """Return the number of groups, as PyTorch prints it."""
        return f"groups={self.groups}"
