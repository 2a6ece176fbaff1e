"""Gradients of decompositions where singular values or eigenvalues are equal, or singular values 0.

Such a matrix has many decompositions, turned against each other within the block of equal values,
and vectors there have no derivative. A loss that does not see the turn has one all the same. What
its gradients with respect to vectors and values tell about it is not always everything: the part
along the turn is 0 divided by 0. The argument ``degenerate`` says what stands there:

``"gauge"``
    0. Right for losses of the values, of whole spaces of vectors, of polar factors, and for norms.
    For other losses of products such as ``U @ diag(S) @ Vh`` it is only a part of the gradient; as
    far as that can be told from the gradients that come in, there is a warning.
``"split"``
    In the results the values are first moved apart, by the root of the precision of the dtype times
    the largest. Then gradients of all losses that do not see the turn are right to about half of
    the digits, and the values to as many.
``"lorentzian(eps)"``
    1 / x becomes x / (x * x + eps) for every difference, sum and value x (Liao et al.,
    "Differentiable programming tensor networks", 2019): finite and smooth.
``"nan"``
    NaN, as in PyTorch.

Values count as equal when they differ by no more than rounding makes them.
"""

from __future__ import annotations

import re
import sys
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.op import Op
from autograd_core.ops.selection import only
from autograd_core.source import line_number, user_place

_LORENTZIAN = re.compile(r"lorentzian\((.+)\)")


@lru_cache(maxsize=64)
def broadening(degenerate: str) -> float | None:
    """The ``eps`` of ``"lorentzian(eps)"``; None for the other words."""
    found = _LORENTZIAN.fullmatch(degenerate)
    return float(found[1]) if found else None


def check_degenerate(name: str, degenerate: Any) -> str:
    """Refuse a word that is none of those above."""
    try:
        if degenerate in ("gauge", "split", "nan") or (broadening(degenerate) or 0) > 0:
            return str(degenerate)
    except (TypeError, ValueError):
        pass
    raise ValueError(
        f"{name}: degenerate must be 'gauge', 'split', 'nan' or 'lorentzian(eps)' with a positive "
        f"number, got {degenerate!r}"
    )


def rounding(xp: Any, values: Any) -> Any:
    """How much values of one matrix may differ by rounding alone; their last dimension has size
    1."""
    precision = float(np.finfo(values.dtype).eps)
    return 10 * values.shape[-1] * precision * xp.abs(values).max(axis=-1, keepdims=True)


# --- what is divided by ---------------------------------------------------------------------------


def _inverse(xp: Any, values: Any, tolerance: Any, degenerate: str) -> Any:
    tiny = xp.abs(values) <= tolerance
    instead = np.nan if degenerate == "nan" else 0
    return xp.where(tiny, instead, 1 / xp.where(tiny, 1, values)).astype(values.dtype)


def _inverse_gaps(xp: Any, input: Any, degenerate: str) -> Any:
    gaps = input[..., None, :] - input[..., :, None]
    if not gaps.size:
        return gaps
    out = _inverse(xp, gaps, rounding(xp, input)[..., None], degenerate)
    return xp.where(xp.eye(input.shape[-1], dtype=bool), 0, out).astype(out.dtype)


def _inverse_sums(xp: Any, input: Any, degenerate: str) -> Any:
    sums = input[..., None, :] + input[..., :, None]
    return _inverse(xp, sums, rounding(xp, input)[..., None], degenerate) if sums.size else sums


def _inverse_values(xp: Any, input: Any, degenerate: str) -> Any:
    return _inverse(xp, input, rounding(xp, input), degenerate) if input.size else input


def _gaps_rule(g: Any, out: Any) -> Any:
    change = -g * out * out
    return change.sum(-2) - change.sum(-1)


def _sums_rule(g: Any, out: Any) -> Any:
    change = -g * out * out
    return change.sum(-2) + change.sum(-1)


_gaps = Op("inverse_gaps", _inverse_gaps, {"input": _gaps_rule}, holomorphic=True)
_sums = Op("inverse_sums", _inverse_sums, {"input": _sums_rule})
_values = Op("inverse_values", _inverse_values, {"input": lambda g, out: -g * out * out})


def _broadened(x: Any, eps: float) -> Any:
    return x / (x * x + eps)


def inverse_gaps(x: Any, degenerate: str) -> Any:
    """1 / (x[j] - x[i]) at (i, j)."""
    eps = broadening(degenerate)
    if eps is None:
        return _gaps(x, degenerate)
    return _broadened(x[..., None, :] - x[..., :, None], eps)


def inverse_sums(x: Any, degenerate: str) -> Any:
    """1 / (x[i] + x[j]) at (i, j)."""
    eps = broadening(degenerate)
    if eps is None:
        return _sums(x, degenerate)
    return _broadened(x[..., None, :] + x[..., :, None], eps)


def inverse_values(x: Any, degenerate: str) -> Any:
    """1 / x."""
    eps = broadening(degenerate)
    return _values(x, degenerate) if eps is None else _broadened(x, eps)


_positive = Op(
    "positive_values",
    lambda xp, input: input > rounding(xp, input) if input.size else input > 0,
    keeps_order=True,
)


def where_positive(g: Any, S: Any) -> Any:
    """The gradient of singular values, 0 for those that are 0, as that of abs."""
    return only(_positive(S), g)


# --- values moved apart ---------------------------------------------------------------------------


def _rising(xp: Any, x: Any, step: Any) -> Any:
    """Rising values, at least ``step`` apart: the largest of those before, each a step further."""
    number = xp.arange(x.shape[-1])
    steps = number * step
    before = number <= number[:, None]
    highest = xp.where(before, (x - steps)[..., None, :], -np.inf).max(axis=-1)
    return (highest + steps).astype(x.dtype)


def apart(xp: Any, values: Any, kind: str) -> Any:
    """Values moved apart: ``"rising"`` ones, ``"falling"`` ones that are positive, or ``"any"``."""
    if not values.size:
        return values
    step = float(np.finfo(values.dtype).eps) ** 0.5
    largest = xp.abs(values).max(axis=-1, keepdims=True)
    step = step * xp.where(largest == 0, 1, largest)
    if kind == "rising":
        return _rising(xp, values, step)
    if kind == "falling":  # the smallest is to be at least one step
        return _rising(xp, xp.maximum(values[..., ::-1], step), step)[..., ::-1]
    number = xp.arange(values.shape[-1])
    near = xp.abs(values[..., None, :] - values[..., :, None]) < step[..., None]
    return values + step * (near & (number < number[:, None])).sum(-1)


# --- what the gradient leaves out -----------------------------------------------------------------


def _look(
    xp: Any, input: Any, values: Any, pull: Any, idle: Any, name: str, gauge: bool, phases: bool
) -> Any:
    if values.size and phases:
        _check_phases(xp, pull, name)
    if values.size and gauge:
        _warn_of_loss(xp, input, values, pull, idle, name)
    return input


# Looks at the gradients that come in, and returns that of the values.
_looked_at = Op("degenerate", _look, {"input": lambda g: g}, inputs=4)


def look_at(
    g: Any, values: Any, pull: Any, idle: Any, name: str, degenerate: str, phases: bool
) -> Any:
    """The gradient of the values, after a look at what the loss depends on.

    Args:
        g: the gradient of the values, (..., k).
        values: (..., k).
        pull: (..., k, k), vectors times the gradients of vectors: the skew part tells how the loss
            changes if vectors turn into each other, the rest how if they are stretched. (For
            vectors that are not orthogonal, how it changes if they lean towards each other.)
        idle: (..., k), for singular values how large what is divided by the value is: nothing is
            known of it where the value is 0. Else ``g``.
        name: of the operator.
        degenerate: see above.
        phases: whether vectors are determined up to phases, and not only up to signs.

    Raises:
        RuntimeError: the loss depends on the phases of complex vectors, which are arbitrary.
    """
    gauge = degenerate == "gauge"
    if not gauge and not phases:
        return g
    return _looked_at(g, values, pull, idle, name, gauge, phases)


def _check_phases(xp: Any, pull: Any, name: str) -> None:
    backend = backend_of(pull)
    along = xp.abs(xp.diagonal(pull, 0, -2, -1).imag)
    allowed = 1e-2 * (1 + xp.abs(pull).max(axis=-1))  # as much as PyTorch allows
    if backend.item((along > allowed).any()):
        raise RuntimeError(
            f"{name}: the loss depends on the phases of complex vectors, which are arbitrary, so "
            f"it has no gradient. Mend: use what does not depend on them, such as absolute values"
        )


def _warn_of_loss(xp: Any, g: Any, values: Any, pull: Any, idle: Any, name: str) -> None:
    """Warn where values are equal (or singular values 0) and the gradient is not determined."""
    backend, k = backend_of(values), values.shape[-1]
    close, diagonal = rounding(xp, values), xp.eye(k, dtype=bool)
    same = xp.abs(values[..., None, :] - values[..., :, None]) <= close[..., None]
    same &= ~diagonal
    if name == "linalg.svd":
        same |= diagonal & (values <= close)[..., None]
    if not backend.item(same.any()):
        return
    size, most = xp.abs(g), xp.abs(pull).max(axis=(-1, -2), keepdims=True)
    little = xp.maximum(most, size.max(axis=-1)[..., None, None])
    little = float(np.finfo(size.dtype).eps) ** 0.5 * little
    if name == "linalg.eig":
        turns, stretches = xp.abs(pull), most
    else:
        adjoint = pull.swapaxes(-1, -2).conj()
        turns, stretches = xp.abs(pull - adjoint), xp.abs(pull + adjoint)
    differ = xp.abs(g[..., None, :] - g[..., :, None])
    mixes = (stretches > little) & (size[..., None] > little)
    lost = same & ~diagonal & ((turns > little) | (differ > little) | mixes)
    lost |= same & diagonal & (xp.abs(idle)[..., None] > little)
    if backend.item(lost.any()):
        _warn(name, backend.to_numpy(values), backend.to_numpy(lost))


def _warn(name: str, values: Any, lost: Any) -> None:
    *batch, i, j = np.argwhere(lost)[0]
    found = values[tuple(batch)]
    which = f"value {i} is 0" if i == j else f"values {min(i, j)} and {max(i, j)} are equal"
    at = f" of matrix {tuple(map(int, batch))}" if batch else ""
    code, lasti = user_place(sys._getframe(1))
    warnings.warn_explicit(
        f"{name}: {which}{at} to rounding ({found[i]:.6g}, {found[j]:.6g}), and the loss is not "
        f"one of the values or of whole spaces of vectors alone. What of its gradient turns these "
        f"vectors is not known and left out. Mend: degenerate='split', or another loss",
        UserWarning,
        code.co_filename,
        line_number(code, lasti),
    )
