"""Parameters as one flat vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

import autograd_core as ag
from autograd_core.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return all parameters flattened, one after the other. Differentiable.

    Args:
        parameters: Tensors on one device.

    Source: PyTorch's ``torch.nn.utils.parameters_to_vector``.

    Example:
        >>> import autograd_core as ag
        >>> parameters_to_vector([ag.ones(1, 2), ag.zeros(1)])
        tensor([1., 1., 0.])
    """
    return ag.cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Write the parts of a vector into parameters; the reverse of `parameters_to_vector`.

    Args:
        vec: as many elements as all parameters together.
        parameters: the Tensors to write to.

    Raises:
        TypeError: `vec` is not a Tensor.
        ValueError: its number of elements does not fit.

    Source: PyTorch's ``torch.nn.utils.vector_to_parameters``, which does not check the number.

    Example:
        >>> import autograd_core as ag
        >>> w = ag.zeros(2)
        >>> vector_to_parameters(ag.tensor([3.0, 4.0]), [w])
        >>> w
        tensor([3., 4.])
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters: expected a Tensor, got {type(vec).__name__}")
    parameters = list(parameters)
    total = sum(p.numel() for p in parameters)
    if vec.numel() != total:
        raise ValueError(
            f"vector_to_parameters: the vector has {vec.numel()} elements, the parameters {total}"
        )
    start = 0
    with ag.no_grad():
        for p in parameters:
            p.copy_(vec[start : start + p.numel()].reshape(p.shape))
            start += p.numel()
