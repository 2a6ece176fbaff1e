"""Convolutional layers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import autograd_core as ag
from autograd_core.nn import functional as F
from autograd_core.nn import init
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.ops.conv_windows import per_dim
from autograd_core.tensor import Tensor

_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What all convolutional layers share: weight, bias, their initial values and the text.

    A class of one number of dimensions sets `dims`; else `kernel_size` must be a tuple.
    """

    dims: ClassVar[int] = 0
    transposed: bool
    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: Any  # a string, or a number for each dimension
    dilation: tuple[int, ...]
    output_padding: tuple[int, ...]
    groups: int
    padding_mode: str
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        transposed: bool,
        output_padding: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name, n = type(self).__name__, self.dims or len(kernel_size)
        self.transposed = transposed
        if groups <= 0:
            raise ValueError(f"{name}: groups must be a positive integer, got {groups}")
        for argument, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(
                    f"{name}: {argument}={channels} must be divisible by groups={groups}"
                )
        if padding_mode not in _MODES or (self.transposed and padding_mode != "zeros"):
            choices = "'zeros'" if self.transposed else f"one of {', '.join(map(repr, _MODES))}"
            raise ValueError(f"{name}: padding_mode must be {choices}, got {padding_mode!r}")
        if isinstance(padding, str) and (self.transposed or padding not in ("same", "valid")):
            choices = "numbers" if self.transposed else "'same', 'valid' or numbers"
            raise ValueError(f"{name}: padding must be {choices}, got {padding!r}")
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = per_dim(name, "kernel_size", kernel_size, n, 1)
        self.stride = per_dim(name, "stride", stride, n, 1)
        self.dilation = per_dim(name, "dilation", dilation, n, 1)
        self.padding = (
            padding if isinstance(padding, str) else per_dim(name, "padding", padding, n, 0)
        )
        if padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError(f"{name}: padding='same' needs stride=1, got {self.stride}")
        self.output_padding = per_dim(name, "output_padding", output_padding, n, 0)
        self.groups = groups
        self.padding_mode = padding_mode
        # As `F.pad` wants it: before and after, the last dimension first.
        self._reversed_padding_repeated_twice = self._padding_around()
        self.weight = Parameter(
            ag.empty(self._weight_shape(in_channels), device=device, dtype=dtype)
        )
        if bias:
            self.bias = Parameter(ag.empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _weight_shape(self, in_channels: int) -> tuple[int, ...]:
        first, second = in_channels, self.out_channels
        if not self.transposed:
            first, second = second, first
        return (first, second // self.groups, *self.kernel_size)

    def _padding_around(self) -> list[int]:
        if self.padding == "valid":
            return [0] * 2 * len(self.kernel_size)
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
            pairs = [(total // 2, total - total // 2) for total in totals]
        else:
            pairs = [(p, p) for p in self.padding]
        return [p for pair in reversed(pairs) for p in pair]

    def reset_parameters(self) -> None:
        """Draw new weights, then a new bias."""
        # With a=sqrt(5) the bound comes to 1/sqrt(fan_in).
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = math.prod(self.weight.shape[1:])
        if self.bias is not None and fan_in:
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """Return the sizes and options, as PyTorch prints them."""
        n = len(self.kernel_size)
        none = (0,) * n
        sizes = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        parts = [sizes, f"stride={self.stride}"]
        if self.padding != none:
            parts.append(f"padding={self.padding}")
        if self.dilation != (1,) * n:
            parts.append(f"dilation={self.dilation}")
        if self.output_padding != none:
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class _Conv(_ConvNd):
    def __init__(
        self,
        in_channels: int,
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
            in_channels, out_channels, kernel_size, stride, padding, dilation, False, 0, groups,
            bias, padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        """Return the convolution of `input` with the weight, plus the bias."""
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """The convolution with another weight: for layers that compute theirs in `forward`."""
        convolve = getattr(F, f"conv{self.dims}d")
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            padding = 0
        out: Tensor = convolve(
            input, weight, bias, self.stride, padding, self.dilation, self.groups
        )
        return out


class _ConvTransposeNd(_ConvNd):
    def __init__(
        self,
        in_channels: int,
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
            in_channels, out_channels, kernel_size, stride, padding, dilation, True,
            output_padding, groups, bias, padding_mode, device, dtype,
        )  # fmt: skip

    def _output_padding(self, input: Tensor, output_size: Any) -> tuple[int, ...]:
        """The output padding that leads to `output_size`."""
        wanted = tuple(output_size)
        if len(wanted) == input.ndim:
            wanted = wanted[-self.dims :]
        name = type(self).__name__
        if len(wanted) != self.dims:
            raise ValueError(
                f"{name}: output_size must have {self.dims} or {input.ndim} elements, got "
                f"{len(wanted)}"
            )
        least = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                input.shape[-self.dims :], self.stride, self.padding, self.dilation,
                self.kernel_size,
            )
        ]  # fmt: skip
        for size, low, s in zip(wanted, least, self.stride):
            if not low <= size < low + s:
                raise ValueError(
                    f"{name}: output_size {wanted} is not within {least} and "
                    f"{[low + s - 1 for low, s in zip(least, self.stride)]}, which an input of "
                    f"shape {tuple(input.shape)} allows"
                )
        return tuple(size - low for size, low in zip(wanted, least))

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Return the transposed convolution of `input`, of `output_size` if that is given."""
        more = self.output_padding
        if output_size is not None:
            more = self._output_padding(input, output_size)
        transpose = getattr(F, f"conv_transpose{self.dims}d")
        out: Tensor = transpose(
            input, self.weight, self.bias, self.stride, self.padding, more, self.groups,
            self.dilation,
        )  # fmt: skip
        return out


class Conv1d(_Conv):
    """A convolution over the last dimension of (N, C, L) or (C, L).

    Arguments, attributes and errors as for :class:`Conv2d`.

    Source: PyTorch's ``torch.nn.Conv1d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Conv1d(3, 4, 3, padding=1)(ag.ones(2, 3, 6)).shape
        autograd_core.Size([2, 4, 6])
    """

    dims = 1


class Conv2d(_Conv):
    """A convolution over the last two dimensions, with learned weight and bias.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window; a number, or one for each dimension.
        stride: how far the window moves at a time; default 1.
        padding: zeros added on both sides (default 0), ``"same"`` or ``"valid"``.
        dilation: distance between the elements that the kernel looks at; default 1.
        groups: channels are split into so many groups that do not see each other; default 1.
        bias: add a learned bias; default True.
        padding_mode: ``"zeros"`` (default), ``"reflect"``, ``"replicate"`` or ``"circular"``.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Attributes:
        weight: ``(out_channels, in_channels / groups, *kernel_size)``, uniform in
            +-1/sqrt(fan_in) at first.
        bias: (out_channels,), likewise; None if switched off.

    Raises:
        ValueError: the channels are no multiple of `groups`, or an option is unknown.

    Source: PyTorch's ``torch.nn.Conv2d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Conv2d(3, 4, 3, padding=1)(ag.ones(2, 3, 6, 6)).shape
        autograd_core.Size([2, 4, 6, 6])
    """

    dims = 2


class Conv3d(_Conv):
    """A convolution over the last three dimensions of (N, C, D, H, W) or (C, D, H, W).

    Arguments, attributes and errors as for :class:`Conv2d`.

    Source: PyTorch's ``torch.nn.Conv3d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Conv3d(3, 4, 3, padding=1)(ag.ones(2, 3, 6, 6, 6)).shape
        autograd_core.Size([2, 4, 6, 6, 6])
    """

    dims = 3


class ConvTranspose1d(_ConvTransposeNd):
    """A transposed convolution over the last dimension of (N, C, L) or (C, L).

    Arguments, attributes and errors as for :class:`ConvTranspose2d`.

    Source: PyTorch's ``torch.nn.ConvTranspose1d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ConvTranspose1d(3, 4, 3)(ag.ones(2, 3, 6)).shape
        autograd_core.Size([2, 4, 8])
    """

    dims = 1


class ConvTranspose2d(_ConvTransposeNd):
    """A transposed convolution over the last two dimensions, with learned weight and bias.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window; a number, or one for each dimension.
        stride: how far the window moves at a time; default 1.
        padding: elements left out on both sides of the result; default 0.
        output_padding: elements added after the last one; default 0.
        groups: channels are split into so many groups that do not see each other; default 1.
        bias: add a learned bias; default True.
        dilation: distance between the elements that the kernel writes to; default 1.
        padding_mode: only ``"zeros"``.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Attributes:
        weight: ``(in_channels, out_channels / groups, *kernel_size)``, uniform in
            +-1/sqrt(fan_in) at first.
        bias: (out_channels,), likewise; None if switched off.

    Raises:
        ValueError: the channels are no multiple of `groups`, or an option is unknown.

    Source: PyTorch's ``torch.nn.ConvTranspose2d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ConvTranspose2d(3, 4, 3)(ag.ones(2, 3, 6, 6)).shape
        autograd_core.Size([2, 4, 8, 8])
    """

    dims = 2


class ConvTranspose3d(_ConvTransposeNd):
    """A transposed convolution over the last three dimensions of (N, C, D, H, W) or (C, D, H, W).

    Arguments, attributes and errors as for :class:`ConvTranspose2d`.

    Source: PyTorch's ``torch.nn.ConvTranspose3d``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ConvTranspose3d(3, 4, 3)(ag.ones(2, 3, 6, 6, 6)).shape
        autograd_core.Size([2, 4, 8, 8, 8])
    """

    dims = 3
