"""Products of tensors of given ranks: mm, bmm, mv, dot, outer and their like, by way of matmul."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core import dtypes
from autograd_core.errors import ShapeError
from autograd_core.keywords import in_older_order, numbers_first
from autograd_core.messages import describe
from autograd_core.operands import check_same_dtype
from autograd_core.ops.dims import shape_of, some_dims
from autograd_core.ops.products import matmul
from autograd_core.ops.selection import only
from autograd_core.ops.slicing import diagonal
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _check(name: str, *operands: tuple[str, Any, int]) -> None:
    """Refuse operands of another number of dimensions."""
    for argument, value, ndim in operands:
        if value.ndim != ndim:
            raise ShapeError(
                f"{name}: {argument} must have {ndim} dimension{'s' * (ndim != 1)}, got "
                f"{describe(value)}. Mend: matmul takes any number of dimensions."
            )


def _check_pair(name: str, argument: str, input: Any, other: Any) -> None:
    """Refuse vectors of different lengths or dtypes."""
    if input.shape != other.shape or input.dtype != other.dtype:
        raise ShapeError(
            f"{name}: {argument} must have the length and dtype of input, {describe(input)}, got "
            f"{describe(other)}. Mend: {argument}.to(input.dtype), or vectors of one length."
        )


@operator(
    "mm",
    samples=lambda make: [Sample(make(2, 3), make(3, 4)), Sample(make(0, 3), make(4, 3).T)],
    reference=np.matmul,
    convention=SMOOTH,
)
def mm(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """Product of two matrices, (n, k) and (k, m). Source: PyTorch, ``torch.mm``.

    Example:
        >>> import autograd_core as ag
        >>> ag.mm(ag.ones(1, 2), ag.ones(2, 1))
        tensor([[2.]])
    """
    _check("mm", ("input", input, 2), ("mat2", mat2, 2))
    return matmul(input, mat2, out=out)


@operator(
    "bmm",
    samples=lambda make: [
        Sample(make(2, 3, 4), make(2, 4, 2)),
        Sample(make(0, 3, 4), make(0, 4, 2)),
    ],
    reference=np.matmul,
    convention=SMOOTH,
)
def bmm(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """Products of two batches of matrices, (b, n, k) and (b, k, m).

    Source: PyTorch, ``torch.bmm``.
    """
    _check("bmm", ("input", input, 3), ("mat2", mat2, 3))
    if input.shape[0] != mat2.shape[0]:
        raise ShapeError(f"bmm: batches of different sizes: {describe(input)} and {describe(mat2)}")
    return matmul(input, mat2, out=out)


@operator(
    "mv", samples=lambda make: [Sample(make(2, 3), make(3))], reference=np.matmul, convention=SMOOTH
)
def mv(input: Any, vec: Any) -> Any:
    """Product of a matrix (n, m) and a vector (m). Source: PyTorch, ``torch.mv``."""
    _check("mv", ("input", input, 2), ("vec", vec, 1))
    return matmul(input, vec)


@operator(
    "dot",
    samples=lambda make: [Sample(make(3), make(3)), Sample(make(0), make(0))],
    reference=np.dot,
    convention=SMOOTH,
)
def dot(input: Any, tensor: Any) -> Any:
    """Sum of the products of two vectors' elements, without conjugation.

    Source: PyTorch, ``torch.dot``.

    Example:
        >>> import autograd_core as ag
        >>> ag.dot(ag.tensor([2.0, 3.0]), ag.tensor([2.0, 1.0]))
        tensor(7.)
    """
    _check("dot", ("input", input, 1), ("tensor", tensor, 1))
    _check_pair("dot", "tensor", input, tensor)
    return matmul(input, tensor)


@operator(
    "vdot", samples=lambda make: [Sample(make(3), make(3))], reference=np.vdot, convention=SMOOTH
)
def vdot(input: Any, other: Any) -> Any:
    """Like :func:`dot`, with the first vector conjugated. Source: PyTorch, ``torch.vdot``."""
    _check("vdot", ("input", input, 1), ("other", other, 1))
    _check_pair("vdot", "other", input, other)
    return matmul(input.conj(), other)


@operator(
    "outer",
    samples=lambda make: [Sample(make(2), make(3)), Sample(make(0), make(3))],
    reference=np.outer,
    convention=SMOOTH,
    aliases=("ger",),
)
def outer(input: Any, vec2: Any) -> Any:
    """Matrix of the products of all pairs of two vectors' elements.

    Source: PyTorch, ``torch.outer``.

    Example:
        >>> import autograd_core as ag
        >>> ag.outer(ag.tensor([1, 2]), ag.tensor([1, 10]))
        tensor([[ 1, 10],
                [ 2, 20]])
    """
    _check("outer", ("input", input, 1), ("vec2", vec2, 1))
    return input.unsqueeze(1) * vec2


@operator(
    "inner",
    samples=lambda make: [
        Sample(make(2, 3), make(4, 3)),
        Sample(make(3), make(3)),
        Sample(make(), make(3)),
    ],
    reference=np.inner,
    convention=SMOOTH,
)
def inner(input: Any, other: Any) -> Any:
    """Sums of products over the last dimensions. Source: PyTorch, ``torch.inner``."""
    if not input.ndim or not other.ndim:
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise ShapeError(f"inner: the last sizes differ: {describe(input)} and {describe(other)}")
    return tensordot(input, other, ([-1], [-1]))


def _added(name: str, input: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """``beta * input + alpha * product``, where beta 0 ignores what input holds, NaN too."""
    shape, whole = shape_of(input), shape_of(product)
    if len(shape) > len(whole) or any(
        n not in (1, m) for n, m in zip(reversed(shape), reversed(whole))
    ):
        raise ShapeError(
            f"{name}: input must broadcast to the shape of the product, {whole}, got "
            f"{describe(input)}"
        )
    if name != "addr":
        check_same_dtype(name, product=product, input=input)
    kind = product._array.dtype.kind
    if kind == "b":
        alpha, beta = bool(alpha), bool(beta)
    elif kind in "iu" and (isinstance(alpha, float) or isinstance(beta, float)):
        raise RuntimeError(
            f"{name}: alpha={alpha} and beta={beta} must be integers for integer tensors. "
            f"Mend: .float() first."
        )
    product = product if alpha == 1 else product * alpha
    if beta == 0:
        return product + only(input.new_zeros(shape, dtype=dtypes.bool_), input)
    return product + (input if beta == 1 else input * beta)


def _addmm_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 4), make(2, 3), make(3, 4))
    yield Sample(make(4), make(2, 3), make(3, 4), beta=0.5, alpha=2.0)


@operator(
    "addmm",
    samples=_addmm_samples,
    convention=SMOOTH,
    inplace=True,
    reference=lambda x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b),
)
@numbers_first("beta", "alpha")
def addmm(input: Any, mat1: Any, mat2: Any, *older: Any, beta: Any = 1, alpha: Any = 1) -> Any:
    """``beta * input + alpha * (mat1 @ mat2)`` of matrices.

    Args:
        input: broadcasts to the shape of the product.
        mat1, mat2: (n, k) and (k, m).
        beta, alpha: numbers; where beta is 0, what ``input`` holds does not matter. They may stand
            before ``input`` and ``mat1`` instead, as in PyTorch's older calls.

    Source: PyTorch, ``torch.addmm``.

    Example:
        >>> import autograd_core as ag
        >>> ag.addmm(ag.ones(1), ag.ones(1, 2), ag.ones(2, 1), alpha=2)
        tensor([[5.]])
    """
    if older:
        return in_older_order(addmm, input, mat1, mat2, *older, beta=beta, alpha=alpha)
    _check("addmm", ("mat1", mat1, 2), ("mat2", mat2, 2))
    return _added("addmm", input, matmul(mat1, mat2), beta, alpha)


@operator(
    "baddbmm",
    convention=SMOOTH,
    inplace=True,
    samples=lambda make: [Sample(make(2, 3, 2), make(2, 3, 4), make(2, 4, 2), beta=0.5, alpha=2.0)],
    reference=lambda x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b),
)
@numbers_first("beta", "alpha")
def baddbmm(
    input: Any, batch1: Any, batch2: Any, *older: Any, beta: Any = 1, alpha: Any = 1
) -> Any:
    """``beta * input + alpha * (batch1 @ batch2)`` of batches of matrices; see :func:`addmm`.

    Source: PyTorch, ``torch.baddbmm``.
    """
    if older:
        return in_older_order(baddbmm, input, batch1, batch2, *older, beta=beta, alpha=alpha)
    _check("baddbmm", ("batch1", batch1, 3), ("batch2", batch2, 3))
    return _added("baddbmm", input, matmul(batch1, batch2), beta, alpha)


@operator(
    "addmv",
    convention=SMOOTH,
    inplace=True,
    samples=lambda make: [Sample(make(2), make(2, 3), make(3), beta=0.5, alpha=2.0)],
    reference=lambda x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b),
)
@numbers_first("beta", "alpha")
def addmv(input: Any, mat: Any, vec: Any, *older: Any, beta: Any = 1, alpha: Any = 1) -> Any:
    """``beta * input + alpha * (mat @ vec)``; see :func:`addmm`.

    Source: PyTorch, ``torch.addmv``.
    """
    if older:
        return in_older_order(addmv, input, mat, vec, *older, beta=beta, alpha=alpha)
    _check("addmv", ("mat", mat, 2), ("vec", vec, 1))
    return _added("addmv", input, matmul(mat, vec), beta, alpha)


@operator(
    "addbmm",
    convention=SMOOTH,
    inplace=True,
    samples=lambda make: [Sample(make(3, 2), make(2, 3, 4), make(2, 4, 2), beta=0.5, alpha=2.0)],
    reference=lambda x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b).sum(0),
)
@numbers_first("beta", "alpha")
def addbmm(input: Any, batch1: Any, batch2: Any, *older: Any, beta: Any = 1, alpha: Any = 1) -> Any:
    """``beta * input`` plus ``alpha`` times the sum of a batch's products; see :func:`addmm`.

    Source: PyTorch, ``torch.addbmm``.
    """
    if older:
        return in_older_order(addbmm, input, batch1, batch2, *older, beta=beta, alpha=alpha)
    _check("addbmm", ("batch1", batch1, 3), ("batch2", batch2, 3))
    return _added("addbmm", input, tensordot(batch1, batch2, ([0, 2], [0, 1])), beta, alpha)


@operator(
    "addr",
    convention=SMOOTH,
    inplace=True,
    samples=lambda make: [Sample(make(2, 3), make(2), make(3), beta=0.5, alpha=2.0)],
    reference=lambda x, a, b, beta=1, alpha=1: beta * x + alpha * np.outer(a, b),
)
@numbers_first("beta", "alpha")
def addr(input: Any, vec1: Any, vec2: Any, *older: Any, beta: Any = 1, alpha: Any = 1) -> Any:
    """``beta * input + alpha * outer(vec1, vec2)``; see :func:`addmm`.

    Source: PyTorch, ``torch.addr``.
    """
    if older:
        return in_older_order(addr, input, vec1, vec2, *older, beta=beta, alpha=alpha)
    return _added("addr", input, outer(vec1, vec2), beta, alpha)


def _tensordot_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3, 4), make(3, 4, 2))
    yield Sample(make(2, 3, 4), make(4, 2), 1)
    yield Sample(make(2, 3), make(2, 3), ([0, 1], [0, 1]))
    yield Sample(make(2, 3, 4), make(4, 5, 2), ([0, -1], [2, 0]))
    yield Sample(make(2), make(3), 0)


@operator(
    "tensordot",
    samples=_tensordot_samples,
    reference=lambda a, b, dims=2: np.tensordot(a, b, dims),
    convention=SMOOTH,
    method=False,
)
def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """Sums of products over several dimensions of two tensors, by one matrix product.

    Args:
        a, b: tensors.
        dims: a number n for the last n of ``a`` and the first n of ``b``; or two lists of
            dimensions.

    Returns:
        The other dimensions of ``a``, then those of ``b``.

    Source: PyTorch, ``torch.tensordot``.

    Example:
        >>> import autograd_core as ag
        >>> ag.tensordot(ag.ones(2, 3), ag.ones(3, 4), 1).shape
        autograd_core.Size([2, 4])
    """
    if hasattr(dims, "tolist"):
        dims = dims.tolist()
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise RuntimeError(
                f"tensordot: dims={dims} for tensors of {a.ndim} and {b.ndim} dimensions"
            )
        dims = (list(range(a.ndim - dims, a.ndim)), list(range(dims)))
    left, right = (some_dims("tensordot", tuple(d), t.ndim) for d, t in zip(dims, (a, b)))
    for i, j in zip(left, right):  # a size of 1 broadcasts
        if a.shape[i] == 1:
            b = b.sum(j, True, dtype=b.dtype)
        elif b.shape[j] == 1:
            a = a.sum(i, True, dtype=a.dtype)
    if len(left) != len(right) or any(a.shape[i] != b.shape[j] for i, j in zip(left, right)):
        raise ShapeError(
            f"tensordot: dims {left} of {describe(a)} and {right} of {describe(b)} do not fit. "
            f"Mend: they must be as many, and pairwise of equal size."
        )
    rest_a = [i for i in range(a.ndim) if i not in left]
    rest_b = [i for i in range(b.ndim) if i not in right]
    inner_size = math.prod([a.shape[i] for i in left])
    shape_a, shape_b = [a.shape[i] for i in rest_a], [b.shape[i] for i in rest_b]
    x = a.permute(*rest_a, *left).reshape(math.prod(shape_a), inner_size)
    y = b.permute(*right, *rest_b).reshape(inner_size, math.prod(shape_b))
    return matmul(x, y).reshape(*shape_a, *shape_b)


@operator(
    "trace",
    samples=lambda make: [Sample(make(3, 3)), Sample(make(2, 4))],
    reference=np.trace,
    convention=SMOOTH,
)
def trace(input: Any) -> Any:
    """Sum of a matrix's diagonal. Source: PyTorch, ``torch.trace``.

    Example:
        >>> import autograd_core as ag
        >>> ag.trace(ag.eye(3))
        tensor(3.)
    """
    _check("trace", ("input", input, 2))
    return diagonal(input).sum()
