"""Dropout: of single elements or of whole channels, to zero or (alpha) to selu's lower limit."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.backends.registry import backend_of
from autograd_core.base import TensorBase
from autograd_core.errors import ShapeError
from autograd_core.generator import stream_for
from autograd_core.op import Op
from autograd_core.operands import check_floating
from autograd_core.ops.activation import activate
from autograd_core.ops.precision import is_half
from autograd_core.registry import SMOOTH, Make, Sample, operator
from autograd_core.sampling import drawn_like

# The negative of selu's limit far out, scale * alpha.
_SATURATION = 1.7580993408473766


def scaling(name: str) -> Op:
    """The operator of an input times factors that were drawn, which broadcast to its shape."""
    return Op(
        name,
        lambda xp, input, factors: input * factors,
        {"input": lambda g, factors: g * factors},
        inputs=2,
        keeps_order=True,
    )


_dropout = scaling("dropout")
_feature_dropout = scaling("feature_dropout")
_alpha_dropout = Op(
    "alpha_dropout",
    lambda xp, input, factors, shifts: input * factors + shifts,
    {"input": lambda g, factors: g * factors},
    inputs=3,
    keeps_order=True,
)


def _check(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got p={p}")


def _kept(array: Any, p: float, channels: int | None) -> Any:
    """Where to keep elements, with probability ``1 - p``; or whole channels, if it is given how
    many dimensions number them."""
    stream = stream_for(backend_of(array).device_of(array))
    if channels is None:
        return drawn_like(array, stream, lambda stream, shape, _: stream.bernoulli(1 - p, shape))
    if array.ndim < channels:
        raise ShapeError(
            f"dropout of channels: input needs at least {channels} dimensions, got {array.shape}"
        )
    return stream.bernoulli(1 - p, array.shape[:channels] + (1,) * (array.ndim - channels))


def _drop(
    op: Op, input: Any, p: float, training: bool, inplace: bool, channels: int | None = None
) -> Any:
    """The input times 0 or, where it is kept, ``1 / (1 - p)``."""
    _check(p)
    if not training or p == 0:
        return input
    array = check_floating(op.name, input)
    if not array.size:
        return input
    dtype = array.dtype
    if p == 1:
        factors = backend_of(array).zeros((), dtype)
    else:
        factors = _kept(array, p, channels).astype(dtype)
        wide = _wide(dtype)
        factors *= dtype.type(wide(1) / wide(1 - p))
    return activate(op, input, (TensorBase._wrap(factors),), inplace)


def _drop_alpha(
    input: Any, p: float, training: bool, inplace: bool, channels: int | None = None
) -> Any:
    """The input, with selu's lower limit where it is dropped, scaled and shifted so that mean 0
    and variance 1 stay what they are."""
    if not training or not 0 < p < 1:
        return _drop(_dropout, input, p, training, inplace)
    array = check_floating("alpha_dropout", input)
    if not array.size:
        return input
    dtype = array.dtype
    wide = _wide(dtype)
    scale = 1 / math.sqrt((_SATURATION * _SATURATION * p + 1) * (1 - p))
    limit, shift = _SATURATION * scale, _SATURATION * scale * p
    low = dtype.type(wide(dtype.type(-limit)) + wide(shift))
    kept = _kept(array, p, channels)
    factors = kept.astype(dtype)
    factors *= dtype.type(scale)
    xp = backend_of(array).xp
    shifts = xp.where(kept, float(dtype.type(shift)), float(low)).astype(dtype)
    drawn = (TensorBase._wrap(factors), TensorBase._wrap(shifts))
    return activate(_alpha_dropout, input, drawn, inplace)


def _wide(dtype: np.dtype) -> Any:
    """The type that numbers are computed in before they are rounded to ``dtype``, as in PyTorch."""
    return np.float32 if is_half(dtype) else dtype.type


def _samples(make: Make) -> Iterable[Sample]:
    yield Sample(make(2, 3))
    yield Sample(make(3, 4).T, 0.2)
    yield Sample(make(), 0.7)
    yield Sample(make(0, 2))
    yield Sample(make(2, 3), 0.4, training=False)
    yield Sample(make(3), 1.0)
    yield Sample(make(3), 0.0)


@operator(
    "nn.functional.dropout",
    method=False,
    samples=_samples,
    convention=SMOOTH,
    aliases=("dropout",),
)
def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zeros at random in place of elements, the others scaled up so that the mean stays.

    Args:
        input: floating-point tensor of any shape.
        p: probability of a zero, from 0 to 1; default 0.5.
        training: False returns ``input`` as it is; default True.
        inplace: write the result into ``input``.

    Raises:
        ValueError: ``p`` is not a probability.

    Source: PyTorch, ``torch.nn.functional.dropout``, which drops the same elements; Srivastava et
    al., "Dropout" (2014).

    Example:
        >>> import autograd_core as ag
        >>> sorted(set(ag.dropout(ag.ones(100)).tolist()))
        [0.0, 2.0]
    """
    return _drop(_dropout, input, p, training, inplace)


def _channel_samples(*shape: int) -> Any:
    def samples(make: Make) -> Iterable[Sample]:
        yield Sample(make(2, 3, *shape))
        yield Sample(make(*reversed(shape), 2, 3).T, 0.2)
        yield Sample(make(0, 2, *shape))
        yield Sample(make(2, 3, *shape), 0.4, training=False)
        yield Sample(make(2, 3, *shape), 1.0)

    return samples


@operator(
    "nn.functional.dropout1d",
    method=False,
    samples=_channel_samples(2),
    convention=SMOOTH,
)
def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zeros in place of whole channels of sequences. Source: PyTorch,
    ``torch.nn.functional.dropout1d``.

    Args:
        input: floating-point tensor (N, C, L) or (C, L).
        p, training, inplace: as for :func:`dropout`.

    Raises:
        RuntimeError: another number of dimensions.

    Example:
        >>> import autograd_core as ag
        >>> dropout1d(ag.ones(2, 3, 4), training=False).shape
        autograd_core.Size([2, 3, 4])
    """
    if input.ndim not in (2, 3):
        raise ShapeError(
            f"dropout1d: expected input of shape (N, C, L) or (C, L), got {tuple(input.shape)}"
        )
    return _drop(_feature_dropout, input, p, training, inplace, input.ndim - 1)


@operator(
    "nn.functional.dropout2d",
    method=False,
    samples=_channel_samples(2, 2),
    convention=SMOOTH,
)
def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zeros in place of whole channels of images.

    Args:
        input: floating-point tensor (N, C, H, W). With another number of dimensions there is a
            warning, and the first two number the channels.
        p, training, inplace: as for :func:`dropout`.

    Raises:
        RuntimeError: less than two dimensions.

    Source: PyTorch, ``torch.nn.functional.dropout2d``; Tompson et al., "Efficient object
    localization using convolutional networks" (2015).

    Example:
        >>> import autograd_core as ag
        >>> dropout2d(ag.ones(2, 3, 4, 4), training=False).shape
        autograd_core.Size([2, 3, 4, 4])
    """
    if input.ndim != 4:
        meant = "(N, C, L): use dropout1d" if input.ndim == 3 else "whose channels come second"
        _warn(f"dropout2d: expected (N, C, H, W); {tuple(input.shape)} is taken as {meant}")
    return _drop(_feature_dropout, input, p, training, inplace, 2)


@operator(
    "nn.functional.dropout3d",
    method=False,
    samples=_channel_samples(2, 1, 2),
    convention=SMOOTH,
)
def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zeros in place of whole channels of volumes. Source: PyTorch,
    ``torch.nn.functional.dropout3d``.

    Args:
        input: floating-point tensor (N, C, D, H, W) or (C, D, H, W). With another number of
            dimensions there is a warning, and the first one numbers the channels.
        p, training, inplace: as for :func:`dropout`.

    Raises:
        RuntimeError: no dimensions.

    Example:
        >>> import autograd_core as ag
        >>> dropout3d(ag.ones(2, 3, 4, 4, 4), training=False).shape
        autograd_core.Size([2, 3, 4, 4, 4])
    """
    if input.ndim not in (4, 5):
        _warn(
            f"dropout3d: expected (N, C, D, H, W) or (C, D, H, W); {tuple(input.shape)} is taken "
            f"as one whose channels come first"
        )
    return _drop(_feature_dropout, input, p, training, inplace, 2 if input.ndim == 5 else 1)


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=3)


@operator(
    "nn.functional.alpha_dropout",
    method=False,
    samples=lambda make: [
        Sample(*s.args, **{"training": True, **s.kwargs}) for s in _samples(make)
    ],
    convention=SMOOTH,
    aliases=("alpha_dropout",),
)
def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """The limit of selu far below 0 in place of elements, scaled so that mean and variance stay.

    Args:
        input: floating-point tensor of any shape, of mean 0 and variance 1, as after selu.
        p: probability that an element is replaced; default 0.5.
        training: False (default) returns ``input`` as it is.
        inplace: write the result into ``input``.

    Raises:
        ValueError: ``p`` is not a probability.

    Source: PyTorch, ``torch.nn.functional.alpha_dropout``; Klambauer et al., "Self-normalizing
    neural networks" (2017).

    Example:
        >>> import autograd_core as ag
        >>> sorted({round(v, 4) for v in alpha_dropout(ag.zeros(100), training=True).tolist()})
        [-0.7792, 0.7792]
    """
    return _drop_alpha(input, p, training, inplace)


@operator(
    "nn.functional.feature_alpha_dropout",
    method=False,
    samples=lambda make: [
        Sample(make(2, 3, 2), training=True),
        Sample(make(2, 2, 3).T, 0.2, True),
        Sample(make(2, 3), 0.4, True),
        Sample(make(0, 2, 2), training=True),
        Sample(make(2, 3, 2)),
    ],
    convention=SMOOTH,
    aliases=("feature_alpha_dropout",),
)
def feature_alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Any:
    """As :func:`alpha_dropout`, of whole channels. Source: PyTorch,
    ``torch.nn.functional.feature_alpha_dropout``.

    Args:
        input: floating-point tensor (N, C, ...).
        p, training, inplace: as for :func:`alpha_dropout`.

    Raises:
        RuntimeError: less than two dimensions.

    Example:
        >>> import autograd_core as ag
        >>> feature_alpha_dropout(ag.ones(2, 3, 4)).shape
        autograd_core.Size([2, 3, 4])
    """
    return _drop_alpha(input, p, training, inplace, 2)
