"""Pooling to a given output size: the windows follow from it, and may differ in size by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.op import Op
from autograd_core.operands import check_inexact, check_real
from autograd_core.ops.conv_windows import volume
from autograd_core.ops.dims import is_whole, shape_of
from autograd_core.ops.gather import gather
from autograd_core.ops.pool_max import TIES
from autograd_core.ops.pool_sums import Taps, weighted_sums
from autograd_core.ops.pool_window import check_rank
from autograd_core.ops.precision import widen
from autograd_core.ops.shape import reshape
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _sizes(name: str, n: int, input: Any, output_size: Any) -> tuple[tuple[int, ...], ...]:
    """Input and output sizes of the pooled dimensions; None keeps a size."""
    before = check_rank(name, input, n)
    given = list(output_size) if isinstance(output_size, Sequence) else [output_size] * n
    if len(given) != n or not all(s is None or is_whole(s) for s in given):
        raise ShapeError(
            f"{name}: output_size must be an integer or {n} of them (None keeps a size), got "
            f"{output_size!r}"
        )
    after = tuple(m if s is None else int(s) for s, m in zip(given, before))
    if min(after) < 0:
        raise ShapeError(f"{name}: output_size must not be negative, got {output_size!r}")
    return before, after


def _window(size: int, output: int) -> tuple[Any, Any]:
    """Where each window starts, and the places it covers; a short one repeats its last."""
    number = np.arange(output)
    start = number * size // max(output, 1)
    end = -(-(number + 1) * size // max(output, 1))
    longest = int((end - start).max(initial=1))
    return np.minimum(start[:, None] + np.arange(longest), end[:, None] - 1), end - start


@lru_cache(maxsize=256)
def _mean_taps(size: int, output: int) -> Taps:
    places, lengths = _window(size, output)
    counted = np.arange(places.shape[1]) < lengths[:, None]
    return Taps(size, places, counted / lengths[:, None])


def adaptive_avg_pool(name: str, n: int, input: Any, output_size: Any) -> Any:
    """Adaptive average pooling of ``n`` dimensions."""
    check_inexact(name, input)
    before, after = _sizes(name, n, input, output_size)
    first = input.ndim - n
    if set(after) == {1}:
        return input.mean(tuple(range(first, input.ndim)), True)
    pairs = enumerate(zip(before, after))
    return weighted_sums(input, [(first + d, _mean_taps(*pair)) for d, pair in pairs])


@lru_cache(maxsize=64)
def cells_of(before: tuple[int, ...], after: tuple[int, ...]) -> Any:
    """For each output element, the places of its window in the flattened input."""
    flat: Any = np.zeros((1, 1), np.int64)
    for size, output in zip(before, after):
        places = _window(size, output)[0]
        taps = flat.shape[1] * places.shape[1]
        flat = flat[:, None, :, None] * size + places[None, :, None, :]
        flat = flat.reshape(len(flat) * output, taps)
    return flat


def _find(xp: Any, input: Any, before: tuple[int, ...], after: tuple[int, ...]) -> Any:
    """Where in the flattened spatial dimensions the maximum of each window is."""
    cells = xp.asarray(cells_of(before, after))
    lead = input.shape[: input.ndim - len(before)]
    seen = xp.take(widen(input).reshape(*lead, volume(before)), cells.reshape(-1), -1)
    number = seen.reshape(*lead, *cells.shape).argmax(-1)
    return xp.take(cells.reshape(-1), xp.arange(cells.shape[0]) * cells.shape[1] + number)


_places = Op("adaptive_max_pool_indices", _find)


def adaptive_max_pool(name: str, n: int, input: Any, output_size: Any, return_indices: bool) -> Any:
    """Adaptive max pooling of ``n`` dimensions."""
    check_real(name, input)
    before, after = _sizes(name, n, input, output_size)
    lead = shape_of(input)[: input.ndim - n]
    flat = _places(input, before, after)
    out = reshape(gather(reshape(input, (*lead, volume(before))), -1, flat), (*lead, *after))
    return (out, reshape(flat, (*lead, *after))) if return_indices else out


def _samples(n: int, **options: Any) -> Callable[[Make], Iterable[Sample]]:
    def samples(make: Make) -> Iterable[Sample]:
        sizes = (5, 4, 3)[:n]
        yield Sample(make(2, 2, *sizes), 1, **options)
        yield Sample(make(2, *sizes), 2, **options)
        yield Sample(make(1, 2, *sizes), (3, 2, None)[:n], **options)
        yield Sample(make(1, 1, *sizes), 6, **options)
        yield Sample(make(0, 1, *sizes), 2, **options)

    return samples


@operator(
    "nn.functional.adaptive_avg_pool1d", samples=_samples(1), convention=SMOOTH, method=False,
    aliases=("adaptive_avg_pool1d",),
)  # fmt: skip
def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """Means over windows that are chosen so that the output has a given size.

    Args:
        input: (N, C, L), or (C, L) without a batch.
        output_size: a number.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.adaptive_avg_pool1d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.adaptive_avg_pool1d(ag.tensor([[[1.0, 3.0, 2.0]]]), 2)
        tensor([[[2.0000, 2.5000]]])
    """
    return adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


@operator(
    "nn.functional.adaptive_avg_pool2d", samples=_samples(2), convention=SMOOTH, method=False,
)  # fmt: skip
def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """Means over windows that are chosen so that the output has a given size.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        output_size: a number, or one for each dimension; None keeps a size.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.adaptive_avg_pool2d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.adaptive_avg_pool2d(ag.tensor([[[1.0, 3.0], [2.0, 0.0]]]), 1)
        tensor([[[1.5000]]])
    """
    return adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


@operator(
    "nn.functional.adaptive_avg_pool3d", samples=_samples(3), convention=SMOOTH, method=False,
)  # fmt: skip
def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """Means over windows that are chosen so that the output has a given size.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.
        output_size: a number, or one for each dimension; None keeps a size.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.adaptive_avg_pool3d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.adaptive_avg_pool3d(ag.ones(1, 2, 2, 2), 1)
        tensor([[[[1.]]]])
    """
    return adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def _kink(n: int) -> list[At]:
    first = np.zeros((1, 1, *[2] * n))
    first[(0,) * (n + 2)] = 1.0
    return [At((np.ones_like(first), 1), (first,))]


@operator(
    "nn.functional.adaptive_max_pool1d", samples=_samples(1), convention=TIES, method=False,
    kinks=_kink(1),
)  # fmt: skip
def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of windows that are chosen so that the output has a given size.

    Args:
        input: (N, C, L), or (C, L) without a batch.
        output_size: a number.
        return_indices: also return where in the flattened L each maximum was, int64.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.adaptive_max_pool1d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.adaptive_max_pool1d(ag.tensor([[[1.0, 3.0, 2.0]]]), 2)
        tensor([[[3., 3.]]])
    """
    return adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


@operator(
    "nn.functional.adaptive_max_pool2d", samples=_samples(2), convention=TIES, method=False,
    kinks=_kink(2),
)  # fmt: skip
def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of windows that are chosen so that the output has a given size.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        output_size: a number, or one for each dimension; None keeps a size.
        return_indices: also return where in the flattened H x W each maximum was, int64.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.adaptive_max_pool2d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.adaptive_max_pool2d(ag.tensor([[[1.0, 3.0], [2.0, 0.0]]]), 1)
        tensor([[[3.]]])
    """
    return adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


@operator(
    "nn.functional.adaptive_max_pool3d", samples=_samples(3), convention=TIES, method=False,
    kinks=_kink(3),
)  # fmt: skip
def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of windows that are chosen so that the output has a given size.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.
        output_size: a number, or one for each dimension; None keeps a size.
        return_indices: also return where in the flattened D x H x W each maximum was, int64.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.adaptive_max_pool3d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.adaptive_max_pool3d(ag.ones(1, 2, 2, 2), 1)
        tensor([[[[1.]]]])
    """
    return adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)
