"""Activations with a slope below 0: given (leaky_relu), learned (prelu) or drawn (rrelu)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.generator import stream_for
from autograd_core.op import Op
from autograd_core.operands import check_floating, check_same_dtype
from autograd_core.ops.activation import activate, samples
from autograd_core.ops.dims import shape_of
from autograd_core.ops.precision import widen
from autograd_core.ops.selection import only, where
from autograd_core.ops.shape import reshape
from autograd_core.plan import linked
from autograd_core.registry import At, Make, Sample, operator


def _leaky_forward(xp: Any, input: Any, slope: float) -> Any:
    x = widen(input)
    out = xp.maximum(x, x * slope) if 0 <= slope <= 1 else xp.where(x > 0, x, x * slope)
    return out.astype(input.dtype)


def _leaky_gradient(xp: Any, g: Any, input: Any, slope: float) -> Any:
    factor = (input > 0).astype(widen(g).dtype)  # 1 and 0 become 1 and the slope
    factor *= 1 - slope
    factor += slope
    return (g * factor).astype(g.dtype)


_leaky_relu_gradient = Op(
    "leaky_relu_gradient",
    _leaky_gradient,
    {"g": lambda g, input, slope: _leaky_relu_gradient(g, input, slope)},
    inputs=2,
    keeps_order=True,
)
_leaky_relu = Op(
    "leaky_relu",
    _leaky_forward,
    {"input": linked(lambda g, input, slope: _leaky_relu_gradient(g, input, slope))},
    keeps_order=True,
)


@operator(
    "nn.functional.leaky_relu",
    method=False,
    samples=lambda make: [*samples(make), Sample(make(3), 0.3), Sample(make(3), -0.5)],
    reference=lambda x, s=0.01: np.where(x > 0, x, x * s),
    convention="the negative side's slope at 0",
    kinks=[At((0.0,), (0.01,))],
)
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """``x`` where it is positive, ``negative_slope * x`` elsewhere.

    Args:
        input: tensor of any shape.
        negative_slope: default 0.01.
        inplace: write the result into ``input``.

    Source: PyTorch, ``torch.nn.functional.leaky_relu``; Maas et al., "Rectifier nonlinearities
    improve neural network acoustic models" (2013).

    Example:
        >>> import autograd_core as ag
        >>> leaky_relu(ag.tensor([-1.0, 2.0]), 0.1)
        tensor([-0.1000,  2.0000])
    """
    return activate(_leaky_relu, input, (negative_slope,), inplace)


_prelu = Op(
    "prelu",
    lambda xp, input, weight: where(input > 0, input, input * weight),
    {
        "input": linked(lambda g, input, weight: where(input > 0, g, g * weight)),
        "weight": linked(lambda g, input: only(input <= 0, g * input)),
    },
    inputs=2,
    keeps_order=True,
)


def _prelu_samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3), make(1))
    yield Sample(make(2, 3), make(3))
    yield Sample(make(2, 3, 4), make(3))
    yield Sample(make(3), make())
    yield Sample(make(), make(1))
    yield Sample(make(0, 2), make(2))


def _prelu_reference(x: Any, weight: Any) -> Any:
    slopes = weight.reshape(-1, *(1,) * (x.ndim - 2)) if weight.size > 1 else weight.reshape(())
    return np.where(x > 0, x, x * slopes)


@operator(
    "nn.functional.prelu",
    method=False,
    samples=_prelu_samples,
    reference=_prelu_reference,
    convention="the weight at 0, and 0 with respect to the weight",
    kinks=[At((0.0, 0.25), (0.25, 0.0))],
    aliases=("prelu",),
)
def prelu(input: Any, weight: Any) -> Any:
    """``x`` where it is positive, ``weight * x`` elsewhere: a learned slope.

    Args:
        input: floating-point tensor of any shape; dimension 1 are the channels.
        weight: one slope, or one for each channel; of the dtype of ``input``.

    Raises:
        ShapeError: the number of slopes is neither 1 nor that of the channels.
        RuntimeError: the dtypes differ.

    Source: PyTorch, ``torch.nn.functional.prelu``; He et al., "Delving deep into rectifiers"
    (2015).

    Example:
        >>> import autograd_core as ag
        >>> ag.prelu(ag.tensor([-2.0, 2.0]), ag.tensor([0.5]))
        tensor([-1.,  2.])
    """
    check_floating("prelu", input)
    check_same_dtype("prelu", input=input, weight=weight)
    return _prelu(input, _beside_channels(weight, input))


def _beside_channels(weight: Any, input: Any) -> Any:
    """The slopes in a shape that broadcasts to the input: all for one, or one per channel."""
    shape, given = shape_of(input), shape_of(weight)
    channels = shape[1] if len(shape) > 1 else 1
    if given not in ((), (1,), (channels,)) or (not shape and channels != 1):
        raise ShapeError(
            f"prelu: expected weight of shape (1,), or ({channels},) for the channels of an input "
            f"of shape {shape}, got weight of shape {given}"
        )
    if given in ((), (1,)):
        return weight if len(given) <= len(shape) else reshape(weight, ())
    return weight if len(shape) == 2 else reshape(weight, (channels,) + (1,) * (len(shape) - 2))


_rrelu = Op(
    "rrelu",
    lambda xp, input, slopes: input * slopes,
    {"input": linked(lambda g, slopes: g * slopes)},
    inputs=2,
    keeps_order=True,
)


@operator(
    "nn.functional.rrelu",
    method=False,
    samples=lambda make: [
        *samples(make),
        Sample(make(4, 5), 0.1, 0.4, True),
        Sample(make(3, 4).T, 0.1, 0.1, training=True),
        Sample(make(), training=True),
        Sample(make(0, 3), training=True),
    ],
    convention="the slope at 0",
    kinks=[At((0.0,), (11 / 48,))],
    aliases=("rrelu",),
)
def rrelu(
    input: Any,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """``x`` where it is positive, ``x`` times a slope elsewhere, which is drawn for each element.

    Args:
        input: floating-point tensor of any shape.
        lower, upper: the slopes are spread evenly over this range; default from 1/8 to 1/3.
        training: False (default) uses the mean of the two for all.
        inplace: write the result into ``input``.

    Raises:
        RuntimeError: ``lower`` is above ``upper``, or one of them is not finite.

    Source: PyTorch, ``torch.nn.functional.rrelu``, which draws the same slopes; Xu et al.,
    "Empirical evaluation of rectified activations in convolutional network" (2015).

    Example:
        >>> import autograd_core as ag
        >>> ag.rrelu(ag.tensor([-1.0, 2.0]), 0.2, 0.4)
        tensor([-0.3000,  2.0000])
    """
    if not -np.inf < lower <= upper < np.inf:
        raise RuntimeError(
            f"rrelu: expected finite lower <= upper, got lower={lower} and upper={upper}"
        )
    array = check_floating("rrelu", input)
    if not training:
        return activate(_leaky_relu, input, ((lower + upper) / 2,), inplace)
    stream = stream_for(backend_of(array).device_of(array))
    slopes = stream.uniform_where(array <= 0, array.dtype, lower, upper)
    return activate(_rrelu, input, (TensorBase._wrap(slopes),), inplace)
