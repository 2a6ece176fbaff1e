"""Smooth activations."""

from __future__ import annotations

import math

import autograd_core as ag
from autograd_core.nn.functional.piecewise import apply_activation
from autograd_core.tensor import Tensor

_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return `input` where positive, else `alpha * (exp(input) - 1)`; at 0 the slope is `alpha`.

    Args:
        input: any shape.
        alpha: default 1.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.elu``; Clevert et al., "Fast and accurate deep network
    learning by exponential linear units" (2016).

    Example:
        >>> import autograd_core as ag
        >>> elu(ag.tensor([-1.0, 1.0]))
        tensor([-0.6321,  1.0000])
    """
    return apply_activation(lambda x: _exponential(x, alpha, 1.0, 1.0), input, inplace)


def _exponential(x: Tensor, alpha: float, scale: float, rate: float) -> Tensor:
    positive = x > 0
    # The branch not taken gets 0, as an overflow in it would make NaN of the gradient.
    falling = ag.expm1(ag.where(positive, 0.0, x) * rate) * (alpha * scale)
    return ag.where(positive, x * scale if scale != 1 else x, falling)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return a scaled `elu` whose outputs keep mean 0 and variance 1 from layer to layer.

    Args:
        input: any shape.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.selu``; Klambauer et al., "Self-normalizing neural
    networks" (2017).

    Example:
        >>> import autograd_core as ag
        >>> selu(ag.tensor([-1.0, 1.0]))
        tensor([-1.1113,  1.0507])
    """
    return apply_activation(
        lambda x: _exponential(x, _SELU_ALPHA, _SELU_SCALE, 1.0), input, inplace
    )


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return `input` where positive, else `alpha * (exp(input / alpha) - 1)`.

    Args:
        input: any shape.
        alpha: default 1.
        inplace: overwrite `input`; default False.

    Raises:
        ValueError: `alpha` is 0.

    Source: PyTorch's ``torch.nn.functional.celu``; Barron, "Continuously differentiable
    exponential linear units" (2017).

    Example:
        >>> import autograd_core as ag
        >>> celu(ag.tensor([-1.0, 1.0]), alpha=2.0)
        tensor([-0.7869,  1.0000])
    """
    if alpha == 0:
        raise ValueError("celu: alpha cannot be 0")
    return apply_activation(lambda x: _exponential(x, alpha, 1.0, 1 / alpha), input, inplace)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """Return `input` times the normal distribution's share below it.

    Args:
        input: any shape.
        approximate: "none" (default), or "tanh" for a cheaper formula.

    Raises:
        ValueError: `approximate` is neither.

    Source: PyTorch's ``torch.nn.functional.gelu``; Hendrycks and Gimpel, "Gaussian error linear
    units" (2016).

    Example:
        >>> import autograd_core as ag
        >>> gelu(ag.tensor([-1.0, 1.0]))
        tensor([-0.1587,  0.8413])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    if approximate == "tanh":
        below = ag.tanh((input + 0.044715 * input * input * input) * math.sqrt(2 / math.pi))
    else:
        below = ag.erf(input * math.sqrt(0.5))
    return input * (below + 1) * 0.5


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return `input * sigmoid(input)`, also called swish.

    Args:
        input: any shape.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.silu``; Elfwing et al. (2018).

    Example:
        >>> import autograd_core as ag
        >>> silu(ag.tensor([-1.0, 1.0]))
        tensor([-0.2689,  0.7311])
    """
    return apply_activation(lambda x: x * ag.sigmoid(x), input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return `input * tanh(softplus(input))`.

    Args:
        input: any shape.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.mish``; Misra, "Mish" (2019).

    Example:
        >>> import autograd_core as ag
        >>> mish(ag.tensor([-1.0, 1.0]))
        tensor([-0.3034,  0.8651])
    """
    return apply_activation(lambda x: x * ag.tanh(softplus(x)), input, inplace)


def logsigmoid(input: Tensor) -> Tensor:
    """Return `log(sigmoid(input))`, without overflow.

    Args:
        input: any shape.

    Source: PyTorch's ``torch.nn.functional.logsigmoid``.

    Example:
        >>> import autograd_core as ag
        >>> logsigmoid(ag.tensor([0.0, -1000.0]))
        tensor([-6.9315e-01, -1.0000e+03])
    """
    return ag.minimum(input, ag.zeros_like(input)) - ag.log1p(ag.exp(-input.abs()))


def tanhshrink(input: Tensor) -> Tensor:
    """Return `input - tanh(input)`.

    Args:
        input: any shape.

    Source: PyTorch's ``torch.nn.functional.tanhshrink``.

    Example:
        >>> import autograd_core as ag
        >>> tanhshrink(ag.tensor([0.0, 1.0]))
        tensor([0.0000, 0.2384])
    """
    return input - ag.tanh(input)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Return `log(1 + exp(beta * input)) / beta`, a smooth ReLU.

    Args:
        input: any shape.
        beta: how sharp the bend is; default 1.
        threshold: where `beta * input` is above it the result is `input` itself; default 20.

    Source: PyTorch's ``torch.nn.functional.softplus``.

    Example:
        >>> import autograd_core as ag
        >>> softplus(ag.tensor([0.0, 30.0]))
        tensor([ 0.6931, 30.0000])
    """
    scaled = input * beta
    straight = scaled > threshold
    # The branch not taken gets 0, as an overflow in it would make NaN of the gradient.
    curved = ag.log1p(ag.exp(ag.where(straight, 0.0, scaled))) / beta
    return ag.where(straight, input, curved)


def softsign(input: Tensor) -> Tensor:
    """Return `input / (1 + abs(input))`.

    Args:
        input: any shape.

    Source: PyTorch's ``torch.nn.functional.softsign``.

    Example:
        >>> import autograd_core as ag
        >>> softsign(ag.tensor([-1.0, 3.0]))
        tensor([-0.5000,  0.7500])
    """
    return input / (1 + input.abs())
