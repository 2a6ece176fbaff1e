"""Products of vectors and tensors: cross, vecdot, kron, vander, tensor equations."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.keywords import also
from autograd_core.messages import describe
from autograd_core.ops.dims import is_whole, one_dim
from autograd_core.ops.join import cat
from autograd_core.ops.rearrange import flip
from autograd_core.ops.scan import cumprod
from autograd_core.ops.shape import broadcast_shape
from autograd_core.ops.solving import inv, solve
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _cross_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3), make(3))
    yield Sample(make(2, 3), make(1, 3))
    yield Sample(make(3, 2), make(3, 2), dim=0)


@operator(
    "linalg.cross",
    samples=_cross_samples,
    reference=lambda x, y, dim=-1: np.cross(x, y, axis=dim),
    convention=SMOOTH,
    method=False,
)
def cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """Cross product of vectors of three elements.

    Args:
        input, other: tensors of equally many dimensions, which broadcast.
        dim: the dimension of size 3.

    Source: PyTorch, ``torch.linalg.cross``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.cross(ag.tensor([1.0, 0.0, 0.0]), ag.tensor([0.0, 1.0, 0.0]))
        tensor([0., 0., 1.])
    """
    name = "linalg.cross"
    if input.ndim != other.ndim:
        raise ShapeError(
            f"{name}: expected equally many dimensions, got {describe(input)}, {describe(other)}"
        )
    dim = one_dim(name, dim, input.ndim)
    if not input.ndim or input.shape[dim] != 3 or other.shape[dim] != 3:
        raise ShapeError(
            f"{name}: dimension {dim} must have size 3, got {describe(input)}, {describe(other)}"
        )
    x, y = ([t.narrow(dim, i, 1) for i in range(3)] for t in (input, other))
    return cat([x[i - 2] * y[i - 1] - x[i - 1] * y[i - 2] for i in range(3)], dim)


@operator(
    "cross",
    samples=lambda make: [Sample(make(2, 3), make(2, 3)), Sample(make(3, 2), make(3, 2))],
    convention=SMOOTH,
)
def older_cross(input: Any, other: Any, dim: int | None = None) -> Any:
    """``linalg.cross``, by default along the first dimension of size 3. Source: PyTorch,
    ``torch.cross``."""
    if dim is None:
        shape = broadcast_shape("cross", tuple(input.shape), tuple(other.shape))
        if 3 not in shape:
            raise ShapeError(f"cross: no dimension of {describe(input)} has size 3")
        dim = shape.index(3) - len(shape)
    return cross(input, other, dim=dim)


@operator(
    "linalg.vecdot",
    samples=lambda make: [
        Sample(make(3), make(3)),
        Sample(make(2, 3), make(3)),
        Sample(make(2, 3), make(2, 1), dim=0),
    ],
    reference=lambda x, y, dim=-1: (x * y).sum(dim),
    convention=SMOOTH,
    method=False,
)
def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """Sums of products along a dimension; the first of complex vectors is conjugated.

    Args:
        x, y: tensors that broadcast.
        dim: dimension.

    Source: PyTorch, ``torch.linalg.vecdot``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.vecdot(ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0]))
        tensor(11.)
    """
    if x.dtype != y.dtype:
        raise RuntimeError(f"linalg.vecdot: expected one dtype, got {x.dtype} and {y.dtype}")
    return (x.conj() * y).sum(one_dim("linalg.vecdot", dim, max(x.ndim, y.ndim)))


@operator(
    "kron",
    samples=lambda make: [
        Sample(make(2, 3), make(3, 2)),
        Sample(make(2), make(2, 3)),
        Sample(make(), make(3)),
        Sample(make(0, 2), make(3, 2)),
    ],
    reference=np.kron,
    convention=SMOOTH,
)
def kron(input: Any, other: Any) -> Any:
    """Kronecker product: each element of ``input`` times the whole of ``other``.

    Args:
        input, other: tensors; the one with fewer dimensions counts as having sizes of 1 in front.

    Source: PyTorch, ``torch.kron``.

    Example:
        >>> import autograd_core as ag
        >>> ag.kron(ag.tensor([1, 10]), ag.tensor([1, 2]))
        tensor([ 1,  2, 10, 20])
    """
    ndim = max(input.ndim, other.ndim)
    left, right = ([1] * (ndim - t.ndim) + [int(size) for size in t.shape] for t in (input, other))
    x = input.reshape([size for pair in zip(left, [1] * ndim) for size in pair])
    y = other.reshape([size for pair in zip([1] * ndim, right) for size in pair])
    return (x * y).reshape([a * b for a, b in zip(left, right)])


@operator(
    "linalg.vander",
    samples=lambda make: [
        Sample(make(3)), Sample(make(2, 3), N=4), Sample(make(3), N=1), Sample(make(2), N=0),
    ],
    reference=lambda x, N=None: x[..., None] ** np.arange(x.shape[-1] if N is None else N),
    convention=SMOOTH,
    method=False,
)  # fmt: skip
def vander(x: Any, *, N: int | None = None) -> Any:
    """Vandermonde matrices: the powers 0 to N - 1 of each element as a row.

    Args:
        x: (..., n).
        N: number of powers; default n.

    Source: PyTorch, ``torch.linalg.vander``.

    Example:
        >>> import autograd_core as ag
        >>> ag.linalg.vander(ag.tensor([1, 2, 3]))
        tensor([[1, 1, 1],
                [1, 2, 4],
                [1, 3, 9]])
    """
    if not x.ndim and N is None:
        raise ShapeError(f"linalg.vander: x must have a dimension, got {describe(x)}")
    x = x if x.ndim else x.unsqueeze(0)
    count = int(x.shape[-1]) if N is None else N
    if count < 0:
        raise RuntimeError(f"linalg.vander: N must not be negative, got {count}")
    column = x.unsqueeze(-1)
    if count == 0:
        return column[..., :0]
    ones = column.detach() * 0 + 1
    return cumprod(cat([ones, column.expand(*x.shape, count - 1)], -1), -1)


@operator(
    "vander",
    samples=lambda make: [Sample(make(3)), Sample(make(3), 4, True), Sample(make(2), N=1)],
    reference=np.vander,
    convention=SMOOTH,
    method=False,
)
def older_vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of each element as a row, from the highest down; see ``linalg.vander``.

    Args:
        x: vector of n elements.
        N: number of powers; default n.
        increasing: from 0 up instead.

    Source: PyTorch, ``torch.vander``.

    Example:
        >>> import autograd_core as ag
        >>> ag.vander(ag.tensor([1, 2, 3]))
        tensor([[1, 1, 1],
                [4, 2, 1],
                [9, 3, 1]])
    """
    if x.ndim != 1:
        raise ShapeError(f"vander: x must be a vector, got {describe(x)}")
    powers = vander(x, N=N)
    return powers if increasing else flip(powers, (-1,))


@operator(
    "linalg.tensorinv",
    samples=lambda make: [Sample(make(4, 2, 2) + np.eye(4).reshape(4, 2, 2) * 4, ind=1)],
    reference=np.linalg.tensorinv,
    convention="an error where the tensor is singular",
    method=False,
)
@also(input="A")
def tensorinv(A: Any, ind: int = 2) -> Any:
    """The inverse of the map that ``tensordot(A, ., dims)`` is.

    Args:
        A: tensor whose first ``ind`` sizes have the same product as the others.
        ind: number of dimensions of the results.

    Raises:
        LinAlgError: it has no inverse.

    Source: PyTorch, ``torch.linalg.tensorinv``.
    """
    name = "linalg.tensorinv"
    if not is_whole(ind) or ind < 1:
        raise RuntimeError(f"{name}: ind must be a positive integer, got {ind!r}")
    head, tail = list(A.shape[:ind]), list(A.shape[ind:])
    size = math.prod(head)
    if size != math.prod(tail):
        raise ShapeError(
            f"{name}: the first {ind} sizes and the others must have the same product, got "
            f"{describe(A)}"
        )
    return inv(A.reshape(size, size)).reshape([*tail, *head])


@operator(
    "linalg.tensorsolve",
    samples=lambda make: [Sample(make(2, 2, 4) + np.eye(4).reshape(2, 2, 4) * 4, make(2, 2))],
    reference=np.linalg.tensorsolve,
    convention="an error where the tensor is singular",
    method=False,
)
@also(input="A", other="B")
def tensorsolve(A: Any, B: Any, dims: Any = None) -> Any:
    """X with ``tensordot(A, X, X.ndim) = B``.

    Args:
        A: tensor; after its dimensions ``dims`` were moved to the end, its first dimensions are as
            many as those of B.
        B: right side.
        dims: default none.

    Raises:
        LinAlgError: A is singular.

    Source: PyTorch, ``torch.linalg.tensorsolve``.
    """
    name = "linalg.tensorsolve"
    if dims is not None:
        moved = tuple(one_dim(name, d, A.ndim) for d in dims)
        A = A.movedim(moved, tuple(range(A.ndim - len(moved), A.ndim)))
    rest = list(A.shape[B.ndim :])
    size = B.numel()
    if math.prod(rest) != size or A.numel() != size * size:
        raise ShapeError(
            f"{name}: the first {B.ndim} sizes of A, the others, and those of B must have the "
            f"same product, got {describe(A)} and {describe(B)}"
        )
    return solve(A.reshape(size, size), B.reshape(size)).reshape(rest)
