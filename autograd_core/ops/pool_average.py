"""Average pooling, and power-average pooling."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.operands import check_inexact
from autograd_core.ops.conv_windows import volume
from autograd_core.ops.pool_sums import Taps, weighted_sums
from autograd_core.ops.pool_window import pool_window
from autograd_core.ops.selection import only
from autograd_core.registry import SMOOTH, Make, Sample, operator


@lru_cache(maxsize=256)
def _taps(
    size: int, output: int, kernel: int, stride: int, padding: int, divide: bool, count_pad: bool
) -> Taps:
    """The elements of each window with equal weights: 1, or 1 / how many there are."""
    start = np.arange(output)[:, None] * stride - padding
    end = np.minimum(start + kernel, size + padding)
    places = start + np.arange(kernel)
    inside = (places >= 0) & (places < size)
    weights = inside.astype(np.float64)
    if divide:
        weights /= end - start if count_pad else inside.sum(1, keepdims=True)
    return Taps(size, np.clip(places, 0, size - 1), weights)


def avg_pool(
    name: str, n: int, input: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None = None,
) -> Any:  # fmt: skip
    """Average pooling of ``n`` dimensions; arguments as for :func:`avg_pool2d`."""
    check_inexact(name, input)
    window = pool_window(name, n, input, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override == 0:
        raise ShapeError(f"{name}: divisor_override must not be 0")
    first = input.ndim - n
    divide = divisor_override is None
    taps = [
        (first + d, _taps(*sizes, divide, bool(count_include_pad)))
        for d, sizes in enumerate(
            zip(window.input, window.output, window.kernel, window.stride, window.padding)
        )
    ]
    out = weighted_sums(input, taps)
    return out if divisor_override is None else out / divisor_override


def _samples(n: int) -> Callable[[Make], Iterable[Sample]]:
    def samples(make: Make) -> Iterable[Sample]:
        sizes = (5, 4, 4)[:n]
        yield Sample(make(2, 1, *sizes), 2)
        yield Sample(make(2, *sizes), 2, 1, 1)
        yield Sample(make(1, 1, *sizes), 3, 2, 1, True, False)
        if n > 1:
            yield Sample(make(1, 1, *sizes), 2, divisor_override=3)
        yield Sample(make(0, 1, *sizes), 2)

    return samples


@operator(
    "nn.functional.avg_pool1d", samples=_samples(1), convention=SMOOTH, method=False,
    aliases=("avg_pool1d",),
)  # fmt: skip
def avg_pool1d(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:  # fmt: skip
    """The mean of each window of (N, C, L); arguments as for :func:`avg_pool2d`.

    Source: PyTorch, ``torch.nn.functional.avg_pool1d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.avg_pool1d(ag.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
        tensor([[[2., 1.]]])
    """
    return avg_pool(
        "avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad
    )


@operator("nn.functional.avg_pool2d", samples=_samples(2), convention=SMOOTH, method=False)
def avg_pool2d(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Any:  # fmt: skip
    """The mean of each window.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        kernel_size: size of the window; a number, or one for each dimension.
        stride: how far the window moves at a time; default ``kernel_size``.
        padding: zeros added on both sides; at most half the window.
        ceil_mode: also take windows that reach over the end; what lies beyond the padding does
            not count.
        count_include_pad: the zeros count as elements.
        divisor_override: divide by this instead of by the number of elements.

    Raises:
        ShapeError: the shapes do not fit, or the window is larger than the padded input.

    Source: PyTorch, ``torch.nn.functional.avg_pool2d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.avg_pool2d(ag.tensor([[[1.0, 3.0], [2.0, 0.0]]]), 2)
        tensor([[[1.5000]]])
    """
    return avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad,
        divisor_override,
    )  # fmt: skip


@operator("nn.functional.avg_pool3d", samples=_samples(3), convention=SMOOTH, method=False)
def avg_pool3d(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Any:  # fmt: skip
    """The mean of each window of (N, C, D, H, W); arguments as for :func:`avg_pool2d`.

    Source: PyTorch, ``torch.nn.functional.avg_pool3d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.avg_pool3d(ag.ones(1, 2, 2, 2), 2)
        tensor([[[[1.]]]])
    """
    return avg_pool(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad,
        divisor_override,
    )  # fmt: skip


_LP = "0 where the sum of powers is 0; NaN where a power or the root has no real value"


def _lp_pool(
    name: str, n: int, input: Any, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool
) -> Any:
    window = pool_window(name, n, input, kernel_size, stride, 0, 1, ceil_mode)
    powers = input ** float(norm_type)
    mean = avg_pool(name, n, powers, kernel_size, stride, 0, ceil_mode, True)
    zero = mean == 0  # where the root has no derivative
    return only(~zero, ((mean + zero) * volume(window.kernel)) ** (1.0 / norm_type))


def _lp_samples(n: int) -> Callable[[Make], Iterable[Sample]]:
    def samples(make: Make) -> Iterable[Sample]:
        sizes = (5, 4, 4)[:n]
        yield Sample(make(1, 2, *sizes), 2.0, 2)
        yield Sample(make(2, *sizes, low=0.1), 3, 2, 1)
        yield Sample(make(1, 1, *sizes, low=0.1), 1.5, 3, 2, True)

    return samples


@operator("nn.functional.lp_pool1d", samples=_lp_samples(1), convention=_LP, method=False)
def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """The p-th root of the sum of p-th powers of each window of (N, C, L).

    Arguments as for :func:`lp_pool2d`.

    Source: PyTorch, ``torch.nn.functional.lp_pool1d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.lp_pool1d(ag.tensor([[[3.0, 4.0]]]), 2, 2)
        tensor([[[5.]]])
    """
    return _lp_pool("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


@operator("nn.functional.lp_pool2d", samples=_lp_samples(2), convention=_LP, method=False)
def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """The p-th root of the sum of p-th powers of each window of (N, C, H, W).

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        norm_type: the power p.
        kernel_size: size of the window; a number, or one for each dimension.
        stride: how far the window moves at a time; default ``kernel_size``.
        ceil_mode: also take windows that reach over the end, with their mean taken as the others'.

    Source: PyTorch, ``torch.nn.functional.lp_pool2d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.lp_pool2d(ag.tensor([[[3.0, 0.0], [0.0, 4.0]]]), 2, 2)
        tensor([[[5.]]])
    """
    return _lp_pool("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


@operator("nn.functional.lp_pool3d", samples=_lp_samples(3), convention=_LP, method=False)
def lp_pool3d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """The p-th root of the sum of p-th powers of each window of (N, C, D, H, W).

    Arguments as for :func:`lp_pool2d`.

    Source: PyTorch, ``torch.nn.functional.lp_pool3d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.lp_pool3d(ag.ones(1, 2, 2, 1), 2, (2, 2, 1))
        tensor([[[[2.]]]])
    """
    return _lp_pool("lp_pool3d", 3, input, norm_type, kernel_size, stride, ceil_mode)
