"""The same memory with its dimensions in another order: permute, transpose, movedim and their
like."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.ops.dims import one_dim, sizes, some_dims
from autograd_core.registry import SMOOTH, Sample, operator

_permute = Op(
    "permute",
    forward=lambda xp, input, dims: input.transpose(dims),
    rules={"input": lambda g, dims: _permute(g, _inverse(dims))},
    view=True,
)


def _inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(dims)), key=dims.__getitem__))


@operator(
    "permute",
    samples=lambda make: [
        Sample(make(2, 3, 4), (2, 0, 1)),
        Sample(make(2, 3), (-1, 0)),
        Sample(make(), ()),
    ],
    reference=np.transpose,
    convention=SMOOTH,
)
def permute(input: Any, *given: Any, dims: Any = None) -> Any:
    """A view with the dimensions in the given order.

    Args:
        input: tensor.
        given: every dimension once, as numbers or one sequence; also by name, ``dims``.

    Raises:
        RuntimeError: their number is not the tensor's.
        IndexError: one is out of range.

    Source: PyTorch, ``torch.permute``.

    Example:
        >>> import autograd_core as ag
        >>> ag.permute(ag.zeros(2, 3, 4), (2, 0, 1)).shape
        autograd_core.Size([4, 2, 3])
    """
    order = sizes("permute", given if dims is None else (dims,))
    if len(order) != input.ndim:
        raise ShapeError(f"permute: {len(order)} dimensions {order} for a tensor of {input.ndim}")
    return _permute(input, some_dims("permute", order, input.ndim))


_transpose = Op(
    "transpose",
    forward=lambda xp, input, dim0, dim1: (
        input.swapaxes(dim0, dim1) if input.ndim else input.reshape(())
    ),
    rules={"input": lambda g, dim0, dim1: _transpose(g, dim0, dim1)},
    view=True,
)


@operator(
    "transpose",
    samples=lambda make: [
        Sample(make(2, 3), 0, 1),
        Sample(make(2, 3, 4), 0, -1),
        Sample(make(3), 0, 0),
    ],
    reference=np.swapaxes,
    convention=SMOOTH,
    aliases=("swapdims",),
)
def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """A view with two dimensions exchanged.

    Args:
        input: tensor.
        dim0, dim1: the dimensions.

    Raises:
        IndexError: one is out of range.

    Source: PyTorch, ``torch.transpose``.

    Example:
        >>> import autograd_core as ag
        >>> ag.transpose(ag.tensor([[1, 2], [3, 4]]), 0, 1)
        tensor([[1, 3],
                [2, 4]])
    """
    ndim = input.ndim
    return _transpose(
        input, one_dim("transpose", dim0, ndim, "dim0"), one_dim("transpose", dim1, ndim, "dim1")
    )


def swapaxes(input: Any, axis0: int, axis1: int) -> Any:
    """:func:`transpose`, with NumPy's names. Source: PyTorch, ``torch.swapaxes``."""
    return transpose(input, axis0, axis1)


@operator(
    "t",
    samples=lambda make: [Sample(make(2, 3)), Sample(make(3)), Sample(make())],
    reference=np.transpose,
    convention=SMOOTH,
)
def t(input: Any) -> Any:
    """The transpose of a matrix, a view; tensors of fewer dimensions as they are.

    Raises:
        RuntimeError: there are more than two dimensions.

    Source: PyTorch, ``torch.t``.

    Example:
        >>> import autograd_core as ag
        >>> ag.t(ag.zeros(2, 3)).shape
        autograd_core.Size([3, 2])
    """
    if input.ndim > 2:
        raise ShapeError(
            f"t: expected at most 2 dimensions, got shape {tuple(input.shape)}. Mend: transpose() "
            f"or mT"
        )
    return _transpose(input, 0, 1) if input.ndim == 2 else _permute(input, tuple(range(input.ndim)))


@operator(
    "movedim",
    samples=lambda make: [Sample(make(2, 3, 4), 0, -1), Sample(make(2, 3, 4), (0, 1), (1, 2))],
    reference=np.moveaxis,
    convention=SMOOTH,
    aliases=("moveaxis",),
)
def movedim(input: Any, source: Any, destination: Any) -> Any:
    """A view with dimensions ``source`` moved to the places ``destination``; the others keep their
    order.

    Args:
        input: tensor.
        source, destination: a dimension, or as many of each.

    Raises:
        RuntimeError: their numbers differ.
        IndexError: one is out of range.

    Source: PyTorch, ``torch.movedim``.

    Example:
        >>> import autograd_core as ag
        >>> ag.movedim(ag.zeros(2, 3, 4), 0, -1).shape
        autograd_core.Size([3, 4, 2])
    """
    old = some_dims("movedim", source, input.ndim, "source")
    new = some_dims("movedim", destination, input.ndim, "destination")
    if len(old) != len(new):
        raise ShapeError(
            f"movedim: {len(old)} dimensions in source {source} but {len(new)} in destination "
            f"{destination}"
        )
    rest = [d for d in range(input.ndim) if d not in old]
    target = dict(zip(new, old))
    return _permute(
        input, tuple(target[d] if d in target else rest.pop(0) for d in range(input.ndim))
    )


def reverse_dims(input: Any) -> Any:
    """``Tensor.T``: the dimensions in reverse order, a view."""
    return _permute(input, tuple(range(input.ndim - 1, -1, -1)))


def matrix_transpose(input: Any) -> Any:
    """``Tensor.mT``: the last two dimensions exchanged, a view."""
    if input.ndim < 2:
        raise ShapeError(f"mT: expected at least 2 dimensions, got shape {tuple(input.shape)}")
    return _transpose(input, input.ndim - 2, input.ndim - 1)


@operator(
    "adjoint",
    samples=lambda make: [Sample(make(2, 3)), Sample(make(2, 2, 3) + 1j * make(2, 2, 3))],
    reference=lambda x: np.swapaxes(x, -1, -2).conj(),
    convention=SMOOTH,
)
def adjoint(input: Any) -> Any:
    """The last two dimensions exchanged, and complex values conjugated; as ``Tensor.mH``. Source:
    PyTorch, ``torch.adjoint``.

    Example:
        >>> import autograd_core as ag
        >>> ag.adjoint(ag.tensor([[1.0, 2.0 + 1j]]))
        tensor([[1.-0.j],
                [2.-1.j]])
    """
    swapped = matrix_transpose(input)
    return swapped.conj() if swapped.dtype.is_complex else swapped


def hermitian(input: Any) -> Any:
    """``Tensor.H``: the conjugate transpose of a matrix; tensors of no dimensions as they are."""
    if input.ndim not in (0, 2):
        raise ShapeError(
            f"H: expected a matrix, got shape {tuple(input.shape)}. Mend: mH for batches of "
            f"matrices"
        )
    return adjoint(input) if input.ndim else input
