"""Normalisation with a scale, a shift and running values for each channel."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import autograd_core as ag
from autograd_core.nn import functional as F
from autograd_core.nn import init
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor


class _NormBase(Module):
    """Scale, shift and running values of each channel."""

    # 2: there is num_batches_tracked, which older states lack.
    _version = 2

    ranks: ClassVar[tuple[int, ...]]

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            values = ag.empty(num_features, device=device, dtype=dtype) if wanted else None
            self.register_parameter(name, None if values is None else Parameter(values))
        buffers: dict[str, Tensor | None] = dict.fromkeys(
            ("running_mean", "running_var", "num_batches_tracked")
        )
        if track_running_stats:
            buffers["running_mean"] = ag.zeros(num_features, device=device, dtype=dtype)
            buffers["running_var"] = ag.ones(num_features, device=device, dtype=dtype)
            buffers["num_batches_tracked"] = ag.tensor(0, device=device)
        for name, value in buffers.items():
            self.register_buffer(name, value)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Back to mean 0 and variance 1."""
        if self.running_mean is not None and self.running_var is not None:
            self.running_mean.zero_()
            self.running_var.fill_(1)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Back to scale 1 and shift 0, and running values likewise."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _check_input_dim(self, input: Tensor) -> None:
        """Raise for another number of dimensions; a class of its own may override it."""
        if not hasattr(self, "ranks"):
            raise NotImplementedError(f"{type(self).__name__} has no _check_input_dim(input)")
        if input.ndim not in self.ranks:
            wanted = " or ".join(f"{rank}D" for rank in self.ranks)
            raise ValueError(
                f"{type(self).__name__}: expected {wanted} input, got {input.ndim}D of shape "
                f"{tuple(input.shape)}"
            )

    def _channel_dim(self, input: Tensor) -> int:
        return 1

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, local_metadata: Any, *more: Any
    ) -> None:
        key, tracked = prefix + "num_batches_tracked", self.num_batches_tracked
        old = (local_metadata.get("version") or 1) < 2
        if old and tracked is not None and key not in state_dict:
            state_dict[key] = tracked
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *more)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_NormBase):
    """Batch normalisation of any number of dimensions."""

    def forward(self, input: Tensor) -> Any:
        """Return `input` normalised by this batch, or, in eval mode, by the running values."""
        self._check_input_dim(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        tracks = self.track_running_stats
        if self.training and tracks and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the mean of all batches so far
                momentum = 1.0 / self.num_batches_tracked.item()
        untracked = self.running_mean is None and self.running_var is None
        use = tracks or not self.training
        return F.batch_norm(
            input, self.running_mean if use else None, self.running_var if use else None,
            self.weight, self.bias, self.training or untracked, momentum, self.eps,
        )  # fmt: skip


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L). Arguments as for :class:`BatchNorm2d`.

    Source: PyTorch's ``torch.nn.BatchNorm1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.BatchNorm1d(1, eps=1e-9)(ag.tensor([[1.0], [3.0]])).tolist()
        [[-1.0], [1.0]]
    """

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Each channel minus its mean over the batch, over its standard deviation; then scaled and
    shifted.

    Args:
        num_features: number of channels C.
        eps: added to the variance; default 1e-5.
        momentum: weight of a batch in the running values, default 0.1; None for the mean of all.
        affine: learn a scale and a shift for each channel; default True.
        track_running_stats: keep running mean and variance, which eval mode uses; default True.
        device: where parameters and buffers are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.
        bias: with `affine`, learn the shift too; default True.

    Shape: input (N, C, H, W), output likewise.

    Attributes:
        weight, bias: (C,), ones and zeros at first.
        running_mean, running_var: (C,) buffers, zeros and ones at first.
        num_batches_tracked: how many batches they have seen.

    Raises:
        ValueError: another number of dimensions or channels.

    Source: PyTorch's ``torch.nn.BatchNorm2d``; Ioffe and Szegedy, "Batch normalization" (2015).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.BatchNorm2d(3)(ag.randn(2, 3, 4, 4)).shape
        autograd_core.Size([2, 3, 4, 4])
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of (N, C, D, H, W). Arguments as for :class:`BatchNorm2d`.

    Source: PyTorch's ``torch.nn.BatchNorm3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.BatchNorm3d(3)(ag.randn(2, 3, 2, 2, 2)).shape
        autograd_core.Size([2, 3, 2, 2, 2])
    """

    ranks = (5,)


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation over the batches of all processes.

    There is one process here, so that it is a batch normalisation of any number of dimensions.

    Args:
        num_features, eps, momentum, affine, track_running_stats, device, dtype, bias: as for
            :class:`BatchNorm2d`.
        process_group: which processes; only kept.

    Shape: input (N, C, ...), output likewise.

    Source: PyTorch's ``torch.nn.SyncBatchNorm``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.SyncBatchNorm(3)(ag.randn(2, 3, 4)).shape
        autograd_core.Size([2, 3, 4])
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )
        self.process_group = process_group

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim < 2:
            raise ValueError(
                f"SyncBatchNorm: expected at least 2D input, got {input.ndim}D of shape "
                f"{tuple(input.shape)}"
            )

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """Put a SyncBatchNorm in place of every batch normalisation in a module.

        Args:
            module: the module; what is below it is replaced in place.
            process_group: for the new ones.

        Returns:
            The module, or the SyncBatchNorm that takes its place, with its parameters and buffers.

        Example:
            >>> from autograd_core import nn
            >>> nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(nn.BatchNorm1d(2)))[0].eps
            1e-05
        """
        result = module
        if isinstance(module, _BatchNorm):
            result = cls(
                module.num_features, module.eps, module.momentum, module.affine,
                module.track_running_stats, process_group, bias=module.bias is not None,
            )  # fmt: skip
            result.weight, result.bias = module.weight, module.bias
            for name, buffer in module._buffers.items():
                setattr(result, name, buffer)
            result.training = module.training
        for name, child in module.named_children():
            result.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return result


class _InstanceNorm(_NormBase):
    """Instance normalisation of any number of dimensions."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def _get_no_batch_dim(self) -> int:
        """How many dimensions an input without a batch has."""
        return self.ranks[0]

    def _channel_dim(self, input: Tensor) -> int:
        return 0 if input.ndim == self._get_no_batch_dim() else 1

    def forward(self, input: Tensor) -> Any:
        """Return `input` normalised by itself, or, in eval mode, by running values if kept."""
        self._check_input_dim(input)
        place = self._channel_dim(input)
        batched, channels = place == 1, input.shape[place]
        if channels != self.num_features:
            message = (
                f"{type(self).__name__}: expected num_features={self.num_features} channels, got "
                f"{channels} in input of shape {tuple(input.shape)}"
            )
            if self.affine:
                raise ValueError(message)
            warnings.warn(f"{message}; without affine it is not used", stacklevel=2)
        out = F.instance_norm(
            input if batched else input.unsqueeze(0),
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return out if batched else out.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of (N, C, L) or (C, L). Arguments as for :class:`InstanceNorm2d`.

    Source: PyTorch's ``torch.nn.InstanceNorm1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.InstanceNorm1d(1, eps=0.0)(ag.tensor([[[1.0, 3.0]]]))
        tensor([[[-1.,  1.]]])
    """

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each image minus its mean, over its standard deviation.

    Args:
        num_features: number of channels C.
        eps: added to the variance; default 1e-5.
        momentum: weight of a batch in the running values; default 0.1.
        affine: learn a scale and a shift for each channel; default False.
        track_running_stats: keep running mean and variance, which eval mode uses; default False.
        device: where parameters and buffers are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.
        bias: with `affine`, learn the shift too; default True.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Raises:
        ValueError: another number of dimensions or channels.

    Source: PyTorch's ``torch.nn.InstanceNorm2d``; Ulyanov et al., "Instance normalization" (2016).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.InstanceNorm2d(3)(ag.randn(2, 3, 4, 4)).shape
        autograd_core.Size([2, 3, 4, 4])
    """

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of (N, C, D, H, W) or (C, D, H, W). Arguments as for
    :class:`InstanceNorm2d`.

    Source: PyTorch's ``torch.nn.InstanceNorm3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.InstanceNorm3d(3)(ag.randn(2, 3, 2, 2, 2)).shape
        autograd_core.Size([2, 3, 2, 2, 2])
    """

    ranks = (4, 5)
