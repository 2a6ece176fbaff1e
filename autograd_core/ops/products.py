"""Products of matrices and vectors: matmul and its special cases."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.errors import DtypeError
from autograd_core.families import binary
from autograd_core.messages import describe
from autograd_core.ops.precision import wide
from autograd_core.registry import REGISTRY, Make, Sample


def as_rows(x: Any) -> Any:
    """A batch of vectors as one matrix."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


@wide
def _forward(x: Any, y: Any) -> Any:
    if y.ndim == 2 and x.dtype.kind in "fc":
        if x.ndim <= 2:
            return x.dot(y)  # the same BLAS call as ``x @ y``, found in half the time
        # one large product instead of one for each matrix of the batch
        return as_rows(x).dot(y).reshape(*x.shape[:-1], y.shape[1])
    if type(x) is np.ndarray and x.dtype.kind in "iu" and x.ndim > 1 < y.ndim:
        return _of_whole_numbers(x, y)
    return x @ y


def _largest(x: np.ndarray) -> int:
    return max(-int(x.min()), int(x.max()))


def _of_whole_numbers(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """By BLAS, which knows floats only, where float64 holds all sums exactly."""
    if not (x.size and y.size) or _largest(x) * _largest(y) * x.shape[-1] >= 2**53:
        return x @ y
    product = np.matmul(x.astype(np.float64), y.astype(np.float64))
    return product.astype(np.int64).astype(x.dtype)  # which wraps around


def _grad_input(g: Any, input: Any, other: Any) -> Any:
    if other.ndim == 1:
        return g * other if input.ndim == 1 else g[..., None] * other
    transposed = other.swapaxes(-1, -2)
    if input.ndim == 1:
        return product(g[..., None, :], transposed)[..., 0, :]
    return product(g, transposed)


def _grad_other(g: Any, input: Any, other: Any) -> Any:
    if input.ndim == 1:
        return g * input if other.ndim == 1 else input[:, None] * g[..., None, :]
    if other.ndim == 1:
        return product(input.swapaxes(-1, -2), g[..., None])[..., 0]
    if input.ndim > 2 and other.ndim == 2:  # the sum over the batch is part of one product
        input, g = as_rows(input), as_rows(g)
    return product(input.swapaxes(-1, -2), g)


def product(x: Any, y: Any) -> Any:
    """:func:`matmul` for gradient rules: raw arrays are multiplied at once."""
    return _matmul(x, y) if isinstance(x, TensorBase) else _forward(x, y)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 4), make(4, 2))
    yield Sample(make(4), make(4))
    yield Sample(make(4), make(4, 2))
    yield Sample(make(3, 4), make(4))
    yield Sample(make(2, 3, 4), make(4, 2))
    yield Sample(make(2, 3, 4), make(4))
    yield Sample(make(4), make(2, 4, 3))
    yield Sample(make(3, 4), make(2, 4, 3))
    yield Sample(make(2, 1, 3, 4), make(5, 4, 2))
    yield Sample(make(3, 4), make(5, 4).T)
    yield Sample(make(0, 4), make(4, 2))
    yield Sample(make(3, 0), make(0, 2))


_matmul = binary(
    "matmul",
    _forward,
    {"input": _grad_input, "other": _grad_other},
    doc="",  # the public function below has it
    reference=np.matmul,
    samples=_samples,
    inplace=False,
    elementwise=False,
)


def matmul(input: Any, other: Any, *, out: Any = None) -> Any:
    """Matrix product of two tensors of one dtype.

    Args:
        input, other: Vectors (1-d) count as a row on the left and a column on the right, and leave
            no dimension behind; further dimensions in front are batches, which broadcast.
        out: where to write the result; not differentiable.

    Raises:
        RuntimeError: the shapes do not fit, or the dtypes differ.

    Source: PyTorch, ``torch.matmul``.

    Example:
        >>> import autograd_core as ag
        >>> ag.matmul(ag.tensor([[1.0, 2.0]]), ag.tensor([3.0, 4.0]))
        tensor([11.])
    """
    try:
        same = input._array.dtype is other._array.dtype
    except AttributeError:
        for value in (input, other):
            if not hasattr(value, "dtype"):
                raise TypeError(f"matmul: expected tensors, got {describe(value)}") from None
        same = False
    if not same and input.dtype != other.dtype:
        raise DtypeError(
            f"matmul: expected operands of one dtype, got {describe(input)} and {describe(other)}. "
            f"Mend: other.to(input.dtype)."
        )
    return _matmul(input, other, out=out)


REGISTRY["matmul"].function = matmul
REGISTRY["matmul"].formula = "dA = g Bᵀ,  dB = Aᵀ g"
