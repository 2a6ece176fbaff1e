"""softmax and its logarithm; softmin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.operands import check_floating
from autograd_core.ops.dims import one_dim
from autograd_core.ops.explog import exp
from autograd_core.ops.precision import is_half, widen, widened
from autograd_core.ops.reduction import sum
from autograd_core.ops.rows import add_up, largest
from autograd_core.registry import SMOOTH, Make, Sample, operator


def shifted(xp: Any, input: Any, dim: int) -> Any:
    """The input minus its maximum, so that exp cannot overflow; halves in float32."""
    x = widen(input)
    return x - largest(xp, x, dim)


def _softmax_forward(xp: Any, input: Any, dim: int) -> Any:
    if not input.size or not input.ndim:  # 1, or NaN if the input is not finite
        return xp.asarray(input - input + 1, input.dtype)
    out = shifted(xp, input, dim)
    xp.exp(out, out=out)
    out /= add_up(xp, out, (dim,), True)
    return out.astype(input.dtype) if is_half(input.dtype) else out


def _log_softmax_forward(xp: Any, input: Any, dim: int) -> Any:
    if not input.size or not input.ndim:
        return xp.asarray(input - input, input.dtype)
    out = shifted(xp, input, dim)
    out -= xp.log(add_up(xp, xp.exp(out), (dim,), True))
    return out.astype(input.dtype) if is_half(input.dtype) else out


def _softmax_rule(g: Any, out: Any, dim: int) -> Any:
    g, out = widened(g), widened(out)
    return out * (g - sum(g * out, dim, True))


def _log_softmax_rule(g: Any, out: Any, dim: int) -> Any:
    g, out = widened(g), widened(out)
    return g - exp(out) * sum(g, dim, True)


_softmax = Op("softmax", _softmax_forward, {"input": _softmax_rule})
_log_softmax = Op("log_softmax", _log_softmax_forward, {"input": _log_softmax_rule})


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), 1)
    yield Sample(make(2, 3, 4), dim=0)
    yield Sample(make(3, 4).T, -1)
    yield Sample(make(), 0)
    yield Sample(make(0, 3), 1)


def _reference(x: Any, dim: int) -> Any:
    x = np.exp(x)
    return x / x.sum(dim if x.ndim else None, keepdims=True)


def _prepared(name: str, input: Any, dim: Any, dtype: Any) -> tuple[Any, int]:
    if dtype is not None:
        input = input.to(dtype)
    check_floating(name, input)
    return input, one_dim(name, dim, input.ndim)


@operator(
    "softmax",
    samples=_samples,
    reference=_reference,
    convention=SMOOTH,
    aliases=("nn.functional.softmax", "special.softmax"),
    formula="dx = y (g − Σ g y)",
)
def softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """``exp(input)`` divided by its sum along ``dim``: positive numbers that sum to 1.

    Args:
        input: floating-point tensor.
        dim: the dimension to sum along.
        dtype: cast to this first.

    Source: PyTorch, ``torch.softmax``.

    Example:
        >>> import autograd_core as ag
        >>> ag.softmax(ag.tensor([0.0, 0.0]), 0)
        tensor([0.5000, 0.5000])
    """
    return _softmax(*_prepared("softmax", input, dim, dtype))


@operator(
    "log_softmax",
    samples=_samples,
    reference=lambda x, dim: np.log(_reference(x, dim)),
    convention=SMOOTH,
    aliases=("nn.functional.log_softmax", "special.log_softmax"),
    formula="dx = g − exp(y) Σ g",
)
def log_softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """The logarithm of :func:`softmax`, without overflow or loss of precision; arguments as there.

    Source: PyTorch, ``torch.log_softmax``.

    Example:
        >>> import autograd_core as ag
        >>> ag.log_softmax(ag.tensor([0.0, 0.0]), 0)
        tensor([-0.6931, -0.6931])
    """
    return _log_softmax(*_prepared("log_softmax", input, dim, dtype))


@operator(
    "nn.functional.softmin",
    samples=_samples,
    reference=lambda x, dim: _reference(-x, dim),
    convention=SMOOTH,
    method=False,
)
def softmin(input: Any, dim: int, dtype: Any = None) -> Any:
    """``softmax(-input)``; arguments as there. Source: PyTorch, ``torch.nn.functional.softmin``."""
    return softmax(-input, dim, dtype)
