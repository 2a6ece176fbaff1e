"""Padding: a constant, or the tensor's own elements reflected, repeated or wrapped around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.ops.dims import sizes
from autograd_core.ops.gather import index_select
from autograd_core.registry import SMOOTH, Make, Sample, operator

Widths = tuple[tuple[int, int], ...]


def _cropped(array: Any, widths: Sequence[tuple[int, int]]) -> Any:
    """What negative widths leave."""
    return array[tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(array.shape, widths))]


def _padded(xp: Any, input: Any, widths: Widths, value: float) -> Any:
    """Each dimension grows by its two widths; negative ones crop."""
    inner = _cropped(input, widths)
    result = xp.full([n + a + b for n, (a, b) in zip(input.shape, widths)], value, input.dtype)
    result[tuple(slice(max(a, 0), n - max(b, 0)) for n, (a, b) in zip(result.shape, widths))] = (
        inner
    )
    return result


_pad = Op(
    "pad",
    forward=_padded,
    rules={"input": lambda g, widths: _pad(g, tuple((-a, -b) for a, b in widths), 0)},
)


def _reference(x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    widths = [(0, 0)] * (x.ndim - len(pad) // 2) + [
        (pad[i], pad[i + 1]) for i in range(len(pad) - 2, -1, -2)
    ]
    if not widths:
        return x
    name = {"replicate": "edge", "circular": "wrap"}.get(mode, mode)
    more = {"constant_values": value or 0} if mode == "constant" else {}
    wide = [(max(a, 0), max(b, 0)) for a, b in widths]
    if mode == "circular":  # only there what is cut off cannot come back
        return np.pad(_cropped(x, widths), wide, name)  # type: ignore[call-overload]
    return _cropped(np.pad(x, wide, name, **more), widths)  # type: ignore[call-overload]


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), (1, 2))
    yield Sample(make(2, 3), (1, 0, 2, 1), value=1.5)
    yield Sample(make(3, 4), (-1, 1, 0, -2))
    yield Sample(make(2, 3), ())
    yield Sample(make(1, 2, 4), (2, 3), mode="reflect")
    yield Sample(make(1, 2, 3, 3), (1, 2, 0, 1), mode="replicate")
    yield Sample(make(1, 2, 3), (2, 1), mode="circular")


@operator(
    "nn.functional.pad", samples=_samples, reference=_reference, convention=SMOOTH, method=False
)
def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Any:
    """Add elements at both ends of the last dimensions.

    Args:
        input: tensor.
        pad: how many: (before, after) of the last dimension, then of the one before it, and so on.
            Negative
            numbers take elements away.
        mode: ``"constant"``; or, with at most as many dimensions as in PyTorch, ``"reflect"``
            (mirrored at the
            border element), ``"replicate"`` (the border element) or ``"circular"`` (wrapped
            around).
        value: what to fill with in mode ``"constant"``; default 0.

    Raises:
        RuntimeError: ``pad`` has an odd length or is too long, or takes away or mirrors more than
            there is.

    Source: PyTorch, ``torch.nn.functional.pad``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.pad(ag.ones(2), (1, 2))
        tensor([0., 1., 1., 0., 0.])
    """
    given, shape = sizes("pad", (tuple(pad),)), tuple(input.shape)
    if len(given) % 2 or len(given) > 2 * len(shape):
        raise ShapeError(
            f"pad: expected pairs (before, after) for at most {len(shape)} dimensions, got "
            f"{given} for shape {shape}"
        )
    count = len(given) // 2
    widths = ((0, 0),) * (len(shape) - count) + tuple(
        (given[i], given[i + 1]) for i in range(2 * count - 2, -1, -2)
    )
    if any(n + min(a, 0) + min(b, 0) < 0 for n, (a, b) in zip(shape, widths)):
        raise ShapeError(f"pad: {given} takes away more than shape {shape} has")
    if mode == "constant":
        return _pad(input, widths, 0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        raise ValueError(
            f"pad: mode must be 'constant', 'reflect', 'replicate' or 'circular', got {mode!r}"
        )
    if value is not None and value != 0:
        raise ValueError(f"pad: value={value} has no meaning in mode {mode!r}")
    for dim, (n, (before, after)) in enumerate(zip(shape, widths)):
        if (before, after) != (0, 0):
            most = n - 1 if mode == "reflect" else n if mode == "circular" else None
            if n + before + after < 1:
                raise ShapeError(
                    f"pad: {(before, after)} in mode {mode!r} leaves nothing of dimension {dim} of "
                    f"shape {shape}"
                )
            if n == 0 or (most is not None and max(before, after) > most):
                raise ShapeError(
                    f"pad: {(before, after)} in mode {mode!r} is too much for dimension {dim} of "
                    f"shape {shape}"
                )
            left = n + min(before, 0) + min(after, 0)
            if mode == "circular" and left == 0 and max(before, after) > 0:
                raise ShapeError(
                    f"pad: {(before, after)} in mode 'circular' leaves nothing of dimension {dim} "
                    f"of shape {shape} to wrap around"
                )
            if mode == "circular":  # what negative numbers take away does not come around
                kept = np.arange(max(-before, 0), n - max(-after, 0))
                places = np.pad(kept, (max(before, 0), max(after, 0)), "wrap")
            else:
                places = _PLACES[mode](np.arange(-before, n + after), n)
            like = input._array if isinstance(input, TensorBase) else input
            input = index_select(input, dim, backend_of(like).from_numpy(places))
    return input


# Where each element of a padded dimension comes from, given its place relative to the old first
# element.
_PLACES = {
    "reflect": lambda place, n: n - 1 - np.abs(n - 1 - np.abs(place)),
    "replicate": lambda place, n: np.clip(place, 0, n - 1),
}
