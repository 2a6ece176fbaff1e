"""Convolution and correlation of two sequences, with NumPy's names and modes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.op import Op, promote
from autograd_core.operands import check_tensor
from autograd_core.ops.complex import conj
from autograd_core.ops.precision import is_half, widen
from autograd_core.ops.rearrange import flip
from autograd_core.registry import SMOOTH, Sample, operator

_MODES = ("full", "same", "valid")


def _convolved(xp: Any, input: Any, other: Any, mode: str) -> Any:
    out = xp.convolve(widen(input), widen(other), mode)
    return out.astype(input.dtype) if is_half(input.dtype) else out


_full = Op(
    "convolve", lambda xp, input, other: _convolved(xp, input, other, "full"),
    {
        "input": lambda g, other: _valid(g, flip(other, 0)),
        "other": lambda g, input: _valid(g, flip(input, 0)),
    },
    inputs=2, holomorphic=True,
)  # fmt: skip
# Only where the second, which is no longer than the first, lies within the first.
_valid = Op(
    "convolve_valid", lambda xp, input, other: _convolved(xp, input, other, "valid"),
    {
        "input": lambda g, other: _full(g, flip(other, 0)),
        "other": lambda g, input: _valid(flip(input, 0), g),
    },
    inputs=2, holomorphic=True,
)  # fmt: skip


def _sequences(name: str, a: Any, v: Any, mode: str) -> list[Any]:
    for argument, value in (("a", a), ("v", v)):
        check_tensor(name, value, argument)
        if value.ndim != 1 or not value.shape[0]:
            raise ShapeError(
                f"{name}: {argument} must be a sequence of one dimension that is not empty, got "
                f"{describe(value)}"
            )
    if mode not in _MODES:
        raise ValueError(f"{name}: mode must be one of {_MODES}, got {mode!r}")
    return promote(name, a, v)


def _convolve(a: Any, v: Any, mode: str, round_up: bool = False) -> Any:
    """Of an even number of partial overlaps, ``"same"`` leaves out more at one end; which one,
    ``round_up`` says."""
    m, n = a.shape[0], v.shape[0]
    if mode == "valid":
        return _valid(a, v) if m >= n else _valid(v, a)
    out = _full(a, v)
    if mode == "full":
        return out
    start = (min(m, n) - (not round_up)) // 2
    return out[start : start + max(m, n)]


@operator(
    "convolve", convention=SMOOTH, method=False, reference=np.convolve,
    samples=lambda make: [
        Sample(make(5), make(3)),
        Sample(make(2), make(4), "same"),
        Sample(make(6), make(3), mode="valid"),
        Sample(make(3), make(6), mode="valid"),
        Sample(make(1), make(1)),
    ],
)  # fmt: skip
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """The convolution of two sequences: ``out[k]`` is the sum over n of ``a[n] * v[k - n]``.

    Args:
        a, v: tensors of one dimension, which promote to one dtype.
        mode: ``"full"``, wherever they overlap; ``"same"``, as long as the longer one; or
            ``"valid"``, where they overlap completely.

    Raises:
        ShapeError: one is empty or has another number of dimensions.
        ValueError: ``mode`` is unknown.

    Source: NumPy, ``numpy.convolve``. (For batches of images and signals with channels, see
    ``nn.functional.conv1d``.)

    Example:
        >>> import autograd_core as ag
        >>> ag.convolve(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 10.0]))
        tensor([ 1., 12., 20.])
    """
    a, v = _sequences("convolve", a, v, mode)
    return _convolve(a, v, mode)


@operator(
    "correlate", convention=SMOOTH, method=False, reference=np.correlate,
    samples=lambda make: [
        Sample(make(5), make(3)),
        Sample(make(2), make(4), "same"),
        Sample(make(5), make(3), "full"),
        Sample(make(3), make(6)),
    ],
)  # fmt: skip
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """The correlation of two sequences: ``out[k]`` is the sum over n of
    ``a[n + k] * v[n].conj()``; arguments as for :func:`convolve`.

    Source: NumPy, ``numpy.correlate``.

    Example:
        >>> import autograd_core as ag
        >>> ag.correlate(ag.tensor([1.0, 2.0, 3.0]), ag.tensor([1.0, 10.0]))
        tensor([21., 32.])
    """
    a, v = _sequences("correlate", a, v, mode)
    return _convolve(a, flip(conj(v), 0), mode, round_up=a.shape[0] < v.shape[0])
