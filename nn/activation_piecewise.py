"""Activation layers made of straight pieces. The functions are in `functional`."""

from __future__ import annotations

from typing import Any

import autograd_core as ag
from autograd_core.nn import functional as F
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor


class InplaceActivation(Module):
    """An activation whose only option is to overwrite its input.

    Args:
        inplace: overwrite the input; default False.
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Return "inplace=True" or nothing, as PyTorch prints it."""
        return "inplace=True" if self.inplace else ""


class ReLU(InplaceActivation):
    """Negative values become 0.

    Args:
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.ReLU``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReLU()(ag.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `max(input, 0)`."""
        return F.relu(input, self.inplace)


class ReLU2(Module):
    """Negative values become 0, the others their squares.

    Source: So et al., "Primer" (2021); MLX's ``mlx.nn.ReLU2``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReLU2()(ag.tensor([-1.0, 3.0]))
        tensor([0., 9.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the square of `max(input, 0)`."""
        return F.relu2(input)


class Hardtanh(Module):
    """Values are cut off at two bounds.

    Args:
        min_val: lower bound; default -1.
        max_val: upper bound; default 1.
        inplace: overwrite the input; default False.

    Raises:
        ValueError: `min_val` is not less than `max_val`.

    Source: PyTorch's ``torch.nn.Hardtanh``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Hardtanh(-2, 2)(ag.tensor([-3.0, 1.0]))
        tensor([-2.,  1.])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if not min_val < max_val:
            raise ValueError(f"Hardtanh: min_val {min_val} must be less than max_val {max_val}")
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` cut off at the bounds."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """Return the bounds, as PyTorch prints them."""
        inplace = ", inplace=True" if self.inplace else ""
        return f"min_val={self.min_val}, max_val={self.max_val}{inplace}"


class ReLU6(Hardtanh):
    """Values are cut off at 0 and 6.

    Args:
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.ReLU6``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ReLU6()(ag.tensor([-1.0, 7.0]))
        tensor([0., 6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """Return "inplace=True" or nothing, as PyTorch prints it."""
        return "inplace=True" if self.inplace else ""


class LeakyReLU(Module):
    """Negative values are multiplied by a small slope.

    Args:
        negative_slope: default 0.01.
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.LeakyReLU``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LeakyReLU(0.5)(ag.tensor([-2.0, 2.0]))
        tensor([-1.,  2.])
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input`, with negative values times the slope."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Return the slope, as PyTorch prints it."""
        inplace = ", inplace=True" if self.inplace else ""
        return f"negative_slope={self.negative_slope}{inplace}"


class RReLU(Module):
    """Negative values are multiplied by slopes: while training drawn for each, else their mean.

    Args:
        lower, upper: the slopes are spread evenly over this range; default from 1/8 to 1/3.
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.RReLU``, with the same slopes for the same seed; Xu et al. (2015).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.RReLU(0.2, 0.4).eval()(ag.tensor([-1.0, 2.0]))
        tensor([-0.3000,  2.0000])
    """

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input`, with negative values times slopes."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        inplace = ", inplace=True" if self.inplace else ""
        return f"lower={self.lower}, upper={self.upper}{inplace}"


class PReLU(Module):
    """Negative values are multiplied by a learned slope.

    Args:
        num_parameters: 1 (default), or the number of channels (dimension 1 of the input).
        init: the slope at first; default 0.25.
        device: where the slope is made; the default device if left out.
        dtype: its dtype; the default dtype if left out.

    Attributes:
        weight: `(num_parameters,)`.

    Source: PyTorch's ``torch.nn.PReLU``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.PReLU(init=0.5)(ag.tensor([-2.0, 2.0])).tolist()
        [-1.0, 2.0]
    """

    weight: Parameter

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(ag.full((num_parameters,), float(init), device=device, dtype=dtype))

    def reset_parameters(self) -> None:
        """Set the slope to its first value again."""
        with ag.no_grad():
            self.weight.fill_(self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Return `input`, with negative values times the slope."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Return the number of slopes, as PyTorch prints it."""
        return f"num_parameters={self.num_parameters}"


class Threshold(Module):
    """Values up to a threshold are replaced by a constant.

    Args:
        threshold: the threshold.
        value: the constant.
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.Threshold``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Threshold(1.0, 9.0)(ag.tensor([0.5, 2.0]))
        tensor([9., 2.])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` where above the threshold, else the constant."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        inplace = ", inplace=True" if self.inplace else ""
        return f"threshold={self.threshold}, value={self.value}{inplace}"


class Hardsigmoid(Module):
    """A sigmoid made of straight pieces.

    Args:
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.Hardsigmoid``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Hardsigmoid()(ag.tensor([-4.0, 0.0, 4.0]))
        tensor([0.0000, 0.5000, 1.0000])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input / 6 + 1/2` cut off at 0 and 1."""
        return F.hardsigmoid(input, self.inplace)


class Hardswish(Module):
    """The input times its hard sigmoid.

    Args:
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.Hardswish``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Hardswish()(ag.tensor([-1.0, 3.0]))
        tensor([-0.3333,  3.0000])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input * hardsigmoid(input)`."""
        return F.hardswish(input, self.inplace)


class _Shrink(Module):
    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def extra_repr(self) -> str:
        """Return the width, as PyTorch prints it."""
        return str(self.lambd)


class Softshrink(_Shrink):
    """Values are moved towards 0, and not beyond.

    Args:
        lambd: by how much; default 0.5.

    Source: PyTorch's ``torch.nn.Softshrink``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Softshrink()(ag.tensor([-2.0, 0.25, 2.0])).tolist()
        [-1.5, 0.0, 1.5]
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` moved towards 0."""
        return F.softshrink(input, self.lambd)


class Hardshrink(_Shrink):
    """Values near 0 become 0.

    Args:
        lambd: how near; default 0.5.

    Source: PyTorch's ``torch.nn.Hardshrink``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Hardshrink()(ag.tensor([-2.0, 0.25, 2.0]))
        tensor([-2.,  0.,  2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with small values replaced by 0."""
        return F.hardshrink(input, self.lambd)
