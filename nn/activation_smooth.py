"""Smooth activation layers. The functions are in `functional`."""

from __future__ import annotations

from autograd_core.nn import functional as F
from autograd_core.nn.activation_piecewise import InplaceActivation
from autograd_core.nn.module import Module
from autograd_core.tensor import Tensor


class ELU(Module):
    """Negative values level off at minus alpha.

    Args:
        alpha: default 1.
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.ELU``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.ELU()(ag.tensor([-1.0, 1.0]))
        tensor([-0.6321,  1.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input where positive, else alpha * (exp(input) - 1)`."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        inplace = ", inplace=True" if self.inplace else ""
        return f"alpha={self.alpha}{inplace}"


class SELU(InplaceActivation):
    """A scaled ELU whose outputs keep mean 0 and variance 1.

    Args:
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.SELU``; Klambauer et al. (2017).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.SELU()(ag.tensor([-1.0, 1.0]))
        tensor([-1.1113,  1.0507])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `scale * elu(input)`."""
        return F.selu(input, self.inplace)


class CELU(Module):
    """An ELU whose slope is continuous for every alpha.

    Args:
        alpha: default 1.
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.CELU``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.CELU()(ag.tensor([-1.0, 1.0]))
        tensor([-0.6321,  1.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return `input where positive, else alpha * (exp(input / alpha) - 1)`."""
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        inplace = ", inplace=True" if self.inplace else ""
        return f"alpha={self.alpha}{inplace}"


class GELU(Module):
    """The input times the normal distribution's share below it.

    Args:
        approximate: "none" (default), or "tanh" for a cheaper formula.

    Source: PyTorch's ``torch.nn.GELU``; Hendrycks and Gimpel (2016).

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.GELU()(ag.tensor([-1.0, 1.0]))
        tensor([-0.1587,  0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Return `input * Phi(input)`."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Return the formula, as PyTorch prints it."""
        return f"approximate={self.approximate!r}"


class SiLU(InplaceActivation):
    """The input times its sigmoid, also called swish.

    Args:
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.SiLU``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.SiLU()(ag.tensor([-1.0, 1.0]))
        tensor([-0.2689,  0.7311])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input * sigmoid(input)`."""
        return F.silu(input, self.inplace)


class Mish(InplaceActivation):
    """The input times the hyperbolic tangent of its softplus.

    Args:
        inplace: overwrite the input; default False.

    Source: PyTorch's ``torch.nn.Mish``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Mish()(ag.tensor([-1.0, 1.0]))
        tensor([-0.3034,  0.8651])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input * tanh(softplus(input))`."""
        return F.mish(input, self.inplace)


class Sigmoid(Module):
    """Values are squeezed between 0 and 1.

    Source: PyTorch's ``torch.nn.Sigmoid``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Sigmoid()(ag.tensor([0.0]))
        tensor([0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `1 / (1 + exp(-input))`."""
        return F.sigmoid(input)


class LogSigmoid(Module):
    """The logarithm of the sigmoid.

    Source: PyTorch's ``torch.nn.LogSigmoid``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.LogSigmoid()(ag.tensor([0.0]))
        tensor([-0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `log(sigmoid(input))`."""
        return F.logsigmoid(input)


class Tanh(Module):
    """Values are squeezed between -1 and 1.

    Source: PyTorch's ``torch.nn.Tanh``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Tanh()(ag.tensor([0.0, 1.0]))
        tensor([0.0000, 0.7616])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `tanh(input)`."""
        return F.tanh(input)


class Tanhshrink(Module):
    """The input less its hyperbolic tangent.

    Source: PyTorch's ``torch.nn.Tanhshrink``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Tanhshrink()(ag.tensor([0.0, 1.0]))
        tensor([0.0000, 0.2384])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input - tanh(input)`."""
        return F.tanhshrink(input)


class Softplus(Module):
    """A smooth ReLU.

    Args:
        beta: how sharp the bend is; default 1.
        threshold: where `beta * input` is above it the output is the input; default 20.

    Source: PyTorch's ``torch.nn.Softplus``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Softplus()(ag.tensor([0.0, 30.0]))
        tensor([ 0.6931, 30.0000])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """Return `log(1 + exp(beta * input)) / beta`."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Return the options, as PyTorch prints them."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    """Values are squeezed between -1 and 1, more slowly than by Tanh.

    Source: PyTorch's ``torch.nn.Softsign``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Softsign()(ag.tensor([-1.0, 3.0]))
        tensor([-0.5000,  0.7500])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input / (1 + abs(input))`."""
        return F.softsign(input)


class Squareplus(Module):
    """A smooth ReLU without exponentials.

    Args:
        b: how wide the bend is, positive; default 4.

    Source: Barron, "Squareplus" (2021); JAX's ``jax.nn.squareplus``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core import nn
        >>> nn.Squareplus()(ag.tensor([0.0, 3.0]))
        tensor([1.0000, 3.3028])
    """

    def __init__(self, b: float = 4.0) -> None:
        super().__init__()
        self.b = b

    def forward(self, input: Tensor) -> Tensor:
        """Return `(input + sqrt(input ** 2 + b)) / 2`."""
        return F.squareplus(input, self.b)

    def extra_repr(self) -> str:
        """Return the width of the bend."""
        return f"b={self.b}"
