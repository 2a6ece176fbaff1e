"""Normalisation over the last dimensions, over neighbouring channels, and to length one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_core.dtypes import from_numpy_dtype
from autograd_core.errors import ShapeError
from autograd_core.limits import finfo
from autograd_core.messages import describe
from autograd_core.operands import check_floating, check_inexact, put
from autograd_core.ops.cast import cast
from autograd_core.ops.clamping import clamp_min
from autograd_core.ops.dims import is_whole, shape_of
from autograd_core.ops.normalization import check_parameters, normalized
from autograd_core.ops.normalization_core import by_root_mean_square
from autograd_core.ops.norms import vector_norm
from autograd_core.ops.pool_sums import Taps, weighted_sums
from autograd_core.registry import SMOOTH, At, Make, Sample, operator


def _last_dims(name: str, input: Any, normalized_shape: Any, **values: Any) -> tuple[int, ...]:
    """The dimensions that ``normalized_shape`` stands for; ``values`` must have that shape."""
    given = normalized_shape if isinstance(normalized_shape, Sequence) else (normalized_shape,)
    sizes, n = tuple(int(s) for s in given), input.ndim
    if not sizes or shape_of(input)[-len(sizes) :] != sizes or len(sizes) > n:
        raise ShapeError(
            f"{name}: expected an input whose last dimensions are normalized_shape={sizes}, got "
            f"{describe(input)}"
        )
    for argument, value in values.items():
        if value is not None and shape_of(value) != sizes:
            raise ShapeError(
                f"{name}: {argument} must have the shape normalized_shape={sizes}, got "
                f"{shape_of(value)}"
            )
    return tuple(range(n - len(sizes), n))


def _layer_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), (3,), make(3), make(3))
    yield Sample(make(2, 3, 4), (3, 4), make(3, 4), make(3, 4), 0.1)
    yield Sample(make(2, 3), [3])
    yield Sample(make(2, 3), (3,), make(3))
    yield Sample(make(0, 3), (3,), make(3), make(3))


@operator(
    "nn.functional.layer_norm", samples=_layer_samples, convention=SMOOTH, method=False,
    aliases=("layer_norm",),
    formula=(
        "x̂ = (x − mean) / σ,  σ = √(var + ε),  h = g w\n"
        "dx = (h − mean(h) − x̂ mean(h x̂)) / σ,  dw = Σ g x̂,  db = Σ g"
    ),
)  # fmt: skip
def layer_norm(
    input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """The last dimensions minus their mean, over their standard deviation.

    Args:
        input: (..., normalized_shape...).
        normalized_shape: the sizes of the last dimensions, which are normalised together.
        weight, bias: of that shape, or None: a scale and a shift for each element.
        eps: added to the variance.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.layer_norm``; Ba et al., "Layer normalization" (2016).

    Example:
        >>> import autograd_core as ag
        >>> ag.layer_norm(ag.tensor([1.0, 3.0]), (2,), eps=0.0)
        tensor([-1.,  1.])
    """
    check_floating("layer_norm", input)
    dims = _last_dims("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    check_parameters("layer_norm", input, weight=weight, bias=bias)
    return normalized(input, weight, bias, shape_of(input)[dims[0] :], dims, eps)[0]


def _rms_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), (3,), make(3))
    yield Sample(make(2, 3, 4), (3, 4), make(3, 4), 0.1)
    yield Sample(make(2, 3), [3])


@operator(
    "nn.functional.rms_norm", samples=_rms_samples, convention=SMOOTH, method=False,
    aliases=("rms_norm",),
    formula=(
        "r = √(mean(x²) + ε),  h = g w\n"
        "dx = (h − x mean(h x) / r²) / r,  dw = Σ g x / r"
    ),
)  # fmt: skip
def rms_norm(
    input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None
) -> Any:
    """The last dimensions over the root of their mean square.

    Args:
        input: (..., normalized_shape...).
        normalized_shape: the sizes of the last dimensions, which are normalised together.
        weight: of that shape, or None: a scale for each element.
        eps: added to the mean square; default the smallest step from 1 in the input's dtype.

    Raises:
        ShapeError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.rms_norm``; Zhang and Sennrich, "Root mean square layer
    normalization" (2019).

    Example:
        >>> import autograd_core as ag
        >>> ag.rms_norm(ag.tensor([1.0, 7.0]), (2,))
        tensor([0.2000, 1.4000])
    """
    check_inexact("rms_norm", input)
    dims = _last_dims("rms_norm", input, normalized_shape, weight=weight)
    dtype = input._array.dtype
    if eps is None:
        eps = float(finfo(from_numpy_dtype(dtype)).eps)
    out = by_root_mean_square(input, dims, eps)[0]
    return out if weight is None else cast(out * weight, dtype)


@lru_cache(maxsize=64)
def _neighbours(channels: int, size: int) -> Taps:
    """The mean of ``size`` channels around each; those beyond the ends count as zeros."""
    places = np.arange(channels)[:, None] + np.arange(size) - size // 2
    inside = (places >= 0) & (places < channels)
    return Taps(channels, np.clip(places, 0, max(channels - 1, 0)), inside / size)


@operator(
    "nn.functional.local_response_norm", convention=SMOOTH, method=False,
    samples=lambda make: [
        Sample(make(2, 4, 3), 3),
        Sample(make(1, 3, 2, 2), 2, 0.1, 0.5, 2.0),
        Sample(make(1, 3, 1, 2, 2), 4),
    ],
)  # fmt: skip
def local_response_norm(
    input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    """Each element over ``(k + alpha * mean) ** beta``, with the mean square of the channels
    around it.

    Args:
        input: (N, C, ...), at least three dimensions.
        size: how many channels are neighbours; those beyond the ends count as zeros.
        alpha, beta, k: the numbers of the formula.

    Raises:
        ValueError: fewer than three dimensions, or ``size`` is not positive.

    Source: PyTorch, ``torch.nn.functional.local_response_norm``; Krizhevsky et al., "ImageNet
    classification" (2012).

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.local_response_norm(ag.ones(1, 1, 1), 1, 3.0, 0.5)
        tensor([[[0.5000]]])
    """
    if input.ndim < 3:
        raise ShapeError(f"local_response_norm: expected (N, C, ...), got {describe(input)}")
    if not is_whole(size) or size < 1:
        raise ValueError(f"local_response_norm: size must be a positive integer, got {size!r}")
    check_floating("local_response_norm", input)
    if 0 in shape_of(input):
        return input
    mean = weighted_sums(input * input, [(1, _neighbours(input.shape[1], size))])
    return input / (mean * alpha + k) ** beta


@operator(
    "nn.functional.normalize", method=False,
    samples=lambda make: [
        Sample(make(2, 3)),
        Sample(make(2, 3), 1.0, 0),
        Sample(make(2, 3, 2), 3.0, (1, 2)),
        Sample(make(4), dim=0),
    ],
    convention="below eps the norm counts as the constant eps, so the gradient at 0 is 1 / eps",
    kinks=[At((np.zeros((1, 1)),), (np.full((1, 1), 1e12),))],
)  # fmt: skip
def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """``input`` over its p-norm along ``dim``, or over ``eps`` where that is larger.

    Args:
        input: any shape.
        p: the norm's exponent; default 2.
        dim: dimension or dimensions that a vector lies along; default 1.
        eps: the least divisor.
        out: a tensor that the result is written to; not differentiable then.

    Source: PyTorch, ``torch.nn.functional.normalize``.

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.normalize(ag.tensor([[3.0, 4.0]]))
        tensor([[0.6000, 0.8000]])
    """
    result = input / clamp_min(vector_norm(input, p, dim, True), eps)
    return result if out is None else put(out, result, "normalize")
