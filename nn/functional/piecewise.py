"""Activations made of straight pieces. At a kink the gradient is PyTorch's: see each."""

from __future__ import annotations

from collections.abc import Callable

import autograd_core as ag
from autograd_core.ops import activation
from autograd_core.ops.activation import hardtanh
from autograd_core.tensor import Tensor


def apply_activation(
    function: Callable[[Tensor], Tensor], input: Tensor, inplace: bool = False
) -> Tensor:
    """Return `function(input)`, written into `input` itself if `inplace`.

    Args:
        function: an elementwise function.
        input: any shape.
        inplace: overwrite `input`; default False.

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([-1.0, 1.0])
        >>> apply_activation(ag.relu, x, inplace=True) is x
        True
    """
    # The function works on a copy, since its gradient may need the values that are overwritten.
    return input.copy_(function(input.clone())) if inplace else function(input)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return `max(input, 0)`. The gradient at 0 is 0.

    Args:
        input: any shape.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.relu``.

    Example:
        >>> import autograd_core as ag
        >>> relu(ag.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    return input.relu_() if inplace else activation.relu(input)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Return `input` where positive, else `weight * input`; at 0 the slope is the latter.

    Args:
        input: any shape; dimension 1 are the channels.
        weight: one slope, or one per channel.

    Raises:
        ValueError: the number of slopes is not 1 or the number of channels.

    Source: PyTorch's ``torch.nn.functional.prelu``; He et al. (2015).

    Example:
        >>> import autograd_core as ag
        >>> prelu(ag.tensor([-2.0, 2.0]), ag.tensor([0.5]))
        tensor([-1.,  2.])
    """
    if weight.numel() != 1:
        channels = input.size(1) if input.ndim >= 2 else 1
        if weight.ndim != 1 or weight.numel() != channels:
            raise ValueError(
                f"prelu: expected one weight, or one for each of the {channels} channels of an "
                f"input of shape {tuple(input.shape)}, got shape {tuple(weight.shape)}"
            )
        weight = weight.reshape((channels,) + (1,) * (input.ndim - 2))
    elif weight.ndim > input.ndim:
        weight = weight.reshape(())
    return ag.where(input > 0, input, weight * input)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """Return `input` where above a threshold, else a constant.

    Args:
        input: any shape.
        threshold: the threshold itself counts as below.
        value: the constant.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.threshold``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.nn import functional as F
        >>> F.threshold(ag.tensor([0.5, 2.0]), 1.0, 9.0)
        tensor([9., 2.])
    """
    return apply_activation(lambda x: ag.where(x > threshold, x, value), input, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """Return `input / 6 + 1/2` cut off at 0 and 1. The gradient at the kinks is 0.

    Args:
        input: any shape.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.hardsigmoid``.

    Example:
        >>> import autograd_core as ag
        >>> hardsigmoid(ag.tensor([-4.0, 0.0, 4.0]))
        tensor([0.0000, 0.5000, 1.0000])
    """
    return apply_activation(lambda x: hardtanh(x + 3, 0.0, 6.0) / 6, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return `input * hardsigmoid(input)`. The gradient at -3 is 0, at 3 it is 1.

    Args:
        input: any shape.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.hardswish``; Howard et al., "Searching for
    MobileNetV3" (2019).

    Example:
        >>> import autograd_core as ag
        >>> hardswish(ag.tensor([-4.0, 3.0]))
        tensor([0., 3.])
    """

    def swish(x: Tensor) -> Tensor:
        curved = x * (x + 3) / 6
        return ag.where(x >= 3, x, ag.where(x <= -3, 0.0, curved))

    return apply_activation(swish, input, inplace)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Move `input` towards 0 by `lambd`, and not beyond. The gradient at the kinks is 0.

    Args:
        input: any shape.
        lambd: default 0.5.

    Raises:
        ValueError: `lambd` is negative.

    Source: PyTorch's ``torch.nn.functional.softshrink``.

    Example:
        >>> import autograd_core as ag
        >>> softshrink(ag.tensor([-2.0, 0.25, 2.0]))
        tensor([-1.5000,  0.0000,  1.5000])
    """
    if not lambd >= 0:
        raise ValueError(f"softshrink: lambda must be greater or equal to 0, but found {lambd}")
    return ag.where(
        input > lambd, input - lambd, ag.where(input < -lambd, input + lambd, 0.0 * input)
    )


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Return `input` with the values in [-lambd, lambd] replaced by 0.

    Args:
        input: any shape.
        lambd: default 0.5.

    Source: PyTorch's ``torch.nn.functional.hardshrink``.

    Example:
        >>> import autograd_core as ag
        >>> hardshrink(ag.tensor([-2.0, 0.25, 2.0]))
        tensor([-2.,  0.,  2.])
    """
    return ag.where((input >= -lambd) & (input <= lambd), 0.0, input)
