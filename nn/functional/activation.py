"""relu with ``inplace=True``, and the in-place variants of the activations that have one."""

from __future__ import annotations

from autograd_core.inplace import inplace
from autograd_core.ops import activation
from autograd_core.ops.activation_slopes import leaky_relu, rrelu
from autograd_core.ops.activation_smooth import celu, elu, selu
from autograd_core.tensor import Tensor


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return `max(input, 0)`. The gradient at 0 is 0.

    Args:
        input: real numbers of any shape.
        inplace: overwrite `input`; default False.

    Source: PyTorch's ``torch.nn.functional.relu``.

    Example:
        >>> import autograd_core as ag
        >>> relu(ag.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    return input.relu_() if inplace else activation.relu(input)


relu_ = Tensor.relu_
celu_ = inplace(celu)
elu_ = inplace(elu)
hardtanh_ = inplace(activation.hardtanh)
leaky_relu_ = inplace(leaky_relu)
rrelu_ = inplace(rrelu)
selu_ = inplace(selu)
threshold_ = inplace(activation.threshold)
