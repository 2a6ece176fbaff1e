"""Layers that merge dimensions and split them."""

from __future__ import annotations

from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class Flatten(Module):
    """Merge a range of dimensions into one; by default all but the batch.

    Args:
        start_dim: the first to merge; default 1.
        end_dim: the last to merge; default -1.

    Source: PyTorch's ``torch.nn.Flatten``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Flatten()(ag.ones(32, 1, 5, 5)).shape
        autograd_core.Size([32, 25])
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with the dimensions merged."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the range, as PyTorch prints it."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Split one dimension into several.

    Args:
        dim: the dimension.
        unflattened_size: the new sizes, of which one may be -1.

    Raises:
        TypeError: `dim` is not an integer or the sizes are not a sequence of integers.

    Source: PyTorch's ``torch.nn.Unflatten``, without named dimensions.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Unflatten(1, (2, 5, 5))(ag.ones(2, 50)).shape
        autograd_core.Size([2, 2, 5, 5])
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...] | list[int]) -> None:
        super().__init__()
        if not isinstance(dim, int):
            raise TypeError(f"Unflatten: dim must be an integer, got {dim!r}")
        if not isinstance(unflattened_size, (tuple, list)) or not all(
            isinstance(size, int) for size in unflattened_size
        ):
            raise TypeError(
                f"Unflatten: unflattened_size must be a tuple of integers, got {unflattened_size!r}"
            )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with the dimension split."""
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Return the sizes, as PyTorch prints them."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
