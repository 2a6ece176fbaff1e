"""Layers that are linear maps."""

from __future__ import annotations

import math
from typing import Any

import autograd_core as ag
from autograd_core.errors import ArgumentError
from autograd_core.nn import functional as F
from autograd_core.nn import init
from autograd_core.nn.module import Module
from autograd_core.nn.parameter import Parameter
from autograd_core.tensor import Tensor


class Identity(Module):
    """Return the input as it is, whatever the arguments of the constructor: a placeholder.

    Source: PyTorch's ``torch.nn.Identity``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Identity(54, unused=0.1)(ag.ones(2))
        tensor([1., 1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """Return `input`."""
        return input


class Linear(Module):
    """A fully connected layer: `y = x @ weight.T + bias`.

    Args:
        in_features: size of the last dimension of the input.
        out_features: size of the last dimension of the output.
        bias: add a learned bias; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: input `(*, in_features)`, output `(*, out_features)`.

    Attributes:
        weight: `(out_features, in_features)`, uniform in +-1/sqrt(in_features) at first.
        bias: `(out_features,)`, likewise; None if switched off.

    Source: PyTorch's ``torch.nn.Linear``; the same seed gives the same numbers.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> m = nn.Linear(20, 30)
        >>> m(ag.ones(128, 20)).shape
        autograd_core.Size([128, 30])
    """

    in_features: int
    out_features: int
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if min(in_features, out_features) < 0:
            raise ArgumentError(
                f"{type(self).__name__}: in_features and out_features must not be negative, got "
                f"{in_features} and {out_features}"
            )
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(ag.empty((out_features, in_features), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(ag.empty(out_features, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights, then a new bias."""
        # With a=sqrt(5) the bound comes to 1/sqrt(in_features).
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """Return `input @ weight.T + bias`."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes, as PyTorch prints them."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Bilinear(Module):
    """A form linear in each of two inputs: `y[k] = x1 @ weight[k] @ x2 + bias[k]`.

    Args:
        in1_features: size of the last dimension of the first input.
        in2_features: size of the last dimension of the second input.
        out_features: size of the last dimension of the output.
        bias: add a learned bias; default True.
        device: where the parameters are made; the default device if left out.
        dtype: their dtype; the default dtype if left out.

    Shape: inputs `(*, in1_features)` and `(*, in2_features)`, output `(*, out_features)`.

    Attributes:
        weight: `(out_features, in1_features, in2_features)`, uniform in +-1/sqrt(in1_features).
        bias: `(out_features,)`, likewise; None if switched off.

    Raises:
        ValueError: `in1_features` is not positive.

    Source: PyTorch's ``torch.nn.Bilinear``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Bilinear(2, 3, 4)(ag.ones(5, 2), ag.ones(5, 3)).shape
        autograd_core.Size([5, 4])
    """

    in1_features: int
    in2_features: int
    out_features: int
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if in1_features <= 0:
            raise ArgumentError(f"Bilinear: in1_features must be > 0, got {in1_features}")
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        shape = (out_features, in1_features, in2_features)
        self.weight = Parameter(ag.empty(shape, device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(ag.empty(out_features, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights, then a new bias."""
        bound = 1 / math.sqrt(self.weight.size(1))
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Return the form's value for each pair of rows."""
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes, as PyTorch prints them."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
