"""Reductions that leave out elements: sum, mean, amax, ... of ``autograd_core.masked``.

What the mask does not hold counts as the neutral element of the operation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_core.operands import check_inexact, check_real
from autograd_core.ops import extremes, norms, reduction, scan
from autograd_core.ops.dims import one_dim, some_dims
from autograd_core.ops.gather import check_mask
from autograd_core.ops.medians import nanmedian
from autograd_core.ops.scatter_reduce import _greatest, _least
from autograd_core.ops.selection import where
from autograd_core.ops.shape import broadcast_shape, expand
from autograd_core.registry import SMOOTH, Make, Sample, operator

_MASKED = SMOOTH + "; what is left out gets gradient 0"
_TIES = _MASKED + "; elements that tie share the gradient equally"


def _kept(name: str, input: Any, mask: Any, neutral: Any) -> Any:
    """``input`` with ``neutral`` where the mask, which broadcasts to its shape, does not hold."""
    if mask is None:
        return input
    check_mask(name, mask)
    shape = tuple(input.shape)
    if broadcast_shape(name, shape, tuple(mask.shape)) != shape:
        raise RuntimeError(
            f"{name}: mask of shape {tuple(mask.shape)} does not broadcast to the shape of input, "
            f"{shape}"
        )
    return where(mask, input, neutral)


def _dims(name: str, dim: Any, ndim: int) -> tuple[int, ...]:
    """The dimensions to reduce; None and () mean all."""
    return some_dims(name, None if dim is None or tuple(_listed(dim)) == () else dim, ndim)


def _listed(dim: Any) -> Iterable[Any]:
    return dim if isinstance(dim, (tuple, list)) else (dim,)


def _count(name: str, input: Any, mask: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    """How many elements of each row the mask holds."""
    if mask is None:
        return math.prod([input.shape[d] for d in dims])
    check_mask(name, mask)
    return reduction.sum(expand(mask, input.shape), dims, keepdim)


# --- samples and references -----------------------------------------------------------------------


def _mask(make: Make, *shape: int) -> Any:
    mask = make.booleans(*shape)
    mask[..., 0] = True  # at least one element of each row
    return mask


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), 1, mask=_mask(make, 2, 3))
    yield Sample(make(2, 3, 4), (0, 2), keepdim=True, mask=_mask(make, 4))
    yield Sample(make(3), None)
    yield Sample(make(2, 3), mask=_mask(make, 2, 3))


def _reduction_reference(function: Any, neutral: float) -> Any:
    def reference(x: Any, dim: Any = None, *, keepdim: bool = False, mask: Any = None) -> Any:
        x = x if mask is None else np.where(mask, x, neutral)
        return function(x, axis=dim, keepdims=keepdim)

    return reference


def _along_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), 1, mask=_mask(make, 2, 3))
    yield Sample(make(3, 4), -1, mask=_mask(make, 4))
    yield Sample(make(2, 3), 0)


# --- reductions -----------------------------------------------------------------------------------


def _reduce(name: str, compute: Callable[..., Any], neutral: Any, doc: str, reference: Any) -> Any:
    """Declare a masked reduction over one or several dimensions."""
    full = f"masked.{name}"

    def function(
        input: Any,
        dim: Any = None,
        *,
        keepdim: bool = False,
        dtype: Any = None,
        mask: Any = None,
    ) -> Any:
        input = input if dtype is None else input.to(dtype)
        value = neutral(input) if callable(neutral) else neutral
        return compute(_kept(full, input, mask, value), _dims(full, dim, input.ndim), bool(keepdim))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"{doc} of the elements where ``mask`` holds, of all or along dimensions.\n\n"
        f"    Args:\n"
        f"        input: tensor.\n"
        f"        dim: dimension or dimensions to reduce; default all.\n"
        f"        keepdim: keep them with size 1.\n"
        f"        dtype: cast to this first.\n"
        f"        mask: boolean tensor that broadcasts to the shape of ``input``; default all hold."
        f"\n\n    Source: PyTorch, ``torch.masked.{name}``."
    )
    return operator(
        full,
        samples=_samples,
        reference=reference,
        convention=_TIES if name.startswith("am") else _MASKED,
        method=False,
    )(function)


def _product(input: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    if not dims:
        return scan.prod(input)
    for dim in sorted(dims, reverse=True):
        input = scan.prod(input, dim, keepdim)
    return input


sum = _reduce("sum", reduction.sum, 0, "Sum", _reduction_reference(np.sum, 0))
prod = _reduce("prod", _product, 1, "Product", _reduction_reference(np.prod, 1))
amax = _reduce("amax", extremes.amax, _least, "Largest", _reduction_reference(np.max, -math.inf))
amin = _reduce("amin", extremes.amin, _greatest, "Smallest", _reduction_reference(np.min, math.inf))
logsumexp = _reduce(
    "logsumexp", norms.logsumexp, -math.inf, "Logarithm of the sum of exponentials",
    lambda x, dim=None, *, keepdim=False, mask=None: np.log(
        np.sum(np.exp(x) * (1 if mask is None else mask), axis=dim, keepdims=keepdim)
    ),
)  # fmt: skip


def _mean_reference(x: Any, dim: Any = None, *, keepdim: bool = False, mask: Any = None) -> Any:
    held = np.ones(x.shape, bool) if mask is None else np.broadcast_to(mask, x.shape)
    return np.mean(x, axis=dim, keepdims=keepdim, where=held)


@operator(
    "masked.mean", samples=_samples, reference=_mean_reference, convention=_MASKED, method=False
)
def mean(
    input: Any, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Any:
    """Mean of the elements where ``mask`` holds; NaN where it holds nowhere. Arguments as for
    :func:`sum`. Source: PyTorch, ``torch.masked.mean``.

    Example:
        >>> import autograd_core as ag
        >>> ag.masked.mean(ag.tensor([1.0, 2.0, 6.0]), mask=ag.tensor([True, True, False]))
        tensor(1.5000)
    """
    input = input if dtype is None else input.to(dtype)
    check_inexact("masked.mean", input)
    dims = _dims("masked.mean", dim, input.ndim)
    total = reduction.sum(_kept("masked.mean", input, mask, 0), dims, bool(keepdim))
    return total / _count("masked.mean", input, mask, dims, bool(keepdim))


def _spread(
    name: str, input: Any, dim: Any, unbiased: Any, correction: Any, keepdim: Any, dtype: Any,
    mask: Any,
) -> Any:  # fmt: skip
    """The variance: the sum of squared distances from the mean by the number of elements, less
    the correction."""
    if unbiased is not None and correction is not None:
        raise TypeError(f"{name}: unbiased and correction say one thing; give one of them")
    less = (1 if unbiased is None else int(unbiased)) if correction is None else correction
    kind = input.dtype if dtype is None else dtype
    if input.dtype.is_floating_point or input.dtype.is_complex or dtype is not None:
        input = input.to(kind)
    else:
        input = input.float()
    dims = _dims(name, dim, input.ndim)
    count = _count(name, input, mask, dims, True)
    center = reduction.sum(_kept(name, input, mask, 0), dims, True) / count
    distance = _kept(name, input - center, mask, 0)
    total = reduction.sum(distance * distance.conj(), dims, bool(keepdim))
    count = _count(name, input, mask, dims, bool(keepdim))
    rest = count - less
    rest = max(rest, 0) if mask is None else rest.clamp(min=0).to(total.dtype)
    return total / rest


def _spread_reference(function: Any) -> Any:
    def reference(
        x: Any, dim: Any = None, unbiased: bool = True, *, keepdim: bool = False,
        mask: Any = None, correction: Any = None,
    ) -> Any:  # fmt: skip
        held = np.ones(x.shape, bool) if mask is None else np.broadcast_to(mask, x.shape)
        less = int(unbiased) if correction is None else correction
        return function(x, axis=dim, ddof=less, keepdims=keepdim, where=held)

    return reference


def _spread_samples(make: Make) -> Iterable[Sample]:
    held = np.array([[True, True, False, True], [True, False, True, True]])
    yield Sample(make(2, 4), 1, mask=held)
    yield Sample(make(2, 4), unbiased=False, mask=held)
    yield Sample(make(3, 2, 4), (0, 2), keepdim=True, correction=0, mask=held)
    yield Sample(make(4), None)


@operator(
    "masked.var",
    samples=_spread_samples,
    reference=_spread_reference(np.var),
    convention=_MASKED,
    method=False,
)
def var(
    input: Any, dim: Any = None, unbiased: bool | None = None, *, keepdim: bool = False,
    dtype: Any = None, mask: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """Variance of the elements where ``mask`` holds; further arguments as for :func:`sum`.

    Args:
        unbiased: True and False are other names for ``correction`` 1 (the default) and 0.
        correction: the sum of squares is divided by the number of elements minus this.

    Source: PyTorch, ``torch.masked.var``.
    """
    return _spread("masked.var", input, dim, unbiased, correction, keepdim, dtype, mask)


@operator(
    "masked.std",
    samples=_spread_samples,
    reference=_spread_reference(np.std),
    convention=_MASKED,
    method=False,
)
def std(
    input: Any, dim: Any = None, unbiased: bool | None = None, *, keepdim: bool = False,
    dtype: Any = None, mask: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """Standard deviation, the square root of :func:`var`; arguments as there. Source: PyTorch,
    ``torch.masked.std``."""
    return _spread("masked.std", input, dim, unbiased, correction, keepdim, dtype, mask).sqrt()


def _norm_samples(make: Make) -> Iterable[Sample]:
    for order in (2.0, 1, math.inf, 3):
        yield Sample(make(2, 3), order, 1, mask=_mask(make, 2, 3))
    yield Sample(make(2, 3))


def _norm_reference(
    x: Any, ord: float = 2.0, dim: Any = None, *, keepdim: bool = False, mask: Any = None
) -> Any:
    x = x if mask is None else np.where(mask, x, 0)
    x = x.reshape(-1) if dim is None else x
    return np.linalg.norm(x, ord, axis=dim, keepdims=keepdim)


@operator(
    "masked.norm",
    samples=_norm_samples,
    reference=_norm_reference,
    convention=_MASKED + "; 0 where all elements are 0",
    method=False,
)
def norm(
    input: Any, ord: float = 2.0, dim: Any = None, *, keepdim: bool = False, dtype: Any = None,
    mask: Any = None,
) -> Any:  # fmt: skip
    """The vector norm of order ``ord`` of the elements where ``mask`` holds; further arguments as
    for :func:`sum`. Source: PyTorch, ``torch.masked.norm``."""
    neutral = math.inf if ord == -math.inf else 0
    kept = _kept("masked.norm", input, mask, neutral)
    dims = _dims("masked.norm", dim, input.ndim)
    return norms.vector_norm(kept, ord, dims, bool(keepdim), dtype=dtype)


def _median_reference(x: Any, dim: int = -1, *, keepdim: bool = False, mask: Any = None) -> Any:
    x = np.sort(x if mask is None else np.where(mask, x, np.nan), dim)
    place = (np.sum(~np.isnan(x), dim, keepdims=True) - 1) // 2
    found = np.take_along_axis(x, place, dim)
    return found if keepdim else found.squeeze(dim)


@operator(
    "masked.median",
    samples=_along_samples,
    reference=_median_reference,
    convention=_MASKED + "; of elements that tie one has the gradient",
    method=False,
)
def median(
    input: Any, dim: int = -1, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Any:
    """Median of the elements where ``mask`` holds along one dimension; NaN where it holds nowhere.
    Arguments as for :func:`sum`. Source: PyTorch, ``torch.masked.median``."""
    dim = one_dim("masked.median", dim, input.ndim)
    check_real("masked.median", input)
    whole = not input.dtype.is_floating_point
    kind = input.dtype if dtype is None else dtype
    out = nanmedian(
        _kept("masked.median", input.float() if whole else input, mask, math.nan), dim, keepdim
    ).values
    if not whole:
        return out
    if bool(out.isnan().any()):
        raise ValueError(f"masked.median: a row without elements has no median in {kind}")
    return out.to(kind)


def _find(name: str, compute: Any, neutral: Any, doc: str, fill: float, reference: Any) -> Any:
    def function(
        input: Any,
        dim: int | None = None,
        *,
        keepdim: bool = False,
        dtype: Any = None,
        mask: Any = None,
    ) -> Any:
        kept = _kept(f"masked.{name}", input, mask, neutral(input))
        return compute(kept, dim, bool(keepdim)).to(input.dtype if dtype is None else dtype)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"Index of the {doc} element where ``mask`` holds, along one dimension or of all; as in "
        f"PyTorch of the dtype of ``input`` unless ``dtype`` says another. Other arguments as for "
        f":func:`sum`. Source: PyTorch, ``torch.masked.{name}``."
    )
    return operator(
        f"masked.{name}",
        samples=_along_samples,
        reference=lambda x, dim=None, *, mask=None: reference(
            x if mask is None else np.where(mask, x, fill), dim
        ),
        convention="no gradient",
        differentiable=False,
        method=False,
    )(function)


argmax = _find("argmax", extremes.argmax, _least, "largest", -math.inf, np.argmax)
argmin = _find("argmin", extremes.argmin, _greatest, "smallest", math.inf, np.argmin)
