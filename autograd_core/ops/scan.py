"""Running sums and products along a dimension, and the product of all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.operands import check_inexact
from autograd_core.ops.dims import one_dim
from autograd_core.ops.explog import exp
from autograd_core.ops.precision import is_half, widen, widened
from autograd_core.ops.reduction import keep
from autograd_core.ops.shape import reshape
from autograd_core.ops.special import log_add
from autograd_core.registry import SMOOTH, Make, Sample, operator


def _cut(ndim: int, dim: int, start: int | None, stop: int | None) -> tuple[slice, ...]:
    """The index of a part along ``dim``."""
    return (slice(None),) * dim + (slice(start, stop),) + (slice(None),) * (ndim - dim - 1)


def _turned(array: Any, dim: int, reverse: bool) -> Any:
    return array[(slice(None),) * dim + (slice(None, None, -1),)] if reverse else array


def _accumulated(xp: Any, name: str, input: Any, dim: int, reverse: bool) -> Any:
    if not input.ndim:
        return input.copy() if input.dtype.kind not in "biu" else input.astype(np.int64)
    x = _turned(widen(input), dim, reverse)
    dtype = np.int64 if input.dtype.kind in "biu" else x.dtype
    out = getattr(x, name)(axis=dim, dtype=dtype)
    return _turned(out.astype(input.dtype) if is_half(input.dtype) else out, dim, reverse)


_cumsum = Op(
    "cumsum",
    lambda xp, input, dim, reverse: _accumulated(xp, "cumsum", input, dim, reverse),
    {"input": lambda g, dim, reverse: _cumsum(g, dim, not reverse)},
)


def _shifted(xp: Any, input: Any, dim: int, back: bool, fill: float) -> Any:
    out = xp.full(input.shape, fill, input.dtype)
    if input.ndim:
        first, second = _cut(input.ndim, dim, 1, None), _cut(input.ndim, dim, None, -1)
        out[second if back else first] = input[first if back else second]
    return out


# Each element moves one place along dim (or back), and the free place is filled.
_shift = Op("shift", _shifted, {"input": lambda g, dim, back: _shift(g, dim, not back, 0)})


def _recurrence(xp: Any, factor: Any, input: Any, dim: int, reverse: bool) -> Any:
    """By doubling: after k rounds each element has gathered its 2**k predecessors."""
    if not input.ndim:
        return input.copy()
    a, s = _turned(factor, dim, reverse), _turned(input, dim, reverse).copy()
    a, size, step = a.copy(), input.shape[dim], 1
    while step < size:
        later, earlier = _cut(a.ndim, dim, step, None), _cut(a.ndim, dim, None, -step)
        s[later] += a[later] * s[earlier]
        a[later] = a[later] * a[earlier]
        step *= 2
    return _turned(s, dim, reverse)


# s[i] = factor[i] * s[i-1] + input[i]. Its adjoint is such a recurrence too, from the other end.
_linear = Op(
    "linear_recurrence",
    _recurrence,
    joint=lambda g, needs, factor, out, dim, reverse: _recurrence_rule(
        g, factor, out, dim, reverse
    ),
    inputs=2,
)


def _recurrence_rule(g: Any, factor: Any, out: Any, dim: int, reverse: bool) -> Any:
    ahead = _shift(factor.conj(), dim, not reverse, 0)
    grad = _linear(ahead, g, dim, not reverse)
    return grad * _shift(out.conj(), dim, reverse, 0), grad


def _cumprod_rule(g: Any, input: Any, out: Any, dim: int, reverse: bool) -> Any:
    """Each element times what is before it, and what comes after with the gradients there; no
    division.
    """
    before = _shift(out, dim, reverse, 1)
    after = _linear(_shift(input, dim, not reverse, 0), g, dim, not reverse)
    return before * after


_cumprod = Op(
    "cumprod",
    lambda xp, input, dim, reverse: _accumulated(xp, "cumprod", input, dim, reverse),
    {"input": _cumprod_rule},
    holomorphic=True,
)


def _prod_rule(
    g: Any, input: Any, shape: tuple[int, ...], dims: tuple[int, ...], keepdim: bool
) -> Any:
    """g times the product of all other elements: of those before and those after."""
    if not shape:
        return g
    if len(dims) == 1:
        dim, x = dims[0], input
    else:
        dim, x = 0, reshape(input, (-1,))
    others = _shift(_cumprod(x, dim, False), dim, False, 1) * _shift(
        _cumprod(x, dim, True), dim, True, 1
    )
    return keep(g, shape, dims, keepdim) * (others if len(dims) == 1 else reshape(others, shape))


def _prod_forward(xp: Any, input: Any, shape: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    dtype = np.int64 if input.dtype.kind in "biu" else None
    out = xp.multiply.reduce(widen(input), axis=dims, dtype=dtype, keepdims=keepdim)
    return out.astype(input.dtype) if is_half(input.dtype) else out


_prod = Op("prod", _prod_forward, {"input": _prod_rule}, holomorphic=True)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(4), 0)
    yield Sample(make(2, 3, 4), 1)
    yield Sample(make(3, 4).T, -1)
    yield Sample(np.array([2.0, 0.0, 3.0, 0.0]), 0)
    yield Sample(make(), 0)
    yield Sample(make(0, 3), 0)


def _reference(function: Any) -> Any:
    return lambda x, dim: function(x, dim) if x.ndim else x


@operator(
    "cumsum", samples=_samples, reference=_reference(np.cumsum), convention=SMOOTH, inplace=True
)
def cumsum(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """Running sum along ``dim``.

    Args:
        input: tensor; integers and booleans sum to int64.
        dim: dimension.
        dtype: cast to this first.

    Source: PyTorch, ``torch.cumsum``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cumsum(ag.tensor([1.0, 2.0, 3.0]), 0)
        tensor([1., 3., 6.])
    """
    if dtype is not None:
        return cumsum(input.to(dtype), dim).to(dtype)
    return _cumsum(input, one_dim("cumsum", dim, input.ndim), False)


@operator(
    "cumprod",
    samples=_samples,
    reference=_reference(np.cumprod),
    convention=SMOOTH + "; exact with zeros",
    inplace=True,
    formula="dx[i] = Σ_{k≥i} g[k] Π_{j≤k, j≠i} x[j]",
)
def cumprod(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """Running product along ``dim``; arguments as for :func:`cumsum`. Its gradient divides by
    nothing.

    Source: PyTorch, ``torch.cumprod``.

    Example:
        >>> import autograd_core as ag
        >>> ag.cumprod(ag.tensor([1.0, 2.0, 3.0]), 0)
        tensor([1., 2., 6.])
    """
    if dtype is not None:
        return cumprod(input.to(dtype), dim).to(dtype)
    return _cumprod(input, one_dim("cumprod", dim, input.ndim), False)


def _prod_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 3, 4), 1)
    yield Sample(make(2, 3), -1, keepdim=True)
    yield Sample(np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0]]), 1)
    yield Sample(make())
    yield Sample(make(0, 3), 0)


@operator(
    "prod",
    samples=_prod_samples,
    convention=SMOOTH + "; exact with zeros",
    reference=lambda x, dim=None, keepdim=False: np.prod(x, dim, keepdims=keepdim),
    formula="dx[i] = g Π_{j≠i} x[j]",
)
def prod(
    input: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Product of all elements, or along a dimension. Its gradient divides by nothing, so zeros do
    no harm.

    Args:
        input: tensor; integers and booleans multiply to int64.
        dim: dimension; default all. ``axis`` is another name.
        keepdim: keep it with size 1. ``keepdims`` is another name.
        dtype: cast to this first.

    Source: PyTorch, ``torch.prod``.

    Example:
        >>> import autograd_core as ag
        >>> ag.prod(ag.tensor([2.0, 3.0, 4.0]))
        tensor(24.)
    """
    if dtype is not None:
        return prod(input.to(dtype), dim, keepdim, axis=axis, keepdims=keepdims).to(dtype)
    if dim is None and axis is None:
        dims = tuple(range(input.ndim))
    else:
        number = one_dim("prod", axis if dim is None else dim, input.ndim)
        dims = (number,) if input.ndim else ()
    return _prod(input, tuple(input.shape), dims, keepdim or keepdims)


def _logcumsumexp_forward(xp: Any, input: Any, dim: int) -> Any:
    out = widen(input).copy()
    step, size = 1, out.shape[dim] if out.ndim else 1
    if out.dtype.kind == "c":  # one by one, which decides between equal angles as PyTorch does
        for k in range(1, size):
            now, before = _cut(out.ndim, dim, k, k + 1), _cut(out.ndim, dim, k - 1, k)
            out[now] = log_add(out[now], out[before])
        return out
    while step < size:  # by doubling, as above
        later, earlier = _cut(out.ndim, dim, step, None), _cut(out.ndim, dim, None, -step)
        out[later] = log_add(out[later], out[earlier])
        step *= 2
    return out.astype(input.dtype) if is_half(input.dtype) else out


def _logcumsumexp_rule(g: Any, input: Any, out: Any, dim: int) -> Any:
    x = widened(input)
    if x is not input:  # what a half type rounds off is what the exponentials need
        g, input, out = widened(g), x, _logcumsumexp(x, dim)
    # The sum over k >= i of g[k] exp(input[i] - out[k]), in steps of exp(out[k] - out[k+1]) <= 1.
    step = exp(out - _shift(out, dim, True, np.inf))
    return exp(input - out) * _linear(step, g, dim, True)


_logcumsumexp = Op(
    "logcumsumexp", _logcumsumexp_forward, {"input": _logcumsumexp_rule}, holomorphic=True
)


@operator(
    "logcumsumexp",
    samples=_samples,
    convention=SMOOTH,
    reference=_reference(lambda x, dim: np.log(np.cumsum(np.exp(x), dim))),
    formula="dx[i] = Σ_{k≥i} g[k] exp(x[i] − y[k])",
)
def logcumsumexp(input: Any, dim: int) -> Any:
    """Logarithm of the running sum of exponentials along ``dim``, without overflow.

    Args:
        input: floating-point tensor.
        dim: dimension.

    Source: PyTorch, ``torch.logcumsumexp``.

    Example:
        >>> import autograd_core as ag
        >>> ag.logcumsumexp(ag.tensor([0.0, 0.0]), 0)
        tensor([0.0000, 0.6931])
    """
    check_inexact("logcumsumexp", input)
    return _logcumsumexp(input, one_dim("logcumsumexp", dim, input.ndim))
