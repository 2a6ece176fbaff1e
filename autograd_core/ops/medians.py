"""Medians: of all elements, or of those that are not NaN."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.operands import check_real
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.extremes import check_not_empty, put_back, share
from autograd_core.ops.order_statistics import OrderResult, alone, check_row, picked
from autograd_core.ops.precision import widen
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _median_forward(xp: Any, input: Any, shape: Any, dim: int, keepdim: bool) -> Any:
    """The lower of the two middle values, and where it is; the first NaN if there is one."""
    order = xp.argsort(widen(input), axis=dim)  # (CuPy sorts no bfloat16)
    middle = xp.take(order, xp.asarray([(input.shape[dim] - 1) // 2]), axis=dim)
    if input.dtype.kind not in "biu":
        nan = input != input
        first = xp.expand_dims(nan.argmax(axis=dim), dim)
        middle = xp.where(nan.any(axis=dim, keepdims=True), first, middle)
    values = xp.take_along_axis(input, middle, dim)
    return (values, middle) if keepdim else (values.squeeze(dim), middle.squeeze(dim))


_median_along = Op(
    "median",
    _median_forward,
    {
        "input": lambda g, indices, shape, dim, keepdim: put_back(g, indices, shape, dim, keepdim),
    },
    outputs=("values", "indices"),
    differentiable=("values",),
)
_median = Op(
    "median",
    lambda xp, input, shape, dims: _median_forward(xp, input.reshape(-1), shape, 0, False)[0],
    {"input": lambda g, input, out, shape, dims: share(g, input, out, shape, dims, False)},
)
median_result = namedtuple("median", ["values", "indices"])  # type: ignore[name-match]


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 4), 1)
    yield Sample(make(3, 2, 4), 0, keepdim=True)
    yield Sample(make(5, 3).T, -1)


@operator(
    "median",
    samples=_samples,
    convention=SMOOTH + "; without dim, values that tie share equally; with dim, one gets all",
    kinks=[At((np.array([2.0, 2.0, 1.0]),), (np.array([0.5, 0.5, 0.0]),))],
)
def median(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Median of all elements, or along a dimension; of an even number, the lower of the middle two.

    Args:
        input: real tensor with at least one element to choose from.
        dim: a dimension, for (values, indices) along it.
        keepdim: keep it with size 1.

    Returns:
        A tensor, or a named tuple ``(values, indices)``.

    Source: PyTorch, ``torch.median``.

    Example:
        >>> import autograd_core as ag
        >>> ag.median(ag.tensor([3.0, 1.0, 2.0, 4.0]))
        tensor(2.)
    """
    check_real("median", input)
    shape = tuple(input.shape)
    if dim is None:
        dims = tuple(range(len(shape)))
        if input.numel() == 0 and input.is_floating_point():
            return nanmedian(input)
        check_not_empty("median", input, dims)
        return _median(input, shape, dims)
    number = one_dim("median", dim, len(shape))
    if not shape:
        return median_result(*(x.squeeze(0) for x in median(input.unsqueeze(0), 0)))
    check_not_empty("median", input, (number,))
    return median_result(*_median_along(input, shape, number, keepdim))


# --- of what is not NaN ---------------------------------------------------------------------------


def _middle(xp: Any, input: Any, dim: int) -> Any:
    """Where in the order the median of what is not NaN stands: the lower of the two middle ones."""
    numbers = (input == input).sum(axis=dim, keepdims=True)
    return xp.maximum((numbers - 1) // 2, 0)


def _nanmedian_forward(xp: Any, input: Any, shape: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if not input.ndim:
        return alone(xp, input)
    return picked(xp, input, _middle(xp, input, dim), dim, keepdim)


_nanmedian_along = Op(
    "nanmedian",
    _nanmedian_forward,
    {"input": lambda g, indices, shape, dim, keepdim: put_back(g, indices, shape, dim, keepdim)},
    outputs=("values", "indices"),
    differentiable=("values",),
)


def _nanmedian_of_all(xp: Any, input: Any, shape: Any) -> Any:
    if not input.size:
        return xp.full((), math.nan, input.dtype)
    flat = input.reshape(-1)
    return picked(xp, flat, _middle(xp, flat, 0), 0, False)[0]


_nanmedian_all = Op(
    "nanmedian",
    _nanmedian_of_all,
    {
        "input": lambda g, input, out, shape: share(
            g, input, out, shape, tuple(range(len(shape))), False
        )
    },
)


def _nan_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(3, 4))
    yield Sample(make(5))
    yield Sample(make(3, 4), 0)
    yield Sample(make(2, 3, 4), -1, True)
    yield Sample(make(4, 3).T, 1)
    yield Sample(make(), 0)
    x = make(3, 4)
    x[0, 1] = x[2, 3] = math.nan
    yield Sample(x)
    yield Sample(x, 1)


def _reference(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower of the two middle elements; NaN does not count where the row has any number."""
    if dim is None:
        return _reference(x.reshape(-1), 0)[0]
    if not x.ndim:
        return [x, np.int64(0)]
    order = np.argsort(x, dim, kind="stable")
    numbers = (~np.isnan(x)).sum(dim, keepdims=True)
    indices = np.take_along_axis(order, np.maximum(numbers - 1, 0) // 2, dim)
    found = [np.take_along_axis(x, indices, dim), indices]
    return found if keepdim else [f.squeeze(dim) for f in found]


_TIES = SMOOTH + "; without dim, elements that tie share the gradient equally; with dim, one has it"
_TIE = [
    At((np.array([1.0, 3.0, 3.0, 3.0]),), (np.array([0.0, 1 / 3, 1 / 3, 1 / 3]),)),
    At((np.array([4.0, 1.0, 2.0, 3.0]),), (np.array([0.0, 0.0, 1.0, 0.0]),)),
]


@operator("nanmedian", samples=_nan_samples, reference=_reference, convention=_TIES, kinks=_TIE)
def nanmedian(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The median of what is not NaN, of all elements or along a dimension; of an even number the
    lower of the two middle ones. NaN where there is nothing else.

    Args:
        input: tensor of real numbers.
        dim: the dimension; default all elements.
        keepdim: keep it with size 1.

    Returns:
        A tensor; along a dimension ``(values, indices)``.

    Raises:
        IndexError: there is no element to choose from.
        TypeError: the numbers are complex.

    Source: PyTorch, ``torch.nanmedian``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nanmedian(ag.tensor([3.0, float("nan"), 1.0, 2.0]))
        tensor(2.)
    """
    check_real("nanmedian", input)
    shape = shape_of(input)
    if dim is None:
        if not math.prod(shape) and not input.dtype.is_floating_point:
            raise RuntimeError(f"nanmedian: an empty {input.dtype} tensor has no median")
        return _nanmedian_all(input, shape)
    dim = one_dim("nanmedian", dim, input.ndim)
    check_row("nanmedian", input, dim)
    return OrderResult(*_nanmedian_along(input, shape, dim, keepdim))
