"""What distributions are built with: parameters that broadcast, probabilities and logits, values
that are computed once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core.base import TensorBase
from autograd_core.creation import arange, empty
from autograd_core.dtypes import get_default_dtype
from autograd_core.from_data import tensor
from autograd_core.grad_mode import enable_grad
from autograd_core.limits import finfo
from autograd_core.ops.broadcast import broadcast_tensors
from autograd_core.ops.explog import log, log1p
from autograd_core.ops.softmax import softmax
from autograd_core.ops.special import sigmoid
from autograd_core.size import Size

__all__ = [
    "broadcast_all",
    "clamp_probs",
    "euler_constant",
    "lazy_property",
    "logits_to_probs",
    "probs_to_logits",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]

euler_constant = 0.57721566490153286061
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


def broadcast_all(*values: Any) -> list[Any]:
    """Tensors of one shape; numbers become tensors like the first tensor among the values.

    Raises:
        ValueError: A value is neither a number nor a tensor.

    Source: PyTorch, ``torch.distributions.utils.broadcast_all``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions.utils import broadcast_all
        >>> broadcast_all(ag.zeros(2), 1)
        [tensor([0., 0.]), tensor([1., 1.])]
    """
    for value in values:
        if not isinstance(value, TensorBase | int | float):
            raise ValueError(
                f"parameters of a distribution must be numbers or tensors, got "
                f"{type(value).__name__}. Mend: ag.tensor(...) makes a tensor"
            )
    given: Any = next((value for value in values if isinstance(value, TensorBase)), None)
    dtype, device = (get_default_dtype(), None) if given is None else (given.dtype, given.device)
    make = lambda value: tensor(value, dtype=dtype, device=device)
    tensors = [value if isinstance(value, TensorBase) else make(value) for value in values]
    return list(broadcast_tensors(*tensors))


class lazy_property:
    """A property that is computed when it is first read, and kept.

    It is computed with recording on, also where the first to read it does not record (``sample``):
    what is kept then serves those that do.
    """

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        self.wrapped = wrapped
        self.__doc__ = wrapped.__doc__
        self.__name__ = wrapped.__name__

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        with enable_grad():
            value = self.wrapped(instance)
        instance.__dict__[self.__name__] = value
        return value


def like(value: Any, shape: Any) -> Any:
    """An empty tensor of that shape, in the dtype and on the device of ``value``."""
    return empty(*shape, dtype=value.dtype, device=value.device)


def standard_normal(value: Any, shape: Any) -> Any:
    """Standard normal numbers in the dtype and on the device of ``value``."""
    return like(value, shape).normal_()


def sum_rightmost(value: Any, dims: int) -> Any:
    """The sum over the last ``dims`` dimensions."""
    return value.sum(tuple(range(-dims, 0))) if dims else value


def as_size(shape: Any) -> Size:
    """A shape that was given as a sequence of sizes."""
    return shape if type(shape) is Size else Size(shape)


# --- probabilities and logits --------------------------------------------------------------------


def clamp_probs(probs: Any) -> Any:
    """Probabilities away from 0 and 1 by a rounding, so that logarithms are finite."""
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def logits_to_probs(logits: Any, is_binary: bool = False) -> Any:
    """Probabilities from log-odds if ``is_binary``, else from unnormalised logarithms."""
    return sigmoid(logits) if is_binary else softmax(logits, -1)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Any:
    """Log-odds of probabilities if ``is_binary``, else their logarithms."""
    clamped = clamp_probs(probs)
    return log(clamped) - log1p(-clamped) if is_binary else log(clamped)


# --- triangular matrices -------------------------------------------------------------------------


def _lower(size: int, diag: int, device: Any) -> Any:
    """A mask of the places of a square matrix that are on or below a diagonal."""
    places = arange(size, device=device)
    return places <= places.reshape(-1, 1) + diag


def tril_matrix_to_vec(mat: Any, diag: int = 0) -> Any:
    """The elements of matrices on and below a diagonal, row by row.

    Raises:
        ValueError: There is no such diagonal.

    Source: PyTorch, ``torch.distributions.utils.tril_matrix_to_vec``.

    Example:
        >>> import autograd_core as ag
        >>> from autograd_core.distributions.utils import tril_matrix_to_vec
        >>> tril_matrix_to_vec(ag.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor([1., 3., 4.])
    """
    size = mat.shape[-1]
    if not -size <= diag < size:
        raise ValueError(f"tril_matrix_to_vec: diag={diag} is not between {-size} and {size - 1}")
    return mat[..., _lower(size, diag, mat.device)]


def vec_to_tril_matrix(vec: Any, diag: int = 0) -> Any:
    """The inverse of :func:`tril_matrix_to_vec`; other elements are 0.

    Raises:
        ValueError: No square matrix has that many elements there.

    Source: PyTorch, ``torch.distributions.utils.vec_to_tril_matrix``.
    """
    count = vec.shape[-1]
    size = next(n for n in range(count + abs(diag) + 2) if _count(n + 1, diag) > count)
    if _count(size, diag) != count:
        raise ValueError(
            f"vec_to_tril_matrix: {count} elements are not the lower triangle of a square matrix"
        )
    matrix = vec.new_zeros((*vec.shape[:-1], size, size))
    matrix[..., _lower(size, diag, vec.device)] = vec
    return matrix


def _count(size: int, diag: int) -> int:
    """How many elements of a square matrix are on or below a diagonal."""
    return sum(min(max(row + 1 + diag, 0), size) for row in range(size))
