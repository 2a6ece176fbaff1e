"""Random numbers whose size keeps signals alike from layer to layer."""

from __future__ import annotations

import math
import warnings
from typing import Any

from autograd_core.nn.init.basic import normal_, uniform_
from autograd_core.tensor import Tensor

_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0),
    "selu": 3.0 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which weights before a nonlinearity should be larger.

    Args:
        nonlinearity: "linear", "conv1d" ..., "sigmoid", "tanh", "relu", "leaky_relu" or "selu".
        param: the negative slope of "leaky_relu"; default 0.01.

    Raises:
        ValueError: the nonlinearity is unknown, or `param` is not a number.

    Source: PyTorch's ``torch.nn.init.calculate_gain``.

    Example:
        >>> calculate_gain("tanh")
        1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"calculate_gain: negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"calculate_gain: Unsupported nonlinearity {nonlinearity}")
    return _GAINS[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs an output has, and how many outputs an input."""
    if tensor.ndim < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, got "
            f"shape {tuple(tensor.shape)}"
        )
    field = math.prod(tensor.shape[2:])
    return tensor.size(1) * field, tensor.size(0) * field


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill evenly over +-gain * sqrt(6 / (fan_in + fan_out)); returns the tensor.

    Args:
        tensor: what to fill; at least two dimensions.
        gain: see `calculate_gain`; default 1.
        generator: where the numbers come from; the default generator if left out.

    Raises:
        ValueError: fewer than two dimensions.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks" (2010); PyTorch's ``torch.nn.init.xavier_uniform_``.

    Example:
        >>> import autograd_core as ag
        >>> bool((xavier_uniform_(ag.empty(3, 3)).abs() <= 1).all())
        True
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    bound = math.sqrt(3.0) * gain * math.sqrt(2.0 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill normally, with standard deviation gain * sqrt(2 / (fan_in + fan_out)).

    Args:
        tensor: what to fill; at least two dimensions.
        gain: see `calculate_gain`; default 1.
        generator: where the numbers come from; the default generator if left out.

    Returns:
        The tensor.

    Raises:
        ValueError: fewer than two dimensions.

    Source: Glorot and Bengio (2010); PyTorch's ``torch.nn.init.xavier_normal_``.

    Example:
        >>> import autograd_core as ag
        >>> xavier_normal_(ag.empty(2, 3)).shape
        autograd_core.Size([2, 3])
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / (fan_in + fan_out)), generator)


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    """Return the one of the two that `mode` names, "fan_in" or "fan_out" in any letters."""
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode == "fan_in" else fan_out


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    return calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Fill evenly over +-gain * sqrt(3 / fan); returns the tensor.

    Args:
        tensor: what to fill; at least two dimensions unless it is empty.
        a: negative slope of the leaky ReLU that follows; default 0.
        mode: "fan_in" (default) keeps the size of the activations, "fan_out" of the gradients.
        nonlinearity: what follows; see `calculate_gain`.
        generator: where the numbers come from; the default generator if left out.

    Raises:
        ValueError: `mode` or `nonlinearity` is unknown, or there are fewer than two dimensions.

    Source: He et al., "Delving deep into rectifiers" (2015); PyTorch's
    ``torch.nn.init.kaiming_uniform_``.

    Example:
        >>> import autograd_core as ag
        >>> bool((kaiming_uniform_(ag.empty(3, 6)).abs() <= 1).all())
        True
    """
    if tensor.numel() == 0:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Fill normally, with standard deviation gain / sqrt(fan); returns the tensor.

    Args:
        tensor: what to fill; at least two dimensions unless it is empty.
        a: negative slope of the leaky ReLU that follows; default 0.
        mode: "fan_in" (default) or "fan_out".
        nonlinearity: what follows; see `calculate_gain`.
        generator: where the numbers come from; the default generator if left out.

    Raises:
        ValueError: `mode` or `nonlinearity` is unknown, or there are fewer than two dimensions.

    Source: He et al. (2015); PyTorch's ``torch.nn.init.kaiming_normal_``.

    Example:
        >>> import autograd_core as ag
        >>> kaiming_normal_(ag.empty(2, 3), mode="fan_out").shape
        autograd_core.Size([2, 3])
    """
    if tensor.numel() == 0:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)
