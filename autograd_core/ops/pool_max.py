"""Max pooling over windows of one size, and where each maximum was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_core.op import Op
from autograd_core.operands import check_numbers, check_real
from autograd_core.ops.conv_windows import Window, padded, unpadded, volume
from autograd_core.ops.pool_window import pool_window
from autograd_core.ops.precision import is_half, widen
from autograd_core.plan import linked
from autograd_core.registry import At, Make, Sample, operator

TIES = "at a tie the first of the largest takes all"


def _forward(xp: Any, input: Any, window: Window) -> Any:
    """The maxima, and the number of the tap that saw each (small integers, to save memory)."""
    x = widen(input)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    x = padded(xp, x, window, lowest)
    shape = (*x.shape[: x.ndim - len(window.output)], *window.output)
    out = xp.full(shape, lowest, x.dtype)
    found = xp.zeros(shape, np.min_scalar_type(volume(window.kernel) - 1))
    for number, (_, place) in enumerate(window.taps()):
        seen = x[place]
        better = seen > out
        if x.dtype.kind == "f":
            better |= seen != seen
        xp.maximum(out, seen, out=out)
        # The numbers grow, so the largest is the last at which the maximum changed.
        xp.maximum(found, better * found.dtype.type(number), out=found)
    return out.astype(input.dtype, copy=False), found


def _back(xp: Any, input: Any, found: Any, window: Window) -> Any:
    """Each value at the place of the input where its maximum was found, added up."""
    g = widen(input)
    lead = g.shape[: g.ndim - len(window.output)]
    total = xp.zeros((*lead, *window.reach), g.dtype)
    for number, (_, place) in enumerate(window.taps()):
        total[place] += xp.where(found == number, g, g.dtype.type(0))
    result = unpadded(xp, total, window)
    return result.astype(input.dtype) if is_half(input.dtype) else result


def _choose(xp: Any, input: Any, found: Any, window: Window) -> Any:
    """The values of an array of the input's shape where the maxima were found."""
    x = padded(xp, input, window)
    out = xp.zeros(found.shape, input.dtype)
    for number, (_, place) in enumerate(window.taps()):
        out = xp.where(found == number, x[place], out).astype(input.dtype, copy=False)
    return out


def _places_forward(xp: Any, found: Any, window: Window) -> Any:
    """The numbers of taps as places in the flattened spatial dimensions of the input."""
    n = len(window.kernel)
    flat, left = 0, found.astype(np.int64)
    steps = [volume(window.kernel[d + 1 :]) for d in range(n)]
    for d in range(n):
        tap = left // steps[d]
        left = left - tap * steps[d]
        start = xp.arange(window.output[d]) * window.stride[d] - window.padding[d]
        here = start.reshape(-1, *[1] * (n - 1 - d)) + tap * window.dilation[d]
        flat = flat * window.input[d] + here
    return flat


_max_pool = Op(
    "max_pool",
    _forward,
    {"input": linked(lambda g, found, window: _put_back(g, found, window))},
    outputs=("out", "found"), differentiable=("out",),
)  # fmt: skip
_put_back = Op(
    "max_pool_backward",
    _back,
    {"input": lambda g, found, window: _chosen(g, found, window)},
    inputs=2,
)
_chosen = Op(
    "max_pool_backward_backward",
    _choose,
    {"input": lambda g, found, window: _put_back(g, found, window)},
    inputs=2,
)
_places = Op("max_pool_indices", _places_forward)


def max_pool(
    name: str, n: int, input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any,
    ceil_mode: bool, return_indices: bool,
) -> Any:  # fmt: skip
    """Max pooling of ``n`` dimensions; arguments as for :func:`max_pool2d`."""
    check_real(name, input)
    check_numbers(name, input)
    window = pool_window(name, n, input, kernel_size, stride, padding, dilation, ceil_mode)
    out, found = _max_pool(input, window)
    return (out, _places(found, window)) if return_indices else out


def _samples(n: int) -> Callable[[Make], Iterable[Sample]]:
    def samples(make: Make) -> Iterable[Sample]:
        sizes = (5, 4, 4)[:n]
        yield Sample(make(2, 1, *sizes), 2)
        yield Sample(make(2, *sizes), 2, 1, 1)
        yield Sample(make(1, 1, *sizes), 3, 2, 1, 1, True)
        yield Sample(make(1, 1, *sizes), 2, 1, 1, 2, return_indices=True)
        yield Sample(make(0, 1, *sizes), 2)

    return samples


def _kink(n: int) -> list[At]:
    ties = np.ones((1, 1, *[2] * n))
    first = np.zeros_like(ties)
    first[(0,) * (n + 2)] = 1.0
    return [At((ties, 2), (first,))]


@operator(
    "nn.functional.max_pool1d", samples=_samples(1), convention=TIES, kinks=_kink(1), method=False,
    aliases=("max_pool1d",),
)  # fmt: skip
def max_pool1d(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window of (N, C, L); arguments as for :func:`max_pool2d`.

    Source: PyTorch, ``torch.nn.functional.max_pool1d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.max_pool1d(ag.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
        tensor([[[3., 2.]]])
    """
    return max_pool(
        "max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


@operator(
    "nn.functional.max_pool2d", samples=_samples(2), convention=TIES, kinks=_kink(2), method=False,
    aliases=("max_pool2d",),
)  # fmt: skip
def max_pool2d(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        kernel_size: size of the window; a number, or one for each dimension.
        stride: how far the window moves at a time; default ``kernel_size``.
        padding: elements on both sides that are smaller than any other; at most half the window.
        dilation: distance between the elements that the window looks at.
        ceil_mode: also take windows that reach over the end.
        return_indices: also return where in the flattened H x W each maximum was, int64.

    Returns:
        (N, C, ...); or a pair with the indices. NaN if one is in the window.

    Raises:
        ShapeError: the shapes do not fit, or the window is larger than the padded input.

    Source: PyTorch, ``torch.nn.functional.max_pool2d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.max_pool2d(ag.tensor([[[1.0, 3.0], [2.0, 0.0]]]), 2, return_indices=True)
        (tensor([[[3.]]]), tensor([[[1]]]))
    """
    return max_pool(
        "max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


@operator(
    "nn.functional.max_pool3d", samples=_samples(3), convention=TIES, kinks=_kink(3), method=False,
    aliases=("max_pool3d",),
)  # fmt: skip
def max_pool3d(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window of (N, C, D, H, W); arguments as for :func:`max_pool2d`.

    Source: PyTorch, ``torch.nn.functional.max_pool3d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.max_pool3d(ag.ones(1, 2, 2, 2), 2)
        tensor([[[[1.]]]])
    """
    return max_pool(
        "max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )
