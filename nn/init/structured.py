"""Matrices of a special form: identities, orthogonal and sparse ones."""

from __future__ import annotations

import math
from typing import Any

import autograd_core as ag
from autograd_core.backends.registry import backend_of
from autograd_core.grad_mode import no_grad
from autograd_core.tensor import Tensor


@no_grad()
def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity, so that a linear layer passes on as much as it can.

    Args:
        tensor: a matrix.

    Returns:
        The tensor.

    Raises:
        ValueError: it has not two dimensions.

    Source: PyTorch's ``torch.nn.init.eye_``.

    Example:
        >>> import autograd_core as ag
        >>> eye_(ag.empty(2, 2))
        tensor([[1., 0.],
                [0., 1.]])
    """
    if tensor.ndim != 2:
        raise ValueError(f"eye_: only tensors with 2 dimensions are supported, got {tensor.ndim}")
    tensor.zero_()
    for i in range(min(tensor.shape)):
        tensor[i, i] = 1
    return tensor


@no_grad()
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill a convolution's weight so that it passes on as many channels as it can unchanged.

    Args:
        tensor: `(out_channels, in_channels, ...)` with one to three further dimensions.
        groups: of the convolution; default 1.

    Returns:
        The tensor.

    Raises:
        ValueError: the number of dimensions is wrong, or `groups` does not divide out_channels.

    Source: PyTorch's ``torch.nn.init.dirac_``.

    Example:
        >>> import autograd_core as ag
        >>> dirac_(ag.empty(1, 1, 3))
        tensor([[[0., 1., 0.]]])
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError(f"dirac_: only tensors with 3 to 5 dimensions, got {tensor.ndim}")
    if tensor.size(0) % groups != 0:
        raise ValueError(f"dirac_: {tensor.size(0)} channels do not divide into {groups} groups")
    out_per_group = tensor.size(0) // groups
    middle = tuple(size // 2 for size in tensor.shape[2:])
    tensor.zero_()
    for group in range(groups):
        for i in range(min(out_per_group, tensor.size(1))):
            tensor[(group * out_per_group + i, i, *middle)] = 1
    return tensor


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Fill with orthogonal rows (or columns, if there are fewer); returns the tensor.

    Args:
        tensor: what to fill; all dimensions but the first count as columns.
        gain: length of the rows; default 1.
        generator: where the numbers come from; the default generator if left out.

    Raises:
        ValueError: fewer than two dimensions.

    Source: Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks" (2014); PyTorch's ``torch.nn.init.orthogonal_``.

    Example:
        >>> import autograd_core as ag
        >>> q = orthogonal_(ag.empty(2, 4))
        >>> ag.allclose(q @ q.T, ag.eye(2), atol=1e-5)
        True
    """
    if tensor.ndim < 2:
        raise ValueError("orthogonal_: only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.size(0)
    columns = tensor.numel() // rows
    drawn = ag.empty((rows, columns), device=tensor.device, dtype=tensor.dtype)
    drawn.normal_(0, 1, generator=generator)
    matrix = drawn._array if rows >= columns else drawn._array.T
    xp = backend_of(matrix).xp
    q, r = xp.linalg.qr(matrix)
    q = q * xp.sign(xp.diagonal(r))  # makes the choice among the decompositions unique
    q = q if rows >= columns else q.T
    return tensor.copy_(Tensor._wrap(q).reshape(tensor.shape)).mul_(gain)


@no_grad()
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Fill a matrix normally and set a share of every column to zero; returns the tensor.

    Args:
        tensor: a matrix.
        sparsity: the share.
        std: standard deviation of the others; default 0.01.
        generator: where the numbers come from; the default generator if left out.

    Raises:
        ValueError: it has not two dimensions.

    Source: Martens, "Deep learning via Hessian-free optimization" (2010); PyTorch's
    ``torch.nn.init.sparse_``.

    Example:
        >>> import autograd_core as ag
        >>> int((sparse_(ag.empty(10, 2), sparsity=0.3) == 0).sum())
        6
    """
    if tensor.ndim != 2:
        raise ValueError(
            f"sparse_: only tensors with 2 dimensions are supported, got {tensor.ndim}"
        )
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    tensor.normal_(0, std, generator=generator)
    for column in range(columns):
        chosen = ag.randperm(rows, generator=generator, device=tensor.device)[:zeros]
        tensor[chosen, column] = 0
    return tensor
