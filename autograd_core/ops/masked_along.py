"""Operators along a dimension that leave out elements: cumsum, softmax, ... of
``autograd_core.masked``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_core.ops.masked import _MASKED, _along_samples, _kept, norm
from autograd_core.ops.scan import cumprod as running_product
from autograd_core.ops.scan import cumsum as running_sum
from autograd_core.ops.selection import maximum
from autograd_core.ops.softmax import log_softmax as log_softmax_of
from autograd_core.ops.softmax import softmax as softmax_of
from autograd_core.ops.softmax import softmin as softmin_of
from autograd_core.ops.special import logaddexp as logaddexp_of
from autograd_core.registry import Make, Sample, operator


def _along(
    name: str,
    compute: Callable[..., Any],
    neutral: float,
    doc: str,
    reference: Any,
    samples: Callable[[Make], Iterable[Sample]] = _along_samples,
) -> Any:
    """Declare a masked operator that keeps the shape and works along one dimension."""

    def function(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Any:
        input = input if dtype is None else input.to(dtype)
        return compute(_kept(f"masked.{name}", input, mask, neutral), dim).to(input.dtype)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"{doc} of the elements where ``mask`` holds, along one dimension.\n\n"
        f"    Args:\n"
        f"        input: tensor.\n"
        f"        dim: the dimension.\n"
        f"        dtype: cast to this first.\n"
        f"        mask: boolean tensor that broadcasts to the shape of ``input``; default all hold."
        f"\n\n    Source: PyTorch, ``torch.masked.{name}``."
    )
    return operator(
        f"masked.{name}",
        samples=samples,
        reference=lambda x, dim, *, mask=None: reference(
            x if mask is None else np.where(mask, x, neutral), dim
        ),
        convention=_MASKED,
        method=False,
    )(function)


def _exponentials(x: Any, dim: int) -> Any:
    powers = np.exp(x)
    return powers / powers.sum(dim, keepdims=True)


def _logarithms(x: Any, dim: int) -> Any:
    return x - np.log(np.exp(x).sum(dim, keepdims=True))


cumsum = _along("cumsum", running_sum, 0, "Running sum", np.cumsum)
cumprod = _along("cumprod", running_product, 1, "Running product", np.cumprod)
softmax = _along("softmax", softmax_of, -math.inf, "Softmax", _exponentials)
log_softmax = _along(
    "log_softmax",
    log_softmax_of,
    -math.inf,
    "Logarithm of the softmax",
    _logarithms,
    # (What is left out becomes -inf, where finite differences know nothing.)
    lambda make: [Sample(make(2, 3), 1, mask=np.ones(3, bool)), Sample(make(2, 3), 0)],
)
softmin = _along("softmin", softmin_of, math.inf, "Softmin", lambda x, dim: _exponentials(-x, dim))


def _sum_samples(make: Make) -> list[Sample]:
    held = np.array([[True, False, True], [True, True, False]])
    return [
        Sample(make(2, 3), make(2, 3), input_mask=held, other_mask=held[::-1].copy()),
        Sample(make(2, 3), make(2, 3), input_mask=held),
        Sample(make(3), make(3)),
    ]


def _sum_reference(x: Any, y: Any, *, input_mask: Any = None, other_mask: Any = None) -> Any:
    x = x if input_mask is None else np.where(input_mask, x, -math.inf)
    y = y if other_mask is None else np.where(other_mask, y, -math.inf)
    return np.logaddexp(x, y)


@operator(
    "masked.logaddexp",
    samples=_sum_samples,
    reference=_sum_reference,
    convention=_MASKED,
    method=False,
)
def logaddexp(
    input: Any, other: Any, *, dtype: Any = None, input_mask: Any = None, other_mask: Any = None
) -> Any:
    """``log(exp(input) + exp(other))``, where an element left out adds nothing.

    Args:
        input, other: floating-point tensors.
        dtype: cast to this first.
        input_mask, other_mask: boolean tensors that broadcast to the shapes of the two.

    Source: PyTorch, ``torch.masked.logaddexp``.
    """
    if dtype is not None:
        input, other = input.to(dtype), other.to(dtype)
    return logaddexp_of(
        _kept("masked.logaddexp", input, input_mask, -math.inf),
        _kept("masked.logaddexp", other, other_mask, -math.inf),
    )


def _unit_reference(x: Any, ord: float, dim: int, *, eps: float = 1e-12, mask: Any = None) -> Any:
    x = x if mask is None else np.where(mask, x, 0)
    return x / np.maximum(np.linalg.norm(x, ord, axis=dim, keepdims=True), eps)


@operator(
    "masked.normalize",
    samples=lambda make: [
        Sample(make(2, 3), 2.0, 1, mask=np.array([True, False, True])),
        Sample(make(2, 3), 1, 0),
        Sample(make(3), 3, 0),
    ],
    reference=_unit_reference,
    convention=_MASKED,
    method=False,
)
def normalize(
    input: Any, ord: float, dim: int, *, eps: float = 1e-12, dtype: Any = None, mask: Any = None
) -> Any:
    """The elements where ``mask`` holds divided by their norm along ``dim``; 0 elsewhere.

    Args:
        input: floating-point or complex tensor.
        ord: which vector norm.
        dim: the dimension.
        eps: the least that is divided by.
        dtype: cast to this first.
        mask: boolean tensor that broadcasts to the shape of ``input``; default all hold.

    Source: PyTorch, ``torch.masked.normalize``.
    """
    input = input if dtype is None else input.to(dtype)
    length = norm(input, ord, dim, keepdim=True, mask=mask)
    least = length.new_full((), eps)
    return _kept("masked.normalize", input, mask, 0) / maximum(length, least)
