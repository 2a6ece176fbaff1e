"""Batch and instance normalisation that take the number of channels from the first input."""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.nn.batchnorm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    _NormBase,
)
from autograd_core.nn.lazy import LazyLayer
from autograd_core.nn.parameter import UninitializedBuffer
from autograd_core.tensor import Tensor


class _LazyNormBase(LazyLayer, _NormBase):
    size = "num_features"

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(0, eps, momentum, False, False, bias=False)
        self.affine = affine
        self.track_running_stats = track_running_stats
        if affine:
            self._expect("weight", device, dtype)
            if bias:
                self._expect("bias", device, dtype)
        if track_running_stats:
            self.running_mean = UninitializedBuffer(device=device, dtype=dtype)
            self.running_var = UninitializedBuffer(device=device, dtype=dtype)
            self.num_batches_tracked = ag.tensor(0, device=device)

    def _size_of(self, input: Tensor) -> int:
        self._check_input_dim(input)
        return int(input.shape[self._channel_dim(input)])

    def _shapes(self, size: int) -> dict[str, tuple[int, ...]]:
        return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (size,))


class LazyBatchNorm1d(_LazyNormBase, BatchNorm1d):
    """A :class:`BatchNorm1d` that takes `num_features` from the first input; other arguments as
    there.

    Source: PyTorch's ``torch.nn.LazyBatchNorm1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyBatchNorm1d()(ag.randn(2, 3)).shape
        autograd_core.Size([2, 3])
    """

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNormBase, BatchNorm2d):
    """A :class:`BatchNorm2d` that takes `num_features` from the first input; other arguments as
    there.

    Source: PyTorch's ``torch.nn.LazyBatchNorm2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyBatchNorm2d()(ag.randn(2, 3, 4, 4)).shape
        autograd_core.Size([2, 3, 4, 4])
    """

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNormBase, BatchNorm3d):
    """A :class:`BatchNorm3d` that takes `num_features` from the first input; other arguments as
    there.

    Source: PyTorch's ``torch.nn.LazyBatchNorm3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyBatchNorm3d()(ag.randn(2, 3, 2, 2, 2)).shape
        autograd_core.Size([2, 3, 2, 2, 2])
    """

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyNormBase, InstanceNorm1d):
    """An :class:`InstanceNorm1d` that takes `num_features` from the first input, with scale, shift
    and running values unless switched off.

    Source: PyTorch's ``torch.nn.LazyInstanceNorm1d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyInstanceNorm1d()(ag.randn(2, 3, 4)).shape
        autograd_core.Size([2, 3, 4])
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNormBase, InstanceNorm2d):
    """An :class:`InstanceNorm2d` that takes `num_features` from the first input, with scale, shift
    and running values unless switched off.

    Source: PyTorch's ``torch.nn.LazyInstanceNorm2d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyInstanceNorm2d()(ag.randn(2, 3, 4, 4)).shape
        autograd_core.Size([2, 3, 4, 4])
    """

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNormBase, InstanceNorm3d):
    """An :class:`InstanceNorm3d` that takes `num_features` from the first input, with scale, shift
    and running values unless switched off.

    Source: PyTorch's ``torch.nn.LazyInstanceNorm3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LazyInstanceNorm3d()(ag.randn(2, 3, 2, 2, 2)).shape
        autograd_core.Size([2, 3, 2, 2, 2])
    """

    cls_to_become = InstanceNorm3d
