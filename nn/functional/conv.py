"""Convolution in another layout."""

from __future__ import annotations

from autograd_core.errors import ShapeError
from autograd_core.ops.conv import conv1d
from autograd_core.tensor import Tensor


def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """A convolution over sequences of the layout (time, batch, channels).

    Args:
        input: (T, N, C).
        weight: (K, C, channels of the output).
        bias: one number for each channel of the output.
        pad: how many zeros stand at both ends; default 0.

    Returns:
        (T + 2 * pad - K + 1, N, channels of the output).

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch's ``torch.nn.functional.conv_tbc``.

    Example:
        >>> import autograd_core as ag
        >>> conv_tbc(ag.ones(3, 1, 2), ag.ones(2, 2, 1), ag.zeros(1)).reshape(-1)
        tensor([4., 4.])
    """
    fits = input.ndim == weight.ndim == 3 and input.shape[2] == weight.shape[1]
    if not fits or tuple(bias.shape) != (weight.shape[2],):
        raise ShapeError(
            f"conv_tbc: expected input (T, N, C), weight (K, C, outputs) and bias (outputs), got "
            f"{tuple(input.shape)}, {tuple(weight.shape)} and {tuple(bias.shape)}"
        )
    out = conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad)
    return out.permute(2, 0, 1)
