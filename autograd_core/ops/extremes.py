"""Largest and smallest elements: amax, amin, aminmax, max, min, argmax, argmin."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import IndexingError
from autograd_core.op import Op
from autograd_core.operands import check_real, check_tensor
from autograd_core.ops.dims import one_dim, shape_of
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.reduction import keep, reduced_dims
from autograd_core.ops.selection import maximum, minimum, only
from autograd_core.registry import SMOOTH, At, Make, Sample, operator

_SHARED = "elements that tie share the gradient equally"
_TIE = [At((np.array([1.0, 3.0, 3.0]),), (np.array([0.0, 0.5, 0.5]),))]


def share(
    g: Any, input: Any, out: Any, shape: tuple[int, ...], dims: tuple[int, ...], keepdim: bool
) -> Any:
    """The gradient of an extreme, shared by the elements that attain it."""
    extreme = keep(out, shape, dims, keepdim)
    attained = (input == extreme) | ((input != input) & (extreme != extreme))  # NaN attains NaN
    return only(attained, keep(g, shape, dims, keepdim) / attained.sum(dims, keepdims=True))


def _extreme(name: str) -> Op:
    def forward(xp: Any, input: Any, shape: Any, dims: Any, keepdim: bool) -> Any:
        # (bfloat16's own comparison with NaN warns.)
        out = getattr(widen(input), name[1:])(axis=dims, keepdims=keepdim)
        return out.astype(input.dtype) if is_half(input.dtype) else out

    return Op(
        name,
        forward,
        {
            "input": lambda g, input, out, shape, dims, keepdim: share(
                g, input, out, shape, dims, keepdim
            )
        },
    )


_amax, _amin = _extreme("amax"), _extreme("amin")


def _positions(find: str) -> Any:
    def forward(xp: Any, input: Any, dim: int, keepdim: bool) -> Any:
        if not input.ndim:
            return input.copy(), xp.zeros((), np.int64)
        indices = xp.expand_dims(getattr(input, find)(axis=dim), dim)
        values = xp.take_along_axis(input, indices, dim)
        return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))

    return forward


# Values along one dimension, and their adjoint: what was taken put back among zeros.
_take = Op(
    "take_along_dim",
    lambda xp, input, indices, size, dim: xp.take_along_axis(input, indices, dim),
    {"input": lambda g, indices, size, dim: _put(g, indices, size, dim)},
    inputs=2,
)


def _put_forward(xp: Any, input: Any, indices: Any, size: int, dim: int) -> Any:
    out = xp.zeros((*input.shape[:dim], size, *input.shape[dim + 1 :]), input.dtype)
    xp.put_along_axis(out, indices, input, dim)
    return out


_put = Op(
    "put_along_dim",
    _put_forward,
    {"input": lambda g, indices, size, dim: _take(g, indices, size, dim)},
    inputs=2,
)


def put_back(g: Any, indices: Any, shape: tuple[int, ...], dim: int, keepdim: bool) -> Any:
    """The gradient of values that were chosen along ``dim``: theirs to those, 0 to the others."""
    if not shape:
        return g
    g, indices = keep(g, shape, (dim,), keepdim), keep(indices, shape, (dim,), keepdim)
    return _put(g, indices, shape[dim], dim)


def _along(name: str, find: str) -> Op:
    def rule(g: Any, indices: Any, shape: Any, dim: int, keepdim: bool) -> Any:
        return put_back(g, indices, shape, dim, keepdim)

    forward = _positions(find)
    return Op(
        name,
        lambda xp, input, shape, dim, keepdim: forward(xp, input, dim, keepdim),
        {"input": rule},
        outputs=("values", "indices"),
        differentiable=("values",),
    )


_max_along, _min_along = _along("max", "argmax"), _along("min", "argmin")
max_result = namedtuple("max", ["values", "indices"])  # type: ignore[name-match]
min_result = namedtuple("min", ["values", "indices"])  # type: ignore[name-match]


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 3, 4), dim=1)
    yield Sample(make(2, 3), dim=-1, keepdim=True)
    yield Sample(make(), dim=0)
    yield Sample(make(3, 4).T, dim=0)


def _amax_samples(make: Make) -> Iterable[Sample]:
    yield from _samples(make)
    yield Sample(make(2, 3, 4), dim=(0, 2))


def _axis(x: Any, dim: Any) -> Any:
    return dim if x.ndim else None


def _max_samples(make: Make) -> Iterable[Sample]:
    yield from _samples(make)
    yield Sample(make(2, 3), make(3))


def _reference(values: Any, positions: Any, two: Any) -> Any:
    def reference(x: Any, other: Any = None, dim: Any = None, keepdim: bool = False) -> Any:
        if other is not None:
            return two(x, other)
        if dim is None:
            return values(x)
        if not x.ndim:
            return x, np.int64(0)
        return values(x, dim, keepdims=keepdim), positions(x, dim, keepdims=keepdim)

    return reference


def check_not_empty(name: str, input: Any, dims: tuple[int, ...]) -> None:
    if any(input.shape[d] == 0 for d in dims):
        raise IndexingError(
            f"{name}: the {shape_of(input)} tensor has no elements along dim {dims}, so there "
            f"is no {name}. Mend: reduce along a dimension that is not empty."
        )


def _reduced(name: str, op: Op, input: Any, dim: Any, keepdim: bool, axis: Any = None) -> Any:
    check_real(name, input)
    shape = shape_of(input)
    dims = reduced_dims(name, input, dim, axis)
    check_not_empty(name, input, dims)
    return op(input, shape, dims, keepdim)


@operator(
    "amax",
    samples=_amax_samples,
    convention=SMOOTH + "; " + _SHARED,
    kinks=_TIE,
    reference=lambda x, dim=None, keepdim=False: np.amax(x, _axis(x, dim), keepdims=keepdim),
)
def amax(
    input: Any, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False
) -> Any:
    """Largest element, of all or along dimensions; NaN if there is one.

    Args:
        input: tensor with at least one element to choose from.
        dim: dimension or dimensions to reduce; default all. ``axis`` is another name.
        keepdim: keep them with size 1. ``keepdims`` is another name.

    Raises:
        IndexError: there is no element to choose from.

    Source: PyTorch, ``torch.amax``.

    Example:
        >>> import autograd_core as ag
        >>> ag.amax(ag.tensor([[1, 5], [3, 2]]), 1)
        tensor([5, 3])
    """
    return _reduced("amax", _amax, input, dim, keepdim or keepdims, axis)


@operator(
    "amin",
    samples=_amax_samples,
    convention=SMOOTH + "; " + _SHARED,
    kinks=[At((np.array([4.0, 3.0, 3.0]),), (np.array([0.0, 0.5, 0.5]),))],
    reference=lambda x, dim=None, keepdim=False: np.amin(x, _axis(x, dim), keepdims=keepdim),
)
def amin(
    input: Any, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False
) -> Any:
    """Smallest element; arguments as for :func:`amax`. Source: PyTorch, ``torch.amin``."""
    return _reduced("amin", _amin, input, dim, keepdim or keepdims, axis)


def _max_or_min(
    name: str,
    all_of: Op,
    along: Op,
    two: Any,
    result: Any,
    input: Any,
    dim: Any,
    keepdim: bool,
    other: Any,
) -> Any:
    if isinstance(dim, TensorBase):
        other, dim = dim, None
    check_tensor(name, input)
    if other is not None:
        return two(input, other)
    if dim is None:
        return _reduced(name, all_of, input, None, False)
    check_real(name, input)
    number = one_dim(name, dim, input.ndim)
    check_not_empty(name, input, (number,) if input.ndim else ())
    return result(*along(input, shape_of(input), number, keepdim))


@operator(
    "max",
    samples=_max_samples,
    kinks=_TIE,
    reference=_reference(np.max, np.argmax, np.maximum),
    convention=SMOOTH + f"; without dim, {_SHARED}; with dim, the first of them gets all",
)
def max(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    other: Any = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Largest element: of all; along a dimension, with its index; or of each two elements.

    Args:
        input: tensor with at least one element to choose from.
        dim: a dimension, for (values, indices) along it; or another tensor, for the larger of each
            two elements.
        keepdim: keep the dimension with size 1.

    Returns:
        A tensor, or a named tuple ``(values, indices)``.

    Source: PyTorch, ``torch.max``.

    Example:
        >>> import autograd_core as ag
        >>> values, indices = ag.max(ag.tensor([[1, 5], [3, 2]]), 1)
        >>> values, indices
        (tensor([5, 3]), tensor([1, 0]))
    """
    dim = axis if dim is None else dim
    return _max_or_min(
        "max", _amax, _max_along, maximum, max_result, input, dim, keepdim or keepdims, other
    )


@operator(
    "min",
    samples=_max_samples,
    reference=_reference(np.min, np.argmin, np.minimum),
    convention=SMOOTH + f"; without dim, {_SHARED}; with dim, the first of them gets all",
)
def min(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    other: Any = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Smallest element; arguments as for :func:`max`. Source: PyTorch, ``torch.min``."""
    dim = axis if dim is None else dim
    return _max_or_min(
        "min", _amin, _min_along, minimum, min_result, input, dim, keepdim or keepdims, other
    )


def _position(name: str, input: Any, dim: Any, keepdim: bool) -> Any:
    check_real(name, input)
    array = input._array
    if dim is None:
        check_not_empty(name, input, tuple(range(array.ndim)))
    else:
        dim = one_dim(name, dim, array.ndim)
        check_not_empty(name, input, (dim,) if array.ndim else ())
    return _POSITIONS[name](input, dim, keepdim)


def _position_op(name: str) -> Op:
    def forward(xp: Any, input: Any, dim: Any, keepdim: bool) -> Any:
        index = getattr(input, name)(axis=dim if input.ndim else None)
        if keepdim:
            index = index.reshape(
                [1 if dim is None or i == dim else n for i, n in enumerate(input.shape)]
            )
        return backend_of(input).asarray(index, np.int64)

    return Op(name, forward)


_POSITIONS = {name: _position_op(name) for name in ("argmax", "argmin")}


@operator(
    "argmax",
    samples=_samples,
    convention="no gradient",
    differentiable=False,
    reference=lambda x, dim=None, keepdim=False: np.argmax(x, _axis(x, dim), keepdims=keepdim),
)
def argmax(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Index of the largest element (the first, at a tie) along ``dim``, or in the flattened tensor.

    Args:
        input: tensor with at least one element to choose from.
        dim: dimension; default: an index into all elements in order.
        keepdim: keep the dimension with size 1.

    Source: PyTorch, ``torch.argmax``.

    Example:
        >>> import autograd_core as ag
        >>> ag.argmax(ag.tensor([[1, 5], [3, 2]]), 1)
        tensor([1, 0])
    """
    return _position("argmax", input, dim, keepdim)


@operator(
    "argmin",
    samples=_samples,
    convention="no gradient",
    differentiable=False,
    reference=lambda x, dim=None, keepdim=False: np.argmin(x, _axis(x, dim), keepdims=keepdim),
)
def argmin(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Index of the smallest element; arguments as for :func:`argmax`.

    Source: PyTorch, ``torch.argmin``.
    """
    return _position("argmin", input, dim, keepdim)


aminmax_result = namedtuple("aminmax", ["min", "max"])  # type: ignore[name-match]


@operator(
    "aminmax",
    samples=lambda make: [Sample(make(2, 3)), Sample(make(2, 3), dim=1, keepdim=True)],
    convention=SMOOTH + "; elements that tie share the gradient equally",
)
def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Smallest and largest element, of all or along a dimension: a named tuple ``(min, max)``.

    Args:
        input: tensor with at least one element to choose from.
        dim: dimension; default all.
        keepdim: keep it with size 1.

    Source: PyTorch, ``torch.aminmax``.

    Example:
        >>> import autograd_core as ag
        >>> ag.aminmax(ag.tensor([2, 1, 3]))
        aminmax(min=tensor(1), max=tensor(3))
    """
    check_not_empty("aminmax", input, reduced_dims("aminmax", input, dim))
    return aminmax_result(amin(input, dim, keepdim), amax(input, dim, keepdim))
