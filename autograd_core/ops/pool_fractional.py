"""Max pooling over windows at random distances, for outputs of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.generator import stream_for
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_same_dtype
from autograd_core.ops.conv_windows import per_dim, volume
from autograd_core.ops.gather import gather
from autograd_core.ops.pool_max import TIES
from autograd_core.ops.pool_window import check_rank
from autograd_core.ops.precision import widen
from autograd_core.ops.shape import reshape
from autograd_core.registry import Make, Sample, operator


def _starts(xp: Any, sample: Any, size: int, output: int, kernel: int) -> Any:
    """Where the windows begin along one dimension: (..., output), the last one at the end."""
    last = xp.full((*sample.shape, 1), size - kernel)
    if output == 1:
        return last
    u = widen(sample)[..., None]
    step = u.dtype.type(size - kernel) / u.dtype.type(output - 1)
    first = xp.arange(output - 1).astype(u.dtype)
    begun = ((first + u) * step).astype(np.int64) - (u * step).astype(np.int64)
    return xp.concatenate((begun, last), -1)


def _places_forward(
    xp: Any, input: Any, samples: Any, kernel: tuple[int, ...], output: tuple[int, ...]
) -> Any:
    """Where in the flattened spatial dimensions each window has its maximum."""
    n = len(kernel)
    sizes = input.shape[-n:]
    lead = input.shape[:-n]
    flat: Any = 0
    for d in range(n):
        # PyTorch's order of the dimensions in the samples: width first in 2D, depth first in 3D.
        sample = samples[..., d if n == 3 else n - 1 - d].reshape(lead)
        starts = _starts(xp, sample, sizes[d], output[d], kernel[d])
        seen = starts[..., None] + xp.arange(kernel[d])
        before, after = d, n - 1 - d
        place = seen.reshape(
            *lead, *[1] * before, output[d], *[1] * after, *[1] * before, kernel[d], *[1] * after
        )
        flat = flat * sizes[d] + place
    flat = flat.reshape(*lead, volume(output), volume(kernel))
    values = widen(input).reshape(*lead, 1, volume(sizes))
    values = xp.take_along_axis(values, flat, -1)
    found = xp.argmax(values, axis=-1)[..., None]
    return xp.take_along_axis(flat, found, -1).reshape(*lead, *output)


_places = Op("fractional_max_pool_indices", _places_forward, inputs=2)


def _pool(
    name: str, n: int, input: Any, kernel_size: Any, output_size: Any, output_ratio: Any,
    return_indices: bool, samples: Any,
) -> Any:  # fmt: skip
    """Of ``n`` dimensions; other arguments as for :func:`fractional_max_pool2d`."""
    array = check_floating(name, input)
    sizes = check_rank(name, input, n)
    kernel = per_dim(name, "kernel_size", kernel_size, n, 1)
    output = _output(name, sizes, output_size, output_ratio)
    for d in range(n):
        if output[d] + kernel[d] - 1 > sizes[d]:
            raise ShapeError(
                f"{name}: output_size={output} and kernel_size={kernel} are too large for input of "
                f"shape {array.shape}"
            )
    lead = array.shape[:-n]
    shape = (lead[0] if len(lead) == 2 else 1, lead[-1], n)
    if samples is None:
        stream = stream_for(backend_of(array).device_of(array))
        samples = TensorBase._wrap(stream.uniform(shape, array.dtype))
    elif tuple(samples.shape[1:]) != shape[1:] or samples.shape[0] < shape[0]:
        raise ShapeError(
            f"{name}: _random_samples must have at least shape {shape}, got {tuple(samples.shape)}"
        )
    else:
        check_same_dtype(name, input=input, _random_samples=samples)
        samples = samples[: shape[0]]
    places = _places(input, samples, kernel, output)
    values = reshape(input, (*lead, volume(sizes)))
    out = gather(values, -1, reshape(places, (*lead, volume(output))))
    out = reshape(out, (*lead, *output))
    return (out, places) if return_indices else out


def _output(name: str, sizes: tuple[int, ...], size: Any, ratio: Any) -> tuple[int, ...]:
    n = len(sizes)
    if (size is None) == (ratio is None):
        raise ValueError(f"{name}: give either output_size or output_ratio")
    if size is not None:
        return per_dim(name, "output_size", size, n, 1)
    ratios = tuple(ratio) if isinstance(ratio, Sequence) else (ratio,) * n
    if len(ratios) != n or not all(0 < r < 1 for r in ratios):
        raise ValueError(
            f"{name}: output_ratio must be one number between 0 and 1, or {n}, got {ratio!r}"
        )
    found = tuple(int(m * r) for m, r in zip(sizes, ratios))
    return per_dim(name, f"output_size from output_ratio={ratio!r}", found, n, 1)


def _samples(n: int) -> Callable[[Make], Iterable[Sample]]:
    def samples(make: Make) -> Iterable[Sample]:
        # What is drawn depends on the dtype, as in PyTorch: so the windows are given.
        sizes = (5, 6, 7)[:n]
        at = np.full((1, 2, n), 0.75)
        at[:, 1] = 0.0
        yield Sample(make(1, 2, *sizes), 2, 3, _random_samples=at)
        yield Sample(make(2, *sizes), 2, output_ratio=0.5, _random_samples=at)
        yield Sample(
            make(1, 2, *sizes), (1, 2, 3)[:n], (1, 4, 2)[:n], None, True, _random_samples=at
        )
        yield Sample(make(0, 1, *sizes), 2, 2)

    return samples


@operator("nn.functional.fractional_max_pool2d", samples=_samples(2), convention=TIES, method=False)
def fractional_max_pool2d(
    input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> Any:  # fmt: skip
    """The largest element of each window, where the windows are at random distances.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        kernel_size: size of the window; a number, or one for each dimension.
        output_size: size of the output; a number, or one for each dimension.
        output_ratio: or what part of the input's size it is, between 0 and 1.
        return_indices: also return where in the flattened H x W each maximum was, int64.
        _random_samples: (N, C, 2) numbers from 0 to 1 that say where the windows are, to repeat
            a result; drawn if left out.

    Raises:
        ValueError: not one of ``output_size`` and ``output_ratio``, or the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.fractional_max_pool2d``, which draws the same windows;
    Graham, "Fractional max-pooling" (2014).

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.fractional_max_pool2d(ag.ones(1, 3, 7, 7), 2, 4).shape
        autograd_core.Size([1, 3, 4, 4])
    """
    return _pool(
        "fractional_max_pool2d", 2, input, kernel_size, output_size, output_ratio, return_indices,
        _random_samples,
    )  # fmt: skip


@operator("nn.functional.fractional_max_pool3d", samples=_samples(3), convention=TIES, method=False)
def fractional_max_pool3d(
    input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> Any:  # fmt: skip
    """As :func:`fractional_max_pool2d`, of (N, C, D, H, W).

    Source: PyTorch, ``torch.nn.functional.fractional_max_pool3d``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.fractional_max_pool3d(ag.ones(1, 3, 7, 7, 7), 2, 4).shape
        autograd_core.Size([1, 3, 4, 4, 4])
    """
    return _pool(
        "fractional_max_pool3d", 3, input, kernel_size, output_size, output_ratio, return_indices,
        _random_samples,
    )  # fmt: skip
