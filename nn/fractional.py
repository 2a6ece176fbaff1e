"""Max pooling layers with windows at random distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.ops.conv_windows import per_dim
from autograd_core.tensor import Tensor


class _FractionalMaxPool(Module):
    """What fractional max pooling of any number of dimensions holds."""

    dims: ClassVar[int]

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        name, n = type(self).__name__, self.dims
        if (output_size is None) == (output_ratio is None):
            raise ValueError(f"{name}: give either output_size or output_ratio")
        self.kernel_size = per_dim(name, "kernel_size", kernel_size, n, 1)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size: tuple[int, ...] | None = None
        self.output_ratio: tuple[float, ...] | None = None
        if output_size is not None:
            self.output_size = per_dim(name, "output_size", output_size, n, 1)
        else:
            several = isinstance(output_ratio, Sequence)
            self.output_ratio = tuple(output_ratio) if several else (output_ratio,) * n
            if len(self.output_ratio) != n or not all(0 < r < 1 for r in self.output_ratio):
                raise ValueError(
                    f"{name}: output_ratio must be one number between 0 and 1, or {n}, got "
                    f"{output_ratio!r}"
                )

    def _options(self) -> tuple[Any, ...]:
        return (
            self.kernel_size, self.output_size, self.output_ratio, self.return_indices,
            self._random_samples,
        )  # fmt: skip


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest element of each window of images, where the windows are at random distances.

    Args:
        kernel_size: size of the window; a number, or one for each dimension.
        output_size: size of the output; a number, or one for each dimension.
        output_ratio: or what part of the input's size it is, between 0 and 1.
        return_indices: also return where each maximum was, for max unpooling; default False.

    Shape: input (N, C, H, W) or (C, H, W), output likewise.

    Raises:
        ValueError: not one of `output_size` and `output_ratio`, or a ratio out of range.

    Source: PyTorch's ``torch.nn.FractionalMaxPool2d``; Graham, "Fractional max-pooling" (2014).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.FractionalMaxPool2d(3, output_ratio=0.5)(ag.ones(1, 3, 10, 8)).shape
        autograd_core.Size([1, 3, 5, 4])
    """

    dims = 2

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.fractional_max_pool2d(input, *self._options())


class FractionalMaxPool3d(_FractionalMaxPool):
    """As :class:`FractionalMaxPool2d`, for volumes (N, C, D, H, W) or (C, D, H, W).

    Source: PyTorch's ``torch.nn.FractionalMaxPool3d``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.FractionalMaxPool3d(2, output_size=3)(ag.ones(1, 3, 6, 5, 4)).shape
        autograd_core.Size([1, 3, 3, 3, 3])
    """

    dims = 3

    def forward(self, input: Tensor) -> Any:
        """Return the pooled `input`."""
        return F.fractional_max_pool3d(input, *self._options())
