"""Normalisation over the batch, over groups of channels, over each image's channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.messages import describe
from autograd_core.operands import check_floating, check_same_dtype
from autograd_core.ops.cast import cast, contiguous
from autograd_core.ops.conv_windows import volume
from autograd_core.ops.dims import is_whole, shape_of
from autograd_core.ops.normalization_core import standardize, standardize_affine
from autograd_core.ops.precision import is_half
from autograd_core.ops.shape import reshape
from autograd_core.registry import SMOOTH, Make, Sample, operator


def normalized(
    input: Any, weight: Any, bias: Any, shape: tuple[int, ...], dims: tuple[int, ...], eps: float
) -> tuple[Any, Any, Any]:
    """Standardised over ``dims``, then scaled and shifted by weight and bias in ``shape``.

    Returns the result, the mean and the variance.
    """
    if weight is not None:
        weight = reshape(weight, shape)
    if bias is not None:
        bias = reshape(bias, shape)
    if weight is not None and bias is not None:
        out, mean, var = standardize_affine(input, weight, bias, dims, eps)
        return out, mean, var
    out, mean, var = standardize(input, dims, eps)
    if weight is not None:
        out = out * weight
    elif bias is not None:
        out = out + bias
    return cast(out, input._array.dtype), mean, var


def check_channels(name: str, channels: int, **values: Any) -> None:
    """Refuse what is not one number for each channel."""
    for argument, value in values.items():
        if value is not None and shape_of(value) != (channels,):
            raise ShapeError(
                f"{name}: {argument} must have shape ({channels},), one for each channel, got "
                f"{shape_of(value)}"
            )


def check_parameters(name: str, input: Any, **values: Any) -> None:
    """Refuse parameters and running values of another dtype than the input's; those of halves may
    all be float32."""
    dtype = input._array.dtype if isinstance(input, TensorBase) else input.dtype
    given = {argument: value for argument, value in values.items() if value is not None}
    if all(value._array.dtype is dtype for value in given.values()):
        return
    if is_half(dtype) and all(value._array.dtype == np.float32 for value in given.values()):
        return
    check_same_dtype(name, **given, input=input)


def _keep_track(name: str, running: Any, value: Any, momentum: float) -> None:
    """Move a running value, in place, towards the one of this batch."""
    if running is None:
        return
    array = running._array
    moved = array * (1 - momentum) + value.astype(array.dtype) * momentum
    array[...] = moved.astype(array.dtype)
    running._mutated(name)


def _track(
    name: str, running_mean: Any, running_var: Any, mean: Any, var: Any, count: int, momentum: float
) -> None:
    """Update the running values from means and (biased) variances, one column per channel."""
    _keep_track(name, running_mean, mean.mean(0), momentum)
    _keep_track(name, running_var, var.mean(0) * (count / max(count - 1, 1)), momentum)


def _by_running(
    name: str, input: Any, mean: Any, var: Any, weight: Any, bias: Any, eps: float
) -> Any:
    """Normalised by given means and variances: one scale and shift for each channel."""
    if mean is None or var is None:
        raise ValueError(f"{name}: expected running_mean and running_var when not training")
    scale = (var + eps) ** -0.5
    if weight is not None:
        scale = scale * weight
    shift = -mean * scale
    if bias is not None:
        shift = shift + bias
    shape = (1, -1, *[1] * (input.ndim - 2))
    out = input * reshape(scale, shape) + reshape(shift, shape)
    return contiguous(cast(out, input._array.dtype))


def _batch_samples(make: Make) -> Iterable[Sample]:
    mean, var = np.array([0.5, -0.2]), np.array([1.5, 0.7])
    yield Sample(make(4, 2), None, None, make(2), make(2), True)
    yield Sample(make(3, 2, 4), None, None, None, None, True, eps=0.1)
    yield Sample(make(2, 2, 3, 2), None, None, make(2), None, True)
    yield Sample(make(2, 2, 3), mean, var, make(2), make(2))
    yield Sample(make(2, 2, 3), mean, var, None, make(2))


@operator(
    "nn.functional.batch_norm",
    samples=_batch_samples,
    convention=SMOOTH,
    method=False,
    formula=(
        "x̂ = (x − mean) / σ,  σ = √(var + ε),  h = g w,  means over all but the channels\n"
        "dx = (h − mean(h) − x̂ mean(h x̂)) / σ,  dw = Σ g x̂,  db = Σ g"
    ),
)
def batch_norm(
    input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """Each channel minus its mean, over its standard deviation, across the batch.

    Args:
        input: (N, C) or (N, C, ...).
        running_mean, running_var: (C), or None. While training they are moved, in place, by
            ``momentum`` towards mean and unbiased variance of this batch; otherwise they are used
            instead of them.
        weight, bias: (C), or None: a scale and a shift for each channel.
        training: use mean and variance of this batch.
        momentum: weight of this batch in the running values.
        eps: added to the variance; positive.

    Raises:
        ValueError: shapes that do not fit; one value per channel while training; running values
            missing otherwise.
        DtypeError: the tensors differ in dtype. Those of half precision may have weights, biases
            and running values of float32, as in every normalization.

    Source: PyTorch, ``torch.nn.functional.batch_norm``; Ioffe and Szegedy, "Batch normalization"
    (2015).

    Example:
        >>> import autograd_core as ag
        >>> x = ag.tensor([[1.0], [3.0]])
        >>> ag.nn.functional.batch_norm(x, None, None, training=True, eps=1e-9)
        tensor([[-1.],
                [ 1.]])
    """
    check_floating("batch_norm", input)
    shape = shape_of(input)
    if shape == (0,):  # (accepted as in PyTorch)
        return input * 1
    if len(shape) < 2:
        raise ShapeError(f"batch_norm: expected (N, C) or (N, C, ...), got {describe(input)}")
    check_channels(
        "batch_norm", shape[1], running_mean=running_mean, running_var=running_var,
        weight=weight, bias=bias,
    )  # fmt: skip
    check_parameters(
        "batch_norm", input, running_mean=running_mean, running_var=running_var, weight=weight,
        bias=bias,
    )  # fmt: skip
    if not training:
        return _by_running("batch_norm", input, running_mean, running_var, weight, bias, eps)
    if not eps > 0:
        raise ValueError(f"batch_norm: eps must be positive while training, got {eps}")
    count = shape[0] * volume(shape[2:])
    if count == 1:
        raise ValueError(
            f"batch_norm: expected more than 1 value per channel when training, got {shape}. "
            f"Mend: a larger batch, or eval()"
        )
    dims = (0, *range(2, len(shape)))
    out, mean, var = normalized(input, weight, bias, (1, -1, *[1] * (len(shape) - 2)), dims, eps)
    if not count:
        return out
    _track(
        "batch_norm", running_mean, running_var, mean._array.reshape(1, -1),
        var._array.reshape(1, -1), count, momentum,
    )  # fmt: skip
    return out


def _instance_samples(make: Make) -> Iterable[Sample]:
    mean, var = np.array([0.5, -0.2]), np.array([1.5, 0.7])
    yield Sample(make(2, 2, 4), None, None, make(2), make(2))
    yield Sample(make(2, 2, 3, 2), eps=0.1)
    yield Sample(make(2, 2, 3), mean, var, make(2), make(2), False)


@operator("nn.functional.instance_norm", samples=_instance_samples, convention=SMOOTH, method=False)
def instance_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None,
    bias: Any = None, use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """Each channel of each image minus its mean, over its standard deviation.

    Args:
        input: (N, C, ...).
        running_mean, running_var: (C), or None; as for :func:`batch_norm`, with the means over N.
        weight, bias: (C), or None: a scale and a shift for each channel.
        use_input_stats: use the input's mean and variance, not the running ones.
        momentum: weight of this batch in the running values.
        eps: added to the variance.

    Raises:
        ValueError: shapes that do not fit; a single element to normalise; running values missing.

    Source: PyTorch, ``torch.nn.functional.instance_norm``; Ulyanov et al., "Instance
    normalization" (2016).

    Example:
        >>> import autograd_core as ag
        >>> ag.nn.functional.instance_norm(ag.tensor([[[1.0, 3.0], [5.0, 9.0]]]), eps=0.0)
        tensor([[[-1.,  1.],
                 [-1.,  1.]]])
    """
    check_floating("instance_norm", input)
    shape = shape_of(input)
    if len(shape) < 2:
        raise ShapeError(f"instance_norm: expected (N, C, ...), got {describe(input)}")
    check_channels(
        "instance_norm", shape[1], running_mean=running_mean, running_var=running_var,
        weight=weight, bias=bias,
    )  # fmt: skip
    check_parameters("instance_norm", input, weight=weight, bias=bias)
    if not use_input_stats:
        return _by_running("instance_norm", input, running_mean, running_var, weight, bias, eps)
    count = volume(shape[2:])
    if count == 1:
        raise ValueError(
            f"instance_norm: expected more than 1 spatial element when training, got {shape}"
        )
    ones = [1] * (len(shape) - 2)
    dims = tuple(range(2, len(shape)))
    out, mean, var = normalized(input, weight, bias, (1, -1, *ones), dims, eps)
    if 0 not in shape:  # what has no elements says nothing
        _track(
            "instance_norm", running_mean, running_var, mean._array.reshape(shape[:2]),
            var._array.reshape(shape[:2]), count, momentum,
        )  # fmt: skip
    return out


def _group_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 4, 3), 2, make(4), make(4))
    yield Sample(make(2, 4), 1, None, None, 0.1)
    yield Sample(make(1, 2, 2, 3), 2, make(2))


@operator(
    "nn.functional.group_norm", samples=_group_samples, convention=SMOOTH, method=False,
    aliases=("group_norm",),
)  # fmt: skip
def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Each group of channels of each image minus its mean, over its standard deviation.

    Args:
        input: (N, C, ...).
        num_groups: how many groups the channels are split into.
        weight, bias: (C), or None: a scale and a shift for each channel.
        eps: added to the variance.

    Raises:
        ValueError: shapes that do not fit, or the channels are no multiple of ``num_groups``.

    Source: PyTorch, ``torch.nn.functional.group_norm``; Wu and He, "Group normalization" (2018).

    Example:
        >>> import autograd_core as ag
        >>> ag.group_norm(ag.tensor([[1.0, 3.0, 5.0, 9.0]]), 2, eps=0.0)
        tensor([[-1.,  1., -1.,  1.]])
    """
    check_floating("group_norm", input)
    shape = shape_of(input)
    if len(shape) < 2:
        raise ShapeError(f"group_norm: expected (N, C, ...), got {describe(input)}")
    images, channels = shape[:2]
    if not is_whole(num_groups) or num_groups < 1 or channels % num_groups:
        raise ShapeError(
            f"group_norm: the {channels} channels must be a multiple of num_groups, got "
            f"{num_groups!r}"
        )
    check_channels("group_norm", channels, weight=weight, bias=bias)
    check_parameters("group_norm", input, weight=weight, bias=bias)
    each, size = channels // num_groups, volume(shape[2:])
    if images * each * size == 1:
        raise ValueError(
            f"group_norm: expected more than 1 value per group, got {shape} in {num_groups} groups"
        )
    grouped = reshape(input, (images, num_groups, each, size))
    out = normalized(grouped, weight, bias, (1, num_groups, each, 1), (2, 3), eps)[0]
    return reshape(out, shape)
