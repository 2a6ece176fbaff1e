"""Normalisation over the last dimensions, over groups of channels, over neighbouring channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd_core as ag
from autograd_core.nn import functional as F
from autograd_core.nn import init
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor


class _Affine(Module):
    """A scale and a shift, either of which may be missing."""

    weight: Parameter | None
    bias: Parameter | None

    def _make(self, shape: Any, scale: bool, shift: bool | None, device: Any, dtype: Any) -> None:
        """Register the parameters; no bias at all if `shift` is None."""
        for name, wanted in (("weight", scale), ("bias", shift)):
            if wanted is not None:
                values = ag.empty(shape, device=device, dtype=dtype) if wanted else None
                self.register_parameter(name, None if values is None else Parameter(values))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Back to scale 1 and shift 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if getattr(self, "bias", None) is not None:
            init.zeros_(self.bias)  # type: ignore[arg-type]


class LayerNorm(_Affine):
    """The last dimensions minus their mean, over their standard deviation; then scaled and shifted.

    Args:
        normalized_shape: the sizes of the last dimensions; a number for one.
        eps: added to the variance; default 1e-5.
        elementwise_affine: learn a scale and a shift for each element; default True.
        bias: with `elementwise_affine`, learn the shift too; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input (..., normalized_shape...), output likewise.

    Attributes:
        weight, bias: of shape `normalized_shape`, ones and zeros at first; None if switched off.

    Source: PyTorch's ``torch.nn.LayerNorm``; Ba et al., "Layer normalization" (2016).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LayerNorm(2, eps=0.0)(ag.tensor([1.0, 3.0])).tolist()
        [-1.0, 1.0]
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        several = isinstance(normalized_shape, Sequence)
        self.normalized_shape = tuple(normalized_shape) if several else (normalized_shape,)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._make(
            self.normalized_shape, elementwise_affine, elementwise_affine and bias, device, dtype
        )

    def forward(self, input: Tensor) -> Any:
        """Return `input` normalised."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(_Affine):
    """The last dimensions over the root of their mean square; then scaled.

    Args:
        normalized_shape: the sizes of the last dimensions; a number for one.
        eps: added to the mean square; default the smallest step from 1 in the input's dtype.
        elementwise_affine: learn a scale for each element; default True.
        device: where the parameter is made; the default device if left out.
        dtype: its dtype; the default dtype if left out.

    Shape: input (..., normalized_shape...), output likewise.

    Attributes:
        weight: of shape `normalized_shape`, ones at first; None if switched off.

    Source: PyTorch's ``torch.nn.RMSNorm``; Zhang and Sennrich, "Root mean square layer
    normalization" (2019).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> [round(v, 4) for v in nn.RMSNorm(2)(ag.tensor([1.0, 7.0])).tolist()]
        [0.2, 1.4]
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        several = isinstance(normalized_shape, Sequence)
        self.normalized_shape = tuple(normalized_shape) if several else (normalized_shape,)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._make(self.normalized_shape, elementwise_affine, None, device, dtype)

    def forward(self, x: Tensor) -> Any:
        """Return `x` normalised."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(_Affine):
    """Each group of channels minus its mean, over its standard deviation; then scaled and shifted.

    Args:
        num_groups: how many groups the channels are split into.
        num_channels: number of channels C.
        eps: added to the variance; default 1e-5.
        affine: learn a scale and a shift for each channel; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.
        bias: with `affine`, learn the shift too; default True.

    Shape: input (N, C, ...), output likewise.

    Attributes:
        weight, bias: (C,), ones and zeros at first; None if switched off.

    Raises:
        ValueError: the channels are no multiple of `num_groups`.

    Source: PyTorch's ``torch.nn.GroupNorm``; Wu and He, "Group normalization" (2018).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.GroupNorm(2, 4)(ag.randn(1, 4, 3)).shape
        autograd_core.Size([1, 4, 3])
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_channels ({num_channels}) must be divisible by num_groups "
                f"({num_groups})"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._make(num_channels, affine, affine and bias, device, dtype)

    def forward(self, input: Tensor) -> Any:
        """Return `input` normalised."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """Each element over a power of the mean square of the channels around it.

    Args:
        size: how many channels are neighbours.
        alpha: weight of the mean square; default 1e-4.
        beta: the power; default 0.75.
        k: added to it; default 1.

    Shape: input (N, C, ...), output likewise.

    Source: PyTorch's ``torch.nn.LocalResponseNorm``; Krizhevsky et al., "ImageNet classification"
    (2012).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LocalResponseNorm(2)(ag.ones(1, 3, 4)).shape
        autograd_core.Size([1, 3, 4])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Any:
        """Return `input` normalised."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
