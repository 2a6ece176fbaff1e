"""Variance and standard deviation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.operands import check_inexact
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.reduction import keep, mean, reduced_dims
from autograd_core.ops.rows import add_up
from autograd_core.ops.selection import only
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _variance(xp: Any, x: Any, dims: tuple[int, ...], keepdim: bool, freedom: float) -> Any:
    x = widen(x)
    count = math.prod([x.shape[d] for d in dims])
    centred = x - add_up(xp, x, dims, True) / count if count else x
    if x.dtype.kind == "c":
        centred = abs(centred)
    squares = add_up(xp, centred * centred, dims, keepdim)
    return squares / freedom if freedom > 0 else squares * np.inf  # (NaN for squares of 0)


def _var_forward(xp: Any, input: Any, shape: Any, dims: Any, keepdim: bool, freedom: float) -> Any:
    out = _variance(xp, input, dims, keepdim, freedom)
    return out.astype(input.dtype) if is_half(input.dtype) else out


def _std_forward(xp: Any, input: Any, shape: Any, dims: Any, keepdim: bool, freedom: float) -> Any:
    out = xp.sqrt(_variance(xp, input, dims, keepdim, freedom))
    return out.astype(input.dtype) if is_half(input.dtype) else out


def _pull(g: Any, input: Any, dims: tuple[int, ...], freedom: float) -> Any:
    """``g * (input - mean) / freedom``."""
    scale = 1 / freedom if freedom > 0 else math.nan
    return (g * scale) * (input - mean(input, dims, True) if dims else input * 0)


def _var_rule(g: Any, input: Any, shape: Any, dims: Any, keepdim: bool, freedom: float) -> Any:
    return _pull(keep(g, shape, dims, keepdim) * 2, input, dims, freedom)


def _std_rule(
    g: Any, input: Any, out: Any, shape: Any, dims: Any, keepdim: bool, freedom: float
) -> Any:
    zero = out == 0
    share = only(~zero, g / (out + zero))
    return _pull(keep(share, shape, dims, keepdim), input, dims, freedom)


_var = Op("var", _var_forward, {"input": _var_rule})
_std = Op("std", _std_forward, {"input": _std_rule})


def _arguments(
    name: str, input: Any, dim: Any, correction: Any, unbiased: Any, keepdim: bool, axis: Any
) -> tuple[Any, ...]:
    check_inexact(name, input)
    if isinstance(dim, bool):  # torch.var(input, unbiased)
        dim, unbiased = None, dim
    if unbiased is not None:
        correction = int(unbiased)
    correction = 1 if correction is None else correction
    if isinstance(correction, np.generic):  # (which would decide the dtype of the result)
        correction = correction.item()
    shape = tuple(input.shape)
    dims = reduced_dims(name, input, dim, axis)
    count = math.prod([shape[d] for d in dims])
    return input, shape, dims, keepdim, max(0, count - correction)


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(2, 3, 4), 1)
    yield Sample(make(2, 3, 4), (0, -1), keepdim=True, correction=0)
    yield Sample(make(3, 4).T, 0, unbiased=False)


def _reference(function: Any) -> Any:
    def reference(
        x: Any,
        dim: Any = None,
        *,
        correction: int = 1,
        keepdim: bool = False,
        unbiased: bool = True,
    ) -> Any:
        return function(x, dim, ddof=correction if unbiased else 0, keepdims=keepdim)

    return reference


def _reference_with_mean(function: Any) -> Any:
    def reference(x: Any, dim: Any = None, **options: Any) -> Any:
        means = x.mean(dim, keepdims=options.get("keepdim", False))
        return _reference(function)(x, dim, **options), means

    return reference


@operator(
    "var",
    samples=_samples,
    reference=_reference(np.var),
    convention=SMOOTH,
    kinks=[At((np.array([2.0, 2.0]),), (np.array([0.0, 0.0]),))],
    formula="dx = 2 g (x − mean) / (n − correction)",
)
def var(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Any = 1,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Variance of all elements, or along dimensions.

    Args:
        input: floating-point or complex tensor.
        dim: dimension or dimensions to reduce; default all. ``axis`` is another name.
        unbiased: True and False are other names for ``correction`` 1 and 0.
        keepdim: keep the dimensions with size 1. ``keepdims`` is another name.
        correction: the sum of squares is divided by the number of elements minus this; default 1.
            NaN if that is 0.

    Source: PyTorch, ``torch.var``.

    Example:
        >>> import autograd_core as ag
        >>> ag.var(ag.tensor([1.0, 2.0, 3.0]))
        tensor(1.)
    """
    return _var(*_arguments("var", input, dim, correction, unbiased, keepdim or keepdims, axis))


@operator(
    "std",
    samples=_samples,
    reference=_reference(np.std),
    convention="0 where all elements are equal",
    kinks=[At((np.array([2.0, 2.0]),), (np.array([0.0, 0.0]),))],
    formula="dx = g (x − mean) / ((n − correction) y)",
)
def std(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Any = 1,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Standard deviation, the square root of :func:`var`; arguments as there.

    Source: PyTorch, ``torch.std``.
    """
    return _std(*_arguments("std", input, dim, correction, unbiased, keepdim or keepdims, axis))


def _with_mean(spread: Any, input: Any, dim: Any, keepdim: bool, options: dict[str, Any]) -> Any:
    if isinstance(dim, bool):
        dim, options["unbiased"] = None, dim
    return spread(input, dim, keepdim=keepdim, **options), mean(input, dim, keepdim)


@operator(
    "var_mean",
    samples=_samples,
    convention=SMOOTH,
    method=False,
    reference=_reference_with_mean(np.var),
)
def var_mean(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Any = 1,
) -> Any:
    """Variance and mean; arguments as for :func:`var`. Source: PyTorch, ``torch.var_mean``."""
    return _with_mean(var, input, dim, keepdim, {"unbiased": unbiased, "correction": correction})


@operator(
    "std_mean",
    samples=_samples,
    convention="0 where all elements are equal",
    method=False,
    reference=_reference_with_mean(np.std),
)
def std_mean(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Any = 1,
) -> Any:
    """Standard deviation and mean; arguments as for :func:`var`.

    Source: PyTorch, ``torch.std_mean``.
    """
    return _with_mean(std, input, dim, keepdim, {"unbiased": unbiased, "correction": correction})
